//! The example `two_buckets` as a process: its hosts, and the API behind its page.

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
    stranger: String,
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
            stranger: format!("stranger.localhost:{port}"),
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

    /// Returns the document of a preset.
    async fn preset(&self, id: &str) -> String {
        let (_, start) = self.call_api("GET", "/api/rules", "").await;
        let presets = start["presets"].as_array().expect("presets");
        let preset = presets.iter().find(|preset| preset["id"] == id).expect(id);
        preset["document"].as_str().expect("text").to_owned()
    }

    /// Fetches a document of the assets bucket as a page of the host does. Returns its Access-Control-Allow-Origin.
    async fn allow_origin(&self, host: &str) -> Option<String> {
        let origin = format!("http://{host}");
        let response = self.send(&self.assets, "GET", "/data.json", &[("origin", &origin)], "").await;
        assert_eq!(response.status(), 200);
        response
            .headers()
            .get("access-control-allow-origin")
            .map(|origin| origin.to_str().expect("text").to_owned())
    }
}

/// The lines and the fields of findings.
fn places(findings: &Value) -> Vec<String> {
    let findings = findings.as_array().expect("findings").iter();
    findings
        .map(|finding| format!("{} {}", finding["line"], finding["field"].as_str().unwrap_or("-")))
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
    let Example { site, assets, stranger, address, .. } = &example;
    for (host, target, status) in [
        (site, "/", 200),
        (site, "/editor.js", 200),
        (site, "/data.json", 404),
        (assets, "/data.json", 200),
        (assets, "/", 404),
        (stranger, "/", 200),
        (stranger, "/stranger.js", 200),
        (stranger, "/api/rules", 404),
        (address, "/", 421),
    ] {
        let response = example.send(host, "GET", target, &[], "").await;
        assert_eq!(response.status(), status, "{host}{target}");
    }
    let response = example.send("evil.example", "PUT", "/api/rules", &[], "").await;
    let message = format!("open http://{site}; this server has no other page\n");
    assert_eq!((response.status().as_u16(), text(&response)), (421, &*message));
}

/// Every file that a page or a script names is served.
#[tokio::test]
async fn pages_have_all_their_files() {
    let example = Example::start().await;
    for host in [&example.site, &example.stranger] {
        let mut files = vec!["/".to_owned()];
        let mut number = 0;
        while let Some(file) = files.get(number).cloned() {
            number += 1;
            let response = example.send(host, "GET", &file, &[], "").await;
            assert_eq!(response.status(), 200, "{host}{file}");
            let named =
                text(&response).split('"').filter(|name| name.ends_with(".js") || name.ends_with(".css"));
            for name in named.map(|name| format!("/{}", name.trim_start_matches("./"))) {
                if !files.contains(&name) {
                    files.push(name);
                }
            }
        }
        assert!(files.len() > 5, "{files:?}");
    }
}

#[tokio::test]
async fn page_has_the_course_of_the_documentation() {
    let example = Example::start().await;
    let response = example.send(&example.site, "GET", "/", &[], "").await;
    let page = text(&response);
    let course = include_str!("../../../src/guide/cors.md");
    let titles: Vec<&str> = course.lines().filter_map(|line| line.strip_prefix("# ")).collect();
    assert!(titles.len() > 5, "{titles:?}");
    for title in titles {
        assert!(page.contains(&format!("<h3>{title}</h3>")), "{title}");
    }
    let figures = |text: &str| text.matches("<figure>").count();
    assert!(figures(page) > 3 && figures(page) == figures(course));
}

#[test]
fn picture_of_the_readme_is_small() {
    let picture = include_bytes!("../../../docs/two_buckets.png");
    assert!(picture.len() <= 200_000, "{} bytes", picture.len());
}

#[tokio::test]
async fn lints_have_pages() {
    let example = Example::start().await;
    let response = example.send(&example.site, "GET", "/lints/O04", &[], "").await;
    assert!(
        text(&response).contains("<h1>O04: <code>*</code> right after a host</h1>"),
        "{}",
        text(&response)
    );
    assert_eq!(example.send(&example.site, "GET", "/lints/O99", &[], "").await.status(), 404);
}

/// Of a preset: the id, the status, what it sends to the site and to the stranger, and the places of the findings.
/// A right set has none.
type Expected<'a> = (&'a str, u16, Option<&'a str>, Option<&'a str>, &'a [&'a str]);

