//! How a policy is served: the only module that knows Tower.

mod dialect;
mod future;
mod layer;
mod observe;
#[cfg(feature = "reload")]
mod reload;
mod source;
#[cfg(feature = "tracing")]
mod telemetry;

use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

pub use dialect::{Dialect, EmptyBody, Fetch, Grant, Grants, ResourceType, TextBody, Verdict, WithBody, S3};
use future::Kind;
pub use future::ResponseFuture;
pub use layer::CorsLayer;
pub use observe::{Difference, Observation, Observed, Observer, Outcome, Shadow};
#[cfg(feature = "watch")]
pub use reload::PolicyWatch;
#[cfg(feature = "reload")]
pub use reload::{PolicyHandle, Reloaded};
pub use source::{
    ByFileExtension, ByHost, ByPathPrefix, FromExtensions, IntoPolicyLookup, OrElse, PolicyLookup,
    PolicySource,
};
#[cfg(feature = "tracing")]
pub use telemetry::{REFUSAL_TARGET, RELOAD_TARGET, SHADOW_TARGET};

use crate::policy::CorsPolicy;

/// The service that [`CorsLayer`] makes.
///
/// Its response and its error are the inner service's; it is ready when the inner service is.
///
/// ```
/// use tower_layer::Layer;
/// use tower_s3_cors::{Cors, CorsLayer, CorsPolicy};
///
/// fn public<S>(service: S) -> Cors<S> {
///     CorsLayer::new(CorsPolicy::permissive()).layer(service)
/// }
/// ```
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
            Verdict::Forward(grant) => Kind::Forwarded { inner: self.inner.call(request), grant },
        };
        ResponseFuture { kind }
    }
}
