//! Which policy a request is evaluated by.

use std::borrow::Cow;

use http::{HeaderMap, Request, Uri};

use crate::policy::CorsPolicy;

/// What a [`PolicySource`] returns for one request. An `Option` of a policy converts to it.
#[derive(Clone, Debug)]
pub enum PolicyLookup<'a> {
    /// A policy, borrowed where it can be.
    Policy(Cow<'a, CorsPolicy>),
    /// The bucket has no CORS configuration, or the request names no bucket: [`Fetch`](crate::Fetch) forwards the
    /// request unchanged, [`S3`](crate::S3) refuses a preflight in S3's words. A `None` converts to this.
    NoConfiguration,
    /// There is no such bucket: the same, with S3's words for that.
    NoSuchBucket,
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

/// Looks up the policy for a request.
///
/// It is called at most once for each request, on the hot path, and cannot wait: a server that must
/// look a bucket up asynchronously does so in a layer of its own in front of this one, which then uses
/// [`FromExtensions`].
///
/// A source is a [`CorsPolicy`], a closure, [`FromExtensions`], or a type of your own. A closure
/// names the types of its arguments and returns a [`PolicyLookup`], or what converts to one:
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Arc;
/// use http::{HeaderMap, Uri};
/// use tower_s3_cors::{CorsLayer, CorsPolicy, PolicyLookup, S3};
///
/// # fn layer(buckets: HashMap<String, Option<CorsPolicy>>) {
/// // A bucket that has no rules is there all the same.
/// let buckets: Arc<HashMap<String, Option<CorsPolicy>>> = Arc::new(buckets);
/// let source = move |uri: &Uri, _: &HeaderMap| {
///     let name = uri.path().split('/').nth(1).unwrap_or_default();
///     match buckets.get(name) {
///         Some(policy) => policy.clone().into(),
///         None => PolicyLookup::NoSuchBucket,
///     }
/// };
/// let layer = CorsLayer::from_source(source).dialect(S3::default());
/// # }
/// ```
///
/// A closure returns an owned policy, which costs a reference count; a type of your own can return a borrowed one. If
/// the policies are behind a lock, clone the policy and release the lock before you return.
///
/// # Caches
/// Choose the policy by the target or `Host` alone: a cache stores answers by these and by what `Vary` names, and the
/// layer's `Vary` names no header that only the source reads.
///
/// - By a tenant's header or a cookie, a cache may give one tenant's answer to another. Put the tenant into the path or
///   the host. If you cannot, set `Vary: X-Tenant` on every response in the inner service: the layer merges it.
/// - By `Origin`, an answer without `Vary: Origin` (no policy, or one whose rules all list `*`) may be given to an origin
///   with another policy. Write all origins into the rules of one policy.
pub trait PolicySource<B> {
    /// The policy for this request.
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a>;
}

/// The same policy for all requests.
impl<B> PolicySource<B> for CorsPolicy {
    fn policy_for<'a>(&'a self, _: &'a Request<B>) -> PolicyLookup<'a> {
        self.into()
    }
}

/// No CORS at all if there is none.
impl<B> PolicySource<B> for Option<CorsPolicy> {
    fn policy_for<'a>(&'a self, _: &'a Request<B>) -> PolicyLookup<'a> {
        self.as_ref().into()
    }
}

/// What the closure returns for the request's target and headers.
impl<B, F, R> PolicySource<B> for F
where
    F: Fn(&Uri, &HeaderMap) -> R,
    R: Into<PolicyLookup<'static>>,
{
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
        self(request.uri(), request.headers()).into()
    }
}

/// Looks the policy up in the request's extensions, where an earlier layer has put it.
///
/// It is there as a `PolicyLookup<'static>`, which counts first, or as a [`CorsPolicy`]. If neither is there, the
/// result is [`PolicyLookup::NoConfiguration`]. `examples/async_lookup.rs` has a layer that waits for a database.
#[derive(Clone, Copy, Debug, Default)]
pub struct FromExtensions;

impl<B> PolicySource<B> for FromExtensions {
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
        let extensions = request.extensions();
        let lookup = extensions.get::<PolicyLookup<'static>>().cloned();
        lookup.unwrap_or_else(|| extensions.get::<CorsPolicy>().into())
    }
}
