//! The thread that looks at the file once what led to a change has come to rest.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{sync_channel, Receiver, RecvTimeoutError, SyncSender};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::route::Route;
use super::{PolicyHandle, ReloadError};
use crate::config::CorsConfiguration;
use crate::policy::CorsPolicy;

/// Whoever changes the file has come to rest when nothing was heard for so long.
const SETTLED: Duration = Duration::from_millis(50);
/// What is bad and has settled may still be half of something good, for so long.
const PATIENCE: Duration = Duration::from_millis(500);
/// A file that never comes to rest is read all the same, this often.
const LONGEST: Duration = Duration::from_secs(5);

/// What the operating system's watcher, the lookout and the handle have in common.
pub(super) struct Shared {
    route: ArcSwap<Route>,
    bell: SyncSender<()>,
    stopped: AtomicBool,
}

impl Shared {
    /// One ring that waits to be heard is as good as many.
    fn ring(&self) {
        let _waiting = self.bell.try_send(());
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.ring();
    }

    /// An error of the watcher says that events are lost, and those may have been about the file.
    fn notice(&self, event: notify::Result<Event>) {
        if event.map_or(true, |event| self.route.load().concerns(&event)) {
            self.ring();
        }
    }
}

enum Heard {
    Change,
    Nothing,
    Stop,
}

pub(super) struct Lookout<R> {
    handle: PolicyHandle,
    path: PathBuf,
    report: R,
    failing: bool,
    watcher: RecommendedWatcher,
    shared: Arc<Shared>,
    rings: Receiver<()>,
}

impl<R: FnMut(Result<CorsPolicy, ReloadError>)> Lookout<R> {
    pub(super) fn new(
        handle: PolicyHandle,
        path: &Path,
        report: R,
    ) -> Result<(Self, Arc<Shared>), notify::Error> {
        let path = std::path::absolute(path).map_err(notify::Error::io)?;
        let (bell, rings) = sync_channel(1);
        let shared = Shared { route: ArcSwap::default(), bell, stopped: AtomicBool::new(false) };
        let shared = Arc::new(shared);
        let noticing = shared.clone();
        let watcher = notify::recommended_watcher(move |event| noticing.notice(event))?;
        let mut lookout =
            Lookout { handle, path, report, failing: false, watcher, shared: shared.clone(), rings };
        lookout.take_post()?;
        shared.ring();
        Ok((lookout, shared))
    }

    pub(super) fn run(mut self) {
        while !matches!(self.hear(None), Heard::Stop) {
            let Some(outcome) = self.settled() else {
                return;
            };
            self.tell(outcome);
        }
    }

    fn hear(&self, timeout: Option<Duration>) -> Heard {
        let heard = match timeout {
            Some(timeout) => self.rings.recv_timeout(timeout),
            None => self.rings.recv().map_err(RecvTimeoutError::from),
        };
        match heard {
            _ if self.shared.stopped.load(Ordering::Acquire) => Heard::Stop,
            Ok(()) => Heard::Change,
            Err(RecvTimeoutError::Timeout) => Heard::Nothing,
            Err(RecvTimeoutError::Disconnected) => Heard::Stop,
        }
    }

    /// What the file has come to; nothing if the watch is over.
    fn settled(&mut self) -> Option<Result<Option<CorsPolicy>, ReloadError>> {
        let latest = Instant::now() + LONGEST;
        let mut pause = SETTLED;
        loop {
            match self.hear(Some(pause)) {
                Heard::Stop => return None,
                Heard::Change if Instant::now() < latest => {
                    pause = SETTLED;
                    continue;
                }
                Heard::Change | Heard::Nothing => {}
            }
            match self.look() {
                Err(_) if pause == SETTLED => pause = PATIENCE,
                outcome => return Some(outcome),
            }
        }
    }

    /// Reads the file and replaces the policy; `None` if the file says what is in force already.
    fn look(&mut self) -> Result<Option<CorsPolicy>, ReloadError> {
        // Before the file is read: what changes after that is heard.
        self.take_post().map_err(|error| ReloadError::watch(&self.path, error))?;
        let configuration = CorsConfiguration::from_path(&self.path).map_err(ReloadError::load)?;
        if *self.handle.current().configuration() == configuration {
            return Ok(None);
        }
        let invalid = |error| ReloadError::invalid_file(&self.path, error);
        let policy = self.handle.compile(&configuration).map_err(invalid)?;
        self.handle.replace(policy.clone());
        Ok(Some(policy))
    }

    /// Watches the directories that lead to the file now.
    ///
    /// All of them anew, since a directory of the same name may be another one.
    fn take_post(&mut self) -> Result<(), notify::Error> {
        for directory in self.shared.route.load().directories() {
            let _gone = self.watcher.unwatch(directory);
        }
        let route = Arc::new(Route::to(&self.path));
        self.shared.route.store(route.clone());
        let mut watched = Ok(());
        for directory in route.directories() {
            watched = watched.and(self.watcher.watch(directory, RecursiveMode::NonRecursive));
        }
        // The route changed before it was watched, which no event tells: it will be taken again.
        if Route::to(&self.path) != *route {
            self.shared.ring();
            return Ok(());
        }
        watched
    }

    fn tell(&mut self, outcome: Result<Option<CorsPolicy>, ReloadError>) {
        let failed = std::mem::replace(&mut self.failing, outcome.is_err());
        let outcome = match outcome {
            Ok(None) if !failed => return,
            outcome => outcome.map(|policy| policy.unwrap_or_else(|| self.handle.current())),
        };
        #[cfg(feature = "tracing")]
        record(&self.path, &outcome);
        (self.report)(outcome);
    }
}

#[cfg(feature = "tracing")]
fn record(path: &Path, outcome: &Result<CorsPolicy, ReloadError>) {
    match outcome {
        Ok(policy) => {
            let rules = policy.configuration().rules.len();
            tracing::info!(path = %path.display(), rules, "cors rules replaced");
        }
        Err(error) => tracing::warn!(path = %path.display(), %error, "cors rules stay as they were"),
    }
}
