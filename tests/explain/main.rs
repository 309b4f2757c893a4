//! `explain`: word for word in `explain.json`, and in agreement with `decide` and the reference on all else.

mod agreement;
mod bounds;
mod remedies;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use serde_json::Value;
use tower_s3_cors::explain::{Explanation, HintKind};
use tower_s3_cors::{CorsPolicy, CorsRequest};

fn set(case: &Value, knob: &str) -> bool {
    case.get(knob).and_then(Value::as_bool).unwrap_or(false)
}

fn policy(case: &Value, rules: &Value) -> CorsPolicy {
    let builder = CorsPolicy::builder().credentials(set(case, "credentials")).extended(set(case, "extended"));
    builder.build(&test_support::configuration(rules)).expect("valid rules")
}

fn request(case: &Value) -> Request<Bytes> {
    let asked = &case["request"];
    test_support::request(
        asked["method"].as_str().expect("a method"),
        "/",
        test_support::headers(&asked["headers"]),
    )
}

fn explanation(case: &Value) -> Explanation {
    let request = request(case);
    let asked = match case.get("dialect").and_then(Value::as_str) {
        Some("s3") => CorsRequest::classify_s3(&request),
        _ => CorsRequest::classify(&request),
    };
    policy(case, &case["rules"]).explain(&asked.expect("an Origin"))
}

fn lines(list: &Value) -> String {
    let lines = list.as_array().expect("a list of lines").iter().map(|line| line.as_str().expect("a line"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn word_for_word() {
    let cases = test_support::cases("explain.json");
    for case in &cases {
        let got = explanation(case).to_string();
        assert_eq!(got, lines(&case["expect"]), "{}:\n{got}\n", case["id"]);
    }
    let ids: std::collections::HashSet<_> = cases.iter().map(|case| case["id"].as_str()).collect();
    assert_eq!(ids.len(), cases.len());
}

#[test]
fn the_readme_shows_what_is_printed() {
    let cases = test_support::cases("explain.json");
    let shown = cases.iter().find(|case| case["id"] == "readme").map(explanation).expect("the case");
    let readme = include_str!("../../README.md").replace("\r\n", "\n");
    assert!(readme.contains(&format!("```text\n{shown}\n```\n")), "{shown}");
}

/// Every kind of hint has a case, and its location is that of its sentence.
#[test]
fn hints_are_typed() {
    let mut kinds = Vec::new();
    for case in &test_support::cases("explain.json") {
        for hint in explanation(case).hints() {
            kinds.push(hint.kind());
            if let (Some(rule), Some(field), Some(index)) =
                (hint.location().rule, hint.location().field, hint.location().index)
            {
                let value = &case["rules"][rule][field.as_str()][index];
                let location = format!("CORSRules[{rule}].{field}[{index}] {value} ");
                assert!(hint.to_string().starts_with(&location), "{hint}");
            }
        }
    }
    for kind in [
        HintKind::WrittenOrigin,
        HintKind::Scheme,
        HintKind::Port,
        HintKind::BareDomain,
        HintKind::Www,
        HintKind::ForbiddenHeader,
        HintKind::AnyOrigin,
    ] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
}

fn preflight(origin: &[u8], method: &[u8], names: &[u8]) -> Request<Bytes> {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", names),
    ] {
        headers.insert(name, HeaderValue::from_bytes(value).expect("a header value"));
    }
    test_support::request("OPTIONS", "/", headers)
}

fn explained(policy: &CorsPolicy, request: &Request<Bytes>) -> Explanation {
    policy.explain(&CorsRequest::classify(request).expect("an Origin"))
}
