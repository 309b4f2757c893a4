//! The command line.

use tokio::net::TcpListener;

const USAGE: &str = "usage: tenants [--listen HOST:PORT] [--database URL]

Serves an API with CORS rules from a database, one set for each tenant.

  --listen HOST:PORT  where to listen (127.0.0.1:3007)
  --database URL      sqlite:FILE or postgres://USER@HOST/NAME (sqlite:tenants.db?mode=rwc)";

pub struct Options {
    pub listen: String,
    pub database: String,
}

impl Options {
    /// Returns `None` if help was asked for, which is then printed.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options =
            Options { listen: "127.0.0.1:3007".into(), database: "sqlite:tenants.db?mode=rwc".into() };
        while let Some(argument) = arguments.next() {
            let value = match argument.as_str() {
                "--listen" => &mut options.listen,
                "--database" => &mut options.database,
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
