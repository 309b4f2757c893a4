//! A thread that reads a file at an interval and puts its rules in force when the content has changed.
//!
//! Events of the operating system miss what is bind-mounted, hard-linked or on a network; reading misses nothing.

use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;

use super::{read_regular_file, PolicyHandle, Reloaded};
use crate::config::{CorsDocument, LoadError};
use crate::policy::CorsPolicy;

const THREAD: &str = "cors-watch";
const INTERVAL: Duration = Duration::from_secs(1);
const MIN_INTERVAL: Duration = Duration::from_millis(10);

impl PolicyHandle {
    /// Watches the file at `path`: reads it once a second, and when its content has changed, puts its rules in force.
    ///
    /// Only the content counts, so it does not matter how it changes: written in place or through a
    /// hard link, renamed over, behind a symlink that is swapped (as Kubernetes does for a ConfigMap), on a bind
    /// mount or a network mount, deleted and created again. The same content is never put in force twice: after
    /// [`replace`](PolicyHandle::replace) the new policy stays until the content changes. The first time, rules
    /// other than those in force when `watch` is called are a change, since they may have changed since they
    /// were loaded. The file must be as [`reload_path`](PolicyHandle::reload_path) requires.
    ///
    /// Each replacement is reported as the policy now in force, with its warnings. A failure, after which the old policy stays in
    /// force, is reported once, if the next look finds the same: a file that is still being written is not a
    /// failure. The end of a reported failure is reported too, even if the rules are those in force already.
    /// Reports are made on the watch's own thread, one at a time; a report that panics ends the watch. With the
    /// feature `tracing` each is an event as well (target `RELOAD_TARGET`).
    ///
    /// The watch ends when the returned [`PolicyWatch`] or the last other handle is dropped.
    ///
    /// # Errors
    /// If `path` is empty or no thread can be started. An error about the file is reported instead.
    ///
    /// ```no_run
    /// use tower_s3_cors::{CorsConfiguration, CorsLayer, CorsPolicy, PolicyHandle};
    ///
    /// let policy = CorsPolicy::new(&CorsConfiguration::from_path("cors.xml")?)?;
    /// let handle = PolicyHandle::new(policy);
    /// // Not `let _ = ...`, which would end the watch at once.
    /// let _watch = handle.watch("cors.xml", |outcome| match outcome {
    ///     Ok(reloaded) => match reloaded.warnings() {
    ///         Some(warnings) => eprintln!("new rules in force:\n{warnings}"),
    ///         None => println!("new rules in force"),
    ///     },
    ///     Err(error) => eprintln!("the old rules stay in force: {error}"),
    /// })?;
    /// let layer = CorsLayer::from_source(handle);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn watch(
        &self,
        path: impl AsRef<Path>,
        report: impl FnMut(Result<Reloaded, LoadError>) + Send + 'static,
    ) -> io::Result<PolicyWatch> {
        self.watch_with_interval(path, INTERVAL, report)
    }

    /// Watches the file as [`PolicyHandle::watch`] does, and reads it at this interval, of at least 10 ms.
    ///
    /// # Errors
    /// As [`PolicyHandle::watch`].
    pub fn watch_with_interval(
        &self,
        path: impl AsRef<Path>,
        interval: Duration,
        report: impl FnMut(Result<Reloaded, LoadError>) + Send + 'static,
    ) -> io::Result<PolicyWatch> {
        let follower = Follower::new(self, std::path::absolute(path)?, report);
        let interval = interval.max(MIN_INTERVAL);
        let wait = move |stop: &Receiver<_>| stop.recv_timeout(interval) == Err(RecvTimeoutError::Timeout);
        spawn(follower, read_regular_file, wait)
    }
}

/// A watched file: see [`PolicyHandle::watch`]. Dropping it ends the watch.
///
/// No report is made and no policy replaced after the drop, which waits for a report that is being made, but
/// not for a read: on a network mount that may never end. Dropped in a report, it does not wait.
#[derive(Debug)]
#[must_use = "dropping it ends the watch: keep it, or call `detach`"]
pub struct PolicyWatch {
    stop: Option<Sender<Infallible>>,
    busy: Arc<Mutex<()>>,
}

