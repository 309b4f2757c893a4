//! The work grows with the bytes of the configuration, not with their square.

use std::time::{Duration, Instant};

use tower_s3_cors::lint::Lint;
use tower_s3_cors::{CorsConfiguration, CorsRule};

/// With origins, about a megabyte.
const MANY: usize = 30_000;

fn rule(allowed_origins: Vec<String>) -> CorsRule {
    CorsRule { allowed_origins, allowed_methods: vec!["GET".into(), "HEAD".into()], ..CorsRule::default() }
}

/// Far more than it takes without optimizations on a busy machine, far less than a comparison of each with each.
fn quick(rules: Vec<CorsRule>) -> Vec<Lint> {
    let configuration = CorsConfiguration { rules };
    let start = Instant::now();
    let lints = configuration.lint();
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    lints
}

fn count(lints: &[Lint], id: &str) -> usize {
    lints.iter().filter(|lint| lint.id() == id).count()
}

fn origins() -> Vec<String> {
    (0..MANY).map(|n| format!("https://{n}.example.com")).collect()
}

#[test]
fn many_literals_are_linted_quickly() {
    let lints = quick(vec![rule(origins()), rule(origins())]);
    assert_eq!((count(&lints, "R01"), count(&lints, "O20")), (1, 0));
}

#[test]
fn one_literal_many_times_is_linted_quickly() {
    let lints = quick(vec![rule(vec!["https://example.com".into(); MANY])]);
    assert_eq!(count(&lints, "O20"), MANY - 1);
}

#[test]
fn many_patterns_and_what_they_cover_are_linted_quickly() {
    let patterns = (0..MANY / 2).map(|n| format!("https://*.tenant-{n}.example.com"));
    let literals = (0..MANY / 2).map(|n| format!("https://app.tenant-{n}.example.com"));
    let lints = quick(vec![rule(patterns.chain(literals).collect())]);
    assert_eq!(
        (count(&lints, "O20"), count(&lints, "O17"), count(&lints, "O08")),
        (MANY / 2, MANY / 2, MANY / 2)
    );
}

#[test]
fn many_rules_are_linted_quickly() {
    let rules =
        (0..MANY).map(|n| CorsRule { id: Some(format!("{n}")), ..rule(vec!["https://example.com".into()]) });
    let lints = quick(rules.collect());
    assert_eq!((count(&lints, "R01"), count(&lints, "R05")), (99, 0));
}

#[test]
fn many_origins_with_many_methods_are_linted_quickly() {
    let methods: Vec<String> = (0..MANY).map(|n| format!("M{n}")).collect();
    let rule = |origins| CorsRule { allowed_methods: methods.clone(), ..rule(origins) };
    let lints = quick(vec![rule(vec!["*".into()]), rule(origins())]);
    assert_eq!((count(&lints, "R01"), count(&lints, "R02")), (0, 0));
}

/// As many methods as are compared, each with another set of rules before it.
#[test]
fn many_origins_with_all_compared_methods_are_linted_quickly() {
    let method = |n: usize| vec![format!("M{n}")];
    let before = (0..64).map(|n| CorsRule { allowed_methods: method(n), ..rule(vec!["*".into()]) });
    let last = CorsRule { allowed_methods: (0..64).flat_map(method).collect(), ..rule(origins()) };
    let lints = quick(before.chain([last]).collect());
    assert_eq!((count(&lints, "R01"), count(&lints, "R02")), (1, 0));
}

#[test]
fn many_names_in_many_rules_are_linted_quickly() {
    let names = |rule: usize| (0..MANY / 100).map(move |n| format!("x-{rule}-{n}-*"));
    let rules = (0..100).map(|n| CorsRule {
        allowed_headers: names(n).collect(),
        expose_headers: (0..MANY / 100).map(|name| format!("x-{n}-{name}")).collect(),
        ..rule(vec!["https://example.com".into()])
    });
    let lints = quick(rules.collect());
    assert_eq!((count(&lints, "R01"), count(&lints, "R04")), (0, 99));
}

/// Each prefix begins the next one, and each suffix ends the next one: the most that a search can come across.
#[test]
fn nested_patterns_are_linted_quickly() {
    let nested = |n: usize| format!("https://{}*{}.example.com", "a".repeat(n / 60), "b".repeat(n % 60));
    let long = |n: usize| format!("https://{}{n}{}.example.com", "a".repeat(60), "b".repeat(60));
    let patterns: Vec<String> = (0..3_600).map(nested).collect();
    let literals: Vec<String> = (0..MANY / 10).map(long).collect();
    let lints = quick(vec![rule(patterns), rule(literals)]);
    assert_eq!(count(&lints, "R01"), 1);
}
