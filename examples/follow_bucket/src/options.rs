//! The command line.

use std::time::Duration;

use tokio::net::TcpListener;

const USAGE: &str = "usage: follow_bucket --endpoint URL --bucket NAME [--every SECONDS] [--listen HOST:PORT]

Serves the objects of a bucket, with the CORS rules of the bucket.

  --endpoint URL      the store, such as http://127.0.0.1:9000
  --bucket NAME       the bucket
  --every SECONDS     how often the bucket is asked for its rules (10)
  --listen HOST:PORT  where to listen (127.0.0.1:3003)

AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION are read from the environment.";

pub struct Options {
    pub endpoint: String,
    pub bucket: String,
    pub every: Duration,
    pub listen: String,
}

impl Options {
    /// Returns `None` if help was asked for, which is then printed.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let [mut endpoint, mut bucket] = [None, None];
        let (mut every, mut listen) = ("10".to_owned(), "127.0.0.1:3003".to_owned());
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value\n\n{USAGE}"));
            match argument.as_str() {
                "--endpoint" => endpoint = Some(value()?),
                "--bucket" => bucket = Some(value()?),
                "--every" => every = value()?,
                "--listen" => listen = value()?,
                "--help" => {
                    println!("{USAGE}");
                    return Ok(None);
                }
                _ => return Err(format!("unknown argument {argument:?}\n\n{USAGE}")),
            }
        }
        let missing = |name| format!("{name} is missing\n\n{USAGE}");
        let endpoint = endpoint.ok_or_else(|| missing("--endpoint"))?;
        let bucket = bucket.ok_or_else(|| missing("--bucket"))?;
        let every = seconds(&every).ok_or_else(|| format!("{every:?} is not a number of seconds above 0"))?;
        Ok(Some(Options { endpoint, bucket, every, listen }))
    }

    pub async fn bind(&self) -> Result<TcpListener, String> {
        let bound = TcpListener::bind(&self.listen).await;
        bound.map_err(|error| format!("cannot listen on {}: {error}", self.listen))
    }
}

fn seconds(text: &str) -> Option<Duration> {
    let duration = Duration::try_from_secs_f64(text.parse().ok()?).ok()?;
    (!duration.is_zero()).then_some(duration)
}
