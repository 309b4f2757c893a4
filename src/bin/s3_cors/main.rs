//! The command line `s3-cors`: checks, explains and converts S3-format CORS rules.
#![forbid(unsafe_code)]
#![warn(rust_2018_idioms, unreachable_pub, clippy::incompatible_msrv)]

mod check;
mod convert;
mod explain;
mod input;
#[path = "../../config/unseen.rs"]
mod unseen;

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tower_s3_cors::{CorsPolicy, CorsPolicyBuilder};

/// Checks, explains and converts S3-format CORS rules, XML or JSON.
#[derive(Parser)]
#[command(name = "s3-cors", version)]
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

/// Which laws the rules are held against.
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
    let outcome = match CommandLine::parse().command {
        Command::Check(check) => Ok(check.run()),
        Command::Explain(explain) => explain.run(),
        Command::Convert(convert) => convert.run(),
    };
    match outcome.and_then(print) {
        Ok(status) => status.into(),
        Err(fault) => {
            // Where the standard error is closed too, the status is all that is left to say.
            let _closed = writeln!(io::stderr(), "s3-cors: {fault}");
            ExitCode::from(2)
        }
    }
}

/// Writes the text. A reader that has seen enough and went away is no fault.
fn print(outcome: Outcome) -> Result<u8, Fault> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(outcome.text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("cannot write: {error}")),
        _ => Ok(outcome.status),
    }
}
