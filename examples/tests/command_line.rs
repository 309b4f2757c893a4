//! The examples as processes: `--help`, `--listen`, and a port that is taken.
//!
//! With the standard library alone: a dev-dependency would be compiled for `cargo run --example axum` too.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(30);
const EXAMPLES: [(&str, &str, &str); 2] = [
    ("axum", "usage: axum [--listen HOST:PORT] [FILE]", "127.0.0.1:3000"),
    ("hyper", "usage: hyper [--listen HOST:PORT]", "127.0.0.1:3001"),
];

/// Ends the process when the test does.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// cargo builds the examples of a package in a folder beside that of its tests.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this program");
    test.ancestors().nth(2).expect("a folder").join("examples").join(name)
}

fn start(name: &str, arguments: &[&str]) -> Child {
    let mut command = Command::new(program(name));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect(name)
}

/// Runs work on another thread, and fails the test if it takes too long.
fn within<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(TIMEOUT).expect("an end in time")
}

fn output(name: &str, arguments: &[&str]) -> Output {
    let child = start(name, arguments);
    within(|| child.wait_with_output()).expect("its output")
}

fn error(name: &str, arguments: &[&str]) -> String {
    let output = output(name, arguments);
    assert_eq!(output.status.code(), Some(1), "{name} {arguments:?}: {output:?}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

#[test]
fn help_is_printed() {
    for (name, usage, address) in EXAMPLES {
        let output = output(name, &["--help"]);
        let help = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(output.status.success(), "{name}");
        assert!(help.starts_with(usage) && help.contains(address), "{help}");
    }
}

#[test]
fn unknown_arguments_are_refused() {
    for (name, usage, _) in EXAMPLES {
        assert_eq!(error(name, &["--port", "1"]), format!("unknown argument \"--port\"\n{usage}\n"));
        assert_eq!(error(name, &["--listen"]), format!("--listen needs a HOST:PORT\n{usage}\n"));
    }
    assert_eq!(
        error("hyper", &["rules.json"]),
        format!("unknown argument \"rules.json\"\n{}\n", EXAMPLES[1].1)
    );
}

#[test]
fn port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    for (name, ..) in EXAMPLES {
        let in_use = "another program does; choose another port with --listen HOST:PORT";
        assert_eq!(error(name, &["--listen", &address]), format!("cannot listen on {address}: {in_use}\n"));
    }
}

#[test]
fn example_listens_where_it_is_told() {
    for (name, ..) in EXAMPLES {
        let mut process = Running(start(name, &["--listen", "127.0.0.1:0"]));
        let mut stdout = BufReader::new(process.0.stdout.take().expect("its output"));
        let line = within(move || {
            let mut line = String::new();
            stdout.read_line(&mut line).map(|_| line)
        });
        let line = line.expect("a line");
        let address = line.strip_prefix("listening on http://").expect(&line);
        let address = address.split([' ', ';']).next().unwrap_or_default();
        TcpStream::connect(address).expect(&line);
    }
}
