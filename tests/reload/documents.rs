//! Policies reloaded from documents and files: a bad one replaces nothing.

use super::*;
use tower_s3_cors::error::ProblemKind;
use tower_s3_cors::reload::Reloaded;
use tower_s3_cors::LoadError;

const GOOD: &str = r#"[{ "AllowedOrigins": ["https://b.example.com"], "AllowedMethods": ["GET"] }]"#;
const CUT: &str = r#"[{ "AllowedOrigins": ["https://b.exa"#;
const INVALID: &str =
    r#"[{ "AllowedOrigins": ["https://b.example.com"], "AllowedMethods": ["GET", "PATCH"] }]"#;

/// Fails and lets `a` stay in force.
fn refused(reload: impl Fn(&PolicyHandle) -> Result<Reloaded, LoadError>) -> LoadError {
    let handle = PolicyHandle::new(a());
    let error = reload(&handle).expect_err("a document that is no policy");
    assert_eq!(answers(&CorsLayer::from_source(handle)), answers(&CorsLayer::new(a())));
    assert_eq!(format!("{error:?}"), error.to_string());
    error
}

#[test]
fn good_document_replaces_the_policy() {
    let handle = PolicyHandle::new(a());
    handle.reload(GOOD).expect("a good document");
    let expect = CorsPolicy::new(&GOOD.parse().expect("a good document")).expect("a valid configuration");
    assert_eq!(answers(&CorsLayer::from_source(handle)), answers(&CorsLayer::new(expect)));
}

/// An entry without effect, on the second line.
const DEAD: &str = "[{ \"AllowedMethods\": [\"GET\"],\n  \"AllowedOrigins\": [\"https://b.example.com/\"] }]";

#[test]
fn entries_without_effect_are_warnings_with_their_place() {
    let handle = PolicyHandle::new(a());
    assert!(handle.reload(GOOD).expect("a good document").warnings().is_none());
    let reloaded = handle.reload(DEAD).expect("a valid document");
    assert_eq!(reloaded.policy().configuration(), handle.current().configuration());
    let message = "CORSRules[0].AllowedOrigins[0]: \"https://b.example.com/\" never matches: \
                   an origin does not end in \"/\"; write \"https://b.example.com\" (O09)";
    let warnings = reloaded.warnings().expect("a warning").to_string();
    assert_eq!(warnings, format!("invalid CORS configuration: line 2, column 22: {message}"));
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("cors.json");
    std::fs::write(&path, DEAD).expect("a file");
    let reloaded = handle.reload_path(&path).expect("a valid document");
    let warnings = reloaded.warnings().expect("a warning").to_string();
    assert_eq!(warnings, format!("{}:2:22: {message}", path.display()));
}

#[test]
fn strict_policy_stays_strict() {
    let strict =
        CorsPolicy::builder().strict(true).build(a().configuration()).expect("a valid configuration");
    let handle = PolicyHandle::new(strict);
    let error = handle.reload(DEAD).expect_err("an entry without effect");
    let problems = error.invalid_configuration().expect("problems").problems();
    assert_eq!(problems[0].kind(), ProblemKind::Lint("O09"));
}

#[test]
fn unparsable_document_replaces_nothing() {
    let error = refused(|handle| handle.reload(CUT));
    let fault = error.parse_error().expect("a fault in the text");
    assert_eq!(error.to_string(), fault.to_string());
    assert!(error.invalid_configuration().is_none() && error.io_error().is_none());
}

#[test]
fn invalid_configuration_replaces_nothing() {
    let error = refused(|handle| handle.reload(INVALID));
    let invalid = error.invalid_configuration().expect("an invalid configuration");
    assert_eq!(invalid.problems()[0].kind(), ProblemKind::UnsupportedMethod);
    assert!(error.parse_error().is_none() && error.io_error().is_none());
    let position = "line 1, column 75";
    assert_eq!(
        error.to_string(),
        format!("invalid CORS configuration: {position}: {}", invalid.problems()[0])
    );
}

#[test]
fn errors_about_a_file_name_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("cors.json");
    let error = refused(|handle| handle.reload_path(&path));
    let cause = error.io_error().expect("no file");
    assert_eq!(cause.kind(), std::io::ErrorKind::NotFound);
    assert_eq!(error.to_string(), format!("{}: cannot read the file: {cause}", path.display()));

    std::fs::write(&path, CUT).expect("a file");
    let error = refused(|handle| handle.reload_path(&path));
    let cause = error.parse_error().expect("a fault in the text");
    assert_eq!(error.to_string(), format!("{}:1:23: {}", path.display(), cause.faults()[0].message()));

    std::fs::write(&path, INVALID).expect("a file");
    let error = refused(|handle| handle.reload_path(&path));
    let cause = error.invalid_configuration().expect("an invalid configuration");
    assert_eq!(error.to_string(), format!("{}:1:75: {}", path.display(), cause.problems()[0]));

    std::fs::write(&path, GOOD).expect("a file");
    let handle = PolicyHandle::new(a());
    handle.reload_path(&path).expect("a good file");
    assert_eq!(handle.current().configuration(), &GOOD.parse().expect("a good document"));
}

#[test]
fn file_that_is_not_regular_or_too_large_is_an_error() {
    let directory = tempfile::tempdir().expect("a directory");
    let error = refused(|handle| handle.reload_path(&directory));
    assert_eq!(
        error.to_string(),
        format!("{}: cannot read the file: it is not a regular file", directory.path().display())
    );

    let path = directory.path().join("cors.json");
    let reload = |handle: &PolicyHandle, bytes: usize| {
        std::fs::write(&path, format!("{GOOD}{}", " ".repeat(bytes - GOOD.len()))).expect("a file");
        handle.reload_path(&path)
    };
    let error = refused(|handle| reload(handle, 65_537)).to_string();
    let expected = "it has more than 65536 bytes";
    assert_eq!(error, format!("{}: cannot read the file: {expected}", path.display()));
    reload(&PolicyHandle::new(a()), 65_536).expect("a file that is just small enough");

    let extended =
        PolicyHandle::new(CorsPolicy::extended(a().configuration()).expect("a valid configuration"));
    reload(&extended, 16_777_216).expect("a file that is just small enough");
    let error = reload(&extended, 16_777_217).expect_err("a file that is too large").to_string();
    assert_eq!(error, format!("{}: cannot read the file: it has more than 16777216 bytes", path.display()));
}

#[test]
fn settings_of_the_policy_in_force_are_kept() {
    let configuration = CorsConfiguration { rules: vec![rule("a", &[SHARED], 1)] };
    let built = |extended, credentials| {
        let builder = CorsPolicy::builder().extended(extended).credentials(credentials);
        PolicyHandle::new(builder.build(&configuration).expect("a valid configuration"))
    };
    let any = r#"[{ "AllowedOrigins": ["*"], "AllowedMethods": ["GET"] }]"#;
    assert!(built(true, false).reload(INVALID).is_ok());
    assert!(built(false, true).reload(INVALID).is_err());
    assert!(built(true, false).reload(any).is_ok());
    assert!(built(true, true).reload(any).is_err());

    let handle = built(true, true);
    for _ in 0..2 {
        handle.reload(INVALID).expect("valid if extended");
        let answer = &answers(&CorsLayer::from_source(handle.clone()))[4];
        assert!(answer.contains("access-control-allow-credentials"), "{answer}");
    }
}
