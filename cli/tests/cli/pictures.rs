//! The pictures of the documentation, made from what the command prints in a pseudo-terminal:
//! `BLESS=1 cargo test -p s3-cors pictures` writes them.

#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Command, Stdio};

use anstyle_svg::{Term, WIN10_CONSOLE};

use crate::Folder;

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");
/// A page with all pictures loads in a moment.
const MAX_BYTES: usize = 30_000;

const TEMPLATE: &str = "\
Resources:
  Assets:
    Type: AWS::S3::Bucket
    Properties:
      CorsConfiguration:
        CorsRules:
          - AllowedOrigins:
              - https://app.example.com/
              - https://*example.org
            AllowedMethods: [GET, HEAD, put] # uploads
            AllowedHeaders: ['*']
            MaxAge: 3600
";
const RULES: &str = r#"{ "CORSRules": [{
  "ID": "read", "AllowedOrigins": ["https://*.example.com"], "AllowedMethods": ["GET", "HEAD"] }, {
  "ID": "write", "AllowedOrigins": ["https://app.example.com"], "AllowedMethods": ["PUT"],
  "AllowedHeaders": ["content-type"], "MaxAgeSeconds": 3600
}] }"#;

/// What the command prints in a terminal, after the command itself. util-linux's `script` is the terminal.
fn printed(folder: &Folder, command: &str) -> String {
    let mut script = Command::new("script");
    let path = Path::new(env!("CARGO_BIN_EXE_s3-cors")).parent().expect("a folder");
    let path = format!("{}:{}", path.display(), std::env::var("PATH").unwrap_or_default());
    script.args(["--quiet", "--return", "--command", command, "/dev/null"]);
    script.current_dir(folder.path()).stdin(Stdio::null()).env("PATH", path).env("TERM", "xterm-256color");
    for variable in ["NO_COLOR", "CLICOLOR_FORCE", "GITHUB_ACTIONS"] {
        script.env_remove(variable);
    }
    let output = script.output().expect("script is part of util-linux");
    let text = String::from_utf8(output.stdout).expect("UTF-8").replace("\r\n", "\n");
    format!("\u{1b}[1m$ {command}\u{1b}[0m\n{text}")
}

#[test]
fn pictures_show_what_the_command_prints() {
    let folder = Folder(tempfile::tempdir().expect("a folder"));
    folder.write("template.yaml", TEMPLATE);
    folder.write("site.yaml", TEMPLATE.replace("3600", "604800"));
    folder.write("cors.json", RULES);
    for (name, command) in [
        ("check", "s3-cors check template.yaml"),
        (
            "explain",
            "s3-cors explain cors.json --origin https://app.example.com --method PUT --header x-amz-acl",
        ),
        ("diff", "s3-cors check --fix --diff site.yaml"),
    ] {
        let text = printed(&folder, command);
        assert!(!text.contains("/tmp") && !text.contains(env!("CARGO_MANIFEST_DIR")), "{text}");
        assert!(text.matches("\u{1b}[").count() > 10, "colours: {text}");
        let picture = Term::new().palette(WIN10_CONSOLE).render_svg(&text);
        assert!(picture.len() < MAX_BYTES, "{name}");
        let path = format!("{DOCS}/{name}.svg");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &picture).expect("writable");
        }
        let kept = std::fs::read_to_string(&path).expect("the picture is part of the repository");
        assert!(
            kept == picture,
            "{name}: `BLESS=1 cargo test -p s3-cors pictures` writes the picture anew\n{text}"
        );
    }
}
