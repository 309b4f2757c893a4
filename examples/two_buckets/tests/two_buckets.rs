//! The example `two_buckets` as a process: its two hosts, and the API behind its page.

use bytes::Bytes;
use http::Response;
use serde_json::{json, Value};
use test_support::example;
use tokio::process::Child;

use example::{command, connect, first_line, request, send_on, text, within};

const PROGRAM: &str = env!("CARGO_BIN_EXE_two_buckets");

struct Example {
    /// Killed when it is dropped.
    _process: Child,
    address: String,
    site: String,
    assets: String,
}

impl Example {
    async fn start() -> Self {
        let mut process = command(PROGRAM, &["--listen", "127.0.0.1:0"]).spawn().expect("a process");
        let line = first_line(&mut process).await;
        let port = line
            .strip_prefix("open http://site.localhost:")
            .and_then(|rest| rest.strip_suffix("; press ctrl-c to stop"));
        let port = port.unwrap_or_else(|| panic!("unexpected first line: {line}"));
        Example {
            _process: process,
            address: format!("127.0.0.1:{port}"),
            site: format!("site.localhost:{port}"),
            assets: format!("assets.localhost:{port}"),
        }
    }

    async fn send(
        &self,
        host: &str,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<Bytes> {
        let headers = [&[("host", host)], headers].concat();
        send_on(&mut connect(&self.address).await, request(method, target, &headers, body.to_owned())).await
    }

    /// Calls the API of the page. Returns the status and the body, as a string if it is not JSON.
    async fn call_api(&self, method: &str, target: &str, body: &str) -> (u16, Value) {
        let response = self.send(&self.site, method, target, &[], body).await;
        let value = serde_json::from_slice(response.body()).unwrap_or_else(|_| json!(text(&response)));
        (response.status().as_u16(), value)
    }

    /// Fetches a document of the assets bucket as the site's page does. Returns its Access-Control-Allow-Origin.
    async fn allow_origin(&self) -> Option<String> {
        let origin = format!("http://{}", self.site);
        let response = self.send(&self.assets, "GET", "/data.json", &[("origin", &origin)], "").await;
        assert_eq!(response.status(), 200);
        response
            .headers()
            .get("access-control-allow-origin")
            .map(|origin| origin.to_str().expect("text").to_owned())
    }
}

fn locations(findings: &Value) -> Vec<&str> {
    findings
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| finding["location"].as_str().unwrap_or("-"))
        .collect()
}

#[tokio::test]
async fn command_line_is_checked() {
    let example = Example::start().await;
    let taken = &*example.address;
    let in_use = "another program does; choose another port with --listen HOST:PORT";
    let usage = "usage: two_buckets [--listen HOST:PORT]";
    let refused: [(&[&str], String); 4] = [
        (&["--listen", taken], format!("cannot listen on {taken}: {in_use}")),
        (&["--listen"], format!("--listen needs a HOST:PORT\n{usage}")),
        (&["127.0.0.1:0"], format!("unknown argument \"127.0.0.1:0\"\n{usage}")),
        (&["--port", "1"], format!("unknown argument \"--port\"\n{usage}")),
    ];
    for (arguments, message) in refused {
        let output = within(command(PROGRAM, arguments).output()).await.expect("a process");
        assert_eq!(String::from_utf8_lossy(&output.stderr), message + "\n");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    }
    let output = within(command(PROGRAM, &["--help"]).output()).await.expect("a process");
    let help = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && help.starts_with(usage) && help.contains("127.0.0.1:3002"), "{help}");
}

#[tokio::test]
async fn host_selects_the_bucket() {
    let example = Example::start().await;
    let Example { site, assets, address, .. } = &example;
    for (host, target, status) in [
        (site, "/", 200),
        (site, "/editor.js", 200),
        (site, "/data.json", 404),
        (assets, "/data.json", 200),
        (assets, "/", 404),
        (address, "/", 421),
    ] {
        let response = example.send(host, "GET", target, &[], "").await;
        assert_eq!(response.status(), status, "{host}{target}");
    }
    let response = example.send("evil.example", "PUT", "/api/rules", &[], "").await;
    let message = format!("this server has two hosts: http://{site} (open this one) and http://{assets}\n");
    assert_eq!((response.status().as_u16(), text(&response)), (421, &*message));
}

