//! Lints: where each fires and where it does not, word for word, and the pages about them.

mod fixes;
mod pages;
mod random;
#[cfg(feature = "diff")]
mod removal;
mod size;

use serde_json::{json, Value};
use tower_s3_cors::document::Field;
use tower_s3_cors::lint::{Lint, Severity};
use tower_s3_cors::CorsConfiguration;

fn cases() -> Vec<Value> {
    test_support::cases("lints.json")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

fn of_kind<'l>(lints: &'l [Lint], case: &Value) -> Vec<&'l Lint> {
    lints.iter().filter(|lint| lint.id() == text(&case["lint"])).collect()
}

fn as_json(lint: &Lint) -> Value {
    json!({"path": lint.location().to_string(), "message": lint.to_string(), "fix": lint.fix()})
}

#[test]
fn each_lint_fires_where_it_should() {
    for case in &cases() {
        let lints = test_support::configuration(&case["input"]).lint();
        let got: Vec<Value> = of_kind(&lints, case).into_iter().map(as_json).collect();
        assert_eq!(Value::from(got), case["expect"], "{}", case["id"]);
    }
}

/// A case that says `alone` has one fault, so it has no errors and warnings of other kinds.
#[test]
fn one_fault_gives_one_finding() {
    for case in cases().iter().filter(|case| case["alone"] == true) {
        let lints = test_support::configuration(&case["input"]).lint();
        let others =
            lints.iter().filter(|lint| lint.severity() > Severity::Info && lint.id() != text(&case["lint"]));
        assert_eq!(others.collect::<Vec<_>>(), Vec::<&Lint>::new(), "{}", case["id"]);
        let mut locations: Vec<_> = of_kind(&lints, case).iter().map(|lint| lint.location()).collect();
        locations.dedup();
        assert_eq!(locations.len(), of_kind(&lints, case).len(), "{}", case["id"]);
    }
}

#[test]
fn no_lint_fires_on_the_neighbour() {
    for case in &cases() {
        let lints = test_support::configuration(&case["neighbour"]).lint();
        assert!(of_kind(&lints, case).is_empty(), "{}: {lints:?}", case["id"]);
    }
}

#[test]
fn every_lint_has_cases() {
    let cases = cases();
    let ids: Vec<&str> = Lint::catalogue().iter().map(|kind| kind.id()).collect();
    let without: Vec<_> = ids.iter().filter(|id| !cases.iter().any(|case| case["lint"] == **id)).collect();
    assert_eq!(without, Vec::<&&str>::new());
    let unknown: Vec<_> = cases.iter().filter(|case| !ids.contains(&text(&case["lint"]))).collect();
    assert_eq!(unknown, Vec::<&Value>::new());
}

#[test]
fn ids_are_in_order_and_unique() {
    let ids: Vec<&str> = Lint::catalogue().iter().map(|kind| kind.id()).collect();
    let letters = "ORMHXA";
    let key = |id: &&str| (letters.find(&id[..1]).expect("a known letter"), id.to_string());
    let mut sorted = ids.clone();
    sorted.sort_by_key(key);
    sorted.dedup();
    assert_eq!(ids, sorted);
}

fn above_info(case: &Value) -> Vec<String> {
    let lints = test_support::configuration(&case["input"]).lint();
    lints.iter().filter(|lint| lint.severity() > Severity::Info).map(Lint::to_string).collect()
}

#[test]
fn examples_of_the_user_guide_are_quiet() {
    let cases = test_support::cases("user_guide.json");
    for case in &cases {
        assert_eq!(above_info(case), Vec::<String>::new(), "{}", case["id"]);
    }
    assert_eq!(cases.len(), 4);
}

#[test]
fn right_documents_are_quiet() {
    let cases = test_support::cases("right_documents.json");
    for case in &cases {
        assert_eq!(above_info(case), Vec::<String>::new(), "{}", case["id"]);
    }
    assert!(cases.len() >= 20);
}

#[test]
fn smallest_right_document_is_quiet() {
    let rules = json!([{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]);
    assert_eq!(above_info(&json!({"input": rules})), Vec::<String>::new());
}

#[test]
fn parts_of_a_lint() {
    let rules = json!([
        {"AllowedOrigins": ["https://a.example", "https://A.example"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 0},
        {"AllowedOrigins": ["https://a.example"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 600},
    ]);
    let lints = test_support::configuration(&rules).lint();
    let parts = |lint: &Lint| {
        (lint.id(), lint.severity(), lint.location().rule, lint.location().field, lint.location().index)
    };
    let lints: Vec<&Lint> = lints.iter().filter(|lint| lint.id() != "H10").collect();
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
         "AllowedHeaders": ["*a*", "a:b"], "ExposeHeaders": ["*", "a:b"], "MaxAgeSeconds": 600},
        {"AllowedOrigins": [], "AllowedMethods": [], "MaxAgeSeconds": 600},
    ]);
    assert_eq!(test_support::configuration(&rules).lint(), []);
    assert_eq!(CorsConfiguration::default().lint(), []);
}
