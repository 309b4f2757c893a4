//! The pages under `docs/lints`, generated from the catalogue and from the cases that fire.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use tower_s3_cors::{Lint, LintKind};

const COMMAND: &str = "BLESS=1 cargo test --test lints pages";

/// What a reader may miss in the table.
const NOT_HERE: &str = "\
## What is not a lint

What a policy refuses is a `Problem`, and what cannot be read is a `ParseError`:

| what | reported as |
|---|---|
| more than one `*` in an AllowedOrigin or AllowedHeader, any in an ExposeHeader | `Problem` |
| an invalid name of a header | `Problem` |
| an invalid method, `*`, CONNECT, TRACE or TRACK; with S3's limits any but GET, PUT, POST, DELETE and HEAD | `Problem` |
| no rule, more than 100, a rule without an origin or a method, an ID above 255 characters, a document above 64 KB | `Problem` |
| with credentials: what O01 to O05, O07 and O15 warn about | `Problem` |
| an unknown key or element, with the nearest known one; a duplicate field; a MaxAgeSeconds that is not an integer | `ParseError` |
| a document type declaration, an entity, another root element | `ParseError` |

M03, M04, M07, M08 and H08 say more about values that a policy may refuse too.
";

#[test]
fn pages_are_what_the_catalogue_says() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/lints");
    let wanted: Vec<(PathBuf, String)> = Lint::catalogue()
        .iter()
        .map(|kind| (directory.join(format!("{}.md", kind.id())), page_of(kind)))
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

fn page_of(kind: &LintKind) -> String {
    let cases = crate::cases();
    let case = cases.iter().find(|case| case["lint"] == kind.id()).expect("a case");
    let example = serde_json::to_string_pretty(&case["input"]).expect("JSON");
    let mut text = format!(
        "<!-- generated: {COMMAND} -->\n\n# {}: {}\n\nSeverity: {}\n\n{}\n\nSource: {}\n\n## What to do\n\n{}\n\n\
         ## Example\n\n```json\n{example}\n```\n\n```text\n",
        kind.id(),
        kind.title(),
        kind.severity(),
        kind.rationale(),
        kind.source(),
        kind.help(),
    );
    for lint in case["expect"].as_array().expect("lints") {
        writeln!(text, "{}", crate::text(&lint["message"])).expect("memory");
    }
    text + "```\n"
}

fn index() -> String {
    let mut text = format!(
        "<!-- generated: {COMMAND} -->\n\n# Lints\n\n`CorsConfiguration::lint()` finds rules that are valid but dangerous or \
         ineffective. `s3-cors check` prints errors and warnings, and what is worth knowing with `--all`.\n\n\
         | id | severity | what |\n|---|---|---|\n"
    );
    for kind in Lint::catalogue() {
        let (id, severity, title) = (kind.id(), kind.severity(), kind.title());
        writeln!(text, "| [{id}]({id}.md) | {severity} | {title} |").expect("memory");
    }
    writeln!(text, "\n{NOT_HERE}").expect("memory");
    text.trim_end().to_owned() + "\n"
}

#[test]
fn texts_are_sentences_of_one_line() {
    for kind in Lint::catalogue() {
        let (title, rationale, help) = (kind.title(), kind.rationale(), kind.help());
        assert!(!title.ends_with('.') && rationale.ends_with('.') && help.ends_with('.'), "{kind:?}");
        assert!(
            ![title, rationale, kind.source(), help].iter().any(|text| text.contains(['\n', '|'])),
            "{kind:?}"
        );
    }
}
