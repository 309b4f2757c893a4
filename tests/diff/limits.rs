//! Large configurations: the work is bounded, and a comparison that stops says so.

use std::time::{Duration, Instant};

use tower_s3_cors::diff::PolicyDiff;
use tower_s3_cors::{CorsConfiguration, CorsRule};

/// Generous: a debug build on a busy machine.
const LONGEST: Duration = Duration::from_secs(60);

fn timed_diff(old: &[CorsRule], new: &[CorsRule]) -> PolicyDiff {
    let configuration = |rules: &[CorsRule]| CorsConfiguration { rules: rules.to_vec() };
    let start = Instant::now();
    let diff = crate::diff(&configuration(old), &configuration(new));
    let time = start.elapsed();
    println!("{time:?}");
    assert!(time < LONGEST, "{time:?}");
    diff
}

/// A hundred rules with ten patterns each, half of them open at the start and half at the end, so that each prefix may be
/// before each suffix.
fn patterns(domain: &str) -> Vec<CorsRule> {
    let rule = |rule: usize| {
        let origins = (0..10).map(|number| match number % 2 {
            0 => format!("https://app-{rule}-{number}.*"),
            _ => format!("https://*.{rule}-{number}.{domain}"),
        });
        CorsRule::new(origins, ["GET"])
    };
    (0..100).map(rule).collect()
}

#[test]
fn hundred_rules_with_a_thousand_patterns_are_compared() {
    let old = patterns("example.com");
    assert!(timed_diff(&old, &old).is_same());
    let mut new = old.clone();
    new[50].allowed_origins.remove(1);
    new[99].allowed_origins.push("https://*.example.net".into());
    let diff = timed_diff(&old, &new);
    assert!(diff.is_exhaustive());
    let [granted, lost] = diff.changes() else { panic!("{diff}") };
    assert_eq!(granted.origins(), ["https://*.example.net"]);
    assert_eq!(lost.origins(), ["https://*.50-1.example.com"]);
}

/// Each rule allows all names but one, so that the sets of names that decide differently are 2 to the power of 100.
#[test]
fn sets_of_names_are_not_enumerated() {
    let names = |but: usize| (0..100).filter(move |name| *name != but).map(|name| format!("x-{name}"));
    let rule = |rule| CorsRule {
        max_age_seconds: Some(rule as i32),
        ..CorsRule::new(["*"], ["PUT"]).allow_headers(names(rule))
    };
    let old: Vec<CorsRule> = (0..100).map(rule).collect();
    assert!(timed_diff(&old, &old).is_same());
    let mut new = old.clone();
    new.swap(98, 99);
    let diff = timed_diff(&old, &new);
    // Only all names that both of them allow lead past all rules before them, and one name more leads to the same again.
    let [change] = diff.changes() else { panic!("{diff}") };
    assert_eq!(
        change.to_string(),
        "any origin for PUT with requested headers: access-control-max-age: 98 -> 99"
    );
    assert_eq!(change.witness().requested_headers().len(), 98);
}

/// Each old rule decides together with each new one, for names of their own: ten thousand other answers, from each of thirty
/// origins.
#[test]
fn pairs_of_rules_are_bounded() {
    let rules = |side: &'static str, age: usize| -> Vec<CorsRule> {
        let rule = |rule: usize| {
            let others = (0..100).filter(|other| *other != rule);
            let origins = others.clone().take(30).map(|origin| format!("https://{origin}.example"));
            let all = |side: &'static str| (0..100).map(move |name| format!("{side}{name}"));
            let names = all("old").chain(all("new")).filter(|name| *name != format!("{side}{rule}"));
            CorsRule {
                max_age_seconds: i32::try_from(age + rule).ok(),
                ..CorsRule::new(origins, ["PUT"]).allow_headers(names)
            }
        };
        (0..100).map(rule).collect()
    };
    let diff = timed_diff(&rules("old", 0), &rules("new", 1_000));
    assert!(!diff.is_exhaustive() && diff.is_widening());
}

/// Three hundred long prefixes with three hundred long suffixes.
#[test]
fn comparison_that_stops_is_no_proof() {
    let long = "a".repeat(700);
    let origins = (0..600).map(|number| match number % 2 {
        0 => format!("https://{number}{long}*"),
        _ => format!("*.{long}{number}"),
    });
    let rules = [CorsRule::new(origins, ["GET"])];
    let diff = timed_diff(&rules, &rules);
    assert!(!diff.is_exhaustive() && !diff.is_same());
    // Nobody knows, so a guard has to refuse it.
    assert!(diff.is_widening());
    let stopped = "stopped at the limit of the work: there may be more changes";
    assert_eq!((diff.to_string().as_str(), diff.summary().as_str()), (stopped, stopped));
    let other = [CorsRule::new(["https://app.example.com"], ["GET"])];
    let diff = timed_diff(&rules, &other);
    assert!(!diff.changes().is_empty() && !diff.is_exhaustive());
    assert!(diff.to_string().ends_with(&format!("\n{stopped}")), "{diff}");
    assert!(diff.summary().ends_with(&format!("; {stopped}")), "{}", diff.summary());
}

/// Patterns each of which begins with all before it, as long as a document may be.
#[test]
fn prefixes_of_prefixes_are_compared() {
    let long = "a".repeat(800);
    let rules = [CorsRule::new((1..800).map(|length| format!("https://{}*", &long[..length])), ["GET"])];
    assert!(timed_diff(&rules, &rules).is_same());
    let mut fewer = rules.clone();
    fewer[0].allowed_origins.remove(0);
    let diff = timed_diff(&rules, &fewer);
    assert_eq!(diff.changes().len(), 1, "{diff}");
    assert_eq!(diff.changes()[0].origins(), ["https://a*"]);
}

/// Longer than any origin, and than what is searched for patterns that cover others.
#[test]
fn long_patterns_are_not_lost() {
    let long = |start: &str| format!("{start}{}*", "a".repeat(301));
    let none = [CorsRule::new(["https://app.example.com"], ["GET"])];
    let [from, names] = [
        CorsRule::new([long("https://").as_str(), long("https://").as_str()], ["GET"]),
        CorsRule::new(["https://app.example.com"], ["GET"]).allow_headers([long("x-").as_str()]),
    ];
    let diff = timed_diff(&none, &[none[0].clone(), from]);
    let [granted] = diff.changes() else { panic!("{diff}") };
    assert_eq!(granted.origins(), [long("https://")]);
    assert!(granted.witness().origin().starts_with(long("https://").trim_end_matches('*')));
    let diff = timed_diff(&none, &[names]);
    let [granted] = diff.changes() else { panic!("{diff}") };
    assert_eq!(granted.requested_headers(), [long("x-")]);
}
