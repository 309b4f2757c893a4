//! Names, files and pipes as a system has them.

use crate::Folder;

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = Folder::new();
    let name = OsStr::from_bytes(b"c\xff\n.json");
    std::fs::copy(folder.path().join("cors.json"), folder.path().join(name)).expect("writable");
    let output = folder.command(&["check"]).arg(name).output().expect("it ends");
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        out.starts_with("\"c\\xFF\\n.json\": info ")
            && out.ends_with("1 file: 0 errors, 0 warnings, 2 infos\n"),
        "{out}"
    );
}

#[test]
fn a_folder_is_no_file() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("folder")).expect("a folder");
    let run = folder.run(&["convert", "folder", "--to", "json"]);
    assert_eq!(run.err(), "s3-cors: cannot read \"folder\": Is a directory (os error 21)\n");
    assert_eq!(run.status(), Some(2));
}

#[test]
fn a_reader_that_went_away() {
    // More than a pipe holds, so that the write itself fails.
    let rule = r#"{ "AllowedOrigins": ["https://Example.com/"], "AllowedMethods": ["GET"] }"#;
    let folder = Folder::new();
    folder.write("many.json", format!("[{}]", vec![rule; 2_000].join(",")));
    for (arguments, status) in
        [(&["check", "many.json"][..], 2), (&["convert", "many.json", "--to", "json"], 0)]
    {
        let mut child = folder.command(arguments).spawn().expect("it starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(status));
    }
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = Folder::new();
    let asked = ["explain", "cors.json", "--method", "GET", "--origin"];
    for (option, message) in [
        (None, "error: invalid UTF-8 was detected in one or more arguments\n"),
        (Some("--dialect"), "error: invalid value 'a\u{fffd}' for '--dialect <DIALECT>'\n"),
    ] {
        let mut command = folder.command(&asked);
        command.args(option.into_iter().flat_map(|option| ["https://a.example", option]));
        let output = command.arg(OsStr::from_bytes(b"a\xff")).output().expect("it ends");
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(err.starts_with(message), "{err}");
        assert_eq!(output.status.code(), Some(2));
    }
}
