//! salvo: its feature `tower-compat` takes the layer as it is.

use salvo::conn::tcp::TcpAcceptor;
use salvo::prelude::*;
use tokio::net::TcpListener;
use tower_s3_cors::{CorsLayer, CorsPolicy};

use crate::Failure;

#[handler]
async fn hello() -> &'static str {
    "hello"
}

pub fn service(policy: CorsPolicy) -> Service {
    let router = Router::with_path("hello").get(hello);
    // On the service: a router's hoops run only if a route matches, and none matches a preflight.
    Service::new(router).hoop(CorsLayer::new(policy).compat())
}

pub async fn serve(listener: TcpListener, policy: CorsPolicy) -> Result<(), Failure> {
    Server::new(TcpAcceptor::try_from(listener)?).try_serve(service(policy)).await?;
    Ok(())
}
