//! The command line as a process: what it prints, and with which status it ends.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tower_s3_cors::CorsConfiguration;

const RULES: &str = r#"[
    { "ID": "web", "AllowedOrigins": ["https://app.example.com"], "AllowedMethods": ["GET", "HEAD"],
      "AllowedHeaders": ["*"], "ExposeHeaders": ["x-trace"], "MaxAgeSeconds": 600 },
    { "ID": "admin", "AllowedOrigins": ["https://admin.example.com"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 600 }
]"#;

/// A folder with files, in which the command runs.
struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("writable");
        }
        Folder(folder)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, b"")
    }

    fn run_with(&self, arguments: &[&str], input: &'static [u8]) -> Run {
        let mut child = self.command(arguments).spawn().expect("it starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A command that does not read its input closes it.
        thread::spawn(move || drop(stdin.write_all(input)));
        let (done, ended) = channel();
        thread::spawn(move || drop(done.send(child.wait_with_output())));
        Run(ended.recv_timeout(Duration::from_secs(60)).expect("it ends").expect("an outcome"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_s3-cors"));
        command.args(arguments).current_dir(self.0.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

struct Run(Output);

impl Run {
    fn out(&self) -> &str {
        std::str::from_utf8(&self.0.stdout).expect("UTF-8")
    }

    /// Status, standard output and standard error.
    #[track_caller]
    fn is(&self, status: i32, out: &str, err: &str) {
        assert_eq!(self.out(), out);
        assert_eq!(String::from_utf8_lossy(&self.0.stderr), err);
        assert_eq!(self.0.status.code(), Some(status));
    }
}

#[test]
fn explain_a_refused_preflight() {
    let run = Folder::new(&[("cors.json", RULES)]).run(&[
        "explain",
        "cors.json",
        "--origin",
        "https://app.example.com",
        "--method",
        "PUT",
        "--header",
        "Content-Type",
        "--header",
        "x-trace",
    ]);
    let text = r#"refused: preflight from https://app.example.com for PUT with content-type, x-trace
  CORSRules[0] "web"    origin yes   method no (GET, HEAD)   headers yes
  CORSRules[1] "admin"  origin no
nearest: CORSRules[0]: add PUT to AllowedMethods

answer: 403
  vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers
"#;
    run.is(1, text, "");
}

#[test]
fn explain_a_granted_preflight() {
    let folder = Folder::new(&[("cors.json", RULES)]);
    let asked = ["--origin", "https://app.example.com", "--method", "GET", "--header", "X-A"];
    let head = r#"granted: preflight from https://app.example.com for GET with x-a by CORSRules[0] "web"
  CORSRules[0] "web"    origin yes   method yes   headers yes
  CORSRules[1] "admin"  origin no
"#;
    let fetch = "
answer: 204
  access-control-allow-origin: https://app.example.com
  access-control-allow-methods: GET, HEAD
  access-control-allow-headers: x-a
  access-control-max-age: 600
  vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers
";
    let s3 = "
answer: 200
  access-control-allow-origin: https://app.example.com
  access-control-allow-methods: GET, HEAD
  access-control-allow-headers: x-a
  access-control-expose-headers: x-trace
  access-control-max-age: 600
  access-control-allow-credentials: true
  vary: Origin, Access-Control-Request-Headers, Access-Control-Request-Method
";
    for (dialect, answer) in [("fetch", fetch), ("s3", s3)] {
        let arguments = [&["explain", "cors.json", "--dialect", dialect], &asked[..]].concat();
        folder.run(&arguments).is(0, &format!("{head}{answer}"), "");
    }
}

#[test]
fn explain_an_actual_request() {
    let folder = Folder::new(&[("cors.json", RULES)]);
    let arguments =
        |origin| ["explain", "cors.json", "--actual", "--credentials", "--method", "GET", "--origin", origin];
    let text = r#"granted: actual request from https://app.example.com for GET by CORSRules[0] "web"
  CORSRules[0] "web"    origin yes   method yes
  CORSRules[1] "admin"  origin no

answer: the service's own, with these headers
  access-control-allow-origin: https://app.example.com
  access-control-allow-credentials: true
  access-control-expose-headers: x-trace
  vary: Origin
"#;
    folder.run(&arguments("https://app.example.com")).is(0, text, "");
    let refused = folder.run(&arguments("https://other.example"));
    assert!(refused.out().ends_with("\nanswer: the service's own, with these headers\n  vary: Origin\n"));
    assert_eq!(refused.0.status.code(), Some(1));
}

#[test]
fn explain_refuses_what_is_no_request() {
    let folder = Folder::new(&[("cors.json", RULES), ("bad.json", r#"[{ "AllowedOrigins": ["*"] }]"#)]);
    for (arguments, message) in [
        (["cors.json", "a\nb", "GET"], "--origin: \"a\\nb\" cannot stand in a request"),
        (["cors.json", "https://a.example", "G T"], "--method: \"G T\" cannot stand in a request"),
        (
            ["bad.json", "https://a.example", "GET"],
            "bad.json: invalid CORS configuration: CORSRules[0].AllowedMethods: at least one method is needed",
        ),
    ] {
        let [file, origin, method] = arguments;
        let run = folder.run(&["explain", file, "--actual", "--origin", origin, "--method", method]);
        run.is(2, "", &format!("s3-cors: {message}\n"));
    }
}

#[test]
fn explain_asks_for_names() {
    let folder = Folder::new(&[("cors.json", RULES)]);
    let asked = ["explain", "cors.json", "--origin", "https://a.example", "--method"];
    for (more, message) in [
        (["G T"].as_slice(), "--method: \"G T\" cannot stand in a request"),
        (&["GET", "--header", "a: b"], "--header: \"a: b\" cannot stand in a request"),
    ] {
        folder.run(&[&asked[..], more].concat()).is(2, "", &format!("s3-cors: {message}\n"));
    }
}

#[test]
fn explain_tells_a_terminal_nothing() {
    let rules = r#"[{ "ID": "\u001b[2Jx", "AllowedOrigins": ["*"], "AllowedMethods": ["GET"] }]"#;
    let folder = Folder::new(&[("cors.json", rules)]);
    let run = folder.run(&[
        "explain",
        "cors.json",
        "--origin",
        "https://\u{9b}31m",
        "--method",
        "GET",
        "--extended",
    ]);
    let all = [run.0.stdout, run.0.stderr].concat();
    let all = String::from_utf8_lossy(&all);
    assert!(!all.is_empty() && !all.chars().any(|c| c.is_control() && c != '\n'), "{all:?}");
}

const DOUBTFUL: &str = r#"[{ "AllowedOrigins": ["https://Example.com/", "http*"], "AllowedMethods": ["GET", "HEAD", "get"],
    "MaxAgeSeconds": 600 }]"#;
const WIDE: &str = r#"[{ "AllowedOrigins": ["https://*example.com"], "AllowedMethods": ["GET", "HEAD"], "MaxAgeSeconds": 600 }]"#;

#[test]
fn check_for_people() {
    let folder = Folder::new(&[
        ("cors.json", RULES),
        ("doubtful.json", DOUBTFUL),
        ("wide.json", WIDE),
        ("broken.json", "[{"),
    ]);
    folder.run(&["check", "cors.json"]).is(0, include_str!("corpus/cli/check-clean.txt"), "");
    let run = folder.run(&["check", "cors.json", "doubtful.json", "broken.json", "none.json"]);
    run.is(2, include_str!("corpus/cli/check.txt"), "");
}

#[test]
fn check_denies_warnings_when_told() {
    let folder = Folder::new(&[("wide.json", WIDE)]);
    assert_eq!(folder.run(&["check", "wide.json"]).0.status.code(), Some(0));
    let run = folder.run(&["check", "--deny", "warnings", "wide.json"]);
    assert!(run.out().contains("wide.json: warning O03 CORSRules[0].AllowedOrigins[0]: "), "{}", run.out());
    assert_eq!(run.0.status.code(), Some(1));
    // With credentials it is a problem, and said once.
    let run = folder.run(&["check", "--credentials", "wide.json"]);
    assert_eq!(run.out().matches("CORSRules[0].AllowedOrigins[0]").count(), 1, "{}", run.out());
    assert_eq!(run.0.status.code(), Some(2));
}

#[test]
fn check_for_programs() {
    let folder = Folder::new(&[("cors.json", RULES), ("doubtful.json", DOUBTFUL), ("broken.json", "[{")]);
    let run =
        folder.run(&["check", "--format", "json", "doubtful.json", "broken.json", "none.json", "cors.json"]);
    let found: Value = serde_json::from_str(run.out()).expect("one document");
    let expected: Value = serde_json::from_str(include_str!("corpus/cli/check.json")).expect("JSON");
    assert_eq!(found, expected, "{}", run.out());
    assert_eq!(run.0.status.code(), Some(2));
}

#[test]
fn convert_back_and_forth() {
    let folder = Folder::new(&[("cors.json", RULES)]);
    let written: CorsConfiguration = RULES.parse().expect("rules");
    for (format, start) in
        [("json", "{\n  \"CORSRules\": ["), ("xml", "<?xml"), ("console-json", "[\n  {\n    \"ID\"")]
    {
        let run = folder.run(&["convert", "cors.json", "--to", format]);
        assert!(run.out().starts_with(start) && run.out().ends_with('\n'), "{}", run.out());
        assert_eq!(run.out().parse().as_ref(), Ok(&written), "{format}");
        assert_eq!(run.0.status.code(), Some(0));
    }
}

#[test]
fn convert_refuses_what_xml_cannot_carry() {
    let rules = r#"[{ "ID": "\u0001", "AllowedOrigins": ["*"], "AllowedMethods": ["GET"] }]"#;
    let run = Folder::new(&[("cors.json", rules)]).run(&["convert", "cors.json", "--to", "xml"]);
    run.is(2, "", "s3-cors: cors.json: the rules have a character that XML cannot carry\n");
}

#[test]
fn standard_input() {
    let folder = Folder::new(&[]);
    let run = folder.run_with(&["convert", "-", "--to", "console-json"], RULES.as_bytes());
    assert_eq!(run.out().parse::<CorsConfiguration>(), RULES.parse());
    let message =
        "s3-cors: standard input: invalid CORS document: line 1, column 2: the byte 0xff is not UTF-8, \
                   save the document as UTF-8\n";
    folder.run_with(&["convert", "-", "--to", "json"], b"[\xff]").is(2, "", message);
    folder.run_with(&["check", "-"], b"").is(
        2,
        "error: standard input: invalid CORS document: line 1, column 1: the document is empty\n\
         1 file: 1 error, 0 warnings, 0 infos\n",
        "",
    );
}

#[test]
fn files_that_cannot_be_read() {
    let folder = Folder::new(&[]);
    std::fs::create_dir(folder.0.path().join("folder")).expect("a folder");
    for (file, reason) in
        [("none", "No such file or directory (os error 2)"), ("folder", "Is a directory (os error 21)")]
    {
        let run = folder.run(&["convert", file, "--to", "json"]);
        run.is(2, "", &format!("s3-cors: cannot read \"{file}\": {reason}\n"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = Folder::new(&[]);
    let name = PathBuf::from(OsStr::from_bytes(b"c\xff\n.json"));
    std::fs::write(folder.0.path().join(&name), RULES).expect("writable");
    let output = folder.command(&["check"]).arg(&name).output().expect("it ends");
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        out.starts_with("\"c\\xFF\\n.json\": info ")
            && out.ends_with("1 file: 0 errors, 0 warnings, 1 info\n"),
        "{out}"
    );
}

#[test]
fn a_reader_that_went_away() {
    // More than a pipe holds, so that the write itself fails.
    let rule = r#"{ "AllowedOrigins": ["https://Example.com/"], "AllowedMethods": ["GET"] }"#;
    let rules = format!("[{}]", vec![rule; 2_000].join(","));
    let folder = Folder::new(&[("cors.json", &rules)]);
    for (arguments, status) in
        [(&["check", "cors.json"][..], 2), (&["convert", "cors.json", "--to", "json"], 0)]
    {
        let mut child = folder.command(arguments).spawn().expect("it starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(status));
    }
}

#[test]
fn help_has_examples() {
    let folder = Folder::new(&[]);
    for command in ["check", "explain", "convert"] {
        let run = folder.run(&[command, "--help"]);
        assert!(run.out().contains(&format!("Examples:\n  s3-cors {command} ")), "{}", run.out());
        assert_eq!(run.0.status.code(), Some(0));
    }
    assert_eq!(folder.run(&["--version"]).out(), concat!("s3-cors ", env!("CARGO_PKG_VERSION"), "\n"));
    assert_eq!(folder.run(&["check"]).0.status.code(), Some(2));
}
