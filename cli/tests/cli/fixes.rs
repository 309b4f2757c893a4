//! `check --fix` on every lint with a certain suggestion, in every spelling: the documents of `tests/fixes/spellings`, with
//! the values of `tests/fixes/lints.json` in their slots.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::Folder;

const SPELLINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixes/spellings");
/// What the slots have that a case is not about.
const USUAL: [(&str, &str); 3] = [("origin", "https://web.example.com"), ("method", "GET"), ("age", "600")];
/// Spellings without a method: Backblaze has operations.
const WITHOUT_METHODS: [&str; 2] = ["b2.json", "b2.tf"];

/// A document with a value in one of its slots, and the same with what is suggested.
struct Case {
    file: String,
    lint: Value,
    before: String,
    after: String,
}

impl Case {
    fn bad(&self) -> &str {
        self.lint["bad"].as_str().expect("a value")
    }
}

fn lints() -> Vec<Value> {
    serde_json::from_str(include_str!("../fixes/lints.json")).expect("a list of lints")
}

fn spellings() -> Vec<(String, String)> {
    let files = std::fs::read_dir(SPELLINGS).expect("the documents are part of the repository");
    let files = files.map(|file| file.expect("an entry").path());
    let name = |path: &Path| path.file_name().expect("a name").to_str().expect("UTF-8").to_owned();
    files.map(|path| (name(&path), std::fs::read_to_string(&path).expect("UTF-8"))).collect()
}

/// The template with the value in the slot, as its place needs it, and in quotes if the other value needs them. None if it
/// has no such slot.
fn filled(template: &str, slot: &str, value: &str, other: &str) -> Option<String> {
    if let Some((before, after)) = template.split_once(&format!("{{raw {slot}}}")) {
        return Some(format!("{before}{value}{after}"));
    }
    let (before, after) = template.split_once(&format!("{{{slot}}}"))?;
    let json = Value::from(value).to_string();
    let is_plain =
        |value: &str| value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"./:@*-".contains(&byte));
    let written = match before.chars().last() {
        Some('"') => json[1..json.len() - 1].to_owned(),
        Some('\'') => value.replace('\'', "''"),
        Some('>') => value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        Some('[') => value.to_owned(),
        _ if is_plain(value) && is_plain(other) => value.to_owned(),
        _ => json,
    };
    Some(format!("{before}{written}{after}"))
}

fn document(template: &str, slot: &str, value: &str, other: &str) -> Option<String> {
    let chosen = filled(template, slot, value, other)?;
    let usual = USUAL.iter().filter(|(other, _)| *other != slot);
    Some(usual.fold(chosen, |text, (slot, value)| filled(&text, slot, value, value).unwrap_or(text)))
}

/// The cases of a spelling, with line ends of that kind.
fn cases(name: &str, template: &str, is_windows: bool) -> Vec<Case> {
    let with_ends =
        |text: String| if is_windows { format!("\u{feff}{}", text.replace('\n', "\r\n")) } else { text };
    let case = |(number, lint): (usize, Value)| {
        let part = |key: &str| lint[key].as_str().expect("text");
        let of = |value: &str| document(template, part("slot"), value, part("bad")).map(with_ends);
        let (before, after) = of(part("bad")).zip(of(part("good")))?;
        Some(Case { file: format!("{number}-{name}"), before, after, lint })
    };
    lints().into_iter().enumerate().filter_map(case).collect()
}

/// The text to which the patch changes the other.
fn patched(before: &str, patch: &str) -> String {
    let mut rest = before.split_inclusive('\n');
    let mut text = String::new();
    let mut number = 1;
    for line in patch.split_inclusive('\n').skip(2) {
        if let Some(header) = line.strip_prefix("@@ -") {
            let start = header.split([',', ' ']).next().and_then(|start| start.parse().ok()).expect("a line");
            while number < start {
                text += rest.next().expect("a line");
                number += 1;
            }
        } else if let Some(added) = line.strip_prefix('+') {
            text += added;
        } else {
            let expected = line.strip_prefix([' ', '-']).unwrap_or_else(|| panic!("{patch}"));
            assert_eq!(rest.next(), Some(expected), "{patch}");
            number += 1;
            if line.starts_with(' ') {
                text += expected;
            }
        }
    }
    text + &rest.collect::<String>()
}

