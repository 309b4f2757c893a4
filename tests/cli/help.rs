//! What the command line says of itself.

use crate::Folder;

#[test]
fn help_has_examples() {
    let folder = Folder::new();
    for command in ["check", "explain", "convert"] {
        let run = folder.run(&[command, "--help"]);
        assert!(run.out().contains(&format!("Examples:\n  s3-cors {command} ")), "{}", run.out());
        assert_eq!(run.status(), Some(0));
    }
}

#[test]
fn version() {
    let run = Folder::new().run(&["--version"]);
    assert_eq!(run.out(), concat!("s3-cors ", env!("CARGO_PKG_VERSION"), "\n"));
}
