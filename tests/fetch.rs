//! The Fetch dialect: every case of `fetch.json`, the whole answer, through the layer.

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use serde_json::Value;
use tower_layer::Layer;
use tower_s3_cors::{CorsLayer, CorsPolicy, PolicyLookup, PolicySource};

#[derive(Clone)]
enum Source {
    Policy(CorsPolicy),
    NoConfiguration,
    NoSuchBucket,
}

impl<B> PolicySource<B> for Source {
    fn policy_for<'a>(&'a self, _: &'a Request<B>) -> PolicyLookup<'a> {
        match self {
            Source::Policy(policy) => policy.into(),
            Source::NoConfiguration => PolicyLookup::NoConfiguration,
            Source::NoSuchBucket => PolicyLookup::NoSuchBucket,
        }
    }
}

fn source(case: &Value) -> Source {
    let set = |knob: &str| case.get(knob).and_then(Value::as_bool).unwrap_or(false);
    match case.get("source").and_then(Value::as_str) {
        Some("no-configuration") => Source::NoConfiguration,
        Some(_) => Source::NoSuchBucket,
        None => {
            let builder = CorsPolicy::builder().credentials(set("credentials")).extended(set("extended"));
            Source::Policy(builder.build(&test_support::configuration(&case["rules"])).expect("a valid case"))
        }
    }
}

fn answer(case: &Value) -> Response<Bytes> {
    let inner = case.get("inner").unwrap_or(&Value::Null);
    let status = inner["status"].as_u64().unwrap_or(200) as u16;
    let service = CorsLayer::from_source(source(case))
        .layer(test_support::always(status, test_support::headers(&inner["headers"])));
    let asked = &case["request"];
    let method = asked["method"].as_str().expect("a method");
    test_support::call(service, test_support::request(method, "/", test_support::headers(&asked["headers"])))
}

/// Every line, in an order of its own.
fn lines(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut lines: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    lines.sort();
    lines
}

#[test]
fn answers_are_as_the_corpus_says() {
    let cases = test_support::cases("fetch.json");
    assert!(cases.len() > 80);
    for case in &cases {
        let (id, expect) = (&case["id"], &case["expect"]);
        let response = answer(case);
        assert_eq!(Some(response.status().as_u16().into()), expect["status"].as_u64(), "{id}");
        assert_eq!(lines(response.headers()), lines(&test_support::headers(&expect["headers"])), "{id}");
        let reached = response.body().as_ref() == b"inner";
        assert_eq!(Some(reached), expect["reaches_inner"].as_bool(), "{id}");
        assert!(reached || response.body().is_empty(), "{id}");
    }
}

#[test]
fn ids_are_unique() {
    let cases = test_support::cases("fetch.json");
    let ids: std::collections::HashSet<_> = cases.iter().map(|case| case["id"].as_str()).collect();
    assert_eq!(ids.len(), cases.len());
}
