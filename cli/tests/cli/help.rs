//! The help texts and the version.

use std::process::Command;

use crate::spellings::DOCUMENTS;
use crate::{Folder, RULES};

/// Returns the examples of a help text: shell commands.
fn examples(help: &str) -> Vec<&str> {
    let (_, examples) = help.split_once("\nExamples:\n").expect("examples");
    examples.lines().map_while(|line| line.strip_prefix("  ")).collect()
}

/// The files that they name exist, and `aws` is replaced by a function that prints rules.
#[cfg(unix)]
#[test]
fn examples_of_the_help_run() {
    use std::os::unix::fs::symlink;

    let folder = Folder(tempfile::tempdir().expect("a folder"));
    folder.write("cors.json", std::fs::read(format!("{RULES}/cors.json")).expect("rules"));
    folder.write("cors.xml", folder.run(&["convert", "cors.json", "--to", "xml"]).out());
    for (name, document) in
        [("template.yaml", "cloudformation/template.yaml"), ("main.tf", "terraform/main.tf")]
    {
        folder.write(name, std::fs::read(format!("{DOCUMENTS}/{document}")).expect("a document"));
    }
    symlink(env!("CARGO_BIN_EXE_s3-cors"), folder.path().join("s3-cors")).expect("a link");
    for command in [None, Some("check"), Some("explain"), Some("convert")] {
        let arguments: Vec<&str> = command.into_iter().chain(["--help"]).collect();
        let help = folder.run(&arguments);
        let examples = examples(help.out());
        assert!(examples.len() >= 3, "{}", help.out());
        for example in examples {
            let script = format!("aws() {{ cat cors.json; }}; PATH=.:$PATH; {example}");
            let run = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output();
            let run = run.expect("a shell");
            assert_eq!(String::from_utf8_lossy(&run.stderr), "", "{example}");
            assert!(matches!(run.status.code(), Some(0 | 1)), "{example}: {run:?}");
        }
    }
}

#[test]
fn version_is_that_of_the_package() {
    let run = Folder::new().run(&["--version"]);
    assert_eq!(run.out(), concat!("s3-cors ", env!("CARGO_PKG_VERSION"), "\n"));
}
