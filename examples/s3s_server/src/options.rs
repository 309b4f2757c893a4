//! The command line.

use tokio::net::TcpListener;

const USAGE: &str = "usage: s3s_server [--listen HOST:PORT]

Serves buckets in memory, with CORS rules for each bucket.

  --listen HOST:PORT  where to listen (127.0.0.1:3004)

The access key is AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from the environment, or test and test.";

pub struct Options {
    pub listen: String,
}

impl Options {
    /// Returns `None` if help was asked for, which is then printed.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Options { listen: "127.0.0.1:3004".into() };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--listen" => {
                    let value = arguments.next();
                    options.listen = value.ok_or_else(|| format!("{argument} needs a value\n\n{USAGE}"))?;
                }
                "--help" => {
                    println!("{USAGE}");
                    return Ok(None);
                }
                _ => return Err(format!("unknown argument {argument:?}\n\n{USAGE}")),
            }
        }
        Ok(Some(options))
    }

    pub async fn bind(&self) -> Result<TcpListener, String> {
        let bound = TcpListener::bind(&self.listen).await;
        bound.map_err(|error| format!("cannot listen on {}: {error}", self.listen))
    }
}
