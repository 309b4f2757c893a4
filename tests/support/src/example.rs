//! Runs an example as a process and sends HTTP requests to it.

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

pub type Client = SendRequest<Full<Bytes>>;

pub async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("an end within 30 seconds")
}

/// Returns the path of an example. Fails if it is older than its source, because `cargo test --test NAME` does not
/// build examples.
fn binary(example: &str) -> PathBuf {
    let advice = format!("run `cargo build --example {example}`, or `cargo test` without `--test`");
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test.parent().and_then(Path::parent).expect("target/PROFILE/deps/TEST");
    let binary = profile.join("examples").join(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    let built = modified(&binary).unwrap_or_else(|| panic!("{binary:?} is missing: {advice}"));
    let newest = sources(&binary).iter().filter_map(|source| modified(source)).max();
    assert!(newest < Some(built), "{binary:?} is older than its source: {advice}");
    binary
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

/// Returns the source files of an example, which cargo lists next to the binary as `BINARY: FILE FILE ...`.
fn sources(binary: &Path) -> Vec<PathBuf> {
    let dependencies = std::fs::read_to_string(binary.with_extension("d")).expect("what it was built from");
    let (_, files) = dependencies.split_once(": ").expect("a binary and its sources");
    let files = files.trim_end().replace("\\ ", "\0");
    files.split(' ').map(|file| PathBuf::from(file.replace('\0', " "))).collect()
}

pub fn command(example: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary(example));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.kill_on_drop(true);
    command
}

/// Returns the first line that the process prints.
pub async fn first_line(process: &mut Child) -> String {
    let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
    within(lines.next_line()).await.expect("its output").expect("a line")
}

pub async fn connect(address: &str) -> Client {
    let stream = within(TcpStream::connect(address)).await.expect("a connection");
    let (client, connection) = within(http1::handshake(TokioIo::new(stream))).await.expect("HTTP/1.1");
    tokio::spawn(connection);
    client
}

pub async fn send_on(client: &mut Client, request: Request<Bytes>) -> Response<Bytes> {
    let response = within(client.send_request(request.map(Full::new))).await.expect("a response");
    let (head, body) = response.into_parts();
    let body = within(body.collect()).await.expect("a whole body").to_bytes();
    Response::from_parts(head, body)
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
