//! Starts the program on a free port and sends requests to it. It is killed when the test ends.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Response;
use test_support::answers::line;
use test_support::example::{command, connect, first_line, request, send_on, within};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr};

use crate::store::BUCKET;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_follow_bucket");
pub const KEY: &str = "/2024/cat.txt";

pub struct Server {
    pub process: Child,
    errors: Lines<BufReader<ChildStderr>>,
    address: String,
}

impl Server {
    pub async fn start(store: &str) -> Self {
        let endpoint = format!("http://{store}");
        let arguments =
            ["--endpoint", &endpoint, "--bucket", BUCKET, "--every", "0.1", "--listen", "127.0.0.1:0"];
        let mut process = command(PROGRAM, &arguments).spawn().expect("a process");
        let errors = BufReader::new(process.stderr.take().expect("its errors")).lines();
        let line = first_line(&mut process).await;
        let address = line.strip_prefix("listening on http://").expect(&line).to_owned();
        Server { process, errors, address }
    }

    /// The next line on stderr.
    pub async fn error(&mut self) -> String {
        within(self.errors.next_line()).await.expect("its errors").expect("a line")
    }

    pub async fn send(&self, method: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
        self.send_to(method, KEY, headers).await
    }

    pub async fn send_to(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
        let host = [("host", self.address.as_str())];
        let request = request(method, target, &[&host, headers].concat(), "");
        send_on(&mut connect(&self.address).await, request).await
    }

    /// Whether a page of this origin can read the object.
    pub async fn grants(&self, origin: &str) -> bool {
        let response = self.send("GET", &[("origin", origin)]).await;
        line(&response, "access-control-allow-origin").is_some_and(|allowed| allowed == origin)
    }

    /// Waits until the answer is as expected.
    pub async fn grants_soon(&self, origin: &str, expected: bool) {
        let start = Instant::now();
        while self.grants(origin).await != expected {
            assert!(start.elapsed() < Duration::from_secs(10), "{origin}: not {expected}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
