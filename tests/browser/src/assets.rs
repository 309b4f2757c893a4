//! What the pages ask for: a service that knows nothing of CORS.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{Response, StatusCode};
use axum::routing::any;
use axum::Router;

const FONT: &[u8] = include_bytes!("../assets/font.ttf");
const PIXEL: &[u8] = include_bytes!("../assets/pixel.png");
const MODULE: &[u8] = b"document.documentElement.dataset.module = 'as a module';";

/// The assets of every case of every engine, at `/ENGINE/CASE/ASSET`.
pub fn assets(elsewhere: String) -> Router {
    Router::new().route("/{engine}/{case}/{asset}", any(asset)).with_state(elsewhere)
}

async fn asset(
    State(elsewhere): State<String>,
    Path((engine, case, asset)): Path<(String, String, String)>,
) -> Response<Body> {
    let redirect = |status, origin: &str| {
        let location = format!("{origin}/{engine}/{case}/data");
        Response::builder().status(status).header(LOCATION, location).body(Body::empty())
    };
    let built = match asset.as_str() {
        "data" => plain(StatusCode::OK, "data"),
        "broken" => plain(StatusCode::INTERNAL_SERVER_ERROR, "broken"),
        "font.ttf" => file("font/ttf", "no-store", FONT),
        "pixel.png" => file("image/png", "no-store", PIXEL),
        "kept" => file("text/plain", "max-age=3600", b"kept"),
        "kept.png" => file("image/png", "max-age=3600", PIXEL),
        "module.js" => file("text/javascript", "no-store", MODULE),
        "moved" => redirect(StatusCode::TEMPORARY_REDIRECT, ""),
        "away" => redirect(StatusCode::FOUND, &elsewhere),
        _ => plain(StatusCode::NOT_FOUND, "missing"),
    };
    built.expect("headers without control characters")
}

fn plain(status: StatusCode, text: &'static str) -> axum::http::Result<Response<Body>> {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "text/plain")
        .header(CACHE_CONTROL, "no-store")
        .header(ETAG, "\"1\"")
        .header("x-trace", "1")
        .body(Body::from(text))
}

fn file(kind: &str, keeping: &str, bytes: &'static [u8]) -> axum::http::Result<Response<Body>> {
    Response::builder().header(CONTENT_TYPE, kind).header(CACHE_CONTROL, keeping).body(Body::from(bytes))
}
