//! However many origins: the work grows with them, not with their square.

use std::time::{Duration, Instant};

use tower_s3_cors::{CorsConfiguration, CorsRule, Lint};

const MANY: usize = 100_000;

fn rule(allowed_origins: Vec<String>) -> CorsRule {
    CorsRule { allowed_origins, allowed_methods: vec!["GET".into(), "HEAD".into()], ..CorsRule::default() }
}

/// Far more than it takes, far less than a comparison of each with each.
fn quick(rules: Vec<CorsRule>) -> Vec<Lint> {
    let configuration = CorsConfiguration { rules };
    let start = Instant::now();
    let lints = configuration.lint();
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    lints
}

fn count(lints: &[Lint], id: &str) -> usize {
    lints.iter().filter(|lint| lint.id() == id).count()
}

#[test]
fn many_literals() {
    let origins: Vec<String> = (0..MANY).map(|n| format!("https://{n}.example.com")).collect();
    let lints = quick(vec![rule(origins.clone()), rule(origins)]);
    assert_eq!((count(&lints, "R01"), count(&lints, "O20")), (1, 0));
}

#[test]
fn the_same_literal_many_times() {
    let lints = quick(vec![rule(vec!["https://example.com".into(); MANY])]);
    assert_eq!(count(&lints, "O20"), MANY - 1);
}

#[test]
fn many_patterns_and_what_they_cover() {
    let patterns = (0..MANY / 2).map(|n| format!("https://*.tenant-{n}.example.com"));
    let literals = (0..MANY / 2).map(|n| format!("https://app.tenant-{n}.example.com"));
    let lints = quick(vec![rule(patterns.chain(literals).collect())]);
    assert_eq!(
        (count(&lints, "O20"), count(&lints, "O17"), count(&lints, "O08")),
        (MANY / 2, MANY / 2, MANY / 2)
    );
}

#[test]
fn many_rules() {
    let rules =
        (0..MANY).map(|n| CorsRule { id: Some(format!("{n}")), ..rule(vec!["https://example.com".into()]) });
    let lints = quick(rules.collect());
    assert_eq!((count(&lints, "R01"), count(&lints, "R05")), (99, 0));
}
