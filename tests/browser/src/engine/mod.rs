//! Starts, controls and closes a browser through WebDriver.

mod capabilities;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde::Deserialize;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use crate::processes::Processes;
use crate::Failure;

const START_TIMEOUT: Duration = Duration::from_secs(30);
/// How long one script or the loading of one page may take.
const PAGE_TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    Chromium,
    Firefox,
    WebKit,
}

impl Engine {
    pub const ALL: [Engine; 3] = [Engine::Chromium, Engine::Firefox, Engine::WebKit];

    pub fn as_str(self) -> &'static str {
        match self {
            Engine::Chromium => "chromium",
            Engine::Firefox => "firefox",
            Engine::WebKit => "webkit",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|engine| engine.as_str() == name)
    }

    /// Starts the driver, and a browser with a fresh profile.
    pub async fn open(self) -> Result<Browser, Failure> {
        let home = tempfile::tempdir()
            .map_err(|error| format!("cannot create a folder for the profile: {error}"))?;
        let mut processes = Processes::new()?;
        let port = match self {
            Engine::Chromium => chromedriver(&mut processes, home.path()).await?,
            Engine::Firefox => geckodriver(&mut processes, home.path()).await?,
            Engine::WebKit => webkit_driver(&mut processes, home.path()).await?,
        };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(self.capabilities(home.path())?);
        let url = format!("http://127.0.0.1:{port}");
        let client = timeout(START_TIMEOUT, builder.connect(&url))
            .await
            .map_err(|_| format!("{} did not start within {START_TIMEOUT:?}", self.as_str()))?
            .map_err(|error| format!("{} did not start: {error}", self.as_str()))?;
        let limits = TimeoutConfiguration::new(Some(PAGE_TIMEOUT), Some(PAGE_TIMEOUT), None);
        client.update_timeouts(limits).await?;
        Ok(Browser { client, processes, home })
    }
}

/// A browser with one open session.
pub struct Browser {
    pub client: Client,
    // Fields are dropped in this order: the browser ends before its profile is removed.
    processes: Processes,
    home: TempDir,
}

impl Browser {
    /// Returns the name and version that the browser reports.
    pub fn version(&self) -> String {
        let capability = |name| self.client.capabilities()?.get(name)?.as_str().map(str::to_owned);
        let or_unknown = |name| capability(name).unwrap_or_else(|| "?".into());
        format!("{} {}", or_unknown("browserName"), or_unknown("browserVersion"))
    }

    /// Starts a program that ends with the browser, and waits for the first line of output that `parse` accepts.
    pub async fn start_program<T: Send + 'static>(
        &mut self,
        command: &mut Command,
        parse: impl Fn(&str) -> Option<T> + Send + 'static,
    ) -> Result<T, Failure> {
        self.processes.start_and_parse(command, parse, START_TIMEOUT).await
    }

    /// Closes the session and ends the processes, even if closing fails.
    pub async fn close(self) -> Result<(), Failure> {
        let closed = timeout(PAGE_TIMEOUT, self.client.close()).await;
        tokio::task::spawn_blocking(move || drop((self.processes, self.home))).await?;
        closed.map_err(|_| "the session did not close in time")??;
        Ok(())
    }
}

async fn chromedriver(processes: &mut Processes, home: &Path) -> Result<u16, Failure> {
    let mut command = program("chromedriver", home);
    // `ChromeDriver was started successfully on port 36519.`
    let port = |line: &str| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok();
    processes.start_and_parse(command.arg("--port=0"), port, START_TIMEOUT).await
}

async fn geckodriver(processes: &mut Processes, home: &Path) -> Result<u16, Failure> {
    let mut command = program("geckodriver", home);
    command.args(["--port", "0", "--websocket-port", "0"]);
    // `1700000000000	geckodriver	INFO	Listening on 127.0.0.1:36519`
    let port = |line: &str| Some(line.split_once("Listening on ")?.1.parse::<SocketAddr>().ok()?.port());
    processes.start_and_parse(&mut command, port, START_TIMEOUT).await
}

/// WebKitWebDriver neither chooses a port nor reports that it is ready, so both are done here.
async fn webkit_driver(processes: &mut Processes, home: &Path) -> Result<u16, Failure> {
    let mut server = program("Xvfb", home);
    server.args(["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]);
    let number = |line: &str| line.trim().parse::<u32>().ok();
    let display = processes.start_and_parse(&mut server, number, START_TIMEOUT).await?;

    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()?.port();
    let mut driver = program("WebKitWebDriver", home);
    driver.arg(format!("--port={port}")).env("DISPLAY", format!(":{display}"));
    // The sandbox needs namespaces, which containers do not allow.
    driver.env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
    processes.start(&mut driver)?;
    let listening = async {
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(START_TIMEOUT, listening).await.map_err(|_| "WebKitWebDriver does not listen")?;
    Ok(port)
}

/// Prepares a command whose program, and the browser that it starts, store all files in the folder.
fn program(name: &str, home: &Path) -> Command {
    let mut command = Command::new(name);
    command.env("HOME", home).env("TMPDIR", home).current_dir(home);
    for variable in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"] {
        command.env_remove(variable);
    }
    command
}

/// Returns the first path that exists.
fn find(paths: &[&str]) -> Result<PathBuf, Failure> {
    let found = paths.iter().map(PathBuf::from).find(|path| path.exists());
    found.ok_or_else(|| format!("cannot find any of {}", paths.join(", ")).into())
}
