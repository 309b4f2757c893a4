//! The rules of the bucket with the assets: a document in force, replaced only by one without faults.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use axum::http::Request;
use tokio::sync::watch;
use tower_s3_cors::{
    CorsDocument, CorsPolicy, CorsRequest, InvalidConfiguration, Lint, ParseError, PolicyLookup, PolicySource,
};

/// Clones share the rules.
#[derive(Clone, Default)]
pub struct Rules(Arc<watch::Sender<InForce>>);

#[derive(Default)]
struct InForce {
    document: String,
    /// `None` if the document is blank: the bucket has no CORS configuration.
    policy: Option<CorsPolicy>,
}

/// An error for which a document is not put in force.
pub enum Refusal {
    Unreadable(ParseError),
    Invalid(Box<CorsDocument>, InvalidConfiguration),
}

impl Rules {
    /// Puts a document in force, XML or JSON; on an error the rules stay as they are.
    pub fn apply(&self, text: &str) -> Result<(CorsDocument, Vec<Lint>), Refusal> {
        // A blank document stands for a bucket without rules.
        let written = if text.trim().is_empty() { "[]" } else { text };
        let document: CorsDocument = written.parse().map_err(Refusal::Unreadable)?;
        let policy = match CorsPolicy::new(document.configuration()) {
            _ if text.trim().is_empty() => None,
            Ok(policy) => Some(policy),
            Err(error) => return Err(Refusal::Invalid(Box::new(document), error)),
        };
        self.0.send_replace(InForce { document: text.into(), policy });
        let lints = document.configuration().lint();
        Ok((document, lints))
    }

    pub fn document(&self) -> String {
        self.0.borrow().document.clone()
    }

    /// Why a request of another origin is granted or refused; none for a request without Origin.
    pub fn explain<B>(&self, request: &Request<B>) -> Option<String> {
        let asked = CorsRequest::classify(request)?;
        Some(match &self.0.borrow().policy {
            Some(policy) => policy.explain(&asked).to_string(),
            None => "refused: the bucket has no CORS configuration".into(),
        })
    }
}

impl<B> PolicySource<B> for Rules {
    fn policy_for<'a>(&'a self, _: &'a Request<B>) -> PolicyLookup<'a> {
        // Cloned, so that no request holds a lock while it is answered.
        match self.0.borrow().policy.clone() {
            Some(policy) => PolicyLookup::Policy(Cow::Owned(policy)),
            None => PolicyLookup::NoConfiguration,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Unreadable(error) => error.fmt(f),
            Refusal::Invalid(_, error) => error.fmt(f),
        }
    }
}
