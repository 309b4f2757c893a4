//! What is put around a source or a dialect changes no answer: observers, shadow policies, fallbacks, functions that make
//! bodies; and the grant that is written outside of the layer is the layer's.

use std::cell::Cell;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use test_support::generators::{request, rule};
use test_support::{always, call};
use tower_layer::Layer;
use tower_s3_cors::dialect::{Dialect, Grant};
use tower_s3_cors::observe::{Difference, Observation};
use tower_s3_cors::{
    CorsConfiguration, CorsLayer, CorsPolicy, CorsRule, Fetch, PolicyLookup, PolicySource, S3,
};

/// That of the inner service alone.
const INNER: StatusCode = StatusCode::IM_USED;

fn policy(rules: Vec<CorsRule>, timing: bool) -> Option<CorsPolicy> {
    let builder = CorsPolicy::builder().extended(true).timing_allow_origin(timing);
    builder.build(&CorsConfiguration { rules }).ok()
}

fn lookup() -> impl Strategy<Value = PolicyLookup<'static>> {
    let policy = (vec(rule(), 1..4), any::<bool>())
        .prop_filter_map("invalid", |(rules, timing)| Some(PolicyLookup::from(policy(rules, timing)?)));
    prop_oneof![
        5 => policy,
        2 => Just(PolicyLookup::NoConfiguration),
        1 => Just(PolicyLookup::NoSuchBucket),
        1 => Just(PolicyLookup::NotOurs),
    ]
}

fn inner() -> impl Strategy<Value = HeaderMap> {
    const LINES: [(&str, &str); 6] = [
        ("vary", "accept, origin"),
        ("vary", "*"),
        ("access-control-allow-origin", "https://inner.example"),
        ("access-control-allow-credentials", "true"),
        ("timing-allow-origin", "*"),
        ("x-a", "1"),
    ];
    vec(prop::sample::select(&LINES[..]), 0..3).prop_map(|lines| {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    })
}

fn parts(response: Response<Bytes>) -> (StatusCode, HeaderMap, Bytes) {
    let (head, body) = response.into_parts();
    (head.status, head.headers, body)
}

struct Case {
    lookups: [PolicyLookup<'static>; 3],
    request: Request<Bytes>,
    inner: HeaderMap,
}

impl Case {
    fn request(&self) -> Request<Bytes> {
        test_support::request(self.request.method().as_str(), "/", self.request.headers().clone())
    }

    fn answer<P, D>(&self, layer: CorsLayer<P, D>) -> (StatusCode, HeaderMap, Bytes)
    where
        P: PolicySource<Bytes> + Clone,
        D: Dialect<Bytes> + Clone,
    {
        parts(call(layer.layer(always(INNER.as_u16(), self.inner.clone())), self.request()))
    }

    /// `with_body` answers as `dialect` does.
    fn check(
        &self,
        dialect: impl Dialect<Bytes> + Clone,
        with_body: impl Dialect<Bytes> + Clone,
        varies: bool,
    ) {
        let [first, second, next] = self.lookups.clone();
        let found = match first {
            PolicyLookup::NoConfiguration => second.clone(),
            _ => first.clone(),
        };
        let plain = CorsLayer::from_source(found.clone()).dialect(dialect);
        let expected = self.answer(plain.clone());
        let told = Cell::new(0);
        let observed = CorsLayer::from_source(first)
            .observe(|_: &Observation<'_>| told.set(told.get() + 1))
            .shadow(next, |_: &Difference<'_>| ())
            .or_else(second)
            .dialect(with_body);
        assert_eq!(self.answer(observed), expected);
        assert_eq!(told.get(), 1);
        if expected.0 == INNER {
            self.check_forwarded(&plain, &found, &expected.1, varies);
        } else {
            assert_eq!(self.request.method(), Method::OPTIONS);
            assert!(!matches!(found, PolicyLookup::NotOurs));
        }
    }

    /// The headers of a response of the inner service.
    fn check_forwarded<D: Dialect<Bytes>>(
        &self,
        layer: &CorsLayer<PolicyLookup<'static>, D>,
        found: &PolicyLookup<'_>,
        headers: &HeaderMap,
        varies: bool,
    ) {
        let mut outside = self.inner.clone();
        for _ in 0..2 {
            layer.grant(&self.request).write(&mut outside);
            assert_eq!(outside, *headers);
        }
        let without_vary = |headers: &HeaderMap| {
            let mut headers = headers.clone();
            headers.remove("vary");
            headers
        };
        match found {
            PolicyLookup::Policy(_) => {}
            PolicyLookup::NoConfiguration | PolicyLookup::NoSuchBucket if varies => {
                assert_eq!(without_vary(headers), without_vary(&self.inner));
                assert!(headers.contains_key("vary"));
            }
            _ => assert_eq!(*headers, self.inner),
        }
    }
}

#[test]
fn combinations_answer_as_their_parts_do() {
    let lookups = [lookup(), lookup(), lookup()];
    TestRunner::new(test_support::random(5_000))
        .run(&(lookups, request(), inner()), |(lookups, request, inner)| {
            let case = Case { lookups, request, inner };
            case.check(Fetch, Fetch.body(Bytes::new), false);
            case.check(S3::default(), S3::default().body(|text| text), false);
            let set = S3::default().always_vary(true).uniform_refusals(true);
            case.check(set.clone(), set.body(|text| text), true);
            Ok(())
        })
        .unwrap();
}