impl PolicyWatch {
    /// Lets the watch run until no other handle to the policy is left.
    pub fn detach(self) {
        std::mem::forget(self);
    }
}

impl Drop for PolicyWatch {
    fn drop(&mut self) {
        self.stop = None;
        // A report that drops its own watch must not wait for itself, nor two that drop each other's.
        if thread::current().name() != Some(THREAD) {
            drop(self.busy.lock());
        }
    }
}

/// Starts the thread. `wait` is its clock: it returns when the next look is due, or `false` to end.
fn spawn(
    mut follower: Follower<impl FnMut(Result<Reloaded, LoadError>) + Send + 'static>,
    mut read: impl FnMut(&Path, bool) -> io::Result<Vec<u8>> + Send + 'static,
    mut wait: impl FnMut(&Receiver<Infallible>) -> bool + Send + 'static,
) -> io::Result<PolicyWatch> {
    let (stop, stopped) = channel();
    let busy = Arc::new(Mutex::new(()));
    let reporting = busy.clone();
    let run = move || {
        while let Some(handle) = follower.policy.upgrade().map(PolicyHandle) {
            let found = read(&follower.path, handle.current().is_extended());
            let reporting = reporting.lock();
            if stopped.try_recv() == Err(TryRecvError::Disconnected) {
                return;
            }
            follower.look(&handle, found);
            drop((reporting, handle));
            if !wait(&stopped) {
                return;
            }
        }
    };
    thread::Builder::new().name(THREAD.into()).spawn(run)?;
    Ok(PolicyWatch { stop: Some(stop), busy })
}

/// What has become of the file so far.
struct Follower<R> {
    policy: Weak<ArcSwap<CorsPolicy>>,
    path: PathBuf,
    report: R,
    /// The policy with the rules last read; at first the one in force, as it may have been loaded from the file.
    last: CorsPolicy,
    /// What the last look found: the content, or why it cannot be read.
    seen: Option<Result<Bytes, String>>,
    /// What was seen needs no second look.
    settled: bool,
    /// The last report is a failure.
    failing: bool,
}

impl<R: FnMut(Result<Reloaded, LoadError>)> Follower<R> {
    fn new(handle: &PolicyHandle, path: PathBuf, report: R) -> Self {
        let (policy, last) = (Arc::downgrade(&handle.0), handle.current());
        Follower { policy, path, report, last, seen: None, settled: false, failing: false }
    }

    fn look(&mut self, handle: &PolicyHandle, found: io::Result<Vec<u8>>) {
        let found = found.map(Bytes::from);
        let seen = Some(found.as_ref().map(Bytes::clone).map_err(ToString::to_string));
        let again = seen == self.seen;
        if again && self.settled {
            return;
        }
        self.seen = seen;
        let outcome = self.apply(handle, found);
        self.settled = again || outcome.is_ok();
        if self.settled {
            self.report(handle, outcome);
        }
    }

    /// Replaces the policy; `None` if the rules are those last read.
    fn apply(
        &mut self,
        handle: &PolicyHandle,
        found: io::Result<Bytes>,
    ) -> Result<Option<Reloaded>, LoadError> {
        let document = CorsDocument::from_bytes(&found.map_err(LoadError::read)?)?;
        if document.configuration() == self.last.configuration() {
            return Ok(None);
        }
        let reloaded = handle.replace_rules(&document)?;
        self.last = reloaded.policy.clone();
        Ok(Some(reloaded.in_file(&self.path)))
    }

    fn report(&mut self, handle: &PolicyHandle, outcome: Result<Option<Reloaded>, LoadError>) {
        let failed = std::mem::replace(&mut self.failing, outcome.is_err());
        let outcome = match outcome {
            Ok(None) if !failed => return,
            Ok(reloaded) => {
                let policy = handle.current();
                Ok(reloaded.unwrap_or_else(|| Reloaded { replaced: policy.clone(), policy, warnings: None }))
            }
            Err(error) => Err(error.in_file(&self.path)),
        };
        #[cfg(feature = "tracing")]
        crate::service::telemetry::reloaded(&self.path, &outcome);
        (self.report)(outcome);
    }
}

#[cfg(all(test, feature = "json"))]
#[path = "../../../tests/watch/looks.rs"]
mod tests;