/// The findings about each of the files.
fn findings(folder: &Folder, options: &[&str], files: &[&str]) -> Vec<Vec<Value>> {
    let arguments = [&["check", "--all", "--format", "json"], options, files].concat();
    let run = folder.run(&arguments);
    let report: Value = serde_json::from_str(run.out()).expect("JSON");
    let of_file = |file: &Value| file["diagnostics"].as_array().cloned().expect("a list");
    report["files"].as_array().expect("a list").iter().map(of_file).collect()
}

#[test]
fn suggestions_change_their_value_alone_in_every_spelling() {
    let (mut count, spellings) = (0, spellings());
    for (name, template) in &spellings {
        for is_windows in [false, true] {
            let cases = cases(name, template, is_windows);
            let is_complete = cases.len() == lints().len();
            assert_eq!(is_complete, !WITHOUT_METHODS.contains(&name.as_str()), "{name}");
            assert_fixed(&cases);
            count += cases.len();
        }
    }
    assert!(spellings.len() >= 42 && count > 1_600, "{count}");
}

fn assert_fixed(cases: &[Case]) {
    let folder = Folder(tempfile::tempdir().expect("a folder"));
    let files: Vec<&str> = cases.iter().map(|case| case.file.as_str()).collect();
    cases.iter().for_each(|case| folder.write(&case.file, &case.before));
    let read = |case: &Case| std::fs::read_to_string(folder.path().join(&case.file)).expect("UTF-8");
    let is_about =
        |case: &Case, finding: &Value| finding["value"] == case.bad() || finding["id"] == case.lint["id"];

    for (case, found) in cases.iter().zip(findings(&folder, &[], &files)) {
        assert!(
            found.iter().any(|finding| is_about(case, finding)),
            "{} {found:?} {}",
            case.file,
            case.before
        );
    }
    let diff = folder.run(&[&["check", "--diff"], &files[..]].concat());
    let patches: Vec<&str> = diff.out().split("--- ").skip(1).collect();
    assert_eq!((patches.len(), diff.status()), (cases.len(), Some(1)), "{}", diff.err());
    for (case, patch) in cases.iter().zip(patches) {
        assert_eq!(patched(&case.before, patch), case.after, "{}", case.file);
        assert_eq!(read(case), case.before, "{}", case.file);
    }
    for (case, found) in cases.iter().zip(findings(&folder, &["--fix"], &files)) {
        assert_eq!(read(case), case.after, "{}", case.file);
        let is_gone = found.iter().all(|finding| finding["severity"] != "error" && !is_about(case, finding));
        assert!(is_gone, "{} {found:?}", case.file);
    }
}

/// Of the lints that have a suggestion, those are not certain: what they are about matches something today.
const UNCERTAIN: [&str; 3] = ["O03", "O04", "O06"];

#[test]
fn table_has_every_lint_with_a_suggestion() {
    let corpus = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/corpus/lints.json"));
    let cases: Vec<Value> = serde_json::from_str(&corpus.expect("part of the repository")).expect("cases");
    let has_fix =
        |case: &&Value| case["expect"].as_array().into_iter().flatten().any(|lint| lint["fix"].is_string());
    let id = |lint: &Value, key: &str| lint[key].as_str().expect("an id").to_owned();
    let with_fix: BTreeSet<String> = cases.iter().filter(has_fix).map(|case| id(case, "lint")).collect();
    let certain = lints().iter().map(|lint| id(lint, "id")).collect::<Vec<_>>();
    let expected = certain.into_iter().chain(UNCERTAIN.map(String::from)).collect();
    assert_eq!(with_fix, expected);
}
