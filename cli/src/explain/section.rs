//! What is said about the rules of one bucket: text for people, a document for programs.

use serde_json::{json, Value};
use tower_s3_cors::explain::Explanation;

use super::exchange::Step;
use crate::answer::Answer;
use crate::clients::ClientRequest;
use crate::escape::escaped;

/// What is said about the rules of one bucket.
pub(super) struct Section {
    pub(super) file: String,
    pub(super) bucket: Option<String>,
    pub(super) texts: Vec<String>,
    pub(super) requests: Vec<Value>,
    pub(super) is_granted: bool,
}

/// What is said about a step.
pub(super) struct Explained {
    pub(super) explanation: Explanation,
    pub(super) answer: Answer,
}

impl Section {
    /// The explanations, with the name of the file and the bucket above them if there are others.
    pub(super) fn text(&self, has_title: bool) -> String {
        let bucket = self.bucket.as_ref().map(|name| format!(": {name}")).unwrap_or_default();
        let title = format!("==> {}{} <==\n\n", self.file, escaped(&bucket));
        let title = if has_title { title } else { String::new() };
        title + &self.texts.join("\n")
    }

    pub(super) fn document(&self) -> Value {
        json!({
            "file": self.file,
            "bucket": self.bucket,
            "granted": self.is_granted,
            "requests": self.requests,
        })
    }
}

impl Explained {
    pub(super) fn document(&self, step: &Step, client: Option<ClientRequest>) -> Value {
        json!({
            "client": client.map(|client| client.client),
            "when": client.map(|client| client.when),
            "sources": client.map(|client| client.sources.split(' ').collect::<Vec<_>>()),
            "kind": if step.is_actual { "actual" } else { "preflight" },
            "origin": step.origin,
            "method": step.method,
            "headers": step.headers,
            "granted": self.answer.is_granted(),
            "rule": self.explanation.rule(),
            "explanation": self.explanation.to_string().trim_end(),
            "answer": self.answer.document(),
        })
    }
}

/// What is said above the requests of a client.
pub(super) fn heading(client: &ClientRequest) -> String {
    let sources: String = client.sources.split(' ').map(|source| format!("  {source}\n")).collect();
    format!("{}: {}\n{sources}", client.client, client.when)
}
