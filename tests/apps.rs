//! The sentences of the guide `apps`, in axum.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::{header, HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state, Next};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::Router;
use futures_util::{stream, StreamExt};
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::{ServiceBuilder, ServiceExt};
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;
use tower_http::timeout::TimeoutLayer;
use tower_s3_cors::source::ByPathPrefix;
use tower_s3_cors::{CorsLayer, CorsPolicy, CorsRequest, CorsRule, FromExtensions, S3};

const APP: &str = "https://app.example.com";
const PARTNER: &str = "https://partner.example";

fn policy(origin: &str) -> CorsPolicy {
    CorsPolicy::try_from(CorsRule::new([origin], ["GET", "POST"])).expect("a valid rule")
}

fn cors() -> CorsLayer {
    CorsLayer::new(policy(APP))
}

/// A request from the app.
fn request(method: &str, path: &str) -> Request {
    from(APP, method, path)
}

fn from(origin: &str, method: &str, path: &str) -> Request {
    let builder = Request::builder().method(method).uri(path).header("origin", origin);
    let requested = (method == "OPTIONS").then_some("GET");
    let builder = requested
        .into_iter()
        .fold(builder, |builder, method| builder.header("access-control-request-method", method));
    builder.body(Body::empty()).expect("a request")
}

async fn send(app: &Router, request: Request) -> Response {
    let response = app.clone().oneshot(request);
    let Ok(response) = tokio::time::timeout(Duration::from_secs(10), response).await.expect("a response");
    response
}

/// The status, and the origin that the response allows.
async fn outcome(app: &Router, request: Request) -> (u16, Option<String>) {
    let response = send(app, request).await;
    let allowed = response.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    (response.status().as_u16(), allowed.map(|origin| origin.to_str().expect("text").to_owned()))
}

fn granted(status: u16) -> (u16, Option<String>) {
    (status, Some(APP.to_owned()))
}

async fn hello() -> &'static str {
    "hello"
}

async fn authenticate(request: Request, next: Next) -> Response {
    match request.headers().contains_key(header::AUTHORIZATION) {
        true => next.run(request).await,
        false => StatusCode::UNAUTHORIZED.into_response(),
    }
}

#[tokio::test]
async fn authentication_is_inside() {
    let routes = || Router::new().route("/", get(hello));
    let inside = routes().layer(ServiceBuilder::new().layer(cors()).layer(from_fn(authenticate)));
    assert_eq!(outcome(&inside, request("OPTIONS", "/")).await, granted(204));
    assert_eq!(outcome(&inside, request("GET", "/")).await, granted(401));
    let outside = routes().layer(ServiceBuilder::new().layer(from_fn(authenticate)).layer(cors()));
    assert_eq!(outcome(&outside, request("OPTIONS", "/")).await, (401, None));
}

#[tokio::test]
async fn middleware_outside_sees_preflights() {
    async fn mark(request: Request, next: Next) -> Response {
        let mut response = next.run(request).await;
        response.headers_mut().insert("x-seen", HeaderValue::from_static("yes"));
        response
    }
    let app = |layers: Router| layers;
    let outside = app(Router::new().route("/", get(hello)).layer(cors()).layer(from_fn(mark)));
    let inside = app(Router::new().route("/", get(hello)).layer(from_fn(mark)).layer(cors()));
    assert!(send(&outside, request("OPTIONS", "/")).await.headers().contains_key("x-seen"));
    assert!(!send(&inside, request("OPTIONS", "/")).await.headers().contains_key("x-seen"));
}

#[tokio::test]
async fn timeout_inside_is_readable() {
    let never = || get(std::future::pending::<&'static str>);
    let timeout = || TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_millis(10));
    let inside = Router::new().route("/", never()).layer(timeout()).layer(cors());
    assert_eq!(outcome(&inside, request("GET", "/")).await, granted(408));
    let outside = Router::new().route("/", never()).layer(cors()).layer(timeout());
    assert_eq!(outcome(&outside, request("GET", "/")).await, (408, None));
}

#[tokio::test]
async fn compression_is_on_either_side() {
    let large = || get(|| async { "hello ".repeat(1000) });
    let compression = CompressionLayer::new;
    let apps = [
        Router::new().route("/", large()).layer(cors()).layer(compression()),
        Router::new().route("/", large()).layer(compression()).layer(cors()),
    ];
    for app in apps {
        let mut request = request("GET", "/");
        request.headers_mut().insert("accept-encoding", HeaderValue::from_static("gzip"));
        let response = send(&app, request).await;
        assert_eq!(response.headers()["content-encoding"], "gzip");
        let vary: Vec<_> = response.headers().get_all("vary").iter().collect();
        let mut names: Vec<_> =
            vary.iter().flat_map(|line| line.to_str().expect("text").split(", ")).collect();
        names.sort_unstable();
        assert_eq!(names, ["Origin", "accept-encoding"]);
    }
}

