//! `s3-cors diff`: the requests that are answered differently after a change of rules.

mod pairs;
mod report;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::diagnostic::Diagnostic;
use crate::input::{self, Source};
use crate::read::{From, Rules};
use crate::{Failure, Outcome, Settings};
use pairs::{pairs, Pair};
use report::{Bucket, Found, Report};

/// Compare two versions of rules by the requests that are answered differently
#[derive(Args)]
#[command(after_help = "\
Exit status: 0 no request is answered differently, 1 some are, 2 an error; with `--deny widening` also 2 if anything is
newly granted

Examples:
  aws s3api get-bucket-cors --bucket assets | s3-cors diff - cors.json
  s3-cors diff cors.json cors.xml
  s3-cors diff --deny widening cors.xml cors.json
  s3-cors diff --format json template.yaml main.tf --bucket Assets")]
pub(crate) struct Diff {
    /// The rules before the change, in any format; `-` is the standard input
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The rules after it, in the same or in another format
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Read both as that format, whatever they look like
    #[arg(long, value_name = "FORMAT")]
    from: Option<From>,
    /// The bucket in a template with several: its logical name, or in Terraform `type.name`
    #[arg(long, value_name = "NAME")]
    bucket: Option<String>,
    /// With `widening`, exit with status 2 if any origin, method or requested header is newly granted
    #[arg(long, value_name = "WHAT")]
    deny: Option<Denied>,
    /// How to report: `human` unless GITHUB_ACTIONS is set
    #[arg(long)]
    format: Option<Format>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Denied {
    Widening,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// What changes, each with a request that shows it
    Human,
    /// A document for programs
    Json,
    /// Annotations of GitHub Actions
    Github,
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

impl Diff {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        if [&self.old, &self.new].iter().all(|path| input::is_standard(path)) {
            return Err("\"-\" is given twice, the standard input can be read only once".into());
        }
        let (old, new) = (Source::read(&self.old, self.from)?, Source::read(&self.new, self.from)?);
        let are_several = [&old, &new].iter().any(|source| source.reading.rules.len() > 1);
        let (of_old, mut diagnostics) = self.select(&old, are_several)?;
        let (of_new, others) = self.select(&new, are_several)?;
        diagnostics.extend(others);
        let pairs = pairs(&of_old, &of_new)?;
        let buckets = pairs.iter().map(|pair| self.compare(pair, &old, &new)).collect::<Result<_, _>>()?;
        let report = Report { old: &old, new: &new, buckets };
        let is_denied = self.deny == Some(Denied::Widening) && report.is_widening();
        let text = match self.format.unwrap_or_else(Format::usual) {
            Format::Human => report.human(),
            Format::Json => report.json(),
            Format::Github => report.github(is_denied),
        };
        let status = if is_denied { 2 } else { u8::from(!report.is_same()) };
        Ok(Outcome { text, diagnostics, status })
    }

    /// The rules of the bucket. Those of a file with one bucket may be compared with any bucket of the other file.
    fn select<'s>(
        &self,
        source: &'s Source,
        are_several: bool,
    ) -> Result<(Vec<&'s Rules>, Vec<Diagnostic>), Failure> {
        let is_named = source.reading.rules.len() > 1 || !are_several;
        source.select(self.bucket.as_deref().filter(|_| is_named))
    }

    fn compare<'s>(&self, pair: &Pair<'s>, old: &Source, new: &Source) -> Result<Bucket<'s>, Failure> {
        let policy = |source: &Source, rules: &Rules| {
            let built = self.settings.builder().build(&rules.configuration);
            built.map_err(|error| Failure(source.problems(rules, &error)))
        };
        let before = pair.old.map(|rules| policy(old, rules)).transpose()?;
        let after = pair.new.map(|rules| policy(new, rules)).transpose()?;
        let found = match (before, after.zip(pair.new)) {
            (Some(before), Some((policy, rules))) => {
                Found::Compared { diff: before.diff(&policy), policy, rules }
            }
            (Some(_), None) => Found::OnlyInOld,
            (None, _) => Found::OnlyInNew,
        };
        Ok(Bucket { name: pair.name.clone(), found })
    }
}
