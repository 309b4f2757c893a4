//! The example `two_buckets` as a process: what its page asks of it, and what it keeps.

#[path = "common/example.rs"]
mod example;

use bytes::Bytes;
use http::Response;
use serde_json::{json, Value};
use tokio::process::Child;

use example::{command, connect, first_line, request, send_on, text};

struct Demonstration {
    /// Ended when it is dropped.
    _process: Child,
    address: String,
    site: String,
    assets: String,
}

impl Demonstration {
    async fn start() -> Self {
        let mut process = command("two_buckets", &[]).spawn().expect("a process");
        let line = first_line(&mut process).await;
        let port = line
            .strip_prefix("open http://site.localhost:")
            .and_then(|rest| rest.strip_suffix(", until ctrl-c"));
        let port = port.unwrap_or_else(|| panic!("{line}"));
        Demonstration {
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

    /// What the page asks for.
    async fn ask(&self, method: &str, target: &str, body: &str) -> (u16, Value) {
        let response = self.send(&self.site, method, target, &[], body).await;
        let value = serde_json::from_slice(response.body()).unwrap_or_else(|_| json!(text(&response)));
        (response.status().as_u16(), value)
    }

    /// Allow-Origin of a document of the other bucket, as the site's page reads it.
    async fn leave(&self) -> Option<String> {
        let origin = format!("http://{}", self.site);
        let response = self.send(&self.assets, "GET", "/data.json", &[("origin", &origin)], "").await;
        assert_eq!(response.status(), 200);
        response
            .headers()
            .get("access-control-allow-origin")
            .map(|origin| origin.to_str().expect("text").to_owned())
    }
}

fn places(findings: &Value) -> Vec<&str> {
    findings
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| finding["path"].as_str().unwrap_or("-"))
        .collect()
}

#[tokio::test]
async fn a_host_is_a_bucket() {
    let demonstration = Demonstration::start().await;
    let Demonstration { site, assets, address, .. } = &demonstration;
    for (host, target, status) in [
        (site, "/", 200),
        (site, "/editor.js", 200),
        (site, "/data.json", 404),
        (assets, "/data.json", 200),
        (assets, "/", 404),
        (address, "/", 421),
    ] {
        let response = demonstration.send(host, "GET", target, &[], "").await;
        assert_eq!(response.status(), status, "{host}{target}");
    }
    let response = demonstration.send("evil.example", "PUT", "/api/rules", &[], "").await;
    let directions = format!("here are http://{site} (open this one) and http://{assets}\n");
    assert_eq!((response.status().as_u16(), text(&response)), (421, &*directions));
}

#[tokio::test]
async fn every_set_does_what_its_button_says() {
    let demonstration = Demonstration::start().await;
    let (_, start) = demonstration.ask("GET", "/api/rules", "").await;
    let site = format!("http://{}", demonstration.site);
    let faults: &[_] = &[
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
        (
            "Dangerous",
            200,
            Some(&*site),
            Some(&["CORSRules[0].AllowedOrigins[0]", "CORSRules[0].AllowedMethods"][..]),
        ),
        // The rules before it stay.
        ("Faulty", 422, Some(&*site), Some(faults)),
    ];
    let sets = start["sets"].as_array().expect("sets");
    assert_eq!(sets.len(), expected.len());
    for (set, (name, status, leave, findings)) in sets.iter().zip(expected) {
        assert_eq!(set["name"], name);
        let (answered, found) =
            demonstration.ask("PUT", "/api/rules", set["document"].as_str().expect("text")).await;
        assert_eq!(answered, status, "{name}: {found}");
        assert_eq!(demonstration.leave().await.as_deref(), leave, "{name}");
        if let Some(findings) = findings {
            assert_eq!(places(&found), findings, "{name}");
        }
    }
}

#[tokio::test]
async fn a_document_that_cannot_be_read_changes_nothing() {
    let demonstration = Demonstration::start().await;
    let (_, start) = demonstration.ask("GET", "/api/rules", "").await;
    let (status, found) = demonstration.ask("PUT", "/api/rules", "[\n{ nonsense }]").await;
    assert_eq!((status, &found[0]["line"]), (422, &json!(2)), "{found}");
    let (status, found) = demonstration.ask("POST", "/api/rules/as/xml", "[\n{ nonsense }]").await;
    assert_eq!((status, &found[0]["line"]), (422, &json!(2)), "{found}");
    assert_eq!(demonstration.ask("GET", "/api/rules", "").await.1["document"], start["document"]);
    assert!(demonstration.leave().await.is_some());
}

#[tokio::test]
async fn rules_are_converted_both_ways() {
    let demonstration = Demonstration::start().await;
    let (_, start) = demonstration.ask("GET", "/api/rules", "").await;
    let (status, xml) =
        demonstration.ask("POST", "/api/rules/as/xml", start["document"].as_str().expect("text")).await;
    assert_eq!(status, 200);
    let (status, json) = demonstration.ask("POST", "/api/rules/as/json", xml.as_str().expect("XML")).await;
    assert_eq!((status, &json["CORSRules"][0]["ID"]), (200, &json!("the site")), "{json}");
    assert_eq!(demonstration.ask("POST", "/api/rules/as/yaml", "[]").await.0, 404);
}

#[tokio::test]
async fn exchanges_are_kept_as_they_were_on_the_wire() {
    let demonstration = Demonstration::start().await;
    let origin = format!("http://{}", demonstration.site);
    let preflight = [("origin", &*origin), ("access-control-request-method", "DELETE")];
    let response =
        demonstration.send(&demonstration.assets, "OPTIONS", "/note.txt?try=delete", &preflight, "").await;
    assert_eq!(response.status(), 403);
    let (_, exchanges) = demonstration.ask("GET", "/api/exchanges", "").await;
    assert_eq!(exchanges.as_array().map(Vec::len), Some(1));
    let exchange = &exchanges[0];
    assert_eq!(exchange["request"]["target"], "/note.txt?try=delete");
    let sent = exchange["request"]["headers"].as_array().expect("headers");
    assert!(sent.contains(&json!(["access-control-request-method", "DELETE"])), "{exchange}");
    assert_eq!(exchange["response"]["status"], 403);
    let explanation = exchange["explanation"].as_str().expect("an explanation");
    assert!(explanation.ends_with("nearest: CORSRules[0]: add DELETE to AllowedMethods"), "{explanation}");

    for number in 0..200 {
        demonstration.send(&demonstration.assets, "GET", &format!("/data.json?{number}"), &[], "").await;
    }
    let (_, exchanges) = demonstration.ask("GET", "/api/exchanges", "").await;
    assert_eq!(exchanges.as_array().map(Vec::len), Some(100), "older ones go");
    assert_eq!(exchanges[99]["request"]["target"], "/data.json?199");
}

#[tokio::test]
async fn a_note_is_written_and_deleted() {
    let demonstration = Demonstration::start().await;
    for (method, status) in
        [("GET", 404), ("PUT", 201), ("PUT", 204), ("GET", 200), ("DELETE", 204), ("GET", 404)]
    {
        let response = demonstration.send(&demonstration.assets, method, "/note.txt", &[], "hello").await;
        assert_eq!(response.status(), status, "{method}");
    }
}
