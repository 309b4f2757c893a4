//! Serves the objects of a bucket, with the CORS rules that the bucket itself has:
//! `cargo run -p follow_bucket -- --endpoint http://127.0.0.1:9000 --bucket photos`.

mod app;
mod bucket;
mod follow;
mod options;

use std::future::IntoFuture;
use std::process::ExitCode;

use tokio::signal::unix::{signal, SignalKind};
use tower_s3_cors::PolicyHandle;

use bucket::{Bucket, Failure};
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

async fn run() -> Result<(), Failure> {
    let Some(options) = Options::parse(std::env::args().skip(1))? else { return Ok(()) };
    let listener = options.bind().await?;
    let bucket = Bucket::new(&options.endpoint, &options.bucket);
    let handle = PolicyHandle::new(bucket.policy().await?);
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;

    let app = app::router(bucket.clone(), handle.clone());
    println!("listening on http://{}", listener.local_addr()?);
    let stopped = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    let server = axum::serve(listener, app).with_graceful_shutdown(stopped);
    tokio::select! {
        served = server.into_future() => Ok(served?),
        never = follow::follow(&bucket, options.every, &handle) => never,
    }
}
