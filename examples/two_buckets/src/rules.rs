//! The CORS rules of the assets bucket. Only a valid document replaces them.

use std::borrow::Cow;
use std::sync::Arc;

use axum::http::Request;
use tokio::sync::watch;
use tower_s3_cors::document::CorsDocument;
use tower_s3_cors::lint::Lint;
use tower_s3_cors::{CorsPolicy, CorsRequest, InvalidConfiguration, ParseError, PolicyLookup, PolicySource};

/// The active rules. Clones share them.
#[derive(Clone, Default)]
pub struct Rules(Arc<watch::Sender<ActiveRules>>);

#[derive(Default)]
struct ActiveRules {
    document: String,
    /// `None` if the document is blank: the bucket has no CORS configuration.
    policy: Option<CorsPolicy>,
}

/// Why a document was not applied.
pub enum ApplyError {
    Parse(ParseError),
    Invalid(Box<CorsDocument>, InvalidConfiguration),
}

impl Rules {
    /// Replaces the rules by those of an XML or JSON document. On an error the active rules stay unchanged.
    pub fn apply(&self, text: &str) -> Result<(CorsDocument, Vec<Lint>), ApplyError> {
        // A blank document means a bucket without a CORS configuration.
        let is_blank = text.trim().is_empty();
        let source = if is_blank { "[]" } else { text };
        let document: CorsDocument = source.parse().map_err(ApplyError::Parse)?;
        let policy = match CorsPolicy::new(document.configuration()) {
            _ if is_blank => None,
            Ok(policy) => Some(policy),
            Err(error) => return Err(ApplyError::Invalid(Box::new(document), error)),
        };
        self.0.send_replace(ActiveRules { document: text.into(), policy });
        let lints = document.configuration().lint();
        Ok((document, lints))
    }

    pub fn document(&self) -> String {
        self.0.borrow().document.clone()
    }

    /// Explains why a request is granted or refused. Returns `None` for a request without Origin.
    pub fn explain<B>(&self, request: &Request<B>) -> Option<String> {
        let request = CorsRequest::classify(request)?;
        Some(match &self.0.borrow().policy {
            Some(policy) => policy.explain(&request).to_string(),
            None => "refused: the bucket has no CORS configuration".into(),
        })
    }
}

impl<B> PolicySource<B> for Rules {
    fn policy_for<'a>(&'a self, _: &'a Request<B>) -> PolicyLookup<'a> {
        // A clone, so that the lock is released before the request is handled.
        match self.0.borrow().policy.clone() {
            Some(policy) => PolicyLookup::Policy(Cow::Owned(policy)),
            None => PolicyLookup::NoConfiguration,
        }
    }
}
