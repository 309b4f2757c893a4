//! Routes a request to one of the three hosts by its Host header.

use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::Router;
use tower::ServiceExt;

/// The hosts, on one port: the two buckets, and the page of a stranger. Browsers resolve every name below
/// `localhost` to this machine.
#[derive(Clone)]
pub struct Hosts {
    site: String,
    assets: String,
    stranger: String,
}

impl Hosts {
    pub fn new(port: u16) -> Self {
        // Browsers omit the default port in Host and Origin.
        let port = if port == 80 { String::new() } else { format!(":{port}") };
        let host = |name| format!("{name}.localhost{port}");
        Hosts { site: host("site"), assets: host("assets"), stranger: host("stranger") }
    }

    pub fn site_origin(&self) -> String {
        format!("http://{}", self.site)
    }

    pub fn assets_origin(&self) -> String {
        format!("http://{}", self.assets)
    }

    pub fn stranger_origin(&self) -> String {
        format!("http://{}", self.stranger)
    }

    pub fn router(self, site: Router, assets: Router, stranger: Router) -> Router {
        Router::new().fallback(|request: Request| async move {
            match request.headers().get(HOST) {
                Some(host) if *host == self.site => serve(site, request).await,
                Some(host) if *host == self.assets => serve(assets, request).await,
                Some(host) if *host == self.stranger => serve(stranger, request).await,
                // Prevents DNS rebinding: an attacker's domain could resolve to this machine.
                _ => (StatusCode::MISDIRECTED_REQUEST, self.directions()).into_response(),
            }
        })
    }

    fn directions(&self) -> String {
        format!("open {}; this server has no other page\n", self.site_origin())
    }
}

async fn serve(bucket: Router, request: Request) -> Response {
    bucket.oneshot(request).await.into_response()
}
