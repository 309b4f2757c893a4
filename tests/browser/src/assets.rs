//! The inner service: serves the assets that the pages load, without any CORS logic.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{Response, StatusCode};
use axum::routing::any;
use axum::Router;

const FONT: &[u8] = include_bytes!("../assets/font.ttf");
const PIXEL: &[u8] = include_bytes!("../assets/pixel.png");
const MODULE: &[u8] = b"document.documentElement.dataset.module = 'as a module';";

/// Serves the assets of all cases and engines at `/ENGINE/CASE/ASSET`. `third_origin` is the target of redirects
/// to another origin.
pub fn assets(third_origin: String) -> Router {
    Router::new().route("/{engine}/{case}/{asset}", any(asset)).with_state(third_origin)
}

async fn asset(
    State(third_origin): State<String>,
    Path((engine, case, asset)): Path<(String, String, String)>,
) -> Response<Body> {
    let redirect = |status, origin: &str| {
        let location = format!("{origin}/{engine}/{case}/data");
        Response::builder().status(status).header(LOCATION, location).body(Body::empty())
    };
    let response = match asset.as_str() {
        "data" => plain(StatusCode::OK, "data"),
        "broken" => plain(StatusCode::INTERNAL_SERVER_ERROR, "broken"),
        "font.ttf" => file("font/ttf", "no-store", FONT),
        "pixel.png" => file("image/png", "no-store", PIXEL),
        "kept" => file("text/plain", "max-age=3600", b"kept"),
        "kept.png" => file("image/png", "max-age=3600", PIXEL),
        "module.js" => file("text/javascript", "no-store", MODULE),
        "moved" => redirect(StatusCode::TEMPORARY_REDIRECT, ""),
        "away" => redirect(StatusCode::FOUND, &third_origin),
        _ => plain(StatusCode::NOT_FOUND, "missing"),
    };
    response.expect("headers without control characters")
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

fn file(content_type: &str, cache_control: &str, bytes: &'static [u8]) -> axum::http::Result<Response<Body>> {
    Response::builder()
        .header(CONTENT_TYPE, content_type)
        .header(CACHE_CONTROL, cache_control)
        .body(Body::from(bytes))
}
