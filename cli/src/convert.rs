//! `s3-cors convert`: rules in another format.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tower_s3_cors::{CorsConfiguration, CorsPolicy};

use crate::{input, Failure, Outcome};

/// Write rules in another format to the standard output
#[derive(Args)]
#[command(after_help = "\
Exit status: 0 written, 1 written but S3 would refuse it, 2 an error

Examples:
  s3-cors convert cors.xml --to json > cors.json
  s3-cors convert cors.json --to console-json
  s3-cors convert - --to xml < cors.json")]
pub(crate) struct Convert {
    /// XML or JSON; `-` is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
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
        let document = input::read(&self.file)?;
        let configuration = document.configuration();
        let text = match self.to {
            Format::Json => configuration.to_json(),
            Format::Xml => configuration.to_xml(),
            Format::ConsoleJson => array(&configuration.to_json()),
        };
        let name = input::name(&self.file);
        // XML has no way to write most control characters.
        if text.parse::<CorsConfiguration>().as_ref() != Ok(configuration) {
            return Err(Failure::new(&name, None, "the rules have a character that XML cannot represent"));
        }
        let text = text + "\n";
        match CorsPolicy::new(configuration) {
            Ok(_) => Ok(Outcome { text, ..Outcome::default() }),
            Err(error) => {
                let failure = Failure::invalid(&name, &document, &error);
                Ok(Outcome { text, failure: Some(failure), status: 1 })
            }
        }
    }
}

/// The value of the one key of an object that is written with two blanks before each of its lines.
fn array(object: &str) -> String {
    let lines: Vec<&str> = object.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    let inner = lines.get(1..lines.len().saturating_sub(1)).unwrap_or_default().join("\n");
    inner.split_once(": ").map_or(String::new(), |(_, array)| array.into())
}
