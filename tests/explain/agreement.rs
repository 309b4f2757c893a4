//! Explanations against `decide` and the reference, on the whole corpus and on random input.

use proptest::collection::vec;
use proptest::test_runner::TestRunner;
use test_support::explanations::agree;
use test_support::generators;
use tower_s3_cors::{CorsConfiguration, CorsPolicy};

use super::*;

#[test]
fn on_the_corpus() {
    let mut ran = 0;
    for (file, rules) in [("responses.json", "config"), ("fetch.json", "rules"), ("explain.json", "rules")] {
        for case in test_support::cases(file).iter().filter(|case| !case[rules].is_null()) {
            agree(&policy(case, &case[rules]), &request(case));
            ran += 1;
        }
    }
    assert!(ran > 300, "{ran}");
}

/// As text they are the same.
#[test]
fn on_names_that_are_no_text() {
    let rules = serde_json::json!([
        {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "AllowedHeaders": ["y"]},
        {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "AllowedHeaders": ["x-*"]},
    ]);
    let policy = CorsPolicy::extended(&test_support::configuration(&rules)).expect("valid rules");
    let request = Request::options("/")
        .header("origin", "https://app.example.com")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", &b"x-\xff,X-\xff,x-\xfe,x-\xef\xbf\xbd"[..])
        .body(Bytes::new());
    agree(&policy, &request.expect("a request"));
}

#[test]
fn on_random_input() {
    let cases = (vec(generators::rule(), 1..12), vec(generators::request(), 10));
    TestRunner::new(test_support::random(300))
        .run(&cases, |(rules, requests)| {
            let policy = CorsPolicy::extended(&CorsConfiguration { rules }).expect("valid rules");
            requests.iter().for_each(|request| agree(&policy, request));
            Ok(())
        })
        .unwrap();
}
