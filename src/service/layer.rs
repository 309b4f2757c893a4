//! The layer: puts a source of policies and a dialect around services.

use tower_layer::Layer;

use super::{Cors, Fetch};
use crate::policy::CorsPolicy;

/// Puts CORS around a service: answers preflights itself and adds headers to all other responses.
///
/// The body of the service's responses must be `Default`, or `From<Bytes>` for the dialect [`S3`](crate::S3).
///
/// In axum, after the routes:
///
/// ```
/// use axum::{routing::get, Router};
/// use tower_s3_cors::{CorsLayer, CorsPolicy, CorsRule};
///
/// let policy = CorsPolicy::try_from(CorsRule::new(["https://app.example.com"], ["GET"]))?;
/// let app: Router = Router::new().route("/", get(|| async { "hello" })).layer(CorsLayer::new(policy));
/// # Ok::<(), tower_s3_cors::InvalidConfiguration>(())
/// ```
///
/// Around any other service, outside of middleware that may refuse requests, so that scripts can read its errors:
///
/// ```
/// use http::{Request, Response};
/// use tower::{service_fn, ServiceBuilder};
/// use tower_s3_cors::{CorsLayer, CorsPolicy};
///
/// let service = ServiceBuilder::new()
///     .layer(CorsLayer::new(CorsPolicy::permissive()))
///     .load_shed()
///     .service(service_fn(|_: Request<String>| async { Ok::<_, std::io::Error>(Response::new(String::new())) }));
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct CorsLayer<P = CorsPolicy, D = Fetch> {
    source: P,
    dialect: D,
}

impl CorsLayer {
    /// Uses the same policy for all requests, in the [`Fetch`] dialect.
    pub fn new(policy: CorsPolicy) -> Self {
        Self::from_source(policy)
    }
}

impl<P> CorsLayer<P> {
    /// Looks the policy up in the [source](crate::PolicySource) for each request, in the [`Fetch`] dialect.
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
