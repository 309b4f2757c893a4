//! Lints: where each fires and where it does not, word for word, and the pages about them.

#[path = "../common/mod.rs"]
mod common;
mod pages;
mod random;
mod size;

use serde_json::{json, Value};
use tower_s3_cors::{CorsConfiguration, CorsRule, Field, Lint, Severity};

fn cases() -> Vec<Value> {
    common::cases("lints.json")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

fn of_kind<'l>(lints: &'l [Lint], case: &Value) -> Vec<&'l Lint> {
    lints.iter().filter(|lint| lint.id() == text(&case["lint"])).collect()
}

fn told(lint: &Lint) -> Value {
    json!({"path": lint.location().to_string(), "message": lint.to_string(), "fix": lint.fix()})
}

#[test]
fn each_fires_where_it_should() {
    for case in &cases() {
        let lints = common::configuration(&case["input"]).lint();
        let got: Vec<Value> = of_kind(&lints, case).into_iter().map(told).collect();
        assert_eq!(Value::from(got), case["expect"], "{}", case["id"]);
    }
}

#[test]
fn none_fires_on_the_neighbour() {
    for case in &cases() {
        let lints = common::configuration(&case["neighbour"]).lint();
        assert!(of_kind(&lints, case).is_empty(), "{}: {lints:?}", case["id"]);
    }
}

#[test]
fn every_lint_has_cases() {
    let cases = cases();
    let ids: Vec<&str> = Lint::catalogue().iter().map(|page| page.id()).collect();
    let without: Vec<_> = ids.iter().filter(|id| !cases.iter().any(|case| case["lint"] == **id)).collect();
    assert_eq!(without, Vec::<&&str>::new());
    let unknown: Vec<_> = cases.iter().filter(|case| !ids.contains(&text(&case["lint"]))).collect();
    assert_eq!(unknown, Vec::<&Value>::new());
}

#[test]
fn ids_are_in_order_and_stand_once() {
    let ids: Vec<&str> = Lint::catalogue().iter().map(|page| page.id()).collect();
    let letters = "ORMHXA";
    let key = |id: &&str| (letters.find(&id[..1]).expect("a known letter"), id.to_string());
    let mut sorted = ids.clone();
    sorted.sort_by_key(key);
    sorted.dedup();
    assert_eq!(ids, sorted);
}

#[test]
fn a_fix_makes_the_lint_vanish() {
    let mut fixed = 0;
    for case in &cases() {
        let configuration = common::configuration(&case["input"]);
        for lint in configuration.lint() {
            fixed += usize::from(lint.fix().is_some());
            vanishes(&configuration, &lint);
        }
    }
    assert!(fixed > 30);
}

fn vanishes(configuration: &CorsConfiguration, lint: &Lint) {
    let Some(fix) = lint.fix() else {
        return;
    };
    let mut better = configuration.clone();
    apply(&mut better, lint, fix);
    let left = better.lint();
    let still = left
        .iter()
        .find(|left| left.id() == lint.id() && left.location().to_string() == lint.location().to_string());
    assert_eq!(still, None, "{lint}");
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

#[test]
fn the_user_guides_examples() {
    let cases = common::cases("user_guide.json");
    for case in &cases {
        let lints = common::configuration(&case["input"]).lint();
        let above = lints.iter().filter(|lint| lint.severity() > Severity::Info).map(Lint::to_string);
        assert_eq!(Value::from_iter(above), case["above_info"], "{}", case["id"]);
    }
    assert_eq!(cases.len(), 4);
}

#[test]
fn parts_of_a_lint() {
    let rules = json!([
        {"AllowedOrigins": ["https://a.example", "https://A.example"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 0},
        {"AllowedOrigins": ["https://a.example"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 600},
    ]);
    let lints = common::configuration(&rules).lint();
    let parts = |lint: &Lint| {
        (lint.id(), lint.severity(), lint.location().rule, lint.location().field, lint.location().index)
    };
    let [origin, head, age, rule, _] = lints.as_slice() else {
        panic!("{lints:?}");
    };
    assert_eq!(parts(origin), ("O10", Severity::Error, Some(0), Some(Field::AllowedOrigins), Some(1)));
    assert_eq!(origin.value(), Some("https://A.example"));
    assert_eq!(origin.reason(), "never matches: browsers send scheme and host in lower case");
    assert_eq!(origin.kind().title(), "upper case in an origin");
    assert_eq!(parts(head), ("M06", Severity::Info, Some(0), Some(Field::AllowedMethods), None));
    assert_eq!(head.value(), None);
    assert_eq!(parts(age), ("A02", Severity::Warning, Some(0), Some(Field::MaxAgeSeconds), None));
    assert_eq!(age.value(), Some("0"));
    assert_eq!(parts(rule), ("R01", Severity::Warning, Some(1), None, None));
    assert_eq!(rule.location().to_string(), "CORSRules[1]");
}

#[test]
fn severities_are_ordered() {
    assert!(Severity::Info < Severity::Warning && Severity::Warning < Severity::Error);
}

/// What a policy refuses is a problem, and said once.
#[test]
fn problems_are_no_lints() {
    let rules = json!([
        {"AllowedOrigins": ["https://*.*.a.example/", "https://a.example"], "AllowedMethods": ["PATCH", "*", "TRACE", ""],
         "AllowedHeaders": ["*a*", "a b", ""], "ExposeHeaders": ["*", "a b"], "MaxAgeSeconds": 600},
        {"AllowedOrigins": [], "AllowedMethods": [], "MaxAgeSeconds": 600},
    ]);
    assert_eq!(common::configuration(&rules).lint(), []);
    assert_eq!(CorsConfiguration::default().lint(), []);
}
