//! How an answer looks on the wire: what differs between the Fetch standard and S3.

mod fetch;
mod headers;
mod s3;
mod s3_error_body;

use http::{HeaderMap, Request, Response, StatusCode};

pub use fetch::Fetch;
pub use s3::S3;
pub use s3_error_body::ResourceType;

use super::source::PolicySource;

/// A way to answer: [`Fetch`] or [`S3`]. `B` is the body of the responses.
///
/// [`Cors`](crate::Cors) is a match over [`handle`](Dialect::handle); a server without Tower can do the same:
///
/// ```
/// use http::{Request, Response};
/// use tower_s3_cors::{CorsPolicy, Dialect, Fetch, Grant, Verdict};
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
pub trait Dialect<B>: sealed::Sealed {
    /// What is written into the response of the inner service.
    type Grant: Grant + Send + Sync + 'static;

    /// Handles a request: either produces the response, reusing the request's header map, or leaves the request unchanged
    /// and returns what to add to the inner response.
    fn handle<A>(
        &self,
        source: &impl PolicySource<A>,
        request: &mut Request<A>,
    ) -> Verdict<Response<B>, Self::Grant>;
}

/// The outcome of [`Dialect::handle`].
#[derive(Clone, Copy, Debug)]
pub enum Verdict<A, G> {
    /// The layer answers.
    Answer(A),
    /// The inner service answers, and the grant is written into its response: [`Grant::write`].
    Forward(G),
}

/// What is written into a response of the inner service, whether a rule grants the request or not.
pub trait Grant {
    /// Writes it into the headers of the response, once: the layer's own headers are replaced or
    /// removed, Vary is merged.
    fn write(&mut self, headers: &mut HeaderMap);
}

/// The layer's own answer, in the map of the request's headers, which needs no memory.
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
