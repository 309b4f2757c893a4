//! What changes while requests are served: the policy, and the file that is watched.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::interval;
use tower_s3_cors::reload::PolicyWatch;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule, PolicyHandle};

pub const SHARED: &str = "https://shared.example.com";
const SWAP: Duration = Duration::from_millis(1);
const WRITE: Duration = Duration::from_millis(100);
const LOOK: Duration = Duration::from_millis(20);

/// Each grants the shared origin, and has its own values for it; in the second another rule decides.
pub fn configurations() -> [CorsConfiguration; 3] {
    let rule = |origins: [&str; 2], name: &str, age| {
        CorsRule::new(origins, ["GET"]).expose_headers([format!("x-{name}")]).max_age(age)
    };
    let none = rule(["https://none.example.com", "https://*.none.example.com"], "none", 4);
    [
        vec![rule([SHARED, "https://a.example.com"], "a", 1)],
        vec![none, rule([SHARED, "https://b.example.com"], "b", 2)],
        vec![rule([SHARED, "https://*.example.com"], "c", 3)],
    ]
    .map(|rules| CorsConfiguration { rules })
}

pub fn policies() -> [CorsPolicy; 3] {
    configurations().map(|configuration| CorsPolicy::new(&configuration).expect("valid rules"))
}

pub struct Changes {
    swaps: JoinHandle<u64>,
    writes: JoinHandle<()>,
    reports: Arc<AtomicU64>,
    _watch: PolicyWatch,
    _folder: TempDir,
}

impl Changes {
    /// Swaps between the first two policies, and changes the file between the last two, until the end.
    pub fn start(policy: &PolicyHandle, end: Instant) -> Self {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("cors.json");
        let [a, b, c] = configurations();
        std::fs::write(&path, a.to_json()).expect("a file");
        let reports = Arc::new(AtomicU64::new(0));
        let counted = reports.clone();
        let watch = policy.watch_with_interval(&path, LOOK, move |outcome| {
            outcome.expect("a valid file");
            counted.fetch_add(1, Relaxed);
        });
        let beside = folder.path().join("next.json");
        let writes = tokio::spawn(async move {
            let (documents, mut tick) = ([c.to_json(), b.to_json()], interval(WRITE));
            for document in documents.iter().cycle() {
                tick.tick().await;
                if Instant::now() > end {
                    return;
                }
                std::fs::write(&beside, document).expect("a file");
                std::fs::rename(&beside, &path).expect("a file in its place");
            }
        });
        Changes {
            swaps: tokio::spawn(swap(policy.clone(), end)),
            writes,
            reports,
            _watch: watch.expect("a watch"),
            _folder: folder,
        }
    }

    /// The swaps, and the changes of the file that were put in force.
    pub async fn done(self) -> (u64, u64) {
        let swaps = self.swaps.await.expect("swaps");
        self.writes.await.expect("writes");
        let reports = self.reports.load(Relaxed);
        assert!(swaps > 0 && reports > 0, "{swaps} swaps, {reports} reports");
        (swaps, reports)
    }
}

async fn swap(policy: PolicyHandle, end: Instant) -> u64 {
    let ([a, b, _], mut tick, mut swaps) = (policies(), interval(SWAP), 0);
    while Instant::now() < end {
        tick.tick().await;
        let next = if swaps % 2 == 0 { &b } else { &a };
        policy.replace(next.clone());
        swaps += 1;
    }
    swaps
}
