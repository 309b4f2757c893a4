//! Random rules and requests over a small alphabet.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use proptest::collection::vec;
use proptest::prelude::*;
use tower_s3_cors::CorsRule;

/// The alphabet is small, so that prefixes, suffixes and overlaps are frequent.
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
    let requested = "GET|PUT|get|PATCH|[ -~]{0,3}";
    let requested = prop_oneof![1 => vec(requested, 0), 8 => vec(requested, 1), 1 => vec(requested, 2)];
    let lists = vec("[aAbB, \t-]{0,9}", 0..3);
    let lines = (origins, requested, lists).prop_map(|(origins, requested, lists)| {
        let named = |name: &'static str, lines: Vec<String>| lines.into_iter().map(move |line| (name, line));
        let asked = named("access-control-request-method", requested)
            .chain(named("access-control-request-headers", lists));
        named("origin", origins).chain(asked).collect::<Vec<_>>()
    });
    (method, lines.prop_shuffle()).prop_map(|(method, lines)| {
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(name, HeaderValue::from_str(&line).expect("printable"));
        }
        crate::request(method, "/", headers)
    })
}
