//! What a server was asked and what it answered, one line for each request, in order.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::header::{
    HeaderName, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, COOKIE, ORIGIN,
};
use axum::middleware::Next;
use axum::response::Response;

/// The lines of each case, shared by the servers of one dialect.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<HashMap<String, Vec<String>>>>);

impl Seen {
    /// What was seen of a case, which is named as its paths begin: `/ENGINE/CASE`.
    pub fn take(&self, case: &str) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(case).unwrap_or_default()
    }

    fn push(&self, case: &str, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(case.to_owned()).or_default().push(line);
    }
}

/// Which server writes the lines, and what it calls the origin of the page.
#[derive(Clone)]
pub struct Witness {
    pub seen: Seen,
    pub server: &'static str,
    pub page: String,
}

/// Stands outside of the layer, so that it sees a preflight and the layer's answer to it.
pub async fn record(State(witness): State<Witness>, request: Request, next: Next) -> Response {
    let (case, asset) = split(request.uri().path());
    let case = case.to_owned();
    let asked = witness.describe(asset, &request);
    let response = next.run(request).await;
    witness.seen.push(&case, format!("{asked}: {}", response.status().as_u16()));
    response
}

impl Witness {
    /// `OPTIONS /data from page for PUT with content-type,x-trace`
    fn describe(&self, asset: &str, request: &Request) -> String {
        let mut line = format!("{} {}{asset}", request.method(), self.server);
        let phrases = [
            (" from ", ORIGIN),
            (" for ", ACCESS_CONTROL_REQUEST_METHOD),
            (" with ", ACCESS_CONTROL_REQUEST_HEADERS),
            (" and cookie ", COOKIE),
        ];
        for (phrase, name) in phrases {
            if let Some(value) = value(request, name) {
                line += phrase;
                line += if value == self.page { "page" } else { &value };
            }
        }
        line
    }
}

/// All lines of the header, as a proxy may split it.
fn value(request: &Request, name: HeaderName) -> Option<String> {
    let lines: Vec<_> =
        request.headers().get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(" | "))
}

/// `/firefox/get-granted/data` into `/firefox/get-granted` and `/data`.
pub fn split(path: &str) -> (&str, &str) {
    let end = path.match_indices('/').nth(2).map_or(path.len(), |(index, _)| index);
    path.split_at(end)
}
