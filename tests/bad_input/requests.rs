//! Requests with header values that no browser sends.

use bytes::Bytes;
use http::header::{
    HeaderName, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD,
    ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Request, Response};
use tower_layer::Layer;
use tower_s3_cors::{CorsConfiguration, CorsLayer, CorsPolicy, CorsRule, S3};

use crate::common;

/// What a request is made of: the lines of each header.
pub struct Preflight {
    pub origin: Vec<Vec<u8>>,
    pub method: Vec<Vec<u8>>,
    pub names: Vec<Vec<u8>>,
}

pub const APP: &str = "https://app.example.com";

/// A preflight that is granted.
fn preflight() -> Preflight {
    Preflight { origin: vec![APP.into()], method: vec!["PUT".into()], names: vec![] }
}

impl Preflight {
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let lines = [
            (ORIGIN, &self.origin),
            (ACCESS_CONTROL_REQUEST_METHOD, &self.method),
            (ACCESS_CONTROL_REQUEST_HEADERS, &self.names),
        ];
        for (name, lines) in lines {
            for line in lines {
                headers.append(&name, HeaderValue::from_bytes(line).expect("a legal value"));
            }
        }
        headers
    }

    fn request(&self, method: &str) -> Request<Bytes> {
        common::request(method, "/key", self.headers())
    }

    fn answers(&self, policy: &CorsPolicy, method: &str) -> [Response<Bytes>; 2] {
        answers(policy, &HeaderMap::new(), || self.request(method))
    }

    #[track_caller]
    fn assert(&self, fetch: Answer<'_>, s3: Answer<'_>) {
        let answers = self.answers(&policy(), "OPTIONS");
        assert_answer(&answers[0], self, 204, fetch);
        assert_answer(&answers[1], self, 200, s3);
    }
}

