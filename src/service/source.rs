//! Which policy applies to a request.

use std::borrow::Cow;

use http::{HeaderMap, Request, Uri};

use crate::policy::CorsPolicy;

/// The result of a [`PolicySource`] for one request.
///
/// `None` in place of a policy is [`PolicyLookup::NoConfiguration`]:
///
/// ```
/// use tower_s3_cors::{CorsPolicy, PolicyLookup};
///
/// let bucket_without_rules: Option<CorsPolicy> = None;
/// assert!(matches!(PolicyLookup::from(bucket_without_rules), PolicyLookup::NoConfiguration));
/// ```
#[derive(Clone, Debug)]
pub enum PolicyLookup<'a> {
    /// A policy, borrowed where it can be.
    Policy(Cow<'a, CorsPolicy>),
    /// The bucket has no CORS configuration, or the request names no bucket: [`Fetch`](crate::Fetch) changes neither
    /// request nor response, [`S3`](crate::S3) refuses a preflight in S3's words.
    NoConfiguration,
    /// There is no such bucket: [`Fetch`](crate::Fetch) changes neither request nor response,
    /// [`S3`](crate::S3) refuses a preflight in S3's words.
    NoSuchBucket,
}

impl<'a> PolicyLookup<'a> {
    fn borrowed(&'a self) -> Self {
        match self {
            PolicyLookup::Policy(policy) => PolicyLookup::Policy(Cow::Borrowed(policy)),
            PolicyLookup::NoConfiguration => PolicyLookup::NoConfiguration,
            PolicyLookup::NoSuchBucket => PolicyLookup::NoSuchBucket,
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

// Not for every `Into<PolicyLookup>`: an `Option<Option<CorsPolicy>>`, which a look-up in a map of buckets gives, would
// then turn a missing bucket into one without rules.
impl From<Option<CorsPolicy>> for PolicyLookup<'_> {
    fn from(policy: Option<CorsPolicy>) -> Self {
        policy.map_or(PolicyLookup::NoConfiguration, PolicyLookup::from)
    }
}

/// Looks up which policy applies to a request.
///
/// It is called at most once for each request, on the hot path, and cannot wait: a server that looks a bucket up
/// asynchronously does so in a layer of its own before this one, and this one uses [`FromExtensions`].
///
/// A source is a [`CorsPolicy`], a closure, [`FromExtensions`], or a type of your own. A closure
/// names the types of its arguments and returns a [`PolicyLookup`], or what converts into one:
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Arc;
/// use http::{HeaderMap, Uri};
/// use tower_s3_cors::{CorsLayer, CorsPolicy, PolicyLookup, S3};
///
/// # fn layer(buckets: HashMap<String, Option<CorsPolicy>>) {
/// // A bucket without rules is `None`.
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
/// A closure returns an owned policy (one reference-count increment); a custom type can return a borrowed one. If
/// policies live behind a lock, clone the policy and release the lock before returning.
///
/// # Caches
/// A response varies with the Origin, as its Vary says, and with what your server puts into Vary. A source that chooses
/// by another header of the request (a tenant, say) must add that header to Vary, or a cache will give one tenant's
/// answer to another. Never choose by the Origin: that is what rules are for.
pub trait PolicySource<B> {
    /// The policy for this request.
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a>;
}

/// One policy for every request.
impl<B> PolicySource<B> for CorsPolicy {
    fn policy_for<'a>(&'a self, _: &'a Request<B>) -> PolicyLookup<'a> {
        self.into()
    }
}

/// The policy that the closure returns for the request's target and headers.
impl<B, F, R> PolicySource<B> for F
where
    F: Fn(&Uri, &HeaderMap) -> R,
    R: Into<PolicyLookup<'static>>,
{
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
        self(request.uri(), request.headers()).into()
    }
}

/// The policy that an earlier layer inserted into the request's extensions.
///
/// That is a `PolicyLookup<'static>`, which takes precedence, or a [`CorsPolicy`]. If neither is there, it is
/// [`PolicyLookup::NoConfiguration`].
///
/// `examples/async_lookup.rs` has such a layer, one that waits for a database.
///
/// ```
/// use http::Request;
/// use tower_s3_cors::{CorsLayer, CorsPolicy, FromExtensions, PolicyLookup};
///
/// # fn example(found: Option<Option<CorsPolicy>>) {
/// let layer = CorsLayer::from_source(FromExtensions);
///
/// // In the earlier layer:
/// let lookup: PolicyLookup<'static> = match found {
///     Some(policy) => policy.into(),
///     None => PolicyLookup::NoSuchBucket,
/// };
/// # let mut request = Request::new(());
/// request.extensions_mut().insert(lookup);
/// # }
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
}
