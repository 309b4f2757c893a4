//! The documented forms of a layer, each served from a spawned task: the future of a connection must be `Send` for every
//! lifetime, which a closure's bound can break.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Either, Empty, Full};
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tower::ServiceBuilder;
use tower_s3_cors::dialect::Dialect;
use tower_s3_cors::observe::{Difference, Observation, Outcome};
use tower_s3_cors::source::{ByHost, ByPathPrefix};
use tower_s3_cors::{CorsLayer, CorsPolicy, CorsRule, Fetch, FromExtensions, PolicyLookup, PolicySource, S3};

type Boxed = BoxBody<Bytes, Infallible>;

fn policy() -> CorsPolicy {
    CorsRule::new(["https://app.example.com"], ["GET"]).try_into().expect("a valid rule")
}

/// Serves one connection from a spawned task and gives its other end.
fn serve<P, D, B>(layer: CorsLayer<P, D>, body: fn() -> B) -> DuplexStream
where
    P: PolicySource<Incoming> + Clone + Send + Sync + 'static,
    D: Dialect<B> + Clone + Send + Sync + 'static,
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let (client, server) = tokio::io::duplex(4096);
    let inner =
        tower::service_fn(move |_: Request<Incoming>| ready(Ok::<_, Infallible>(Response::new(body()))));
    let service = TowerToHyperService::new(ServiceBuilder::new().layer(layer).service(inner));
    tokio::spawn(async move {
        let builder = auto::Builder::new(TokioExecutor::new());
        let _closed = builder.serve_connection(TokioIo::new(server), service).await;
    });
    client
}

/// Sends a preflight and a GET for each path, and returns the values of Allow-Origin.
async fn allow_origins(mut connection: DuplexStream, paths: &[&str]) -> Vec<String> {
    let common = "host: h\r\norigin: https://app.example.com\r\n";
    for (index, path) in paths.iter().enumerate() {
        let last = if index + 1 == paths.len() { "connection: close\r\n" } else { "" };
        let preflight = "access-control-request-method: GET\r\n";
        let requests = format!(
            "OPTIONS {path} HTTP/1.1\r\n{common}{preflight}\r\nGET {path} HTTP/1.1\r\n{common}{last}\r\n"
        );
        connection.write_all(requests.as_bytes()).await.expect("requests");
    }
    let mut text = String::new();
    let end = connection.read_to_string(&mut text);
    tokio::time::timeout(Duration::from_secs(10), end).await.expect("within ten seconds").expect("text");
    let lines = text.lines().filter_map(|line| line.strip_prefix("access-control-allow-origin: "));
    lines.map(str::to_owned).collect()
}

fn full() -> Full<Bytes> {
    Full::from("inner")
}

#[tokio::test]
async fn closures_of_all_documented_results() {
    let granted = vec!["https://app.example.com".to_owned(); 2];
    let none: [&str; 0] = [];
    let buckets: Arc<HashMap<&str, Option<CorsPolicy>>> =
        Arc::new(HashMap::from([("/notes", Some(policy())), ("/bare", None)]));

    let known = Arc::clone(&buckets);
    let lookup = move |uri: &Uri, _: &HeaderMap| match known.get(uri.path()) {
        Some(policy) => policy.clone().into(),
        None => PolicyLookup::NoSuchBucket,
    };
    let layer = CorsLayer::from_source(lookup).dialect(S3::default());
    assert_eq!(allow_origins(serve(layer, full), &["/notes", "/bare", "/gone"]).await, granted);

    let known = Arc::clone(&buckets);
    let layer = CorsLayer::from_fn(move |uri, _headers| match known.get(uri.path()) {
        Some(policy) => policy.clone().into(),
        None => PolicyLookup::NotOurs,
    });
    assert_eq!(allow_origins(serve(layer, full), &["/notes", "/bare", "/gone"]).await, granted);

    let one = policy();
    let layer = CorsLayer::from_fn(move |uri, _| (uri.path() == "/notes").then(|| one.clone()));
    assert_eq!(allow_origins(serve(layer, full), &["/notes", "/bare"]).await, granted);

    let one = policy();
    let layer = CorsLayer::from_fn(move |_, _| one.clone());
    assert_eq!(allow_origins(serve(layer, full), &["/notes"]).await, granted);

    let layer = CorsLayer::from_fn(|_, _| PolicyLookup::NoSuchBucket);
    assert_eq!(allow_origins(serve(layer, full), &["/notes"]).await, none);
}

