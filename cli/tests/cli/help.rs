//! The help texts and the version.

use std::process::Command;

use tower_s3_cors::lint::Lint;

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
    std::fs::create_dir(folder.path().join("infrastructure")).expect("writable");
    folder
        .write("infrastructure/rules.yaml", "CORSRules: [{AllowedOrigins: ['*'], AllowedMethods: [GET]}]\n");
    symlink(env!("CARGO_BIN_EXE_s3-cors"), folder.path().join("s3-cors")).expect("a link");
    for command in [
        None,
        Some("check"),
        Some("explain"),
        Some("convert"),
        Some("diff"),
        Some("lints"),
        Some("lint"),
        Some("completions"),
        Some("man"),
    ] {
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

#[test]
fn lints_are_listed_and_each_has_its_page() {
    let folder = Folder::new();
    let list = folder.run(&["lints"]);
    let expected: String = Lint::catalogue()
        .iter()
        .map(|kind| format!("{}  {:7}  {}\n", kind.id(), kind.severity().to_string(), kind.title()))
        .collect();
    assert_eq!(list.out(), expected);
    for kind in Lint::catalogue() {
        let run = folder.run(&["lint", &kind.id().to_lowercase()]);
        assert_eq!(run.out(), kind.page());
        assert_eq!(run.status(), Some(0));
    }
}

#[test]
fn completions_of_each_shell_know_the_commands() {
    let folder = Folder::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = folder.run(&["completions", shell]);
        // fish writes an option without its hyphens.
        for word in ["check", "explain", "convert", "diff", "lints", "deny", "output"] {
            assert!(run.out().contains(word), "{shell} {word}");
        }
        assert_eq!(run.status(), Some(0));
    }
}

/// `bash` reads the script without a complaint, and completes a command.
#[cfg(unix)]
#[test]
fn bash_completes_a_command() {
    let folder = Folder::new();
    folder.write("s3-cors.bash", folder.run(&["completions", "bash"]).out());
    let script = ". ./s3-cors.bash && COMP_WORDS=(s3-cors con) COMP_CWORD=1 && _s3__cors s3-cors con s3-cors && echo ${COMPREPLY[@]}";
    let run = Command::new("bash").args(["--norc", "-c", script]).current_dir(folder.path()).output();
    let run = run.expect("a shell");
    assert_eq!(String::from_utf8_lossy(&run.stdout), "convert\n", "{run:?}");
}

#[test]
fn manual_page_is_that_of_the_program_or_of_a_command() {
    let folder = Folder::new();
    let program = folder.run(&["man"]);
    let title = concat!(".TH s3-cors 1  \"s3-cors ", env!("CARGO_PKG_VERSION"), "\"");
    assert!(program.out().contains(title), "{}", program.out());
    for command in ["check", "explain", "convert", "diff", "lints", "lint"] {
        let run = folder.run(&["man", command]);
        assert!(run.out().contains(&format!(".TH s3-cors-{command} 1")), "{}", run.out());
        assert!(run.out().contains(".SH OPTIONS"), "{}", run.out());
    }
}

/// The example of the package's README: a template and a module, and what is said about them.
#[test]
fn readme_shows_what_check_prints() {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("```text\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let folder = Folder::new();
    let read =
        |document: &str| std::fs::read_to_string(format!("{DOCUMENTS}/{document}")).expect("a document");
    let template =
        read("cloudformation/template.yaml").replace("https://app.example.com", "https://app.example.com/");
    folder.write("template.yaml", template);
    folder.write("main.tf", read("terraform/main.tf"));
    assert_eq!(folder.run(&["check", "template.yaml", "main.tf"]).out(), example);
}

/// The example of comparing: the rules with one origin more.
#[test]
fn readme_shows_what_diff_prints() {
    let readme = include_str!("../../README.md");
    let (_, section) = readme.split_once("## What a change of rules changes").expect("a section");
    let (_, rest) = section.split_once("```text\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let folder = Folder::new();
    let old = std::fs::read_to_string(format!("{RULES}/cors.json")).expect("rules");
    let origin = r#""https://app.example.com""#;
    let new = old.replacen(origin, &format!(r#"{origin}, "https://*.preview.example.com""#), 1);
    folder.write("cors.json", new);
    assert_eq!(folder.run_with(&["diff", "-", "cors.json"], old.into_bytes()).out(), example);
}
