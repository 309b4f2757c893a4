//! Routes a request to one of the two buckets by its Host header.

use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::Router;
use tower::ServiceExt;

/// The hosts of the two buckets, on one port. Browsers resolve every name below `localhost` to this machine.
#[derive(Clone)]
pub struct Hosts {
    site: String,
    assets: String,
}

impl Hosts {
    pub fn new(port: u16) -> Self {
        // Browsers omit the default port in Host and Origin.
        let port = if port == 80 { String::new() } else { format!(":{port}") };
        Hosts { site: format!("site.localhost{port}"), assets: format!("assets.localhost{port}") }
    }

    pub fn site_origin(&self) -> String {
        format!("http://{}", self.site)
    }

    pub fn assets_origin(&self) -> String {
        format!("http://{}", self.assets)
    }

    pub fn router(self, site: Router, assets: Router) -> Router {
        Router::new().fallback(|request: Request| async move {
            match request.headers().get(HOST) {
                Some(host) if *host == self.site => serve(site, request).await,
                Some(host) if *host == self.assets => serve(assets, request).await,
                // Prevents DNS rebinding: an attacker's domain could resolve to this machine.
                _ => (StatusCode::MISDIRECTED_REQUEST, self.directions()).into_response(),
            }
        })
    }

    fn directions(&self) -> String {
        format!(
            "this server has two hosts: {} (open this one) and {}\n",
            self.site_origin(),
            self.assets_origin()
        )
    }
}

async fn serve(bucket: Router, request: Request) -> Response {
    bucket.oneshot(request).await.into_response()
}
