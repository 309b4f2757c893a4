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

use super::source::{IntoPolicyLookup, PolicyLookup, PolicySource};
use crate::config::{read_file, CorsDocument, InvalidConfiguration, LoadError, MAX_BYTES, MAX_FILE_BYTES};
use crate::diff::PolicyDiff;
use crate::lint;
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
/// if let Some(warnings) = handle.reload_path("cors.xml")?.warnings() {
///     eprintln!("{warnings}");
/// }
/// # Ok(()) }
/// ```
///
/// Rules that may be deleted, as those of a bucket, are an `Option` of a policy or a [`PolicyLookup`]:
///
/// ```
/// use tower_s3_cors::{CorsLayer, CorsPolicy, PolicyHandle, S3};
///
/// let rules: PolicyHandle<Option<CorsPolicy>> = PolicyHandle::new(None);
/// let layer = CorsLayer::from_source(rules.clone()).dialect(S3::default());
///
/// rules.replace(Some(CorsPolicy::permissive()));
/// assert!(rules.replace(None).is_some());
/// ```
///
/// Where there is no policy, [`Fetch`](crate::Fetch) sets no Vary. Set `Vary: Origin` on the responses of the inner service
/// then, so that no cache keeps one for a page that later rules grant.
#[derive(Clone, Debug)]
pub struct PolicyHandle<P = CorsPolicy>(Arc<ArcSwap<P>>);

impl<P: Clone> PolicyHandle<P> {
    /// Creates a handle to this policy, which is in force until it is replaced.
    pub fn new(policy: P) -> Self {
        PolicyHandle(Arc::new(ArcSwap::from_pointee(policy)))
    }

    /// Returns the policy in force.
    pub fn current(&self) -> P {
        P::clone(&self.0.load())
    }

    /// Replaces the policy in force and returns the old one.
    ///
    /// ```
    /// use tower_s3_cors::{CorsPolicy, CorsRule, PolicyHandle};
    ///
    /// let handle = PolicyHandle::new(CorsPolicy::permissive());
    /// let old = handle.replace(CorsPolicy::try_from(CorsRule::new(["https://app.example.com"], ["GET"]))?);
    /// # Ok::<(), tower_s3_cors::InvalidConfiguration>(())
    /// ```
    pub fn replace(&self, policy: P) -> P {
        Arc::unwrap_or_clone(self.0.swap(Arc::new(policy)))
    }
}

impl PolicyHandle {
    /// Replaces the policy in force by the rules of a document, XML or JSON by its first character.
    ///
    /// The rules are compiled with the settings (extended, credentials) of the policy that they replace. If
    /// another thread replaces that policy by one with other settings meanwhile, they are compiled again.
    ///
    /// # Errors
    /// [`LoadError`] if the document cannot be parsed or is invalid; the policy in force stays.
    pub fn reload(&self, document: &str) -> Result<Reloaded, LoadError> {
        self.replace_rules(&document.parse()?)
    }

    /// Replaces the policy in force by the rules of the file at `path`, as [`PolicyHandle::reload`] does.
    ///
    /// It must be a regular file of at most 64 KB (65,536 bytes), or 16 MiB if the policy in force is extended.
    ///
    /// # Errors
    /// [`LoadError`], which names the file, if it cannot be read or parsed or is invalid; the policy in
    /// force stays.
    pub fn reload_path(&self, path: impl AsRef<Path>) -> Result<Reloaded, LoadError> {
        let path = path.as_ref();
        let bytes = read_regular_file(path, self.current().is_extended()).map_err(LoadError::read);
        let document = bytes.and_then(|bytes| Ok(CorsDocument::from_bytes(&bytes)?));
        let replaced = document.and_then(|document| self.replace_rules(&document));
        replaced.map(|reloaded| reloaded.in_file(path)).map_err(|error| error.in_file(path))
    }

    fn replace_rules(&self, document: &CorsDocument) -> Result<Reloaded, LoadError> {
        let with_positions = |error| LoadError::invalid(error, document);
        let replaced = self.replace_with(|settings| settings.build(document.configuration()));
        let (replaced, policy) = replaced.map_err(with_positions)?;
        let warnings = lint::errors(document.configuration()).map(with_positions);
        Ok(Reloaded { replaced, policy, warnings })
    }

    /// Puts in force what `build` makes of the settings of the policy that is really replaced. Returns that policy and the
    /// new one.
    fn replace_with(
        &self,
        build: impl Fn(CorsPolicyBuilder) -> Result<CorsPolicy, InvalidConfiguration>,
    ) -> Result<(CorsPolicy, CorsPolicy), InvalidConfiguration> {
        let mut built = build(self.0.load().settings());
        let replaced = self.0.rcu(|current| {
            // With the same settings it is not built again: frequent replacements must not delay this one.
            if built.as_ref().is_ok_and(|policy| !policy.options().is_same(current.options())) {
                built = build(current.settings());
            }
            built.as_ref().map_or_else(|_| Arc::clone(current), |policy| Arc::new(policy.clone()))
        });
        Ok((CorsPolicy::clone(&replaced), built?))
    }
}

/// Rules that were put in force: the policy, the one that it replaced, and what a
/// [strict](CorsPolicyBuilder::strict) policy would have refused.
#[derive(Debug)]
pub struct Reloaded {
    replaced: CorsPolicy,
    policy: CorsPolicy,
    warnings: Option<LoadError>,
}

impl Reloaded {
    /// The new policy.
    pub fn policy(&self) -> &CorsPolicy {
        &self.policy
    }

    /// The policy that was in force before.
    pub fn replaced(&self) -> &CorsPolicy {
        &self.replaced
    }

    /// The requests that are answered differently from now on: [`CorsPolicy::diff`].
    ///
    /// ```
    /// # #[cfg(feature = "json")] {
    /// use tower_s3_cors::{CorsPolicy, CorsRule, PolicyHandle};
    ///
    /// let handle = PolicyHandle::new(CorsPolicy::try_from(CorsRule::new(["https://a.example"], ["GET"]))?);
    /// let rules = r#"[{"AllowedOrigins": ["https://a.example", "https://b.example"], "AllowedMethods": ["GET"]}]"#;
    /// assert_eq!(handle.reload(rules)?.changes().summary(), "1 origin newly granted, none lost");
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn changes(&self) -> PolicyDiff {
        self.replaced.diff(&self.policy)
    }

    /// The entries that can never do what their author wanted, such as an origin with a trailing slash; `None` if there
    /// are none. Printed, each is a line with its location.
    pub fn warnings(&self) -> Option<&LoadError> {
        self.warnings.as_ref()
    }

    fn in_file(self, path: &Path) -> Self {
        Reloaded { warnings: self.warnings.map(|warnings| warnings.in_file(path)), ..self }
    }
}

/// Looks the policy up when the request arrives.
impl<B, P: IntoPolicyLookup + Clone> PolicySource<B> for PolicyHandle<P> {
    fn policy_for<'a>(&'a self, _: &'a Request<B>) -> PolicyLookup<'a> {
        self.current().into_policy_lookup()
    }
}

/// Reads a regular file of at most 64 KB, which is S3's limit, or 16 MiB.
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
