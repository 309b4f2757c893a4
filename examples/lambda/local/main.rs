//! A gateway to try the function without AWS: `cargo run -p lambda --example local`.

mod gateway;

use std::error::Error;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};

use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::signal::unix::{signal, SignalKind};

const USAGE: &str = "usage: local [--listen HOST:PORT] [--function FILE]

Passes HTTP requests on to the function, as API Gateway does.

  --listen HOST:PORT  where to listen (127.0.0.1:3006)
  --function FILE     the function's program (built and started by cargo)

CORS_ORIGINS in the environment is the list of allowed origins (https://app.example.com).";

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (mut listen, mut program) = ("127.0.0.1:3006".to_owned(), None);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value\n\n{USAGE}"));
        match argument.as_str() {
            "--listen" => listen = value()?,
            "--function" => program = Some(PathBuf::from(value()?)),
            "--help" => {
                println!("{USAGE}");
                return Ok(());
            }
            _ => return Err(format!("unknown argument {argument:?}\n\n{USAGE}").into()),
        }
    }
    let bound = TcpListener::bind(&listen).await;
    let listener = bound.map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    let runtime_api = TcpListener::bind("127.0.0.1:0").await?;
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);

    if program.is_none() {
        // Before the first request waits for it.
        let built = cargo("build").status().await?;
        built.success().then_some(()).ok_or("cargo cannot build the function")?;
    }
    let mut function = program.map_or_else(|| cargo("run"), Command::new);
    set_environment(&mut function);
    function.env("AWS_LAMBDA_RUNTIME_API", runtime_api.local_addr()?.to_string());
    let mut function = function.spawn().map_err(|error| format!("cannot start the function: {error}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    let (requests, invocations) = gateway::routers();
    tokio::select! {
        served = async { axum::serve(listener, requests).await } => Ok(served?),
        served = async { axum::serve(runtime_api, invocations).await } => Ok(served?),
        ended = function.wait() => Err(format!("the function ended: {}", ended?).into()),
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}

fn cargo(command: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args([command, "--quiet", "--package", "lambda"]);
    cargo
}

/// Sets what Lambda sets. The function is killed when this program ends.
fn set_environment(function: &mut Command) {
    if std::env::var_os("CORS_ORIGINS").is_none() {
        function.env("CORS_ORIGINS", "https://app.example.com");
    }
    function.env("AWS_LAMBDA_FUNCTION_NAME", "notes");
    function.env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
    function.env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128");
    function.stdin(Stdio::null()).kill_on_drop(true);
}
