//! The command line.

use tokio::net::TcpListener;

const USAGE: &str = "usage: tonic_web [--listen HOST:PORT] [--origin ORIGIN]

Serves example.Greeter as gRPC-web, for pages of one origin.

  --listen HOST:PORT  where to listen (127.0.0.1:3005)
  --origin ORIGIN     the origin of the pages (http://localhost:8000)";

pub struct Options {
    pub listen: String,
    pub origin: String,
}

impl Options {
    /// Returns `None` if help was asked for, which is then printed.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Options { listen: "127.0.0.1:3005".into(), origin: "http://localhost:8000".into() };
        while let Some(argument) = arguments.next() {
            let value = match argument.as_str() {
                "--listen" => &mut options.listen,
                "--origin" => &mut options.origin,
                "--help" => {
                    println!("{USAGE}");
                    return Ok(None);
                }
                _ => return Err(format!("unknown argument {argument:?}\n\n{USAGE}")),
            };
            *value = arguments.next().ok_or_else(|| format!("{argument} needs a value\n\n{USAGE}"))?;
        }
        Ok(Some(options))
    }

    pub async fn bind(&self) -> Result<TcpListener, String> {
        let bound = TcpListener::bind(&self.listen).await;
        bound.map_err(|error| format!("cannot listen on {}: {error}", self.listen))
    }
}
