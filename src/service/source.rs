//! Which policy governs a request.

use std::borrow::Cow;

use http::{HeaderMap, Request, Uri};

use crate::policy::CorsPolicy;

/// What a [`PolicySource`] answers for one request.
///
/// `None` in the location of a policy is [`PolicyLookup::NoConfiguration`]:
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
    /// The bucket has no CORS configuration, or the request names no bucket: [`Fetch`](crate::Fetch) lets the request pass untouched,
    /// [`S3`](crate::S3) refuses a preflight in S3's words.
    NoConfiguration,
    /// There is no such bucket: [`Fetch`](crate::Fetch) lets the request pass untouched,
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

// Not for every `Into<PolicyLookup>`: an `Option<Option<CorsPolicy>>`, which a map of buckets gives, would
// then turn a bucket that is not there into one without rules.
impl From<Option<CorsPolicy>> for PolicyLookup<'_> {
    fn from(policy: Option<CorsPolicy>) -> Self {
        policy.map_or(PolicyLookup::NoConfiguration, PolicyLookup::from)
    }
}

/// Tells which policy governs a request.
///
/// It is called at most once for each request, on the hot path, and cannot wait: a server that must
/// look a bucket up asynchronously does so in a layer of its own before this one, and this one reads
/// [`FromExtensions`].
///
/// A source is a [`CorsPolicy`], a closure, [`FromExtensions`], or a type of your own. A closure
/// names the types of its arguments and gives a [`PolicyLookup`], or what turns into one:
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
/// A closure gives its policy away, which costs a reference count; a type of your own can lend it.
/// Behind a lock, clone the policy and let the lock go: the request is judged after that.
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

/// What the closure tells of the request's target and headers.
impl<B, F, R> PolicySource<B> for F
where
    F: Fn(&Uri, &HeaderMap) -> R,
    R: Into<PolicyLookup<'static>>,
{
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
        self(request.uri(), request.headers()).into()
    }
}

/// The policy that an earlier layer left in the request's extensions.
///
/// That is a `PolicyLookup<'static>`, which counts first, or a [`CorsPolicy`]. If neither is there, the
/// answer is [`PolicyLookup::NoConfiguration`].
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
/// let governing: PolicyLookup<'static> = match found {
///     Some(policy) => policy.into(),
///     None => PolicyLookup::NoSuchBucket,
/// };
/// # let mut request = Request::new(());
/// request.extensions_mut().insert(governing);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct FromExtensions;

impl<B> PolicySource<B> for FromExtensions {
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
        let extensions = request.extensions();
        match extensions.get::<PolicyLookup<'static>>() {
            Some(governing) => governing.borrowed(),
            None => extensions.get::<CorsPolicy>().into(),
        }
    }
}
