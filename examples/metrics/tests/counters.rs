//! What Prometheus reads after some requests.

use axum::body::Body;
use axum::extract::Request;
use axum::Router;
use http_body_util::BodyExt;
use metrics_exporter_prometheus::PrometheusBuilder;
use tower::ServiceExt;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};

async fn send(app: &Router, method: &str, path: &str, origin: Option<&str>) -> String {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    if method == "OPTIONS" {
        request = request.header("access-control-request-method", "PUT");
    }
    let request = request.body(Body::empty()).expect("a request");
    let Ok(response) = app.clone().oneshot(request).await;
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8_lossy(&body).into_owned()
}

#[tokio::test]
async fn requests_are_counted_by_outcome_kind_and_rule() {
    let rules = [
        CorsRule::new(["https://a.example"], ["GET"]).id("a"),
        CorsRule::new(["https://b.example"], ["PUT"]).id("b"),
    ];
    let policy = CorsPolicy::new(&CorsConfiguration::from_iter(rules)).expect("valid rules");
    let prometheus = PrometheusBuilder::new().install_recorder().expect("the only recorder");
    let app = metrics_example::app(policy, prometheus);
    send(&app, "GET", "/", None).await;
    send(&app, "GET", "/", Some("https://a.example")).await;
    send(&app, "OPTIONS", "/", Some("https://b.example")).await;
    for number in 0..100 {
        send(&app, "GET", "/", Some(&format!("https://stranger-{number}.example"))).await;
    }
    let metrics = send(&app, "GET", "/metrics", None).await;
    let mut counters: Vec<_> =
        metrics.lines().filter(|line| line.starts_with("cors_requests_total")).collect();
    counters.sort_unstable();
    let expected = [
        r#"cors_requests_total{outcome="granted",kind="actual",rule="a"} 1"#,
        r#"cors_requests_total{outcome="granted",kind="preflight",rule="b"} 1"#,
        r#"cors_requests_total{outcome="no_origin",kind="actual",rule=""} 1"#,
        r#"cors_requests_total{outcome="refused",kind="actual",rule=""} 100"#,
    ];
    assert_eq!(counters, expected);
}