#[tokio::test]
async fn outer_cors_layer_decides() {
    let partner = CorsLayer::new(policy(PARTNER));
    let app = Router::new().route("/", get(hello)).layer(cors()).layer(partner);
    assert_eq!(outcome(&app, request("GET", "/")).await, (200, None));
    assert_eq!(outcome(&app, request("OPTIONS", "/")).await, (403, None));
    assert_eq!(outcome(&app, from(PARTNER, "GET", "/")).await, (200, Some(PARTNER.into())));
}

#[tokio::test]
async fn layer_without_a_policy_does_nothing() {
    let none = Router::new().route("/", get(hello)).layer(CorsLayer::from_source(None::<CorsPolicy>));
    let optional = |cors| Router::new().route("/", get(hello)).layer(tower::util::option_layer(cors));
    for app in [none, optional(None::<CorsLayer>)] {
        assert_eq!(outcome(&app, request("OPTIONS", "/")).await, (405, None));
        assert!(!send(&app, request("GET", "/")).await.headers().contains_key("vary"));
    }
    assert_eq!(outcome(&optional(Some(cors())), request("OPTIONS", "/")).await, granted(204));
}

#[tokio::test]
async fn routers_have_a_layer_each() {
    let site = Router::new().route("/news", get(hello)).layer(cors());
    let api = Router::new().route("/orders", get(hello)).layer(CorsLayer::new(policy(PARTNER)));
    let store = Router::new().route("/{*key}", get(hello)).layer(cors().dialect(S3::default()));
    let merged =
        site.nest("/api", api).nest("/store", store).merge(Router::new().route("/plain", get(hello)));
    assert_eq!(outcome(&merged, request("OPTIONS", "/news")).await, granted(204));
    assert_eq!(outcome(&merged, request("GET", "/api/orders")).await, (200, None));
    assert_eq!(outcome(&merged, from(PARTNER, "OPTIONS", "/api/orders")).await, (204, Some(PARTNER.into())));
    // S3's status.
    assert_eq!(outcome(&merged, request("OPTIONS", "/store/a")).await, granted(200));
    assert_eq!(outcome(&merged, request("GET", "/plain")).await, (200, None));
    assert_eq!(outcome(&merged, request("GET", "/unknown")).await, (404, None));
}

#[tokio::test]
async fn route_layers() {
    let app = Router::new().route("/", get(hello)).route_layer(cors());
    assert_eq!(outcome(&app, request("OPTIONS", "/")).await, granted(204));
    assert_eq!(outcome(&app, request("GET", "/unknown")).await, (404, None));
    let around = Router::new().route("/", get(hello).layer(cors()));
    assert_eq!(outcome(&around, request("OPTIONS", "/")).await, granted(204));
    let of_methods = Router::new().route("/", get(hello).route_layer(cors()));
    assert_eq!(outcome(&of_methods, request("OPTIONS", "/")).await, (405, None));
    let of_handler = Router::new().route("/", get(hello.layer(cors())));
    assert_eq!(outcome(&of_handler, request("OPTIONS", "/")).await, (405, None));
}

#[tokio::test]
async fn fallback_is_covered_if_it_was_set_before() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("font.woff2"), "font").expect("a file");
    let before = Router::new().fallback_service(ServeDir::new(folder.path())).layer(cors());
    assert_eq!(outcome(&before, request("GET", "/font.woff2")).await, granted(200));
    assert_eq!(outcome(&before, request("GET", "/none")).await, granted(404));
    assert_eq!(outcome(&before, request("OPTIONS", "/font.woff2")).await, granted(204));
    let after = Router::new().layer(cors()).fallback_service(ServeDir::new(folder.path()));
    assert_eq!(outcome(&after, request("GET", "/font.woff2")).await, (200, None));
}

#[tokio::test]
async fn one_layer_with_a_source() {
    let source = ByPathPrefix::from([("/", policy(APP)), ("/api", policy(PARTNER))]);
    let app = Router::new().route("/{*path}", any(hello)).layer(CorsLayer::from_source(source));
    assert_eq!(outcome(&app, request("OPTIONS", "/news")).await, granted(204));
    assert_eq!(outcome(&app, request("GET", "/api/orders")).await, (200, None));
    assert_eq!(outcome(&app, from(PARTNER, "GET", "/api/orders")).await, (200, Some(PARTNER.into())));
}

#[tokio::test]
async fn policy_is_looked_up_by_a_layer_in_front() {
    async fn look_up(State(policy): State<CorsPolicy>, mut request: Request, next: Next) -> Response {
        tokio::task::yield_now().await;
        if request.uri().path() == "/known" {
            request.extensions_mut().insert(policy);
        }
        next.run(request).await
    }
    let app = Router::new().route("/{*path}", get(hello)).layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(policy(APP), look_up))
            .layer(CorsLayer::from_source(FromExtensions)),
    );
    assert_eq!(outcome(&app, request("OPTIONS", "/known")).await, granted(204));
    assert_eq!(outcome(&app, request("GET", "/known")).await, granted(200));
    assert_eq!(outcome(&app, request("GET", "/other")).await, (200, None));
}

