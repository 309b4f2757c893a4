//! Starts a server on a free port and sends requests to it. The server is killed when the test ends.

use bytes::Bytes;
use http::{Request, Response};
use tokio::process::{Child, Command};

use crate::answers::{element_of, line};
use crate::example;
pub use crate::example::{request, text, within, Client};

pub struct Server {
    pub process: Child,
    pub address: String,
}

pub fn command(arguments: &[&str]) -> Command {
    example::command(env!("CARGO_BIN_EXE_bucket_server"), arguments)
}

impl Server {
    pub async fn start() -> Self {
        let mut process = command(&["--listen", "127.0.0.1:0"]).spawn().expect("a process");
        let line = example::first_line(&mut process).await;
        let address = line.strip_prefix("listening on http://").expect(&line).to_owned();
        Server { process, address }
    }

    /// Starts a server with the bucket `notes`.
    pub async fn with_bucket() -> Self {
        let server = Server::start().await;
        assert_eq!(server.put("/notes", "").await.status(), 200);
        server
    }

    pub async fn connect(&self) -> Client {
        example::connect(&self.address).await
    }

    /// Sends one request on a new connection.
    pub async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.send_on(&mut self.connect().await, request).await
    }

    pub async fn send_on(&self, client: &mut Client, mut request: Request<Bytes>) -> Response<Bytes> {
        let host = self.address.parse().expect("a host");
        request.headers_mut().entry("host").or_insert(host);
        example::send_on(client, request).await
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

pub fn header(response: &Response<Bytes>, name: &str) -> String {
    line(response, name).unwrap_or_default()
}

/// Returns the status and the code of an error response. Checks that its body and its headers have the same ids.
pub fn error(response: &Response<Bytes>) -> (u16, String) {
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

pub fn assert_fails(response: &Response<Bytes>, status: u16, code: &str) {
    assert_eq!(error(response), (status, code.to_owned()), "{}", text(response));
}
