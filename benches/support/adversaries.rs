//! Requests and responses made to cost as much as they can; the cost must be linear in their bytes.

use std::convert::Infallible;
use std::future::{ready, Ready};
use std::task::{Context, Poll};

use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY};
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};
use tower_service::Service;

use super::contenders::Answer;
use super::scenarios::Body;

#[derive(Clone, Copy)]
pub struct Adversary {
    pub name: &'static str,
    pub is_s3: bool,
    /// Bytes of what is sent, or lines of it, at the size that is measured; twice as many are measured too.
    pub size: usize,
    pub policy: fn() -> CorsPolicy,
    pub request: fn(usize) -> Request<Body>,
    /// What the inner service sets.
    pub response: fn(usize) -> HeaderMap,
    /// How many instructions each unit of the size may cost.
    pub each: Option<f64>,
}

const USUAL: Adversary = Adversary {
    name: "",
    is_s3: false,
    size: 32_768,
    policy: any_header,
    request: one_line,
    response: |_| HeaderMap::new(),
    each: None,
};

pub const ALL: [Adversary; 11] = [
    Adversary {
        name: "an Origin of 8 KB against 10000 patterns",
        size: 4096,
        policy: patterns,
        request: long_origin,
        ..USUAL
    },
    Adversary {
        name: "an Origin of 8 KB against nested patterns",
        size: 4096,
        policy: nested,
        request: dotted_origin,
        ..USUAL
    },
    Adversary { name: "64 KB of requested headers in one line", each: Some(35.0), ..USUAL },
    Adversary { name: "the same in the S3 dialect", is_s3: true, each: Some(35.0), ..USUAL },
    Adversary { name: "1000 lines of requested headers", size: 500, request: many_lines, ..USUAL },
    Adversary { name: "a million spaces", size: 500_000, request: spaces, ..USUAL },
    Adversary { name: "64 KB of commas", request: commas, ..USUAL },
    Adversary {
        name: "64 KB of names that match until the last",
        policy: hundred_rules,
        request: all_but_the_last,
        ..USUAL
    },
    Adversary {
        name: "64 KB of names against 1000 nested patterns",
        policy: nested_names,
        request: nested_line,
        ..USUAL
    },
    Adversary {
        name: "400 KB of names in the inner service's Vary",
        size: 200_000,
        request: |_| Request::new(Body::default()),
        response: vary,
        ..USUAL
    },
    Adversary {
        name: "an S3 refusal that quotes 64 KB",
        is_s3: true,
        request: |size| from_app(["<".repeat(size)]),
        ..USUAL
    },
];

/// An inner service that gives responses made beforehand.
pub struct Made(pub Vec<HeaderMap>);

impl Service<Request<Body>> for Made {
    type Response = Answer;
    type Error = Infallible;
    type Future = Ready<Result<Answer, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        let mut answer = Response::new(Body::default());
        *answer.headers_mut() = self.0.pop().unwrap_or_default();
        ready(Ok(answer))
    }
}

fn policy(rules: Vec<CorsRule>) -> CorsPolicy {
    CorsPolicy::extended(&CorsConfiguration { rules }).expect("valid")
}

fn rule(origins: impl IntoIterator<Item = String>, headers: &[&str]) -> CorsRule {
    CorsRule {
        allowed_origins: origins.into_iter().collect(),
        allowed_methods: vec!["PUT".into()],
        allowed_headers: headers.iter().map(|name| (*name).to_owned()).collect(),
        ..CorsRule::default()
    }
}

fn patterns() -> CorsPolicy {
    policy(vec![rule((0..10_000).map(|n| format!("https://*.tenant-{n}.example.com")), &[])])
}

/// Each pattern ends as the one before it, so that as many as possible match at once.
fn nested() -> CorsPolicy {
    policy(vec![rule((1..200).map(|n| format!("https://*{}", ".a".repeat(n))), &[])])
}

fn any_header() -> CorsPolicy {
    policy(vec![rule(["https://app.example.com".into()], &["x-*", "*-y"])])
}

/// As many patterns as fit into 64 KB, each within the next.
fn nested_names() -> CorsPolicy {
    let names: Vec<String> = (1..1000).map(|n| format!("{}*", "a".repeat(n))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    policy(vec![rule(["https://app.example.com".into()], &names)])
}

fn hundred_rules() -> CorsPolicy {
    policy((0..100).map(|_| rule(["https://app.example.com".into()], &["x-a", "x-b*", "*c"])).collect())
}

fn preflight(origin: String, lines: impl IntoIterator<Item = String>) -> Request<Body> {
    let mut request = Request::new(Body::default());
    *request.method_mut() = Method::OPTIONS;
    let headers = request.headers_mut();
    headers.insert(ORIGIN, value(origin));
    headers.insert(ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("PUT"));
    for line in lines {
        headers.append(ACCESS_CONTROL_REQUEST_HEADERS, value(line));
    }
    request
}

fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("printable")
}

fn from_app(lines: impl IntoIterator<Item = String>) -> Request<Body> {
    preflight("https://app.example.com".into(), lines)
}

fn long_origin(size: usize) -> Request<Body> {
    preflight(format!("https://{}.tenant-9999.example.com", "a".repeat(size)), [])
}

fn dotted_origin(size: usize) -> Request<Body> {
    preflight(format!("https://{}", ".a".repeat(size / 2)), [])
}

fn one_line(size: usize) -> Request<Body> {
    from_app(["x-abc,".repeat(size / 6)])
}

/// Names as long as the longest pattern.
fn nested_line(size: usize) -> Request<Body> {
    from_app([format!("{},", "a".repeat(999)).repeat(size / 1000)])
}

/// Names that are all distinct.
fn vary(size: usize) -> HeaderMap {
    let names: Vec<String> = (0..size / 8).map(|n| format!("x{n:06}")).collect();
    HeaderMap::from_iter([(VARY, value(names.join(",")))])
}

fn many_lines(size: usize) -> Request<Body> {
    from_app((0..size).map(|n| format!("x-{n}, x-a")))
}

fn spaces(size: usize) -> Request<Body> {
    from_app([format!("x-a,{},x-b", " ".repeat(size))])
}

fn commas(size: usize) -> Request<Body> {
    from_app([",".repeat(size)])
}

fn all_but_the_last(size: usize) -> Request<Body> {
    from_app([format!("{}y", "x-a,x-bb,x-c,".repeat(size / 13))])
}
