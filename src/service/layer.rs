//! The layer: puts a source of policies and a dialect around services.

use tower_layer::Layer;

use super::{Cors, Fetch};
use crate::policy::CorsPolicy;

/// Puts CORS around a service: answers preflights itself and adds headers to all other responses.
///
/// ```
/// use tower_s3_cors::{CorsConfiguration, CorsLayer, CorsPolicy};
///
/// # fn wrap<S>(service: S, configuration: &CorsConfiguration)
/// # -> Result<tower_s3_cors::Cors<S>, tower_s3_cors::InvalidConfiguration> {
/// # use tower_layer::Layer;
/// let layer = CorsLayer::new(CorsPolicy::new(configuration)?);
/// let service = layer.layer(service);
/// # Ok(service) }
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct CorsLayer<P = CorsPolicy, D = Fetch> {
    source: P,
    dialect: D,
}

impl CorsLayer {
    /// One policy for each request, in the [`Fetch`] dialect.
    pub fn new(policy: CorsPolicy) -> Self {
        Self::from_source(policy)
    }
}

impl<P> CorsLayer<P> {
    /// The policy that the [source](crate::PolicySource) names for each request, in the [`Fetch`] dialect.
    pub fn from_source(source: P) -> Self {
        CorsLayer { source, dialect: Fetch }
    }
}

impl<P, D> CorsLayer<P, D> {
    /// Answers in another dialect: `.dialect(S3::default())`.
    pub fn dialect<E>(self, dialect: E) -> CorsLayer<P, E> {
        CorsLayer { source: self.source, dialect }
    }
}

impl<S, P: Clone, D: Clone> Layer<S> for CorsLayer<P, D> {
    type Service = Cors<S, P, D>;

    fn layer(&self, inner: S) -> Self::Service {
        Cors { inner, source: self.source.clone(), dialect: self.dialect.clone() }
    }
}
