//! Policies reloaded from documents: what is bad replaces nothing.

use super::*;
use tower_s3_cors::{ProblemKind, ReloadError};

const GOOD: &str = r#"[{ "AllowedOrigins": ["https://b.example.com"], "AllowedMethods": ["GET"] }]"#;
const CUT: &str = r#"[{ "AllowedOrigins": ["https://b.exa"#;
const UNLAWFUL: &str =
    r#"[{ "AllowedOrigins": ["https://b.example.com"], "AllowedMethods": ["GET", "PATCH"] }]"#;

/// Fails and leaves `a` in force.
fn refused(reload: impl Fn(&PolicyHandle) -> Result<(), ReloadError>) -> ReloadError {
    let handle = PolicyHandle::new(a());
    let error = reload(&handle).expect_err("a document that is no policy");
    assert_eq!(answers(&CorsLayer::from_source(handle)), answers(&CorsLayer::new(a())));
    error
}

#[test]
fn a_good_document_replaces_the_policy() {
    let handle = PolicyHandle::new(a());
    handle.reload(GOOD).expect("a good document");
    let expect = CorsPolicy::new(&GOOD.parse().expect("a good document")).expect("lawful");
    assert_eq!(answers(&CorsLayer::from_source(handle)), answers(&CorsLayer::new(expect)));
}

#[test]
fn a_document_that_cannot_be_read_replaces_nothing() {
    let error = refused(|handle| handle.reload(CUT));
    let fault = error.parse_error().expect("a fault in the text");
    assert_eq!((fault.faults()[0].position().line, error.to_string()), (1, fault.to_string()));
    assert!(error.invalid_configuration().is_none() && error.io_error().is_none());
}

#[test]
fn a_document_that_breaks_a_law_replaces_nothing() {
    let error = refused(|handle| handle.reload(UNLAWFUL));
    let invalid = error.invalid_configuration().expect("a broken law");
    assert_eq!(invalid.problems()[0].kind(), ProblemKind::UnsupportedMethod);
    assert!(error.parse_error().is_none() && error.io_error().is_none());
    assert_eq!(
        error.to_string(),
        "invalid CORS configuration: CORSRules[0].AllowedMethods[1]: \"PATCH\" is not one of \
         GET, PUT, POST, DELETE, HEAD (an extended policy accepts it)"
    );
}

#[test]
fn a_file_is_named_in_its_errors() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("cors.json");
    let error = refused(|handle| handle.reload_path(&path));
    assert_eq!(error.io_error().map(|error| error.kind()), Some(std::io::ErrorKind::NotFound));
    assert!(error.to_string().starts_with(&format!("cannot read {path:?}: ")), "{error}");

    std::fs::write(&path, CUT).expect("a file");
    let error = refused(|handle| handle.reload_path(&path));
    assert!(error.parse_error().is_some());
    assert!(error.to_string().starts_with(&format!("{path:?}: invalid CORS document: ")), "{error}");

    std::fs::write(&path, UNLAWFUL).expect("a file");
    let error = refused(|handle| handle.reload_path(&path));
    assert!(error.invalid_configuration().is_some());
    let starts = format!("{path:?}: invalid CORS configuration: CORSRules[0].AllowedMethods[1]: ");
    assert!(error.to_string().starts_with(&starts), "{error}");

    std::fs::write(&path, GOOD).expect("a file");
    let handle = PolicyHandle::new(a());
    handle.reload_path(&path).expect("a good file");
    assert_eq!(handle.current().configuration(), &GOOD.parse().expect("a good document"));
}

#[test]
fn the_settings_of_the_policy_in_force_stay() {
    let configuration = CorsConfiguration { rules: vec![rule("a", &[SHARED], 1)] };
    let built = |extended, credentials| {
        let builder = CorsPolicy::builder().extended(extended).credentials(credentials);
        PolicyHandle::new(builder.build(&configuration).expect("a lawful configuration"))
    };
    let any = r#"[{ "AllowedOrigins": ["*"], "AllowedMethods": ["GET"] }]"#;
    assert!(built(true, false).reload(UNLAWFUL).is_ok());
    assert!(built(false, true).reload(UNLAWFUL).is_err());
    assert!(built(true, false).reload(any).is_ok());
    assert!(built(true, true).reload(any).is_err());

    let handle = built(true, true);
    for _ in 0..2 {
        handle.reload(UNLAWFUL).expect("lawful if extended");
        let answer = &answers(&CorsLayer::from_source(handle.clone()))[4];
        assert!(answer.contains("access-control-allow-credentials"), "{answer}");
    }
}
