//! What a server sets of the dialect of S3.

use std::fmt;
use std::sync::Arc;

use http::request::Parts;

use super::s3_error_body::ResourceType;

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
