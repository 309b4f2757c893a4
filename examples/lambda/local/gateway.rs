//! Turns requests into events of API Gateway, which the function fetches from Lambda's runtime API.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::{to_bytes, Body};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{json, Map, Value};
use tokio::sync::{mpsc, oneshot};

/// Lambda's limit of an event.
const MAX_BODY: usize = 6 << 20;
const TIMEOUT: Duration = Duration::from_secs(29);

struct Gateway {
    send: mpsc::Sender<Invocation>,
    receive: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    running: Mutex<HashMap<u64, oneshot::Sender<Value>>>,
}

struct Invocation {
    event: Value,
    answer: oneshot::Sender<Value>,
}

/// Returns what the world sees, and what the function sees.
pub fn routers() -> (Router, Router) {
    let (send, receive) = mpsc::channel(16);
    let gateway = Gateway { send, receive: receive.into(), running: Mutex::default() };
    let gateway = Arc::new(gateway);
    let runtime_api = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(respond))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(fail))
        .with_state(gateway.clone());
    (Router::new().fallback(invoke).with_state(gateway), runtime_api)
}

/// Waits for the function's answer to the request.
async fn invoke(State(gateway): State<Arc<Gateway>>, request: Request) -> Result<Response<Body>, StatusCode> {
    let event = event(request).await.ok_or(StatusCode::PAYLOAD_TOO_LARGE)?;
    let (answer, answered) = oneshot::channel();
    gateway.send.send(Invocation { event, answer }).await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    let answer = tokio::time::timeout(TIMEOUT, answered).await.map_err(|_| StatusCode::GATEWAY_TIMEOUT)?;
    response(answer.ok()).ok_or(StatusCode::BAD_GATEWAY)
}

/// The request in API Gateway's format 2.0, which joins the lines of a header with commas.
async fn event(request: Request) -> Option<Value> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.ok()?;
    let headers: Map<_, _> = head
        .headers
        .keys()
        .map(|name| {
            let lines =
                head.headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
            (name.to_string(), lines.collect::<Vec<_>>().join(",").into())
        })
        .collect();
    let path = head.uri.path();
    Some(json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": head.uri.query().unwrap_or_default(),
        "headers": headers,
        "requestContext": {
            "stage": "$default",
            "http": { "method": head.method.as_str(), "path": path, "protocol": "HTTP/1.1" },
        },
        "body": String::from_utf8_lossy(&body),
        "isBase64Encoded": false,
    }))
}

fn response(answer: Option<Value>) -> Option<Response<Body>> {
    let answer = answer?;
    let mut response = Response::builder().status(u16::try_from(answer["statusCode"].as_u64()?).ok()?);
    for (name, value) in answer["headers"].as_object()? {
        response = response.header(name, value.as_str()?);
    }
    response.body(answer["body"].as_str().unwrap_or_default().to_owned().into()).ok()
}

/// The runtime API: the function waits here for the next event.
async fn next(State(gateway): State<Arc<Gateway>>) -> Result<(HeaderMap, Json<Value>), StatusCode> {
    let Invocation { event, answer } = gateway.receive.lock().await.recv().await.ok_or(StatusCode::GONE)?;
    let mut running = gateway.running.lock().unwrap_or_else(PoisonError::into_inner);
    // Callers that gave up.
    running.retain(|_, answer| !answer.is_closed());
    let id = running.keys().max().map_or(1, |last| last + 1);
    running.insert(id, answer);
    let deadline = SystemTime::now() + TIMEOUT;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let headers = [
        ("lambda-runtime-aws-request-id", id.to_string()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:1:function:notes".to_owned()),
    ];
    let headers =
        headers.into_iter().filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?)));
    Ok((headers.collect(), Json(event)))
}

async fn respond(State(gateway): State<Arc<Gateway>>, Path(id): Path<u64>, answer: String) -> StatusCode {
    // The runtime names no content type, so axum's `Json` would refuse it.
    let Ok(answer) = serde_json::from_str(&answer) else { return StatusCode::BAD_REQUEST };
    let waiting = gateway.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    match waiting.map(|waiting| waiting.send(answer)) {
        Some(_) => StatusCode::ACCEPTED,
        None => StatusCode::NOT_FOUND,
    }
}

/// Without an answer the caller gets a 502.
async fn fail(State(gateway): State<Arc<Gateway>>, Path(id): Path<u64>, error: String) -> StatusCode {
    eprintln!("the function failed: {error}");
    gateway.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    StatusCode::ACCEPTED
}
