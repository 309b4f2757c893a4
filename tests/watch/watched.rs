//! A watched file, and what is reported of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{channel, Receiver};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tower_s3_cors::reload::{PolicyWatch, Reloaded};
use tower_s3_cors::{CorsConfiguration, CorsPolicy, LoadError, PolicyHandle};

pub type Outcome = Result<Reloaded, LoadError>;

/// An end to every wait.
pub const BOUND: Duration = Duration::from_secs(20);
/// How often files are read here.
pub const INTERVAL: Duration = Duration::from_millis(20);

pub fn document(name: &str) -> String {
    format!(r#"[{{ "AllowedOrigins": ["https://{name}.example"], "AllowedMethods": ["GET"] }}]"#)
}

pub fn policy(name: &str) -> CorsPolicy {
    let configuration: CorsConfiguration = document(name).parse().expect("a document");
    CorsPolicy::new(&configuration).expect("a valid configuration")
}

/// The name that the policy was made with.
pub fn name(policy: &CorsPolicy) -> String {
    let origin = &policy.configuration().rules[0].allowed_origins[0];
    origin.trim_start_matches("https://").trim_end_matches(".example").into()
}

/// An outcome as one word: the policy's name, or what is wrong.
pub fn word(outcome: &Outcome) -> String {
    match outcome {
        Ok(reloaded) => name(reloaded.policy()),
        Err(error) if error.io_error().is_some() => "unreadable".into(),
        Err(error) if error.parse_error().is_some() => "unparsable".into(),
        Err(error) if error.invalid_configuration().is_some() => "invalid".into(),
        Err(error) => error.to_string(),
    }
}

pub struct Watched {
    pub handle: PolicyHandle,
    pub outcomes: Receiver<Outcome>,
    pub watch: PolicyWatch,
}

impl Watched {
    /// Begins with the policy `one` in force.
    pub fn new(path: &Path) -> Self {
        Self::with_policy(path, policy("one"), INTERVAL)
    }

    pub fn with_policy(path: &Path, policy: CorsPolicy, interval: Duration) -> Self {
        let handle = PolicyHandle::new(policy);
        let (sender, outcomes) = channel();
        let report = move |outcome| sender.send(outcome).expect("a test that listens");
        let watch = handle.watch_with_interval(path, interval, report).expect("a watch");
        Watched { handle, outcomes, watch }
    }

    #[track_caller]
    pub fn next(&self) -> Outcome {
        self.outcomes.recv_timeout(BOUND).expect("a report within the bound")
    }

    /// The next report, which is also what is in force if it is a policy.
    #[track_caller]
    pub fn expect(&self, expected: &str) {
        let before = name(&self.handle.current());
        let outcome = self.next();
        assert_eq!(word(&outcome), expected, "{outcome:?}");
        let in_force = if outcome.is_ok() { expected } else { &before };
        assert_eq!(name(&self.handle.current()), in_force);
    }

    /// After a change in several steps; a machine that stops between two of them may have a failure reported.
    #[track_caller]
    pub fn expect_after(&self, expected: &str, change: impl FnOnce()) {
        let began = Instant::now();
        change();
        let slow = began.elapsed() >= INTERVAL;
        let mut outcome = self.next();
        while slow && outcome.is_err() {
            outcome = self.next();
        }
        assert_eq!(word(&outcome), expected, "{outcome:?}");
        assert_eq!(name(&self.handle.current()), expected);
    }
}

/// A directory with `cors.json`, which says `one`.
pub fn directory() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("cors.json");
    write(&path, "one");
    (directory, path)
}

#[track_caller]
pub fn write(path: &Path, name: &str) {
    fs::write(path, document(name)).expect("a file");
}

/// At once: no look finds a part of it.
#[track_caller]
pub fn put(path: &Path, text: &str) {
    let draft = path.with_extension("draft");
    fs::write(&draft, text).expect("a file");
    fs::rename(&draft, path).expect("a rename");
}
