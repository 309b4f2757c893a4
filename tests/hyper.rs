//! The layer in hyper, over a TCP connection. Responses are compared byte for byte.

use std::convert::Infallible;
use std::future::{ready, Future};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceBuilder;
use tower_s3_cors::dialect::Dialect;
use tower_s3_cors::{
    CorsConfiguration, CorsLayer, CorsPolicy, CorsRule, Fetch, PolicyLookup, PolicySource, S3,
};

const APP: &str = "https://app.example.com";

/// Two buckets: `notes` has rules, `bare` has none.
#[derive(Clone)]
struct Buckets {
    notes: CorsPolicy,
}

impl<B> PolicySource<B> for Buckets {
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
        match request.uri().path().split('/').nth(1) {
            Some("notes") => (&self.notes).into(),
            Some("bare") => PolicyLookup::NoConfiguration,
            _ => PolicyLookup::NoSuchBucket,
        }
    }
}

fn buckets() -> Buckets {
    let rule = CorsRule {
        allowed_origins: vec![APP.into()],
        allowed_methods: vec!["GET".into(), "PUT".into()],
        allowed_headers: vec!["x-*".into()],
        expose_headers: vec!["ETag".into()],
        max_age_seconds: Some(600),
        ..CorsRule::default()
    };
    let notes = CorsPolicy::new(&CorsConfiguration { rules: vec![rule] }).expect("a valid configuration");
    Buckets { notes }
}

/// Connects to a new server, which accepts only one connection.
async fn connect<D>(dialect: D) -> TcpStream
where
    D: Dialect<Full<Bytes>, Grant: Send> + Clone + Send + Sync + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let inner = tower::service_fn(|request: Request<Incoming>| {
        let text = format!("{} {}", request.method(), request.uri().path());
        ready(Ok::<_, Infallible>(Response::new(Full::from(text))))
    });
    let layer = CorsLayer::from_source(buckets()).dialect(dialect);
    let service = TowerToHyperService::new(ServiceBuilder::new().layer(layer).service(inner));
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        drop(listener);
        let mut server = auto::Builder::new(TokioExecutor::new());
        server.http1().auto_date_header(false).http2().auto_date_header(false);
        let _closed = server.serve_connection(TokioIo::new(stream), service).await;
    });
    within(TcpStream::connect(address)).await.expect("a connection")
}

async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(10), future).await.expect("the end within ten seconds")
}

/// Joins the lines of a request head or a response head.
fn head(lines: &[&str]) -> String {
    lines.iter().chain(&[""]).map(|line| format!("{line}\r\n")).collect()
}

async fn write(stream: &mut TcpStream, request: &[u8]) {
    within(stream.write_all(request)).await.expect("a request sent");
}

/// Reads a response without a body. The connection stays open.
async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(within(stream.read_u8()).await.expect("a byte of the response"));
    }
    String::from_utf8(head).expect("text")
}

async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut response = Vec::new();
    within(stream.read_to_end(&mut response)).await.expect("a response read");
    String::from_utf8(response).expect("text")
}

/// Sends one request on a new connection. Returns the response as text.
async fn exchange<D>(dialect: D, lines: &[&str]) -> String
where
    D: Dialect<Full<Bytes>, Grant: Send> + Clone + Send + Sync + 'static,
{
    let mut stream = connect(dialect).await;
    write(&mut stream, head(&[lines, &["host: localhost", "connection: close"]].concat()).as_bytes()).await;
    read_to_end(&mut stream).await
}

/// The response that [`exchange`] returns, with the headers that hyper adds.
fn closing_response(lines: &[&str], body: &str) -> String {
    let length = format!("content-length: {}", body.len());
    head(&[lines, &["connection: close", &length]].concat()) + body
}

const PREFLIGHT: [&str; 5] = [
    "OPTIONS /notes/1 HTTP/1.1",
    "host: localhost",
    "origin: https://app.example.com",
    "access-control-request-method: PUT",
    "access-control-request-headers: x-one,x-two",
];
const PUT: [&str; 4] =
    ["PUT /notes/1 HTTP/1.1", "host: localhost", "origin: https://app.example.com", "content-length: 0"];

