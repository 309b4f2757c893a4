//! The command line `s3-cors`: checks, explains and converts S3-format CORS rules.
#![forbid(unsafe_code)]
#![warn(rust_2018_idioms, unreachable_pub, clippy::incompatible_msrv)]

mod check;
mod convert;
#[path = "../../pattern/escape.rs"]
mod escape;
mod explain;
mod input;
mod terminal;

use std::env;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tower_s3_cors::{CorsPolicy, CorsPolicyBuilder};

/// Checks, explains and converts S3-format CORS rules, XML or JSON.
#[derive(Parser)]
#[command(
    name = "s3-cors",
    version,
    after_help = "\
Examples:
  s3-cors check cors.xml
  s3-cors explain cors.json --origin https://app.example.com --method PUT
  s3-cors convert cors.xml --to json > cors.json

Each command has more: s3-cors explain --help"
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Check),
    Explain(explain::Explain),
    Convert(convert::Convert),
}

/// Which options the rules are held against.
#[derive(Args)]
struct Settings {
    /// Accept any method that browsers send, and documents of any size
    #[arg(long)]
    extended: bool,
    /// Let browsers send cookies: an origin that lets in strangers is then an error
    #[arg(long)]
    credentials: bool,
}

impl Settings {
    fn builder(&self) -> CorsPolicyBuilder {
        CorsPolicy::builder().extended(self.extended).credentials(self.credentials)
    }
}

/// What a command has to say, and its exit status.
struct Outcome {
    text: String,
    status: u8,
}

/// What stops a command before it has an outcome: one line for the standard error.
type Fault = String;

fn main() -> ExitCode {
    let outcome = match command_line() {
        Ok(CommandLine { command: Command::Check(check) }) => check.run(),
        Ok(CommandLine { command: Command::Explain(explain) }) => explain.run(),
        Ok(CommandLine { command: Command::Convert(convert) }) => convert.run(),
        Err(error) if error.use_stderr() => return complain(&error.to_string()),
        Err(help) => Ok(Outcome { text: help.to_string(), status: 0 }),
    };
    match outcome.and_then(print) {
        Ok(status) => status.into(),
        Err(fault) => complain(&format!("s3-cors: {fault}\n")),
    }
}

/// Where clap complains it repeats arguments as they are, so it is then given escaped ones.
fn command_line() -> Result<CommandLine, clap::Error> {
    CommandLine::try_parse().map_err(|error| {
        let arguments = env::args_os().map(|argument| terminal::escaped(&argument.to_string_lossy()));
        // No argument stands in the error about one that is not UTF-8, and escaped it is no error.
        CommandLine::try_parse_from(arguments).err().unwrap_or(error)
    })
}

fn complain(text: &str) -> ExitCode {
    // Where the standard error is closed too, the status is all that is left to say.
    let _closed = io::stderr().write_all(text.as_bytes());
    ExitCode::from(2)
}

/// Writes the text. A reader that has seen enough and went away is no fault.
fn print(outcome: Outcome) -> Result<u8, Fault> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(outcome.text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("cannot write: {error}")),
        _ => Ok(outcome.status),
    }
}
