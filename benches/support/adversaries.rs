//! Requests made to cost as much as they can; the cost must be linear in their bytes.

use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{HeaderValue, Method, Request};
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};

pub struct Adversary {
    pub name: &'static str,
    /// Bytes of the request, or lines of it, at the size that is measured; twice as many are measured too.
    pub size: usize,
    pub policy: fn() -> CorsPolicy,
    pub request: fn(usize) -> Request<()>,
}

pub const ALL: [Adversary; 7] = [
    Adversary {
        name: "an Origin of 8 KB against 10000 patterns",
        size: 4096,
        policy: patterns,
        request: long_origin,
    },
    Adversary {
        name: "an Origin of 8 KB against nested patterns",
        size: 4096,
        policy: nested,
        request: dotted_origin,
    },
    Adversary {
        name: "64 KB of requested headers in one line",
        size: 32_768,
        policy: any_header,
        request: one_line,
    },
    Adversary { name: "1000 lines of requested headers", size: 500, policy: any_header, request: many_lines },
    Adversary { name: "a million spaces", size: 500_000, policy: any_header, request: spaces },
    Adversary { name: "64 KB of commas", size: 32_768, policy: any_header, request: commas },
    Adversary {
        name: "64 KB of names that match until the last",
        size: 32_768,
        policy: hundred_rules,
        request: all_but_the_last,
    },
];

fn policy(rules: Vec<CorsRule>) -> CorsPolicy {
    CorsPolicy::extended(&CorsConfiguration { rules }).expect("lawful")
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

fn hundred_rules() -> CorsPolicy {
    policy((0..100).map(|_| rule(["https://app.example.com".into()], &["x-a", "x-b*", "*c"])).collect())
}

fn preflight(origin: String, lines: impl IntoIterator<Item = String>) -> Request<()> {
    let mut request = Request::new(());
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

fn from_app(lines: impl IntoIterator<Item = String>) -> Request<()> {
    preflight("https://app.example.com".into(), lines)
}

fn long_origin(size: usize) -> Request<()> {
    preflight(format!("https://{}.tenant-9999.example.com", "a".repeat(size)), [])
}

fn dotted_origin(size: usize) -> Request<()> {
    preflight(format!("https://{}", ".a".repeat(size / 2)), [])
}

fn one_line(size: usize) -> Request<()> {
    from_app(["x-abc,".repeat(size / 6)])
}

fn many_lines(size: usize) -> Request<()> {
    from_app((0..size).map(|n| format!("x-{n}, x-a")))
}

fn spaces(size: usize) -> Request<()> {
    from_app([format!("x-a,{},x-b", " ".repeat(size))])
}

fn commas(size: usize) -> Request<()> {
    from_app([",".repeat(size)])
}

fn all_but_the_last(size: usize) -> Request<()> {
    from_app([format!("{}y", "x-a,x-bb,x-c,".repeat(size / 13))])
}
