//! `s3-cors check`: every problem and every lint of some files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{json, Value};
use tower_s3_cors::document::{Location, Position};
use tower_s3_cors::error::{Problem, ProblemKind};
use tower_s3_cors::lint::{Lint, Severity};

use crate::escape::escaped_json;
use crate::{input, Failure, Message, Outcome, Settings};

/// Report what is invalid in rules, and what is valid but dangerous or ineffective
#[derive(Args)]
#[command(after_help = "\
Exit status: 0 no errors, 1 warnings with `--deny warnings`, 2 errors

Examples:
  s3-cors check cors.xml
  s3-cors check --deny warnings --format json *.json
  aws s3api get-bucket-cors --bucket assets | s3-cors check -")]
pub(crate) struct Check {
    /// XML or JSON, at most 16 MiB; `-` is the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Exit with status 1 if there are warnings
    #[arg(long)]
    deny: Option<Denied>,
    /// Report infos too: what is worth knowing, and often right as it is
    #[arg(long)]
    all: bool,
    #[arg(long, default_value = "human")]
    format: Format,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Clone, Copy, ValueEnum)]
enum Denied {
    Warnings,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Human,
    Json,
}

/// What was found in one file.
#[derive(Default)]
struct Findings {
    name: String,
    /// Why the file could not be read.
    failures: Vec<Message>,
    problems: Vec<(Position, Problem)>,
    lints: Vec<(Position, Lint)>,
}

impl Check {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        if self.files.iter().filter(|path| input::is_standard(path)).count() > 1 {
            return Err("\"-\" is given twice, the standard input can be read only once".into());
        }
        let findings: Vec<Findings> = self.files.iter().map(|path| self.examine(path)).collect();
        let text = match self.format {
            Format::Human => human(&findings),
            Format::Json => escaped_json(&format!("{:#}\n", document(&findings))),
        };
        let status = match (count(&findings, Severity::Error), count(&findings, Severity::Warning)) {
            (0, 0) => 0,
            (0, _) => u8::from(self.deny.is_some()),
            _ => 2,
        };
        Ok(Outcome { text, status, ..Outcome::default() })
    }

    fn examine(&self, path: &Path) -> Findings {
        let name = input::name(path);
        let document = match input::read(path) {
            Ok(document) => document,
            Err(failure) => return Findings { name, failures: failure.messages, ..Findings::default() },
        };
        let configuration = document.configuration();
        let problems = match self.settings.builder().build(configuration) {
            Ok(_) => Vec::new(),
            Err(error) => error.problems().to_vec(),
        };
        let known: HashSet<(Location, &str)> = problems.iter().flat_map(repeated_by).collect();
        let is_shown = |lint: &Lint| {
            (self.all || lint.severity() > Severity::Info) && !known.contains(&(lint.location(), lint.id()))
        };
        let lints = configuration.lint().into_iter().filter(is_shown);
        let lints = lints.map(|lint| (document.position(lint.location()), lint)).collect();
        let position = |problem: Problem| (document.position(problem.location()), problem);
        Findings { name, failures: Vec::new(), problems: problems.into_iter().map(position).collect(), lints }
    }
}

/// The lints that would repeat the problem, each with its location.
fn repeated_by(problem: &Problem) -> impl Iterator<Item = (Location, &'static str)> + '_ {
    let ids: &[&str] = match problem.kind() {
        ProblemKind::UnsupportedMethod
        | ProblemKind::NotAMethod
        | ProblemKind::ForbiddenMethod
        | ProblemKind::WildcardMethod => &["M03", "M04", "M07", "M08"],
        ProblemKind::NotAHeaderName => &["H08"],
        ProblemKind::OverbroadOrigin(_) => &["O01", "O02", "O03", "O04", "O05", "O07", "O15"],
        _ => &[],
    };
    ids.iter().map(|id| (problem.location(), *id))
}

fn count(findings: &[Findings], severity: Severity) -> usize {
    let of = |found: &Findings| {
        let errors = found.problems.len() + found.failures.len();
        let lints = found.lints.iter().filter(|(_, lint)| lint.severity() == severity).count();
        if severity == Severity::Error {
            errors + lints
        } else {
            lints
        }
    };
    findings.iter().map(of).sum()
}

fn human(findings: &[Findings]) -> String {
    let mut text = String::new();
    for found in findings {
        let place = |position: &Position| input::place(&found.name, Some(*position));
        let failures = found.failures.iter().map(|failure| (failure.position, failure.to_string()));
        let problems = found
            .problems
            .iter()
            .map(|(position, problem)| (Some(*position), format!("{}: error: {problem}", place(position))));
        let lints = found.lints.iter().map(|(position, lint)| {
            let (severity, id, location) = (lint.severity(), lint.id(), lint.location());
            (
                Some(*position),
                format!("{}: {severity}[{id}]: {location}: {}", place(position), lint.message()),
            )
        });
        let mut lines: Vec<_> = failures.chain(problems).chain(lints).collect();
        lines.sort_by_key(|(position, _)| *position);
        text.extend(lines.into_iter().map(|(_, line)| line + "\n"));
    }
    let [errors, warnings, infos] =
        [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "info")]
            .map(|(severity, word)| counted(count(findings, severity), word));
    text + &format!("{}: {errors}, {warnings}, {infos}\n", counted(findings.len(), "file"))
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

fn document(findings: &[Findings]) -> Value {
    json!({
        "files": findings.iter().map(file).collect::<Vec<_>>(),
        "errors": count(findings, Severity::Error),
        "warnings": count(findings, Severity::Warning),
        "infos": count(findings, Severity::Info),
    })
}

fn file(found: &Findings) -> Value {
    json!({
        "file": found.name,
        "failures": found.failures.iter().map(failure).collect::<Vec<_>>(),
        "problems": found.problems.iter().map(problem).collect::<Vec<_>>(),
        "lints": found.lints.iter().map(lint).collect::<Vec<_>>(),
    })
}

fn failure(failure: &Message) -> Value {
    json!({
        "message": failure.text,
        "line": failure.position.map(|position| position.line),
        "column": failure.position.map(|position| position.column),
    })
}

fn problem((position, problem): &(Position, Problem)) -> Value {
    let s3 = problem.s3_error();
    json!({
        "line": position.line,
        "column": position.column,
        "location": problem.location().to_string(),
        "value": problem.value(),
        "message": problem.message(),
        "s3": { "code": s3.code(), "message": s3.message() },
    })
}

fn lint((position, lint): &(Position, Lint)) -> Value {
    json!({
        "id": lint.id(),
        "severity": lint.severity().to_string(),
        "line": position.line,
        "column": position.column,
        "location": lint.location().to_string(),
        "value": lint.value(),
        "message": lint.message(),
        "fix": lint.fix(),
    })
}
