//! The assets bucket: an image, a font, a document and two notes, behind a `CorsLayer`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{get, MethodRouter};
use axum::Router;
use tokio::sync::watch;
use tower::ServiceBuilder;
use tower_s3_cors::CorsLayer;

use crate::rules::Rules;
use crate::traffic_log::{record, TrafficLog};

type Note = Arc<watch::Sender<Option<Bytes>>>;

pub fn router(rules: Rules, traffic: TrafficLog) -> Router {
    let objects = Router::new()
        .route("/image.svg", get(|| async { object("image/svg+xml", include_str!("../assets/image.svg")) }))
        .route("/dots.ttf", get(|| async { object("font/ttf", &include_bytes!("../assets/dots.ttf")[..]) }))
        .route(
            "/data.json",
            get(|| async { object("application/json", include_str!("../assets/data.json")) }),
        )
        .route("/note.txt", note())
        .route("/draft.txt", note());
    // The layer wraps the whole router, so that axum adds no headers to the layer's own responses.
    let bucket = ServiceBuilder::new()
        .layer(from_fn_with_state((rules.clone(), traffic), record))
        .layer(CorsLayer::from_source(rules))
        .service(objects);
    Router::new().fallback_service(bucket)
}

fn note() -> MethodRouter {
    get(read).put(write).delete(delete).with_state(Note::default())
}

fn object(content_type: &'static str, body: impl Into<Bytes>) -> impl IntoResponse {
    let body: Bytes = body.into();
    let headers = [
        (CONTENT_TYPE, content_type.to_owned()),
        // Each run of the page must reach the server.
        (CACHE_CONTROL, "no-store".to_owned()),
        (ETAG, format!("\"{}\"", body.len())),
    ];
    (headers, body)
}

async fn read(State(note): State<Note>) -> Result<impl IntoResponse, StatusCode> {
    let body = note.borrow().clone().ok_or(StatusCode::NOT_FOUND)?;
    Ok(object("text/plain; charset=utf-8", body))
}

async fn write(State(note): State<Note>, body: Bytes) -> StatusCode {
    match note.send_replace(Some(body)) {
        Some(_) => StatusCode::NO_CONTENT,
        None => StatusCode::CREATED,
    }
}

async fn delete(State(note): State<Note>) -> StatusCode {
    note.send_replace(None);
    StatusCode::NO_CONTENT
}
