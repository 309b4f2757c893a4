//! The bodies of the layer's own answers, where the type of the responses' body cannot be made in the usual way.

use std::fmt;

use bytes::Bytes;
use http::Request;

use super::Grants;
use crate::service::source::PolicySource;

/// A body that the dialect [`Fetch`](crate::Fetch) can make: one that is `Default`.
#[diagnostic::on_unimplemented(
    message = "the layer cannot make an empty `{Self}` for its answers to preflights",
    label = "`{Self}` is not `Default`",
    note = "give the dialect a function that makes one: `.dialect(Fetch.body(|| Empty::new().boxed()))`"
)]
pub trait EmptyBody {
    /// An empty body.
    fn empty() -> Self;
}

#[diagnostic::do_not_recommend]
impl<B: Default> EmptyBody for B {
    fn empty() -> Self {
        B::default()
    }
}

/// A body that the dialect [`S3`](crate::S3) can make: one that is `From<Bytes>`.
#[diagnostic::on_unimplemented(
    message = "the layer cannot make an `{Self}` for the error bodies of S3",
    label = "`{Self}` is not `From<Bytes>`",
    note = "give the dialect a function that makes one: `.dialect(S3::default().body(|bytes| Full::new(bytes).boxed()))`"
)]
pub trait TextBody {
    /// A body of this text.
    fn from_text(text: Bytes) -> Self;
}

#[diagnostic::do_not_recommend]
impl<B: From<Bytes>> TextBody for B {
    fn from_text(text: Bytes) -> Self {
        text.into()
    }
}

/// A dialect with a function that makes the bodies of its answers: [`Fetch::body`](crate::Fetch::body),
/// [`S3::body`](crate::S3::body).
#[derive(Clone, Copy)]
pub struct WithBody<D, F> {
    pub(super) dialect: D,
    pub(super) body: F,
}

impl<D: fmt::Debug, F> fmt::Debug for WithBody<D, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithBody").field("dialect", &self.dialect).finish_non_exhaustive()
    }
}

impl<D: Grants, F> Grants for WithBody<D, F> {
    type Grant = D::Grant;

    fn grant<A>(&self, source: &impl PolicySource<A>, request: &Request<A>) -> D::Grant {
        self.dialect.grant(source, request)
    }
}
