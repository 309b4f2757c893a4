//! Explanations against `decide` and the reference, on the whole corpus and on random input.

use bytes::Bytes;
use http::{HeaderValue, Request};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tower_s3_cors::{
    CorsConfiguration, CorsPolicy, CorsRequest, CorsRule, Explanation, Field, RuleExplanation,
};

use super::*;

/// An explanation against `decide` and against the rules read off one by one; both readings of a request.
fn agree(policy: &CorsPolicy, request: &Request<Bytes>) {
    for asked in [CorsRequest::classify(request), CorsRequest::classify_s3(request)].into_iter().flatten() {
        let explanation = policy.explain(&asked);
        let decision = policy.decide(&asked);
        assert_eq!(explanation.rule(), decision.rule(), "{request:?}");
        let names: Vec<_> = asked.requested_headers().map(<[u8]>::to_vec).collect();
        let origin = asked.origin().map(HeaderValue::as_bytes);
        let first = reference::naive(&policy.configuration().rules, origin, asked.method(), &names);
        assert_eq!(explanation.rule(), first, "{request:?}");
        assert_eq!(explanation.is_granted(), decision.is_granted());
        assert_eq!(explanation.nearest().is_none(), decision.is_granted());
        let rules = &policy.configuration().rules;
        assert_eq!(explanation.rules().len(), rules.len());
        for (said, written) in explanation.rules().zip(rules) {
            agree_on(&said, written, &asked);
        }
        let least = explanation.rules().min_by_key(failing).map(|rule| rule.rule());
        let nearest = explanation.nearest().map(|nearest| nearest.rule());
        assert_eq!(nearest, least.filter(|_| !decision.is_granted()), "{explanation}");
        agree_on_additions(policy, &explanation, request, &asked);
    }
}

fn failing(rule: &RuleExplanation<'_>) -> usize {
    let names = rule.headers().filter(|(_, allowed)| !allowed).count();
    usize::from(!rule.origin()) + usize::from(!rule.method()) + names
}

fn agree_on(said: &RuleExplanation<'_>, written: &CorsRule, asked: &CorsRequest<'_>) {
    let origin = asked.origin().map(HeaderValue::as_bytes);
    let origin = written.allowed_origins.iter().any(|pattern| reference::matches_origin(pattern, origin));
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

/// What would have to be added makes the request granted, by the rule that it is added to.
fn agree_on_additions(
    policy: &CorsPolicy,
    explanation: &Explanation,
    request: &Request<Bytes>,
    asked: &CorsRequest<'_>,
) {
    let Some((nearest, additions)) = explanation.nearest().and_then(|n| Some((n, n.additions()?))) else {
        return;
    };
    let mut configuration = policy.configuration().clone();
    let rule = &mut configuration.rules[nearest.rule()];
    for addition in additions {
        assert!(nearest.fields().contains(&addition.field()));
        let list = match addition.field() {
            Field::AllowedOrigins => &mut rule.allowed_origins,
            Field::AllowedMethods => &mut rule.allowed_methods,
            _ => &mut rule.allowed_headers,
        };
        list.push(addition.value().to_owned());
    }
    let changed = CorsPolicy::extended(&configuration).expect("lawful");
    assert_eq!(changed.decide(asked).rule(), Some(nearest.rule()), "{nearest} {request:?}");
}

#[test]
fn on_the_corpus() {
    let mut ran = 0;
    for (file, rules) in [("responses.json", "config"), ("fetch.json", "rules"), ("explain.json", "rules")] {
        for case in common::cases(file).iter().filter(|case| !case[rules].is_null()) {
            agree(&policy(case, &case[rules]), &request(case));
            ran += 1;
        }
    }
    assert!(ran > 300, "{ran}");
}

/// Rules and requests of few letters, or of names that browsers send, to which something can be added.
fn sent() -> impl Strategy<Value = Request<Bytes>> {
    let origin = "https?://(www\\.)?[ab]{1,2}\\.example(:8080)?/?|HTTPS://a\\.example|null";
    let names = vec("[ab]{1,2}|x-[ab]|A", 0..5);
    (origin, prop::sample::select(&["GET", "PUT", "patch", "PATCH", "TRACE"][..]), names).prop_map(
        |(origin, method, names)| {
            let mut headers = HeaderMap::new();
            let names = names.join(", ");
            for (name, value) in [
                ("origin", &*origin),
                ("access-control-request-method", method),
                ("access-control-request-headers", &names),
            ] {
                headers.insert(name, HeaderValue::from_str(value).expect("printable"));
            }
            common::request("OPTIONS", "/", headers)
        },
    )
}

#[test]
fn on_random_input() {
    let cases = (vec(generators::rule(), 1..12), vec(generators::request(), 10), vec(sent(), 20));
    TestRunner::new(common::random(300))
        .run(&cases, |(rules, requests, sent)| {
            let policy = CorsPolicy::extended(&CorsConfiguration { rules }).expect("lawful");
            requests.iter().chain(&sent).for_each(|request| agree(&policy, request));
            Ok(())
        })
        .unwrap();
}
