//! The command line as a process: its output and its exit status.

mod cases;
mod ci;
mod documents;
mod fixes;
mod folders;
mod help;
mod pictures;
mod process;
mod sarif;
mod spellings;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// The rules that every case can use.
const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rules");
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

/// A temporary folder with these rules, in which the command runs.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Folder(tempfile::tempdir().expect("a folder"));
        for rules in std::fs::read_dir(RULES).expect("the corpus is part of the repository") {
            let rules = rules.expect("an entry").path();
            let text = std::fs::read(&rules).expect("a readable file");
            folder.write(rules.file_name().expect("a name"), text);
        }
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), text).expect("writable");
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, Vec::new())
    }

    fn run_with(&self, arguments: &[&str], input: Vec<u8>) -> Run {
        self.run_command(self.command(arguments), input)
    }

    fn run_command(&self, mut command: Command, input: Vec<u8>) -> Run {
        let mut child = command.spawn().expect("it starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        // Ignores errors: a command that does not read its input closes the pipe.
        thread::spawn(move || drop(stdin.write_all(&input)));
        let (done, ended) = channel();
        thread::spawn(move || drop(done.send(child.wait_with_output())));
        Run(ended.recv_timeout(Duration::from_secs(60)).expect("it ends").expect("an outcome"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_s3-cors"));
        command.args(arguments).current_dir(self.path());
        for variable in ["NO_COLOR", "CLICOLOR_FORCE", "GITHUB_ACTIONS"] {
            command.env_remove(variable);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

struct Run(Output);

impl Run {
    fn out(&self) -> &str {
        std::str::from_utf8(&self.0.stdout).expect("UTF-8")
    }

    fn err(&self) -> &str {
        std::str::from_utf8(&self.0.stderr).expect("UTF-8")
    }

    fn status(&self) -> Option<i32> {
        self.0.status.code()
    }
}
