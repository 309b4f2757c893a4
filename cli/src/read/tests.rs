//! Malformed documents of every format: each is read or refused, and nothing panics.

use std::fs;
use std::path::{Path, PathBuf};

use super::{read, Kind};

/// The documents of the tests, as names and texts.
pub(crate) fn documents() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents");
    let mut found = Vec::new();
    for folder in fs::read_dir(root).expect("the documents are part of the repository") {
        for file in fs::read_dir(folder.expect("an entry").path()).expect("a folder") {
            let path = file.expect("an entry").path();
            let text = fs::read_to_string(&path).expect("a readable file");
            let text = text.trim_start_matches('\u{feff}').to_owned();
            found.push((path, text));
        }
    }
    assert!(found.len() >= 60);
    found
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).expect("an extension")
}

#[test]
fn document_that_is_cut_anywhere_is_read_or_refused() {
    for (path, text) in documents() {
        for (at, _) in text.char_indices() {
            let cut = &text[..at];
            let reading = read(cut, extension(&path), None);
            let is_refused = reading.findings.iter().any(|finding| {
                finding.kind == Kind::Fault || finding.message.starts_with("no CORS rules found")
            });
            assert!(is_refused || !reading.rules.is_empty(), "{path:?} cut at {at}");
            assert!(
                reading.findings.iter().all(|finding| finding.span.start <= cut.len()),
                "{path:?} cut at {at}"
            );
        }
    }
}

#[test]
fn document_with_a_line_left_out_is_read_or_refused() {
    for (path, text) in documents() {
        let lines: Vec<&str> = text.lines().collect();
        for left_out in 0..lines.len() {
            let kept = lines.iter().enumerate().filter(|(number, _)| *number != left_out);
            let text: String = kept.map(|(_, line)| format!("{line}\n")).collect();
            let reading = read(&text, extension(&path), None);
            assert!(!reading.rules.is_empty() || !reading.findings.is_empty(), "{path:?} line {left_out}");
        }
    }
}

fn fault(text: &str, extension: &str) -> String {
    let reading = read(text, extension, None);
    reading.findings.into_iter().map(|finding| finding.message).collect::<Vec<_>>().join("\n")
}

#[test]
fn nesting_is_bounded_in_every_syntax() {
    let deep = |open: &str| open.repeat(10_000);
    assert_eq!(fault(&deep("a: {"), "yaml"), "the document is nested too deeply");
    assert_eq!(fault(&deep("["), "json"), "the document is nested too deeply");
    assert_eq!(
        fault(&format!("a = {}", deep("[")), "tf"),
        "invalid HCL: invalid nesting depth; expected at most 64 nested levels"
    );
}

#[test]
fn aliases_that_grow_without_bound_are_refused() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20 {
        let before = vec![format!("*a{}", level - 1); 10].join(", ");
        text += &format!("a{level}: &a{level} [{before}]\n");
    }
    assert_eq!(fault(&text, "yaml"), "the aliases stand for too many values");
}

#[test]
fn locals_that_refer_to_each_other_are_not_known() {
    let rules = "cors_rule {\n allowed_origins = local.a\n allowed_methods = [\"GET\"]\n}\n";
    let circle = format!("locals {{\n a = local.b\n b = concat(local.a, local.a)\n}}\n{rules}");
    assert!(fault(&circle, "tf").ends_with("is known only when it is deployed"));
    let mut grown = String::from("locals {\n a0 = [\"x\", \"x\"]\n");
    for level in 1..18 {
        let before = vec![format!("local.a{}", level - 1); 10].join(", ");
        grown += &format!(" a{level} = concat({before})\n");
    }
    grown += &format!(" a = local.a17\n}}\n{rules}");
    assert!(fault(&grown, "tf").ends_with("is known only when it is deployed"));
}

#[test]
fn blocks_that_stand_for_too_many_are_not_known() {
    let many = vec!["1"; 6_000].join(",");
    let attributes: String = (0..6_000).map(|number| format!(" a{number} = 1\n")).collect();
    let dynamic =
        format!("dynamic \"cors_rule\" {{\n for_each = [{many}]\n content {{\n{attributes}}}\n}}\n");
    assert!(fault(&dynamic, "tf").starts_with("dynamic \"cors_rule\" is known only when it is deployed"));
    let blocks = format!(
        "dynamic \"cors_rule\" {{\n for_each = [{many}]\n content {{\n{}}}\n}}\n",
        "a {\n}\n".repeat(6_000)
    );
    assert!(fault(&blocks, "tf").starts_with("dynamic \"cors_rule\" is known only when it is deployed"));
    let list = format!("cors_rule = [for x in [{many}] : {{\n{attributes}}}]\n");
    assert!(fault(&list, "tf").ends_with("is known only when it is deployed"));
    let resource = format!("resource \"a\" \"b\" {{\n for_each = toset([{many}])\n cors_rule {{\n id = each.key\n{attributes}}}\n}}\n");
    assert!(!fault(&resource, "tf").is_empty());
}

#[test]
fn locals_that_are_nested_deeply_need_little_of_the_stack() {
    let mut text = String::from("locals {\n a0 = [\"x\"]\n");
    for level in 1..30 {
        let (open, close) = ("flatten([".repeat(30), "])".repeat(30));
        text += &format!(" a{level} = {open}local.a{}{close}\n", level - 1);
    }
    text += "}\ncors_rule {\n allowed_origins = local.a29\n allowed_methods = [\"GET\"]\n}\n";
    assert!(fault(&text, "tf").ends_with("is known only when it is deployed"));
}

#[test]
fn references_of_serverless_that_grow_without_bound_are_not_followed() {
    let mut text = String::from("service: x\ncustom:\n  a0: [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..8 {
        let before = vec![format!("\"${{self:custom.a{}}}\"", level - 1); 20].join(", ");
        text += &format!("  a{level}: [{before}]\n");
    }
    text += "CorsRules: [{AllowedOrigins: \"${self:custom.a7}\", AllowedMethods: [GET]}]\n";
    let reading = read(&text, "yaml", None);
    assert_eq!(reading.rules.len(), 1);
    let itself = "service: x\ncustom: {a: \"${self:custom.a}\"}\nCorsRules: [{AllowedOrigins: [\"${self:custom.a}\"], AllowedMethods: [GET]}]";
    assert_eq!(fault(itself, "yaml"), "\"${self:custom.a}\" is known only when it is deployed");
}

#[test]
fn xml_with_many_prefixes_or_attributes_is_refused() {
    let prefixes: String = (0..40).map(|number| format!(" xmlns:a{number}=\"x\"")).collect();
    assert_eq!(
        fault(&format!("<CorsConfig{prefixes}/>"), "xml"),
        "more than 32 namespace prefixes are declared"
    );
}
