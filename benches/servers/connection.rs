//! A server and a client on the two ends of a pipe in memory. Only the server's part is counted.

use std::convert::Infallible;
use std::future::{ready, Future, Ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::routing::any;
use axum::Router;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn;
use hyper::rt::Executor;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use pin_project_lite::pin_project;
use tokio::io::DuplexStream;
use tower_layer::Layer as _;
use tower_s3_cors::CorsLayer;
use tower_service::Service;

use crate::support::contenders::{tower_http, Answer};
use crate::support::scenarios::{Body, Scenario};
use crate::Layer;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    Http1,
    Http2,
    Axum,
}

impl Server {
    pub fn as_str(self) -> &'static str {
        match self {
            Server::Http1 => "hyper, HTTP/1.1",
            Server::Http2 => "hyper, HTTP/2",
            Server::Axum => "axum route, HTTP/1.1",
        }
    }
}

/// Sends the scenario's request so many times on one connection and returns the last answer.
pub fn exchange(server: Server, scenario: &Scenario, layer: Layer, times: usize) -> Answer {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let (near, far) = tokio::io::duplex(64 * 1024);
        start(server, scenario, layer, far);
        if server == Server::Http2 {
            let (client, connection) =
                conn::http2::handshake(TokioExecutor::new(), TokioIo::new(near)).await.expect("HTTP/2");
            tokio::spawn(connection);
            return send(times, scenario, "http://assets.example.com/", |request| {
                let mut client = client.clone();
                async move { client.send_request(request).await }
            })
            .await;
        }
        let (client, connection) = conn::http1::handshake(TokioIo::new(near)).await.expect("HTTP/1.1");
        tokio::spawn(connection);
        let client = tokio::sync::Mutex::new(client);
        send(times, scenario, "/", |request| async {
            let mut client = client.lock().await;
            client.ready().await?;
            client.send_request(request).await
        })
        .await
    })
}

async fn send<F>(
    times: usize,
    scenario: &Scenario,
    target: &str,
    mut send: impl FnMut(Request<Body>) -> F,
) -> Answer
where
    F: Future<Output = hyper::Result<Response<Incoming>>>,
{
    let mut last = None;
    for _ in 0..times {
        let mut request = scenario.request();
        *request.uri_mut() = target.parse().expect("a target");
        if target != "/" {
            // HTTP/2 says it as :authority.
            request.headers_mut().remove(HOST);
        }
        let (head, body) = send(request).await.expect("a response").into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        last = Some(Response::from_parts(head, Full::new(body)));
    }
    last.expect("a request")
}

/// Serves the connection with the layer around the service.
fn start(server: Server, scenario: &Scenario, layer: Layer, stream: DuplexStream) {
    let ours = || CorsLayer::new(scenario.policy());
    match (server, layer) {
        (Server::Axum, Layer::None) => serve(server, router(), stream),
        (Server::Axum, Layer::Ours) => serve(server, router().layer(ours()), stream),
        (Server::Axum, Layer::TowerHttp) => serve(server, router().layer(tower_http(scenario)), stream),
        (_, Layer::None) => serve(server, Inner, stream),
        (_, Layer::Ours) => serve(server, ours().layer(Inner), stream),
        (_, Layer::TowerHttp) => serve(server, tower_http(scenario).layer(Inner), stream),
    }
}

fn serve<S, B>(server: Server, service: S, stream: DuplexStream)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: hyper::body::Body<Data = Bytes, Error: std::error::Error + Send + Sync> + Send + 'static,
{
    let (stream, service) = (TokioIo::new(stream), TowerToHyperService::new(service));
    // A date that changes would be counted in some runs and not in others.
    if server == Server::Http2 {
        let mut server = http2::Builder::new(Counting);
        Counting.execute(server.auto_date_header(false).serve_connection(stream, service));
    } else {
        let mut server = http1::Builder::new();
        Counting.execute(server.auto_date_header(false).serve_connection(stream, service));
    }
}

/// Runs the server's tasks on the runtime, and each of their steps where valgrind looks.
#[derive(Clone, Copy)]
struct Counting;

impl<F> Executor<F> for Counting
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, inner: F) {
        tokio::spawn(Counted { inner });
    }
}

pin_project! {
    struct Counted<F> {
        #[pin]
        inner: F,
    }
}

impl<F: Future> Future for Counted<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        poll_server(self.project().inner, context)
    }
}

/// Only what happens in here is counted.
#[inline(never)]
fn poll_server<F: Future>(future: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
    future.poll(context)
}

const TEXT: &str = "hello";

/// The service in hyper: a short text with the two headers that any has.
#[derive(Clone, Copy)]
struct Inner;

impl Service<Request<Incoming>> for Inner {
    type Response = Answer;
    type Error = Infallible;
    type Future = Ready<Result<Answer, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Incoming>) -> Self::Future {
        let mut answer = Response::new(Full::new(Bytes::from_static(TEXT.as_bytes())));
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        answer.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("5"));
        ready(Ok(answer))
    }
}

/// The same as a route.
fn router() -> Router {
    Router::new().route("/", any(|| async { TEXT }))
}
