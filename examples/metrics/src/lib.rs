//! An app that counts what became of its CORS requests.

use axum::routing::get;
use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;
use tower_s3_cors::observe::Observation;
use tower_s3_cors::{CorsLayer, CorsPolicy};

/// The app, and beside it what Prometheus asks for: scrapes are not counted.
pub fn app(policy: CorsPolicy, prometheus: PrometheusHandle) -> Router {
    let site = Router::new()
        .route("/", get(|| async { "hello\n" }).put(|| async {}))
        .layer(CorsLayer::new(policy).observe(count));
    site.route("/metrics", get(move || async move { prometheus.render() }))
}

/// The labels have few values, whatever is sent: no Origin, no path, no header.
fn count(observation: &Observation<'_>) {
    let kind = if observation.is_preflight() { "preflight" } else { "actual" };
    let rule = observation.matched_rule().and_then(|rule| rule.id.clone()).unwrap_or_default();
    let outcome = observation.outcome().as_str();
    metrics::counter!("cors_requests_total", "outcome" => outcome, "kind" => kind, "rule" => rule)
        .increment(1);
}
