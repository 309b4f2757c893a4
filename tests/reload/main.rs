//! Policies replaced while requests are served: each answer is of one policy.

mod absent;
#[cfg(feature = "json")]
mod documents;

use std::convert::Infallible;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use tower::ServiceExt;
use tower_layer::Layer;
use tower_s3_cors::dialect::Dialect;
use tower_s3_cors::observe::{Difference, Observation};
use tower_s3_cors::{
    CorsConfiguration, CorsLayer, CorsPolicy, CorsRule, Fetch, PolicyHandle, PolicySource, S3,
};
use tower_service::Service;

const SHARED: &str = "https://shared.example.com";
const ORIGINS: [&str; 3] = [SHARED, "https://a.example.com", "https://b.example.com"];

fn rule(name: &str, origins: &[&str], max_age: i32) -> CorsRule {
    CorsRule {
        allowed_origins: origins.iter().map(|origin| origin.to_string()).collect(),
        allowed_methods: vec!["GET".into()],
        expose_headers: vec![format!("x-{name}")],
        max_age_seconds: Some(max_age),
        ..CorsRule::default()
    }
}

fn policy(rules: Vec<CorsRule>) -> CorsPolicy {
    CorsPolicy::new(&CorsConfiguration { rules }).expect("a valid configuration")
}

fn a() -> CorsPolicy {
    policy(vec![rule("a", &[SHARED, "https://a.example.com"], 1)])
}

/// Another rule decides than in `a`, so that a rule's number from one policy is wrong in the other.
fn b() -> CorsPolicy {
    policy(vec![
        rule("none", &["https://none.example.com"], 3),
        rule("b", &[SHARED, "https://b.example.com"], 2),
    ])
}

/// A GET from each origin, and a preflight for it.
fn requests() -> Vec<Request<Bytes>> {
    let request = |origin: &str, method: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("origin", origin.parse().expect("a value"));
        if method == "OPTIONS" {
            headers.insert("access-control-request-method", HeaderValue::from_static("GET"));
        }
        test_support::request(method, "/", headers)
    };
    ORIGINS.iter().flat_map(|origin| [request(origin, "GET"), request(origin, "OPTIONS")]).collect()
}

/// The whole answer as text.
fn text(response: &Response<Bytes>) -> String {
    let mut lines: Vec<_> = response.headers().iter().map(|line| format!("{line:?}")).collect();
    lines.sort();
    format!("{} {lines:?} {:?}", response.status(), response.body())
}

fn answers<P, D>(layer: &CorsLayer<P, D>) -> Vec<String>
where
    P: PolicySource<Bytes> + Clone,
    D: Dialect<Bytes> + Clone,
{
    let service = layer.layer(test_support::always(200, HeaderMap::new()));
    requests().into_iter().map(|request| text(&test_support::call(service.clone(), request))).collect()
}

async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("an end within a minute")
}

/// Sends every request again and again; counts the answers of `a` and those of `b`.
async fn send<S>(
    service: S,
    expect: [Vec<String>; 2],
    answered: Arc<AtomicU64>,
    done: Arc<AtomicBool>,
) -> [u64; 2]
where
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error = Infallible> + Clone,
{
    let [of_a, of_b] = expect;
    let mut seen = [0, 0];
    while !done.load(Ordering::Relaxed) {
        for (number, request) in requests().into_iter().enumerate() {
            let Ok(response) = service.clone().oneshot(request).await;
            let answer = text(&response);
            match answer {
                answer if answer == of_a[number] => seen[0] += 1,
                answer if answer == of_b[number] => seen[1] += 1,
                answer => panic!("of neither policy: {answer}"),
            }
            answered.fetch_add(1, Ordering::Relaxed);
        }
    }
    seen
}

/// Between two swaps at least one request is answered, so that swaps meet requests on any machine.
async fn swap(handle: PolicyHandle, times: usize, answered: Arc<AtomicU64>) {
    let policies = [b(), a()];
    for number in 0..times {
        let before = answered.load(Ordering::Relaxed);
        handle.replace(policies[number % 2].clone());
        while answered.load(Ordering::Relaxed) == before {
            tokio::task::yield_now().await;
        }
    }
}

