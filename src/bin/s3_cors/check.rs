//! `s3-cors check`: every problem and every lint of some files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{json, Value};
use tower_s3_cors::{Lint, Problem, ProblemKind, Severity};

use crate::input::{self, Unread};
use crate::{escape, Fault, Outcome, Settings};

/// Tell what is wrong with rules, and what is dangerous or useless about them
#[derive(Args)]
#[command(after_help = "\
Exit status: 0 nothing wrong, 1 warnings with `--deny warnings`, 2 errors

Examples:
  s3-cors check cors.xml
  s3-cors check --deny warnings --format json *.json
  aws s3api get-bucket-cors --bucket assets | s3-cors check -")]
pub(crate) struct Check {
    /// XML or JSON; `-` is the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Make the exit status 1 where there are warnings
    #[arg(long)]
    deny: Option<Denied>,
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
    unread: Option<Unread>,
    problems: Vec<Problem>,
    lints: Vec<Lint>,
}

impl Check {
    pub(crate) fn run(&self) -> Result<Outcome, Fault> {
        if self.files.iter().filter(|path| input::is_standard(path)).count() > 1 {
            return Err("\"-\" is given twice, the standard input can be read only once".into());
        }
        let findings: Vec<Findings> = self.files.iter().map(|path| self.examine(path)).collect();
        let text = match self.format {
            Format::Human => human(&findings),
            Format::Json => escape::escape_json(&format!("{:#}\n", document(&findings))),
        };
        let status = match (count(&findings, Severity::Error), count(&findings, Severity::Warning)) {
            (0, 0) => 0,
            (0, _) => u8::from(self.deny.is_some()),
            _ => 2,
        };
        Ok(Outcome { text, status })
    }

    fn examine(&self, path: &Path) -> Findings {
        let name = input::name(path);
        let configuration = match input::read(path) {
            Ok(configuration) => configuration,
            Err(unread) => return Findings { name, unread: Some(unread), ..Findings::default() },
        };
        let problems = match self.settings.builder().build(&configuration) {
            Ok(_) => Vec::new(),
            Err(error) => error.problems().to_vec(),
        };
        let said: HashSet<(String, &str)> = problems.iter().flat_map(said_again).collect();
        let is_new = |lint: &Lint| !said.contains(&(lint.location().to_string(), lint.id()));
        let lints = configuration.lint().into_iter().filter(is_new).collect();
        Findings { name, unread: None, problems, lints }
    }
}

/// The lints that would say the problem again, each with its location.
fn said_again(problem: &Problem) -> impl Iterator<Item = (String, &'static str)> + '_ {
    let ids: &[&str] = match problem.kind() {
        ProblemKind::UnsupportedMethod
        | ProblemKind::NotAMethod
        | ProblemKind::ForbiddenMethod
        | ProblemKind::WildcardMethod => &["M03", "M04"],
        ProblemKind::OverbroadOrigin(_) => &["O01", "O02", "O03", "O04", "O05", "O07", "O15"],
        _ => &[],
    };
    ids.iter().map(|id| (problem.location().to_string(), *id))
}

fn count(findings: &[Findings], severity: Severity) -> usize {
    let of = |found: &Findings| {
        let errors = found.problems.len() + usize::from(found.unread.is_some());
        let lints = found.lints.iter().filter(|lint| lint.severity() == severity).count();
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
        let name = &found.name;
        let unread = found.unread.iter().map(|unread| format!("error: {}\n", unread.message));
        let problems = found.problems.iter().map(|problem| format!("{name}: error {problem}\n"));
        let lints = found.lints.iter().map(|lint| format!("{name}: {lint}\n"));
        text.extend(unread.chain(problems).chain(lints));
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
    let unread = found.unread.as_ref().map(|unread| {
        let location = unread.parse_error.as_ref();
        json!({
            "message": unread.message,
            "line": location.map(|error| error.line()),
            "column": location.map(|error| error.column()),
        })
    });
    json!({
        "file": found.name,
        "error": unread,
        "problems": found.problems.iter().map(problem).collect::<Vec<_>>(),
        "lints": found.lints.iter().map(lint).collect::<Vec<_>>(),
    })
}

fn problem(problem: &Problem) -> Value {
    let s3 = problem.s3_error();
    json!({
        "path": problem.location().to_string(),
        "rule": problem.location().rule,
        "field": problem.location().field.map(|field| field.as_str()),
        "index": problem.location().index,
        "value": problem.value(),
        "message": problem.to_string(),
        "s3": { "code": s3.code(), "message": s3.message() },
    })
}

fn lint(lint: &Lint) -> Value {
    json!({
        "id": lint.id(),
        "severity": lint.severity().to_string(),
        "path": lint.location().to_string(),
        "rule": lint.location().rule,
        "field": lint.location().field.map(|field| field.as_str()),
        "index": lint.location().index,
        "value": lint.value(),
        "reason": lint.reason(),
        "fix": lint.fix(),
    })
}
