//! Follows what any process changes in the database, and tells the cache.

use std::convert::Infallible;
use std::time::Duration;

use sqlx::postgres::PgListener;
use sqlx::{AnyConnection, Connection};
use tokio::time::{sleep, timeout};

use crate::database::{within, Failure};
use crate::rules::Rules;

/// How long after a failure the database is asked again.
const RETRY: Duration = Duration::from_millis(500);
/// How often SQLite is asked whether something has changed.
const POLL: Duration = Duration::from_millis(250);
/// How often a silent connection is tried.
const PROBE: Duration = Duration::from_secs(5);

/// Never returns. Starts again after each failure, and then takes every entry of the cache for outdated.
pub async fn follow(rules: &Rules) -> Infallible {
    loop {
        let failed = tokio::select! {
            error = follow_once(rules) => Some(error),
            // The connection that follows may live on where queries fail; both begin anew.
            () = rules.query_failed() => None,
        };
        if let Some(error) = failed {
            rules.away(&error);
        }
        sleep(RETRY).await;
    }
}

async fn follow_once(rules: &Rules) -> Failure {
    let followed = if rules.database.is_postgres() { listen(rules).await } else { poll(rules).await };
    followed.map_or_else(|error| error, |never| match never {})
}

/// PostgreSQL sends the name of each tenant that has changed.
async fn listen(rules: &Rules) -> Result<Infallible, Failure> {
    let mut listener = within(PgListener::connect(rules.database.url())).await?;
    within(listener.listen("tenants")).await?;
    rules.back();
    rules.outdate_all();
    loop {
        match timeout(PROBE, listener.try_recv()).await {
            Ok(Ok(Some(change))) if change.payload().is_empty() => rules.outdate_all(),
            Ok(Ok(Some(change))) => rules.outdate(change.payload()).await,
            Ok(Ok(None)) => return Err("the connection was lost".into()),
            Ok(Err(error)) => return Err(error.into()),
            // A server that vanished closes no connection.
            Err(_) => _ = within(sqlx::raw_sql("SELECT 1").execute(&mut listener)).await?,
        }
    }
}

/// SQLite's `data_version` differs once another connection has changed the file, of this process or of another.
async fn poll(rules: &Rules) -> Result<Infallible, Failure> {
    let mut connection = within(AnyConnection::connect(rules.database.url())).await?;
    let mut last = None;
    loop {
        let query = sqlx::query_scalar("SELECT data_version FROM pragma_data_version");
        let version: i64 = within(query.fetch_one(&mut connection)).await?;
        rules.back();
        if last.replace(version) != Some(version) {
            rules.outdate_all();
        }
        sleep(POLL).await;
    }
}
