//! Runs an example as a process and sends HTTP requests to it.

use std::future::Future;
use std::process::Stdio;
use std::time::Duration;

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

/// `program` is the path that cargo gives to an example's tests: `env!("CARGO_BIN_EXE_...")`.
pub fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
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
