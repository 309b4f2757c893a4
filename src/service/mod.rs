//! How a policy is served: the only wing that knows Tower.

mod dialect;
mod future;
#[cfg(feature = "reload")]
mod reload;
mod source;
#[cfg(feature = "tracing")]
mod telemetry;

use std::task::{Context, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

pub use dialect::{Dialect, Fetch, Grant, ResourceType, Verdict, S3};
use future::Kind;
pub use future::ResponseFuture;
#[cfg(feature = "reload")]
pub use reload::PolicyHandle;
#[cfg(feature = "watch")]
pub use reload::PolicyWatch;
pub use source::{FromExtensions, PolicyLookup, PolicySource};
#[cfg(feature = "tracing")]
pub use telemetry::{REFUSAL_TARGET, RELOAD_TARGET};

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

/// The service that [`CorsLayer`] makes.
///
/// Its response and its error are the inner service's; it is ready when the inner service is.
#[derive(Clone, Copy, Debug)]
pub struct Cors<S, P = CorsPolicy, D = Fetch> {
    inner: S,
    source: P,
    dialect: D,
}

impl<S, P, D, A, B> Service<Request<A>> for Cors<S, P, D>
where
    S: Service<Request<A>, Response = Response<B>>,
    P: PolicySource<A>,
    D: Dialect<B>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, D::Grant, B>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        let kind = match self.dialect.handle(&self.source, &mut request) {
            Verdict::Answer(response) => Kind::Answered { response: Some(response) },
            Verdict::Forward(grant) => {
                let inner = self.inner.call(request);
                Kind::Forwarded { inner, grant }
            }
        };
        ResponseFuture { kind }
    }
}
