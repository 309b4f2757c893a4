//! `check --format sarif`, against the part of its schema that the log uses.

use serde_json::{json, Value};
use tower_s3_cors::lint::Lint;

use crate::{Folder, Run};

const SCHEMA: &str = include_str!("../sarif.schema.json");

fn log(run: &Run) -> Value {
    serde_json::from_str(run.out()).expect("JSON")
}

/// What is wrong with the value: a JSON pointer and a keyword for each. Knows the keywords of that schema alone.
fn faults(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let nested =
        |schema: &Value, value: &Value, name: &str| faults(root, schema, value, &format!("{at}/{name}"));
    let of_keyword = |(keyword, wanted): (&String, &Value)| match keyword.as_str() {
        "$ref" => {
            let pointer = wanted.as_str().and_then(|target| target.strip_prefix('#')).expect("a pointer");
            faults(root, root.pointer(pointer).expect("a definition"), value, at)
        }
        "items" => {
            let items = value.as_array().into_iter().flatten().enumerate();
            items.flat_map(|(index, item)| nested(wanted, item, &index.to_string())).collect()
        }
        "properties" => {
            let properties = wanted.as_object().expect("properties").iter();
            let given = properties.filter_map(|(name, schema)| Some((name, schema, value.get(name)?)));
            given.flat_map(|(name, schema, value)| nested(schema, value, name)).collect()
        }
        "anyOf" => {
            let mut choices = wanted.as_array().expect("a list").iter();
            let is_valid = choices.any(|one| faults(root, one, value, at).is_empty());
            if is_valid {
                vec![]
            } else {
                vec![format!("{at} anyOf")]
            }
        }
        keyword if is_right(keyword, wanted, schema, value) => vec![],
        keyword => vec![format!("{at} {keyword}")],
    };
    schema.as_object().expect("a schema").iter().flat_map(of_keyword).collect()
}

/// Whether the value is as one keyword wants it, what is inside of it left out.
fn is_right(keyword: &str, wanted: &Value, schema: &Value, value: &Value) -> bool {
    match keyword {
        "$schema" | "$id" | "$comment" | "title" | "definitions" => true,
        "type" => match wanted.as_str().expect("a type") {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.is_u64(),
            other => panic!("unknown type {other}"),
        },
        "enum" => wanted.as_array().expect("a list").contains(value),
        "minimum" => value.as_u64() >= wanted.as_u64(),
        "minItems" => value.as_array().map(|items| items.len() as u64) >= wanted.as_u64(),
        "uniqueItems" => {
            let items = value.as_array().expect("a list");
            wanted == false || items.iter().enumerate().all(|(at, item)| !items[..at].contains(item))
        }
        "format" => is_reference(value.as_str().expect("text"), wanted == "uri"),
        "required" => names(wanted).all(|name| value.get(name).is_some()),
        "additionalProperties" => {
            let known = schema["properties"].as_object().expect("properties");
            wanted == false
                && value.as_object().expect("an object").keys().all(|name| known.contains_key(name))
        }
        other => panic!("unknown keyword {other}"),
    }
}

fn names(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Of references only those with `https` and those that are relative are known.
fn is_reference(text: &str, has_scheme: bool) -> bool {
    let is_absolute = text.starts_with("https://");
    let absolute = if is_absolute { text.into() } else { format!("https://a.example/{text}") };
    absolute.is_ascii() && absolute.parse::<http::Uri>().is_ok() && (is_absolute || !has_scheme)
}

fn faults_of(log: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
    faults(&schema, &schema, log, "")
}

#[test]
fn log_is_valid_and_has_a_rule_for_each_result() {
    let folder = Folder::new();
    folder.write("half.json", "[{");
    folder.write("a b.yaml", "CORSRules:\n  - AllowedOrigins: [!Ref Origin]\n    AllowedMethods: [GET]\n");
    let arguments = ["check", "--all", "--format", "sarif"];
    let files = ["broken.json", "doubtful.json", "cors.json", "half.json", "none.json", "a b.yaml"];
    let run = folder.run(&[&arguments[..], &files].concat());
    let log = log(&run);
    assert_eq!(faults_of(&log), Vec::<String>::new());
    assert_eq!(run.status(), Some(2));
    let driver = &log["runs"][0]["tool"]["driver"];
    let rules: Vec<&str> =
        driver["rules"].as_array().expect("rules").iter().filter_map(|rule| rule["id"].as_str()).collect();
    assert!(Lint::catalogue().iter().all(|kind| rules.contains(&kind.id())));
    let results = log["runs"][0]["results"].as_array().expect("results");
    let ids: Vec<&str> = results.iter().filter_map(|result| result["ruleId"].as_str()).collect();
    assert_eq!(ids.len(), results.len());
    assert!(ids.iter().all(|id| rules.contains(id)), "{ids:?}");
    for id in ["O09", "invalid", "unreadable", "note", "H10"] {
        assert!(ids.contains(&id), "{id} {ids:?}");
    }
}

#[test]
fn rule_and_result_have_what_code_scanning_shows() {
    let log = log(&Folder::new().run(&["check", "--format", "sarif", "doubtful.json"]));
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    let rule = rules.iter().find(|rule| rule["id"] == "O09").expect("a rule");
    assert_eq!(
        *rule,
        json!({
            "id": "O09",
            "shortDescription": { "text": "path, trailing slash or user name in an origin" },
            "helpUri": "https://github.com/tower-s3-cors/tower-s3-cors/blob/main/docs/lints/O09.md",
            "defaultConfiguration": { "level": "error" },
        })
    );
    assert_eq!(
        log["runs"][0]["results"][0],
        json!({
            "ruleId": "O09",
            "level": "error",
            "message": { "text": "CORSRules[0].AllowedOrigins[0]: \"https://Example.com/\" never matches: an origin does not end in \"/\"; write \"https://example.com\"" },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": "doubtful.json" },
                "region": { "startLine": 1, "startColumn": 23, "endLine": 1, "endColumn": 45 },
            } }],
            "fixes": [{
                "description": { "text": "write https://example.com" },
                "artifactChanges": [{
                    "artifactLocation": { "uri": "doubtful.json" },
                    "replacements": [{
                        "deletedRegion": { "startLine": 1, "startColumn": 24, "endLine": 1, "endColumn": 44 },
                        "insertedContent": { "text": "https://example.com" },
                    }],
                }],
            }],
        })
    );
}

