//! A file whose rules replace those in force when it changes.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use super::worker::{Lookout, Shared};
use super::{PolicyHandle, ReloadError};
use crate::policy::CorsPolicy;

impl PolicyHandle {
    /// Watches the file at `path`: when it changes, its rules replace those in force.
    ///
    /// What changes may be the text, the file (editors write a new one and rename it), any symlink
    /// on the way to it (Kubernetes swaps one for a mounted ConfigMap), or whether the file is there
    /// at all. It is read when nothing has happened for 50 ms, and held to be bad when it has been
    /// bad for another half second, so that a file in the middle of being written is no error. It is
    /// looked at once at the start, too, as it may have changed since it was loaded.
    ///
    /// Each replacement is reported, and so is each failure, after which the old policy stays in
    /// force. The same rules written again are no replacement; they are reported after a failure.
    /// The report is made on the watch's own thread, and the next one waits for it; a report that
    /// panics ends the watch. With the feature `tracing` it is an event as well.
    ///
    /// A directory that is moved is noticed if the file, or a symlink on the way to it, is directly
    /// in it.
    ///
    /// # Errors
    /// [`ReloadError`] if the operating system cannot watch the directory of the file, or of a
    /// symlink on the way to it. What the file says is never an error here: it is reported.
    ///
    /// ```no_run
    /// use tower_s3_cors::{CorsConfiguration, CorsLayer, CorsPolicy, PolicyHandle};
    ///
    /// let policy = CorsPolicy::new(&CorsConfiguration::from_path("cors.xml")?)?;
    /// let handle = PolicyHandle::new(policy);
    /// let watch = handle.watch("cors.xml", |outcome| match outcome {
    ///     Ok(policy) => println!("{} rules in force", policy.configuration().rules.len()),
    ///     Err(error) => eprintln!("the old rules stay in force: {error}"),
    /// })?;
    /// let layer = CorsLayer::from_source(handle);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn watch(
        &self,
        path: impl AsRef<Path>,
        report: impl FnMut(Result<CorsPolicy, ReloadError>) + Send + 'static,
    ) -> Result<PolicyWatch, ReloadError> {
        let path = path.as_ref();
        let failed = |error| ReloadError::watch(path, error);
        let (lookout, shared) = Lookout::new(self.clone(), path, report).map_err(failed)?;
        let thread = thread::Builder::new().name("cors-watch".into()).spawn(|| lookout.run());
        let thread = thread.map_err(notify::Error::io).map_err(failed)?;
        Ok(PolicyWatch { shared, thread: Some(thread) })
    }
}

/// A file under watch, until this is dropped: see [`PolicyHandle::watch`].
///
/// Dropping it waits for a report that is being made, and no other follows.
#[must_use = "the watch ends when this is dropped"]
pub struct PolicyWatch {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for PolicyWatch {
    fn drop(&mut self) {
        self.shared.stop();
        // A report that drops its own watch must not wait for itself.
        let other = |thread: &JoinHandle<()>| thread.thread().id() != thread::current().id();
        if let Some(thread) = self.thread.take().filter(other) {
            let _panicked = thread.join();
        }
    }
}

impl fmt::Debug for PolicyWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyWatch").finish_non_exhaustive()
    }
}
