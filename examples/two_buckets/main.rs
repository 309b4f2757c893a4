//! A site in one bucket and its assets in another, under CORS rules that can be changed while one watches:
//! `cargo run --example two_buckets [-- ADDRESS]`.

mod assets;
mod hosts;
mod presets;
mod rules;
mod site;
mod traffic_log;

use std::error::Error;
use std::future::IntoFuture;
use std::process::ExitCode;
use std::time::Duration;

use tokio::net::TcpListener;

use hosts::Hosts;
use rules::Rules;
use traffic_log::TrafficLog;

/// A free port, so that the demonstration starts whatever else is running.
const ADDRESS: &str = "127.0.0.1:0";
/// How long a request that is under way may take after ctrl-c.
const PATIENCE: Duration = Duration::from_secs(2);

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
    let address = std::env::args().nth(1).unwrap_or_else(|| ADDRESS.into());
    let listener =
        TcpListener::bind(&address).await.map_err(|error| format!("cannot listen on {address}: {error}"))?;
    let hosts = Hosts::on(listener.local_addr()?.port());

    let rules = Rules::default();
    rules.apply(&presets::first(&hosts)).map_err(|refusal| refusal.to_string())?;
    let exchanges = TrafficLog::default();
    let app = hosts
        .clone()
        .router(site::router(&hosts, rules.clone(), exchanges.clone()), assets::router(rules, exchanges));

    println!("open {}, until ctrl-c", hosts.site_origin());
    let server = axum::serve(listener, app).with_graceful_shutdown(interrupted());
    tokio::select! {
        served = server.into_future() => Ok(served?),
        // A browser may keep a request open for as long as it likes.
        () = async { interrupted().await; tokio::time::sleep(PATIENCE).await } => Ok(()),
    }
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        eprintln!("cannot wait for ctrl-c: {error}");
    }
}
