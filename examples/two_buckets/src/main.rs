//! A site in one bucket that loads assets from another, and an editor for the CORS rules between them:
//! `cargo run -p two_buckets [-- --listen HOST:PORT]`.

mod assets;
mod course;
mod findings;
mod hosts;
#[path = "../../options.rs"]
mod options;
mod presets;
mod rules;
mod site;
mod traffic_log;

use std::error::Error;
use std::future::IntoFuture;
use std::time::Duration;

use hosts::Hosts;
use options::Options;
use rules::Rules;
use traffic_log::TrafficLog;

const HELP: &str = "\
usage: two_buckets [--listen HOST:PORT]

A site in one bucket that loads assets from another, and an editor for the CORS rules between them.

  --listen HOST:PORT  where to listen (default: 127.0.0.1:3002); port 0 is any free port
  --help              print this";

/// How long running requests may take after ctrl-c.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = Options::parse(HELP, "127.0.0.1:3002", 0).bind().await;
    let hosts = Hosts::new(listener.local_addr()?.port());

    // The page begins where every bucket does: without rules.
    let rules = Rules::default();
    let traffic = TrafficLog::default();
    let site = site::router(&hosts, rules.clone(), traffic.clone());
    let stranger = site::stranger_router(&hosts);
    let app = hosts.clone().router(site, assets::router(rules, traffic), stranger);

    println!("open {}; press ctrl-c to stop", hosts.site_origin());
    let server = axum::serve(listener, app).with_graceful_shutdown(interrupted());
    tokio::select! {
        served = server.into_future() => Ok(served?),
        // A graceful shutdown alone would wait without limit for a browser that keeps a request open.
        () = async { interrupted().await; tokio::time::sleep(SHUTDOWN_TIMEOUT).await } => Ok(()),
    }
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        eprintln!("cannot wait for ctrl-c: {error}");
    }
}
