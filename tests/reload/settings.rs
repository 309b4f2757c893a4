//! Rules compiled while the policy is replaced: built into the crate, which shows when they are compiled.

use std::cell::Cell;

use super::*;
use crate::config::CorsConfiguration;

/// Another thread would do in `build` what is done there, at the worst moment.
#[test]
fn rules_get_the_settings_of_the_policy_that_they_really_replace() {
    let rules = r#"[{ "AllowedOrigins": ["https://a.example"], "AllowedMethods": ["GET"] }]"#;
    let rules: CorsConfiguration = rules.parse().expect("a document");
    let policy = |credentials| CorsPolicy::builder().credentials(credentials).build(&rules);
    for (credentials, expected) in [(true, 1), (false, 2)] {
        let (handle, built) = (PolicyHandle::new(policy(true).expect("a policy")), Cell::new(0));
        let replaced = handle.replace_with(|settings| {
            if built.replace(built.get() + 1) == 0 {
                handle.replace(policy(credentials)?);
            }
            settings.build(&rules)
        });
        assert_eq!(replaced.expect("a policy").1.options().credentials.is_some(), credentials);
        assert_eq!((handle.current().options().credentials.is_some(), built.get()), (credentials, expected));
    }
}

/// The policy that came in between is not the one that was compiled for, and is invalid with the rules.
#[test]
fn rules_that_are_invalid_under_the_settings_of_the_policy_in_force_replace_nothing() {
    let rules = r#"[{ "AllowedOrigins": ["*"], "AllowedMethods": ["PATCH"] }]"#;
    let rules: CorsConfiguration = rules.parse().expect("a document");
    let strict = r#"[{ "AllowedOrigins": ["*"], "AllowedMethods": ["GET"] }]"#;
    let strict = CorsPolicy::new(&strict.parse().expect("a document")).expect("a policy");
    let handle = PolicyHandle::new(CorsPolicy::extended(&rules).expect("a policy"));
    let replaced = handle.replace_with(|settings| {
        handle.replace(strict.clone());
        settings.build(&rules)
    });
    assert!(replaced.is_err());
    assert_eq!(handle.current().configuration(), strict.configuration());
}
