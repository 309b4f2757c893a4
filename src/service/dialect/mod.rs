//! How an answer looks on the wire: what differs between browsers' needs and S3's habits.

mod body;
mod fetch;
mod headers;
mod requested_names;
mod s3;
mod s3_error_body;
mod s3_settings;

use std::fmt;

use http::{HeaderMap, Method, Request, Response, StatusCode};

pub use body::{EmptyBody, TextBody, WithBody};
pub use fetch::Fetch;
pub use s3::S3;
pub(crate) use s3_error_body::Reason;
pub use s3_error_body::ResourceType;

use super::source::{PolicyLookup, PolicySource};
use crate::policy::{CorsPolicy, CorsRequest, Decision};

/// A way to answer: [`Fetch`] or [`S3`]. `B` is the body of the responses.
///
/// [`Cors`](crate::Cors) is a match over [`handle`](Dialect::handle); a server without Tower can do the same:
///
/// ```
/// use http::{Request, Response};
/// use tower_s3_cors::{CorsPolicy, Fetch};
/// use tower_s3_cors::dialect::{Dialect, Grant, Verdict};
///
/// fn serve(policy: &CorsPolicy, mut request: Request<()>) -> Response<String> {
///     match Fetch.handle(policy, &mut request) {
///         Verdict::Answer(response) => response,
///         Verdict::Forward(mut grant) => {
///             let mut response = Response::new("hello".to_owned());
///             grant.write(response.headers_mut());
///             response
///         }
///     }
/// }
/// ```
///
/// It is sealed: to answer in another way, call [`CorsPolicy::decide`](crate::CorsPolicy::decide)
/// and write the headers yourself.
pub trait Dialect<B>: Grants {
    /// Handles a request: either produces the response, reusing the request's header map, or leaves the request unchanged and
    /// returns what to add to the inner service's response.
    fn handle<A>(
        &self,
        source: &impl PolicySource<A>,
        request: &mut Request<A>,
    ) -> Verdict<Response<B>, Self::Grant>;
}

/// The part of a [`Dialect`] that needs no body: what goes into the responses of the inner service.
pub trait Grants: sealed::Sealed {
    /// What the response of the inner service will get.
    type Grant: Grant + Clone + fmt::Debug + Send + Sync + 'static;

    /// What the response to this request gets if the layer does not answer it.
    fn grant<A>(&self, source: &impl PolicySource<A>, request: &Request<A>) -> Self::Grant;
}

/// What [`Dialect::handle`] returns.
#[derive(Clone, Copy, Debug)]
pub enum Verdict<A, G> {
    /// The layer answers.
    Answer(A),
    /// The inner service answers, and the grant goes into its response: [`Grant::write`].
    Forward(G),
}

/// What goes into a response of the inner service, whether a rule granted something or not.
pub trait Grant {
    /// Writes it into the headers of the response: the layer's own headers are replaced or removed, Vary is merged.
    ///
    /// A grant is for one response, and written again it grants nothing. For another response to the same request, clone
    /// it before.
    fn write(&mut self, headers: &mut HeaderMap);
}

/// How a dialect reads a request and decides, for reports of its outcome.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) classify: for<'r> fn(&'r Method, &'r HeaderMap) -> Option<CorsRequest<'r>>,
    pub(crate) decide: fn(&CorsPolicy, &CorsRequest<'_>) -> Decision,
    /// Why S3 refuses a preflight; the dialect of Fetch does not say.
    pub(crate) refusal: Option<fn(&PolicyLookup<'_>, &CorsRequest<'_>) -> Reason>,
    /// Whether S3's responses say Vary even where no rule matches.
    pub(crate) always_varies: bool,
}

impl Reading {
    pub(crate) fn is_s3(self) -> bool {
        self.refusal.is_some()
    }

    pub(crate) fn classify<A>(self, request: &Request<A>) -> Option<CorsRequest<'_>> {
        (self.classify)(request.method(), request.headers())
    }
}

/// The layer's own answer, in the map of the request's headers: that memory is there already.
fn respond<B>(status: StatusCode, headers: &mut HeaderMap, body: B) -> Response<B> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    std::mem::swap(response.headers_mut(), headers);
    response
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Fetch {}
    impl Sealed for super::S3 {}
    impl<D: Sealed, F> Sealed for super::WithBody<D, F> {}
}
