//! The tenants' policies in a cache, which the database's changes reach.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use moka::future::Cache;
use moka::ops::compute::{CompResult, Op};
use tokio::sync::Notify;
use tower_s3_cors::{CorsPolicy, LoadError};

use crate::database::{Database, Failure};

/// What strangers ask for stays bounded; `moka` prefers to keep the names that are asked for often.
const CAPACITY: u64 = 10_000;
/// The schemas have the same limit.
pub const MAX_NAME: usize = 63;

pub struct Rules {
    pub database: Database,
    cache: Cache<String, Entry>,
    /// The entries of earlier epochs are outdated: changes may have been missed since.
    epoch: AtomicU64,
    is_away: AtomicBool,
    query_failed: Notify,
}

#[derive(Clone)]
struct Entry {
    policy: Option<CorsPolicy>,
    epoch: u64,
}

impl Rules {
    pub fn new(database: Database) -> Self {
        Rules {
            database,
            cache: Cache::new(CAPACITY),
            epoch: AtomicU64::new(1),
            is_away: AtomicBool::new(false),
            query_failed: Notify::new(),
        }
    }

    /// Returns the tenant's policy: from the cache, or from the database if the cache has none or an outdated one.
    ///
    /// Fails if the database is away and was never asked for this tenant.
    pub async fn policy_for(&self, tenant: &str) -> Result<Option<CorsPolicy>, Failure> {
        if tenant.is_empty() || tenant.len() > MAX_NAME {
            return Ok(None);
        }
        match self.cache.get(tenant).await {
            Some(entry) if self.is_current(&entry) => Ok(entry.policy),
            _ => self.read(tenant).await,
        }
    }

    fn is_current(&self, entry: &Entry) -> bool {
        entry.epoch == self.epoch.load(Ordering::Acquire)
    }

    /// Of many requests for one tenant, one asks the database and the others wait for it.
    async fn read(&self, tenant: &str) -> Result<Option<CorsPolicy>, Failure> {
        let entry = self.cache.entry_by_ref(tenant);
        let computed = entry
            .and_try_compute_with(|old| async {
                let old = old.map(moka::Entry::into_value);
                match old {
                    Some(entry) if self.is_current(&entry) => Ok(Op::Nop),
                    old => self.query(tenant, old).await.map(Op::Put),
                }
            })
            .await?;
        Ok(match computed {
            CompResult::Inserted(entry) | CompResult::ReplacedWith(entry) | CompResult::Unchanged(entry) => {
                entry.into_value().policy
            }
            CompResult::Removed(_) | CompResult::StillNone(_) => None,
        })
    }

    async fn query(&self, tenant: &str, old: Option<Entry>) -> Result<Entry, Failure> {
        // Before the query: what changes from now on starts another epoch, or outdates this entry.
        let epoch = self.epoch.load(Ordering::Acquire);
        let policy = match (self.database.read(tenant).await, old) {
            (Ok(rules), old) => rules.and_then(|rules| {
                compile_stored(&rules).map_or_else(|error| self.keep_last(tenant, old, &error), Some)
            }),
            (Err(error), old) => {
                self.away(&error);
                self.query_failed.notify_one();
                old.ok_or(error)?.policy
            }
        };
        Ok(Entry { policy, epoch })
    }

    fn keep_last(&self, tenant: &str, old: Option<Entry>, error: &LoadError) -> Option<CorsPolicy> {
        let kept = old.and_then(|entry| entry.policy);
        let meanwhile = if kept.is_some() { "the last good ones stay in force" } else { "none are in force" };
        eprintln!("the rules of {tenant:?} in the database are invalid, {meanwhile}: {error}");
        kept
    }

    /// This tenant may have changed. Waits for a query that runs, whose result may already be outdated.
    pub async fn outdate(&self, tenant: &str) {
        let entry = self.cache.entry_by_ref(tenant);
        entry
            .and_compute_with(|old| {
                let outdated = |entry: moka::Entry<_, Entry>| Entry { epoch: 0, ..entry.into_value() };
                std::future::ready(old.map_or(Op::Nop, |entry| Op::Put(outdated(entry))))
            })
            .await;
    }

    /// Any tenant may have changed.
    pub fn outdate_all(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// Waits until a query fails.
    pub async fn query_failed(&self) {
        self.query_failed.notified().await;
    }

    /// Says it once, however many requests notice it.
    pub fn away(&self, error: &Failure) {
        if !self.is_away.swap(true, Ordering::Relaxed) {
            eprintln!("the database is away, the last good rules stay in force: {error}");
        }
    }

    pub fn back(&self) {
        if self.is_away.swap(false, Ordering::Relaxed) {
            eprintln!("the database is back");
        }
    }
}

/// Compiles rules that a tenant wants to write. Strict: an entry that can never match is an error too.
pub fn compile_new(rules: &str) -> Result<CorsPolicy, LoadError> {
    CorsPolicy::builder().strict(true).parse(rules)
}

/// Compiles rules that were written, perhaps by an earlier version of this program, which accepted more.
fn compile_stored(rules: &str) -> Result<CorsPolicy, LoadError> {
    rules.parse()
}
