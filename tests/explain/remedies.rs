//! Remedies, applied to the rules they are for: they grant the request, and nothing to strangers.

use bytes::Bytes;
use http::Request;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::TestRunner;
use test_support::remedies::{check, METHODS, ORIGINS, STRANGERS};
use tower_s3_cors::document::{Field, Location};
use tower_s3_cors::explain::{NearestMiss, Remedy};
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRequest, CorsRule};

use super::*;

#[test]
fn remedies_of_the_corpus_grant_and_keep_strangers_out() {
    let mut kinds = [0; 3];
    for case in &test_support::cases("explain.json") {
        let request = request(case);
        let asked = match case["dialect"].as_str() {
            Some("s3") => CorsRequest::classify_s3(&request),
            _ => CorsRequest::classify(&request),
        };
        let settings = [set(case, "extended"), set(case, "credentials")];
        let nearest = check(settings, &policy(case, &case["rules"]), &asked.expect("an Origin"));
        match nearest.as_ref().map(NearestMiss::remedy) {
            Some(Remedy::ChangeRule(_)) => kinds[0] += 1,
            Some(Remedy::AddRule(_)) => kinds[1] += 1,
            Some(_) => kinds[2] += 1,
            None => {}
        }
    }
    assert!(kinds.iter().all(|count| *count >= 4), "{kinds:?}");
}

const PATTERNS: [&str; 9] = [
    "*",
    "https://*",
    "https://*.example.com",
    "https://*.example.com/",
    "*.example.com",
    "http://*.example.com",
    "http://localhost:*",
    "https://*.github.io",
    "https://*.com/",
];

fn texts(from: &'static [&'static str], count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<String>> {
    subsequence(from, count).prop_map(|texts| texts.into_iter().map(str::to_owned).collect())
}

fn rule() -> impl Strategy<Value = CorsRule> {
    let patterns = prop_oneof![2 => Just(Vec::new()), 1 => texts(&PATTERNS, 1..2)];
    let methods = texts(&METHODS, 1..4);
    let headers = texts(&["x-a", "x-b", "x-*", "*", "X-A"], 0..3);
    (texts(&ORIGINS, 1..4), patterns, methods, headers).prop_map(
        |(origins, patterns, allowed_methods, allowed_headers)| CorsRule {
            allowed_origins: [patterns, origins].concat(),
            allowed_methods,
            allowed_headers,
            ..CorsRule::default()
        },
    )
}

fn sent() -> impl Strategy<Value = Request<Bytes>> {
    let origin = prop_oneof![4 => select(&ORIGINS[..]), 1 => select(&STRANGERS[..])];
    let method = prop_oneof![8 => select(&METHODS[..]), 1 => select(&["PATCH", "get", "TRACE", "G T"][..])];
    let names = vec(select(&["x-a", "x-b", "x-c", "X-A", "cookie", "*", "a b"][..]), 0..3);
    (origin, method, names).prop_map(|(origin, method, names)| {
        preflight(origin.as_bytes(), method.as_bytes(), names.join(",").as_bytes())
    })
}

#[test]
fn random_remedies_grant_and_keep_strangers_out() {
    let cases = (vec(rule(), 1..5), vec(sent(), 8), any::<[bool; 2]>());
    TestRunner::new(test_support::random(300))
        .run(&cases, |(rules, requests, [extended, credentials])| {
            let builder = CorsPolicy::builder().extended(extended).credentials(credentials);
            // Credentials forbid some of the patterns.
            if let Ok(policy) = builder.build(&CorsConfiguration { rules }) {
                for request in &requests {
                    let asked = CorsRequest::classify(request).expect("an Origin");
                    check([extended, credentials], &policy, &asked);
                }
            }
            Ok(())
        })
        .unwrap();
}

/// What a reader of the remedy relies on: the location and the value of each change.
#[test]
fn changes_name_the_entry_or_the_list() {
    let case = test_support::cases("explain.json")
        .into_iter()
        .find(|case| case["id"] == "f5-3-trailing-slash-and-method");
    let explanation = explanation(&case.expect("the case"));
    let Some(Remedy::ChangeRule(changes)) = explanation.nearest().map(NearestMiss::remedy) else {
        panic!("{explanation}");
    };
    let changes: Vec<_> = changes.iter().map(|change| (change.location, change.value.as_str())).collect();
    let origins = Location::rule(0).with_field(Field::AllowedOrigins);
    let methods = Location::rule(0).with_field(Field::AllowedMethods);
    assert_eq!(changes, [(origins.with_index(1), "https://app.example.com"), (methods, "PUT")]);
}
