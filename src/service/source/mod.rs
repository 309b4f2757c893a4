//! Which policy a request is evaluated by.

mod combine;

use std::borrow::Cow;
use std::sync::Arc;

use http::{HeaderMap, Request, Uri};

pub use combine::{ByFileExtension, ByHost, ByPathPrefix, OrElse};

use super::dialect::ResourceType;
use super::observe::Observer;
use crate::policy::CorsPolicy;

/// What a [`PolicySource`] returns for one request. An `Option` of a policy converts to it.
///
/// It is itself a source, which returns the same for all requests.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PolicyLookup<'a> {
    /// A policy, borrowed if the source can lend it.
    Policy(Cow<'a, CorsPolicy>),
    /// The bucket has no CORS configuration, or the request names no bucket: [`Fetch`](crate::Fetch) forwards the
    /// request unchanged, [`S3`](crate::S3) refuses a preflight in S3's words. A `None` converts to this.
    NoConfiguration,
    /// There is no such bucket: as `NoConfiguration`, but [`S3`](crate::S3) refuses a preflight with the message
    /// `Bucket not found`.
    NoSuchBucket,
    /// The request is not one for this layer, such as that of an administrators' API beside an S3 API: both dialects
    /// forward it unchanged, an OPTIONS request too, and leave the response as it is.
    NotOurs,
}

impl PolicyLookup<'_> {
    fn borrowed(&self) -> PolicyLookup<'_> {
        match self {
            PolicyLookup::Policy(policy) => policy.as_ref().into(),
            PolicyLookup::NoConfiguration => PolicyLookup::NoConfiguration,
            PolicyLookup::NoSuchBucket => PolicyLookup::NoSuchBucket,
            PolicyLookup::NotOurs => PolicyLookup::NotOurs,
        }
    }
}

impl<'a> From<&'a CorsPolicy> for PolicyLookup<'a> {
    fn from(policy: &'a CorsPolicy) -> Self {
        PolicyLookup::Policy(Cow::Borrowed(policy))
    }
}

impl From<CorsPolicy> for PolicyLookup<'_> {
    fn from(policy: CorsPolicy) -> Self {
        PolicyLookup::Policy(Cow::Owned(policy))
    }
}

impl<'a> From<Option<&'a CorsPolicy>> for PolicyLookup<'a> {
    fn from(policy: Option<&'a CorsPolicy>) -> Self {
        policy.map_or(PolicyLookup::NoConfiguration, PolicyLookup::from)
    }
}

// Not for each `Into<PolicyLookup>`: an `Option<Option<CorsPolicy>>`, which a map of buckets gives, would
// then turn a bucket that is not there into one without rules.
impl From<Option<CorsPolicy>> for PolicyLookup<'_> {
    fn from(policy: Option<CorsPolicy>) -> Self {
        policy.map_or(PolicyLookup::NoConfiguration, PolicyLookup::from)
    }
}

/// What a closure that is a [`PolicySource`] returns, or a `PolicyHandle` holds: a policy, `None` for a bucket that has none,
/// or a lookup.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the result of a policy source",
    label = "the closure returns `{Self}`",
    note = "return a `CorsPolicy`, an `Option<CorsPolicy>` or a `PolicyLookup<'static>`; a reference must be cloned, \
            which costs a reference count"
)]
pub trait IntoPolicyLookup {
    /// The lookup.
    fn into_policy_lookup(self) -> PolicyLookup<'static>;
}

impl IntoPolicyLookup for CorsPolicy {
    fn into_policy_lookup(self) -> PolicyLookup<'static> {
        self.into()
    }
}

impl IntoPolicyLookup for Option<CorsPolicy> {
    fn into_policy_lookup(self) -> PolicyLookup<'static> {
        self.into()
    }
}

impl IntoPolicyLookup for PolicyLookup<'static> {
    fn into_policy_lookup(self) -> PolicyLookup<'static> {
        self
    }
}

/// Looks up the policy for a request.
///
/// It is called once for each request, on the hot path, and cannot wait: a server that must look a bucket up
/// asynchronously does so in a layer of its own in front of this one, which then uses [`FromExtensions`].
///
/// A source is a [`CorsPolicy`], an `Option` of one, a [`PolicyLookup`], a closure, [`FromExtensions`], an `Arc` of a
/// source, or a type of your own. [`source`](crate::source) has sources made of others: by host, by path, with a
/// fallback. A closure takes the target and the headers, and returns a [`PolicyLookup`] or what converts to one:
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Arc;
/// use tower_s3_cors::{CorsLayer, CorsPolicy, PolicyLookup, S3};
///
/// # fn layer(buckets: HashMap<String, Option<CorsPolicy>>) {
/// // A bucket that has no rules is there all the same.
/// let buckets: Arc<HashMap<String, Option<CorsPolicy>>> = Arc::new(buckets);
/// let layer = CorsLayer::from_fn(move |uri, _headers| {
///     let name = uri.path().split('/').nth(1).unwrap_or_default();
///     match buckets.get(name) {
///         Some(policy) => policy.clone().into(),
///         None => PolicyLookup::NoSuchBucket,
///     }
/// })
/// .dialect(S3::default());
/// # }
/// ```
///
/// A closure returns an owned policy, which costs a reference count; a type of your own can return a borrowed one. If
/// the policies are behind a lock, clone the policy and release the lock before you return.
///
/// To name the type of a layer whatever its source is:
///
/// ```
/// use std::sync::Arc;
/// use tower_s3_cors::{CorsLayer, CorsPolicy, PolicySource};
///
/// struct Server {
///     cors: CorsLayer<Arc<dyn PolicySource<String> + Send + Sync>>,
/// }
///
/// let server = Server { cors: CorsLayer::from_source(Arc::new(CorsPolicy::permissive())) };
/// ```
///
/// # Caches
/// Choose the policy by the target or `Host` alone: a cache stores answers by these and by what `Vary` names, and the
/// layer's `Vary` names no header that only the source reads.
///
/// - If a tenant's header or a cookie chooses, a cache may give one tenant's answer to another. Put the tenant into the
///   path or the host. If you cannot, set `Vary: X-Tenant` on every response in the inner service: the layer merges it.
/// - If `Origin` chooses, a cache may give an answer without `Vary: Origin` (no policy, or one whose rules all list `*`) to
///   an origin with another policy. Write all origins into the rules of one policy.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a source of policies for requests with the body `{B}`",
    note = "a source is a `CorsPolicy`, an `Option<CorsPolicy>`, a `PolicyLookup<'static>`, `FromExtensions`, an `Arc` of \
            a source, or a closure of `&Uri` and `&HeaderMap`: `CorsLayer::from_fn` infers their types"
)]
pub trait PolicySource<B> {
    /// The policy for this request.
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a>;

