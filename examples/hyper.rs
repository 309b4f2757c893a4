//! The S3 dialect on plain hyper, with HTTP/1.1 and HTTP/2 and a policy for each bucket:
//! `cargo run --example hyper [-- --listen HOST:PORT]`. Then try:
//!
//! ```sh
//! curl -i http://127.0.0.1:3001/photos/1 -H 'Origin: https://app.example.com'
//! preflight="-X OPTIONS -H Origin:https://app.example.com -H Access-Control-Request-Method:PUT"
//! curl -i http://127.0.0.1:3001/photos/1 $preflight -H 'Access-Control-Request-Headers: If-Match'
//! curl -i http://127.0.0.1:3001/photos/1 $preflight --http2-prior-knowledge
//! # A bucket without rules:
//! curl -i http://127.0.0.1:3001/drafts/1 $preflight
//! ```

mod options;

use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use options::Options;
use tower::ServiceBuilder;
use tower_s3_cors::{CorsLayer, CorsPolicy, PolicyLookup, PolicySource, ResourceType, S3};

const HELP: &str = "\
usage: hyper [--listen HOST:PORT]

The S3 dialect on plain hyper, with a policy for each bucket.

  --listen HOST:PORT  where to listen (default: 127.0.0.1:3001)
  --help              print this";

const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// Each bucket with its policy, if it has one. A real server keeps them in its metadata.
#[derive(Clone)]
struct Buckets(Arc<HashMap<&'static str, Option<CorsPolicy>>>);

impl<B> PolicySource<B> for Buckets {
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
        let (bucket, _) = bucket_and_key(request.uri().path());
        match self.0.get(bucket) {
            Some(Some(policy)) => policy.into(),
            Some(None) => PolicyLookup::NoConfiguration,
            None => PolicyLookup::NoSuchBucket,
        }
    }
}

/// Splits `/bucket/key`, S3's path style.
fn bucket_and_key(path: &str) -> (&str, &str) {
    let path = path.trim_start_matches('/');
    path.split_once('/').unwrap_or((path, ""))
}

fn resource_type(request: &Parts) -> ResourceType {
    match bucket_and_key(request.uri.path()) {
        (_, "") => ResourceType::BUCKET,
        _ => ResourceType::OBJECT,
    }
}

#[derive(Clone)]
struct RequestId(u64);

/// Numbers a request, so that the error body of a refusal has the same id as the server's log.
fn with_id(mut request: Request<Incoming>) -> Request<Incoming> {
    static REQUESTS: AtomicU64 = AtomicU64::new(1);
    request.extensions_mut().insert(RequestId(REQUESTS.fetch_add(1, Ordering::Relaxed)));
    request
}

async fn serve(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (bucket, key) = bucket_and_key(request.uri().path());
    Ok(Response::new(Full::from(format!("the object {key:?} of the bucket {bucket:?}\n"))))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse(HELP, "127.0.0.1:3001", 0);
    let policy = CorsPolicy::new(&include_str!("cors.xml").parse()?)?;
    let buckets = Buckets(Arc::new(HashMap::from([("photos", Some(policy)), ("drafts", None)])));
    let dialect = S3::default()
        .request_id(|request| request.extensions.get().map(|RequestId(id)| format!("{id:016X}")))
        .resource_type(resource_type);
    let cors = CorsLayer::from_source(buckets).dialect(dialect);
    let service = ServiceBuilder::new().map_request(with_id).layer(cors).service_fn(serve);
    let service = TowerToHyperService::new(service);

    let listener = options.bind().await;
    println!("listening on http://{}; press ctrl-c to stop", listener.local_addr()?);

    let server = auto::Builder::new(TokioExecutor::new());
    let connections = GracefulShutdown::new();
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted?.0,
            interrupted = &mut interrupt => break interrupted?,
        };
        let connection = server.serve_connection(TokioIo::new(stream), service.clone()).into_owned();
        // The task's result is ignored: it is an error whenever a client closes its connection early.
        tokio::spawn(connections.watch(connection));
    }
    drop(listener);
    Ok(tokio::time::timeout(SHUTDOWN_TIMEOUT, connections.shutdown()).await?)
}
