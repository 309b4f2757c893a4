//! What Chromium, Firefox and WebKitGTK make of the layer's answers: `tests/browser/run [ENGINE...]`,
//! and `tests/browser/run --picture FILE`.

mod assets;
mod cases;
mod demonstration;
mod engine;
mod processes;
mod report;
mod seen;
mod servers;
mod table;

use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio::signal::unix::{signal, SignalKind};
use tokio::time::timeout;

use engine::{Browser, Engine};
use report::Report;
use servers::Servers;
use table::Table;

type Failure = Box<dyn Error + Send + Sync>;

/// For all that is asked of one engine.
const PATIENCE: Duration = Duration::from_secs(90);

#[tokio::main]
async fn main() -> ExitCode {
    // What is not awaited any more is dropped, and its processes end with it.
    let ended = tokio::select! {
        ended = run() => ended,
        ended = interrupted() => ended.map(|()| false).map_err(Failure::from),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is well.
async fn run() -> Result<bool, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [option, file] = arguments.as_slice() {
        if option == "--picture" {
            return picture(file).await.map(|()| true);
        }
    }
    let begun = Instant::now();
    let engines = engines(&arguments)?;
    let table = Table::read()?;
    let servers = Servers::start(&table).await?;
    let mut report = Report::default();
    for engine in engines {
        let begun = Instant::now();
        let asked = timeout(PATIENCE, ask(engine, &servers, &table, &mut report)).await;
        match asked.unwrap_or_else(|_| Err(format!("it took more than {PATIENCE:?}").into())) {
            Ok(version) => println!("{version}: {:.1} s", begun.elapsed().as_secs_f32()),
            Err(error) => report.broken(engine.as_str(), &error.to_string()),
        }
    }
    Ok(report.end(begun))
}

/// A picture of the demonstration, for the README.
async fn picture(file: &str) -> Result<(), Failure> {
    let mut browser = Engine::Chromium.open().await?;
    let drawn = timeout(PATIENCE, demonstration::picture(&mut browser, file)).await;
    let closed = browser.close().await;
    drawn.map_err(|_| format!("it took more than {PATIENCE:?}"))?.and(closed)
}

fn engines(arguments: &[String]) -> Result<Vec<Engine>, Failure> {
    let named = arguments.iter().map(|name| {
        Engine::from_name(name).ok_or_else(|| format!("{name} is not one of chromium, firefox, webkit"))
    });
    let named = named.collect::<Result<Vec<_>, _>>()?;
    Ok(if named.is_empty() { Engine::ALL.to_vec() } else { named })
}

/// Everything that one engine is asked, in one session. Gives its version.
async fn ask(
    engine: Engine,
    servers: &Servers,
    table: &Table,
    report: &mut Report,
) -> Result<String, Failure> {
    let mut browser = engine.open().await?;
    let version = browser.version();
    let asked = tests(engine, &mut browser, servers, table, report).await;
    let closed = browser.close().await;
    // A browser that failed does not close well either: its first error counts.
    asked.and(closed).map(|()| version)
}

/// The kinds of tests, one after the other.
async fn tests(
    engine: Engine,
    browser: &mut Browser,
    servers: &Servers,
    table: &Table,
    report: &mut Report,
) -> Result<(), Failure> {
    cases::run(engine, browser, servers, table, report).await?;
    demonstration::run(engine, browser, report).await
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
