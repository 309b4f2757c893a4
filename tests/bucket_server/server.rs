//! A server on a port of its own, ended with the test, and requests to it.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::answers::{element_of, line};

pub struct Server {
    pub process: Child,
    pub address: String,
}

pub type Client = SendRequest<Full<Bytes>>;

pub async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("an end within 30 seconds")
}

/// `cargo test` builds the examples, `cargo test --test bucket_server` does not: it would test an old one.
fn binary() -> PathBuf {
    let advice = "run `cargo build --example bucket_server`, or `cargo test` without a choice of tests";
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test.parent().and_then(Path::parent).expect("target/PROFILE/deps/TEST");
    let binary = profile.join("examples").join(format!("bucket_server{}", std::env::consts::EXE_SUFFIX));
    let built = modified(&binary).unwrap_or_else(|| panic!("{binary:?} is missing: {advice}"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source =
        ["src", "examples/bucket_server"].into_iter().filter_map(|folder| newest(&root.join(folder)));
    assert!(source.max() < Some(built), "{binary:?} is older than its source: {advice}");
    binary
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = folder.read_dir().expect("a folder of the project").flatten().map(|entry| entry.path());
    entries.filter_map(|path| if path.is_dir() { newest(&path) } else { modified(&path) }).max()
}

pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.kill_on_drop(true);
    command
}

impl Server {
    pub async fn start() -> Self {
        let mut process = command(&["--listen", "127.0.0.1:0"]).spawn().expect("a process");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let line = within(lines.next_line()).await.expect("its output").expect("a line");
        let address = line.strip_prefix("listening on http://").expect(&line).to_owned();
        Server { process, address }
    }

    /// With the bucket `notes`.
    pub async fn with_bucket() -> Self {
        let server = Server::start().await;
        assert_eq!(server.put("/notes", "").await.status(), 200);
        server
    }

    pub async fn connect(&self) -> Client {
        let stream = within(TcpStream::connect(&self.address)).await.expect("a connection");
        let (client, connection) = within(http1::handshake(TokioIo::new(stream))).await.expect("HTTP/1.1");
        tokio::spawn(connection);
        client
    }

    /// One request on a connection of its own.
    pub async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.send_on(&mut self.connect().await, request).await
    }

    pub async fn send_on(&self, client: &mut Client, mut request: Request<Bytes>) -> Response<Bytes> {
        let host = self.address.parse().expect("a host");
        request.headers_mut().entry("host").or_insert(host);
        let response = within(client.send_request(request.map(Full::new))).await.expect("a response");
        let (head, body) = response.into_parts();
        let body = within(body.collect()).await.expect("a whole body").to_bytes();
        Response::from_parts(head, body)
    }

    pub async fn get(&self, target: &str) -> Response<Bytes> {
        self.send(request("GET", target, &[], "")).await
    }

    pub async fn put(&self, target: &str, body: impl Into<Bytes>) -> Response<Bytes> {
        self.send(request("PUT", target, &[], body)).await
    }

    pub async fn delete(&self, target: &str) -> Response<Bytes> {
        self.send(request("DELETE", target, &[], "")).await
    }
}

pub fn request(
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Request<Bytes> {
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let request = Request::builder().method(method).uri(target);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(body.into()).expect("a request")
}

pub fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).expect("UTF-8")
}

pub fn header(response: &Response<Bytes>, name: &str) -> String {
    line(response, name).unwrap_or_default()
}

/// The status and the code of an error, after its ids were held against those of the headers.
pub fn failure(response: &Response<Bytes>) -> (u16, String) {
    let body = text(response);
    assert_eq!(header(response, "content-type"), "application/xml", "{body}");
    assert!(body.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>"), "{body}");
    for (name, element) in [("x-amz-request-id", "RequestId"), ("x-amz-id-2", "HostId")] {
        let id = header(response, name);
        assert!(!id.is_empty(), "no {name}");
        assert_eq!(element_of(body, element), id, "{body}");
    }
    (response.status().as_u16(), element_of(body, "Code"))
}

/// An error of this status and code.
pub fn assert_fails(response: &Response<Bytes>, status: u16, code: &str) {
    assert_eq!(failure(response), (status, code.to_owned()), "{}", text(response));
}
