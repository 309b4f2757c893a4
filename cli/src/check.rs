//! `s3-cors check`: every problem and every lint of some files.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use tower_s3_cors::document::Location;
use tower_s3_cors::error::{Problem, ProblemKind};
use tower_s3_cors::lint::{Lint, LintKind};

use crate::diagnostic::{Diagnostic, Level, Replacement};
use crate::escape::escaped_json;
use crate::given::Given;
use crate::input::Source;
use crate::lints::Denied;
use crate::paint::Paint;
use crate::read::{From, Rules};
use crate::render::{self, Color};
use crate::report::{count, document, summary, Findings};
use crate::{fix, given, input, lints, patch, sarif, Failure, Outcome, Settings};

/// Report what is invalid in rules, and what is valid but dangerous or ineffective
#[derive(Args)]
#[command(after_help = "\
Exit status: 0 no errors, 1 warnings with `--deny warnings`, 2 errors, such as a file that cannot be read; with `--diff`
0 no changes, 1 changes, 2 a file that cannot be read

Examples:
  s3-cors check cors.xml
  s3-cors check --format short template.yaml main.tf
  s3-cors check --allow O21,A04 --deny R03 cors.xml
  s3-cors check --deny warnings --format json *.json
  s3-cors check --diff infrastructure
  s3-cors check 'infrastructure/**/*.{tf,yaml}'
  aws s3api get-bucket-cors --bucket assets | s3-cors check -")]
pub(crate) struct Check {
    /// Rules in any format that S3, its tools and other clouds have, at most 16 MiB, folders of such files, or patterns such as
    /// 'infra/**/*.tf'; `-` is the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Read the files as that format, whatever they look like
    #[arg(long, value_name = "FORMAT")]
    from: Option<From>,
    /// Report the lints with these ids as errors; with `warnings`, exit with status 1 if there are any
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = lints::denied)]
    deny: Vec<Denied>,
    /// Do not report the lints with these ids
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = lints::kind)]
    allow: Vec<&'static LintKind>,
    /// Skip files that have no rules, as in folders
    #[arg(long)]
    skip_unrelated: bool,
    /// Report infos too: what is worth knowing, and often right as it is
    #[arg(long)]
    all: bool,
    /// How to report: `human` unless GITHUB_ACTIONS is set
    #[arg(long)]
    format: Option<Format>,
    /// Apply the suggestions that are certain, in the files: for what can never match, and for a MaxAgeSeconds above a day
    #[arg(long)]
    fix: bool,
    /// Show what `--fix` changes, as a patch, and change nothing
    #[arg(long)]
    diff: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Each finding with its line, a caret and help
    Human,
    /// A line for each finding
    Short,
    /// A document for programs
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
}

impl Format {
    fn usual() -> Self {
        if std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
            Format::Github
        } else {
            Format::Human
        }
    }
}

impl Check {
    pub(crate) fn run(&self, color: Color) -> Result<Outcome, Failure> {
        input::check_standard(&self.files)?;
        if self.diff {
            return Ok(self.patch(Paint(color.is_on(&io::stdout()))));
        }
        if self.fix && self.files.iter().any(|path| input::is_standard(path)) {
            return Err("--fix changes files, and the standard input is none; use --diff".into());
        }
        let given = given::files(&self.files, self.skip_unrelated);
        let findings: Vec<Findings> = given.iter().filter_map(|given| self.examine(given)).collect();
        let passed_over = given.len() - findings.len();
        let all: Vec<Diagnostic> = findings.iter().flat_map(|found| found.diagnostics.clone()).collect();
        let is_colored = color.is_on(&io::stdout());
        let text = match self.format.unwrap_or_else(Format::usual) {
            Format::Human if all.is_empty() => summary(&findings, passed_over),
            Format::Human => render::full(&all, is_colored) + "\n" + &summary(&findings, passed_over),
            Format::Short => render::short(&all, is_colored) + &summary(&findings, passed_over),
            Format::Github => render::github(&all) + &summary(&findings, passed_over),
            Format::Json => escaped_json(&format!("{:#}\n", document(&findings, passed_over))),
            Format::Sarif => escaped_json(&format!("{:#}\n", sarif::document(&findings))),
        };
        let status = match (count(&findings, &[Level::Error]), count(&findings, &[Level::Warning])) {
            (0, 0) => 0,
            (0, _) => u8::from(self.deny.iter().any(|denied| matches!(denied, Denied::Warnings))),
            _ => 2,
        };
        Ok(Outcome { text, status, ..Outcome::default() })
    }

    /// What is found in the file; none if it is passed over.
    fn examine(&self, given: &Given) -> Option<Findings> {
        let mut fixed = 0;
        let source = given.read(self.from)?.and_then(|source| self.fixed(&given.path, source, &mut fixed));
        let mut diagnostics = match source {
            Err(Failure(diagnostics)) => diagnostics,
            Ok(source) => {
                let mut found = source.findings(Level::Note);
                for rules in &source.reading.rules {
                    self.examine_rules(&source, rules, &mut found);
                }
                found.extend(source.unknown_lints());
                if matches!(self.format, Some(Format::Sarif)) {
                    self.add_replacements(&source, &mut found);
                }
                found
            }
        };
        diagnostics.sort_by_key(|diagnostic| diagnostic.place.as_ref().map(|place| place.start));
        Some(Findings { name: input::name(&given.path), diagnostics, fixed })
    }

