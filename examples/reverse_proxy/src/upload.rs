//! The body of a request on its way to the store: unread, unchanged, and not asked for before the store asks for it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{ready, Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::EXPECT;
use http::{Request, StatusCode};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use tokio::sync::Notify;
use tokio::time::timeout;

/// How long a store may take to ask for the body. One that does not know `Expect` never does
/// (https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1).
const CONTINUE_TIMEOUT: Duration = Duration::from_secs(1);

/// Hyper sends `100 Continue` to the client when the body is first polled. So a body that is expected to wait is not
/// polled until the store has sent its `100 Continue`: one that the store refuses is then never sent.
pub struct Upload {
    body: Incoming,
    asked: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Upload {
    pub fn prepare(request: Request<Incoming>) -> Request<Self> {
        let waits = request.headers().contains_key(EXPECT);
        let mut request = request.map(|body| Upload { body, asked: None });
        if waits {
            let continued = Arc::new(Notify::new());
            let notify = Arc::clone(&continued);
            hyper::ext::on_informational(&mut request, move |response| {
                if response.status() == StatusCode::CONTINUE {
                    notify.notify_one();
                }
            });
            request.body_mut().asked =
                Some(Box::pin(async move { _ = timeout(CONTINUE_TIMEOUT, continued.notified()).await }));
        }
        request
    }
}

impl http_body::Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if let Some(asked) = &mut self.asked {
            ready!(asked.as_mut().poll(context));
            self.asked = None;
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
