//! CORS rules in a database, one set for each tenant: `cargo run -p tenants`.

mod app;
mod changes;
mod database;
mod options;
mod rules;

use std::future::IntoFuture;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{signal, SignalKind};

use database::{Database, Failure};
use options::Options;
use rules::Rules;

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
    let rules = Arc::new(Rules::new(Database::open(&options.database).await?));
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);

    let app = app::router(rules.clone());
    println!("listening on http://{}", listener.local_addr()?);
    let stopped = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    let server = axum::serve(listener, app).with_graceful_shutdown(stopped);
    tokio::select! {
        served = server.into_future() => served?,
        never = changes::follow(&rules) => match never {},
    }
    rules.database.close().await;
    Ok(())
}
