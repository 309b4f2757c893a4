//! The settings of the dialect of S3.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;

use super::{ResourceType, WithBody, S3};

#[derive(Clone, Default)]
pub(super) struct Settings {
    pub(super) request_id: Option<Arc<IdFn>>,
    pub(super) host_id: Option<Arc<IdFn>>,
    pub(super) resource_type: Option<Arc<ResourceTypeFn>>,
    pub(super) always_vary: bool,
    pub(super) uniform_refusals: bool,
}

pub(super) type IdFn = dyn Fn(&Parts) -> Option<String> + Send + Sync;
pub(super) type ResourceTypeFn = dyn Fn(&Parts) -> ResourceType + Send + Sync;

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("always_vary", &self.always_vary)
            .field("uniform_refusals", &self.uniform_refusals)
            .finish_non_exhaustive()
    }
}

impl S3 {
    /// Sets the function that gives the `RequestId` of error bodies. Without it, or where it returns `None`, the element is
    /// left out.
    pub fn request_id(mut self, id: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        self.settings_mut().request_id = Some(Arc::new(id));
        self
    }

    /// Sets the function that gives the `HostId` of error bodies. Without it, or where it returns `None`, the element is
    /// left out.
    pub fn host_id(mut self, id: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        self.settings_mut().host_id = Some(Arc::new(id));
        self
    }

    /// Sets the function that gives the `ResourceType` of error bodies. Without it, it is `BUCKET` for the path `/` and
    /// `OBJECT` for each other.
    pub fn resource_type(
        mut self,
        resource_type: impl Fn(&Parts) -> ResourceType + Send + Sync + 'static,
    ) -> Self {
        self.settings_mut().resource_type = Some(Arc::new(resource_type));
        self
    }

    /// Sets whether every response has `Vary`, so that a cache can never give an answer without CORS headers to an origin
    /// that would be granted, as Aliyun's `ResponseVary` does. Off by default: Amazon S3 sends it only where a rule matches.
    ///
    /// Responses to requests that are [not ours](crate::PolicyLookup::NotOurs) stay as they are.
    pub fn always_vary(mut self, always: bool) -> Self {
        self.settings_mut().always_vary = always;
        self
    }

    /// Sets whether a preflight for a bucket that has no rules, or that does not exist, is refused like one that no rule
    /// allows, so that strangers cannot find out which buckets exist. Off by default: Amazon S3 names the reason.
    ///
    /// It changes preflights only: the responses to other requests are the server's own.
    pub fn uniform_refusals(mut self, uniform: bool) -> Self {
        self.settings_mut().uniform_refusals = uniform;
        self
    }

    /// Sets the function that makes a body of the text of an error, or of no bytes for a granted preflight. Call it last.
    ///
    /// ```
    /// use http_body_util::{BodyExt, Full};
    /// use tower_s3_cors::{CorsLayer, CorsPolicy, S3};
    ///
    /// # fn layer(policy: CorsPolicy) {
    /// let dialect = S3::default().uniform_refusals(true).body(|bytes| Full::new(bytes).boxed());
    /// let layer = CorsLayer::new(policy).dialect(dialect);
    /// # }
    /// ```
    pub fn body<F, B>(self, body: F) -> WithBody<Self, F>
    where
        F: Fn(Bytes) -> B,
    {
        WithBody { dialect: self, body }
    }

    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(self.settings.get_or_insert_with(Arc::default))
    }
}
