//! Starts the program on a free port and sends requests to it. It is killed when the test ends.

use bytes::Bytes;
use http::Response;
use test_support::example::{command, connect, first_line, request, send_on};
use tokio::process::Child;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_tonic_web");
pub const APP: &str = "https://app.example.com";

pub struct Server {
    pub process: Child,
    address: String,
}

impl Server {
    pub async fn start() -> Self {
        let arguments = ["--listen", "127.0.0.1:0", "--origin", APP];
        let mut process = command(PROGRAM, &arguments).spawn().expect("a process");
        let line = first_line(&mut process).await;
        let address = line.strip_prefix("listening on http://").expect(&line).to_owned();
        Server { process, address }
    }

    pub async fn send(
        &self,
        method: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Response<Bytes> {
        let host = [("host", self.address.as_str())];
        let request = request(method, "/example.Greeter/Hello", &[&host, headers].concat(), body);
        send_on(&mut connect(&self.address).await, request).await
    }
}
