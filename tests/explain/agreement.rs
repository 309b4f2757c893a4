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
