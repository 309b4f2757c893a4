//! Observers and shadow policies: what they are told, and that the answers stay the same.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use test_support::{always, call, request};
use tower_layer::Layer;
use tower_s3_cors::dialect::Dialect;
use tower_s3_cors::observe::{Difference, Observation, Observer, Outcome};
use tower_s3_cors::source::OrElse;
use tower_s3_cors::{
    CorsConfiguration, CorsLayer, CorsPolicy, CorsRule, Fetch, PolicyLookup, PolicySource, S3,
};

const APP: &str = "https://app.example.com";

fn rule() -> CorsRule {
    CorsRule::new([APP], ["GET", "PUT"]).allow_headers(["x-*"]).expose_headers(["ETag"]).max_age(600)
}

fn policy(rules: impl IntoIterator<Item = CorsRule>) -> CorsPolicy {
    CorsPolicy::new(&CorsConfiguration::from_iter(rules)).expect("valid rules")
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
        .collect()
}

/// Requests by a short description: `GET`, `GET origin`, `OPTIONS origin method headers`.
fn described(text: &str) -> Request<Bytes> {
    let mut words = text.split(' ');
    let method = words.next().expect("a method");
    let names = ["origin", "access-control-request-method", "access-control-request-headers"];
    let pairs: Vec<_> = names.into_iter().zip(words).collect();
    request(method, "/b/k", headers(&pairs))
}

fn send<P, D>(layer: CorsLayer<P, D>, request: Request<Bytes>) -> Response<Bytes>
where
    P: PolicySource<Bytes> + Clone,
    D: Dialect<Bytes> + Clone,
{
    call(layer.layer(always(200, HeaderMap::new())), request)
}

fn observed<D: Dialect<Bytes> + Clone>(source: PolicyLookup<'static>, dialect: D, text: &str) -> Vec<String> {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let told = Rc::clone(&seen);
    let observer = move |observation: &Observation<'_>| {
        let kind = if observation.is_preflight() { " preflight" } else { "" };
        let rule = observation.rule().map(|rule| format!(" {rule}")).unwrap_or_default();
        assert_eq!(observation.matched_rule().is_some(), observation.rule().is_some());
        assert!(observation.method() == Method::OPTIONS || !observation.is_preflight());
        told.borrow_mut().push(format!("{}{kind}{rule}", observation.outcome().as_str()));
    };
    // The order of settings does not matter: a later dialect or fallback keeps the observer.
    let layer = CorsLayer::from_source(source).observe(observer).or_else(PolicyLookup::NoConfiguration);
    send(layer.dialect(dialect), described(text));
    let seen = seen.borrow().clone();
    seen
}

#[test]
fn observer_is_told_once_what_became_of_a_request() {
    let rules = || policy([CorsRule::new(["https://x.example"], ["GET"]), rule()]).into();
    let cases: [(PolicyLookup<'static>, &str, &str, &str); 15] = [
        (rules(), "GET", "no_origin", "no_origin"),
        (rules(), "GET https://app.example.com", "granted 1", "granted 1"),
        (rules(), "GET https://x.example", "granted 0", "granted 0"),
        (rules(), "GET https://evil.example", "refused", "refused"),
        (rules(), "OPTIONS https://app.example.com PUT", "granted preflight 1", "granted preflight 1"),
        (
            rules(),
            "OPTIONS https://app.example.com PUT x-a,x-b",
            "granted preflight 1",
            "granted preflight 1",
        ),
        (rules(), "OPTIONS https://app.example.com PUT y", "refused preflight", "refused preflight"),
        (rules(), "OPTIONS https://app.example.com", "refused", "refused preflight"),
        (rules(), "OPTIONS", "no_origin", "no_origin"),
        // No name: S3 answers 400 before it looks at the rules.
        (rules(), "OPTIONS https://app.example.com PUT x-(", "granted preflight 1", "refused preflight"),
        (rules(), "DELETE https://app.example.com PUT", "refused", "granted 1"),
        (PolicyLookup::NoConfiguration, "GET https://app.example.com", "no_policy", "no_policy"),
        (
            PolicyLookup::NoSuchBucket,
            "OPTIONS https://a.example GET",
            "no_policy preflight",
            "no_policy preflight",
        ),
        (PolicyLookup::NoSuchBucket, "GET", "no_origin", "no_origin"),
        (PolicyLookup::NotOurs, "OPTIONS https://a.example GET", "not_ours preflight", "not_ours preflight"),
    ];
    for (source, text, fetch, s3) in cases {
        assert_eq!(observed(source.clone(), Fetch, text), [fetch], "{text}");
        assert_eq!(observed(source, S3::default(), text), [s3], "{text}");
    }
}

#[test]
fn observation_explains_if_asked() {
    let layer = CorsLayer::new(policy([rule()])).observe(|observation: &Observation<'_>| {
        let explanation = observation.explain().expect("a policy and an Origin").to_string();
        assert!(explanation.contains("\nnearest: CORSRules[0]: "), "{explanation}");
    });
    send(layer, described("GET https://app.example.co"));
}

