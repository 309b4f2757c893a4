//! Explanations against `decide` and the reference, on the whole corpus and on random input.

use bytes::Bytes;
use http::Request;
use proptest::collection::vec;
use proptest::test_runner::TestRunner;
use tower_s3_cors::explain::RuleExplanation;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRequest, CorsRule};

use super::*;

/// An explanation against `decide` and against the rules read off one by one; both readings of a request.
fn agree(policy: &CorsPolicy, request: &Request<Bytes>) {
    for asked in [CorsRequest::classify(request), CorsRequest::classify_s3(request)].into_iter().flatten() {
        let explanation = policy.explain(&asked);
        let decision = policy.decide(&asked);
        assert_eq!(explanation.rule(), decision.rule(), "{request:?}");
        let names: Vec<_> = asked.requested_headers().map(<[u8]>::to_vec).collect();
        let rules = &policy.configuration().rules;
        let first = reference::naive(rules, origin(&asked), asked.method(), &names);
        assert_eq!(explanation.rule(), first, "{request:?}");
        assert_eq!(explanation.is_granted(), decision.is_granted());
        assert_eq!(explanation.nearest().is_none(), decision.is_granted());
        assert_eq!(explanation.rules().len(), rules.len());
        for (said, written) in explanation.rules().zip(rules) {
            agree_on(&said, written, &asked);
        }
    }
}

/// `None` for several Origin lines, which only `*` matches.
fn origin<'a>(asked: &CorsRequest<'a>) -> Option<&'a [u8]> {
    asked.origin()
}

fn agree_on(said: &RuleExplanation<'_>, written: &CorsRule, asked: &CorsRequest<'_>) {
    let sent = origin(asked);
    let origin = written.allowed_origins.iter().any(|pattern| reference::matches_origin(pattern, sent));
    assert_eq!(said.origin(), origin, "{said:?} {written:?} {asked:?}");
    let method = written.allowed_methods.iter().any(|allowed| allowed.as_bytes() == asked.method());
    assert_eq!(said.method(), method, "{said:?} {written:?} {asked:?}");
    let allows =
        |name: &[u8]| written.allowed_headers.iter().any(|pattern| reference::matches_name(pattern, name));
    let said_of = |name: &[u8]| {
        let mut same = said.headers().filter(|(said, _)| said.as_bytes().eq_ignore_ascii_case(name));
        let found = same.next().map(|(_, allowed)| allowed);
        assert_eq!(same.next(), None, "once each");
        found
    };
    for name in asked.requested_headers() {
        assert_eq!(said_of(name), Some(allows(name)), "{said:?} {written:?} {asked:?}");
    }
    let names = asked.requested_headers().all(allows);
    assert_eq!(said.is_match(), origin && method && names);
    assert_eq!(said.id(), written.id.as_deref().filter(|id| !id.is_empty()));
}

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