#[derive(Clone, Copy)]
enum Answer<'a> {
    /// With this Allow-Headers; with none if it is empty.
    Granted(&'a str),
    /// 403: no rule matches.
    Refused,
    /// S3's 400 with this message, as the XML has it.
    Invalid(&'a str),
}
use Answer::{Granted, Invalid, Refused};

fn policy() -> CorsPolicy {
    let rule = CorsRule {
        allowed_origins: texts(&[APP, "https://*.wide.example", ""]),
        allowed_methods: texts(&["GET", "PUT"]),
        allowed_headers: texts(&["content-type", "x-*"]),
        ..CorsRule::default()
    };
    CorsPolicy::new(&CorsConfiguration { rules: vec![rule] }).expect("lawful")
}

fn policy_for_all() -> CorsPolicy {
    let rule = CorsRule {
        allowed_origins: texts(&["*"]),
        allowed_methods: texts(&["GET", "PUT"]),
        ..CorsRule::default()
    };
    CorsPolicy::new(&CorsConfiguration { rules: vec![rule] }).expect("lawful")
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().copied().map(String::from).collect()
}

/// What Fetch and S3 answer, around an inner service that sends these headers.
pub fn answers(
    policy: &CorsPolicy,
    inner: &HeaderMap,
    request: impl Fn() -> Request<Bytes>,
) -> [Response<Bytes>; 2] {
    let layer = CorsLayer::new(policy.clone());
    let inner = common::always(200, inner.clone());
    let s3 = layer.clone().dialect(S3::default()).layer(inner.clone());
    [common::call(layer.layer(inner), request()), common::call(s3, request())]
}

#[track_caller]
fn assert_answer(response: &Response<Bytes>, asked: &Preflight, success: u16, answer: Answer<'_>) {
    let body = std::str::from_utf8(response.body()).expect("UTF-8");
    let value = |name: &str| response.headers().get(name).map(HeaderValue::as_bytes);
    match answer {
        Granted(names) => {
            assert_eq!((response.status().as_u16(), body), (success, ""));
            assert_eq!(value("access-control-allow-origin"), Some(&*asked.origin[0]));
            let names = Some(names.as_bytes()).filter(|names| !names.is_empty());
            assert!(value("access-control-allow-headers") == names, "Allow-Headers");
        }
        Refused => {
            assert_eq!(response.status(), 403);
            assert_eq!(granted_headers(response), 0);
            let code = if success == 200 { "<Code>AccessForbidden</Code>" } else { "" };
            assert!(body.contains(code) && (success == 200 || body.is_empty()), "{body}");
        }
        Invalid(message) => {
            assert_eq!(response.status(), 400);
            assert_eq!(granted_headers(response), 0);
            assert!(
                body.contains(&format!("<Message>{message}</Message>")),
                "{message:?} is not in {body:.500}"
            );
        }
    }
}

fn granted_headers(response: &Response<Bytes>) -> usize {
    response.headers().keys().filter(|name| name.as_str().starts_with("access-control-")).count()
}

#[test]
fn origins() {
    let asks = |origin: &[u8]| Preflight { origin: vec![origin.to_vec()], ..preflight() };
    preflight().assert(Granted(""), Granted(""));
    // An empty Origin is as if absent: no preflight for Fetch, too little for S3, though the policy lists an empty one.
    let empty = asks(b"");
    let [fetch, s3] = empty.answers(&policy(), "OPTIONS");
    assert_eq!((fetch.status().as_u16(), granted_headers(&fetch)), (200, 0));
    let message = "Insufficient information. Origin request header needed.";
    assert_answer(&s3, &empty, 200, Invalid(message));
    asks(b"null").assert(Refused, Refused);
    asks(b"https://app.example.com, https://app.example.com").assert(Refused, Refused);
    asks(b"HTTPS://APP.EXAMPLE.COM").assert(Refused, Refused);
    let long = format!("https://{}.wide.example", "a".repeat(8 * 1024));
    asks(long.as_bytes()).assert(Granted(""), Granted(""));
    asks(&long.as_bytes()[..8 * 1024]).assert(Refused, Refused);
    let high: Vec<u8> = (0x80..=0xff).collect();
    asks(&[b"https://", &*high, b".wide.example"].concat()).assert(Granted(""), Granted(""));
    asks(&high).assert(Refused, Refused);
}

#[test]
fn several_origin_lines() {
    for second in [APP, "https://evil.example", ""] {
        let asks = Preflight { origin: vec![APP.into(), second.into()], ..preflight() };
        asks.assert(Refused, Refused);
        // Only `*` matches an Origin that cannot be read.
        for response in asks.answers(&policy_for_all(), "OPTIONS") {
            assert!(response.status().is_success());
            assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        }
        // An actual request is served, without a grant.
        let [fetch, s3] = asks.answers(&policy(), "GET");
        assert_eq!((fetch.status().as_u16(), granted_headers(&fetch)), (200, 0));
        assert_eq!(fetch.headers()[VARY], "Origin");
        assert_eq!((s3.status().as_u16(), s3.headers().len()), (200, 0));
    }
}

#[test]
fn methods() {
    let asks = |method: &[u8]| Preflight { method: vec![method.to_vec()], ..preflight() };
    let invalid = |method: &[u8], told: &str| {
        asks(method).assert(Refused, Invalid(&format!("Invalid Access-Control-Request-Method: {told}")));
    };
    invalid(b"", "");
    invalid(b"put", "put");
    invalid(b"PUT ", "PUT ");
    invalid(b"PATCH", "PATCH");
    invalid(b"GET, PUT", "GET, PUT");
    invalid(b"<&>\t", "&lt;&amp;&gt;\t");
    invalid("PÜT".as_bytes(), "PÜT");
    let high: Vec<u8> = (0x80..=0xff).collect();
    invalid(&high, &String::from_utf8_lossy(&high));
    invalid(&[b'A'; 64 * 1024], &"A".repeat(64 * 1024));
    // DELETE is one of S3's, but no rule has it.
    asks(b"DELETE").assert(Refused, Refused);
}

/// Without the method there is no preflight for Fetch, and S3 takes OPTIONS for it.
#[test]
fn no_method() {
    let asks = Preflight { method: vec![], ..preflight() };
    let [fetch, s3] = asks.answers(&policy(), "OPTIONS");
    assert_eq!((fetch.status().as_u16(), granted_headers(&fetch)), (200, 0));
    assert_answer(&s3, &asks, 200, Refused);
}

#[test]
fn requested_headers() {
    let asks = |line: &str| Preflight { names: vec![line.into()], ..preflight() };
    for nothing in ["", ",,,,", " , \t,", &" ".repeat(1_000_000), &",".repeat(1_000_000)] {
        asks(nothing).assert(Granted(""), Granted(""));
    }
    asks("X-A ,,Content-Type\t").assert(Granted("X-A ,,Content-Type\t"), Granted("x-a, content-type"));
    asks("authorization").assert(Refused, Refused);

    let spaces = " ".repeat(1_000_000);
    let padded = format!("{spaces}x-a{spaces},{spaces}content-type{spaces}");
    asks(&padded).assert(Granted(&padded), Granted("x-a, content-type"));

    let names = vec!["x-name"; 64 * 1024 / "x-name,".len()];
    let line = names.join(",");
    asks(&line).assert(Granted(&line), Granted(&names.join(", ")));
    asks(&format!("{line},authorization")).assert(Refused, Refused);
    asks(&format!("x-{}", "a".repeat(64 * 1024))).assert(
        Granted(&format!("x-{}", "a".repeat(64 * 1024))),
        Granted(&format!("x-{}", "a".repeat(64 * 1024))),
    );
}

#[test]
fn a_thousand_lines_of_requested_headers() {
    let names: Vec<String> = (0..1000).map(|number| format!("x-{number}")).collect();
    let mut asks = Preflight { names: names.iter().map(|name| name.clone().into()).collect(), ..preflight() };
    asks.assert(Granted(&names.join(", ")), Granted(&names.join(", ")));
    asks.names.push("authorization".into());
    asks.assert(Refused, Refused);
    asks.names = vec![vec![]; 1000];
    asks.assert(Granted(""), Granted(""));
}

/// S3 refuses what cannot be a name, and says it as it was sent. Fetch has no such law: a pattern that
/// matches grants it, and the browser that asked reads the same bytes back.
#[test]
fn requested_headers_that_are_no_names() {
    let asks = |line: &[u8]| Preflight { names: vec![line.to_vec()], ..preflight() };
    let invalid = |line: &[u8], fetch: Answer<'_>, element: &str| {
        let message = format!("Access-Control-Request-Headers \"{element}\" contains invalid character.");
        asks(line).assert(fetch, Invalid(&message));
    };
    invalid(b"x-a b", Granted("x-a b"), "x-a b");
    invalid(b"x-a, x(b) ,x-c", Refused, " x(b) ");
    invalid(b"x-<&>", Granted("x-<&>"), "x-&lt;&amp;&gt;");
    invalid("x-é".as_bytes(), Granted("x-é"), "x-é");
    invalid(b"content-type;", Refused, "content-type;");
    invalid(b"\"\"", Refused, "\"\"");
    let high: Vec<u8> = (0x80..=0xff).collect();
    invalid(&high, Refused, &String::from_utf8_lossy(&high));
}

