//! How an answer looks on the wire: what differs between browsers' needs and S3's habits.

mod fetch;
mod headers;
mod refusal;
mod s3;

use http::{HeaderMap, Request, Response, StatusCode};

pub use fetch::Fetch;
pub use refusal::Target;
pub use s3::S3;

use super::source::PolicySource;

/// A way to answer: [`Fetch`] or [`S3`]. `B` is the body of the responses.
///
/// It is sealed: to answer in another way, call [`CorsPolicy::decide`](crate::CorsPolicy::decide)
/// and write the headers yourself.
pub trait Dialect<B>: sealed::Sealed {
    #[doc(hidden)]
    type Grant: Grant + Send + Sync + 'static;

    #[doc(hidden)]
    fn judge<A>(&self, source: &impl PolicySource<A>, request: &mut Request<A>) -> Verdict<B, Self::Grant>;
}

/// What becomes of a request.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub enum Verdict<B, G> {
    /// The layer answers; the request's headers are gone into the response.
    Answer(Response<B>),
    /// The inner service answers, and the grant goes into its response.
    Forward(G),
}

/// What is written into the inner service's response, once.
#[doc(hidden)]
pub trait Grant {
    fn write(&mut self, headers: &mut HeaderMap);
}

/// The layer's own answer.
fn respond<B>(status: StatusCode, headers: HeaderMap, body: B) -> Response<B> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Fetch {}
    impl Sealed for super::S3 {}
}
