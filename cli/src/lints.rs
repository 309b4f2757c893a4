//! `s3-cors lints` and `s3-cors lint`: the kinds of lints and their pages, and options that name some.

use clap::Args;
use tower_s3_cors::lint::{Lint, LintKind};

use crate::Outcome;

/// List every kind of lint
#[derive(Args)]
#[command(after_help = "\
Examples:
  s3-cors lints
  s3-cors lints | grep error
  s3-cors lint O09")]
pub(crate) struct Lints {}

impl Lints {
    pub(crate) fn run(&self) -> Outcome {
        let line = |kind: &&LintKind| {
            format!("{}  {:7}  {}\n", kind.id(), kind.severity().to_string(), kind.title())
        };
        Outcome { text: Lint::catalogue().iter().map(line).collect(), ..Outcome::default() }
    }
}

/// Show the page of a lint: why it matters, with sources, and what to do
#[derive(Args)]
#[command(after_help = "\
Examples:
  s3-cors lint O09
  s3-cors lint a04
  s3-cors lint O21 | less")]
pub(crate) struct ShowLint {
    /// Its id, such as O09
    #[arg(value_name = "ID", value_parser = kind)]
    kind: &'static LintKind,
}

impl ShowLint {
    pub(crate) fn run(&self) -> Outcome {
        Outcome { text: format!("{}\n", self.kind.page().trim_end()), ..Outcome::default() }
    }
}

/// The kind with that id, in whatever case it is written.
pub(crate) fn kind(id: &str) -> Result<&'static LintKind, String> {
    let kind = Lint::catalogue().iter().copied().find(|kind| kind.id().eq_ignore_ascii_case(id));
    kind.ok_or_else(|| "no lint has that id; `s3-cors lints` lists them".into())
}

/// What `--deny` names: a lint, or all warnings.
#[derive(Clone, Copy)]
pub(crate) enum Denied {
    Warnings,
    Lint(&'static str),
}

pub(crate) fn denied(word: &str) -> Result<Denied, String> {
    if word == "warnings" {
        return Ok(Denied::Warnings);
    }
    let kind = kind(word).map_err(|message| format!("expected `warnings` or the id of a lint: {message}"))?;
    Ok(Denied::Lint(kind.id()))
}