/// S3 refuses it before it looks at the rules, which would grant it.
#[test]
fn observation_explains_no_other_outcome() {
    let layer = CorsLayer::new(policy([rule()])).dialect(S3::default());
    let layer = layer.observe(|observation: &Observation<'_>| {
        assert_eq!(observation.outcome(), Outcome::Refused);
        assert!(observation.explain().is_none(), "{:?}", observation.explain());
    });
    send(layer, described("OPTIONS https://app.example.com PUT x-("));
}

#[test]
fn several_observers_are_all_told() {
    let count = Rc::new(RefCell::new(Vec::new()));
    let note = |name: &'static str| {
        let count = Rc::clone(&count);
        move |_: &Observation<'_>| count.borrow_mut().push(name)
    };
    let shadow = {
        let count = Rc::clone(&count);
        move |_: &Difference<'_>| count.borrow_mut().push("shadow")
    };
    let layer =
        CorsLayer::new(policy([rule()])).observe(note("first")).shadow(None, shadow).observe(note("last"));
    send(layer, described("GET https://app.example.com"));
    assert_eq!(*count.borrow(), ["first", "shadow", "last"]);
}

/// A source that is asked has an observer of its own.
#[test]
fn observers_of_both_sources_are_told() {
    #[derive(Clone)]
    struct Counting(PolicyLookup<'static>, Rc<RefCell<usize>>);
    impl Observer<Bytes> for Counting {
        fn observe(&self, _: &Request<Bytes>, _: &Observation<'_>) {
            *self.1.borrow_mut() += 1;
        }
    }
    impl PolicySource<Bytes> for Counting {
        fn policy_for<'a>(&'a self, request: &'a Request<Bytes>) -> PolicyLookup<'a> {
            self.0.policy_for(request)
        }
        fn observer(&self) -> Option<&dyn Observer<Bytes>> {
            Some(self)
        }
    }
    let counting = |lookup: PolicyLookup<'static>| Counting(lookup, Rc::default());
    for first in [PolicyLookup::NoConfiguration, policy([rule()]).into()] {
        let (first, second) = (counting(first), counting(policy([rule()]).into()));
        let layer = CorsLayer::from_source(first.clone()).or_else(second.clone());
        send(layer, described("GET https://app.example.com"));
        send(CorsLayer::from_source(OrElse(None, second.clone())), described("GET"));
        assert_eq!((*first.1.borrow(), *second.1.borrow()), (1, 2));
    }
}

/// The differences between two sources, in Fetch's dialect, in S3's, and in S3's with Vary on every answer. The answers are
/// those of the first alone.
fn differences<P, Q>(served: &P, next: &Q, text: &str) -> [Option<String>; 3]
where
    P: PolicySource<Bytes> + Clone,
    Q: PolicySource<Bytes> + Clone,
{
    fn of<P, Q, D>(served: &P, next: &Q, dialect: D, text: &str) -> Option<String>
    where
        P: PolicySource<Bytes> + Clone,
        Q: PolicySource<Bytes> + Clone,
        D: Dialect<Bytes> + Clone,
    {
        let seen = Rc::new(RefCell::new(None));
        let told = Rc::clone(&seen);
        let report = move |difference: &Difference<'_>| {
            let earlier = told.borrow_mut().replace(difference.to_string());
            assert_eq!(earlier, None, "told once");
        };
        let plain = CorsLayer::from_source(served.clone()).dialect(dialect.clone());
        let answer = send(plain.clone().shadow(next.clone(), report), described(text));
        let expected = send(plain, described(text));
        assert_eq!(
            (answer.status(), answer.headers(), answer.body()),
            (expected.status(), expected.headers(), expected.body())
        );
        let seen = seen.borrow().clone();
        // What is told is what is seen on the wire.
        let next = send(CorsLayer::from_source(next.clone()).dialect(dialect), described(text));
        let is_same = (answer.status(), answer.headers(), answer.body())
            == (next.status(), next.headers(), next.body());
        assert_eq!(seen.is_none(), is_same, "{text}: {seen:?}, {answer:?}, {next:?}");
        seen
    }
    let always_vary = S3::default().always_vary(true);
    [
        of(served, next, Fetch, text),
        of(served, next, S3::default(), text),
        of(served, next, always_vary, text),
    ]
}

