//! Every error message of the library, word for word: the cases of `messages.json`, and files that cannot be loaded.

use std::error::Error;
use std::path::{Path, PathBuf};

use serde_json::{json, Value};
use tower_s3_cors::document::Position;
use tower_s3_cors::error::{ParseFault, Problem};
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule, InvalidConfiguration, ParseError, S3Error};

const MALFORMED: &str =
    "MalformedXML: The XML you provided was not well-formed or did not validate against our \
                         published schema";

fn cases() -> Vec<Value> {
    test_support::cases("messages.json")
}

fn is_document(case: &Value) -> bool {
    !case["input"].is_object()
}

#[test]
fn parse_errors_have_the_listed_messages() {
    let cases: Vec<Value> = cases().into_iter().filter(is_document).collect();
    let mut ran = 0;
    for case in &cases {
        let format = case["format"].as_str().expect("a format");
        let Some(read) = read(format, &bytes(&case["input"])) else {
            continue;
        };
        ran += 1;
        let error = read.expect_err(case["id"].as_str().expect("an id"));
        let got: Vec<Value> = error.faults().iter().map(fault).collect();
        assert_eq!(Value::Array(got), case["expect"], "{}", case["id"]);
        assert_eq!(error.to_string(), title_and_entries("invalid CORS document", error.faults()));
        assert_eq!(format!("{error:?}"), error.to_string());
        assert_eq!(error.s3_error().to_string(), MALFORMED);
    }
    assert!(cases.len() > 180);
    if cfg!(all(feature = "json", feature = "xml")) {
        assert_eq!(ran, cases.len(), "a case was skipped");
    }
}

/// Formats a fault as `line:column: message`.
fn fault(fault: &ParseFault) -> Value {
    let Position { line, column } = fault.position();
    assert_eq!(fault.to_string(), format!("line {line}, column {column}: {}", fault.message()));
    json!(format!("{line}:{column}: {}", fault.message()))
}

/// A single entry follows the title; several follow on a line each.
fn title_and_entries(title: &str, entries: &[impl ToString]) -> String {
    match entries {
        [entry] => format!("{title}: {}", entry.to_string()),
        entries => entries.iter().fold(format!("{title}:"), |text, entry| text + "\n  " + &entry.to_string()),
    }
}

fn bytes(input: &Value) -> Vec<u8> {
    match input {
        Value::String(text) => text.clone().into_bytes(),
        bytes => serde_json::from_value(bytes.clone()).expect("bytes"),
    }
}

/// Parses the document. Returns `None` if that needs a feature that is off.
fn read(format: &str, document: &[u8]) -> Option<Result<CorsConfiguration, ParseError>> {
    match format {
        #[cfg(feature = "json")]
        "json" => Some(CorsConfiguration::from_json(document)),
        #[cfg(feature = "xml")]
        "xml" => Some(CorsConfiguration::from_xml(document)),
        "auto" => {
            let text = std::str::from_utf8(document).expect("UTF-8");
            has_feature_for(text).then(|| text.parse())
        }
        _ => None,
    }
}

fn has_feature_for(text: &str) -> bool {
    let first = text.trim_start_matches(['\u{feff}', '\n', ' ']).chars().next();
    let (xml, json) = (first == Some('<'), matches!(first, Some('{' | '[')));
    (cfg!(feature = "xml") || !xml) && (cfg!(feature = "json") || !json)
}

#[test]
fn problems_have_the_listed_messages() {
    let cases: Vec<Value> = cases().into_iter().filter(|case| !is_document(case)).collect();
    assert!(cases.len() > 50);
    let mut kinds = Vec::new();
    for case in &cases {
        let policy = CorsPolicy::builder()
            .extended(case["extended"] == true)
            .credentials(case["credentials"] == true)
            .build(&configuration(&case["input"]));
        let got = policy.map_or_else(|error| describe(&error), |_| json!({"ok": true}));
        assert_eq!(got, case["expect"], "{}", case["id"]);
        let problems = case["expect"]["problems"].as_array().into_iter().flatten();
        kinds.extend(problems.map(|problem| problem["kind"].as_str().expect("a kind").to_owned()));
    }
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds, KINDS.split(' ').collect::<Vec<_>>());
}

/// Every kind of problem, so that each has a case.
const KINDS: &str = "DocumentTooLarge ExposeWildcard ForbiddenMethod HeaderWildcards IdTooLong NoMethod \
                     NoOrigin NoRules NotAHeaderName NotAMethod NotXml OriginWildcards OverbroadOrigin(Any) \
                     OverbroadOrigin(NoDomain) OverbroadOrigin(NotAtDot) OverbroadOrigin(Null) \
                     OverbroadOrigin(OpenEnd) OverbroadOrigin(OpenScheme) OverbroadOrigin(PublicSuffix) \
                     OverbroadOrigin(SchemeOnly) SplitRule TooManyRules UnsupportedMethod WildcardMethod";

