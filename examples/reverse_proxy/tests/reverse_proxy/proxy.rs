//! Starts a proxy on free ports and sends requests to it. It is killed when the test ends.

use bytes::Bytes;
use http::{Request, Response};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::answers::element_of;
use crate::example;
pub use crate::example::{request, text, within};

/// No store is there: port 0 cannot be connected to.
pub const NO_STORE: &str = "127.0.0.1:0";

pub struct Proxy {
    pub process: Child,
    /// Where requests are served.
    pub public: String,
    /// Where rules are changed too.
    pub admin: String,
}

pub fn command(arguments: &[&str]) -> Command {
    example::command(env!("CARGO_BIN_EXE_reverse_proxy"), arguments)
}

pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

pub fn path(folder: &TempDir) -> &str {
    folder.path().to_str().expect("a path in UTF-8")
}

/// The document of one rule that grants everything to one origin.
pub fn document(origin: &str) -> String {
    let methods = ["GET", "PUT", "POST", "DELETE", "HEAD"];
    let methods = methods.map(|method| format!("<AllowedMethod>{method}</AllowedMethod>")).concat();
    format!(
        "<CORSConfiguration><CORSRule><AllowedOrigin>{origin}</AllowedOrigin>{methods}\
         <AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>"
    )
}

impl Proxy {
    pub async fn start(store: &str, folder: &TempDir) -> Self {
        Self::start_with(store, folder, &[]).await
    }

    pub async fn start_with(store: &str, folder: &TempDir, more: &[&str]) -> Self {
        let store = format!("http://{store}");
        let listen = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
        let arguments = [&["--store", &store, "--rules", path(folder)], &listen[..], more].concat();
        let mut process = command(&arguments).spawn().expect("a process");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let mut addresses = Vec::new();
        for start in ["listening on http://", "rules are changed at http://"] {
            let line = within(lines.next_line()).await.expect("its output").expect("a line");
            addresses.push(line.strip_prefix(start).expect(&line).to_owned());
        }
        let [public, admin] = addresses.try_into().expect("two addresses");
        Proxy { process, public, admin }
    }

    /// Sends a request on a new connection to one of the two addresses.
    pub async fn send_to(&self, address: &str, mut request: Request<Bytes>) -> Response<Bytes> {
        request.headers_mut().entry("host").or_insert(address.parse().expect("a host"));
        example::send_on(&mut example::connect(address).await, request).await
    }

    pub async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
        self.send_to(&self.public, request(method, target, headers, "")).await
    }

    pub async fn administer(&self, method: &str, target: &str, body: impl Into<Bytes>) -> Response<Bytes> {
        self.send_to(&self.admin, request(method, target, &[], body)).await
    }

    pub async fn put_rules(&self, bucket: &str, document: String) {
        let put = self.administer("PUT", &format!("/{bucket}?cors"), document).await;
        assert_eq!(put.status(), 200, "{}", text(&put));
    }

    pub async fn preflight(&self, target: &str, origin: &str) -> Response<Bytes> {
        let headers = [("origin", origin), ("access-control-request-method", "PUT")];
        self.send("OPTIONS", target, &headers).await
    }

    /// Kills the process, as a crash would, and returns what it has printed to its errors.
    pub async fn kill(mut self) -> String {
        within(self.process.kill()).await.expect("its end");
        self.errors().await
    }

    pub async fn errors(&mut self) -> String {
        let mut printed = String::new();
        let mut errors = self.process.stderr.take().expect("its errors");
        within(errors.read_to_string(&mut printed)).await.expect("text");
        printed
    }
}

pub fn assert_fails(response: &Response<Bytes>, status: u16, code: &str, message: &str) {
    let body = text(response);
    let error = (response.status().as_u16(), element_of(body, "Code"), element_of(body, "Message"));
    assert_eq!(error, (status, code.to_owned(), message.to_owned()), "{body}");
    assert_eq!(response.headers()["content-type"], "application/xml");
}
