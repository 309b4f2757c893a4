//! The command line: where the server listens.

use std::net::SocketAddr;

use tokio::net::{lookup_host, TcpListener};

const USAGE: &str = "usage: bucket_server [--listen HOST:PORT] [--public]";

pub struct Options {
    listen: String,
    public: bool,
}

impl Options {
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Options { listen: "127.0.0.1:9000".into(), public: false };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--listen" => options.listen = arguments.next().ok_or(USAGE)?,
                "--public" => options.public = true,
                other => return Err(format!("unknown argument {other:?}\n{USAGE}")),
            }
        }
        Ok(options)
    }

    pub async fn bind(&self) -> Result<TcpListener, String> {
        let Options { listen, public } = self;
        let fail = |error| format!("cannot listen on {listen}: {error}");
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
