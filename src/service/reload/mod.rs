//! A policy that can be replaced while requests are served.

mod error;
#[cfg(feature = "watch")]
mod route;
#[cfg(feature = "watch")]
mod watch;
#[cfg(feature = "watch")]
mod worker;

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::Request;

pub use error::ReloadError;
#[cfg(feature = "watch")]
pub use watch::PolicyWatch;

use super::source::{PolicyLookup, PolicySource};
use crate::config::{CorsConfiguration, InvalidConfiguration};
use crate::policy::CorsPolicy;

/// A handle on a policy that can be replaced while requests are served. It is a [`PolicySource`].
///
/// Clones share the policy: what one replaces is replaced for all of them, and so for every service
/// of a layer that was made from one, at once. A request is judged by one policy from start to end.
///
/// A request waits for no lock and allocates nothing, but for the first one on each thread, on which
/// the thread makes itself known to `arc-swap`.
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
    /// A handle on this policy, until it is replaced.
    pub fn new(policy: CorsPolicy) -> Self {
        PolicyHandle(Arc::new(ArcSwap::from_pointee(policy)))
    }

    /// The policy in force.
    pub fn current(&self) -> CorsPolicy {
        CorsPolicy::clone(&self.0.load())
    }

    /// Puts another policy in force and gives back the one that was.
    pub fn replace(&self, policy: CorsPolicy) -> CorsPolicy {
        Arc::unwrap_or_clone(self.0.swap(Arc::new(policy)))
    }

    /// Puts the rules of a document in force, XML or JSON by its first character.
    ///
    /// They are compiled with the settings (extended, credentials) of the policy that they replace.
    ///
    /// # Errors
    /// [`ReloadError`] if the document cannot be read or breaks a law; the policy in force stays.
    ///
    /// ```
    /// # #[cfg(feature = "json")] {
    /// # use tower_s3_cors::{CorsPolicy, PolicyHandle};
    /// # let rules = r#"[{ "AllowedOrigins": ["https://example.com"], "AllowedMethods": ["GET"] }]"#;
    /// # let policy = CorsPolicy::new(&rules.parse()?)?;
    /// let handle = PolicyHandle::new(policy);
    /// let error = handle.reload(r#"[{ "AllowedOrigins": ["*"] }]"#).unwrap_err();
    /// assert_eq!(error.invalid_configuration().map(|error| error.problems().len()), Some(1));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reload(&self, document: &str) -> Result<(), ReloadError> {
        let configuration = document.parse().map_err(ReloadError::parse)?;
        self.replace(self.compile(&configuration).map_err(ReloadError::invalid)?);
        Ok(())
    }

    /// Puts the rules of the file at `path` in force, as [`PolicyHandle::reload`] does.
    ///
    /// # Errors
    /// [`ReloadError`], which names the file, if it cannot be read or breaks a law; the policy in
    /// force stays.
    pub fn reload_path(&self, path: impl AsRef<Path>) -> Result<(), ReloadError> {
        let path = path.as_ref();
        let configuration = CorsConfiguration::from_path(path).map_err(ReloadError::load)?;
        let invalid = |error| ReloadError::invalid_file(path, error);
        self.replace(self.compile(&configuration).map_err(invalid)?);
        Ok(())
    }

    /// Compiles a configuration as the policy in force was.
    pub(super) fn compile(
        &self,
        configuration: &CorsConfiguration,
    ) -> Result<CorsPolicy, InvalidConfiguration> {
        self.current().settings().build(configuration)
    }
}

/// The policy that is in force when the request comes.
impl<B> PolicySource<B> for PolicyHandle {
    fn policy_for<'a>(&'a self, _: &'a Request<B>) -> PolicyLookup<'a> {
        self.current().into()
    }
}
