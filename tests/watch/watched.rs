//! A file under watch, and what is reported of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{channel, Receiver};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, PolicyHandle, PolicyWatch, ReloadError};

pub type Outcome = Result<CorsPolicy, ReloadError>;

/// How long nothing has to happen until the file is read.
pub const SETTLED: Duration = Duration::from_millis(50);
/// How long a bad state has to last until it is reported.
pub const PATIENCE: Duration = Duration::from_millis(500);
/// How long a lookout that finds no rest puts off its report.
pub const LONGEST: Duration = Duration::from_secs(5);

pub fn document(name: &str) -> String {
    format!(r#"[{{ "AllowedOrigins": ["https://{name}.example"], "AllowedMethods": ["GET"] }}]"#)
}

pub fn policy(name: &str) -> CorsPolicy {
    let configuration: CorsConfiguration = document(name).parse().expect("a document");
    CorsPolicy::new(&configuration).expect("a lawful configuration")
}

/// The name that the policy was made with.
pub fn name(policy: &CorsPolicy) -> String {
    let origin = &policy.configuration().rules[0].allowed_origins[0];
    origin.trim_start_matches("https://").trim_end_matches(".example").into()
}

/// An outcome as one word: the policy's name, or what is wrong.
pub fn word(outcome: &Outcome) -> String {
    match outcome {
        Ok(policy) => name(policy),
        Err(error) if error.io_error().is_some() => "unreadable".into(),
        Err(error) if error.parse_error().is_some() => "unparsable".into(),
        Err(error) if error.invalid_configuration().is_some() => "unlawful".into(),
        Err(error) => error.to_string(),
    }
}

pub struct Watched {
    pub handle: PolicyHandle,
    pub outcomes: Receiver<Outcome>,
    pub watch: PolicyWatch,
}

impl Watched {
    /// Under the policy `one` at first.
    pub fn new(path: &Path) -> Self {
        let handle = PolicyHandle::new(policy("one"));
        let (sender, outcomes) = channel();
        let report = move |outcome| sender.send(outcome).expect("a test that listens");
        let watch = handle.watch(path, report).expect("a watch");
        Watched { handle, outcomes, watch }
    }

    #[track_caller]
    pub fn next(&self) -> Outcome {
        self.outcomes.recv_timeout(Duration::from_secs(20)).expect("a report within 20 seconds")
    }

    /// The next report, which is also what is in force if it is a policy.
    #[track_caller]
    pub fn expect(&self, expected: &str) {
        self.check(self.next(), expected);
    }

    #[track_caller]
    pub fn check(&self, outcome: Outcome, expected: &str) {
        assert_eq!(word(&outcome), expected, "{outcome:?}");
        if outcome.is_ok() {
            assert_eq!(name(&self.handle.current()), expected);
        }
    }

    /// A change in several steps is reported as one.
    #[track_caller]
    pub fn expect_one(&self, expected: &str, change: impl FnOnce()) {
        let began = Instant::now();
        change();
        // On a machine that is so slow, what stands between the steps lasts, and is reported.
        let slow = began.elapsed() >= PATIENCE;
        let mut outcome = self.next();
        while slow && outcome.is_err() {
            outcome = self.next();
        }
        self.check(outcome, expected);
    }

    /// A bad state is reported, and the policy stays.
    #[track_caller]
    pub fn expect_bad(&self, expected: &str) {
        let before = name(&self.handle.current());
        let began = Instant::now();
        self.expect(expected);
        assert_eq!(name(&self.handle.current()), before);
        assert!(began.elapsed() < LONGEST, "the lookout hears its own reading");
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
