//! A policy that can be replaced while requests are served.

#[cfg(feature = "watch")]
mod watch;

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::Request;

#[cfg(feature = "watch")]
pub use watch::PolicyWatch;

use super::source::{PolicyLookup, PolicySource};
use crate::config::{read_file, CorsDocument, InvalidConfiguration, LoadError, MAX_BYTES, MAX_FILE_BYTES};
use crate::policy::{CorsPolicy, CorsPolicyBuilder};

/// A handle to a policy that can be replaced while requests are served. It is a [`PolicySource`].
///
/// Clones share the policy: what one of them replaces is replaced for all, and for each service of a layer
/// that was made from one. Each request sees exactly one policy, from start to end.
///
/// A request waits for no lock and allocates nothing, except for the first request on each thread, for which
/// `arc-swap` registers the thread.
///
/// ```
/// use tower_s3_cors::{CorsConfiguration, CorsLayer, CorsPolicy, PolicyHandle};
///
/// # fn example(first: &CorsConfiguration) -> Result<(), Box<dyn std::error::Error>> {
/// let handle = PolicyHandle::new(CorsPolicy::new(first)?);
/// let layer = CorsLayer::from_source(handle.clone());
///
/// // Later, anywhere:
/// handle.reload_path("cors.xml")?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct PolicyHandle(Arc<ArcSwap<CorsPolicy>>);

impl PolicyHandle {
    /// Creates a handle to this policy, which is in force until it is replaced.
    pub fn new(policy: CorsPolicy) -> Self {
        PolicyHandle(Arc::new(ArcSwap::from_pointee(policy)))
    }

    /// Returns the policy in force.
    pub fn current(&self) -> CorsPolicy {
        CorsPolicy::clone(&self.0.load())
    }

    /// Replaces the policy in force and returns the old one.
    pub fn replace(&self, policy: CorsPolicy) -> CorsPolicy {
        Arc::unwrap_or_clone(self.0.swap(Arc::new(policy)))
    }

    /// Replaces the policy in force by the rules of a document, XML or JSON by its first character.
    ///
    /// The rules are compiled with the settings (extended, credentials) of the policy that they replace. If
    /// another thread replaces that policy by one with other settings meanwhile, they are compiled again.
    ///
    /// # Errors
    /// [`LoadError`] if the document cannot be parsed or is invalid; the policy in force stays.
    pub fn reload(&self, document: &str) -> Result<(), LoadError> {
        self.replace_rules(&CorsDocument::from_bytes(document.as_bytes())?).map(drop)
    }

    /// Replaces the policy in force by the rules of the file at `path`, as [`PolicyHandle::reload`] does.
    ///
    /// It must be a regular file of at most 64 KB (65,536 bytes), or 16 MB if the policy in force is extended.
    ///
    /// # Errors
    /// [`LoadError`], which names the file, if it cannot be read or parsed or is invalid; the policy in
    /// force stays.
    pub fn reload_path(&self, path: impl AsRef<Path>) -> Result<(), LoadError> {
        let bytes = read_regular_file(path.as_ref(), self.current().is_extended()).map_err(LoadError::read);
        let document = bytes.and_then(|bytes| Ok(CorsDocument::from_bytes(&bytes)?));
        let replaced = document.and_then(|document| self.replace_rules(&document));
        replaced.map(drop).map_err(|error| error.in_file(path.as_ref()))
    }

    fn replace_rules(&self, document: &CorsDocument) -> Result<CorsPolicy, LoadError> {
        let replaced = self.replace_with(|settings| settings.build(document.configuration()));
        replaced.map_err(|error| LoadError::invalid(error, document))
    }

    /// Puts in force what `build` makes of the settings of the policy that is really replaced.
    fn replace_with(
        &self,
        build: impl Fn(CorsPolicyBuilder) -> Result<CorsPolicy, InvalidConfiguration>,
    ) -> Result<CorsPolicy, InvalidConfiguration> {
        let mut built = build(self.0.load().settings());
        self.0.rcu(|current| {
            // With the same settings it is not built again: frequent replacements must not delay this one.
            if built.as_ref().is_ok_and(|policy| !policy.options().is_same(current.options())) {
                built = build(current.settings());
            }
            built.as_ref().map_or_else(|_| Arc::clone(current), |policy| Arc::new(policy.clone()))
        });
        built
    }
}

/// Looks the policy up when the request arrives.
impl<B> PolicySource<B> for PolicyHandle {
    fn policy_for<'a>(&'a self, _: &'a Request<B>) -> PolicyLookup<'a> {
        self.current().into()
    }
}

/// Reads a regular file of at most 64 KB, which is S3's limit, or 16 MB.
fn read_regular_file(path: &Path, extended: bool) -> io::Result<Vec<u8>> {
    // Nothing else is opened: to open a FIFO waits for a writer, and some devices act on it.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    read_file(path, if extended { MAX_FILE_BYTES } else { MAX_BYTES as u64 })
}

#[cfg(all(test, feature = "json"))]
#[path = "../../../tests/reload/settings.rs"]
mod tests;
