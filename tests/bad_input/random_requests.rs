//! Random requests to random policies.

use std::cell::Cell;

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};

use crate::requests::{responses, Preflight, APP};

#[test]
fn random_requests_get_at_most_one_line_of_each_header() {
    let granted = Cell::new(0);
    let mut runner = TestRunner::new(test_support::random(3000));
    let method = select(&["GET", "PUT", "DELETE", "OPTIONS", "OPTIONS", "OPTIONS", "PATCH", "x"][..]);
    let case = (any_policy(), method, any_request_headers(), any_response_headers());
    let ran = runner.run(&case, |(policy, method, headers, inner)| {
        let request = || test_support::request(method, "/key", headers.clone());
        for response in responses(&policy, &inner, request) {
            prop_assert!([200, 204, 400, 403].contains(&response.status().as_u16()));
            let headers = response.headers();
            for name in headers.keys().filter(|name| name.as_str().starts_with("access-control-")) {
                prop_assert_eq!(headers.get_all(name).iter().count(), 1, "{}", name);
            }
            let value = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
            if value("access-control-allow-credentials").is_some() {
                prop_assert_ne!(value("access-control-allow-origin"), Some(&b"*"[..]));
            }
            prop_assert_ne!(value("access-control-allow-origin"), Some(&b"inner"[..]));
            granted.set(granted.get() + usize::from(headers.contains_key("access-control-allow-origin")));
        }
        Ok(())
    });
    if let Err(error) = ran {
        panic!("{error}\n{runner}");
    }
    assert!(granted.get() > 100, "only {} grants: the test checks too little", granted.get());
}

fn any_policy() -> impl Strategy<Value = CorsPolicy> {
    let rules = prop::collection::vec(any_rule(), 1..4);
    (rules, any::<bool>(), any::<bool>()).prop_map(|(rules, extended, credentials)| {
        let configuration = CorsConfiguration { rules };
        let builder = CorsPolicy::builder().extended(extended);
        // Most random origins are too broad for credentials.
        let build = builder.clone().credentials(credentials).build(&configuration);
        build.or_else(|_| builder.build(&configuration)).expect("a valid configuration")
    })
}

fn any_rule() -> impl Strategy<Value = CorsRule> {
    let origin = prop_oneof![
        select(&[APP, "*", "https", "null", "", "https://*.wide.example"][..]).prop_map(String::from),
        "[ -)+-~é☕]{0,5}[*]?[ -)+-~é☕]{0,5}",
    ];
    let method = select(&["GET", "PUT", "DELETE"][..]).prop_map(String::from);
    let header = prop_oneof![
        select(&["*", "x-*", "Content-Type"][..]).prop_map(String::from),
        "[A-Za-z0-9.-]{0,3}[*]?[a-z-]{0,3}",
    ];
    (
        prop::collection::vec(origin, 1..4),
        prop::collection::vec(method, 1..4),
        prop::collection::vec(header, 0..4),
        prop::collection::vec("[A-Za-z-]{1,4}", 0..3),
        any::<Option<i32>>(),
    )
        .prop_map(
            |(allowed_origins, allowed_methods, allowed_headers, expose_headers, max_age_seconds)| CorsRule {
                id: None,
                allowed_origins,
                allowed_methods,
                allowed_headers,
                expose_headers,
                max_age_seconds,
            },
        )
}

fn any_request_headers() -> impl Strategy<Value = HeaderMap> {
    let lines = (
        any_lines(&[APP, APP, "https://a.wide.example", "null", ""]),
        any_lines(&["GET", "PUT", "put", ""]),
        any_lines(&["x-a", "X-A , content-type", ",", ""]),
    );
    lines.prop_map(|(origin, method, names)| Preflight { origin, method, names }.headers())
}

/// CORS headers and Vary lines that an inner service may set.
fn any_response_headers() -> impl Strategy<Value = HeaderMap> {
    let name = select(
        &[
            "access-control-allow-origin",
            "access-control-allow-credentials",
            "access-control-allow-methods",
            "access-control-allow-headers",
            "access-control-expose-headers",
            "access-control-max-age",
            "vary",
        ][..],
    );
    let line = (name, select(&["inner", "*", "Origin, , a", ""][..]));
    prop::collection::vec(line, 0..6).prop_map(|lines| {
        let lines = lines
            .into_iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        lines.fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.append(name, value);
            headers
        })
    })
}

/// Mostly one line, and mostly one of the likely values; otherwise any bytes that a header may have.
fn any_lines(likely: &'static [&'static str]) -> impl Strategy<Value = Vec<Vec<u8>>> {
    let byte = prop_oneof![Just(b'\t'), Just(b','), 0x20..=0x7eu8, 0x80..=0xffu8];
    let line = prop_oneof![
        3 => select(likely).prop_map(|line| line.as_bytes().to_vec()),
        1 => prop::collection::vec(byte, 0..40),
    ];
    prop_oneof![
        4 => prop::collection::vec(line.clone(), 1),
        1 => prop::collection::vec(line, 0..4),
    ]
}
