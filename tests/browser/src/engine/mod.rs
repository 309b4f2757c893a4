//! A browser engine under WebDriver: started, ready for a test, closed.

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

const PATIENCE: Duration = Duration::from_secs(30);
/// How long one script or one page may take.
const PATIENCE_WITH_A_PAGE: Duration = Duration::from_secs(20);

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
        let home = tempfile::tempdir().map_err(|error| format!("no folder for a profile: {error}"))?;
        let mut processes = Processes::new()?;
        let port = match self {
            Engine::Chromium => chromedriver(&mut processes, home.path()).await?,
            Engine::Firefox => geckodriver(&mut processes, home.path()).await?,
            Engine::WebKit => webkit_driver(&mut processes, home.path()).await?,
        };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(self.capabilities(home.path())?);
        let url = format!("http://127.0.0.1:{port}");
        let client = timeout(PATIENCE, builder.connect(&url))
            .await
            .map_err(|_| format!("{} did not start within {PATIENCE:?}", self.as_str()))?
            .map_err(|error| format!("{} did not start: {error}", self.as_str()))?;
        let limits = TimeoutConfiguration::new(Some(PATIENCE_WITH_A_PAGE), Some(PATIENCE_WITH_A_PAGE), None);
        client.update_timeouts(limits).await?;
        Ok(Browser { client, processes, home })
    }
}

/// A browser with one open session.
pub struct Browser {
    pub client: Client,
    // In this order: the profile is removed when nobody writes into it any more.
    processes: Processes,
    home: TempDir,
}

impl Browser {
    /// The name and version that the browser gives itself.
    pub fn version(&self) -> String {
        let told = |name| self.client.capabilities()?.get(name)?.as_str().map(str::to_owned);
        let word = |name| told(name).unwrap_or_else(|| "?".into());
        format!("{} {}", word("browserName"), word("browserVersion"))
    }

    /// Starts a program that ends with the browser, and waits for the line that tells what is asked for.
    pub async fn start_beside<T: Send + 'static>(
        &mut self,
        command: &mut Command,
        tells: impl Fn(&str) -> Option<T> + Send + 'static,
    ) -> Result<T, Failure> {
        self.processes.start_and_hear(command, tells, PATIENCE).await
    }

    /// Closes the session; the processes end whether or not that succeeds.
    pub async fn close(self) -> Result<(), Failure> {
        let closed = timeout(PATIENCE_WITH_A_PAGE, self.client.close()).await;
        tokio::task::spawn_blocking(move || drop((self.processes, self.home))).await?;
        closed.map_err(|_| "the session did not close in time")??;
        Ok(())
    }
}

async fn chromedriver(processes: &mut Processes, home: &Path) -> Result<u16, Failure> {
    let mut command = program("chromedriver", home);
    // `ChromeDriver was started successfully on port 36519.`
    let port = |line: &str| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok();
    processes.start_and_hear(command.arg("--port=0"), port, PATIENCE).await
}

async fn geckodriver(processes: &mut Processes, home: &Path) -> Result<u16, Failure> {
    let mut command = program("geckodriver", home);
    command.args(["--port", "0", "--websocket-port", "0"]);
    // `1700000000000	geckodriver	INFO	Listening on 127.0.0.1:36519`
    let port = |line: &str| Some(line.split_once("Listening on ")?.1.parse::<SocketAddr>().ok()?.port());
    processes.start_and_hear(&mut command, port, PATIENCE).await
}

/// It neither chooses a port nor says that it is ready.
async fn webkit_driver(processes: &mut Processes, home: &Path) -> Result<u16, Failure> {
    let mut server = program("Xvfb", home);
    server.args(["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]);
    let number = |line: &str| line.trim().parse::<u32>().ok();
    let display = processes.start_and_hear(&mut server, number, PATIENCE).await?;

    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()?.port();
    let mut driver = program("WebKitWebDriver", home);
    driver.arg(format!("--port={port}")).env("DISPLAY", format!(":{display}"));
    // Its sandbox needs namespaces that a container does not give.
    driver.env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
    processes.start(&mut driver)?;
    let listens = async {
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, listens).await.map_err(|_| "WebKitWebDriver does not listen")?;
    Ok(port)
}

/// Whatever it and its browser keep is in the folder.
fn program(name: &str, home: &Path) -> Command {
    let mut command = Command::new(name);
    command.env("HOME", home).env("TMPDIR", home).current_dir(home);
    for variable in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"] {
        command.env_remove(variable);
    }
    command
}

/// The first of the places where a program is.
fn find(places: &[&str]) -> Result<PathBuf, Failure> {
    let found = places.iter().map(PathBuf::from).find(|place| place.exists());
    found.ok_or_else(|| format!("there is none of {}", places.join(", ")).into())
}
