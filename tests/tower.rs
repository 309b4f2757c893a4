//! The layer in axum, at every place where a layer can be added, and together with Tower's own middleware.

use std::convert::Infallible;
use std::fmt::Debug;
use std::future::{poll_fn, ready, Future, IntoFuture, Ready};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::Router;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::buffer::Buffer;
use tower::load_shed::error::Overloaded;
use tower::load_shed::LoadShed;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt};
use tower_http::catch_panic::CatchPanicLayer;
use tower_s3_cors::{CorsConfiguration, CorsLayer, CorsPolicy, CorsRule, S3};

const APP: &str = "https://app.example.com";
const OTHER: &str = "https://other.example.net";

const GRANTED: [&str; 3] = [
    "access-control-allow-origin: https://app.example.com",
    "access-control-expose-headers: ETag",
    "vary: Origin",
];
const REFUSED: [&str; 1] = ["vary: Origin"];
const UNTOUCHED: [&str; 0] = [];
const PREFLIGHT_GRANTED: [&str; 5] = [
    "access-control-allow-headers: x-trace",
    "access-control-allow-methods: GET, PUT",
    "access-control-allow-origin: https://app.example.com",
    "access-control-max-age: 600",
    "vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
];
const PREFLIGHT_REFUSED: [&str; 1] =
    ["vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"];
const S3_GRANTED: [&str; 6] = [
    "access-control-allow-credentials: true",
    "access-control-allow-methods: GET, PUT",
    "access-control-allow-origin: https://app.example.com",
    "access-control-expose-headers: ETag",
    "access-control-max-age: 600",
    "vary: Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
];
const S3_PREFLIGHT_GRANTED: [&str; 7] = [
    "access-control-allow-credentials: true",
    "access-control-allow-headers: x-trace",
    "access-control-allow-methods: GET, PUT",
    "access-control-allow-origin: https://app.example.com",
    "access-control-expose-headers: ETag",
    "access-control-max-age: 600",
    "vary: Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
];

fn policy() -> CorsPolicy {
    let rule = CorsRule {
        allowed_origins: vec![APP.into()],
        allowed_methods: vec!["GET".into(), "PUT".into()],
        allowed_headers: vec!["x-trace".into()],
        expose_headers: vec!["ETag".into()],
        max_age_seconds: Some(600),
        ..CorsRule::default()
    };
    CorsPolicy::new(&CorsConfiguration { rules: vec![rule] }).expect("a valid configuration")
}

fn cors() -> CorsLayer {
    CorsLayer::new(policy())
}

fn s3() -> CorsLayer<CorsPolicy, S3> {
    cors().dialect(S3::default())
}

fn actual(method: &str, path: &str, origin: &str) -> Request {
    let request = Request::builder().method(method).uri(path).header("origin", origin);
    request.body(Body::empty()).expect("a request")
}

fn preflight(path: &str, origin: &str) -> Request {
    let mut request = actual("OPTIONS", path, origin);
    request.headers_mut().insert("access-control-request-method", "GET".parse().expect("a value"));
    request.headers_mut().insert("access-control-request-headers", "x-trace".parse().expect("a value"));
    request
}

/// Returns the CORS headers and Vary, sorted.
fn cors_headers(response: &Response) -> Vec<String> {
    let is_cors = |name: &str| name == "vary" || name.starts_with("access-control-");
    let headers = response.headers().iter().filter(|(name, _)| is_cors(name.as_str()));
    let mut lines: Vec<_> =
        headers.map(|(name, value)| format!("{name}: {}", value.to_str().expect("text"))).collect();
    lines.sort();
    lines
}

async fn body(response: Response) -> String {
    let bytes = within(response.into_body().collect()).await.expect("a body").to_bytes();
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(10), future).await.expect("the end within ten seconds")
}

async fn send<S>(service: &S, request: Request) -> Response
where
    S: Service<Request, Response = Response> + Clone,
    S::Error: Debug,
{
    within(service.clone().oneshot(request)).await.expect("a response")
}

/// Counts the calls of the inner service.
#[derive(Clone, Default)]
struct Calls(Arc<AtomicUsize>);

impl Calls {
    fn add(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

type App = BoxCloneSyncService<Request, Response, Infallible>;

async fn hello(State(calls): State<Calls>) -> &'static str {
    calls.add();
    "hello"
}

struct Failed;

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, "failed").into_response()
    }
}

