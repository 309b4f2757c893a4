//! The table of rules, in SQLite or PostgreSQL: one text for each tenant.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use sqlx::any::{install_default_drivers, AnyPoolOptions};
use sqlx::{AnyPool, Executor};

pub type Failure = Box<dyn Error + Send + Sync>;

/// How long a request waits for the database.
pub const TIMEOUT: Duration = Duration::from_secs(1);

pub struct Database {
    pool: AnyPool,
    url: String,
}

impl Database {
    /// Connects, and creates the table if it is not there.
    pub async fn open(url: &str) -> Result<Self, Failure> {
        install_default_drivers();
        // Without the URL, which may have a password in it.
        let fail = |error| format!("cannot open the database: {error}");
        let pool = AnyPoolOptions::new().acquire_timeout(TIMEOUT).connect(url).await.map_err(fail)?;
        let database = Database { pool, url: url.into() };
        let schema =
            if database.is_postgres() { include_str!("postgres.sql") } else { include_str!("sqlite.sql") };
        database.pool.execute(sqlx::raw_sql(schema)).await.map_err(fail)?;
        Ok(database)
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres:") || self.url.starts_with("postgresql:")
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Returns the tenant's rules, if there is such a tenant.
    pub async fn read(&self, tenant: &str) -> Result<Option<String>, Failure> {
        let query = sqlx::query_scalar("SELECT rules FROM tenants WHERE name = $1").bind(tenant);
        within(query.fetch_optional(&self.pool)).await
    }

    pub async fn write(&self, tenant: &str, rules: &str) -> Result<(), Failure> {
        let upsert = "INSERT INTO tenants (name, rules) VALUES ($1, $2) \
                      ON CONFLICT (name) DO UPDATE SET rules = excluded.rules";
        within(sqlx::query(upsert).bind(tenant).bind(rules).execute(&self.pool)).await.map(drop)
    }

    pub async fn delete(&self, tenant: &str) -> Result<(), Failure> {
        let query = sqlx::query("DELETE FROM tenants WHERE name = $1").bind(tenant);
        within(query.execute(&self.pool)).await.map(drop)
    }
}

/// A server that is silent must not keep requests waiting either; the pool's timeout is only for connecting.
pub async fn within<T>(query: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Failure> {
    match tokio::time::timeout(TIMEOUT * 2, query).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(format!("no answer within {:?}", TIMEOUT * 2).into()),
    }
}