async fn under_change<D>(dialect: D)
where
    D: Dialect<Bytes> + Clone + Send + Sync + 'static,
{
    const SWAPS: usize = 10_000;
    let expect = [a(), b()].map(|policy| answers(&CorsLayer::new(policy).dialect(dialect.clone())));
    let handle = PolicyHandle::new(a());
    let layer = CorsLayer::from_source(handle.clone()).dialect(dialect);
    let (answered, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    // It lets others run between request and response.
    let inner = tower::service_fn(|_: Request<Bytes>| async {
        tokio::task::yield_now().await;
        Ok::<_, Infallible>(Response::new(Bytes::from_static(b"inner")))
    });
    let tasks: Vec<_> = (0..8)
        .map(|_| tokio::spawn(send(layer.layer(inner), expect.clone(), answered.clone(), done.clone())))
        .collect();
    let swapper = tokio::spawn(swap(handle, SWAPS, answered.clone()));
    within(swapper).await.expect("all swaps");
    done.store(true, Ordering::Relaxed);
    let mut seen = [0, 0];
    for task in tasks {
        let [of_a, of_b] = within(task).await.expect("answers of one policy each");
        seen = [seen[0] + of_a, seen[1] + of_b];
    }
    assert!(answered.load(Ordering::Relaxed) >= SWAPS as u64);
    assert!(seen.iter().all(|seen| *seen > 1_000), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_fetch_answer_is_of_one_policy() {
    under_change(Fetch).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_s3_answer_is_of_one_policy() {
    under_change(S3::default()).await;
}

/// What an observer saw of a request: the policy that was served, and whether the shadow's differed.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn note(observation: &Observation<'_>, text: String) {
        let seen = observation.extensions().get::<Seen>().expect("set by the test");
        seen.0.lock().expect("a lock").push(text);
    }

    fn of_policy(observation: &Observation<'_>) -> String {
        let policy = observation.policy().expect("a policy");
        format!("{:?} {:?}", policy.configuration().rules.len(), observation.rule())
    }
}

/// Serves requests by a handle, with an observer and with a second handle as shadow, while both are swapped.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn observations_are_of_the_policies_that_judged() {
    let [of_a, of_b] = [a(), b()].map(|policy| answers(&CorsLayer::new(policy)));
    let (served, next) = (PolicyHandle::new(a()), PolicyHandle::new(b()));
    let layer = CorsLayer::from_source(served.clone())
        .observe(|observation: &Observation<'_>| Seen::note(observation, Seen::of_policy(observation)))
        .shadow(next.clone(), |difference: &Difference<'_>| {
            let policies = [difference.served(), difference.next()].map(Seen::of_policy);
            Seen::note(difference.served(), policies.join(", "));
        });
    let (answered, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let swappers =
        [tokio::spawn(swap(served, 500, answered.clone())), tokio::spawn(swap(next, 500, answered.clone()))];
    let service = layer.layer(test_support::always(200, HeaderMap::new()));
    let sender = tokio::task::spawn_blocking({
        let (answered, done) = (answered.clone(), done.clone());
        move || {
            let mut counts = [0; 2];
            while !done.load(Ordering::Relaxed) {
                for (number, mut request) in requests().into_iter().enumerate() {
                    let seen = Seen::default();
                    request.extensions_mut().insert(seen.clone());
                    let answer = text(&test_support::call(service.clone(), request));
                    let is_a = answer == of_a[number];
                    assert!(is_a || answer == of_b[number], "of neither policy: {answer}");
                    let seen = seen.0.lock().expect("a lock").clone();
                    let rules = if is_a { "1 " } else { "2 " };
                    assert!(seen[0].starts_with(rules), "{answer}: {seen:?}");
                    // Each of the requests is answered differently by the two policies.
                    if let Some(difference) = seen.get(1) {
                        let (first, second) = difference.split_once(", ").expect("two policies");
                        assert_eq!(first, seen[0]);
                        assert!(!second.starts_with(rules), "{seen:?}");
                    }
                    counts[seen.len() - 1] += 1;
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            }
            counts
        }
    });
    for swapper in swappers {
        within(swapper).await.expect("all swaps");
    }
    done.store(true, Ordering::Relaxed);
    let counts = within(sender).await.expect("observations of the policies that judged");
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}

#[test]
fn answers_of_the_two_policies_differ() {
    let [of_a, of_b] = [a(), b()].map(|policy| answers(&CorsLayer::new(policy)));
    assert!(of_a.iter().zip(&of_b).all(|(of_a, of_b)| of_a != of_b), "{of_a:?} {of_b:?}");
}

#[test]
fn everything_made_from_the_layer_sees_the_new_policy() {
    let handle = PolicyHandle::new(a());
    let layer = CorsLayer::from_source(handle.clone());
    let service = layer.layer(test_support::always(200, HeaderMap::new()));
    let (other_layer, other_service) = (layer.clone(), service.clone());
    for policy in [a(), b(), a()] {
        let expect = answers(&CorsLayer::new(policy.clone()));
        handle.replace(policy);
        assert_eq!(answers(&layer), expect);
        assert_eq!(answers(&other_layer), expect);
        for service in [&service, &other_service] {
            let request = requests().swap_remove(0);
            assert_eq!(text(&test_support::call(service.clone(), request)), expect[0]);
        }
    }
}

/// The policy is replaced while the inner service works on its response.
#[tokio::test]
async fn request_ends_under_the_policy_it_began_with() {
    async fn check<D: Dialect<Bytes> + Clone>(dialect: D) {
        let expect = answers(&CorsLayer::new(a()).dialect(dialect.clone()));
        let handle = PolicyHandle::new(a());
        let replacing = handle.clone();
        let inner = tower::service_fn(move |_: Request<Bytes>| {
            let replacing = replacing.clone();
            async move {
                tokio::task::yield_now().await;
                replacing.replace(b());
                Ok::<_, Infallible>(Response::new(Bytes::from_static(b"inner")))
            }
        });
        let service = CorsLayer::from_source(handle).dialect(dialect).layer(inner);
        let Ok(response) = within(service.oneshot(requests().swap_remove(0))).await;
        assert_eq!(text(&response), expect[0]);
    }
    check(Fetch).await;
    check(S3::default()).await;
}

#[test]
fn replace_gives_back_what_was_in_force() {
    let handle = PolicyHandle::new(a());
    let other = handle.clone();
    assert_eq!(other.current().configuration(), a().configuration());
    assert_eq!(handle.replace(b()).configuration(), a().configuration());
    assert_eq!(other.current().configuration(), b().configuration());
}

#[test]
fn handles_can_be_sent_and_shared() {
    fn is_shared<T: Clone + Send + Sync + 'static>() {}
    is_shared::<PolicyHandle<Option<CorsPolicy>>>();
    is_shared::<PolicyHandle>();
    is_shared::<CorsLayer<PolicyHandle>>();
}