#[tokio::test]
async fn stream_begins_with_the_headers_and_is_not_held() {
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel::<&'static str>();
    let receiver = std::sync::Mutex::new(Some(receiver));
    let events = move || {
        let receiver = receiver.lock().expect("a lock").take().expect("one request");
        let data =
            stream::unfold(receiver, |mut receiver| async { Some((receiver.recv().await?, receiver)) });
        let events = data.map(|data| Ok::<_, Infallible>(Event::default().data(data)));
        async { Sse::new(events) }
    };
    let events = std::sync::Arc::new(events);
    let app = Router::new().route("/", get(move || events())).layer(cors());
    let mut response = send(&app, request("GET", "/")).await;
    assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], APP);
    for data in ["one", "two"] {
        sender.send(data).expect("an open stream");
        let frame = tokio::time::timeout(Duration::from_secs(10), response.body_mut().frame()).await;
        let frame = frame.expect("an event at once").expect("an event").expect("no error");
        assert_eq!(frame.into_data().expect("data"), format!("data: {data}\n\n"));
    }
}

/// The status of a handshake over TCP.
async fn handshake(app: Router, origin: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = format!(
        "GET /ws HTTP/1.1\r\nhost: h\r\norigin: {origin}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut line = [0; 12];
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_exact(&mut line)).await;
    read.expect("within ten seconds").expect("a response");
    server.abort();
    String::from_utf8_lossy(&line).into_owned()
}

#[tokio::test]
async fn handshake_of_a_websocket_succeeds_unless_the_handler_asks() {
    async fn open(upgrade: WebSocketUpgrade) -> Response {
        upgrade.on_upgrade(|_socket| async {})
    }
    async fn guarded(
        State(policy): State<CorsPolicy>,
        method: Method,
        headers: HeaderMap,
        upgrade: WebSocketUpgrade,
    ) -> Response {
        let asked = CorsRequest::from_parts(&method, &headers);
        if asked.is_some_and(|asked| !policy.decide(&asked).is_granted()) {
            return StatusCode::FORBIDDEN.into_response();
        }
        upgrade.on_upgrade(|_socket| async {})
    }
    let layered = Router::new().route("/ws", get(open)).layer(cors());
    assert_eq!(handshake(layered.clone(), APP).await, "HTTP/1.1 101");
    assert_eq!(handshake(layered, "https://evil.example").await, "HTTP/1.1 101");
    let asking = Router::new().route("/ws", get(guarded)).with_state(policy(APP));
    assert_eq!(handshake(asking.clone(), APP).await, "HTTP/1.1 101");
    assert_eq!(handshake(asking, "https://evil.example").await, "HTTP/1.1 403");
}

/// A rule of the guide, a preflight that it must grant, and the names that a script reads.
#[test]
fn recipes_grant_what_they_are_for() {
    let dev = CorsRule::new(["http://localhost:*", "http://127.0.0.1:*"], ["GET", "POST"]);
    let grpc_web = CorsRule::new([APP], ["POST"])
        .allow_headers(["content-type", "x-grpc-web", "x-user-agent", "grpc-timeout"])
        .expose_headers(["grpc-status", "grpc-message"]);
    let mcp = CorsRule::new([APP], ["GET", "POST", "DELETE"])
        .allow_headers([
            "content-type",
            "authorization",
            "mcp-session-id",
            "mcp-protocol-version",
            "last-event-id",
        ])
        .expose_headers(["mcp-session-id"]);
    let cases = [
        (&dev, "http://localhost:5173", "POST", ""),
        (&dev, "http://127.0.0.1:3000", "GET", ""),
        (&grpc_web, APP, "POST", "content-type,grpc-timeout,x-grpc-web,x-user-agent"),
        (&mcp, APP, "POST", "authorization,content-type,mcp-protocol-version"),
        (&mcp, APP, "GET", "authorization,last-event-id,mcp-protocol-version,mcp-session-id"),
        (&mcp, APP, "DELETE", "authorization,mcp-protocol-version,mcp-session-id"),
    ];
    for (rule, origin, method, names) in cases {
        let policy = CorsPolicy::try_from(rule.clone()).expect("a valid rule");
        let explanation = policy.explain(&CorsRequest::preflight(origin, method, names));
        assert!(explanation.is_granted(), "{explanation}");
    }
    let policy = CorsPolicy::try_from(dev).expect("a valid rule");
    assert!(!policy.decide(&CorsRequest::actual("http://localhost.evil.example", "GET")).is_granted());
    let list = CorsRule::from_origin_list("https://a.example, https://b.example", ["GET"]).expect("origins");
    assert_eq!(list.allowed_origins, ["https://a.example", "https://b.example"]);
}

/// Every rule of the guide is one of the rules above.
#[test]
fn recipes_are_those_of_the_guide() {
    // rustfmt breaks long lists.
    let without_space = |text: &str| text.split_whitespace().collect::<String>().replace(",]", "]");
    let guide = without_space(include_str!("../src/guide/apps.md"));
    let tests = without_space(include_str!("apps.rs"));
    let lists = guide.split("_headers([").skip(1).filter_map(|rest| rest.split("])").next());
    let missing: Vec<_> =
        lists.filter(|list| *list != r#""content-type""# && !tests.contains(list)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
