//! The action for GitHub and the hook for pre-commit: what they run.

#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use crate::Folder;

const ACTION: &str = include_str!("../../../action.yml");
const HOOK: &str = include_str!("../../../.pre-commit-hooks.yaml");

/// The values of that key, each on one line.
fn values<'a>(yaml: &'a str, key: &'a str) -> Vec<&'a str> {
    yaml.lines().filter_map(|line| line.trim_start().strip_prefix(key)?.strip_prefix(": ")).collect()
}

/// The guide's workflow for a pull request, in a repository where the merge is checked out.
#[test]
fn workflow_of_the_guide_compares_with_the_branch_before() {
    use std::os::unix::fs::symlink;

    let guide = include_str!("../../../src/guide/reviewing_a_change.md");
    let (_, script) = guide.split_once("      - run: |\n").expect("a step");
    let (script, _) = script.split_once("```").expect("its end");
    let folder = folder();
    std::fs::create_dir(folder.path().join("bin")).expect("writable");
    symlink(env!("CARGO_BIN_EXE_s3-cors"), folder.path().join("bin/s3-cors")).expect("a link");
    let run = |script: &str| {
        let mut command = Command::new("bash");
        command.args(["-e", "-c", &format!("PATH=bin:$PATH\n{script}")]).current_dir(folder.path());
        let identity = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];
        command.envs(identity.map(|name| (name, "a")));
        command.envs([
            ("RUNNER_TEMP", "bin"),
            ("GITHUB_ACTIONS", "true"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ]);
        let output = command.output().expect("bash");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        (String::from_utf8(output.stdout).expect("UTF-8"), output.status.code())
    };
    run("git init --quiet 2> bin/hints; git add cors.json; git commit --quiet --message before");
    let after = |rules: &str| {
        folder.write("cors.json", rules);
        run("git commit --quiet --message after cors.json");
        let outcome = run(script);
        run("git reset --quiet --hard HEAD^1");
        outcome
    };
    let old = std::fs::read_to_string(folder.path().join("cors.json")).expect("rules");
    let same = after(&format!("{old}\n"));
    assert_eq!(same, ("no request is answered differently\n".into(), Some(0)));
    let (narrower, status) = after(&old.replace(r#", "HEAD""#, ""));
    assert!(narrower.starts_with("::notice file=cors.json,title=s3-cors::no longer granted: "), "{narrower}");
    assert_eq!(status, Some(0));
    let (wider, status) = after(&old.replace("app.example.com", "*.example.com"));
    assert!(wider.starts_with("::error file=cors.json,line=2,"), "{wider}");
    assert_eq!(status, Some(1));
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("package.json", r#"{ "name": "web" }"#);
    folder.write("cors-web.json", std::fs::read(folder.path().join("doubtful.json")).expect("rules"));
    folder
}

#[test]
fn action_annotates_the_lines_of_its_files() {
    use std::os::unix::fs::symlink;

    let runs = values(ACTION, "run");
    assert_eq!(runs.len(), 2, "{ACTION}");
    assert!(
        runs[0].contains(r#"--path "$GITHUB_ACTION_PATH/cli" --root "$RUNNER_TEMP/s3-cors""#),
        "{ACTION}"
    );
    let folder = folder();
    std::fs::create_dir_all(folder.path().join("s3-cors/bin")).expect("writable");
    symlink(env!("CARGO_BIN_EXE_s3-cors"), folder.path().join("s3-cors/bin/s3-cors")).expect("a link");
    let run = |files: &str, options: &str| {
        let mut command = Command::new("bash");
        command.args(["-e", "-c", runs[1]]).current_dir(folder.path());
        command.envs([("RUNNER_TEMP", "."), ("FILES", files), ("OPTIONS", options)]);
        let output = command.output().expect("bash");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        (String::from_utf8(output.stdout).expect("UTF-8"), output.status.code())
    };
    let (out, status) = run("doubt*.json\ncors.json", "");
    assert!(out.starts_with("::error file=doubtful.json,line=1,col=23,"), "{out}");
    assert!(out.ends_with("2 files: 3 errors, 1 warning, 0 infos\n"), "{out}");
    assert_eq!(status, Some(2));
    assert_eq!(run("cors.json", ""), ("1 file: 0 errors, 0 warnings, 0 infos\n".into(), Some(0)));
    std::fs::create_dir_all(folder.path().join("a/b")).expect("writable");
    folder.write("a/b/rules.json", std::fs::read(folder.path().join("cors.json")).expect("rules"));
    assert_eq!(run("a/**/*.json", ""), ("1 file: 0 errors, 0 warnings, 0 infos\n".into(), Some(0)));
    assert!(run(".", "").0.starts_with("::error file=cors-web.json,line=1,"));
    assert_eq!(run("wide.json", "--deny warnings").1, Some(1));
}

#[test]
fn hook_passes_over_files_without_rules() {
    let [entry] = values(HOOK, "entry")[..] else { panic!("one entry: {HOOK}") };
    let mut words = entry.split(' ');
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(words.next().expect("a script"));
    let text = std::fs::read_to_string(script).expect("the script is part of the repository");
    assert!(text.contains("--package s3-cors") && text.ends_with(" -- \"$@\"\n"), "{text}");
    let arguments: Vec<&str> = words.collect();
    let folder = folder();
    let run = |files: &[&str]| folder.run(&[&arguments[..], files].concat());
    let clean = run(&["package.json", "cors.json"]);
    assert_eq!(clean.out(), "1 file: 0 errors, 0 warnings, 0 infos; 1 file without rules\n");
    assert_eq!(clean.status(), Some(0));
    let faulty = run(&["package.json", "cors-web.json"]);
    assert!(faulty.out().starts_with("cors-web.json:1:23: error[O09]"), "{}", faulty.out());
    assert_eq!(faulty.status(), Some(2));
    assert!(folder.run(&["check", "package.json"]).out().ends_with("1 file: 0 errors, 1 warning, 0 infos\n"));
}
