//! The pages under `docs/lints`, generated from the catalogue and from the cases that fire.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tower_s3_cors::{Lint, LintKind};

use crate::text;

const COMMAND: &str = "BLESS=1 cargo test --test lints pages";

/// What a reader may miss in the table.
const NOT_HERE: &str = "\
## What is no lint

What a policy refuses, or a document that cannot be read, is told by `Problem` and `ParseError`, and not again by a lint:

| what | told by |
|---|---|
| more than one `*` in an AllowedOrigin or AllowedHeader, any in an ExposeHeader | `Problem` |
| a name that is no header name | `Problem` |
| a method that is none, or is `*`, CONNECT, TRACE or TRACK; under S3's laws any but GET, PUT, POST, DELETE and HEAD | `Problem` |
| no rule, more than 100, a rule without an origin or a method, an ID above 255 characters, a document above 64 KB | `Problem` |
| with credentials on: what O01 to O05, O07 and O15 warn about | `Problem` |
| an unknown key or element, with the nearest known one; a field given twice; a MaxAgeSeconds that is no integer | `ParseError` |
| a document type declaration, an entity, another root element | `ParseError` |

M03 and M04 are problems under S3's laws and lints for extended policies.
";

#[test]
fn pages() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/lints");
    let wanted: Vec<(PathBuf, String)> = Lint::catalogue()
        .iter()
        .map(|page| (directory.join(format!("{}.md", page.id())), page_of(page)))
        .chain([(directory.join("README.md"), index())])
        .collect();
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(&directory).expect("a directory");
        wanted.iter().for_each(|(path, text)| fs::write(path, text).expect("a page"));
    }
    for (path, text) in &wanted {
        let found = fs::read_to_string(path).unwrap_or_default();
        assert!(found == *text, "{path:?} is not what the catalogue says: {COMMAND}");
    }
    let there = fs::read_dir(&directory).expect("the pages").count();
    assert_eq!(there, wanted.len(), "a page in docs/lints is about no lint");
}

fn page_of(page: &LintKind) -> String {
    let cases = crate::cases();
    let case = cases.iter().find(|case| case["lint"] == page.id()).expect("a case");
    let example = serde_json::to_string_pretty(&case["input"]).expect("JSON");
    let LintParts { id, title, severity, why, source, remedy } = LintParts::of(page);
    let mut text = format!(
        "<!-- generated: {COMMAND} -->\n\n# {id}: {title}\n\nSeverity: {severity}\n\n{why}\n\n\
         Source: {source}\n\n## What to do\n\n{remedy}\n\n## Example\n\n```json\n{example}\n```\n\n```text\n"
    );
    for lint in case["expect"].as_array().expect("lints") {
        writeln!(text, "{}", text_of(lint)).expect("memory");
    }
    text + "```\n"
}

fn text_of(lint: &Value) -> &str {
    text(&lint["message"])
}

struct LintParts {
    id: &'static str,
    title: &'static str,
    severity: String,
    why: &'static str,
    source: &'static str,
    remedy: &'static str,
}

impl LintParts {
    fn of(page: &LintKind) -> Self {
        LintParts {
            id: page.id(),
            title: page.title(),
            severity: page.severity().to_string(),
            why: page.rationale(),
            source: page.source(),
            remedy: page.help(),
        }
    }
}

fn index() -> String {
    let mut text = format!(
        "<!-- generated: {COMMAND} -->\n\n# Lints\n\n`CorsConfiguration::lint()` finds what is lawful, yet dangerous or \
         useless.\n\n| id | severity | what |\n|---|---|---|\n"
    );
    for page in Lint::catalogue() {
        let (id, severity, title) = (page.id(), page.severity(), page.title());
        writeln!(text, "| [{id}]({id}.md) | {severity} | {title} |").expect("memory");
    }
    writeln!(text, "\n{NOT_HERE}").expect("memory");
    text.trim_end().to_owned() + "\n"
}

#[test]
fn texts_are_sentences_of_one_line() {
    for page in Lint::catalogue() {
        let LintParts { title, why, source, remedy, .. } = LintParts::of(page);
        assert!(!title.ends_with('.') && why.ends_with('.') && remedy.ends_with('.'), "{page:?}");
        assert!(![title, why, source, remedy].iter().any(|text| text.contains(['\n', '|'])), "{page:?}");
    }
}
