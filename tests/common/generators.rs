//! Rules and requests of few letters, drawn at random.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use proptest::collection::vec;
use proptest::prelude::*;
use tower_s3_cors::CorsRule;

/// Few letters, so that prefixes, suffixes and overlaps collide all the time.
const LETTERS: &str = "[aAb.:/]{0,4}";

fn pattern() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => Just("*".to_owned()),
        1 => Just("https".to_owned()),
        4 => LETTERS,
        8 => (LETTERS, LETTERS).prop_map(|(prefix, suffix)| format!("{prefix}*{suffix}")),
        2 => (LETTERS, LETTERS).prop_map(|(host, suffix)| format!("https://{host}*{suffix}")),
    ]
}

fn header_pattern() -> impl Strategy<Value = String> {
    ("[aAbB-]{0,3}", prop::bool::ANY, "[aAbB-]{0,3}")
        .prop_map(|(prefix, star, suffix)| format!("{prefix}{}{suffix}", if star { "*" } else { "" }))
}

fn methods() -> impl Strategy<Value = Vec<String>> {
    vec(prop::sample::select(&["GET", "PUT", "get", "PATCH"][..]).prop_map(str::to_owned), 1..3)
}

pub fn rule() -> impl Strategy<Value = CorsRule> {
    (vec(pattern(), 1..4), methods(), vec(header_pattern(), 0..3)).prop_map(
        |(allowed_origins, allowed_methods, allowed_headers)| CorsRule {
            allowed_origins,
            allowed_methods,
            allowed_headers,
            ..CorsRule::default()
        },
    )
}

pub fn request() -> impl Strategy<Value = Request<Bytes>> {
    let origin = prop_oneof![4 => "[aAb.:/]{0,8}", 2 => "https://[aAb.:/]{0,6}", 1 => "https|null"];
    let origins = prop_oneof![8 => vec(origin.clone(), 1), 1 => vec(origin, 2)];
    let method = prop::sample::select(&["OPTIONS", "GET", "PUT", "PATCH"][..]);
    let requested = prop::option::weighted(0.8, "GET|PUT|get|PATCH|[ -~]{0,3}");
    let lists = vec("[aAbB, \t-]{0,9}", 0..3);
    (method, origins, requested, lists).prop_map(|(method, origins, requested, lists)| {
        let mut headers = HeaderMap::new();
        let mut add = |name: &'static str, value: &str| {
            headers.append(name, HeaderValue::from_str(value).expect("printable"));
        };
        origins.iter().for_each(|origin| add("origin", origin));
        requested.iter().for_each(|method| add("access-control-request-method", method));
        lists.iter().for_each(|list| add("access-control-request-headers", list));
        crate::common::request(method, "/", headers)
    })
}