async fn fails() -> Result<&'static str, Failed> {
    Err(Failed)
}

async fn panics() -> &'static str {
    panic!("on purpose")
}

fn routes(calls: &Calls) -> Router {
    let router =
        Router::new().route("/", get(hello)).route("/fails", get(fails)).route("/panics", get(panics));
    router.layer(CatchPanicLayer::new()).with_state(calls.clone())
}

/// All ways to wrap the whole router in the layer.
fn around_routers(calls: &Calls) -> [(&'static str, App); 4] {
    let routes = || routes(calls);
    [
        ("Router::layer", App::new(routes().layer(cors()))),
        (
            "Router::layer with a ServiceBuilder",
            App::new(routes().layer(ServiceBuilder::new().layer(cors()))),
        ),
        ("Layer::layer", App::new(cors().layer(routes()))),
        ("ServiceBuilder::service", App::new(ServiceBuilder::new().layer(cors()).service(routes()))),
    ]
}

fn around_method_router(calls: &Calls) -> App {
    App::new(Router::new().route("/", get(hello).layer(cors())).with_state(calls.clone()))
}

fn around_handler(calls: &Calls) -> App {
    App::new(Router::new().route("/", get(hello.layer(cors()))).with_state(calls.clone()))
}

fn all_placements(calls: &Calls) -> Vec<(&'static str, App)> {
    let mut apps = Vec::from(around_routers(calls));
    apps.push(("MethodRouter::layer", around_method_router(calls)));
    apps.push(("Handler::layer", around_handler(calls)));
    apps
}

#[tokio::test]
async fn granted_get_has_cors_headers_at_every_placement() {
    for (placement, app) in all_placements(&Calls::default()) {
        let response = send(&app, actual("GET", "/", APP)).await;
        assert_eq!(response.status(), 200, "{placement}");
        assert_eq!(cors_headers(&response), GRANTED, "{placement}");
        assert_eq!(body(response).await, "hello", "{placement}");
    }
}

#[tokio::test]
async fn refused_get_has_only_vary_at_every_placement() {
    for (placement, app) in all_placements(&Calls::default()) {
        let response = send(&app, actual("GET", "/", OTHER)).await;
        assert_eq!(response.status(), 200, "{placement}");
        assert_eq!(cors_headers(&response), REFUSED, "{placement}");
        assert_eq!(body(response).await, "hello", "{placement}");
    }
}

#[tokio::test]
async fn preflight_is_answered_before_the_handler() {
    let calls = Calls::default();
    let apps =
        around_routers(&calls).into_iter().chain([("MethodRouter::layer", around_method_router(&calls))]);
    for (placement, app) in apps {
        let granted = send(&app, preflight("/", APP)).await;
        assert_eq!(granted.status(), 204, "{placement}");
        assert_eq!(cors_headers(&granted), PREFLIGHT_GRANTED, "{placement}");
        assert_eq!(body(granted).await, "", "{placement}");

        let refused = send(&app, preflight("/", OTHER)).await;
        assert_eq!(refused.status(), 403, "{placement}");
        assert_eq!(cors_headers(&refused), PREFLIGHT_REFUSED, "{placement}");
        assert_eq!(body(refused).await, "", "{placement}");
    }
    assert_eq!(calls.count(), 0);
}

/// axum adds Allow and Content-Length to the responses of a route, but nothing to those of a layer around the
/// router.
#[tokio::test]
async fn preflight_response_has_only_the_headers_of_a_layer_around_the_router() {
    let app = cors().layer(routes(&Calls::default()));
    let granted = send(&app, preflight("/", APP)).await;
    assert_eq!(granted.headers().len(), PREFLIGHT_GRANTED.len(), "{granted:?}");
    let refused = send(&app, preflight("/", OTHER)).await;
    assert_eq!(refused.headers().len(), PREFLIGHT_REFUSED.len(), "{refused:?}");
}

/// `get` answers OPTIONS itself, so a layer on its handler never sees a preflight.
#[tokio::test]
async fn preflight_does_not_reach_a_layer_on_a_handler() {
    let response = send(&around_handler(&Calls::default()), preflight("/", APP)).await;
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "GET,HEAD");
    assert_eq!(cors_headers(&response), UNTOUCHED);
}

