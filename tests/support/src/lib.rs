//! Shared by the test suites: the data files, and values built from them.

pub mod answers;
pub mod browser;
#[cfg(feature = "processes")]
pub mod example;
pub mod expected;
pub mod explanations;
pub mod fixes;
#[cfg(feature = "random")]
pub mod generators;
pub mod reference;
pub mod remedies;

use std::convert::Infallible;
use std::future::{ready, Ready};
use std::path::Path;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use serde_json::Value;
use tower::ServiceExt;
use tower_s3_cors::{CorsConfiguration, CorsRule};
use tower_service::Service;

/// A data file under `tests/corpus/`: a list of cases.
pub fn cases(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus").join(file);
    let text = std::fs::read_to_string(&path).expect("the corpus is part of the repository");
    serde_json::from_str(&text).expect("a list of cases")
}

/// Builds a configuration from `{"CORSRules": [...]}` or a bare list, without the library's own reader.
pub fn configuration(json: &Value) -> CorsConfiguration {
    let rules = json.get("CORSRules").unwrap_or(json).as_array().expect("a list of rules");
    CorsConfiguration { rules: rules.iter().map(rule).collect() }
}

fn rule(json: &Value) -> CorsRule {
    CorsRule {
        id: json.get("ID").map(text),
        allowed_origins: texts(json.get("AllowedOrigins")),
        allowed_methods: texts(json.get("AllowedMethods")),
        allowed_headers: texts(json.get("AllowedHeaders")),
        expose_headers: texts(json.get("ExposeHeaders")),
        max_age_seconds: json.get("MaxAgeSeconds").map(|age| age.as_i64().expect("seconds") as i32),
    }
}

/// Returns a configuration with `count` valid rules.
pub fn rules(count: usize) -> CorsConfiguration {
    let rule = CorsRule {
        allowed_origins: vec!["https://example.com".into()],
        allowed_methods: vec!["GET".into()],
        ..CorsRule::default()
    };
    CorsConfiguration { rules: vec![rule; count] }
}

/// Returns a configuration with one valid rule, for which `to_xml` writes `bytes` bytes.
pub fn sized(bytes: usize) -> CorsConfiguration {
    let mut configuration = rules(1);
    let more = bytes - configuration.to_xml().len();
    configuration.rules[0].allowed_origins[0].push_str(&"m".repeat(more));
    configuration
}

fn text(json: &Value) -> String {
    json.as_str().expect("a string").to_owned()
}

pub fn texts(json: Option<&Value>) -> Vec<String> {
    json.and_then(Value::as_array).into_iter().flatten().map(text).collect()
}

/// Builds headers from `[["Origin", "https://..."], ...]`. A name may be repeated.
pub fn headers(json: &Value) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for pair in json.as_array().into_iter().flatten() {
        let [name, value] = [text(&pair[0]), text(&pair[1])];
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).expect("a header value"));
    }
    headers
}

pub fn request(method: &str, path: &str, headers: HeaderMap) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(path).body(Bytes::new()).expect("a request");
    *request.headers_mut() = headers;
    request
}

/// Calls a service that is ready at once and whose future never waits.
pub fn call<S>(service: S, request: Request<Bytes>) -> Response<Bytes>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error = Infallible>,
{
    match service.oneshot(request).now_or_never() {
        Some(Ok(response)) => response,
        Some(Err(never)) => match never {},
        None => panic!("the service waits"),
    }
}

/// An inner service that returns the same response to every request.
pub fn always(
    status: u16,
    headers: HeaderMap,
) -> impl Service<
    Request<Bytes>,
    Response = Response<Bytes>,
    Error = Infallible,
    Future = Ready<Result<Response<Bytes>, Infallible>>,
> + Clone {
    tower::service_fn(move |_| {
        let mut response = Response::new(Bytes::from_static(b"inner"));
        *response.status_mut() = status.try_into().expect("a status");
        *response.headers_mut() = headers.clone();
        ready(Ok(response))
    })
}

/// The settings of a random test: its seed is printed, and `SEED=... cargo test` runs it again.
#[cfg(feature = "random")]
pub fn random(cases: u32) -> proptest::test_runner::Config {
    use proptest::test_runner::{Config, RngSeed};
    let drawn = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |now| now.as_nanos() as u64);
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(drawn);
    println!("SEED={seed}");
    Config { cases, rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..Config::default() }
}