    /// Adds what `--fix` would write to the findings that suggest it.
    fn add_replacements(&self, source: &Source, found: &mut [Diagnostic]) {
        let edits = self.edits(source);
        if fix::apply(source, &edits).is_err() {
            return;
        }
        let position = |offset| source.position(offset);
        let by_place: HashMap<_, _> =
            edits.iter().map(|edit| ((position(edit.of.start), position(edit.of.end)), edit)).collect();
        for finding in found {
            let place = finding.place.as_ref().map(|place| (place.start, place.end));
            let edit = place.and_then(|place| by_place.get(&place));
            if let Some(edit) = edit.filter(|edit| edit.is_suggested_by(finding)) {
                let (start, end) = (position(edit.span.start), position(edit.span.end));
                finding.replacement = Some(Replacement { start, end, text: edit.written.clone() });
            }
        }
    }

    /// With `--fix`, the file after it is changed.
    fn fixed(&self, path: &Path, source: Source, fixed: &mut usize) -> Result<Source, Failure> {
        let edits = if self.fix { self.edits(&source) } else { Vec::new() };
        if edits.is_empty() {
            return Ok(source);
        }
        source.replace(path, &fix::apply(&source, &edits)?)?;
        *fixed = edits.len();
        Source::read(path, self.from)
    }

    fn edits(&self, source: &Source) -> Vec<fix::Edit> {
        fix::edits(source, |rules, lint| {
            self.level(lint).is_some() && !is_made_up(rules, lint.location()) && !source.allows(rules, lint)
        })
    }

    /// What `--fix` would change in all files.
    fn patch(&self, paint: Paint) -> Outcome {
        let (mut text, mut diagnostics) = (String::new(), Vec::new());
        for given in given::files(&self.files, self.skip_unrelated) {
            match given.read(self.from).map(|source| self.patch_of(&source?)) {
                Some(Ok(patch)) => text += &patch,
                Some(Err(Failure(failed))) => diagnostics.extend(failed),
                None => {}
            }
        }
        let has_failed = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
        let status = if has_failed { 2 } else { u8::from(!text.is_empty()) };
        Outcome { text: paint.patch(&text), diagnostics, status }
    }

    fn patch_of(&self, source: &Source) -> Result<String, Failure> {
        let edits = self.edits(source);
        if edits.is_empty() {
            return Ok(String::new());
        }
        Ok(patch::patch(source, &fix::apply(source, &edits)?))
    }

    fn examine_rules(&self, source: &Source, rules: &Rules, found: &mut Vec<Diagnostic>) {
        // What could not be read would be missing in its rule.
        if found
            .iter()
            .any(|diagnostic| diagnostic.level == Level::Error && diagnostic.bucket == rules.bucket)
        {
            return;
        }
        let problems = match self.settings.builder().build(&rules.configuration) {
            Ok(_) => Vec::new(),
            Err(error) => error.problems().to_vec(),
        };
        let repeated: HashSet<(Location, &str)> = problems.iter().flat_map(repeated_by).collect();
        let is_shown = |lint: &Lint| {
            self.level(lint).is_some_and(|level| self.all || level > Level::Note)
                && !repeated.contains(&(lint.location(), lint.id()))
        };
        let known = problems.iter().filter(|problem| !is_made_up(rules, problem.location()));
        found.extend(known.map(|problem| source.problem(rules, problem)));
        let lints = rules.configuration.lint().into_iter().filter(is_shown);
        let lints = lints.filter(|lint| !is_made_up(rules, lint.location()) && !source.allows(rules, lint));
        // What compares rules cannot be sure of anything while a value is made up.
        let lints = lints.filter(|lint| rules.unknown.is_empty() || !lint.id().starts_with('R'));
        found.extend(lints.map(|lint| Diagnostic {
            level: self.level(&lint).unwrap_or(lint.severity().into()),
            ..diagnostic(source, rules, &lint)
        }));
    }

    /// How bad the lint is with these options; none if it is allowed.
    fn level(&self, lint: &Lint) -> Option<Level> {
        if self.deny.iter().any(|denied| matches!(denied, Denied::Lint(id) if *id == lint.id())) {
            return Some(Level::Error);
        }
        let is_allowed = self.allow.iter().any(|kind| kind.id() == lint.id());
        (!is_allowed).then(|| lint.severity().into())
    }
}

/// Whether the location, or what it is in, has a value that only the cloud knows.
fn is_made_up(rules: &Rules, location: Location) -> bool {
    let mut field = location;
    field.index = None;
    let rule = location.rule.map(Location::rule).unwrap_or_default();
    [location, field, rule, Location::default()].iter().any(|location| rules.unknown.contains(location))
}

fn diagnostic(source: &Source, rules: &Rules, lint: &Lint) -> Diagnostic {
    Diagnostic {
        id: Some(lint.id()),
        value: lint.value().map(str::to_owned),
        fix: lint.fix().map(str::to_owned),
        ..source.at(rules, lint.location(), lint.message())
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
