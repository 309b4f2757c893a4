//! Counters of CORS requests for Prometheus: `cargo run -p metrics_example`; see README.md.

#[path = "../../options.rs"]
mod options;

use metrics_exporter_prometheus::PrometheusBuilder;
use options::Options;
use tower_s3_cors::{CorsPolicy, CorsRule};

const HELP: &str = "\
usage: metrics [--listen HOST:PORT]

An axum app that counts what became of its CORS requests, for Prometheus at /metrics.

  --listen HOST:PORT  where to listen (default: 127.0.0.1:3008)
  --help              print this";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse(HELP, "127.0.0.1:3008", 0);
    let rule = CorsRule::new(["https://app.example.com"], ["GET", "PUT"]).id("app");
    let prometheus = PrometheusBuilder::new().install_recorder()?;
    let app = metrics_example::app(CorsPolicy::try_from(rule)?, prometheus);
    let listener = options.bind().await;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
