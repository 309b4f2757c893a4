//! Requests with header values that browsers never send.

use bytes::Bytes;
use http::header::{
    HeaderName, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD,
    ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Request, Response};
use tower_layer::Layer;
use tower_s3_cors::{CorsConfiguration, CorsLayer, CorsPolicy, CorsRequest, CorsRule, S3};

/// The header lines of a preflight.
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
                headers.append(&name, HeaderValue::from_bytes(line).expect("a header value"));
            }
        }
        headers
    }

    fn request(&self, method: &str) -> Request<Bytes> {
        test_support::request(method, "/key", self.headers())
    }

    fn responses(&self, policy: &CorsPolicy, method: &str) -> [Response<Bytes>; 2] {
        responses(policy, &HeaderMap::new(), || self.request(method))
    }

    /// Checks the responses of the Fetch dialect and of the S3 dialect.
    #[track_caller]
    fn assert_responses(&self, fetch: Expected<'_>, s3: Expected<'_>) {
        let responses = self.responses(&policy(), "OPTIONS");
        assert_response(&responses[0], self, 204, fetch);
        assert_response(&responses[1], self, 200, s3);
    }
}

#[derive(Clone, Copy)]
enum Expected<'a> {
    /// Granted with this Access-Control-Allow-Headers, or without the header if it is empty.
    Granted(&'a str),
    /// Status 403: no rule matches.
    Refused,
    /// S3's status 400 with this message, which is escaped for XML.
    Invalid(&'a str),
}
use Expected::{Granted, Invalid, Refused};

fn policy() -> CorsPolicy {
    let rule = CorsRule {
        allowed_origins: texts(&[APP, "https://*.wide.example", ""]),
        allowed_methods: texts(&["GET", "PUT"]),
        allowed_headers: texts(&["content-type", "x-*"]),
        ..CorsRule::default()
    };
    CorsPolicy::new(&CorsConfiguration { rules: vec![rule] }).expect("a valid configuration")
}

fn policy_for_all() -> CorsPolicy {
    let rule = CorsRule {
        allowed_origins: texts(&["*"]),
        allowed_methods: texts(&["GET", "PUT"]),
        ..CorsRule::default()
    };
    CorsPolicy::new(&CorsConfiguration { rules: vec![rule] }).expect("a valid configuration")
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().copied().map(String::from).collect()
}

/// Sends the request in the Fetch dialect and in the S3 dialect. The inner service returns these headers.
pub fn responses(
    policy: &CorsPolicy,
    inner: &HeaderMap,
    request: impl Fn() -> Request<Bytes>,
) -> [Response<Bytes>; 2] {
    let layer = CorsLayer::new(policy.clone());
    let inner = test_support::always(200, inner.clone());
    let s3 = layer.clone().dialect(S3::default()).layer(inner.clone());
    [test_support::call(layer.layer(inner), request()), test_support::call(s3, request())]
}

#[track_caller]
fn assert_response(response: &Response<Bytes>, sent: &Preflight, success: u16, expected: Expected<'_>) {
    let body = std::str::from_utf8(response.body()).expect("UTF-8");
    let value = |name: &str| response.headers().get(name).map(HeaderValue::as_bytes);
    match expected {
        Granted(names) => {
            assert_eq!((response.status().as_u16(), body), (success, ""));
            assert_eq!(value("access-control-allow-origin"), Some(&*sent.origin[0]));
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
fn origin_is_matched_byte_for_byte() {
    let preflight_from = |origin: &[u8]| Preflight { origin: vec![origin.to_vec()], ..preflight() };
    preflight().assert_responses(Granted(""), Granted(""));
    // An empty Origin is as if absent: no preflight for Fetch, too little for S3, though the policy lists an empty one.
    let empty = preflight_from(b"");
    let [fetch, s3] = empty.responses(&policy(), "OPTIONS");
    assert_eq!((fetch.status().as_u16(), granted_headers(&fetch)), (200, 0));
    let message = "Insufficient information. Origin request header needed.";
    assert_response(&s3, &empty, 200, Invalid(message));
    preflight_from(b"null").assert_responses(Refused, Refused);
    preflight_from(b"https://app.example.com, https://app.example.com").assert_responses(Refused, Refused);
    preflight_from(b"HTTPS://APP.EXAMPLE.COM").assert_responses(Refused, Refused);
    let long = format!("https://{}.wide.example", "a".repeat(8 * 1024));
    preflight_from(long.as_bytes()).assert_responses(Granted(""), Granted(""));
    preflight_from(&long.as_bytes()[..8 * 1024]).assert_responses(Refused, Refused);
    let high: Vec<u8> = (0x80..=0xff).collect();
    preflight_from(&[b"https://", &*high, b".wide.example"].concat())
        .assert_responses(Granted(""), Granted(""));
    preflight_from(&high).assert_responses(Refused, Refused);
}

#[test]
fn repeated_origin_header_is_refused() {
    for second in [APP, "https://evil.example", ""] {
        let preflight = Preflight { origin: vec![APP.into(), second.into()], ..preflight() };
        preflight.assert_responses(Refused, Refused);
        // Only `*` matches an Origin that cannot be read.
        for response in preflight.responses(&policy_for_all(), "OPTIONS") {
            assert!(response.status().is_success());
            assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        }
        // An actual request is served without CORS headers.
        let [fetch, s3] = preflight.responses(&policy(), "GET");
        assert_eq!((fetch.status().as_u16(), granted_headers(&fetch)), (200, 0));
        assert_eq!(fetch.headers()[VARY], "Origin");
        assert_eq!((s3.status().as_u16(), s3.headers().len()), (200, 0));
    }
}

#[test]
fn invalid_requested_method_is_refused() {
    let preflight_for = |method: &[u8]| Preflight { method: vec![method.to_vec()], ..preflight() };
    let invalid = |method: &[u8], shown: &str| {
        preflight_for(method)
            .assert_responses(Refused, Invalid(&format!("Invalid Access-Control-Request-Method: {shown}")));
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
    // S3 supports DELETE, but no rule allows it.
    preflight_for(b"DELETE").assert_responses(Refused, Refused);
}

/// To the Fetch dialect it is an actual request; to S3 the requested method is OPTIONS.
#[test]
fn options_without_a_requested_method_is_not_granted() {
    let preflight = Preflight { method: vec![], ..preflight() };
    let [fetch, s3] = preflight.responses(&policy(), "OPTIONS");
    assert_eq!((fetch.status().as_u16(), granted_headers(&fetch)), (200, 0));
    assert_response(&s3, &preflight, 200, Refused);
}

#[test]
fn requested_headers_are_split_at_commas() {
    let requesting = |line: &str| Preflight { names: vec![line.into()], ..preflight() };
    for empty in ["", ",,,,", " , \t,", &" ".repeat(1_000_000), &",".repeat(1_000_000)] {
        requesting(empty).assert_responses(Granted(""), Granted(""));
    }
    requesting("X-A ,,Content-Type\t")
        .assert_responses(Granted("X-A ,,Content-Type\t"), Granted("x-a, content-type"));
    requesting("authorization").assert_responses(Refused, Refused);

    let spaces = " ".repeat(1_000_000);
    let padded = format!("{spaces}x-a{spaces},{spaces}content-type{spaces}");
    requesting(&padded).assert_responses(Granted(&padded), Granted("x-a, content-type"));

    let names = vec!["x-name"; 64 * 1024 / "x-name,".len()];
    let line = names.join(",");
    requesting(&line).assert_responses(Granted(&line), Granted(&names.join(", ")));
    requesting(&format!("{line},authorization")).assert_responses(Refused, Refused);
    requesting(&format!("x-{}", "a".repeat(64 * 1024))).assert_responses(
        Granted(&format!("x-{}", "a".repeat(64 * 1024))),
        Granted(&format!("x-{}", "a".repeat(64 * 1024))),
    );
}

/// S3 gives them back in lower case, with a blank behind each comma. Every short list over a few bytes, behind a name of each
/// length up to two words of the machine.
#[test]
fn every_short_list_of_requested_headers_is_written_as_s3_does() {
    const BYTES: [&str; 4] = ["x", "Y", ",", " "];
    const LONGEST: u32 = 6;
    let rule = CorsRule::new([APP], ["PUT"]).allow_headers(["*"]);
    let layer = CorsLayer::new(CorsPolicy::try_from(rule).expect("a valid rule")).dialect(S3::default());
    let service = layer.layer(test_support::always(200, HeaderMap::new()));
    for length in 0..=16 {
        for number in 0..BYTES.len().pow(LONGEST) {
            let digits = (0..LONGEST).map(|place| number / BYTES.len().pow(place) % BYTES.len());
            let line = "x".repeat(length) + &digits.map(|digit| BYTES[digit]).collect::<String>();
            let names: Vec<_> = line.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
            if names.iter().any(|name| name.contains(' ')) {
                continue;
            }
            let sent = Preflight { names: vec![line.clone().into()], ..preflight() };
            let response = test_support::call(service.clone(), sent.request("OPTIONS"));
            let written = response.headers().get("access-control-allow-headers");
            let expected = names.join(", ").to_ascii_lowercase();
            assert_eq!(written.map_or(&b""[..], HeaderValue::as_bytes), expected.as_bytes(), "{line:?}");
        }
    }
}

#[test]
fn debug_output_has_only_the_headers_of_a_preflight() {
    for names in [vec!["x-a".into()], vec!["x-a".into(), "x-b".into()]] {
        let mut request = Preflight { names, ..preflight() }.request("OPTIONS");
        request.headers_mut().insert("authorization", HeaderValue::from_static("secret"));
        let asked = CorsRequest::classify(&request).expect("an Origin");
        let printed = format!("{asked:?} {:?}", asked.requested_headers());
        assert!(printed.contains("x-a") && !printed.contains("secret"), "{printed}");
    }
}

#[test]
fn requested_headers_of_a_thousand_lines_are_joined() {
    let names: Vec<String> = (0..1000).map(|number| format!("x-{number}")).collect();
    let mut preflight =
        Preflight { names: names.iter().map(|name| name.clone().into()).collect(), ..preflight() };
    preflight.assert_responses(Granted(&names.join(", ")), Granted(&names.join(", ")));
    preflight.names.push("authorization".into());
    preflight.assert_responses(Refused, Refused);
    preflight.names = vec![vec![]; 1000];
    preflight.assert_responses(Granted(""), Granted(""));
}

/// S3 refuses invalid names and repeats them in the message. The Fetch dialect has no such check: it grants them if a
/// pattern matches, and sends the same bytes back.
#[test]
fn invalid_requested_header_is_refused_by_s3_only() {
    let requesting = |line: &[u8]| Preflight { names: vec![line.to_vec()], ..preflight() };
    let invalid = |line: &[u8], fetch: Expected<'_>, element: &str| {
        let message = format!("Access-Control-Request-Headers \"{element}\" contains invalid character.");
        requesting(line).assert_responses(fetch, Invalid(&message));
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
fn full_header_map_of_a_response_keeps_the_inner_headers() {
    for name in [VARY, ACCESS_CONTROL_ALLOW_ORIGIN] {
        for lines in [&["Accept"][..], &["Accept", "Cookie"]] {
            let mut inner = HeaderMap::new();
            for line in lines {
                inner.append(&name, HeaderValue::from_static(line));
            }
            let mut inner = full(inner);
            for free in 0..8 {
                responses(&policy(), &inner, || preflight().request("GET"))
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
fn full_header_map_of_a_preflight_causes_no_panic() {
    let mut headers = full(HeaderMap::new());
    for number in 0..preflight().headers().len() {
        headers.remove(format!("x-{number}"));
    }
    headers.extend(preflight().headers());
    let request = || test_support::request("OPTIONS", "/key", headers.clone());
    let [fetch, s3] = responses(&policy(), &HeaderMap::new(), request);
    assert_response(&fetch, &preflight(), 204, Granted(""));
    assert_response(&s3, &preflight(), 200, Granted(""));
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
