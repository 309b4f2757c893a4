//! Every message that the library can give, word for word: the cases of `messages.json`, and files that
//! cannot be loaded.

mod common;

use std::error::Error;
use std::path::{Path, PathBuf};

use serde_json::{json, Value};
use tower_s3_cors::{
    CorsConfiguration, CorsPolicy, CorsRule, InvalidConfiguration, ParseError, Problem, S3Error,
};

const MALFORMED: &str =
    "MalformedXML: The XML you provided was not well-formed or did not validate against our \
                         published schema";

fn cases() -> Vec<Value> {
    common::cases("messages.json")
}

fn is_document(case: &Value) -> bool {
    !case["input"].is_object()
}

#[test]
fn documents() {
    let cases: Vec<Value> = cases().into_iter().filter(is_document).collect();
    let mut ran = 0;
    for case in &cases {
        let format = case["format"].as_str().expect("a format");
        let Some(read) = read(format, &bytes(&case["input"])) else {
            continue;
        };
        ran += 1;
        let error = read.expect_err(case["id"].as_str().expect("an id"));
        let got = json!({"error": error.to_string(), "line": error.line(), "column": error.column()});
        assert_eq!(got, case["expect"], "{}", case["id"]);
        let place = format!("invalid CORS document: line {}, column {}: ", error.line(), error.column());
        assert_eq!(error.to_string(), place + error.message());
        assert_eq!(error.s3_error().to_string(), MALFORMED);
    }
    assert!(cases.len() > 180);
    if cfg!(all(feature = "json", feature = "xml")) {
        assert_eq!(ran, cases.len(), "a case was skipped");
    }
}

fn bytes(input: &Value) -> Vec<u8> {
    match input {
        Value::String(text) => text.clone().into_bytes(),
        bytes => serde_json::from_value(bytes.clone()).expect("bytes"),
    }
}

/// What the library says of the document; none if that needs a feature which is off.
fn read(format: &str, document: &[u8]) -> Option<Result<CorsConfiguration, ParseError>> {
    match format {
        #[cfg(feature = "json")]
        "json" => Some(CorsConfiguration::from_json(document)),
        #[cfg(feature = "xml")]
        "xml" => Some(CorsConfiguration::from_xml(document)),
        "auto" => {
            let text = std::str::from_utf8(document).expect("UTF-8");
            readable(text).then(|| text.parse())
        }
        _ => None,
    }
}

fn readable(text: &str) -> bool {
    let first = text.trim_start_matches(['\u{feff}', '\n', ' ']).chars().next();
    let (xml, json) = (first == Some('<'), matches!(first, Some('{' | '[')));
    (cfg!(feature = "xml") || !xml) && (cfg!(feature = "json") || !json)
}

#[test]
fn problems() {
    let cases: Vec<Value> = cases().into_iter().filter(|case| !is_document(case)).collect();
    assert!(cases.len() > 50);
    let mut kinds = Vec::new();
    for case in &cases {
        let policy = CorsPolicy::builder()
            .extended(case["extended"] == true)
            .credentials(case["credentials"] == true)
            .build(&configuration(&case["input"]));
        let got = policy.map_or_else(|error| told(&error), |_| json!({"ok": true}));
        assert_eq!(got, case["expect"], "{}", case["id"]);
        let problems = case["expect"]["problems"].as_array().into_iter().flatten();
        kinds.extend(problems.map(|problem| problem["kind"].as_str().expect("a kind").to_owned()));
    }
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds, KINDS.split(' ').collect::<Vec<_>>());
}

/// Every kind, so that none goes without a case.
const KINDS: &str = "DocumentTooLarge ExposeWildcard ForbiddenMethod HeaderWildcards IdTooLong NoMethod \
                     NoOrigin NoRules NotAHeaderName NotAMethod NotXml OriginWildcards OverbroadOrigin(Any) \
                     OverbroadOrigin(NoDomain) OverbroadOrigin(NotAtDot) OverbroadOrigin(Null) \
                     OverbroadOrigin(OpenEnd) OverbroadOrigin(OpenScheme) OverbroadOrigin(PublicSuffix) \
                     OverbroadOrigin(SchemeOnly) TooManyRules UnsupportedMethod WildcardMethod";

