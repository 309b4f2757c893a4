//! The rules of the bucket with the assets: a document in force, replaced only by one without faults.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use axum::http::Request;
use tokio::sync::watch;
use tower_s3_cors::{
    CorsConfiguration, CorsPolicy, CorsRequest, InvalidConfiguration, Lint, ParseError, PolicyLookup,
    PolicySource,
};

/// Clones share the rules.
#[derive(Clone, Default)]
pub struct Rules(Arc<watch::Sender<InForce>>);

#[derive(Default)]
struct InForce {
    document: String,
    /// None if the document is blank: the bucket has no CORS configuration.
    policy: Option<CorsPolicy>,
}

/// Why a document was not put in force.
pub enum Refusal {
    Unreadable(ParseError),
    Invalid(InvalidConfiguration),
}

impl Rules {
    /// Puts a document in force, XML or JSON; or tells what is wrong with it and leaves the rules as they are.
    pub fn apply(&self, document: &str) -> Result<Vec<Lint>, Refusal> {
        let (policy, lints) = match document.trim().is_empty() {
            true => (None, Vec::new()),
            false => {
                let configuration: CorsConfiguration = document.parse().map_err(Refusal::Unreadable)?;
                let policy = CorsPolicy::new(&configuration).map_err(Refusal::Invalid)?;
                (Some(policy), configuration.lint())
            }
        };
        self.0.send_replace(InForce { document: document.into(), policy });
        Ok(lints)
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
            Refusal::Invalid(error) => error.fmt(f),
        }
    }
}