/// The text with each of the fixes, which are of one line each, applied once.
fn with_fixes(text: &str, results: &[Value]) -> String {
    let mut fixes: Vec<(usize, usize, usize, String)> = Vec::new();
    for fix in results.iter().filter_map(|result| result.pointer("/fixes/0/artifactChanges/0/replacements/0"))
    {
        let number = |name: &str| fix["deletedRegion"][name].as_u64().expect("a number") as usize - 1;
        assert_eq!(number("startLine"), number("endLine"));
        let inserted = fix["insertedContent"]["text"].as_str().expect("text").to_owned();
        fixes.push((number("startLine"), number("startColumn"), number("endColumn"), inserted));
    }
    fixes.sort();
    fixes.dedup();
    let mut lines: Vec<Vec<char>> = text.split('\n').map(|line| line.chars().collect()).collect();
    for (line, start, end, inserted) in fixes.into_iter().rev() {
        lines[line].splice(start..end, inserted.chars());
    }
    lines.into_iter().map(String::from_iter).collect::<Vec<_>>().join("\n")
}

/// Editors that apply the fixes of the log do what `--fix` does; a suggestion that is not certain is no fix.
#[test]
fn fixes_of_the_log_are_what_fix_writes() {
    let folder = Folder::new();
    let text = "# é\nCORSRules:\n  - AllowedOrigins:\n    - 'https://É.example/' # 界\n    - \"\\x68ttps://b.example/\"\n    - https://*example.com\n    AllowedMethods: [put, GET]\n    MaxAgeSeconds: 90000\n    AllowedHeaders: ['*']\n";
    folder.write("x.yaml", text);
    let log = log(&folder.run(&["check", "--format", "sarif", "--all", "x.yaml"]));
    assert_eq!(faults_of(&log), Vec::<String>::new());
    let results = log["runs"][0]["results"].as_array().expect("results");
    let with_fix = results.iter().filter(|result| result["fixes"].is_array());
    let ids: Vec<&str> = with_fix.filter_map(|result| result["ruleId"].as_str()).collect();
    assert_eq!(ids, ["O09", "O12", "O09", "invalid", "A01"]);
    let fixed = with_fixes(text, results);
    assert_eq!(folder.run(&["check", "--fix", "x.yaml"]).status(), Some(0));
    assert_eq!(std::fs::read_to_string(folder.path().join("x.yaml")).expect("UTF-8"), fixed);
    assert!(fixed.contains("'https://xn--9ca.example' # 界") && fixed.contains("[PUT, GET]"), "{fixed}");
}

#[test]
fn log_of_rules_without_findings_has_an_empty_list() {
    let run = Folder::new().run(&["check", "--format", "sarif", "cors.json"]);
    assert_eq!(log(&run)["runs"][0]["results"], json!([]));
    assert_eq!(run.status(), Some(0));
}

/// The check above can fail.
#[test]
fn changed_logs_are_not_valid() {
    let valid = log(&Folder::new().run(&["check", "--format", "sarif", "doubtful.json"]));
    let result = "/runs/0/results/0";
    let region = "/locations/0/physicalLocation/region/startLine";
    for (pointer, value, fault) in [
        ("/version".into(), json!("2.0.0"), "/version enum"),
        (format!("{result}/level"), json!("info"), "/runs/0/results/0/level enum"),
        (format!("{result}/message"), json!({}), "/runs/0/results/0/message anyOf"),
        (
            format!("{result}{region}"),
            json!(0),
            "/runs/0/results/0/locations/0/physicalLocation/region/startLine minimum",
        ),
        ("/runs/0/tool".into(), json!({}), "/runs/0/tool required"),
        (
            "/runs/0/tool/driver/rules/0/helpUri".into(),
            json!("a b"),
            "/runs/0/tool/driver/rules/0/helpUri format",
        ),
        (
            format!("{result}/fixes/0/artifactChanges"),
            json!([]),
            "/runs/0/results/0/fixes/0/artifactChanges minItems",
        ),
        (
            format!("{result}/fixes/0/artifactChanges/0/replacements/0"),
            json!({}),
            "/runs/0/results/0/fixes/0/artifactChanges/0/replacements/0 required",
        ),
        (
            "/runs/0/tool/driver/rules/0".into(),
            json!({ "id": "a", "b": 1 }),
            "/runs/0/tool/driver/rules/0 additionalProperties",
        ),
    ] {
        let mut changed = valid.clone();
        *changed.pointer_mut(&pointer).expect("a part") = value;
        assert_eq!(faults_of(&changed), [fault]);
    }
}
