//! What the bucket with the assets saw and sent, for the page to show.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use serde_json::{json, Value};
use tokio::sync::watch;

use crate::rules::Rules;

/// The last exchanges; more than a page asks for in one run.
const KEPT: usize = 100;

/// Clones share the exchanges.
#[derive(Clone, Default)]
pub struct TrafficLog(Arc<watch::Sender<VecDeque<Value>>>);

impl TrafficLog {
    pub fn all(&self) -> Value {
        self.0.borrow().iter().cloned().collect()
    }

    fn keep(&self, exchange: Value) {
        self.0.send_modify(|kept| {
            if kept.len() == KEPT {
                kept.pop_front();
            }
            kept.push_back(exchange);
        });
    }
}

/// Outside of the CORS layer, so that it sees the preflights too, and the answers with all their headers.
pub async fn record(
    State((rules, exchanges)): State<(Rules, TrafficLog)>,
    request: Request,
    next: Next,
) -> Response {
    let asked = json!({
        "method": request.method().as_str(),
        "target": request.uri().to_string(),
        "headers": lines(request.headers()),
    });
    let explanation = rules.explain(&request);
    let response = next.run(request).await;
    exchanges.keep(json!({
        "request": asked,
        "response": { "status": response.status().as_u16(), "headers": lines(response.headers()) },
        "explanation": explanation,
    }));
    response
}

fn lines(headers: &HeaderMap) -> Value {
    headers
        .iter()
        .map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]))
        .collect()
}
