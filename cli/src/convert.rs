//! `s3-cors convert`: rules in another format.

use clap::{Args, ValueEnum};
use tower_s3_cors::{CorsConfiguration, CorsPolicy};

use crate::diagnostic::Diagnostic;
use crate::{Choice, Failure, Outcome};

/// Write rules in another format to the standard output
#[derive(Args)]
#[command(after_help = "\
Exit status: 0 written, 1 written but S3 would refuse it, 2 an error

Examples:
  s3-cors convert cors.xml --to json > cors.json
  s3-cors convert cors.json --to console-json
  s3-cors convert - --to xml < cors.json")]
pub(crate) struct Convert {
    #[command(flatten)]
    choice: Choice,
    #[arg(long, value_name = "FORMAT")]
    to: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// `{"CORSRules": [...]}`, as the AWS command line and the SDKs take it
    Json,
    /// S3's REST document
    Xml,
    /// The array of rules alone, as the S3 console takes it
    ConsoleJson,
}

impl Convert {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let source = self.choice.read()?;
        let (rules, mut diagnostics) = self.choice.select_one(&source)?;
        let configuration = &rules.configuration;
        let text = match self.to {
            Format::Json => configuration.to_json(),
            Format::Xml => configuration.to_xml(),
            Format::ConsoleJson => array(&configuration.to_json()),
        };
        // XML has no way to write most control characters.
        if text.parse::<CorsConfiguration>().as_ref() != Ok(configuration) {
            let message = "the rules have a character that XML cannot represent";
            return Err(Diagnostic::error(&source.name, message).into());
        }
        let problems = CorsPolicy::new(configuration).err().map(|error| source.problems(rules, &error));
        let status = u8::from(problems.is_some());
        diagnostics.extend(problems.unwrap_or_default());
        Ok(Outcome { text: text + "\n", diagnostics, status })
    }
}

/// The value of the one key of an object that is written with two blanks before each of its lines.
fn array(object: &str) -> String {
    let lines: Vec<&str> = object.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    let inner = lines.get(1..lines.len().saturating_sub(1)).unwrap_or_default().join("\n");
    inner.split_once(": ").map_or(String::new(), |(_, array)| array.into())
}
