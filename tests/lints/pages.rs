//! The pages under `docs/lints`: each has the parts that a reader expects, and an example that is true.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tower_s3_cors::lint::{Lint, LintKind};

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

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/lints")
}

#[test]
fn no_page_is_about_no_lint() {
    let wanted = Lint::catalogue().iter().map(|kind| format!("{}.md", kind.id()));
    let mut wanted: Vec<String> = wanted.chain(["README.md".to_owned()]).collect();
    let entries = fs::read_dir(directory()).expect("the pages");
    let mut found: Vec<String> =
        entries.map(|entry| entry.expect("a page").file_name().into_string().expect("UTF-8")).collect();
    wanted.sort();
    found.sort();
    assert_eq!(found, wanted);
}

#[test]
fn index_is_what_the_catalogue_says() {
    let (path, wanted) = (directory().join("README.md"), index());
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &wanted).expect("the index");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{path:?} is not what the catalogue says: {COMMAND}");
}

fn index() -> String {
    let mut text = format!(
        "<!-- generated: {COMMAND} -->\n\n# Lints\n\n`CorsConfiguration::lint()` finds rules that are valid but dangerous or \
         ineffective. `s3-cors check` prints errors and warnings, with `--all` also infos.\n\n\
         | id | severity | what |\n|---|---|---|\n"
    );
    for kind in Lint::catalogue() {
        let (id, severity, title) = (kind.id(), kind.severity(), kind.title());
        writeln!(text, "| [{id}]({id}.md) | {severity} | {title} |").expect("memory");
    }
    writeln!(text, "\n{NOT_HERE}").expect("memory");
    text.trim_end().to_owned() + "\n"
}

/// The parts of a page.
struct Page {
    rationale: &'static str,
    sources: Vec<&'static str>,
    help: &'static str,
    input: &'static str,
    output: &'static str,
}

/// Reads a page whose parts are in the right order, with one empty line between two of them.
fn read(kind: &LintKind) -> Option<Page> {
    let head = format!("# {}: {}\n\nSeverity: {}\n\n", kind.id(), kind.title(), kind.severity());
    let (why, rest) = kind.page().strip_prefix(&head)?.split_once("\n\n## What to do\n\n")?;
    let (help, example) = rest.split_once("\n\n## Example\n\n```json\n")?;
    let (input, output) = example.strip_suffix("\n```\n")?.split_once("\n```\n\n```text\n")?;
    let mut paragraphs = why.split("\n\n");
    let rationale = paragraphs.next()?;
    let sources: Option<Vec<_>> = paragraphs.map(|line| line.strip_prefix("Source: ")).collect();
    Some(Page { rationale, sources: sources?, help, input, output })
}

#[test]
fn pages_have_all_parts_in_order() {
    for kind in Lint::catalogue() {
        let page = read(kind).unwrap_or_else(|| panic!("{kind:?} lacks a part:\n{}", kind.page()));
        let (rationale, help) = (page.rationale, page.help);
        assert!(!kind.title().ends_with('.') && rationale.ends_with('.') && help.ends_with('.'), "{kind:?}");
        assert!(![rationale, help].iter().any(|text| text.contains(['\n', '|', '#'])), "{kind:?}");
        assert!(!page.sources.is_empty(), "{kind:?} has no source");
    }
}

/// `[title](https://address)`, and a word about it if it needs one; or a source that has no address.
fn is_source(line: &str) -> bool {
    let is_link = |link: &str| {
        let title_and_rest = link.split_once("](https://");
        let parts = title_and_rest.and_then(|(title, rest)| Some((title, rest.split_once(')')?)));
        parts.is_some_and(|(title, (address, word))| {
            let is_word = word.is_empty() || word.starts_with(": ");
            !title.is_empty() && !address.contains(char::is_whitespace) && is_word && !word.contains("](")
        })
    };
    ["recorded on S3", "follows from how patterns match"].contains(&line)
        || line.strip_prefix('[').is_some_and(is_link)
}

#[test]
fn sources_are_links_of_one_line_each() {
    for kind in Lint::catalogue() {
        for source in read(kind).expect("all parts").sources {
            assert!(is_source(source), "{kind:?}: {source}");
        }
    }
    let link = "[a](https://a.example)";
    assert!(is_source(link) && is_source(&format!("{link}: why")));
    assert!(![&format!("{link}, {link}"), &format!("{link}\n{link}"), "a"]
        .iter()
        .any(|line| is_source(line)));
}

#[test]
fn examples_are_found_as_the_pages_say() {
    for kind in Lint::catalogue() {
        let page = read(kind).expect("all parts");
        let input: Value = serde_json::from_str(page.input).expect("JSON");
        let lints = test_support::configuration(&input).lint();
        let found: Vec<_> = lints.iter().filter(|lint| lint.id() == kind.id()).map(Lint::to_string).collect();
        assert!(!found.is_empty(), "{kind:?}");
        assert_eq!(found.join("\n"), page.output, "{kind:?}");
    }
}
