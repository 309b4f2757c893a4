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
    type Answer;
    #[doc(hidden)]
    type Grant: Grant + Send + Sync + 'static;

    /// Judges a request and leaves it as it is.
    #[doc(hidden)]
    fn judge<A>(
        &self,
        source: &impl PolicySource<A>,
        request: &Request<A>,
    ) -> Verdict<Self::Answer, Self::Grant>;

    /// Answers a preflight, for which the request's headers are used up.
    #[doc(hidden)]
    fn answer<A>(&self, answer: Self::Answer, request: &mut Request<A>) -> Response<B>;
}

/// What becomes of a request.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub enum Verdict<A, G> {
    /// The layer answers.
    Answer(A),
    /// The inner service answers, and the grant goes into its response.
    Forward(G),
}

/// What is written into the inner service's response, once.
#[doc(hidden)]
pub trait Grant {
    fn write(&mut self, headers: &mut HeaderMap);
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
}
