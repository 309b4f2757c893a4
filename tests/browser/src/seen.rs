//! Records the requests that a server receives and the statuses of its responses, one line each, in order.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::header::{
    HeaderName, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, COOKIE, ORIGIN,
};
use axum::middleware::Next;
use axum::response::Response;

/// The recorded lines of each case. The servers of one dialect share it.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<HashMap<String, Vec<String>>>>);

impl Seen {
    /// Removes and returns the lines of a case, which is given as the start of its paths: `/ENGINE/CASE`.
    pub fn take(&self, case: &str) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(case).unwrap_or_default()
    }

    fn push(&self, case: &str, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(case.to_owned()).or_default().push(line);
    }
}

/// Writes the lines of one server.
#[derive(Clone)]
pub struct Recorder {
    pub seen: Seen,
    /// Precedes the path in a line; empty for the main server.
    pub server: &'static str,
    /// The origin of the page, written as `page`.
    pub page: String,
}

/// Records a request and its response. Wraps the layer, so that preflights are recorded too.
pub async fn record(State(recorder): State<Recorder>, request: Request, next: Next) -> Response {
    let (case, asset) = split(request.uri().path());
    let case = case.to_owned();
    let line = recorder.describe(asset, &request);
    let response = next.run(request).await;
    recorder.seen.push(&case, format!("{line}: {}", response.status().as_u16()));
    response
}

impl Recorder {
    /// Describes a request: `OPTIONS /data from page for PUT with content-type,x-trace`
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

/// Returns all lines of a header, joined: a browser should send one, but several must show.
fn value(request: &Request, name: HeaderName) -> Option<String> {
    let lines: Vec<_> =
        request.headers().get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(" | "))
}

/// Splits `/firefox/get-granted/data` into `/firefox/get-granted` and `/data`.
pub fn split(path: &str) -> (&str, &str) {
    let end = path.match_indices('/').nth(2).map_or(path.len(), |(index, _)| index);
    path.split_at(end)
}
