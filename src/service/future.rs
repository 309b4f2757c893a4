//! The response on its way: the layer's own answer, or the inner service's with a grant to write into it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use pin_project_lite::pin_project;

use super::dialect::Grant;

pin_project! {
    /// The future of [`Cors`](crate::Cors).
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, G, B> {
        #[pin]
        pub(super) kind: Kind<F, G, B>,
    }
}

pin_project! {
    #[project = KindProjection]
    pub(super) enum Kind<F, G, B> {
        Forwarded { #[pin] inner: F, grant: G },
        Answered { response: Option<Response<B>> },
    }
}

impl<F, G, B> fmt::Debug for ResponseFuture<F, G, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_answered = matches!(self.kind, Kind::Answered { .. });
        f.debug_struct("ResponseFuture").field("answered", &is_answered).finish_non_exhaustive()
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
                // Written in its place: a response is large, so that each move of it is a copy in memory.
                let mut outcome = inner.poll(context);
                if let Poll::Ready(Ok(response)) = &mut outcome {
                    grant.write(response.headers_mut());
                }
                outcome
            }
            // Polling after completion returns `Pending` instead of panicking.
            KindProjection::Answered { response } => {
                response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response)))
            }
        }
    }
}