#[tokio::test]
async fn preflight_and_actual_request_share_an_http1_connection() {
    let mut stream = connect(Fetch).await;
    for _ in 0..2 {
        write(&mut stream, head(&PREFLIGHT).as_bytes()).await;
        let answer = head(&[
            "HTTP/1.1 204 No Content",
            "access-control-allow-origin: https://app.example.com",
            "access-control-allow-methods: GET, PUT",
            "access-control-allow-headers: x-one,x-two",
            "access-control-max-age: 600",
            "vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ]);
        assert_eq!(read_head(&mut stream).await, answer);
    }
    write(&mut stream, head(&[&PUT[..], &["connection: close"]].concat()).as_bytes()).await;
    let response = [
        "HTTP/1.1 200 OK",
        "access-control-allow-origin: https://app.example.com",
        "access-control-expose-headers: ETag",
        "vary: Origin",
    ];
    assert_eq!(read_to_end(&mut stream).await, closing_response(&response, "PUT /notes/1"));
}

#[tokio::test]
async fn refused_preflight_and_actual_request_share_an_http1_connection() {
    let mut lines = PREFLIGHT;
    lines[2] = "origin: https://other.example.net";
    let mut stream = connect(Fetch).await;
    write(&mut stream, head(&lines).as_bytes()).await;
    let answer = head(&[
        "HTTP/1.1 403 Forbidden",
        "vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        "content-length: 0",
    ]);
    assert_eq!(read_head(&mut stream).await, answer);

    write(&mut stream, head(&["PUT /notes/1 HTTP/1.1", lines[1], lines[2], "connection: close"]).as_bytes())
        .await;
    let response = closing_response(&["HTTP/1.1 200 OK", "vary: Origin"], "PUT /notes/1");
    assert_eq!(read_to_end(&mut stream).await, response);
}

#[tokio::test]
async fn s3_dialect_works_over_http1() {
    let mut stream = connect(S3::default()).await;
    write(&mut stream, head(&PREFLIGHT).as_bytes()).await;
    let grant = [
        "HTTP/1.1 200 OK",
        "access-control-allow-origin: https://app.example.com",
        "access-control-allow-methods: GET, PUT",
        "access-control-allow-headers: x-one, x-two",
        "access-control-expose-headers: ETag",
        "access-control-max-age: 600",
        "access-control-allow-credentials: true",
        "vary: Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    ];
    let answer = head(&[&grant[..], &["content-length: 0"]].concat());
    assert_eq!(read_head(&mut stream).await, answer);

    write(&mut stream, head(&[&PUT[..], &["connection: close"]].concat()).as_bytes()).await;
    let response = [&grant[..3], &grant[4..]].concat();
    assert_eq!(read_to_end(&mut stream).await, closing_response(&response, "PUT /notes/1"));
}

/// S3's error body with these elements.
fn error_body(elements: &[(&str, &str)]) -> String {
    let elements: String = elements.iter().map(|(name, text)| format!("<{name}>{text}</{name}>")).collect();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{elements}</Error>")
}

const NO_MATCH: &str = "CORSResponse: This CORS request is not allowed. This is usually because the evalution of \
                        Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers \
                        are not whitelisted by the resource's CORS spec.";

#[tokio::test]
async fn s3_refusals_have_an_xml_error_body() {
    const FROM_APP: &str = "origin: https://app.example.com";
    const FORBIDDEN: &str = "403 Forbidden";
    const BAD_REQUEST: &str = "400 Bad Request";
    let forbidden = |message, method, resource| {
        let code = ("Code", "AccessForbidden");
        error_body(&[code, ("Message", message), ("Method", method), ("ResourceType", resource)])
    };
    let bad_request = |message| error_body(&[("Code", "BadRequest"), ("Message", message)]);
    let cases = [
        (
            vec!["OPTIONS /notes/1 HTTP/1.1", "origin: https://x.net", "access-control-request-method: PUT"],
            (FORBIDDEN, forbidden(NO_MATCH, "PUT", "OBJECT")),
        ),
        (vec!["OPTIONS /notes/1 HTTP/1.1", FROM_APP], (FORBIDDEN, forbidden(NO_MATCH, "OPTIONS", "OBJECT"))),
        (
            vec!["OPTIONS /bare/1 HTTP/1.1", FROM_APP, "access-control-request-method: GET"],
            (FORBIDDEN, forbidden("CORSResponse: CORS is not enabled for this bucket.", "GET", "BUCKET")),
        ),
        (
            vec!["OPTIONS /other/1 HTTP/1.1", FROM_APP, "access-control-request-method: GET"],
            (FORBIDDEN, forbidden("CORSResponse: Bucket not found", "GET", "BUCKET")),
        ),
        (
            vec!["OPTIONS /other/1 HTTP/1.1", "access-control-request-method: GET"],
            (BAD_REQUEST, bad_request("Insufficient information. Origin request header needed.")),
        ),
        (
            vec!["OPTIONS /other/1 HTTP/1.1", FROM_APP, "access-control-request-method: <PATCH> & co"],
            (BAD_REQUEST, bad_request("Invalid Access-Control-Request-Method: &lt;PATCH&gt; &amp; co")),
        ),
        (
            vec![PREFLIGHT[0], FROM_APP, PREFLIGHT[3], "access-control-request-headers: x-one, x(two)"],
            (
                BAD_REQUEST,
                bad_request("Access-Control-Request-Headers \" x(two)\" contains invalid character."),
            ),
        ),
    ];
    for (lines, (status, body)) in cases {
        let expected =
            closing_response(&[&format!("HTTP/1.1 {status}"), "content-type: application/xml"], &body);
        assert_eq!(exchange(S3::default(), &lines).await, expected, "{lines:?}");
    }
}

#[tokio::test]
async fn s3_refusal_has_the_ids_of_the_request() {
    let dialect = S3::default()
        .request_id(|request| Some(request.headers.get("x-id")?.to_str().ok()?.to_owned()))
        .host_id(|_| Some("here".into()));
    let body = error_body(&[
        ("Code", "BadRequest"),
        ("Message", "Insufficient information. Origin request header needed."),
        ("RequestId", "7"),
        ("HostId", "here"),
    ]);
    let expected = closing_response(&["HTTP/1.1 400 Bad Request", "content-type: application/xml"], &body);
    assert_eq!(exchange(dialect, &["OPTIONS / HTTP/1.1", "x-id: 7"]).await, expected);
}

#[tokio::test]
async fn repeated_origin_header_is_refused() {
    let with_two_origins = |first| [first, PREFLIGHT[2], PREFLIGHT[2], PREFLIGHT[3]];
    let answer = closing_response(
        &[
            "HTTP/1.1 403 Forbidden",
            "vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ],
        "",
    );
    assert_eq!(exchange(Fetch, &with_two_origins("OPTIONS /notes/1 HTTP/1.1")).await, answer);

    let response = closing_response(&["HTTP/1.1 200 OK", "vary: Origin"], "GET /notes/1");
    assert_eq!(exchange(Fetch, &with_two_origins("GET /notes/1 HTTP/1.1")).await, response);

    let body = error_body(&[
        ("Code", "AccessForbidden"),
        ("Message", NO_MATCH),
        ("Method", "PUT"),
        ("ResourceType", "OBJECT"),
    ]);
    let refusal = closing_response(&["HTTP/1.1 403 Forbidden", "content-type: application/xml"], &body);
    assert_eq!(exchange(S3::default(), &with_two_origins("OPTIONS /notes/1 HTTP/1.1")).await, refusal);

    let response = closing_response(&["HTTP/1.1 200 OK"], "GET /notes/1");
    assert_eq!(exchange(S3::default(), &with_two_origins("GET /notes/1 HTTP/1.1")).await, response);
}

#[tokio::test]
async fn repeated_requested_headers_are_joined_into_one_list() {
    const NAMES: &str = "access-control-request-headers: X-One ,x-two,";
    const MORE: &str = "access-control-request-headers: \tx-three";
    const NOT_ALLOWED: &str = "access-control-request-headers: content-md5";
    let preflight = |names: &[&'static str]| [&PREFLIGHT[..1], &PREFLIGHT[2..4], names].concat();

    let answer = exchange(Fetch, &preflight(&[NAMES, MORE])).await;
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    assert!(answer.contains("\r\naccess-control-allow-headers: X-One, x-two, x-three\r\n"), "{answer}");

    let answer = exchange(S3::default(), &preflight(&[NAMES, MORE])).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("\r\naccess-control-allow-headers: x-one, x-two, x-three\r\n"), "{answer}");

    for names in [[NAMES, NOT_ALLOWED], [NOT_ALLOWED, NAMES]] {
        let answer = exchange(Fetch, &preflight(&names)).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        let answer = exchange(S3::default(), &preflight(&names)).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    }
}

/// hyper accepts header values that are not text, so the layer receives them.
#[tokio::test]
async fn header_value_that_is_not_text_is_refused() {
    let send = |bytes: &'static [u8]| async move {
        let mut stream = connect(S3::default()).await;
        let lines = ["OPTIONS /notes/1 HTTP/1.1", "host: localhost", "connection: close"];
        let mut request = head(&lines).into_bytes();
        request.truncate(request.len() - 2);
        write(&mut stream, &[&request, bytes, b"\r\n\r\n"].concat()).await;
        read_to_end(&mut stream).await
    };
    let answer = send(b"origin: https://app.example.com\xff\r\naccess-control-request-method: PUT").await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    let answer = send(b"origin: https://app.example.com\r\naccess-control-request-method: P\xff").await;
    assert!(
        answer.contains("<Message>Invalid Access-Control-Request-Method: P\u{fffd}</Message>"),
        "{answer}"
    );
}

/// Starts HTTP/2 with prior knowledge: the server recognizes it by the first bytes.
async fn handshake(stream: TcpStream) -> SendRequest<Empty<Bytes>> {
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (client, connection) = within(handshake).await.expect("an HTTP/2 connection");
    tokio::spawn(connection);
    client
}

fn request(method: &str, headers: &[(&str, &str)]) -> Request<Empty<Bytes>> {
    let request = Request::builder().method(method).uri("http://localhost/notes/1");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Empty::new()).expect("a request")
}

/// Sends a request. Returns the response as lines: its status, its headers in order, and its body.
async fn send(client: &mut SendRequest<Empty<Bytes>>, request: Request<Empty<Bytes>>) -> Vec<String> {
    let response = within(client.send_request(request)).await.expect("a response");
    let (parts, body) = response.into_parts();
    let body = within(body.collect()).await.expect("a body").to_bytes();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = parts.headers.iter().map(|(name, value)| format!("{name}: {}", text(value.as_bytes())));
    [parts.status.to_string()].into_iter().chain(headers).chain([text(&body)]).collect()
}

const HTTP2_PREFLIGHT: [(&str, &str); 3] = [
    ("origin", APP),
    ("access-control-request-method", "PUT"),
    ("access-control-request-headers", "x-one,x-two"),
];

#[tokio::test]
async fn preflight_and_actual_request_share_an_http2_connection() {
    let mut client = handshake(connect(Fetch).await).await;
    for _ in 0..2 {
        let answer = [
            "204 No Content",
            "access-control-allow-origin: https://app.example.com",
            "access-control-allow-methods: GET, PUT",
            "access-control-allow-headers: x-one,x-two",
            "access-control-max-age: 600",
            "vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
            "",
        ];
        assert_eq!(send(&mut client, request("OPTIONS", &HTTP2_PREFLIGHT)).await, answer);
        let response = [
            "200 OK",
            "access-control-allow-origin: https://app.example.com",
            "access-control-expose-headers: ETag",
            "vary: Origin",
            "content-length: 12",
            "PUT /notes/1",
        ];
        assert_eq!(send(&mut client, request("PUT", &HTTP2_PREFLIGHT[..1])).await, response);
    }
    let other_origin = [("origin", "https://other.example.net"), HTTP2_PREFLIGHT[1]];
    let refusal =
        ["403 Forbidden", "vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers", ""];
    assert_eq!(send(&mut client, request("OPTIONS", &other_origin)).await, refusal);
}

#[tokio::test]
async fn s3_dialect_works_over_http2() {
    let mut client = handshake(connect(S3::default()).await).await;
    let answer = [
        "200 OK",
        "access-control-allow-origin: https://app.example.com",
        "access-control-allow-methods: GET, PUT",
        "access-control-allow-headers: x-one, x-two",
        "access-control-expose-headers: ETag",
        "access-control-max-age: 600",
        "access-control-allow-credentials: true",
        "vary: Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
        // hyper ends the stream with the head instead of writing `content-length: 0`.
        "",
    ];
    assert_eq!(send(&mut client, request("OPTIONS", &HTTP2_PREFLIGHT)).await, answer);

    let response = [&answer[..3], &answer[4..8], &["content-length: 12", "PUT /notes/1"]].concat();
    assert_eq!(send(&mut client, request("PUT", &HTTP2_PREFLIGHT[..1])).await, response);

    let body = error_body(&[
        ("Code", "AccessForbidden"),
        ("Message", NO_MATCH),
        ("Method", "DELETE"),
        ("ResourceType", "OBJECT"),
    ]);
    let length = format!("content-length: {}", body.len());
    let refusal = ["403 Forbidden", "content-type: application/xml", &length, &body];
    let delete = [("origin", APP), ("access-control-request-method", "DELETE")];
    assert_eq!(send(&mut client, request("OPTIONS", &delete)).await, refusal);
}

#[tokio::test]
async fn repeated_headers_are_handled_over_http2() {
    let mut client = handshake(connect(Fetch).await).await;
    let two_origins = [("origin", APP), ("origin", APP), HTTP2_PREFLIGHT[1]];
    let answer = send(&mut client, request("OPTIONS", &two_origins)).await;
    assert_eq!(answer[0], "403 Forbidden");

    let [origin, method, _] = HTTP2_PREFLIGHT;
    let name = "access-control-request-headers";
    let answer =
        send(&mut client, request("OPTIONS", &[origin, method, (name, "x-one"), (name, "x-two")])).await;
    assert_eq!(answer[0], "204 No Content");
    assert_eq!(answer[3], "access-control-allow-headers: x-one, x-two");
}