#[tokio::test]
async fn presets_do_what_their_names_say() {
    let example = Example::start().await;
    let (_, start) = example.call_api("GET", "/api/rules", "").await;
    assert_eq!(start["document"], "", "the page begins without rules");
    let (site, stranger) = (format!("http://{}", example.site), format!("http://{}", example.stranger));
    let (site, stranger) = (Some(&*site), Some(&*stranger));
    let expected: [Expected; 8] = [
        ("none", 200, None, None, &[]),
        ("read", 200, site, None, &[]),
        ("write", 200, site, None, &[]),
        ("star", 200, Some("*"), Some("*"), &[]),
        ("wildcard", 200, site, stranger, &[]),
        ("methods", 200, site, None, &["2 AllowedHeaders"]),
        ("dangerous", 200, site, None, &["4 AllowedOrigins"]),
        // The rules of the preset before it stay in force.
        ("invalid", 422, site, None, &["6 AllowedOrigins", "10 AllowedMethods", "12 ExposeHeaders"]),
    ];
    let presets = start["presets"].as_array().expect("presets");
    assert_eq!(presets.len(), expected.len());
    for (preset, (id, expected_status, to_site, to_stranger, expected_places)) in presets.iter().zip(expected)
    {
        assert_eq!(preset["id"], id);
        let document = preset["document"].as_str().expect("text");
        let (status, findings) = example.call_api("PUT", "/api/rules", document).await;
        assert_eq!(status, expected_status, "{id}: {findings}");
        assert_eq!(example.allow_origin(&example.site).await.as_deref(), to_site, "{id}");
        assert_eq!(example.allow_origin(&example.stranger).await.as_deref(), to_stranger, "{id}");
        assert_eq!(places(&findings), expected_places, "{id}");
    }
}

/// A suggestion says what to write in place of what, in the units of JavaScript's strings.
#[tokio::test]
async fn suggestion_replaces_the_value() {
    let example = Example::start().await;
    let json = "[{ \"ID\": \"\u{1f600}\", \"AllowedOrigins\": [\"http://site.localhost*\"], \"AllowedMethods\": [\"GET\"] }]";
    let xml =
        "<CORSConfiguration><CORSRule><ID>\u{e9}</ID><AllowedOrigin>http://site.localhost*</AllowedOrigin>\
               <AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";
    for document in [json, xml] {
        let (status, findings) = example.call_api("PUT", "/api/rules", document).await;
        assert_eq!((status, &findings[0]["id"]), (200, &json!("O04")), "{findings}");
        let fix = &findings[0]["fix"];
        let offset = |name: &str| fix[name].as_u64().expect("a number") as usize;
        let mut units: Vec<u16> = document.encode_utf16().collect();
        let written: Vec<u16> = fix["text"].as_str().expect("text").encode_utf16().collect();
        units.splice(offset("start")..offset("end"), written);
        let fixed = String::from_utf16(&units).expect("text");
        assert_eq!(fixed, document.replace("localhost*", "localhost:*"));
        assert_eq!(example.call_api("PUT", "/api/rules", &fixed).await, (200, json!([])));
    }
}

#[tokio::test]
async fn document_with_a_syntax_error_changes_nothing() {
    let example = Example::start().await;
    let document = example.preset("read").await;
    assert_eq!(example.call_api("PUT", "/api/rules", &document).await.0, 200);
    let (status, findings) = example.call_api("PUT", "/api/rules", "[\n{ nonsense }]").await;
    assert_eq!((status, &findings[0]["line"]), (422, &json!(2)), "{findings}");
    let (status, findings) = example.call_api("POST", "/api/rules/as/xml", "[\n{ nonsense }]").await;
    assert_eq!((status, &findings[0]["line"]), (422, &json!(2)), "{findings}");
    assert_eq!(example.call_api("GET", "/api/rules", "").await.1["document"], *document);
    assert!(example.allow_origin(&example.site).await.is_some());
}

#[tokio::test]
async fn rules_are_converted_between_xml_and_json() {
    let example = Example::start().await;
    let document = example.preset("write").await;
    let (status, xml) = example.call_api("POST", "/api/rules/as/xml", &document).await;
    assert_eq!(status, 200);
    let (status, json) = example.call_api("POST", "/api/rules/as/json", xml.as_str().expect("XML")).await;
    assert_eq!((status, &json["CORSRules"][0]["ID"]), (200, &json!("the site")), "{json}");
    assert_eq!(example.call_api("POST", "/api/rules/as/yaml", "[]").await.0, 404);
}

#[tokio::test]
async fn traffic_is_recorded_as_sent_and_received() {
    let example = Example::start().await;
    let document = example.preset("write").await;
    assert_eq!(example.call_api("PUT", "/api/rules", &document).await.0, 200);
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
