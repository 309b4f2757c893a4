//! An axum app with CORS rules from a file: `cargo run --example axum [-- FILE]`. Then try:
//!
//! ```sh
//! curl -i http://127.0.0.1:3000/ -H 'Origin: https://app.example.com'
//! curl -i http://127.0.0.1:3000/ -H 'Origin: https://app.example.com' -X OPTIONS -H 'Access-Control-Request-Method: PUT'
//! ```

use axum::{routing::get, Router};
use tower_s3_cors::{CorsLayer, CorsPolicy};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/cors.xml").into());
    // Strict: an entry that can never match, such as an origin with a trailing slash, is an error too.
    let policy = CorsPolicy::builder().strict(true).from_path(&file)?;

    // After the routes: axum puts a layer only around routes that were added before it.
    let app =
        Router::new().route("/", get(|| async { "hello\n" }).put(|| async {})).layer(CorsLayer::new(policy));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on http://{} with the rules of {file}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
