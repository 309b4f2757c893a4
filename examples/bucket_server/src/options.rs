//! The command line: where the server listens.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use tokio::net::{lookup_host, TcpListener};

const USAGE: &str = "usage: bucket_server [--listen HOST:PORT] [--public]";

const HELP: &str = "
An S3-compatible in-memory server with CORS rules for each bucket. Signatures are not checked.

  --listen HOST:PORT  where to listen (default: 127.0.0.1:9000)
  --public            allow an address that other machines can reach
  --help              print this";

pub struct Options {
    listen: String,
    public: bool,
}

/// What the arguments ask for.
pub enum Command {
    Serve(Options),
    /// Print this help.
    Help(String),
}

impl Options {
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Command, String> {
        let mut options = Options { listen: "127.0.0.1:9000".into(), public: false };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--listen" => options.listen = arguments.next().ok_or(USAGE)?,
                "--help" | "-h" => return Ok(Command::Help(format!("{USAGE}\n{HELP}"))),
                "--public" => options.public = true,
                other => return Err(format!("unknown argument {other:?}\n{USAGE}")),
            }
        }
        Ok(Command::Serve(options))
    }

    pub async fn bind(&self) -> Result<TcpListener, String> {
        let Options { listen, public } = self;
        let fail = |error: io::Error| match error.kind() {
            ErrorKind::AddrInUse => format!(
                "cannot listen on {listen}: another program does; choose another port with --listen HOST:PORT"
            ),
            _ => format!("cannot listen on {listen}: {error}"),
        };
        let addresses: Vec<SocketAddr> = lookup_host(listen).await.map_err(fail)?.collect();
        match addresses.iter().find(|address| !address.ip().is_loopback()) {
            Some(reachable) if !public => Err(format!(
                "{listen} resolves to {}, which other machines can reach, and signatures are not checked; \
                 use --public to listen there anyway",
                reachable.ip()
            )),
            _ => TcpListener::bind(addresses.as_slice()).await.map_err(fail),
        }
    }
}
