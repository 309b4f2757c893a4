//! A fix, applied, leaves no error and no warning at its location, and can match what the author meant.

use tower_s3_cors::document::{Field, Location};
use tower_s3_cors::lint::{Lint, Severity};
use tower_s3_cors::{CorsConfiguration, CorsRule};

use crate::reference::{self, filled};

/// Checks every lint of the configuration, and counts the fixes.
pub fn good_lints(configuration: &CorsConfiguration) -> usize {
    let lints = configuration.lint();
    for lint in &lints {
        let message = lint.to_string();
        assert!(!message.chars().any(char::is_control), "{message:?}");
        let ends_in_value = message.ends_with("...") || message.contains("of its own: ");
        assert!(!message.ends_with('.') || ends_in_value, "{message}");
    }
    assert!(lints.windows(2).all(|two| two[0].location() <= two[1].location()), "{lints:?}");
    good_fixes(configuration)
}

/// Checks every fix of the configuration and counts them.
pub fn good_fixes(configuration: &CorsConfiguration) -> usize {
    let lints = configuration.lint();
    let fixes = lints.iter().filter_map(|lint| Some((lint, lint.fix()?)));
    fixes.map(|(lint, fix)| is_good(configuration, lint, fix)).count()
}

fn is_good(configuration: &CorsConfiguration, lint: &Lint, fix: &str) {
    let mut fixed = configuration.clone();
    apply(&mut fixed, lint, fix);
    let lints = fixed.lint();
    for left in lints.iter().filter(|left| left.location() == lint.location()) {
        assert!(left.severity() == Severity::Info && left.id() != lint.id(), "{lint}\nleaves {left}");
    }
    if lint.location().field == Some(Field::AllowedOrigins) {
        let rule = lint.location().rule.map(Location::rule);
        let useless = lints.iter().find(|left| left.id() == "R01" && Some(left.location()) == rule);
        assert_eq!(useless, None, "{lint}");
        assert!(is_sent(fix), "{lint}");
        is_no_wider(lint, fix);
    }
}

fn apply(configuration: &mut CorsConfiguration, lint: &Lint, fix: &str) {
    let rule = &mut configuration.rules[lint.location().rule.expect("a rule")];
    let field = lint.location().field.expect("a field");
    if field == Field::MaxAgeSeconds {
        rule.max_age_seconds = Some(fix.parse().expect("seconds"));
        return;
    }
    let list = list(rule, field);
    let entry = &mut list[lint.location().index.expect("an entry")];
    assert_eq!(Some(entry.as_str()), lint.value());
    *entry = fix.to_owned();
}

fn list(rule: &mut CorsRule, field: Field) -> &mut Vec<String> {
    match field {
        Field::AllowedOrigins => &mut rule.allowed_origins,
        Field::AllowedMethods => &mut rule.allowed_methods,
        Field::AllowedHeaders => &mut rule.allowed_headers,
        Field::ExposeHeaders => &mut rule.expose_headers,
        field => panic!("{field} is no list"),
    }
}

/// Whether it is `scheme://host` or `scheme://host:port` as browsers write it, with one `*` at most.
fn is_sent(origin: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    let after_address = authority.find(']').map_or(0, |end| end + 1);
    let (host, port) = match authority[after_address..].split_once(':') {
        Some((rest, port)) => (&authority[..after_address + rest.len()], Some(port)),
        None => (authority, None),
    };
    let default = if scheme == "https" { "443" } else { "80" };
    let is_port =
        |port: &str| port == "*" || port.parse::<u16>().is_ok_and(|n| n > 0 && n.to_string() == port);
    let is_host = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._*:[]".contains(&b);
    // Applications choose the hosts of their own schemes freely.
    let is_label = |label: &str| {
        let has_hyphen = label.starts_with('-') || label.ends_with('-');
        !(label.is_empty() || has_hyphen && ["http", "https"].contains(&scheme))
    };
    scheme.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b))
        && !host.is_empty()
        && host.bytes().all(is_host)
        && host.split('.').all(is_label)
        && port.is_none_or(|port| port != default && (is_port(port) || port.contains('*')))
        && origin.matches('*').count() < 2
}

/// A text without a `*` gets none; a pattern that matches too much is made narrower. The default port and the
/// dot at the end are no part of what was meant.
fn is_no_wider(lint: &Lint, fix: &str) {
    let written = lint.value().expect("an origin");
    assert!(!fix.contains('*') || written.contains('*'), "{lint}");
    let has_omitted_part = written.ends_with(":443") || written.ends_with('.') || written.contains(".:");
    if ["O03", "O04"].contains(&lint.id()) && !has_omitted_part {
        for fill in ["a", "8", "a-b", "a.b"] {
            assert!(reference::matches_origin(written, Some(filled(fix, fill).as_bytes())), "{lint} {fill}");
        }
    }
}
