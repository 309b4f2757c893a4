//! An axum app with CORS rules from a file: `cargo run --example axum [-- --listen HOST:PORT] [FILE]`. Then try:
//!
//! ```sh
//! curl -i http://127.0.0.1:3000/ -H 'Origin: https://app.example.com'
//! curl -i http://127.0.0.1:3000/ -H 'Origin: https://app.example.com' -X OPTIONS -H 'Access-Control-Request-Method: PUT'
//! ```

mod options;

use axum::{routing::get, Router};
use options::Options;
use tower_s3_cors::{CorsLayer, CorsPolicy};

const HELP: &str = "\
usage: axum [--listen HOST:PORT] [FILE]

An axum app with CORS rules from a file, XML or JSON.

  FILE                the rules (default: examples/cors.xml)
  --listen HOST:PORT  where to listen (default: 127.0.0.1:3000)
  --help              print this";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse(HELP, "127.0.0.1:3000", 1);
    let file =
        options.operands.first().map_or(concat!(env!("CARGO_MANIFEST_DIR"), "/cors.xml"), String::as_str);
    // Strict: an entry that can never match, such as an origin with a trailing slash, is an error too.
    let policy = CorsPolicy::builder().strict(true).from_path(file)?;

    // After the routes: axum puts a layer only around routes that were added before it.
    let app =
        Router::new().route("/", get(|| async { "hello\n" }).put(|| async {})).layer(CorsLayer::new(policy));
    let listener = options.bind().await;
    println!("listening on http://{} with the rules of {file}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
