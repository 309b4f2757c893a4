//! Compares a response with a case of `responses.json`.

use bytes::Bytes;
use http::Response;
use serde_json::Value;

use crate::texts;

/// Returns one sentence for each difference. The error body is compared only if `with_error` is set.
pub fn differences(case: &Value, response: &Response<Bytes>, with_error: bool) -> Vec<String> {
    let expect = &case["expect"];
    let mut problems = Vec::new();
    let mut differ = |what: &str, want: String, got: String| {
        if want != got {
            problems.push(format!("{what}: expected {want}, got {got}"));
        }
    };
    if let Some(status) = expect["status"].as_u64() {
        differ("status", status.to_string(), response.status().as_u16().to_string());
    }
    for (name, value) in expect["headers"].as_object().expect("headers") {
        differ(name, format!("{:?}", value.as_str()), format!("{:?}", line(response, name).as_deref()));
    }
    for name in texts(expect.get("absent")) {
        differ(&name, "None".into(), format!("{:?}", line(response, &name)));
    }
    for (name, values) in expect.get("contains").and_then(Value::as_object).into_iter().flatten() {
        let listed = line(response, name).unwrap_or_default().to_lowercase();
        let listed: Vec<&str> = listed.split(", ").collect();
        for value in texts(Some(values)) {
            differ(name, "true".into(), listed.contains(&value.to_lowercase().as_str()).to_string());
        }
    }
    if with_error {
        let body = std::str::from_utf8(response.body()).expect("UTF-8");
        for (element, value) in expect["error"].as_object().into_iter().flatten() {
            // Null: the case does not state this element.
            if let Some(value) = value.as_str() {
                differ(element, value.to_owned(), element_of(body, element));
            }
        }
    }
    problems
}

/// Returns all lines of a header, joined, so that a repeated header differs from a single one.
pub fn line(response: &Response<Bytes>, name: &str) -> Option<String> {
    let lines: Vec<_> = response
        .headers()
        .get_all(name)
        .iter()
        .map(|line| String::from_utf8_lossy(line.as_bytes()))
        .collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

/// Returns the text of the first element with this name, or an empty text.
pub fn element_of(body: &str, name: &str) -> String {
    let (_, rest) = body.split_once(&format!("<{name}>")).unwrap_or_default();
    let (text, _) = rest.split_once(&format!("</{name}>")).unwrap_or_default();
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}
