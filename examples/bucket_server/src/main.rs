//! An S3-compatible in-memory server with CORS rules for each bucket:
//! `cargo run -p bucket_server -- --listen 127.0.0.1:9000`.
//!
//! `cors.rs` has everything that a server needs for CORS. The other files implement a small S3 without
//! signatures, checksums, multipart uploads or versions.

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

use options::{Command, Options};
use store::Buckets;

/// How long running requests may take after the server received a signal to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

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
    let options = match Options::parse(std::env::args().skip(1))? {
        Command::Serve(options) => options,
        Command::Help(help) => {
            println!("{help}");
            return Ok(());
        }
    };
    let listener = options.bind().await?;
    let address = listener.local_addr()?;

    let buckets = Buckets::default();
    // The layer wraps the whole router, so that axum adds no headers to the layer's own responses.
    let app = ServiceBuilder::new()
        .layer(from_fn(request_info::identify))
        .layer(cors::layer(buckets.clone()))
        .service(router(buckets));

    let (stop, mut stopped) = watch::channel(false);
    let mut stopping = stopped.clone();
    let signal = stop_signal()?;
    tokio::spawn(async move {
        signal.await;
        stop.send(true)
    });
    let server = axum::serve(listener, ServiceExt::<Request>::into_make_service(app))
        .with_graceful_shutdown(async move { _ = stopping.changed().await });

    eprintln!("warning: signatures are not checked; anyone who can connect can read and write all objects");
    println!("listening on http://{address}");
    tokio::select! {
        served = server.into_future() => Ok(served?),
        () = async { _ = stopped.changed().await; tokio::time::sleep(SHUTDOWN_TIMEOUT).await } => {
            Err(format!("some requests were still running after {SHUTDOWN_TIMEOUT:?}").into())
        }
    }
}

/// Routes path-style requests; `request_info::identify` has rewritten virtual-hosted-style ones.
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
        .layer(from_fn(error::write_body))
        .with_state(buckets)
}

/// Waits for SIGINT or SIGTERM. The handlers are installed by the call, not by the first poll, so that no
/// signal is missed once the server has printed its address.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
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
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move { _ = interrupt.recv().await })
}
