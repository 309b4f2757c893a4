//! 10,000 requests on 64 connections, with bodies up to 8 MiB: all bytes arrive, and all headers of the layer.

use std::convert::Infallible;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::example::{connect, send_on};
use crate::proxy::{document, folder, request, Proxy};

const REQUESTS: usize = 10_000;
const CONNECTIONS: usize = 64;
const MAX_BODY: usize = 8 * 1024 * 1024;
const ORIGIN: &str = "https://app.example.com";
/// What the proxy may take for all connections together. Bodies that it held back would take hundreds of MiB.
const MAX_MEMORY: usize = 192 * 1024;

/// Bytes of which each body is a part; the path says which.
#[derive(Clone)]
struct Pool(Bytes);

impl Pool {
    fn new(random: &mut Random) -> Self {
        let words = (0..MAX_BODY / 4).flat_map(|_| random.next().to_le_bytes()).collect::<Vec<u8>>();
        Pool(words.into())
    }

    /// The body of `/photos/START-END`.
    fn body(&self, path: &str) -> Bytes {
        let (start, end) = path.rsplit('/').next().and_then(|key| key.split_once('-')).expect("a key");
        self.0.slice(start.parse::<usize>().expect("a number")..end.parse().expect("a number"))
    }
}

/// Xorshift: the bodies must not repeat themselves where one could be taken for the other.
struct Random(u64);

impl Random {
    fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_nanos() as u64);
        let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(now);
        println!("SEED={seed}");
        Random(seed.max(1))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A size up to the largest. Most are small, as those of objects are: the mean is about 170 KiB.
    fn size(&mut self) -> usize {
        let fraction = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        (MAX_BODY as f64).powf(fraction.powi(3)) as usize
    }

    fn target(&mut self, size: usize) -> String {
        let start = self.next() as usize % (MAX_BODY - size + 1);
        format!("/photos/{start}-{}", start + size)
    }
}

/// Says whether a PUT has the body that its path names, and gives that body for a GET. Like many stores, it has CORS
/// headers of its own, which are wrong.
async fn store(pool: Pool, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let expected = pool.body(request.uri().path());
    let mut response = Response::new(Full::default());
    if request.method() == "PUT" {
        let arrived = request.into_body().collect().await.map(|body| body.to_bytes());
        if arrived.ok() != Some(expected) {
            *response.status_mut() = StatusCode::BAD_REQUEST;
        }
    } else {
        *response.body_mut() = Full::new(expected);
    }
    for (name, value) in [
        ("etag", "\"1\""),
        ("vary", "accept-encoding"),
        ("access-control-allow-origin", "*"),
        ("access-control-expose-headers", "x-store"),
    ] {
        response.headers_mut().insert(name, value.parse().expect("a value"));
    }
    Ok(response)
}

async fn start_store(pool: Pool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let pool = pool.clone();
            let service = service_fn(move |request| store(pool.clone(), request));
            let builder = hyper::server::conn::http1::Builder::new();
            tokio::spawn(builder.serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

/// Sends requests one after the other on one connection, and asserts all of each answer.
async fn client(address: String, pool: Pool, targets: Vec<String>) {
    let mut client = connect(&address).await;
    for (index, target) in targets.iter().enumerate() {
        let body = pool.body(target);
        // Every seventh is from an origin that no rule grants.
        let (origin, is_granted) =
            if index % 7 == 6 { ("https://other.example.com", false) } else { (ORIGIN, true) };
        let headers = [("host", address.as_str()), ("origin", origin)];
        let is_put = index % 2 == 0;
        let sent = if is_put { body.clone() } else { Bytes::new() };
        let request = request(if is_put { "PUT" } else { "GET" }, target, &headers, sent);
        let answer = send_on(&mut client, request).await;
        assert_eq!(answer.status(), 200, "{target}");
        assert!(*answer.body() == if is_put { Bytes::new() } else { body }, "{target}");
        assert_eq!(cors_headers(answer.headers()), expected_headers(is_granted), "{target}");
        assert_eq!(answer.headers()["etag"], "\"1\"");
    }
}

fn cors_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let is_cors = |name: &str| name.starts_with("access-control-") || name == "vary";
    let lines = headers.iter().filter(|(name, _)| is_cors(name.as_str()));
    let text = |value: &http::HeaderValue| value.to_str().expect("ASCII").to_owned();
    let mut lines: Vec<_> = lines.map(|(name, value)| (name.to_string(), text(value))).collect();
    lines.sort();
    lines
}

fn expected_headers(is_granted: bool) -> Vec<(String, String)> {
    let granted = [
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "GET, PUT, POST, DELETE, HEAD"),
        ("access-control-allow-origin", ORIGIN),
        ("access-control-expose-headers", "ETag"),
        ("vary", "accept-encoding, Origin, Access-Control-Request-Headers, Access-Control-Request-Method"),
    ];
    let refused = [("vary", "accept-encoding")];
    let lines = if is_granted { &granted[..] } else { &refused };
    lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_and_headers_survive_10_000_requests_on_64_connections() {
    let mut random = Random::new();
    let pool = Pool::new(&mut random);
    let folder = folder();
    let proxy = Proxy::start(&start_store(pool.clone()).await, &folder).await;
    proxy.put_rules("photos", document(ORIGIN)).await;

    let start = Instant::now();
    let mut requests: Vec<Vec<String>> = vec![Vec::new(); CONNECTIONS];
    let mut bytes = 0;
    for number in 0..REQUESTS {
        // The largest bodies go both ways on many connections at once.
        let size = if number < CONNECTIONS / 2 { MAX_BODY } else { random.size() };
        bytes += size;
        requests[number % CONNECTIONS].push(random.target(size));
    }
    let clients: Vec<_> = requests
        .into_iter()
        .map(|targets| tokio::spawn(client(proxy.public.clone(), pool.clone(), targets)))
        .collect();
    for client in clients {
        client.await.expect("a client without a difference");
    }
    println!("{REQUESTS} requests with {} MiB in {:.1} s", bytes >> 20, start.elapsed().as_secs_f32());
    if let Some(memory) = peak_memory(&proxy) {
        println!("the proxy took {memory} KiB at most");
        assert!(memory < MAX_MEMORY, "{memory} KiB");
    }
    assert_eq!(proxy.kill().await, "");
}

/// The most memory that the proxy has had, in KiB; `None` where Linux does not tell.
fn peak_memory(proxy: &Proxy) -> Option<usize> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", proxy.process.id()?)).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
