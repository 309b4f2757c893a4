//! `s3-cors convert`: rules in another format.

use std::path::PathBuf;

use clap::Args;
use tower_s3_cors::CorsPolicy;

use crate::diagnostic::{Diagnostic, Level};
use crate::input::Source;
use crate::read::{self, Rules};
use crate::write::To;
use crate::{Choice, Failure, Outcome};

/// Write rules in another format
#[derive(Args)]
#[command(after_help = "\
What the format cannot say is a note on the standard error.
Exit status: 0 written, 1 written but S3 would refuse it, 2 an error

Examples:
  s3-cors convert cors.xml --to json > cors.json
  s3-cors convert template.yaml --bucket Assets --to terraform -o cors.tf
  s3-cors convert - --to xml < cors.json")]
pub(crate) struct Convert {
    /// Rules in any format that S3, its tools and other clouds have; `-` is the standard input
    file: PathBuf,
    #[command(flatten)]
    choice: Choice,
    #[arg(long, value_name = "FORMAT")]
    to: To,
    /// Write to that file in place of the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Convert {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let source = Source::read(&self.file, self.choice.from)?;
        let (buckets, mut diagnostics) = if self.to.has_buckets() {
            self.choice.select(&source)?
        } else {
            let (rules, diagnostics) = self.choice.select_one(&source)?;
            (vec![rules], diagnostics)
        };
        let text = self.to.write(&buckets);
        self.check(&text, &buckets, &source)?;
        for bucket in &buckets {
            let losses = self.to.losses(&[bucket]).into_iter();
            diagnostics.extend(losses.map(|(location, message)| Diagnostic {
                level: Level::Note,
                ..source.at(bucket, location, message)
            }));
        }
        let problems = buckets.iter().flat_map(|rules| {
            let error = CorsPolicy::new(&rules.configuration).err();
            error.map(|error| source.problems(rules, &error)).unwrap_or_default()
        });
        let problems: Vec<Diagnostic> = problems.collect();
        let status = u8::from(!problems.is_empty());
        diagnostics.extend(problems);
        let text = self.output(text)?;
        Ok(Outcome { text, diagnostics, status })
    }

    /// An error if reading what was written would give other rules: XML, for one, has no way to write most control
    /// characters.
    fn check(&self, text: &str, buckets: &[&Rules], source: &Source) -> Result<(), Failure> {
        // Google's rules are others.
        if self.to == To::Gcs {
            return Ok(());
        }
        let written = read::read(text, self.to.extension(), None).rules;
        let is_same = written.len() == buckets.len()
            && written
                .iter()
                .zip(buckets)
                .all(|(written, rules)| written.configuration == rules.configuration);
        if is_same {
            return Ok(());
        }
        let format = if self.to == To::Xml { "XML" } else { "the format" };
        let message = format!("the rules have a character that {format} cannot represent");
        Err(Diagnostic::error(&source.name, message).into())
    }

    /// Writes the file; without one, returns the text for the standard output.
    fn output(&self, text: String) -> Result<String, Failure> {
        let Some(path) = &self.output else {
            return Ok(text);
        };
        crate::overwrite::overwrite(path, &text)?;
        Ok(String::new())
    }
}
