//! The process is killed while rules are put, 100 times: no rule that was acknowledged is lost, and no file is half.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tower_s3_cors::CorsPolicy;

use crate::answers::element_of;
use crate::example::{connect, request, text, Client};
use crate::proxy::{document, folder, within, Proxy, NO_STORE};

const KILLS: u64 = 100;
const BUCKETS: [&str; 3] = ["one", "two", "three"];

/// What is known of a bucket: the numbers of the last rules that were sent, and of the last that were acknowledged.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    sent: u64,
    acknowledged: u64,
}

/// A large document, so that there is time to be killed while it is written. Its rules tell their number twice.
fn numbered(number: u64) -> String {
    let origin = format!("https://{}.example.com", "o".repeat(200));
    let rule = document(&origin)
        .replace("<CORSConfiguration><CORSRule>", "")
        .replace("</CORSRule></CORSConfiguration>", "");
    let middle = format!("<CORSRule>{rule}</CORSRule>").repeat(60);
    let end = |name| format!("<CORSRule><ID>{name}-{number}</ID>{rule}</CORSRule>");
    format!("<CORSConfiguration>{}{middle}{}</CORSConfiguration>", end("first"), end("last"))
}

/// The number of the rules in a document, which must be whole.
fn number(document: &str) -> u64 {
    let configuration = document.parse::<CorsPolicy>().expect("a whole document");
    let rules = &configuration.configuration().rules;
    assert_eq!(rules.len(), 62);
    let id = |rule: Option<&tower_s3_cors::CorsRule>| rule.and_then(|rule| rule.id.clone()).expect("an id");
    let (first, last) = (id(rules.first()), id(rules.last()));
    assert_eq!(first.strip_prefix("first-"), last.strip_prefix("last-"));
    first["first-".len()..].parse().expect("a number")
}

/// Puts rules until the process is gone.
async fn put_until_killed(
    mut client: Client,
    bucket: &str,
    mut progress: Progress,
    acknowledged: Arc<Notify>,
) -> Progress {
    loop {
        progress.sent += 1;
        let put = request("PUT", &format!("/{bucket}?cors"), &[("host", "h")], numbered(progress.sent));
        let Ok(response) = within(client.send_request(put.map(http_body_util::Full::new))).await else {
            return progress;
        };
        assert_eq!(response.status(), 200);
        progress.acknowledged = progress.sent;
        acknowledged.notify_one();
        // An answer whose end has not come may still be in the way of the next request.
        if within(client.ready()).await.is_err() {
            return progress;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_rules_survive_a_kill() {
    let folder = folder();
    let mut progress = [Progress::default(); BUCKETS.len()];
    for kill in 0..KILLS {
        let mut proxy = Proxy::start(NO_STORE, &folder).await;
        check(&proxy, &progress).await;
        let acknowledged = Arc::new(Notify::new());
        let mut tasks = Vec::new();
        for (bucket, progress) in BUCKETS.iter().zip(progress) {
            let client = connect(&proxy.admin).await;
            tasks.push(tokio::spawn(put_until_killed(client, bucket, progress, Arc::clone(&acknowledged))));
        }
        within(acknowledged.notified()).await;
        // Each kill is at another moment of the three writers' work.
        tokio::time::sleep(Duration::from_micros(kill * 617 % 20_000)).await;
        within(proxy.process.kill()).await.expect("its end");
        for (task, progress) in tasks.into_iter().zip(&mut progress) {
            *progress = within(task).await.expect("a task that does not panic");
        }
        check_files(&folder, &progress);
    }
    println!("{progress:?}");
}

/// Every file is whole, and has rules that are not older than the last acknowledged.
fn check_files(folder: &tempfile::TempDir, progress: &[Progress]) {
    for (bucket, progress) in BUCKETS.iter().zip(progress) {
        match std::fs::read_to_string(folder.path().join(format!("{bucket}.xml"))) {
            Ok(document) => {
                let found = number(&document);
                assert!((progress.acknowledged..=progress.sent).contains(&found), "{found}: {progress:?}");
            }
            Err(_) => assert_eq!(progress.acknowledged, 0, "{bucket}"),
        }
    }
}

/// After the start, the rules in force are those of the file, and nothing unfinished is left.
async fn check(proxy: &Proxy, progress: &[Progress]) {
    for (bucket, progress) in BUCKETS.iter().zip(progress) {
        let got = proxy.administer("GET", &format!("/{bucket}?cors"), "").await;
        if got.status() == 200 {
            let found = number(text(&got));
            assert!((progress.acknowledged..=progress.sent).contains(&found), "{found}: {progress:?}");
        } else {
            assert_eq!(element_of(text(&got), "Code"), "NoSuchCORSConfiguration");
            assert_eq!(progress.acknowledged, 0, "{bucket}");
        }
    }
}