#[tokio::test]
async fn error_responses_have_cors_headers() {
    let errors = [
        ("GET", "/nowhere", 404, ""),
        ("PUT", "/", 405, ""),
        ("GET", "/fails", 500, "failed"),
        ("GET", "/panics", 500, "Service panicked"),
    ];
    for (placement, app) in around_routers(&Calls::default()) {
        for (method, path, status, text) in errors {
            let case = format!("{method} {path}, {placement}");
            let response = send(&app, actual(method, path, APP)).await;
            assert_eq!(response.status(), status, "{case}");
            assert_eq!(cors_headers(&response), GRANTED, "{case}");
            assert_eq!(body(response).await, text, "{case}");

            let response = send(&app, actual(method, path, OTHER)).await;
            assert_eq!(response.status(), status, "{case}");
            assert_eq!(cors_headers(&response), REFUSED, "{case}");
        }
    }
}

/// It covers the 405 of its route, but not the router's 404.
#[tokio::test]
async fn layer_on_a_method_router_covers_only_its_route() {
    let app = around_method_router(&Calls::default());
    let not_allowed = send(&app, actual("PUT", "/", APP)).await;
    assert_eq!(
        (not_allowed.status().as_u16(), cors_headers(&not_allowed)),
        (405, GRANTED.map(Into::into).into())
    );
    let not_found = send(&app, actual("GET", "/nowhere", APP)).await;
    assert_eq!((not_found.status().as_u16(), cors_headers(&not_found)), (404, Vec::new()));
}

#[tokio::test]
async fn routes_added_after_the_layer_are_not_covered() {
    let before = Router::new().route("/", get(hello)).layer(cors());
    let app = before.route("/late", get(hello)).fallback(hello).with_state(Calls::default());
    assert_eq!(cors_headers(&send(&app, actual("GET", "/", APP)).await), GRANTED);

    for path in ["/late", "/nowhere"] {
        let response = send(&app, actual("GET", path, APP)).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(cors_headers(&response), UNTOUCHED, "{path}");
    }
    let response = send(&app, preflight("/late", APP)).await;
    assert_eq!(response.status(), 405);
    assert_eq!(cors_headers(&response), UNTOUCHED);
}

#[tokio::test]
async fn router_inside_the_layer_can_be_served() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let app = cors().layer(routes(&Calls::default()));
    let make_service = axum::ServiceExt::<Request>::into_make_service(app);
    let server = tokio::spawn(axum::serve(listener, make_service).into_future());

    let mut stream = within(TcpStream::connect(address)).await.expect("a connection");
    let request = format!("GET / HTTP/1.1\r\nhost: x\r\norigin: {APP}\r\nconnection: close\r\n\r\n");
    within(stream.write_all(request.as_bytes())).await.expect("a request sent");
    let mut response = String::new();
    within(stream.read_to_string(&mut response)).await.expect("a response read");
    server.abort();

    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert!(response.contains("\r\naccess-control-allow-origin: https://app.example.com\r\n"), "{response}");
    assert!(response.contains("\r\nvary: Origin\r\n"), "{response}");
    assert!(response.ends_with("\r\n\r\nhello"), "{response}");
}

#[tokio::test]
async fn s3_dialect_works_in_axum() {
    let calls = Calls::default();
    for app in [App::new(routes(&calls).layer(s3())), App::new(s3().layer(routes(&calls)))] {
        let granted = send(&app, preflight("/", APP)).await;
        assert_eq!(granted.status(), 200);
        assert_eq!(cors_headers(&granted), S3_PREFLIGHT_GRANTED);
        assert_eq!(body(granted).await, "");
        assert_eq!(calls.count(), 0);

        for (path, status) in [("/nowhere", 404), ("/fails", 500), ("/panics", 500)] {
            let response = send(&app, actual("GET", path, APP)).await;
            assert_eq!(response.status(), status, "{path}");
            assert_eq!(cors_headers(&response), S3_GRANTED, "{path}");
        }

        let refused = send(&app, preflight("/", OTHER)).await;
        assert_eq!(refused.status(), 403);
        assert_eq!(refused.headers()["content-type"], "application/xml");
        assert_eq!(cors_headers(&refused), UNTOUCHED);
        assert!(body(refused).await.contains("<Code>AccessForbidden</Code>"));

        let without_method = send(&app, actual("OPTIONS", "/", APP)).await;
        assert_eq!(without_method.status(), 403);
        assert_eq!(calls.count(), 0);
    }
}

