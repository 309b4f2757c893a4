//! An S3-compatible server in memory, each bucket under its own CORS rules:
//! `cargo run --example bucket_server -- --listen 127.0.0.1:9000`.
//!
//! What a server has to do for CORS stands in `cors.rs`; the other files are a small S3: no signatures, no
//! checksums, no multipart uploads, no versions.

mod body;
mod buckets;
mod cors;
mod error;
mod listing;
mod objects;
mod options;
mod request_info;
mod store;
mod unconfigured;
mod xml;

use std::error::Error;
use std::future::{Future, IntoFuture};
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::from_fn;
use axum::routing::get;
use axum::{Router, ServiceExt};
use tokio::sync::watch;
use tower::ServiceBuilder;

use options::Options;
use store::Buckets;

/// How long a request that is under way may take after the server was told to stop.
const PATIENCE: Duration = Duration::from_secs(5);

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
    let listener = Options::parse(std::env::args().skip(1))?.bind().await?;
    let address = listener.local_addr()?;

    let buckets = Buckets::default();
    // Around the router, so that axum adds nothing to the layer's own answers.
    let app = ServiceBuilder::new()
        .layer(from_fn(request_info::identify))
        .layer(cors::layer(buckets.clone()))
        .service(router(buckets));

    let (stop, mut stopped) = watch::channel(false);
    let mut stopping = stopped.clone();
    let interrupted = interruption()?;
    tokio::spawn(async move {
        interrupted.await;
        stop.send(true)
    });
    let server = axum::serve(listener, ServiceExt::<Request>::into_make_service(app))
        .with_graceful_shutdown(async move { _ = stopping.changed().await });

    eprintln!("signatures are not checked: whoever reaches this server may read and write all that it holds");
    println!("listening on http://{address}");
    tokio::select! {
        served = server.into_future() => Ok(served?),
        () = async { _ = stopped.changed().await; tokio::time::sleep(PATIENCE).await } => {
            Err(format!("some requests were still under way after {PATIENCE:?}").into())
        }
    }
}

/// Path style only: `request_info::identify` has brought the other style to it.
fn router(buckets: Buckets) -> Router {
    let bucket =
        get(buckets::get).head(buckets::head).put(buckets::put).delete(buckets::delete).post(buckets::post);
    let object = get(objects::get).put(objects::put).delete(objects::delete).post(objects::post);
    Router::new()
        .route("/", get(buckets::list))
        .route("/{bucket}", bucket.clone())
        .route("/{bucket}/", bucket)
        .route("/{bucket}/{*key}", object)
        .fallback(error::not_allowed)
        .method_not_allowed_fallback(error::not_allowed)
        .layer(from_fn(error::tell))
        .with_state(buckets)
}

/// Registered by the call, so that a signal is heard as soon as the server says that it listens.
#[cfg(unix)]
fn interruption() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{signal, SignalKind};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(windows)]
fn interruption() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move { _ = interrupt.recv().await })
}
