//! Tests the layer's responses in Chromium, Firefox and WebKitGTK: `tests/browser/run [--only PART] [ENGINE...]`,
//! or takes pictures of the example `two_buckets`: `tests/browser/run --picture FILE`, `--pictures FOLDER`.

mod assets;
mod cases;
mod demonstration;
mod devtools;
mod engine;
mod grpc_web;
mod looks;
mod processes;
mod proxy;
mod report;
mod seen;
mod servers;
mod table;

use std::error::Error;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio::signal::unix::{signal, SignalKind};
use tokio::time::timeout;

use engine::{Browser, Engine};
use report::Report;
use servers::Servers;
use table::Table;

type Failure = Box<dyn Error + Send + Sync>;

/// The time limit for all tests of one engine.
const TIMEOUT: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() -> ExitCode {
    // On a signal, `run` is dropped, which ends the processes that it started.
    let result = tokio::select! {
        result = run() => result,
        result = interrupted() => result.map(|()| false).map_err(Failure::from),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether all tests passed.
async fn run() -> Result<bool, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (only, engines) = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--picture", file] => return pictures(Path::new(file), false).await.map(|()| true),
        ["--pictures", folder] => return pictures(Path::new(folder), true).await.map(|()| true),
        ["--only", part @ ("cases" | "page" | "proxy" | "grpc-web"), names @ ..] => {
            (Some(*part), engines(names)?)
        }
        names => (None, engines(names)?),
    };
    let start = Instant::now();
    let table = Table::read()?;
    let servers = Servers::start(&table).await?;
    let mut report = Report::default();
    for engine in engines {
        let engine_start = Instant::now();
        let tested = timeout(TIMEOUT, test_engine(engine, only, &servers, &table, &mut report)).await;
        match tested.unwrap_or_else(|_| Err(format!("it took more than {TIMEOUT:?}").into())) {
            Ok(version) => println!("{version}: {:.1} s", engine_start.elapsed().as_secs_f32()),
            Err(error) => report.engine_failed(engine.as_str(), &error.to_string()),
        }
    }
    Ok(report.end(start))
}

/// Takes the README's picture of the example `two_buckets`, or all pictures of it.
async fn pictures(path: &Path, all: bool) -> Result<(), Failure> {
    let mut browser = Engine::Chromium.open().await?;
    let taken = timeout(TIMEOUT, async {
        if all {
            looks::pictures(&mut browser, path).await
        } else {
            looks::picture(&mut browser, path).await
        }
    });
    let taken = taken.await;
    let closed = browser.close().await;
    taken.map_err(|_| format!("it took more than {TIMEOUT:?}"))?.and(closed)
}

fn engines(names: &[&str]) -> Result<Vec<Engine>, Failure> {
    let named = names.iter().map(|name| {
        Engine::from_name(name).ok_or_else(|| format!("{name} is not one of chromium, firefox, webkit"))
    });
    let named = named.collect::<Result<Vec<_>, _>>()?;
    Ok(if named.is_empty() { Engine::ALL.to_vec() } else { named })
}

/// Runs the tests of one engine in one session, all or a part of them. Returns the engine's version.
async fn test_engine(
    engine: Engine,
    only: Option<&str>,
    servers: &Servers,
    table: &Table,
    report: &mut Report,
) -> Result<String, Failure> {
    let mut browser = engine.open().await?;
    let version = browser.version();
    let tested = match only {
        Some("grpc-web") => grpc_web::run(engine, &mut browser, report).await,
        Some("proxy") => proxy::run(engine, &mut browser, &servers.page, report).await,
        _ => run_tests(engine, only, &mut browser, servers, table, report).await,
    };
    let closed = browser.close().await;
    // A failed browser often fails to close too, so the first error is reported.
    tested.and(closed).map(|()| version)
}

async fn run_tests(
    engine: Engine,
    only: Option<&str>,
    browser: &mut Browser,
    servers: &Servers,
    table: &Table,
    report: &mut Report,
) -> Result<(), Failure> {
    if only != Some("page") {
        cases::run(engine, browser, servers, table, report).await?;
    }
    if only != Some("cases") {
        demonstration::run(engine, browser, report).await?;
        if engine == Engine::Chromium {
            looks::check(browser, report).await?;
        }
    }
    Ok(())
}

async fn interrupted() -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    eprintln!("interrupted");
    Ok(())
}
