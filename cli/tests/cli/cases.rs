//! The output of the command line, word for word: the cases of `tests/cases/`.

use serde_json::Value;

use crate::{Folder, CASES};

/// Runs the cases of one file.
fn run_cases(file: &str) {
    let text =
        std::fs::read_to_string(format!("{CASES}/{file}")).expect("the cases are part of the repository");
    let cases: Vec<Value> = serde_json::from_str(&text).expect("a list of cases");
    assert!(!cases.is_empty());
    for case in &cases {
        let folder = Folder::new();
        for (name, text) in case["files"].as_object().into_iter().flatten() {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
            folder.write(name, text.as_str().expect("text"));
        }
        let input = match &case["stdin"] {
            Value::String(text) => text.clone().into_bytes(),
            Value::Null => Vec::new(),
            bytes => serde_json::from_value(bytes.clone()).expect("bytes"),
        };
        let arguments = texts(&case["args"]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = folder.command(&arguments);
        for (name, value) in case["env"].as_object().into_iter().flatten() {
            command.env(name, value.as_str().expect("text"));
        }
        let run = folder.run_command(command, input);
        assert_eq!(run.out(), lines(&case["out"]), "{}", case["id"]);
        assert_eq!(run.err(), lines(&case["err"]), "{}", case["id"]);
        for (name, text) in case["after"].as_object().into_iter().flatten() {
            let after = std::fs::read_to_string(folder.path().join(name)).expect("UTF-8");
            assert_eq!(Some(after.as_str()), text.as_str(), "{}", case["id"]);
        }
        assert_eq!(run.status(), case["status"].as_i64().map(|status| status as i32), "{}", case["id"]);
    }
}

fn lines(list: &Value) -> String {
    texts(list).into_iter().map(|line| line + "\n").collect()
}

fn texts(list: &Value) -> Vec<String> {
    serde_json::from_value(list.clone()).expect("a list of texts")
}

#[test]
fn check_output_matches_its_cases() {
    run_cases("check.json");
}

#[test]
fn reports_are_written_in_every_format() {
    run_cases("formats.json");
}

#[test]
fn suggestions_are_applied_as_in_their_cases() {
    run_cases("fix.json");
}

#[test]
fn comments_allow_lints_as_in_their_cases() {
    run_cases("comments.json");
}

#[test]
fn explain_output_matches_its_cases() {
    run_cases("explain.json");
}

#[test]
fn commands_of_curl_are_explained_as_in_their_cases() {
    run_cases("curl.json");
}

#[test]
fn requests_of_known_clients_are_explained_as_in_their_cases() {
    run_cases("client.json");
}

#[test]
fn several_files_are_explained_as_in_their_cases() {
    run_cases("several_files.json");
}

#[test]
fn convert_output_matches_its_cases() {
    run_cases("convert.json");
}

#[test]
fn versions_of_rules_are_compared_as_in_their_cases() {
    run_cases("diff.json");
}

#[test]
fn options_are_accepted_or_refused_as_in_their_cases() {
    run_cases("options.json");
}

#[test]
fn files_and_standard_input_are_read_as_in_their_cases() {
    run_cases("input.json");
}
