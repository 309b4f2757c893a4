//! What is printed, word for word: every case of `tests/corpus/cli/`.

use serde_json::Value;

use crate::{common, Folder};

/// Runs the cases of one file.
fn run(file: &str) {
    let cases = common::cases(file);
    assert!(!cases.is_empty());
    for case in &cases {
        let folder = Folder::new();
        for (name, text) in case["files"].as_object().into_iter().flatten() {
            folder.write(name, text.as_str().expect("text"));
        }
        let input = match &case["stdin"] {
            Value::String(text) => text.clone().into_bytes(),
            Value::Null => Vec::new(),
            bytes => serde_json::from_value(bytes.clone()).expect("bytes"),
        };
        let run = folder.run_with(&texts(&case["args"]), input);
        assert_eq!(run.out(), lines(&case["out"]), "{}", case["id"]);
        assert_eq!(run.err(), lines(&case["err"]), "{}", case["id"]);
        assert_eq!(run.status(), case["status"].as_i64().map(|status| status as i32), "{}", case["id"]);
    }
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().map(|text| text.as_str().expect("text")).collect()
}

fn lines(list: &Value) -> String {
    texts(list).into_iter().flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn check() {
    run("cli/check.json");
}

#[test]
fn explain() {
    run("cli/explain.json");
}

#[test]
fn convert() {
    run("cli/convert.json");
}

#[test]
fn options() {
    run("cli/options.json");
}

#[test]
fn input() {
    run("cli/input.json");
}
