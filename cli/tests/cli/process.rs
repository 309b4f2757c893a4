//! File names, folders, pipes and arguments of the operating system.

use crate::Folder;

#[cfg(target_os = "linux")]
#[test]
fn file_name_that_is_not_utf_8_is_escaped() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = Folder::new();
    let name = OsStr::from_bytes(b"c\xff\n.json");
    std::fs::copy(folder.path().join("cors.json"), folder.path().join(name)).expect("writable");
    let output =
        folder.command(&["check", "--format", "short", "--all"]).arg(name).output().expect("it ends");
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        out.starts_with("\"c\\xFF\\n.json\":4:5: info[H10]")
            && out.ends_with("1 file: 0 errors, 0 warnings, 2 infos\n"),
        "{out}"
    );
}

#[test]
fn folder_in_place_of_a_file_is_an_error() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("folder")).expect("a folder");
    let run = folder.run(&["convert", "folder", "--to", "json"]);
    assert_eq!(run.err(), "folder: error: cannot read it: Is a directory (os error 21)\n");
    assert_eq!(run.status(), Some(2));
}

/// Three hundred long prefixes with three hundred long suffixes are more than is compared.
#[test]
fn comparison_that_stops_is_no_success() {
    let long = "a".repeat(700);
    let origins: Vec<String> = (0..600)
        .map(|number| match number % 2 {
            0 => format!("\"https://{number}{long}*\""),
            _ => format!("\"*.{long}{number}\""),
        })
        .collect();
    let folder = Folder::new();
    let rules = format!("[{{ \"AllowedOrigins\": [{}], \"AllowedMethods\": [\"GET\"] }}]", origins.join(","));
    folder.write("many.json", rules);
    let run = folder.run(&["diff", "--extended", "many.json", "many.json"]);
    assert_eq!(run.out(), "stopped at the limit of the work: there may be more changes\n");
    assert_eq!(run.status(), Some(1));
    let arguments =
        ["diff", "--extended", "--deny", "widening", "--format", "json", "many.json", "many.json"];
    let run = folder.run(&arguments);
    assert!(run.out().contains("\"complete\": false"), "{}", run.out());
    assert_eq!(run.status(), Some(2));
}

#[test]
fn closed_output_is_not_an_error() {
    // More output than a pipe buffers, so that a write fails.
    let rule = r#"{ "AllowedOrigins": ["https://Example.com/"], "AllowedMethods": ["GET"] }"#;
    let folder = Folder::new();
    folder.write("many.json", format!("[{}]", vec![rule; 2_000].join(",")));
    for (arguments, status) in
        [(&["check", "many.json"][..], 2), (&["convert", "many.json", "--to", "json"], 1)]
    {
        let mut child = folder.command(arguments).spawn().expect("it starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("write"));
        assert_eq!(output.status.code(), Some(status));
    }
}

#[cfg(unix)]
#[test]
fn argument_that_is_not_utf_8_is_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = Folder::new();
    let arguments = ["explain", "cors.json", "--method", "GET", "--origin"];
    for (option, message) in [
        (None, "error: invalid UTF-8 was detected in one or more arguments\n"),
        (Some("--dialect"), "error: invalid value 'a\u{fffd}' for '--dialect <DIALECT>'\n"),
    ] {
        let mut command = folder.command(&arguments);
        command.args(option.into_iter().flat_map(|option| ["https://a.example", option]));
        let output = command.arg(OsStr::from_bytes(b"a\xff")).output().expect("it ends");
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(err.starts_with(message), "{err}");
        assert_eq!(output.status.code(), Some(2));
    }
}

/// util-linux's `script` runs the command in a pseudo-terminal.
#[cfg(target_os = "linux")]
#[test]
fn terminal_has_colors_unless_it_is_dumb() {
    use std::process::{Command, Stdio};

    let folder = Folder::new();
    for (terminal, is_colored) in [("xterm-256color", true), ("dumb", false)] {
        let check = format!("{} check wide.json", env!("CARGO_BIN_EXE_s3-cors"));
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--command", &check, "/dev/null"]);
        command.current_dir(folder.path()).env("TERM", terminal).stdin(Stdio::null());
        for variable in ["NO_COLOR", "CLICOLOR_FORCE", "GITHUB_ACTIONS"] {
            command.env_remove(variable);
        }
        let output = command.output().expect("script is part of util-linux");
        let out = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(out.contains("wide.json:1:23:"), "{out}");
        assert_eq!(out.contains("\u{1b}[1;33mwarning[O03]\u{1b}[0m"), is_colored, "{out}");
        assert_eq!(out.contains('\u{1b}'), is_colored, "{out}");
    }
}

/// Without space for a single byte the file stays as it is, and nothing counts as applied.
#[cfg(unix)]
#[test]
fn file_that_cannot_be_written_keeps_its_text() {
    let folder = Folder::new();
    let text = r#"[{ "AllowedOrigins": ["https://Example.com/"], "AllowedMethods": ["GET"] }]"#;
    folder.write("slash.json", text);
    let program = folder.command(&[]).get_program().to_owned();
    for arguments in ["check --fix slash.json", "convert cors.json --to xml -o slash.json"] {
        let script = format!("trap '' XFSZ; ulimit -f 0; exec \"$0\" {arguments}");
        let mut command = std::process::Command::new("sh");
        let run =
            command.args(["-c", &script]).arg(&program).current_dir(folder.path()).output().expect("it ends");
        let printed = String::from_utf8([run.stdout, run.stderr].concat()).expect("UTF-8");
        assert!(printed.starts_with("slash.json: error: cannot write it: File too large"), "{printed}");
        assert!(!printed.contains("applied"), "{printed}");
        assert_eq!(run.status.code(), Some(2), "{printed}");
        assert_eq!(std::fs::read_to_string(folder.path().join("slash.json")).expect("the file"), text);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn pipe_is_not_changed() {
    let folder = Folder::new();
    folder.write(
        "slash.json",
        r#"[{ "AllowedOrigins": ["https://Example.com/"], "AllowedMethods": ["GET"] }]"#,
    );
    let program = folder.command(&[]).get_program().to_owned();
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "cat slash.json | \"$0\" check --fix --format short /dev/stdin"]).arg(&program);
    let run = command.current_dir(folder.path()).output().expect("it ends");
    let printed = String::from_utf8(run.stdout).expect("UTF-8");
    let error = "/dev/stdin: error: it is a pipe or a device, which cannot be changed; use --diff\n";
    assert_eq!(printed, format!("{error}1 file: 1 error, 0 warnings, 0 infos\n"));
    assert_eq!(run.status.code(), Some(2));
}