#[tokio::test]
async fn presets_do_what_their_names_say() {
    let example = Example::start().await;
    let (_, start) = example.call_api("GET", "/api/rules", "").await;
    let site = format!("http://{}", example.site);
    let problems: &[_] = &[
        "CORSRules[0].AllowedOrigins[1]",
        "CORSRules[0].AllowedMethods[1]",
        "CORSRules[0].ExposeHeaders[0]",
    ];
    let expected = [
        ("One exact origin", 200, Some(&*site), None),
        ("No rules", 200, None, Some(&[][..])),
        ("Any origin", 200, Some("*"), None),
        ("A wildcard", 200, Some(&*site), None),
        ("Methods only", 200, Some(&*site), None),
        ("Dangerous", 200, Some(&*site), Some(&["CORSRules[0].AllowedOrigins[0]"][..])),
        // The rules of the preset before it stay active.
        ("Invalid", 422, Some(&*site), Some(problems)),
    ];
    let presets = start["presets"].as_array().expect("presets");
    assert_eq!(presets.len(), expected.len());
    for (preset, (name, expected_status, allow_origin, expected_locations)) in presets.iter().zip(expected) {
        assert_eq!(preset["name"], name);
        let document = preset["document"].as_str().expect("text");
        let (status, findings) = example.call_api("PUT", "/api/rules", document).await;
        assert_eq!(status, expected_status, "{name}: {findings}");
        assert_eq!(example.allow_origin().await.as_deref(), allow_origin, "{name}");
        if let Some(expected) = expected_locations {
            assert_eq!(locations(&findings), expected, "{name}");
        }
    }
}

#[tokio::test]
async fn document_with_a_syntax_error_changes_nothing() {
    let example = Example::start().await;
    let (_, start) = example.call_api("GET", "/api/rules", "").await;
    let (status, findings) = example.call_api("PUT", "/api/rules", "[\n{ nonsense }]").await;
    assert_eq!((status, &findings[0]["line"]), (422, &json!(2)), "{findings}");
    let (status, findings) = example.call_api("POST", "/api/rules/as/xml", "[\n{ nonsense }]").await;
    assert_eq!((status, &findings[0]["line"]), (422, &json!(2)), "{findings}");
    assert_eq!(example.call_api("GET", "/api/rules", "").await.1["document"], start["document"]);
    assert!(example.allow_origin().await.is_some());
}

#[tokio::test]
async fn rules_are_converted_between_xml_and_json() {
    let example = Example::start().await;
    let (_, start) = example.call_api("GET", "/api/rules", "").await;
    let (status, xml) =
        example.call_api("POST", "/api/rules/as/xml", start["document"].as_str().expect("text")).await;
    assert_eq!(status, 200);
    let (status, json) = example.call_api("POST", "/api/rules/as/json", xml.as_str().expect("XML")).await;
    assert_eq!((status, &json["CORSRules"][0]["ID"]), (200, &json!("the site")), "{json}");
    assert_eq!(example.call_api("POST", "/api/rules/as/yaml", "[]").await.0, 404);
}

#[tokio::test]
async fn traffic_is_recorded_as_sent_and_received() {
    let example = Example::start().await;
    let origin = format!("http://{}", example.site);
    let preflight = [("origin", &*origin), ("access-control-request-method", "DELETE")];
    let response = example.send(&example.assets, "OPTIONS", "/note.txt?try=delete", &preflight, "").await;
    assert_eq!(response.status(), 403);
    let (_, traffic) = example.call_api("GET", "/api/traffic", "").await;
    assert_eq!(traffic.as_array().map(Vec::len), Some(1));
    let exchange = &traffic[0];
    assert_eq!(exchange["request"]["target"], "/note.txt?try=delete");
    let sent = exchange["request"]["headers"].as_array().expect("headers");
    assert!(sent.contains(&json!(["access-control-request-method", "DELETE"])), "{exchange}");
    assert_eq!(exchange["response"]["status"], 403);
    let explanation = exchange["explanation"].as_str().expect("an explanation");
    assert!(explanation.ends_with("nearest: CORSRules[0]: add DELETE to AllowedMethods"), "{explanation}");

    for number in 0..200 {
        example.send(&example.assets, "GET", &format!("/data.json?{number}"), &[], "").await;
    }
    let (_, traffic) = example.call_api("GET", "/api/traffic", "").await;
    assert_eq!(traffic.as_array().map(Vec::len), Some(100), "older exchanges are dropped");
    assert_eq!(traffic[99]["request"]["target"], "/data.json?199");
}

#[tokio::test]
async fn note_is_written_and_deleted() {
    let example = Example::start().await;
    for (method, status) in
        [("GET", 404), ("PUT", 201), ("PUT", 204), ("GET", 200), ("DELETE", 204), ("GET", 404)]
    {
        let response = example.send(&example.assets, method, "/note.txt", &[], "hello").await;
        assert_eq!(response.status(), status, "{method}");
    }
}
