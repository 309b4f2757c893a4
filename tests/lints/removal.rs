//! What never decides can go: `CorsPolicy::diff` compares all requests with and without it.

use proptest::collection::vec;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};

use crate::random::{is_live, rule, run};

/// Whether some request is granted, refused or given other headers. That responses vary otherwise is no decision.
fn is_needed(with: &[CorsRule], without: &[CorsRule]) -> bool {
    let policy = |rules: &[CorsRule]| {
        CorsPolicy::extended(&CorsConfiguration { rules: rules.to_vec() }).expect("valid")
    };
    let diff = policy(with).diff(&policy(without));
    assert!(diff.is_exhaustive());
    diff.changes().iter().any(|change| !change.methods().is_empty())
}

#[test]
fn rule_or_origin_that_never_decides_is_not_needed_and_no_other() {
    run(500, vec(rule(), 2..6), |mut rules| {
        // Each rule has an answer of its own.
        (0..).zip(&mut rules).for_each(|(number, rule)| rule.max_age_seconds = Some(number));
        let lints = CorsConfiguration { rules: rules.clone() }.lint();
        for number in 0..rules.len() {
            let never_decides = lints.iter().any(|lint| {
                let location = lint.location();
                lint.id() == "R01" && location.rule == Some(number) && location.index.is_none()
            });
            let mut without = rules.clone();
            let removed = without.remove(number);
            // Others are said to match nothing.
            if removed.allowed_origins.iter().all(|origin| is_live(origin)) {
                assert_eq!(never_decides, !is_needed(&rules, &without), "{number} {rules:?}");
            }
        }
        for location in lints.iter().filter(|lint| lint.id() == "R01").map(|lint| lint.location()) {
            if let (Some(number), Some(index)) = (location.rule, location.index) {
                let mut without = rules.clone();
                without[number].allowed_origins.remove(index);
                assert!(!is_needed(&rules, &without), "{location} {rules:?}");
            }
        }
    });
}