fn configuration(input: &Value) -> CorsConfiguration {
    let size = input["size"].as_u64().unwrap_or_default() as usize;
    match input["make"].as_str() {
        Some("rules") => common::rules(size),
        Some("document") => common::sized(size),
        Some("id") => {
            let rule = common::rules(1).rules.remove(0);
            CorsConfiguration { rules: vec![CorsRule { id: Some("a".repeat(size)), ..rule }] }
        }
        _ => common::configuration(input),
    }
}

fn told(error: &InvalidConfiguration) -> Value {
    let problems: Vec<Value> = error.problems().iter().map(problem).collect();
    json!({"error": error.to_string(), "s3": s3(&error.s3_error()), "problems": problems})
}

fn problem(problem: &Problem) -> Value {
    json!({
        "message": problem.to_string(),
        "path": problem.location().to_string(),
        "rule": problem.location().rule,
        "field": problem.location().field.map(|field| field.to_string()),
        "index": problem.location().index,
        "value": problem.value(),
        "kind": format!("{:?}", problem.kind()),
        "s3": s3(&problem.s3_error()),
    })
}

fn s3(error: &S3Error) -> Value {
    assert_eq!(error.to_string(), format!("{}: {}", error.code(), error.message()));
    json!({"code": error.code(), "message": error.message()})
}

#[test]
fn one_line_each() {
    for case in cases() {
        let Some(error) = case["expect"]["error"].as_str() else {
            continue;
        };
        assert!(!error.contains(['\n', '\r', '\t', '\0']), "{}", case["id"]);
        assert!(!error.ends_with('.') || error.ends_with("..."), "{}", case["id"]);
    }
}

#[cfg(not(feature = "xml"))]
#[test]
fn xml_needs_its_feature() {
    let error = "\n <CORSConfiguration/>".parse::<CorsConfiguration>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid CORS document: line 2, column 2: this is XML, which needs the feature \"xml\" of tower-s3-cors"
    );
}

#[cfg(not(feature = "json"))]
#[test]
fn json_needs_its_feature() {
    for document in ["\n {}", "\n []"] {
        let error = document.parse::<CorsConfiguration>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid CORS document: line 2, column 2: this is JSON, which needs the feature \"json\" of tower-s3-cors"
        );
    }
}

/// The words of the operating system differ, so only Linux's are repeated here.
#[test]
fn file_that_cannot_be_read() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (path, reason) in [
        (directory.join("none.xml"), "No such file or directory (os error 2)"),
        (directory.to_owned(), "Is a directory (os error 21)"),
    ] {
        let error = CorsConfiguration::from_path(&path).unwrap_err();
        let io = error.io_error().expect("the cause").to_string();
        if cfg!(target_os = "linux") {
            assert_eq!(io, reason);
        }
        assert_eq!(error.to_string(), format!("cannot read {path:?}: {io}"));
        assert_eq!(error.path(), path);
        assert_eq!(error.parse_error(), None);
        assert!(error.source().is_none(), "the message has the cause already");
    }
}

#[test]
fn file_with_a_fault() {
    for (name, content, fault) in [
        ("text", b"\n  rules".as_slice(), FIRST_CHARACTER),
        ("mark", b"\xef\xbb\xbf".as_slice(), "line 1, column 1: the document is empty"),
        ("utf-16", b"\xff\xfe[\0".as_slice(), "line 1, column 1: the document is UTF-16, save it as UTF-8"),
        ("latin-1", b"[\n\xe9".as_slice(), LATIN_1),
    ] {
        let path = file(name, content);
        let error = CorsConfiguration::from_path(&path).unwrap_err();
        assert_eq!(error.to_string(), format!("{path:?}: invalid CORS document: {fault}"));
        assert_eq!(error.path(), path);
        assert!(error.io_error().is_none());
        assert_eq!(
            error.parse_error().expect("the cause").to_string(),
            format!("invalid CORS document: {fault}")
        );
    }
}

const FIRST_CHARACTER: &str =
    "line 2, column 3: expected XML or JSON, which start with \"<\", \"{\" or \"[\", found \"r\"";
const LATIN_1: &str = "line 2, column 1: the byte 0xe9 is not UTF-8, save the document as UTF-8";

fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("messages-{name}"));
    std::fs::write(&path, content).expect("a temporary file");
    path
}
