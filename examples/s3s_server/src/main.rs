//! A service on the crate `s3s` whose `PutBucketCors` feeds the layer: `cargo run -p s3s_server`.

mod cors;
mod options;
mod service;
mod store;

use std::error::Error;
use std::future::IntoFuture;
use std::process::ExitCode;

use axum::error_handling::HandleError;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::ServiceExt;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s::HttpError;
use tokio::signal::unix::{signal, SignalKind};
use tower::ServiceBuilder;

use options::Options;
use store::Store;

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
    let listener = options.bind().await?;
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);

    let store = Store::default();
    let mut s3 = S3ServiceBuilder::new(store.clone());
    let variable = |name| std::env::var(name).unwrap_or_else(|_| "test".into());
    s3.set_auth(SimpleAuth::from_single(variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")));
    // Outside of the service, which checks signatures: a preflight has none, and a page may read why a request failed.
    let service =
        ServiceBuilder::new().layer(cors::layer(store)).service(HandleError::new(s3.build(), failed));

    println!("listening on http://{}", listener.local_addr()?);
    let stopped = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    let service = ServiceExt::<Request>::into_make_service(service);
    Ok(axum::serve(listener, service).with_graceful_shutdown(stopped).into_future().await?)
}

/// What `s3s` could not turn into an answer of S3.
async fn failed(error: HttpError) -> StatusCode {
    let error: Box<dyn Error + Send + Sync> = error.into();
    eprintln!("a request failed: {error}");
    StatusCode::INTERNAL_SERVER_ERROR
}
