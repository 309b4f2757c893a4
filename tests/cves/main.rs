//! Public advisories about CORS middleware. Each test runs the attack of one, or of several that share it, against
//! this crate, and asserts that it fails.
//!
//! A doc comment names the advisory and the software, says what the attack was, and links to the description. Reports
//! that have no id of their own are named by their issue. Advisories about applications that only switched on a known
//! fault of their middleware are not listed one by one. CVE-2024-1681 is in `tests/cve_logs.rs`.

mod caches;
mod credentials;
mod origins;
mod paths;
mod requests;
mod work;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tower_layer::Layer;
use tower_s3_cors::{CorsConfiguration, CorsLayer, CorsPolicy, CorsRule, PolicySource, S3};

const FRIEND: &str = "https://app.example.com";
const STRANGER: &str = "https://attacker.example.net";

fn configuration(origins: &[&str]) -> CorsConfiguration {
    let rule = CorsRule {
        allowed_origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
        allowed_methods: vec!["GET".into(), "PUT".into()],
        allowed_headers: vec!["x-trace".into(), "content-type".into()],
        expose_headers: vec!["ETag".into()],
        max_age_seconds: Some(600),
        ..CorsRule::default()
    };
    CorsConfiguration { rules: vec![rule] }
}

fn policy(origins: &[&str], credentials: bool) -> CorsPolicy {
    CorsPolicy::builder()
        .credentials(credentials)
        .build(&configuration(origins))
        .expect("a valid configuration")
}

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let line = |(name, value): &(&str, &str)| {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
        (name, HeaderValue::from_bytes(value.as_bytes()).expect("a value"))
    };
    lines.iter().map(line).collect()
}

fn request(method: &str, lines: &[(&str, &str)]) -> Request<Bytes> {
    test_support::request(method, "/bucket/key", headers(lines))
}

/// A request with cookies from a page of this origin.
fn actual(origin: &str) -> Request<Bytes> {
    request("GET", &[("origin", origin), ("cookie", "session=1")])
}

fn preflight(origin: &str) -> Request<Bytes> {
    request("OPTIONS", &[("origin", origin), ("access-control-request-method", "PUT")])
}

/// The answers of the Fetch and of the S3 dialect, around an inner service whose responses have these headers.
fn answers_around<P>(source: &P, inner: &[(&str, &str)], request: &Request<Bytes>) -> [Response<Bytes>; 2]
where
    P: PolicySource<Bytes> + Clone,
{
    let inner = test_support::always(200, headers(inner));
    let layer = CorsLayer::from_source(source.clone());
    let fetch = test_support::call(layer.clone().layer(inner.clone()), request.clone());
    [fetch, test_support::call(layer.dialect(S3::default()).layer(inner), request.clone())]
}

/// The answers of the Fetch and of the S3 dialect.
fn answers<P>(source: &P, request: &Request<Bytes>) -> [Response<Bytes>; 2]
where
    P: PolicySource<Bytes> + Clone,
{
    answers_around(source, &[], request)
}

/// All lines of a header, joined with `, `; an empty text if there is none.
fn line(response: &Response<Bytes>, name: &str) -> String {
    let lines: Vec<_> =
        response.headers().get_all(name).iter().map(|line| line.to_str().expect("text")).collect();
    lines.join(", ")
}

/// The headers that tell a browser anything about CORS.
fn cors_headers(response: &Response<Bytes>) -> Vec<String> {
    let names = response.headers().keys().map(HeaderName::as_str);
    names.filter(|name| name.starts_with("access-control-")).map(str::to_owned).collect()
}

/// Whether a browser gives the response to a page of this origin that sent its cookies, by the
/// [CORS check](https://fetch.spec.whatwg.org/#concept-cors-check).
fn is_readable(response: &Response<Bytes>, origin: &str) -> bool {
    line(response, "access-control-allow-origin") == origin
        && line(response, "access-control-allow-credentials") == "true"
}

/// Whether a browser gives the response to a page of this origin that sent no cookies.
fn is_readable_without_cookies(response: &Response<Bytes>, origin: &str) -> bool {
    ["*", origin].contains(&line(response, "access-control-allow-origin").as_str())
}

/// A policy that grants nothing to an origin sends it no CORS header at all, in either dialect.
fn assert_refused<P>(source: &P, request: &Request<Bytes>)
where
    P: PolicySource<Bytes> + Clone,
{
    for response in answers(source, request) {
        assert_eq!(cors_headers(&response), Vec::<String>::new(), "{request:?}");
    }
}
