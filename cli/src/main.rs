//! The command line `s3-cors`: checks, explains, compares and converts S3-format CORS rules.
#![forbid(unsafe_code)]
#![warn(rust_2018_idioms, unreachable_pub, clippy::incompatible_msrv)]

mod answer;
mod check;
mod clients;
mod comments;
mod convert;
mod curl;
mod diagnostic;
mod diff;
mod escape;
mod excerpt;
mod explain;
mod fix;
mod folder;
mod given;
mod input;
mod lints;
mod overwrite;
mod paint;
mod patch;
mod pattern;
mod read;
mod render;
mod report;
mod sarif;
mod shell;
mod write;

use std::env;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tower_s3_cors::{CorsPolicy, CorsPolicyBuilder};

use diagnostic::{Diagnostic, Failure};
use input::Choice;
use render::Color;

/// Checks, explains, compares and converts S3-format CORS rules, in the formats of S3, its tools and other clouds
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
    /// Colours: on a terminal unless NO_COLOR is set, and with CLICOLOR_FORCE everywhere
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Check),
    Explain(explain::Explain),
    Convert(convert::Convert),
    Diff(diff::Diff),
    Lints(lints::Lints),
    Lint(lints::ShowLint),
    Completions(shell::Completions),
    Man(shell::Man),
}

/// The limits that the rules are checked against.
#[derive(Args)]
struct Settings {
    /// Accept any method that browsers send, and documents of any size
    #[arg(long)]
    extended: bool,
    /// Allow browsers to send cookies: an overbroad origin is then an error
    #[arg(long)]
    credentials: bool,
}

impl Settings {
    fn builder(&self) -> CorsPolicyBuilder {
        CorsPolicy::builder().extended(self.extended).credentials(self.credentials)
    }
}

/// What a command prints on the standard output and, if it was no full success, on the standard error.
#[derive(Default)]
struct Outcome {
    text: String,
    diagnostics: Vec<Diagnostic>,
    status: u8,
}

fn main() -> ExitCode {
    let (outcome, color) = match command_line() {
        Ok(CommandLine { command, color }) => (command.run(color), color),
        Err(error) if error.use_stderr() => return complain(&error.to_string()),
        Err(help) => (Ok(Outcome { text: help.to_string(), ..Outcome::default() }), Color::Never),
    };
    match outcome.and_then(|outcome| print(outcome, color)) {
        Ok(status) => status.into(),
        Err(Failure(diagnostics)) => complain(&render::full(&diagnostics, color.is_on(&io::stderr()))),
    }
}

impl Command {
    fn run(&self, color: Color) -> Result<Outcome, Failure> {
        match self {
            Command::Check(check) => check.run(color),
            Command::Explain(explain) => explain.run(color),
            Command::Convert(convert) => convert.run(),
            Command::Diff(diff) => diff.run(),
            Command::Lints(lints) => Ok(lints.run()),
            Command::Lint(lint) => Ok(lint.run()),
            Command::Completions(completions) => Ok(completions.run()),
            Command::Man(man) => man.run(),
        }
    }
}

/// Parses the arguments. clap's errors repeat them as they are, so after an error it gets escaped ones.
fn command_line() -> Result<CommandLine, clap::Error> {
    CommandLine::try_parse().map_err(|error| {
        let arguments = env::args_os().map(|argument| escape::escaped(&argument.to_string_lossy()));
        // An argument that is not UTF-8 is not repeated, and escaped it is not an error.
        CommandLine::try_parse_from(arguments).err().unwrap_or(error)
    })
}

fn complain(text: &str) -> ExitCode {
    // If the standard error is closed too, only the status can say it.
    let _closed = io::stderr().write_all(text.as_bytes());
    ExitCode::from(2)
}

/// Writes the text. A reader that has seen enough and closed the pipe is not an error.
fn print(outcome: Outcome, color: Color) -> Result<u8, Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(outcome.text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            return Err(format!("cannot write: {error}").into());
        }
        _ => {}
    }
    complain(&render::full(&outcome.diagnostics, color.is_on(&io::stderr())));
    Ok(outcome.status)
}
