//! warp: a filter becomes a Tower service, and the layer goes around it.

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_s3_cors::{CorsLayer, CorsPolicy};
use warp::Filter;

use crate::Failure;

pub async fn serve(listener: TcpListener, policy: CorsPolicy) -> Result<(), Failure> {
    let hello = warp::path("hello").and(warp::get()).map(|| "hello".to_owned());
    let service = ServiceBuilder::new().layer(CorsLayer::new(policy)).service(warp::service(hello));
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await
        });
    }
}