#[derive(Clone, Copy, Debug)]
enum Readiness {
    Ready,
    Busy,
    Broken,
}

/// The error of the inner service.
#[derive(Clone, Debug, PartialEq)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

#[derive(Clone)]
struct Inner {
    readiness: Readiness,
    calls: Calls,
}

impl Inner {
    fn new(readiness: Readiness) -> Self {
        Inner { readiness, calls: Calls::default() }
    }
}

impl Service<Request> for Inner {
    type Response = Response;
    type Error = Broken;
    type Future = Ready<Result<Response, Broken>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        match self.readiness {
            Readiness::Ready => Poll::Ready(Ok(())),
            Readiness::Busy => Poll::Pending,
            Readiness::Broken => Poll::Ready(Err(Broken)),
        }
    }

    fn call(&mut self, request: Request) -> Self::Future {
        self.calls.add();
        ready(if request.uri() == "/broken" { Err(Broken) } else { Ok(Response::default()) })
    }
}

type Boxed<E> = BoxCloneSyncService<Request, Response, E>;

/// Wraps the service in the layer, once for each dialect. Returns the status of a granted preflight too.
fn in_each_dialect<S>(inner: S) -> [(Boxed<S::Error>, u16); 2]
where
    S: Service<Request, Response = Response> + Clone + Send + Sync + 'static,
    S::Error: 'static,
    S::Future: Send + 'static,
{
    [(Boxed::new(cors().layer(inner.clone())), 204), (Boxed::new(s3().layer(inner)), 200)]
}

async fn poll_ready<S: Service<Request>>(service: &mut S) -> Poll<Result<(), S::Error>> {
    poll_fn(|context| Poll::Ready(service.poll_ready(context))).await
}

/// Calls the same service again, as a keep-alive connection does.
async fn call<S: Service<Request, Response = Response>>(
    service: &mut S,
    request: Request,
) -> Result<Response, S::Error> {
    within(async { service.ready().await?.call(request).await }).await
}

/// Sends a preflight and then its actual request.
async fn preflight_then_get<S>(service: &mut S, status: u16, calls: &Calls)
where
    S: Service<Request, Response = Response>,
    S::Error: Debug,
{
    let before = calls.count();
    let answer = call(service, preflight("/", APP)).await.expect("an answer");
    assert_eq!(answer.status(), status);
    assert_eq!(answer.headers()["access-control-allow-origin"], APP);
    assert_eq!(calls.count(), before, "the preflight reached the inner service");

    let response = call(service, actual("GET", "/", APP)).await.expect("a response");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["access-control-allow-origin"], APP);
    assert_eq!(calls.count(), before + 1);
}

#[tokio::test]
async fn preflight_keeps_the_inner_service_ready_for_the_next_request() {
    let inner = Inner::new(Readiness::Ready);
    for (mut service, status) in in_each_dialect(inner.clone()) {
        preflight_then_get(&mut service, status, &inner.calls).await;
        preflight_then_get(&mut service.clone(), status, &inner.calls).await;
        preflight_then_get(&mut service, status, &inner.calls).await;
    }
}

#[tokio::test]
async fn service_is_ready_when_the_inner_service_is() {
    for (mut service, _) in in_each_dialect(Inner::new(Readiness::Ready)) {
        assert_eq!(poll_ready(&mut service).await, Poll::Ready(Ok(())));
    }
    for (mut service, _) in in_each_dialect(Inner::new(Readiness::Busy)) {
        assert_eq!(poll_ready(&mut service).await, Poll::Pending);
    }
    for (mut service, _) in in_each_dialect(Inner::new(Readiness::Broken)) {
        assert_eq!(poll_ready(&mut service).await, Poll::Ready(Err(Broken)));
    }
}

#[tokio::test]
async fn error_type_is_that_of_the_inner_service() {
    fn has_error<E>(_: &impl Service<Request, Response = Response, Error = E>) {}
    let inner = Inner::new(Readiness::Ready);
    has_error::<Broken>(&cors().layer(inner.clone()));
    has_error::<Broken>(&s3().layer(inner.clone()));
    has_error::<Infallible>(&cors().layer(Router::new()));

    for (mut service, _) in in_each_dialect(inner) {
        assert_eq!(call(&mut service, actual("GET", "/broken", APP)).await.err(), Some(Broken));
        let answer = call(&mut service, preflight("/broken", APP)).await;
        assert!(answer.is_ok(), "the preflight reached the inner service");
    }
}

