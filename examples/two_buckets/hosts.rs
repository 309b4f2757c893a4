//! Which of the two buckets a request is for: its Host says so.

use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::Router;
use tower::ServiceExt;

/// The hosts of the two buckets, on one port. Browsers take every name under `localhost` to this machine.
#[derive(Clone)]
pub struct Hosts {
    site: String,
    assets: String,
}

impl Hosts {
    pub fn on(port: u16) -> Self {
        // Browsers leave the default port out of Host and of Origin.
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
                Some(host) if *host == self.site => served(site, request).await,
                Some(host) if *host == self.assets => served(assets, request).await,
                // Any other name may be a stranger's that points here (DNS rebinding).
                _ => (StatusCode::MISDIRECTED_REQUEST, self.directions()).into_response(),
            }
        })
    }

    fn directions(&self) -> String {
        format!("here are {} (open this one) and {}\n", self.site_origin(), self.assets_origin())
    }
}

async fn served(bucket: Router, request: Request) -> Response {
    bucket.oneshot(request).await.into_response()
}
