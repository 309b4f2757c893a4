//! The app: the bucket's objects under their keys.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::Router;
use tower_s3_cors::{CorsLayer, CorsPolicy, PolicyHandle};

use crate::bucket::Bucket;

pub fn router(bucket: Bucket, rules: PolicyHandle<Option<CorsPolicy>>) -> Router {
    Router::new()
        .route("/{*key}", get(object))
        .layer(map_response(vary_on_origin))
        .layer(CorsLayer::from_source(rules))
        .with_state(bucket)
}

/// While the bucket has no rules, the CORS layer sets no Vary: without it a cache could keep a response for a page that the
/// bucket's next rules grant. Where the layer sets one, it is merged with this.
async fn vary_on_origin(mut response: Response) -> Response {
    response.headers_mut().append(VARY, HeaderValue::from_static("Origin"));
    response
}

async fn object(State(bucket): State<Bucket>, Path(key): Path<String>) -> Response {
    let object = match bucket.object(&key).await {
        Ok(Some(object)) => object,
        Ok(None) => return (StatusCode::NOT_FOUND, "there is no such object\n").into_response(),
        Err(error) => {
            eprintln!("{error}");
            return (StatusCode::BAD_GATEWAY, "the store does not answer\n").into_response();
        }
    };
    let headers = [
        (CONTENT_TYPE, object.content_type),
        (CONTENT_LENGTH, object.content_length.map(|length| length.to_string())),
        (ETAG, object.e_tag),
    ];
    let known = headers.into_iter().filter_map(|(name, value)| Some((name, value?.parse().ok()?)));
    // The body streams through.
    let mut response = Response::new(Body::new(object.body.into_inner()));
    response.headers_mut().extend(known);
    response
}
