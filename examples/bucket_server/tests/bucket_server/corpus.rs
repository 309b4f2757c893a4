//! Runs the corpus against the server: all cases except those with a `conflict`.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use tower_s3_cors::CorsConfiguration;

use crate::answers::{differences, element_of};
use crate::server::{request, text, Server};

/// The cases of a file, each with a bucket of its own.
fn cases(file: &str) -> impl Iterator<Item = (Value, String)> {
    let cases = test_support::cases(file).into_iter().filter(|case| case.get("conflict").is_none());
    cases.enumerate().map(|(number, case)| (case, format!("/case-{number}")))
}

#[tokio::test]
async fn responses_match_the_corpus() {
    let server = Server::start().await;
    let (mut ran, mut failures) = (0, Vec::new());
    for (case, bucket) in cases("responses.json") {
        ran += 1;
        prepare(&server, &case, &bucket).await;
        let response = server.send(request_of(&case, &bucket)).await;
        let problems = differences(&case, &response, true);
        failures.extend(problems.into_iter().map(|problem| format!("{}: {problem}", case["id"])));
    }
    assert!(ran > 200, "only {ran} cases ran");
    assert!(failures.is_empty(), "{} of {ran} cases:\n{}", failures.len(), failures.join("\n"));
}

async fn prepare(server: &Server, case: &Value, bucket: &str) {
    if case["bucket_exists"] == false {
        return;
    }
    put(server, bucket, "").await;
    if case["config"] != Value::Null {
        put(server, &format!("{bucket}?cors"), &test_support::configuration(&case["config"]).to_xml()).await;
    }
    if case["object_exists"] == true {
        put(server, &format!("{bucket}/key"), "hello").await;
    }
}

async fn put(server: &Server, target: &str, body: &str) {
    let response = server.put(target, body.to_owned()).await;
    assert_eq!(response.status(), 200, "PUT {target}: {}", text(&response));
}

fn request_of(case: &Value, bucket: &str) -> Request<Bytes> {
    let sent = &case["request"];
    let path = match case["target"].as_str() {
        Some("object") => format!("{bucket}/key"),
        Some("bucket") => bucket.to_owned(),
        _ => "/".to_owned(),
    };
    let target = sent["query"].as_str().map_or(path.clone(), |query| format!("{path}?{query}"));
    let body = sent["body"].as_str().unwrap_or_default().to_owned();
    let mut request = request(sent["method"].as_str().expect("a method"), &target, &[], body);
    *request.headers_mut() = test_support::headers(&sent["headers"]);
    request
}

#[tokio::test]
async fn configurations_match_the_corpus() {
    let server = Server::start().await;
    let mut ran = 0;
    for (case, bucket) in cases("configs.json") {
        ran += 1;
        put(&server, &bucket, "").await;
        let target = format!("{bucket}?cors");
        // If a case has no XML document, the library writes one from its JSON.
        let xml = case["xml"].as_str().map(str::to_owned);
        let xml = xml.unwrap_or_else(|| test_support::configuration(&case["json"]).to_xml());
        let answer = server.put(&target, xml).await;
        check_put(&case, &answer);
        check_get(&case, &server.get(&target).await);
    }
    assert!(ran > 70, "only {ran} cases ran");
}

fn check_put(case: &Value, answer: &Response<Bytes>) {
    let (id, expect) = (&case["id"], &case["expect"]);
    if expect["ok"] == true {
        assert_eq!((answer.status().as_u16(), text(answer)), (200, ""), "{id}");
        return;
    }
    assert_eq!(u64::from(answer.status().as_u16()), expect["status"].as_u64().unwrap_or(400), "{id}");
    for element in ["Code", "Message"] {
        if let Some(expected) = expect[element].as_str() {
            assert_eq!(element_of(text(answer), element), expected, "{id}");
        }
    }
}

fn check_get(case: &Value, answer: &Response<Bytes>) {
    let (id, expect) = (&case["id"], &case["expect"]);
    if expect["ok"] == false {
        assert_eq!(answer.status(), 404, "{id}: a refused configuration was stored");
        return;
    }
    assert_eq!(answer.status(), 200, "{id}");
    let stored = CorsConfiguration::from_xml(answer.body()).expect("a configuration");
    if let Some(get) = expect.get("get") {
        assert_eq!(stored, test_support::configuration(get), "{id}");
    }
}
