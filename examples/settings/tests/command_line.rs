//! The program as a process.

use std::process::{Command, Output};

fn output(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_settings")).args(arguments).output().expect("a process")
}

#[test]
fn help_is_printed() {
    let output = output(&["--help"]);
    let help = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && help.starts_with("usage: settings [--help]\n"), "{help}");
    assert!(help.contains("APP_ORIGINS"), "{help}");
}

#[test]
fn rules_are_printed() {
    let output = output(&[]);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("\"AllowedOrigins\""), "{printed}");
}

#[test]
fn unknown_argument_is_refused() {
    let output = output(&["--listen"]);
    assert_eq!(output.status.code(), Some(1));
    let message = "unknown argument \"--listen\"\nusage: settings [--help]\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), message);
}
