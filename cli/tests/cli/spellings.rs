//! Rules in every format: the files of `tests/documents`, with what `documents.json` says about each.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::{Folder, Run};

pub(crate) const DOCUMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/documents");

fn documents() -> Vec<Value> {
    serde_json::from_str(include_str!("../documents.json")).expect("a list of documents")
}

/// Runs the command beside a copy of the file.
fn run(file: &str, arguments: &[&str]) -> Run {
    let folder = Folder(tempfile::tempdir().expect("a folder"));
    let text =
        std::fs::read(Path::new(DOCUMENTS).join(file)).expect("the documents are part of the repository");
    std::fs::create_dir(folder.path().join(Path::new(file).parent().expect("a folder"))).expect("writable");
    folder.write(file, text);
    folder.run(arguments)
}

#[test]
fn check_reports_each_finding_at_its_place() {
    for document in documents() {
        let file = document["file"].as_str().expect("a name");
        let run = run(file, &["check", "--format", "short", file]);
        let lines: Vec<&str> = run.out().lines().collect();
        let (_summary, lines) = lines.split_last().expect("a summary");
        let messages: Vec<String> = serde_json::from_value(document["messages"].clone()).expect("messages");
        let expected: Vec<String> = messages.iter().map(|message| format!("{file}:{message}")).collect();
        assert_eq!(lines, expected, "{file}");
        let has_errors = messages.iter().any(|message| message.contains(": error"));
        assert_eq!(run.status(), Some(if has_errors { 2 } else { 0 }), "{file}");
    }
}

#[test]
fn convert_writes_the_rules_of_each_document() {
    for document in documents() {
        let file = document["file"].as_str().expect("a name");
        match &document["rules"] {
            Value::Null => {
                let run = run(file, &["convert", file, "--to", "json"]);
                assert_eq!((run.out(), run.status()), ("", Some(2)), "{file}");
                assert!(run.err().starts_with(file), "{file}");
            }
            Value::Object(buckets) => {
                for (bucket, rules) in buckets {
                    assert_converted(file, &["convert", file, "--to", "json", "--bucket", bucket], rules);
                }
            }
            rules => assert_converted(file, &["convert", file, "--to", "json"], rules),
        }
    }
}

fn assert_converted(file: &str, arguments: &[&str], rules: &Value) {
    let run = run(file, arguments);
    let converted: Value = serde_json::from_str(run.out()).unwrap_or_default();
    assert_eq!(&converted["CORSRules"], rules, "{file} {}", run.err());
    assert_eq!(run.status(), Some(0), "{file}");
}

#[test]
fn every_format_has_three_documents_and_a_faulty_one() {
    let mut formats: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for document in documents() {
        let file = document["file"].as_str().expect("a name");
        let (format, _) = file.split_once('/').expect("a folder");
        formats.entry(format.into()).or_default().push(document);
    }
    for (format, documents) in formats {
        let files = std::fs::read_dir(Path::new(DOCUMENTS).join(&format)).expect("a folder").count();
        assert_eq!(files, documents.len(), "{format}: a file without an entry, or an entry without a file");
        let faulty =
            documents.iter().filter(|document| document["messages"] != Value::Array(Vec::new())).count();
        assert!(documents.len() >= 3 && faulty >= 1, "{format}");
    }
}