    /// The type of the resource that the request names, for the error body of a preflight that [`S3`](crate::S3)
    /// refuses. Without it, the dialect's [`resource_type`](crate::S3::resource_type) or the path says it.
    fn resource_type(&self, request: &Request<B>) -> Option<ResourceType> {
        _ = request;
        None
    }

    /// The observer that is called for each request: see [`CorsLayer::observe`](crate::CorsLayer::observe). By default there
    /// is none, which costs nothing.
    ///
    /// Sources by host, path and file extension do not ask those that they choose from: observe the layer.
    fn observer(&self) -> Option<&dyn Observer<B>> {
        None
    }
}

/// The same policy for all requests.
impl<B> PolicySource<B> for CorsPolicy {
    fn policy_for<'a>(&'a self, _: &'a Request<B>) -> PolicyLookup<'a> {
        self.into()
    }
}

/// The policy, or [`PolicyLookup::NoConfiguration`] if it is `None`.
impl<B> PolicySource<B> for Option<CorsPolicy> {
    fn policy_for<'a>(&'a self, _: &'a Request<B>) -> PolicyLookup<'a> {
        self.as_ref().into()
    }
}

/// The same for all requests.
impl<B> PolicySource<B> for PolicyLookup<'static> {
    fn policy_for<'a>(&'a self, _: &'a Request<B>) -> PolicyLookup<'a> {
        self.borrowed()
    }
}

/// What the closure returns for the request's target and headers.
#[diagnostic::do_not_recommend]
impl<B, F, R> PolicySource<B> for F
where
    F: Fn(&Uri, &HeaderMap) -> R,
    R: IntoPolicyLookup,
{
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
        self(request.uri(), request.headers()).into_policy_lookup()
    }
}

/// What the shared source returns.
impl<B, P: PolicySource<B> + ?Sized> PolicySource<B> for Arc<P> {
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
        P::policy_for(self, request)
    }

    fn resource_type(&self, request: &Request<B>) -> Option<ResourceType> {
        P::resource_type(self, request)
    }

    fn observer(&self) -> Option<&dyn Observer<B>> {
        P::observer(self)
    }
}

/// Looks the policy up in the request's extensions, where an earlier layer has put it.
///
/// It uses a `PolicyLookup<'static>`, or else a [`CorsPolicy`]. If neither is there, the result is
/// [`PolicyLookup::NoConfiguration`]. A [`ResourceType`] may be there as well.
///
/// The layer in front can be asynchronous; the example `tenants` asks a database:
///
/// ```
/// use axum::extract::{Request, State};
/// use axum::middleware::{from_fn_with_state, Next};
/// use axum::response::Response;
/// use axum::{routing::get, Router};
/// use tower::ServiceBuilder;
/// use tower_s3_cors::{CorsLayer, CorsPolicy, FromExtensions};
///
/// # #[derive(Clone)]
/// # struct Database;
/// # impl Database { async fn policy_of(&self, _: &str) -> Option<CorsPolicy> { None } }
/// async fn look_up(State(database): State<Database>, mut request: Request, next: Next) -> Response {
///     if let Some(policy) = database.policy_of(request.uri().path()).await {
///         request.extensions_mut().insert(policy);
///     }
///     next.run(request).await
/// }
///
/// let app: Router = Router::new().route("/", get(|| async { "hello" })).layer(
///     ServiceBuilder::new()
///         .layer(from_fn_with_state(Database, look_up))
///         .layer(CorsLayer::from_source(FromExtensions)),
/// );
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct FromExtensions;

impl<B> PolicySource<B> for FromExtensions {
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
        let extensions = request.extensions();
        match extensions.get::<PolicyLookup<'static>>() {
            Some(lookup) => lookup.borrowed(),
            None => extensions.get::<CorsPolicy>().into(),
        }
    }

    fn resource_type(&self, request: &Request<B>) -> Option<ResourceType> {
        request.extensions().get().copied()
    }
}
