//! The layer: puts a source of policies and a dialect around services.

use http::{HeaderMap, Request, Uri};
use tower_layer::Layer;

use super::dialect::Grants;
use super::observe::{Difference, Observation, Observed, Shadow};
use super::source::{IntoPolicyLookup, OrElse, PolicySource};
use super::{Cors, Fetch};
use crate::policy::CorsPolicy;

/// Puts CORS around a service: answers preflights itself and adds headers to all other responses.
///
/// The body of the service's responses must be `Default`, or `From<Bytes>` for the dialect [`S3`](crate::S3); for any
/// other body, give the dialect a function that makes one: [`Fetch::body`], [`S3::body`](crate::S3::body).
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

    /// Looks the policy up by a function of the request's target and headers: [`CorsLayer::from_source`] for closures,
    /// whose arguments need no types here.
    ///
    /// ```
    /// use tower_s3_cors::{CorsLayer, CorsPolicy};
    ///
    /// let api = CorsPolicy::permissive();
    /// let layer = CorsLayer::from_fn(move |uri, _headers| uri.path().starts_with("/api/").then(|| api.clone()));
    /// ```
    pub fn from_fn<R>(source: P) -> Self
    where
        P: Fn(&Uri, &HeaderMap) -> R,
        R: IntoPolicyLookup,
    {
        Self::from_source(source)
    }
}

impl<P, D> CorsLayer<P, D> {
    /// Answers in another dialect: `.dialect(S3::default())`.
    pub fn dialect<E>(self, dialect: E) -> CorsLayer<P, E> {
        CorsLayer { source: self.source, dialect }
    }

    /// Looks the policy up in a second source where the first has
    /// [no configuration](crate::PolicyLookup::NoConfiguration): the rules of the whole server for buckets without rules of
    /// their own.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use tower_s3_cors::{CorsLayer, CorsPolicy, S3};
    ///
    /// # fn layer(buckets: HashMap<String, CorsPolicy>) {
    /// let layer = CorsLayer::from_fn(move |uri, _headers| buckets.get(uri.path()).cloned())
    ///     .or_else(CorsPolicy::permissive())
    ///     .dialect(S3::default());
    /// # }
    /// ```
    pub fn or_else<Q>(self, fallback: Q) -> CorsLayer<OrElse<P, Q>, D> {
        CorsLayer { source: OrElse(self.source, fallback), dialect: self.dialect }
    }

    /// Calls the observer once for each request, with its outcome: for counters.
    ///
    /// It costs one more evaluation of the request; without an observer it costs nothing.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use tower_s3_cors::observe::{Observation, Outcome};
    /// use tower_s3_cors::{CorsLayer, CorsPolicy};
    ///
    /// static REFUSED: AtomicU64 = AtomicU64::new(0);
    ///
    /// let layer = CorsLayer::new(CorsPolicy::permissive()).observe(|observation: &Observation<'_>| {
    ///     if observation.outcome() == Outcome::Refused {
    ///         REFUSED.fetch_add(1, Ordering::Relaxed);
    ///     }
    /// });
    /// ```
    pub fn observe<O>(self, observer: O) -> CorsLayer<Observed<P, O>, D>
    where
        O: Fn(&Observation<'_>),
    {
        CorsLayer { source: Observed { source: self.source, observer }, dialect: self.dialect }
    }

    /// Evaluates a second source for each request beside the one that is served, and calls `report` where the answers would
    /// differ. Nothing on the wire changes.
    ///
    /// It costs two more evaluations of the request. Two refusals in S3's dialect count as equal if their reasons are. CORS
    /// headers that the inner service sets itself are not looked at: a policy removes them, and where there is none they stay.
    ///
    /// ```
    /// use tower_s3_cors::observe::Difference;
    /// use tower_s3_cors::{CorsLayer, CorsPolicy};
    ///
    /// # fn layer(in_force: CorsPolicy, next: CorsPolicy) {
    /// let layer = CorsLayer::new(in_force).shadow(next, |difference: &Difference<'_>| eprintln!("{difference}"));
    /// # }
    /// ```
    pub fn shadow<Q, F>(self, next: Q, report: F) -> CorsLayer<Observed<P, Shadow<Q, F>>, D>
    where
        F: Fn(&Difference<'_>),
    {
        let observer = Shadow { next, report };
        CorsLayer { source: Observed { source: self.source, observer }, dialect: self.dialect }
    }

    /// What the layer adds to the response to this request, for a response that is made outside of the layer: by a rate
    /// limiter, or by a panic handler. Scripts can then read its status.
    ///
    /// Call it before you pass the request on, and [write](crate::dialect::Grant::write) the grant into the response. In a
    /// response that went through the layer it changes nothing, so the grant can be written into all responses. A preflight
    /// gets what any other OPTIONS request would.
    ///
    /// ```
    /// use http::{Request, Response, StatusCode};
    /// use tower_s3_cors::dialect::Grant;
    /// use tower_s3_cors::CorsLayer;
    ///
    /// fn too_many_requests<B>(cors: &CorsLayer, request: &Request<B>) -> Response<String> {
    ///     let mut response = Response::new("try again in a minute".to_owned());
    ///     *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    ///     cors.grant(request).write(response.headers_mut());
    ///     response
    /// }
    /// ```
    pub fn grant<B>(&self, request: &Request<B>) -> D::Grant
    where
        P: PolicySource<B>,
        D: Grants,
    {
        self.dialect.grant(&self.source, request)
    }
}

impl<S, P: Clone, D: Clone> Layer<S> for CorsLayer<P, D> {
    type Service = Cors<S, P, D>;

    fn layer(&self, inner: S) -> Self::Service {
        Cors { inner, source: self.source.clone(), dialect: self.dialect.clone() }
    }
}
