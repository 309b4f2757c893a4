//! Which policy governs a request.

use std::borrow::Cow;

use http::Request;

use crate::policy::CorsPolicy;

/// What a [`PolicySource`] answers for one request.
#[derive(Clone, Debug)]
pub enum Governing<'a> {
    /// A policy, borrowed where it can be.
    Policy(Cow<'a, CorsPolicy>),
    /// The bucket has no CORS configuration: [`Fetch`](crate::Fetch) lets the request pass untouched,
    /// [`S3`](crate::S3) refuses a preflight in S3's words.
    NoConfiguration,
    /// There is no such bucket: [`Fetch`](crate::Fetch) lets the request pass untouched,
    /// [`S3`](crate::S3) refuses a preflight in S3's words.
    NoSuchBucket,
}

impl<'a> From<&'a CorsPolicy> for Governing<'a> {
    fn from(policy: &'a CorsPolicy) -> Self {
        Governing::Policy(Cow::Borrowed(policy))
    }
}

impl From<CorsPolicy> for Governing<'_> {
    fn from(policy: CorsPolicy) -> Self {
        Governing::Policy(Cow::Owned(policy))
    }
}

/// Tells which policy governs a request.
///
/// It is called once for each request, on the hot path, and cannot wait: a server that must look a
/// bucket up asynchronously does so in a layer of its own before this one and leaves the policy in
/// the request's extensions.
///
/// ```
/// use http::Request;
/// use tower_s3_cors::{CorsPolicy, Governing, PolicySource};
///
/// /// The policy that an earlier layer left with the request.
/// #[derive(Clone)]
/// struct FromExtensions;
///
/// impl<B> PolicySource<B> for FromExtensions {
///     fn governing<'a>(&'a self, request: &'a Request<B>) -> Governing<'a> {
///         match request.extensions().get::<CorsPolicy>() {
///             Some(policy) => policy.into(),
///             None => Governing::NoConfiguration,
///         }
///     }
/// }
/// ```
pub trait PolicySource<B> {
    /// The policy for this request.
    fn governing<'a>(&'a self, request: &'a Request<B>) -> Governing<'a>;
}

/// One policy for every request.
impl<B> PolicySource<B> for CorsPolicy {
    fn governing<'a>(&'a self, _: &'a Request<B>) -> Governing<'a> {
        self.into()
    }
}
