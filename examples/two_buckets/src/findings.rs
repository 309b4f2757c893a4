//! Problems and lints as JSON, for the editor of the page.

use std::ops::Range;

use serde_json::{json, Value};
use tower_s3_cors::document::{CorsDocument, Field, Location};
use tower_s3_cors::error::{ParseFault, Problem};
use tower_s3_cors::lint::{Lint, Severity};
use tower_s3_cors::ParseError;

use crate::rules::ApplyError;

/// The lints that are shown. An info is worth knowing, but a right document should be quiet.
pub fn lints(document: &CorsDocument, lints: &[Lint]) -> Value {
    lints.iter().filter(|lint| lint.severity() > Severity::Info).map(|lint| of_lint(document, lint)).collect()
}

pub fn problems(error: &ApplyError) -> Value {
    match error {
        ApplyError::Parse(error) => faults(error),
        ApplyError::Invalid(document, error) => {
            error.problems().iter().map(|problem| of_problem(document, problem)).collect()
        }
    }
}

pub fn faults(error: &ParseError) -> Value {
    let to_json = |fault: &ParseFault| json!({ "severity": "problem", "line": fault.position().line, "message": fault.message() });
    error.faults().iter().map(to_json).collect()
}

fn of_problem(document: &CorsDocument, problem: &Problem) -> Value {
    json!({
        "severity": "problem",
        "line": document.position(problem.location()).line,
        "field": field(problem.location()),
        "message": problem.message(),
    })
}

fn of_lint(document: &CorsDocument, lint: &Lint) -> Value {
    let message = lint.message();
    // The page shows the suggestion on a button.
    let message = if lint.fix().is_some() {
        message.rsplit_once("; write ").map_or(&*message, |(text, _)| text)
    } else {
        &message
    };
    json!({
        "severity": lint.severity().to_string(),
        "line": document.position(lint.location()).line,
        "field": field(lint.location()),
        "id": lint.id(),
        "message": message,
        "fix": lint.fix().map(|fix| of_fix(document, lint.location(), fix)),
    })
}

fn field(location: Location) -> Option<&'static str> {
    location.field.map(Field::as_str)
}

/// What is written in place of what. Scripts count in UTF-16.
fn of_fix(document: &CorsDocument, location: Location, fix: &str) -> Value {
    let Range { start, end } = document.span(location);
    let utf16 = |offset| document.text().get(..offset).map_or(0, |text| text.encode_utf16().count());
    let is_json_string = document.text().get(start..end).is_some_and(|value| value.starts_with('"'));
    let written = if is_json_string { Value::from(fix).to_string() } else { escape_xml(fix) };
    json!({ "value": fix, "start": utf16(start), "end": utf16(end), "text": written })
}

fn escape_xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