fn configuration(input: &Value) -> CorsConfiguration {
    let size = input["size"].as_u64().unwrap_or_default() as usize;
    match input["make"].as_str() {
        Some("rules") => test_support::rules(size),
        Some("document") => test_support::sized(size),
        Some("id") => {
            let rule = test_support::rules(1).rules.remove(0);
            CorsConfiguration { rules: vec![CorsRule { id: Some("a".repeat(size)), ..rule }] }
        }
        _ => test_support::configuration(input),
    }
}

fn describe(error: &InvalidConfiguration) -> Value {
    let problems: Vec<Value> = error.problems().iter().map(problem).collect();
    assert_eq!(error.to_string(), title_and_entries("invalid CORS configuration", error.problems()));
    assert_eq!(format!("{error:?}"), error.to_string());
    json!({"s3": s3(&error.s3_error()), "problems": problems})
}

fn problem(problem: &Problem) -> Value {
    assert_eq!(problem.to_string(), format!("{}: {}", problem.location(), problem.message()));
    json!({
        "message": problem.to_string(),
        "location": problem.location().to_string(),
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
fn each_message_is_one_line() {
    for case in cases() {
        let faults = case["expect"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let problems = case["expect"]["problems"].as_array().into_iter().flatten();
        for error in faults.chain(problems.filter_map(|problem| problem["message"].as_str())) {
            assert!(!error.contains(['\n', '\r', '\t', '\0']), "{}", case["id"]);
            assert!(!error.ends_with('.') || error.ends_with("..."), "{}", case["id"]);
        }
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

/// Messages of the operating system differ, so only those of Linux are compared.
#[test]
fn file_that_cannot_be_read_is_reported() {
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
        assert_eq!(error.to_string(), format!("{}: cannot read the file: {io}", path.display()));
        assert_eq!(format!("{error:?}"), error.to_string());
        assert_eq!(error.path(), Some(&*path));
        assert_eq!(error.parse_error(), None);
        assert!(error.source().is_none(), "the message already contains the cause");
    }
}

#[test]
fn fault_in_a_file_is_reported_with_path_line_and_column() {
    for (name, content, faults) in [
        (
            "text",
            "\n  rules".as_bytes(),
            &["2:3: expected XML or JSON, which begin with \"<\", \"{\" or \"[\""][..],
        ),
        ("mark", b"\xef\xbb\xbf", &["1:1: the document is empty"]),
        ("utf-16", b"\xff\xfe[\0", &["1:1: the document is UTF-16, save it as UTF-8"]),
        ("latin-1", b"[\n\xe9", &["2:1: the byte 0xe9 is not UTF-8, save the document as UTF-8"]),
    ] {
        let path = file(name, content);
        let error = CorsConfiguration::from_path(&path).unwrap_err();
        let lines: Vec<String> = faults.iter().map(|fault| format!("{}:{fault}", path.display())).collect();
        assert_eq!(error.to_string(), lines.join("\n"));
        assert_eq!(format!("{error:?}"), error.to_string());
        assert_eq!(error.path(), Some(&*path));
        assert!(error.io_error().is_none());
        assert_eq!(error.parse_error().expect("the cause").faults().len(), faults.len());
    }
}

#[test]
fn problem_in_a_file_is_named_with_line_and_column() {
    let path = file(
        "problem",
        b"<CORSConfiguration><CORSRule>\n<AllowedMethod>PATCH</AllowedMethod></CORSRule></CORSConfiguration>",
    );
    if cfg!(not(feature = "xml")) {
        return;
    }
    let error = CorsPolicy::from_path(&path).unwrap_err();
    assert_eq!(error.invalid_configuration().map(|error| error.problems().len()), Some(2));
    let path = path.display();
    assert_eq!(
        error.to_string(),
        format!(
            "{path}:1:30: CORSRules[0].AllowedOrigins: at least one origin is needed\n{path}:2:16: \
             CORSRules[0].AllowedMethods[0]: \"PATCH\" is not one of GET, PUT, POST, DELETE, HEAD \
             (an extended policy accepts it)"
        )
    );
}

#[test]
fn path_that_a_terminal_would_not_show_is_escaped() {
    for (path, shown) in [
        ("no\u{1b}[31m.json", "\"no\\u{1b}[31m.json\""),
        ("no\u{202e}file", "\"no\\u{202e}file\""),
        ("no\nfile", "\"no\\nfile\""),
        ("nö file", "nö file"),
    ] {
        let message = CorsConfiguration::from_path(path).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{shown}: cannot read the file: ")), "{message}");
    }
}

#[test]
fn file_of_more_than_16_mib_is_refused() {
    let path = file("large", &[b' '; 16 * 1024 * 1024 + 1]);
    let error = CorsConfiguration::from_path(&path).unwrap_err();
    let message = format!("{}: cannot read the file: it has more than 16777216 bytes", path.display());
    assert_eq!(error.to_string(), message);
}

fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("messages-{name}"));
    std::fs::write(&path, content).expect("a temporary file");
    path
}
