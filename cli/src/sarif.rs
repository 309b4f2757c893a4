//! SARIF 2.1.0, which GitHub, GitLab and editors read
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use serde_json::{json, Value};
use tower_s3_cors::document::Position;
use tower_s3_cors::lint::Lint;

use crate::diagnostic::{Diagnostic, Level, Replacement};
use crate::render::PAGES;
use crate::report::Findings;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The rules of findings that are no lint: id, description and level.
const OTHER_RULES: [(&str, &str, Level); 4] = [
    ("invalid", "rules that S3 refuses", Level::Error),
    ("unreadable", "a document, or a part of one, that cannot be read", Level::Error),
    ("doubtful", "what is understood, and what its own tool would refuse or pass over", Level::Warning),
    ("note", "what is left out, or known only when the rules are deployed", Level::Note),
];

/// The log of one run.
pub(crate) fn document(findings: &[Findings]) -> Value {
    let diagnostics = findings.iter().flat_map(|found| &found.diagnostics);
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": diagnostics.map(result).collect::<Vec<_>>(),
        }],
    })
}

fn rules() -> Vec<Value> {
    let lints = Lint::catalogue().iter().map(|kind| {
        let page = format!("{PAGES}/{}.md", kind.id());
        rule(kind.id(), kind.title(), kind.severity().into(), &page)
    });
    let page = format!("{}/blob/main/cli/README.md", env!("CARGO_PKG_REPOSITORY"));
    let others = OTHER_RULES.iter().map(|(id, description, level)| rule(id, description, *level, &page));
    lints.chain(others).collect()
}

fn rule(id: &str, description: &str, level: Level, page: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": { "text": description },
        "helpUri": page,
        "defaultConfiguration": { "level": word(level) },
    })
}

/// SARIF has no word for infos.
fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note | Level::Info => "note",
    }
}

fn result(diagnostic: &Diagnostic) -> Value {
    let file = json!({ "uri": uri(&diagnostic.file) });
    let mut location = json!({ "artifactLocation": file });
    if let Some(place) = &diagnostic.place {
        location["region"] = region(place.start, place.end);
    }
    let mut result = json!({
        "ruleId": rule_id(diagnostic),
        "level": word(diagnostic.level),
        "message": { "text": diagnostic.text() },
        "locations": [{ "physicalLocation": location }],
    });
    if let Some(Replacement { start, end, text }) = &diagnostic.replacement {
        let replacement = json!({
            "deletedRegion": region(*start, *end),
            "insertedContent": { "text": text },
        });
        result["fixes"] = json!([{
            "description": { "text": format!("write {text}") },
            "artifactChanges": [{ "artifactLocation": file, "replacements": [replacement] }],
        }]);
    }
    result
}

fn region(start: Position, end: Position) -> Value {
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

fn rule_id(diagnostic: &Diagnostic) -> &'static str {
    match (diagnostic.id, diagnostic.level) {
        (Some(id), _) => id,
        (None, Level::Error) if diagnostic.s3.is_some() => "invalid",
        (None, Level::Error) => "unreadable",
        (None, Level::Warning) => "doubtful",
        (None, Level::Note | Level::Info) => "note",
    }
}

/// The path as a reference of RFC 3986, relative to the folder in which the command runs unless the path is absolute.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.into() };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let encoded: String = path
        .bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    match encoded.strip_prefix('/') {
        Some(path) => format!("file:///{path}"),
        None if cfg!(windows) && encoded.get(1..5) == Some("%3A/") => {
            format!("file:///{}", encoded.replacen("%3A", ":", 1))
        }
        None => encoded,
    }
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn path_is_written_as_a_reference() {
        assert_eq!(uri("a/b-c.d_e~.tf"), "a/b-c.d_e~.tf");
        assert_eq!(uri("a b%c:é?#.json"), "a%20b%25c%3A%C3%A9%3F%23.json");
        assert_eq!(uri("./a/b.tf"), "a/b.tf");
        assert_eq!(uri("/srv/cors.xml"), "file:///srv/cors.xml");
    }
}
