//! Records the requests that reach the assets bucket and its responses, for the page to show.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use serde_json::{json, Value};
use tokio::sync::watch;

use crate::rules::Rules;

/// How many exchanges are kept: more than one run of the page makes.
const CAPACITY: usize = 100;

/// The last exchanges: each is a request, its response and an explanation. Clones share them.
#[derive(Clone, Default)]
pub struct TrafficLog(Arc<watch::Sender<VecDeque<Value>>>);

impl TrafficLog {
    pub fn all(&self) -> Value {
        self.0.borrow().iter().cloned().collect()
    }

    fn push(&self, exchange: Value) {
        self.0.send_modify(|exchanges| {
            if exchanges.len() == CAPACITY {
                exchanges.pop_front();
            }
            exchanges.push_back(exchange);
        });
    }
}

/// Records an exchange. Wraps the CORS layer, so that preflights and the headers that the layer adds are
/// recorded too.
pub async fn record(
    State((rules, traffic)): State<(Rules, TrafficLog)>,
    request: Request,
    next: Next,
) -> Response {
    let sent = json!({
        "method": request.method().as_str(),
        "target": request.uri().to_string(),
        "headers": header_lines(request.headers()),
    });
    let explanation = rules.explain(&request);
    let response = next.run(request).await;
    traffic.push(json!({
        "request": sent,
        "response": { "status": response.status().as_u16(), "headers": header_lines(response.headers()) },
        "explanation": explanation,
    }));
    response
}

fn header_lines(headers: &HeaderMap) -> Value {
    headers
        .iter()
        .map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]))
        .collect()
}
