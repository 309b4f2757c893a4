//! Folders and patterns: what is checked, what is passed over, and what is said about a file that cannot be read.

use crate::{Folder, Run};

/// A document about anything else, in which a suggestion would be wrong.
const POINTS: &str = r#"[{ "origin": ["https://A.example/"], "method": ["get"] }]"#;
const TEMPLATE: &str = "Resources: {A: {Properties: {CorsConfiguration: {CorsRules: [{AllowedOrigins: [https://a.example/], AllowedMethods: [GET]}]}}}}";
const RULES: &str = r#"[{ "AllowedOrigins": ["https://a.example/"], "AllowedMethods": ["GET"] }]"#;

fn folder(files: &[(&str, &str)]) -> Folder {
    let folder = Folder(tempfile::tempdir().expect("a folder"));
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        folder.write(name, text);
    }
    folder
}

fn check(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run(&[&["check", "--format", "short"], arguments].concat())
}

/// The files that have a finding, and the summary.
fn found(run: &Run) -> Vec<&str> {
    let name = |line: &'_ str| if line.contains(": error") { line.find(':') } else { None };
    run.out().lines().map(|line| &line[..name(line).unwrap_or(line.len())]).collect()
}

#[test]
fn folder_is_checked_with_all_files_that_have_rules() {
    let folder = folder(&[
        ("b/template.yaml", TEMPLATE),
        ("a/c/cors.json", r#"[{ "origin": ["*"], "method": ["get"] }]"#),
        ("a/c/points.json", POINTS),
        ("a/broken.tf", "cors_rule {\n"),
        ("a/variables.tf", "variable \"cors_rule\" {\n  default = []\n}\n"),
        ("a/package.json", r#"{ "dependencies": { "cors": "2" } }"#),
        ("a/binary.xml", "\u{0}"),
        ("a/readme.md", TEMPLATE),
        ("a/.git/x.yaml", TEMPLATE),
        ("a/node_modules/x.yaml", TEMPLATE),
        ("empty/readme.md", ""),
    ]);
    let run = check(&folder, &["a", "b", "empty"]);
    let expected = [
        "a/broken.tf:1:12: error: invalid HCL: invalid block body; expected \"}\", newline or identifier",
        "a/c/cors.json:1:32: error: CORSRules[0].AllowedMethods[0]: \"get\" is not a method; write \"GET\"",
        "b/template.yaml:1:80: error[O09]: CORSRules[0].AllowedOrigins[0]: \"https://a.example/\" never matches: an origin does not end in \"/\"; write \"https://a.example\"",
        "3 files: 3 errors, 0 warnings, 0 infos; 4 files without rules",
    ];
    assert_eq!(run.out().lines().collect::<Vec<_>>(), expected);
    let run = folder.run(&["check", "--diff", "a", "b"]);
    assert_eq!((run.out().matches("\n@@ ").count(), run.status()), (2, Some(1)), "{}", run.out());
    let run = check(&folder, &["--fix", "a", "b"]);
    let summary = "3 files: 1 error, 0 warnings, 0 infos; 2 suggestions applied; 4 files without rules\n";
    assert!(run.out().ends_with(summary), "{}", run.out());
    let points = std::fs::read_to_string(folder.path().join("a/c/points.json")).expect("the file");
    assert_eq!(points, POINTS);
}

/// As git and patch take them.
#[test]
fn patch_names_files_without_a_dot() {
    let folder = folder(&[("a/rules.json", RULES)]);
    assert!(folder
        .run(&["check", "--diff", "."])
        .out()
        .starts_with("--- a/rules.json\n+++ a/rules.json\n@@ -1 +1 @@\n"));
}

#[test]
fn settings_of_a_program_are_passed_over() {
    let folder = folder(&[
        ("a/settings.yaml", "port: 80\nallowedOrigins: [https://a.example/]\nallowedMethods: [get]\n"),
        ("a/origins.yaml", "allowedOrigins: [https://a.example/]\nallowedMethods: [get]\n"),
        (
            "a/appsettings.json",
            r#"{ "Cors": { "AllowedOrigins": ["https://a.example/"], "AllowedMethods": ["get"] } }"#,
        ),
        ("a/web.json", r#"{ "AllowedOrigin": "https://a.example/" }"#),
        (
            "a/proxy.json",
            r#"[{ "allowedOrigins": ["https://a.example/"], "allowedMethods": ["get"], "upstream": "b" }]"#,
        ),
    ]);
    assert_eq!(
        check(&folder, &["a"]).out(),
        "0 files: 0 errors, 0 warnings, 0 infos; 5 files without rules\n"
    );
}

/// A file with a name of rules is not passed over because it cannot be read.
#[test]
fn faulty_files_that_are_named_for_rules_are_findings() {
    let faulty = [
        ("a/cors-comma.json", r#"[{ "AllowedOrigins": ["https://a.example"], "AllowedMethods": ["GET"] },]"#),
        ("a/cors-key.json", r#"[{ "AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "Max": 1 }]"#),
        ("a/cors-quote.yaml", "- AllowedOrigins: [\"*]\n  AllowedMethods: [GET]\n"),
        ("a/cors-single.json", r#"{ "AllowedOrigins": ["*"], "AllowedMethods": [1] }"#),
        ("a/my-cors.xml", "<CORSConfiguration><CORSRule></CORSConfiguration>"),
    ];
    // What says something else is right, whatever the name is.
    let others = [
        ("a/cors-proxy.json", r#"{ "name": "cors-proxy", "version": "1.0.0" }"#),
        ("a/cors.toml", "[cors"),
        ("a/cors.yaml", "cors:\n  enabled: true\n"),
        ("a/with-cors.tf", "module \"a\" {\n  source = \"./cors\"\n}\n"),
    ];
    let folder = folder(&[&faulty[..], &others].concat());
    let run = check(&folder, &["a"]);
    let mut found = found(&run);
    found.dedup();
    let mut expected: Vec<_> = faulty.iter().map(|(name, _)| *name).collect();
    expected.push("5 files: 6 errors, 0 warnings, 0 infos; 3 files without rules");
    assert_eq!(found, expected);
    assert_eq!(run.status(), Some(2));
}

/// No name says that they are about CORS; what is in them does.
#[test]
fn rules_are_found_in_files_of_any_name() {
    let files = [
        ("a/prod.json", RULES),
        ("a/r2.json", r#"{ "rules": [{ "allowed": { "origins": ["https://a.example/"], "methods": ["GET"] } }] }"#),
        ("a/gcs.tf", "resource \"google_storage_bucket\" \"a\" {\n  cors {\n    origin = [\"https://a.example/\"]\n    method = [\"GET\"]\n  }\n}\n"),
        ("a/bos.json", r#"{ "corsConfiguration": [{ "allowedOrigins": ["https://a.example/"], "allowedMethods": ["GET"] }] }"#),
    ];
    let folder = folder(&files);
    let run = check(&folder, &["a"]);
    assert_eq!(
        found(&run),
        ["a/bos.json", "a/gcs.tf", "a/prod.json", "a/r2.json", "4 files: 4 errors, 0 warnings, 0 infos"]
    );
}

#[test]
fn pattern_is_expanded_where_no_shell_did() {
    let folder = folder(&[
        ("infra/main.json", RULES),
        ("infra/a/b/rules.yaml", TEMPLATE),
        ("infra/a/b/package.json", "{}"),
        ("infra/a/b/notes.txt", "CORSRules"),
        ("infra/node_modules/x.json", RULES),
        ("infra/.hidden/x.json", RULES),
        ("infra/app/[id].json", RULES),
        ("infra/{x}.json", RULES),
    ]);
    for (pattern, expected) in [
        (
            "infra/**/*.json",
            &[
                "infra/app/[id].json",
                "infra/main.json",
                "infra/{x}.json",
                "3 files: 3 errors, 0 warnings, 0 infos; 1 file without rules",
            ][..],
        ),
        (
            "./infra/*.{json,yaml}",
            &["./infra/main.json", "./infra/{x}.json", "2 files: 2 errors, 0 warnings, 0 infos"],
        ),
        (
            "infra/a/**",
            &["infra/a/b/rules.yaml", "1 file: 1 error, 0 warnings, 0 infos; 1 file without rules"],
        ),
        ("**/b", &["infra/a/b/rules.yaml", "1 file: 1 error, 0 warnings, 0 infos; 1 file without rules"]),
        ("infra/[ln-z]ode_modules/*", &["infra/node_modules/x.json", "1 file: 1 error, 0 warnings, 0 infos"]),
        ("infra/node_modules/?.json", &["infra/node_modules/x.json", "1 file: 1 error, 0 warnings, 0 infos"]),
        ("infra/.hidden/*.json", &["infra/.hidden/x.json", "1 file: 1 error, 0 warnings, 0 infos"]),
        // Names that are no pattern.
        ("infra/app/[id].json", &["infra/app/[id].json", "1 file: 1 error, 0 warnings, 0 infos"]),
        ("infra/{x}.json", &["infra/{x}.json", "1 file: 1 error, 0 warnings, 0 infos"]),
    ] {
        let run = check(&folder, &[pattern]);
        assert_eq!(found(&run), expected, "{pattern}");
        assert_eq!(run.status(), Some(2), "{pattern}");
    }
}

#[test]
fn pattern_without_a_match_is_an_error() {
    let folder =
        folder(&[("a/cors.json", "[{ \"AllowedOrigins\": [\"*\"], \"AllowedMethods\": [\"GET\"] }]")]);
    let run = check(&folder, &["a/*.tf", "none/**/*.json", "a/**b/*.json", "a/*.json"]);
    let expected = [
        "a/*.tf: error: no file matches the pattern",
        "none/**/*.json: error: no file matches the pattern",
        "a/**b/*.json: error: no file has that name, and as a pattern it is invalid: recursive wildcards must form a single path component",
        "4 files: 3 errors, 0 warnings, 0 infos",
    ];
    assert_eq!(run.out().lines().collect::<Vec<_>>(), expected);
    assert_eq!(run.status(), Some(2));
    let run = folder.run(&["check", "--diff", "a/*.tf"]);
    assert_eq!(
        (run.out(), run.err(), run.status()),
        ("", "a/*.tf: error: no file matches the pattern\n", Some(2))
    );
}

/// What is larger is a note, as nobody keeps rules in it. UTF-16 and Latin-1 are errors if the file may have rules.
#[test]
fn file_of_a_folder_that_cannot_be_read_is_reported() {
    let folder = folder(&[("a/cors.json", RULES)]);
    let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    folder.write("a/latin.yaml", b"# \xe9\nCORSRules: []\n");
    folder.write("a/wide.xml", utf_16("\u{feff}<CORSConfiguration><CORSRule/></CORSConfiguration>"));
    folder.write("a/other.xml", utf_16("\u{feff}<note>\u{e9}</note>"));
    folder.write("a/picture.json", b"\x89PNG\xff");
    let large = std::fs::File::create(folder.path().join("a/large.json")).expect("writable");
    large.set_len(17 << 20).expect("a file with a hole");
    let run = check(&folder, &["--allow", "O09", "a"]);
    let expected = [
        "a/large.json: note: cannot read it: it has more than 16777216 bytes; it is not checked",
        "a/latin.yaml:1:3: error: the byte 0xe9 is not UTF-8, save the document as UTF-8",
        "a/wide.xml:1:1: error: the document is UTF-16, save it as UTF-8",
        "4 files: 2 errors, 0 warnings, 1 info; 2 files without rules",
    ];
    assert_eq!(run.out().lines().collect::<Vec<_>>(), expected);
    assert_eq!(run.status(), Some(2));
    let run = folder.run(&["check", "--diff", "a"]);
    assert!(run.out().starts_with("--- a/cors.json\n"), "{}", run.out());
    assert_eq!((run.err().matches("cannot read it").count(), run.status()), (1, Some(2)), "{}", run.err());
    assert!(run.err().contains("a/wide.xml:1:1: error"), "{}", run.err());
    assert_eq!(check(&folder, &["a/large.json"]).status(), Some(2), "it was named");
}

#[cfg(unix)]
#[test]
fn folder_or_link_that_cannot_be_read_is_reported_and_the_others_are_checked() {
    use std::os::unix::fs::{symlink, PermissionsExt};

    let folder = folder(&[("a/rules.json", RULES), ("a/secret/rules.json", RULES), ("b/rules.json", RULES)]);
    let path = |name: &str| folder.path().join(name);
    symlink("nowhere", path("a/gone.tf")).expect("a link");
    symlink("nobody@host.1", path("a/.#rules.json")).expect("a link");
    symlink("../b", path("a/folder.json")).expect("a link");
    let permissions =
        |mode| std::fs::set_permissions(path("a/secret"), PermissionsExt::from_mode(mode)).expect("ours");
    permissions(0o000);
    // The administrator reads it all the same.
    let is_readable = std::fs::read_dir(path("a/secret")).is_ok();
    let run = check(&folder, &["--allow", "O09", "a"]);
    let with_pattern = check(&folder, &["--allow", "O09", "a/**/*.json"]);
    permissions(0o755);
    let gone = "a/gone.tf: error: cannot read it: No such file or directory (os error 2)";
    let secret = "a/secret: error: cannot read it: Permission denied (os error 13)";
    let lines = |run: &Run| run.out().lines().map(String::from).collect::<Vec<_>>();
    if is_readable {
        assert_eq!(lines(&run), [gone, "3 files: 1 error, 0 warnings, 0 infos"]);
    } else {
        assert_eq!(lines(&run), [gone, secret, "3 files: 2 errors, 0 warnings, 0 infos"]);
        assert_eq!(lines(&with_pattern), [secret, "2 files: 1 error, 0 warnings, 0 infos"]);
    }
    assert_eq!(run.status(), Some(2));
}
