//! A gRPC-web service that pages of another origin call: `cargo run -p tonic_web`.

mod cors;
mod greeter;
mod options;

use std::error::Error;
use std::process::ExitCode;

use tokio::signal::unix::{signal, SignalKind};
use tonic::transport::server::TcpIncoming;
use tonic::transport::Server;
use tonic_web::GrpcWebLayer;

use greeter::generated::greeter_server::GreeterServer;
use greeter::Greeter;
use options::Options;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let Some(options) = Options::parse(std::env::args().skip(1))? else { return Ok(()) };
    let cors = cors::layer(&options.origin)?;
    let listener = options.bind().await?;
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);

    println!("listening on http://{}", listener.local_addr()?);
    let stopped = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    // The first layer is outermost: preflights do not reach tonic-web, which refuses every OPTIONS.
    let server = Server::builder()
        .accept_http1(true)
        .layer(cors)
        .layer(GrpcWebLayer::new())
        .add_service(GreeterServer::new(Greeter));
    Ok(server.serve_with_incoming_shutdown(TcpIncoming::from(listener), stopped).await?)
}
