//! `s3-cors completions` and `s3-cors man`: what a package of the program installs beside it.

use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::Shell;

use crate::{CommandLine, Failure, Outcome};

/// Write the completions of a shell
#[derive(Args)]
#[command(after_help = "\
Examples:
  s3-cors completions bash > s3-cors.bash
  s3-cors completions zsh > _s3-cors
  s3-cors completions fish > s3-cors.fish")]
pub(crate) struct Completions {
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut CommandLine::command(), "s3-cors", &mut script);
        Outcome { text: String::from_utf8_lossy(&script).into_owned(), ..Outcome::default() }
    }
}

const VERSION: &str = concat!("s3-cors ", env!("CARGO_PKG_VERSION"));

/// Write the manual page of the program, or of one of its commands
#[derive(Args)]
#[command(after_help = "\
Examples:
  s3-cors man > s3-cors.1
  s3-cors man check > s3-cors-check.1
  s3-cors man convert > s3-cors-convert.1")]
pub(crate) struct Man {
    command: Option<Page>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Page {
    Check,
    Explain,
    Convert,
    Diff,
    Lints,
    Lint,
}

impl Man {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let mut program = CommandLine::command();
        program.build();
        let name = self.command.and_then(|page| page.to_possible_value());
        let page = name.and_then(|name| program.find_subcommand(name.get_name()).cloned());
        let page = page.unwrap_or(program);
        let name = page.get_display_name().unwrap_or(page.get_name()).to_owned();
        let mut text = Vec::new();
        let written = clap_mangen::Man::new(page).title(name).source(VERSION).render(&mut text);
        written.map_err(|error| format!("cannot write the page: {error}"))?;
        Ok(Outcome { text: String::from_utf8_lossy(&text).into_owned(), ..Outcome::default() })
    }
}