#[test]
fn shadow_tells_exactly_where_the_answers_differ() {
    let with_credentials = CorsPolicy::builder().credentials(true).build(&rule().into()).expect("valid");
    let with_timing = CorsPolicy::builder().timing_allow_origin(true).build(&rule().into()).expect("valid");
    let star = || CorsRule::new(["*"], ["GET", "PUT"]).allow_headers(["x-*"]);
    let lookups: Vec<PolicyLookup<'static>> = vec![
        policy([rule()]).into(),
        policy([rule().id("another"), rule()]).into(),
        policy([rule().max_age(60)]).into(),
        policy([rule().expose_headers(["ETag", "x-y"])]).into(),
        policy([CorsRule::new([APP], ["PUT", "GET"]).expose_headers(["ETag"])]).into(),
        policy([star()]).into(),
        policy([star(), rule()]).into(),
        policy([CorsRule::new(["https://*.example.com"], ["GET"]), rule()]).into(),
        with_credentials.into(),
        with_timing.into(),
        CorsPolicy::extended(&rule().into()).expect("valid").into(),
        PolicyLookup::NoConfiguration,
        PolicyLookup::NoSuchBucket,
        PolicyLookup::NotOurs,
    ];
    let requests = [
        "GET",
        "POST",
        "GET https://app.example.com",
        "PUT https://app.example.com",
        "DELETE https://app.example.com",
        "GET https://evil.example",
        "OPTIONS",
        "OPTIONS https://app.example.com",
        "OPTIONS https://app.example.com PUT",
        "OPTIONS https://app.example.com PUT x-a",
        "OPTIONS https://app.example.com PUT y",
        "OPTIONS https://evil.example GET x-(",
        "OPTIONS https://evil.example GET",
        "OPTIONS https://evil.example PATCH",
    ];
    let mut count = 0;
    for served in &lookups {
        for next in &lookups {
            for text in requests {
                count += differences(served, next, text).iter().flatten().count();
            }
        }
    }
    assert!(count > 1000, "{count}");
}

#[test]
fn difference_is_one_line() {
    let cases = [
        (
            "GET https://app.example.com",
            "\"GET\" from \"https://app.example.com\": granted by CORSRules[0], then refused",
        ),
        (
            "OPTIONS https://app.example.com PUT",
            "preflight for \"PUT\" from \"https://app.example.com\": granted by CORSRules[0], then refused",
        ),
        (
            "GET https://x.example",
            "\"GET\" from \"https://x.example\": refused, then granted by CORSRules[0]",
        ),
    ];
    let next = policy([CorsRule::new(["https://x.example"], ["GET"])]);
    for (text, expected) in cases {
        let [fetch, s3, _] = differences(&policy([rule()]), &next, text);
        assert_eq!((fetch.as_deref(), s3.as_deref()), (Some(expected), Some(expected)));
    }
    let [fetch, s3, _] = differences(&policy([rule()]), &policy([CorsRule::new(["*"], ["GET"])]), "GET");
    let expected = "a request without an Origin: not a CORS request, then the same for every origin";
    assert_eq!((fetch.as_deref(), s3), (Some(expected), None));
    let [fetch, s3, _] = differences(&policy([rule()]), &PolicyLookup::NotOurs, "OPTIONS");
    let expected = "a request without an Origin: not a CORS request, then forwarded";
    assert_eq!(fetch.as_deref(), Some(expected));
    assert_eq!(s3.as_deref(), Some("a request without an Origin: refused, then forwarded"));
    let [fetch, ..] = differences(&policy([rule()]), &None::<CorsPolicy>, "GET https://app.example.com");
    assert_eq!(
        fetch.as_deref(),
        Some("\"GET\" from \"https://app.example.com\": granted by CORSRules[0], then without a policy")
    );
    let [fetch, ..] =
        differences(&OrElse(None, policy([rule()])), &PolicyLookup::NotOurs, "GET https://app.example.com");
    assert_eq!(
        fetch.as_deref(),
        Some("\"GET\" from \"https://app.example.com\": granted by CORSRules[0], then forwarded")
    );
}
