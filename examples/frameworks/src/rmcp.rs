//! rmcp: a server of the Model Context Protocol that scripts of other origins may use.

use axum::Router;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::ServerHandler;
use tokio::net::TcpListener;
use tower_s3_cors::{CorsLayer, CorsPolicy, CorsRule, InvalidConfiguration};

use crate::Failure;

pub fn policy(origin: &str) -> Result<CorsPolicy, InvalidConfiguration> {
    CorsRule::new([origin], ["GET", "POST", "DELETE"])
        .allow_headers([
            "authorization",
            "content-type",
            "last-event-id",
            "mcp-protocol-version",
            "mcp-session-id",
        ])
        .expose_headers(["mcp-session-id", "www-authenticate"])
        .try_into()
}

struct Tools;

impl ServerHandler for Tools {}

pub async fn serve(listener: TcpListener, policy: CorsPolicy) -> Result<(), Failure> {
    // Its default accepts loopback hosts alone: name the public ones with `with_allowed_hosts`.
    let config = StreamableHttpServerConfig::default();
    let sessions = LocalSessionManager::default().into();
    let mcp = StreamableHttpService::new(|| Ok(Tools), sessions, config);
    let app = Router::new().nest_service("/mcp", mcp).layer(CorsLayer::new(policy));
    Ok(axum::serve(listener, app).await?)
}
