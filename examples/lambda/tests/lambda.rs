//! The function as a process, behind the gateway of `local`, over HTTP.

use std::path::Path;

use bytes::Bytes;
use http::Response;
use test_support::answers::line;
use test_support::example::{command, connect, first_line, request, send_on, text, within};
use tokio::process::{Child, Command};

const FUNCTION: &str = env!("CARGO_BIN_EXE_lambda");
const ORIGINS: &str = "https://app.example.com, https://*.preview.example.com";
const APP: &str = "https://app.example.com";

/// `cargo test -p lambda` builds it, beside the function.
fn local(arguments: &[&str], origins: &str) -> Command {
    let program = Path::new(FUNCTION).with_file_name("examples").join("local");
    let mut local =
        command(program.to_str().expect("UTF-8"), &[&["--listen", "127.0.0.1:0"], arguments].concat());
    local.env("CORS_ORIGINS", origins);
    local
}

struct Server {
    process: Child,
    address: String,
}

impl Server {
    async fn start() -> Self {
        let mut process = local(&["--function", FUNCTION], ORIGINS).spawn().expect("a process");
        let line = first_line(&mut process).await;
        let address = line.strip_prefix("listening on http://").expect(&line).to_owned();
        Server { process, address }
    }

    async fn send(&self, method: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
        let host = [("host", self.address.as_str())];
        let request = request(method, "/notes/1?all", &[&host, headers].concat(), "");
        send_on(&mut connect(&self.address).await, request).await
    }
}

#[tokio::test]
async fn requests_are_answered_with_headers() {
    let server = Server::start().await;
    for (origin, allowed) in [
        (APP, Some(APP)),
        ("https://pr-7.preview.example.com", Some("https://pr-7.preview.example.com")),
        ("https://other.example.net", None),
    ] {
        let response = server.send("GET", &[("origin", origin)]).await;
        assert_eq!((response.status().as_u16(), text(&response)), (200, "GET /notes/1\n"), "{origin}");
        assert_eq!(line(&response, "access-control-allow-origin").as_deref(), allowed, "{origin}");
        assert_eq!(line(&response, "vary").as_deref(), Some("Origin"), "{origin}");
    }
}

#[tokio::test]
async fn preflights_are_answered_by_the_layer() {
    let server = Server::start().await;
    for (method, names, status) in
        [("PUT", "content-type", 204), ("DELETE", "content-type", 403), ("PUT", "x-other", 403)]
    {
        let headers = [
            ("origin", APP),
            ("access-control-request-method", method),
            ("access-control-request-headers", names),
        ];
        let preflight = server.send("OPTIONS", &headers).await;
        assert_eq!((preflight.status().as_u16(), text(&preflight)), (status, ""), "{method}, {names}");
        let age = line(&preflight, "access-control-max-age");
        assert_eq!(age.as_deref(), (status == 204).then_some("600"), "{method}, {names}");
    }
}

#[tokio::test]
async fn requests_at_the_same_time_get_their_own_answers() {
    let server = Server::start().await;
    let origins: Vec<_> = (0..20).map(|number| format!("https://pr-{number}.preview.example.com")).collect();
    let server = &server;
    let sent = origins.iter().map(|origin| async move {
        let response = server.send("GET", &[("origin", origin)]).await;
        assert_eq!(line(&response, "access-control-allow-origin").as_ref(), Some(origin));
    });
    within(futures_util::future::join_all(sent)).await;
}

#[tokio::test]
async fn invalid_origins_fail_the_start() {
    for (origins, expected) in [
        ("", "CORS_ORIGINS lists no origin"),
        (
            "https://*.*.example.com",
            "CORSRules[0].AllowedOrigins[0]: \"https://*.*.example.com\" has more than one",
        ),
        ("https://app.example.com/", "an origin does not end in"),
    ] {
        let output = within(local(&["--function", FUNCTION], origins).output()).await.expect("a process");
        let errors = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(!output.status.success() && errors.contains(expected), "{origins}: {errors}");
        assert!(errors.ends_with("the function ended: exit status: 1\n"), "{origins}: {errors}");
    }
}

#[tokio::test]
async fn arguments_are_checked() {
    for (arguments, expected) in [
        (&["--port", "80"][..], "unknown argument \"--port\"\n\nusage: local "),
        (&["--function"], "--function needs a value\n\nusage: local "),
        (&["--listen", "nowhere"], "cannot listen on nowhere: "),
        (&["--function", "/nowhere"], "cannot start the function: "),
    ] {
        let output = within(local(arguments, APP).output()).await.expect("a process");
        let errors = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(!output.status.success() && errors.starts_with(expected), "{arguments:?}: {errors}");
    }
    let help = within(local(&["--help"], APP).output()).await.expect("a process");
    assert!(help.status.success() && help.stdout.starts_with(b"usage: local "), "{help:?}");
}

#[tokio::test]
async fn signals_stop_the_gateway() {
    for name in ["-INT", "-TERM"] {
        let mut server = Server::start().await;
        let id = server.process.id().expect("a running process").to_string();
        let kill = within(command("kill", &[name, &id]).status()).await.expect("the command kill");
        assert!(kill.success());
        let status = within(server.process.wait()).await.expect("an end");
        assert!(status.success(), "{name}: {status}");
    }
}