#[test]
fn services_and_layers_are_clone_send_and_sync() {
    fn is_clone_send_and_sync<T: Clone + Send + Sync + 'static>(_: &T) {}
    let inner = Inner::new(Readiness::Ready);
    is_clone_send_and_sync(&cors());
    is_clone_send_and_sync(&s3());
    is_clone_send_and_sync(&cors().layer(inner.clone()));
    is_clone_send_and_sync(&s3().layer(inner));
    is_clone_send_and_sync(&cors().layer(Router::<()>::new()));
}

/// Those who wrap the layer derive it for types that hold the service and its future.
#[test]
fn services_layers_and_futures_are_debug() {
    fn debug(value: impl Debug) -> String {
        format!("{value:?}")
    }
    let inner = tower::service_fn(|_: Request| ready(Ok::<_, Infallible>(Response::new(Body::empty()))));
    let mut service = cors().layer(inner);
    assert!(debug(cors()).starts_with("CorsLayer { source: CorsPolicy {"));
    assert!(debug(&service).starts_with("Cors { inner: "));
    let answered = service.call(preflight("/", APP));
    assert_eq!(debug(answered), "ResponseFuture { answered: true, .. }");
    let forwarded = service.call(actual("GET", "/", APP));
    assert_eq!(debug(forwarded), "ResponseFuture { answered: false, .. }");
}

#[tokio::test]
async fn layer_works_around_a_buffer() {
    let inner = Inner::new(Readiness::Ready);
    for (mut service, status) in in_each_dialect(Buffer::new(inner.clone(), 1)) {
        preflight_then_get(&mut service, status, &inner.calls).await;
        preflight_then_get(&mut service, status, &inner.calls).await;
    }
}

/// A preflight does not use the slot that `poll_ready` reserved, so the service keeps it for the next call. A clone
/// that waits for the slot gets it when the service is dropped.
#[tokio::test]
async fn reserved_slot_of_a_buffer_is_kept_until_the_next_call_or_drop() {
    let inner = Inner::new(Readiness::Ready);
    for (mut service, status) in in_each_dialect(Buffer::new(inner.clone(), 1)) {
        let mut other = service.clone();
        call(&mut service, preflight("/", APP)).await.expect("an answer");
        assert!(poll_ready(&mut other).await.is_pending());
        drop(service);
        preflight_then_get(&mut other, status, &inner.calls).await;
    }
}

#[tokio::test]
async fn layer_works_inside_a_buffer() {
    let inner = Inner::new(Readiness::Ready);
    for (service, status) in in_each_dialect(inner.clone()) {
        let mut service = Buffer::new(service, 1);
        preflight_then_get(&mut service, status, &inner.calls).await;
        preflight_then_get(&mut service.clone(), status, &inner.calls).await;
    }
}

fn is_overloaded(outcome: Result<Response, BoxError>) -> bool {
    outcome.is_err_and(|error| error.is::<Overloaded>())
}

#[tokio::test]
async fn preflight_is_answered_although_the_inner_load_shed_is_overloaded() {
    let inner = Inner::new(Readiness::Ready);
    for (mut service, status) in in_each_dialect(LoadShed::new(inner.clone())) {
        preflight_then_get(&mut service, status, &inner.calls).await;
    }
    for (mut service, status) in in_each_dialect(LoadShed::new(Inner::new(Readiness::Busy))) {
        let answer = call(&mut service, preflight("/", APP)).await.expect("an answer");
        assert_eq!(answer.status(), status);
        assert!(is_overloaded(call(&mut service, actual("GET", "/", APP)).await));
    }
}

/// The service is not ready while its inner service is not, so `LoadShed` around it rejects preflights too.
#[tokio::test]
async fn preflight_is_shed_by_load_shed_around_the_layer() {
    let inner = Inner::new(Readiness::Ready);
    for (service, status) in in_each_dialect(inner.clone()) {
        preflight_then_get(&mut LoadShed::new(service), status, &inner.calls).await;
    }
    for (service, _) in in_each_dialect(Inner::new(Readiness::Busy)) {
        let mut service = LoadShed::new(service);
        assert!(is_overloaded(call(&mut service, preflight("/", APP)).await));
        assert!(is_overloaded(call(&mut service, actual("GET", "/", APP)).await));
    }
}