#[tokio::test]
async fn sources_that_are_no_closures() {
    let granted = vec!["https://app.example.com".to_owned(); 2];
    let named: Arc<dyn PolicySource<Incoming> + Send + Sync> = Arc::new(policy());
    assert_eq!(allow_origins(serve(CorsLayer::from_source(named), full), &["/"]).await, granted);
    let hosts = CorsLayer::from_source(ByHost::from([("h", policy())])).dialect(S3::default());
    assert_eq!(allow_origins(serve(hosts, full), &["/"]).await, granted);
    let prefixes = ByPathPrefix::from([("/a", PolicyLookup::from(policy()))]);
    let layer = CorsLayer::from_source(prefixes).or_else(PolicyLookup::NotOurs);
    assert_eq!(allow_origins(serve(layer, full), &["/a", "/b"]).await, granted);
    let layer = CorsLayer::from_source(FromExtensions).or_else(policy());
    assert_eq!(allow_origins(serve(layer, full), &["/"]).await, granted);
}

#[tokio::test]
async fn observers_and_shadow_policies() {
    let granted = vec!["https://app.example.com".to_owned(); 2];
    let count = Arc::new(AtomicUsize::new(0));
    let [observed, differing] = [Arc::clone(&count), Arc::clone(&count)];
    let layer = CorsLayer::from_source(ByHost::from([("h", Some(policy())), ("bare", None)]))
        .observe(move |observation: &Observation<'_>| {
            observed.fetch_add(usize::from(observation.outcome() == Outcome::Granted), Ordering::Relaxed);
        })
        .shadow(PolicyLookup::NotOurs, move |_: &Difference<'_>| {
            differing.fetch_add(100, Ordering::Relaxed);
        })
        .or_else(policy());
    assert_eq!(allow_origins(serve(layer, full), &["/"]).await, granted);
    assert_eq!(count.load(Ordering::Relaxed), 202);
}

#[tokio::test]
async fn bodies_made_by_a_function() {
    fn boxed() -> Boxed {
        Full::from("inner").boxed()
    }
    fn either() -> Either<Full<Bytes>, Empty<Bytes>> {
        Either::Left(full())
    }
    let granted = vec!["https://app.example.com".to_owned(); 2];
    let fetch = CorsLayer::new(policy()).dialect(Fetch.body(|| Either::Right(Empty::new())));
    assert_eq!(allow_origins(serve(fetch, either), &["/"]).await, granted);
    let s3 = CorsLayer::new(policy()).dialect(S3::default().body(|bytes| Full::new(bytes).boxed()));
    assert_eq!(allow_origins(serve(s3, boxed), &["/"]).await, granted);
}

#[tokio::test]
async fn layer_inside_of_a_handler() {
    let layer = CorsLayer::from_fn(|_, _| policy());
    let (client, server) = tokio::io::duplex(4096);
    let handler = service_fn(move |request: Request<Incoming>| {
        let inner =
            tower::service_fn(|_: Request<Incoming>| ready(Ok::<_, Infallible>(Response::new(full()))));
        tower::ServiceExt::oneshot(ServiceBuilder::new().layer(layer).service(inner), request)
    });
    tokio::spawn(async move {
        let builder = auto::Builder::new(TokioExecutor::new());
        let _closed = builder.serve_connection(TokioIo::new(server), handler).await;
    });
    assert_eq!(allow_origins(client, &["/"]).await.len(), 2);
}
