//! jsonrpsee: the layer is middleware of its HTTP server.

use jsonrpsee::server::{RpcModule, Server};
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_s3_cors::{CorsLayer, CorsPolicy};

use crate::Failure;

pub async fn serve(listener: TcpListener, policy: CorsPolicy) -> Result<(), Failure> {
    let middleware = ServiceBuilder::new().layer(CorsLayer::new(policy));
    let server = Server::builder().set_http_middleware(middleware).build_from_tcp(listener.into_std()?)?;
    let mut methods = RpcModule::new(());
    methods.register_method("hello", |_, _, _| "hello")?;
    server.start(methods).stopped().await;
    Ok(())
}
