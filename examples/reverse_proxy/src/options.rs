//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use http::uri::{Authority, Scheme};
use http::Uri;
use tokio::net::{lookup_host, TcpListener};

pub const HELP: &str = "\
Keeps the CORS rules of the buckets of an S3-compatible store, answers preflights, and adds CORS headers to what
the store answers. Everything else is forwarded unread and unchanged.

usage: reverse_proxy --store URL --rules FOLDER [OPTION...]

  --store URL          the store: http://HOST:PORT
  --rules FOLDER       the rules, a file for each bucket, BUCKET.xml; read at the start, created if missing
  --listen HOST:PORT   serves requests; 127.0.0.1:8000 if it is not given
  --admin HOST:PORT    serves the same requests, and PutBucketCors, GetBucketCors and DeleteBucketCors too, for
                       everyone who can connect: signatures are not checked, so keep this address private
  --domain NAME        finds the bucket in the hosts BUCKET.NAME; may be given several times
  --grace SECONDS      how long running requests may take after SIGTERM or SIGINT; 30 if it is not given
  --help               prints this
";

#[derive(Debug)]
pub struct Options {
    pub store: Authority,
    pub rules: PathBuf,
    pub listen: String,
    pub admin: Option<String>,
    pub domains: Vec<String>,
    pub grace: Duration,
}

impl Options {
    /// Returns `None` if help is asked for.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let (mut store, mut rules, mut admin) = (None, None, None);
        let (mut listen, mut grace, mut domains) = ("127.0.0.1:8000".to_owned(), 30, Vec::new());
        while let Some(option) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{option} needs a value; see --help"));
            match option.as_str() {
                "--store" => store = Some(parse_store(&value()?)?),
                "--rules" => rules = Some(value()?.into()),
                "--listen" => listen = value()?,
                "--admin" => admin = Some(value()?),
                "--domain" => domains.push(parse_domain(&value()?)?),
                "--grace" => grace = parse_seconds(&value()?)?,
                "--help" | "-h" => return Ok(None),
                other => return Err(format!("unknown option {other:?}; see --help")),
            }
        }
        let missing = |name| format!("{name} is missing; see --help");
        Ok(Some(Options {
            store: store.ok_or_else(|| missing("--store"))?,
            rules: rules.ok_or_else(|| missing("--rules"))?,
            listen,
            admin,
            domains,
            grace: Duration::from_secs(grace),
        }))
    }
}

fn parse_store(text: &str) -> Result<Authority, String> {
    let expected = |what: &str| format!("--store {text:?}: {what}; expected http://HOST:PORT");
    let uri: Uri = text.parse().map_err(|error| expected(&format!("{error}")))?;
    if uri.scheme() == Some(&Scheme::HTTPS) {
        return Err(expected("TLS is not supported"));
    }
    if uri.scheme() != Some(&Scheme::HTTP) {
        return Err(expected("not a URL"));
    }
    if uri.path() != "/" || uri.query().is_some() {
        // The clients sign the path that they send.
        return Err(expected("a path would make signatures invalid"));
    }
    uri.into_parts().authority.ok_or_else(|| expected("not a URL"))
}

fn parse_domain(text: &str) -> Result<String, String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    if text.is_empty() || text.starts_with('.') || !text.chars().all(is_name) {
        return Err(format!("--domain {text:?}: not the name of a host, such as s3.example.com"));
    }
    Ok(text.to_ascii_lowercase())
}

fn parse_seconds(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("--grace {text:?}: not a number of seconds"))
}

pub async fn bind(address: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}"))
}

/// Refuses a proxy that would forward to itself, for ever.
pub async fn check_loop(store: &Authority, ours: &[SocketAddr]) -> Result<(), String> {
    let port = store.port_u16().unwrap_or(80);
    // A store whose name cannot be resolved yet may be there later.
    let addresses = lookup_host((store.host().trim_matches(['[', ']']), port)).await;
    let is_same = |ours: &SocketAddr, its: SocketAddr| {
        let is_loopback = ours.ip().is_unspecified() && its.ip().is_loopback();
        ours.port() == its.port() && (ours.ip() == its.ip() || is_loopback)
    };
    if addresses.is_ok_and(|mut addresses| addresses.any(|its| ours.iter().any(|ours| is_same(ours, its)))) {
        return Err(format!("--store http://{store} is this proxy itself"));
    }
    Ok(())
}