/// `HeaderMap` panics where it has no room unless `try_` methods are used.
#[test]
fn responses_without_room_keep_the_inner_headers() {
    for name in [VARY, ACCESS_CONTROL_ALLOW_ORIGIN] {
        for lines in [&["Accept"][..], &["Accept", "Cookie"]] {
            let mut inner = HeaderMap::new();
            for line in lines {
                inner.append(&name, HeaderValue::from_static(line));
            }
            let mut inner = full(inner);
            for free in 0..8 {
                answers(&policy(), &inner, || preflight().request("GET"))
                    .iter()
                    .for_each(|response| assert_kept(response, lines, name == VARY));
                inner.remove(format!("x-{free}"));
            }
        }
    }
}

/// A response that had no room for a grant: the inner service's headers are there, and no grant without its Vary, which
/// a cache would give to the wrong page.
fn assert_kept(response: &Response<Bytes>, lines: &[&str], is_vary: bool) {
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-8"], "");
    let line = |name| response.headers().get(name).map(|line| line.to_str().expect("text"));
    let (grant, vary) = (line(ACCESS_CONTROL_ALLOW_ORIGIN), line(VARY).unwrap_or_default());
    // The inner service's value is no grant.
    assert_ne!(grant, Some(lines[0]));
    assert!(grant.is_none() || vary.contains("Origin"));
    assert!(!is_vary || vary.starts_with(&lines.join(", ")), "{vary}");
    assert!(response.headers().get_all(VARY).iter().count() <= 1);
}

#[test]
fn preflights_without_room() {
    let mut headers = full(HeaderMap::new());
    for number in 0..preflight().headers().len() {
        headers.remove(format!("x-{number}"));
    }
    headers.extend(preflight().headers());
    let request = || common::request("OPTIONS", "/key", headers.clone());
    let [fetch, s3] = answers(&policy(), &HeaderMap::new(), request);
    assert_answer(&fetch, &preflight(), 204, Granted(""));
    assert_answer(&s3, &preflight(), 200, Granted(""));
}

/// A map that takes no further name.
fn full(mut headers: HeaderMap) -> HeaderMap {
    for number in 0.. {
        let name = HeaderName::from_bytes(format!("x-{number}").as_bytes()).expect("a name");
        if headers.try_insert(name, HeaderValue::from_static("")).is_err() {
            break;
        }
    }
    assert!(headers.len() > 20_000);
    headers
}
