//! Starts the program on a free port and sends requests to it. It is killed when the test ends.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Response;
use sqlx::any::install_default_drivers;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use tempfile::TempDir;
use test_support::answers::line;
use test_support::example::{command, connect, first_line, request, send_on, text, within};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr};
use tokio::time::timeout;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_tenants");
pub const APP: &str = "https://app.example.com";

pub struct Server {
    pub process: Child,
    errors: Lines<BufReader<ChildStderr>>,
    address: String,
}

impl Server {
    pub async fn start(database: &str) -> Self {
        let arguments = ["--listen", "127.0.0.1:0", "--database", database];
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

    /// Sends requests for a tenant until the server says something.
    pub async fn said_on_request(&mut self, tenant: &str) -> String {
        let start = Instant::now();
        loop {
            self.grants(tenant, APP).await;
            if let Ok(line) = timeout(Duration::from_millis(10), self.error()).await {
                return line;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "the server says nothing");
        }
    }

    /// What is left on stderr once the process has been killed.
    pub async fn errors_after_kill(mut self) -> Vec<String> {
        self.process.start_kill().expect("a running process");
        let mut lines = Vec::new();
        while let Some(line) = within(self.errors.next_line()).await.expect("its errors") {
            lines.push(line);
        }
        lines
    }

    pub async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<Bytes> {
        let host = [("host", self.address.as_str())];
        let request = request(method, target, &[&host, headers].concat(), body.to_owned());
        send_on(&mut connect(&self.address).await, request).await
    }

    /// Writes a tenant's rules. Returns the status and the body.
    pub async fn put(&self, tenant: &str, rules: &str) -> (u16, String) {
        let response = self.send("PUT", &format!("/rules/{tenant}"), &[], rules).await;
        (response.status().as_u16(), text(&response).to_owned())
    }

    /// Whether a page of this origin may send a PUT to the tenant's API.
    pub async fn grants(&self, tenant: &str, origin: &str) -> bool {
        let headers = [("origin", origin), ("access-control-request-method", "PUT")];
        let response = self.send("OPTIONS", &format!("/api/{tenant}/notes"), &headers, "").await;
        line(&response, "access-control-allow-origin").is_some_and(|allowed| allowed == origin)
    }

    /// Waits until the answer is as expected, for at most a second.
    pub async fn grants_within_a_second(&self, tenant: &str, origin: &str, expected: bool) {
        let start = Instant::now();
        while self.grants(tenant, origin).await != expected {
            let waited = start.elapsed();
            assert!(waited < Duration::from_secs(1), "{tenant}, {origin}: {expected} not within {waited:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// A rule that lets pages of this origin send GET and PUT.
pub fn rules(origin: &str) -> String {
    format!(r#"[{{ "AllowedOrigins": ["{origin}"], "AllowedMethods": ["GET", "PUT"] }}]"#)
}

/// A database in a file of its own.
pub fn sqlite() -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}/tenants.db?mode=rwc", folder.path().display());
    (folder, url)
}

/// Changes the database as another program would.
pub async fn execute(database: &str, statement: &str) {
    install_default_drivers();
    let mut connection = within(AnyConnection::connect(database)).await.expect("a connection");
    let executed = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection);
    within(executed).await.expect("a statement");
}
