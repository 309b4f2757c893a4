//! The command line `s3-cors`: checks, explains and converts S3-format CORS rules.
#![forbid(unsafe_code)]
#![warn(rust_2018_idioms, unreachable_pub, clippy::incompatible_msrv)]

mod check;
mod convert;
mod escape;
mod explain;
mod input;

use std::env;
use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tower_s3_cors::document::{CorsDocument, Position};
use tower_s3_cors::error::Problem;
use tower_s3_cors::{CorsPolicy, CorsPolicyBuilder, InvalidConfiguration};

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

/// What a command prints on the standard output and, where it went only partly well, on the standard error.
#[derive(Default)]
struct Outcome {
    text: String,
    failure: Option<Failure>,
    status: u8,
}

/// What stops a command: lines for the standard error, all of one shape.
struct Failure {
    messages: Vec<Message>,
}

/// `cors.json:3:5: error: ...`
struct Message {
    /// The file; empty if it is about the command itself.
    name: String,
    position: Option<Position>,
    text: String,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.name.is_empty() {
            write!(f, "{}: ", input::place(&self.name, self.position))?;
        }
        write!(f, "error: {}", self.text)
    }
}

impl Failure {
    fn new(name: &str, position: Option<Position>, text: impl Into<String>) -> Self {
        Self::several(name, [(position, text.into())])
    }

    fn several(name: &str, messages: impl IntoIterator<Item = (Option<Position>, String)>) -> Self {
        let message = |(position, text)| Message { name: name.into(), position, text };
        Failure { messages: messages.into_iter().map(message).collect() }
    }

    /// The problems of a configuration.
    fn invalid(name: &str, document: &CorsDocument, error: &InvalidConfiguration) -> Self {
        let problem = |problem: &Problem| (Some(document.position(problem.location())), problem.to_string());
        Self::several(name, error.problems().iter().map(problem))
    }

    fn lines(&self) -> String {
        self.messages.iter().map(|message| format!("{message}\n")).collect()
    }
}

/// An error in the use of a command.
impl<T: Into<String>> From<T> for Failure {
    fn from(text: T) -> Self {
        Failure::new("", None, text)
    }
}

fn main() -> ExitCode {
    let outcome = match command_line() {
        Ok(CommandLine { command: Command::Check(check) }) => check.run(),
        Ok(CommandLine { command: Command::Explain(explain) }) => explain.run(),
        Ok(CommandLine { command: Command::Convert(convert) }) => convert.run(),
        Err(error) if error.use_stderr() => return complain(&error.to_string()),
        Err(help) => Ok(Outcome { text: help.to_string(), ..Outcome::default() }),
    };
    match outcome.and_then(print) {
        Ok(status) => status.into(),
        Err(failure) => complain(&failure.lines()),
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
fn print(outcome: Outcome) -> Result<u8, Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(outcome.text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            return Err(format!("cannot write: {error}").into());
        }
        _ => {}
    }
    if let Some(failure) = outcome.failure {
        complain(&failure.lines());
    }
    Ok(outcome.status)
}
