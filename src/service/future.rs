//! The response on its way: the layer's own answer, or the inner service's with a grant to write into it.

use std::future::Future;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

use http::Response;
use pin_project_lite::pin_project;

use super::dialect::Grant;

pin_project! {
    /// The future of [`Cors`](crate::Cors).
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, G, B> {
        #[pin]
        kind: Kind<F, G, B>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F, G, B> {
        Forwarded { #[pin] inner: F, grant: G },
        Answered { response: Option<Response<B>> },
    }
}

impl<F, G, B> ResponseFuture<F, G, B> {
    pub(super) fn forwarded(inner: F, grant: G) -> Self {
        ResponseFuture { kind: Kind::Forwarded { inner, grant } }
    }

    pub(super) fn answered(response: Response<B>) -> Self {
        ResponseFuture { kind: Kind::Answered { response: Some(response) } }
    }
}

impl<F, G, B, E> Future for ResponseFuture<F, G, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    G: Grant,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Forwarded { inner, grant } => {
                let mut response = ready!(inner.poll(context))?;
                grant.write(response.headers_mut());
                Poll::Ready(Ok(response))
            }
            // Polled again after it is done, it waits for ever: nothing here panics.
            KindProjection::Answered { response } => {
                response.take().map_or(Poll::Pending, |r| Poll::Ready(Ok(r)))
            }
        }
    }
}
