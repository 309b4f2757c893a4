//! Two servers, one with the layer and one without, and clients that ask them in turn.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::{ready, Future, Ready};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::header::{ACCESS_CONTROL_REQUEST_METHOD, HOST, ORIGIN};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::server;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower_layer::Layer;
use tower_s3_cors::{CorsLayer, PolicyHandle};
use tower_service::Service;

use crate::changes::{policies, SHARED};
use crate::histogram::Histogram;

/// Then a client connects anew.
const ON_ONE_CONNECTION: usize = 1000;

/// Granted by all policies, by some of them, by none; and a preflight.
const REQUESTS: [(Method, &str); 5] = [
    (Method::GET, SHARED),
    (Method::GET, "https://a.example.com"),
    (Method::GET, "https://b.example.com"),
    (Method::GET, "https://evil.example"),
    (Method::OPTIONS, SHARED),
];

#[derive(Clone)]
pub struct Load {
    pub policy: PolicyHandle,
    bare: SocketAddr,
    layered: SocketAddr,
}

impl Load {
    pub async fn start() -> Self {
        let policy = PolicyHandle::new(policies()[0].clone());
        let layered = CorsLayer::from_source(policy.clone()).layer(Inner);
        Load { policy, bare: serve(Inner).await, layered: serve(layered).await }
    }
}

#[derive(Clone, Copy)]
struct Inner;

impl Service<Request<Incoming>> for Inner {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Incoming>) -> Self::Future {
        ready(Ok(Response::new(Full::from("hello"))))
    }
}

async fn serve<S>(service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

type Client = SendRequest<Empty<Bytes>>;

async fn connect(address: SocketAddr) -> Client {
    let stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    let (client, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP/1.1");
    tokio::spawn(connection);
    client
}

/// The status and the headers that are CORS's.
async fn ask(client: &mut Client, (method, origin): &(Method, &str)) -> String {
    let request =
        Request::builder().method(method).uri("/").header(HOST, "localhost").header(ORIGIN, *origin);
    let request = match *method {
        Method::OPTIONS => request.header(ACCESS_CONTROL_REQUEST_METHOD, "GET"),
        _ => request,
    };
    client.ready().await.expect("a connection");
    let response = client.send_request(request.body(Empty::new()).expect("a request")).await;
    let (head, body) = response.expect("a response").into_parts();
    body.collect().await.expect("a whole body");
    let is_ours = |name: &str| name == "vary" || name.starts_with("access-control-");
    let lines = head.headers.iter().filter(|(name, _)| is_ours(name.as_str()));
    let lines: BTreeSet<String> = lines.map(|(name, value)| format!("{name}: {value:?}")).collect();
    format!("{} {lines:?}", head.status)
}

/// What each policy answers to each request, and how often it was given.
pub struct Answers(Vec<Vec<(String, AtomicU64)>>);

impl Answers {
    pub async fn ask(load: &Load) -> Self {
        let mut client = connect(load.layered).await;
        let mut answers: Vec<Vec<(String, AtomicU64)>> = REQUESTS.iter().map(|_| Vec::new()).collect();
        for policy in policies() {
            load.policy.replace(policy);
            for (request, answers) in REQUESTS.iter().zip(&mut answers) {
                answers.push((ask(&mut client, request).await, AtomicU64::new(0)));
            }
        }
        Answers(answers)
    }

    fn check(&self, number: usize, got: &str) {
        let found = self.0[number].iter().find(|(answer, _)| answer == got);
        let (_, count) =
            found.unwrap_or_else(|| panic!("no policy answers {:?} so: {got}", REQUESTS[number]));
        count.fetch_add(1, Relaxed);
    }

    /// To the shared origin, each policy has an answer of its own: all of them were in force under load.
    pub fn all_were_given(&self) {
        let given: Vec<u64> = self.0[0].iter().map(|(_, count)| count.load(Relaxed)).collect();
        assert!(given.iter().all(|count| *count > 0), "{given:?}");
    }
}

/// Asks both servers in turn until the end; returns how often each.
pub async fn client(
    load: Load,
    number: usize,
    answers: Arc<Answers>,
    [bare, layered]: [Arc<Histogram>; 2],
    end: Instant,
) -> u64 {
    let mut asked = 0;
    while Instant::now() < end {
        let mut clients = (connect(load.bare).await, connect(load.layered).await);
        for turn in 0..ON_ONE_CONNECTION {
            if Instant::now() > end {
                break;
            }
            let number = (turn + number) % REQUESTS.len();
            timed(&bare, ask(&mut clients.0, &REQUESTS[number])).await;
            let answer = timed(&layered, ask(&mut clients.1, &REQUESTS[number])).await;
            answers.check(number, &answer);
            asked += 1;
        }
    }
    asked
}

async fn timed<T>(histogram: &Histogram, work: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let done = work.await;
    histogram.add(start.elapsed());
    done
}
