//! What `check` found in all files: its numbers, and a document for programs.

use serde_json::{json, Value};
use tower_s3_cors::document::Position;

use crate::diagnostic::{Diagnostic, Level, Place};

/// What was found in one file, in the order of the file.
pub(crate) struct Findings {
    pub(crate) name: String,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The suggestions that were applied.
    pub(crate) fixed: usize,
}

pub(crate) fn count(findings: &[Findings], levels: &[Level]) -> usize {
    let all = findings.iter().flat_map(|found| &found.diagnostics);
    all.filter(|diagnostic| levels.contains(&diagnostic.level)).count()
}

/// `passed_over` files have no rules.
pub(crate) fn summary(findings: &[Findings], passed_over: usize) -> String {
    let counted_levels = |levels: &[Level], word| counted(count(findings, levels), word);
    let fixed: usize = findings.iter().map(|found| found.fixed).sum();
    let fixed = if fixed > 0 { format!("; {} applied", counted(fixed, "suggestion")) } else { String::new() };
    let others = if passed_over > 0 {
        format!("; {} without rules", counted(passed_over, "file"))
    } else {
        String::new()
    };
    format!(
        "{}: {}, {}, {}{fixed}{others}\n",
        counted(findings.len(), "file"),
        counted_levels(&[Level::Error], "error"),
        counted_levels(&[Level::Warning], "warning"),
        counted_levels(&[Level::Note, Level::Info], "info"),
    )
}

pub(crate) fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

pub(crate) fn document(findings: &[Findings], passed_over: usize) -> Value {
    let file = |found: &Findings| json!({ "file": found.name, "diagnostics": found.diagnostics.iter().map(entry).collect::<Vec<_>>() });
    json!({
        "version": 1,
        "fixed": findings.iter().map(|found| found.fixed).sum::<usize>(),
        "files_without_rules": passed_over,
        "files": findings.iter().map(file).collect::<Vec<_>>(),
        "errors": count(findings, &[Level::Error]),
        "warnings": count(findings, &[Level::Warning]),
        "infos": count(findings, &[Level::Info, Level::Note]),
    })
}

fn entry(diagnostic: &Diagnostic) -> Value {
    let s3 = diagnostic.s3.as_ref().map(|s3| json!({ "code": s3.code(), "message": s3.message() }));
    let position = |of: fn(&Place) -> Position| diagnostic.place.as_ref().map(of);
    let (start, end) = (position(|place| place.start), position(|place| place.end));
    json!({
        "severity": diagnostic.level.as_str(),
        "id": diagnostic.id,
        "line": start.map(|start| start.line),
        "column": start.map(|start| start.column),
        "end_line": end.map(|end| end.line),
        "end_column": end.map(|end| end.column),
        "bucket": Some(&diagnostic.bucket).filter(|bucket| !bucket.is_empty()),
        "location": diagnostic.location.map(|location| location.to_string()),
        "value": diagnostic.value,
        "message": diagnostic.message,
        "fix": diagnostic.fix,
        "s3": s3,
    })
}
