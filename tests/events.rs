//! Refused requests as events.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Debug;
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use tower_layer::Layer;
use tower_s3_cors::events::{REFUSAL_TARGET, SHADOW_TARGET};
use tower_s3_cors::observe::Difference;
use tower_s3_cors::{CorsConfiguration, CorsLayer, CorsPolicy, CorsRequest, CorsRule, Fetch, S3};
use tower_service::Service;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

type Seen = (Level, BTreeMap<String, String>);

/// Keeps each event as its fields are written by what calls Debug on them.
#[derive(Clone)]
struct Collector {
    level: LevelFilter,
    /// Without warnings, which are counted for the life of the process.
    debug_only: bool,
    seen: Arc<Mutex<Vec<Seen>>>,
}

struct Fields(BTreeMap<String, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= &self.level && (!self.debug_only || *metadata.level() == Level::DEBUG)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn event(&self, event: &Event<'_>) {
        assert!([REFUSAL_TARGET, SHADOW_TARGET].contains(&event.metadata().target()));
        let mut fields = Fields(BTreeMap::new());
        event.record(&mut fields);
        self.seen.lock().expect("a lock").push((*event.metadata().level(), fields.0));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn collect(level: LevelFilter, debug_only: bool, run: impl FnOnce()) -> Vec<Seen> {
    let collector = Collector { level, debug_only, seen: Arc::default() };
    let seen = Arc::clone(&collector.seen);
    tracing::subscriber::with_default(collector, run);
    let seen = std::mem::take(&mut *seen.lock().expect("a lock"));
    seen
}

/// The events at this level and above of what `run` does.
fn heard(level: LevelFilter, run: impl FnOnce()) -> Vec<Seen> {
    collect(level, false, run)
}

/// The fields of the events at `debug`; none of them is the first of an origin.
fn facts(run: impl FnOnce()) -> Vec<BTreeMap<String, String>> {
    collect(LevelFilter::DEBUG, true, run).into_iter().map(|(_, fields)| fields).collect()
}

fn policy_with(origins: impl Iterator<Item = String>) -> CorsPolicy {
    let rule = |methods: &[&str], headers: &[&str], origins| CorsRule {
        allowed_origins: origins,
        allowed_methods: methods.iter().copied().map(str::to_owned).collect(),
        allowed_headers: headers.iter().copied().map(str::to_owned).collect(),
        ..CorsRule::default()
    };
    let rules = vec![
        rule(&["GET", "PUT"], &["content-type", "x-a"], origins.collect()),
        rule(&["PUT"], &["x-b"], vec!["https://known.example".into()]),
    ];
    CorsPolicy::extended(&CorsConfiguration { rules }).expect("a valid configuration")
}

fn policy() -> CorsPolicy {
    policy_with(["https://app.example.com/", "https://known.example"].map(str::to_owned).into_iter())
}

fn request(method: &str, headers: &[(&'static str, &str)]) -> Request<Bytes> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_bytes(value.as_bytes()).expect("a header value"));
    }
    test_support::request(method, "/", map)
}

fn get(origin: &str) -> Request<Bytes> {
    request("GET", &[("origin", origin)])
}

fn preflight(origin: &str, method: &str, headers: &str) -> Request<Bytes> {
    let [requested_method, requested_headers] =
        ["access-control-request-method", "access-control-request-headers"];
    let lines = [("origin", origin), (requested_method, method), (requested_headers, headers)];
    request("OPTIONS", &lines)
}

#[derive(Clone, Copy, Debug)]
enum Which {
    Fetch,
    S3,
}

const BOTH: [Which; 2] = [Which::Fetch, Which::S3];

fn serve(which: Which, policy: &CorsPolicy, request: Request<Bytes>) {
    let (layer, inner) = (CorsLayer::new(policy.clone()), test_support::always(200, HeaderMap::new()));
    match which {
        Which::Fetch => test_support::call(layer.dialect(Fetch).layer(inner), request),
        Which::S3 => test_support::call(layer.dialect(S3::default()).layer(inner), request),
    };
}

#[test]
fn granted_request_is_no_event() {
    let seen = facts(|| {
        for which in BOTH {
            serve(which, &policy(), request("GET", &[]));
            serve(which, &policy(), get("https://known.example"));
            serve(which, &policy(), preflight("https://known.example", "GET", "content-type"));
        }
    });
    assert!(seen.is_empty(), "{seen:?}");
}

fn post(headers: &[(&'static str, &str)]) -> Request<Bytes> {
    request("POST", headers)
}

#[test]
fn request_of_a_site_to_itself_is_no_event() {
    let seen = facts(|| {
        for which in BOTH {
            for (origin, host) in [
                ("https://shop.example", "shop.example"),
                ("https://shop.example", "Shop.Example:443"),
                ("http://shop.example", "shop.example:80"),
                ("http://shop.example:8080", "shop.example:8080"),
                ("http://[::1]:3000", "[::1]:3000"),
            ] {
                serve(which, &policy(), post(&[("origin", origin), ("host", host)]));
            }
            // As HTTP/2 has it: no Host.
            let mut request = post(&[("origin", "https://shop.example")]);
            *request.uri_mut() = "https://shop.example/cart".parse().expect("a target");
            serve(which, &policy(), request);
            // Behind a proxy that rewrites Host.
            for site in ["same-origin", "none"] {
                let origin = ("origin", "https://shop.example");
                serve(which, &policy(), post(&[origin, ("host", "10.0.0.7"), ("sec-fetch-site", site)]));
                let origin = ("origin", "null");
                serve(which, &policy(), post(&[origin, ("sec-fetch-site", site)]));
            }
        }
    });
    assert!(seen.is_empty(), "{seen:?}");
}

#[test]
fn request_of_another_site_is_an_event() {
    let others: &[&[(&str, &str)]] = &[
        &[("origin", "https://a.example"), ("host", "b.example"), ("sec-fetch-site", "cross-site")],
        &[("origin", "https://a.example"), ("host", "a.example.com"), ("sec-fetch-site", "same-site")],
        &[("origin", "https://a.example:8443"), ("host", "a.example")],
        &[("origin", "https://a.example:80"), ("host", "a.example")],
        &[("origin", "http://a.example"), ("host", "a.example:443")],
        &[("origin", "null"), ("host", "null")],
        &[("origin", "https://"), ("host", "a.example")],
        &[("origin", "ftp://a.example"), ("host", "a.example")],
    ];
    for headers in others {
        let seen = facts(|| BOTH.iter().for_each(|which| serve(*which, &policy(), post(headers))));
        assert_eq!(seen.len(), 2, "{headers:?}");
    }
}

#[test]
fn event_states_facts_and_no_advice() {
    let known = "https://known.example";
    let cases = [
        (get("https://stranger.example"), "origin not allowed"),
        (get("https://app.example.com"), "origin not allowed"),
        (request("DELETE", &[("origin", known)]), "method not allowed for this origin"),
        (preflight(known, "DELETE", ""), "method not allowed for this origin"),
        (preflight(known, "GET", "x-a, x-b"), "header \"x-b\" not allowed for this origin and method"),
        (preflight(known, "PUT", "x-a, X-C, x-d"), "header \"X-C\" not allowed for this origin and method"),
        (preflight(known, "PUT", "x-a, x-b"), "no rule allows all requested headers"),
    ];
    for (request, reason) in cases {
        let asked = CorsRequest::classify(&request).expect("an Origin");
        let quoted = |bytes: &[u8]| format!("{:?}", String::from_utf8_lossy(bytes));
        let mut expected = BTreeMap::from([
            ("message", "cors request refused".to_owned()),
            ("origin", quoted(asked.origin().expect("one Origin"))),
            ("method", quoted(asked.method())),
            ("preflight", asked.is_preflight().to_string()),
            ("reason", reason.to_owned()),
        ]);
        let names: Vec<_> = asked.requested_headers().collect();
        if !names.is_empty() {
            expected.insert("requested_headers", quoted(&names.join(&b", "[..])));
        }
        let expected: BTreeMap<_, _> =
            expected.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let copy = || test_support::request(request.method().as_str(), "/", request.headers().clone());
        let seen = facts(|| BOTH.iter().for_each(|which| serve(*which, &policy(), copy())));
        assert_eq!(seen, [expected.clone(), expected]);
    }
}

/// S3 refuses it before it looks at the rules, one of which allows all that is asked for.
#[test]
fn reason_is_not_of_the_rules_where_a_rule_matches() {
    let any = CorsRule::new(["*"], ["GET"]).allow_headers(["*"]);
    let policy = CorsPolicy::try_from(any).expect("a valid rule");
    let seen = facts(|| serve(Which::S3, &policy, preflight("https://a.example", "GET", "x-a, x-(")));
    let [fields] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!(fields["reason"], "invalid character in a requested header");
}

#[test]
fn hostile_values_are_escaped_and_cut() {
    let long = format!("a\t\u{202e}{}", "\u{e9}".repeat(4_000));
    let origin = format!("https://{long}");
    let seen = facts(|| {
        for which in BOTH {
            serve(which, &policy(), get(&origin));
            serve(which, &policy(), preflight("https://known.example", &long, "x-a"));
        }
        serve(Which::Fetch, &policy(), preflight("https://known.example", "PUT", &format!("x-a, {long}")));
    });
    assert_eq!(seen.len(), 5);
    assert!(seen[0]["origin"].starts_with("\"https://a\\t\\u{202e}\u{e9}"), "{seen:?}");
    assert!(seen[0]["origin"].ends_with("\"..."), "{seen:?}");
    for value in seen.iter().flat_map(BTreeMap::values) {
        assert!(value.len() < 1_000 && !value.contains(char::is_control), "{value}");
    }
}

/// Which rules match several Origin lines is `decide`'s to say.
#[test]
fn several_origins_are_an_event_exactly_where_they_are_refused() {
    let mut all = policy().configuration().clone();
    all.rules[0].allowed_origins = vec!["*".into()];
    let all = CorsPolicy::new(&all).expect("a valid configuration");
    let twice = || request("GET", &[("origin", "https://a.example"), ("origin", "https://b.example")]);
    for policy in [policy(), all] {
        let request = twice();
        let asked = CorsRequest::classify(&request).expect("an Origin");
        let expected = if policy.decide(&asked).is_granted() { 0 } else { 2 };
        let seen = facts(|| BOTH.iter().for_each(|which| serve(*which, &policy, twice())));
        assert_eq!(seen.len(), expected);
        for fields in seen {
            assert!(!fields.contains_key("origin"));
            assert_eq!(fields["reason"], "several Origin headers");
        }
    }
}

/// In bytes that are allocated, and in the shortest of many times, which other processes disturb least.
#[test]
fn event_costs_the_same_whatever_the_size_of_the_policy() {
    let measure = |origins: usize| {
        let policy = policy_with((0..origins).map(|number| format!("https://{number}.example")));
        let mut shortest = Duration::MAX;
        let mut bytes = 0;
        let seen = facts(|| {
            for _ in 0..100 {
                let request = get("https://stranger.example");
                let began = Instant::now();
                let info = allocation_counter::measure(|| serve(Which::Fetch, &policy, request));
                shortest = shortest.min(began.elapsed());
                bytes = info.bytes_total;
            }
        });
        assert_eq!(seen.len(), 100);
        (bytes, shortest)
    };
    let ((few_bytes, few_time), (many_bytes, many_time)) = (measure(1), measure(100_000));
    assert_eq!(few_bytes, many_bytes);
    assert!(many_time < few_time * 10, "{few_time:?} {many_time:?}");
}

/// What was warned about is kept for the life of the process, so these steps have an order.
#[test]
fn warnings_have_a_bound() {
    first_refusal_of_an_origin_is_a_warning();
    quiet_levels_allocate_nothing("https://stranger.example");
    thirty_two_origins_are_warned_about();
    quiet_levels_allocate_nothing("https://yet-another.example");
}

fn first_refusal_of_an_origin_is_a_warning() {
    let origins = ["https://stranger.example", "https://stranger.example", "https://known.example"];
    let seen = heard(LevelFilter::DEBUG, || {
        for (which, origin) in [Which::Fetch, Which::S3, Which::S3].into_iter().zip(origins) {
            serve(which, &policy(), post(&[("origin", origin)]));
        }
    });
    let levels: Vec<_> = seen.iter().map(|(level, _)| *level).collect();
    assert_eq!(levels, [Level::WARN, Level::DEBUG, Level::WARN]);
    assert_eq!(seen[0].1, seen[1].1);
}

/// Two were warned about before; from several threads at once.
fn thirty_two_origins_are_warned_about() {
    let policy = policy();
    let start = Barrier::new(4);
    let run = |thread: usize, which| {
        heard(LevelFilter::WARN, || {
            start.wait();
            for number in (0..10_000).map(|number| number + thread % 2) {
                serve(which, &policy, get(&format!("https://{number}.evil.example")));
            }
        })
    };
    let warned: Vec<Seen> = std::thread::scope(|scope| {
        let run = &run;
        let threads: Vec<_> =
            (0..4).map(|thread| scope.spawn(move || run(thread, BOTH[thread % 2]))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert_eq!(warned.len(), 30);
    let distinct: HashSet<_> = warned.iter().map(|(_, fields)| &fields["origin"]).collect();
    assert_eq!(distinct.len(), 30);
    let seen = heard(LevelFilter::DEBUG, || {
        BOTH.iter().for_each(|which| serve(*which, &policy, get("https://new.evil.example")));
    });
    assert_eq!(seen.iter().map(|(level, _)| *level).collect::<Vec<_>>(), [Level::DEBUG; 2]);
}

/// The allocations of the layer itself: the future alone, as the answer's body and map are the inner service's.
fn allocations(level: LevelFilter, which: Which, policy: &CorsPolicy, request: Request<Bytes>) -> u64 {
    fn count<S: Service<Request<Bytes>>>(mut service: S, request: Request<Bytes>) -> u64 {
        let mut call = Some(move || service.call(request));
        let mut future = None;
        let info = allocation_counter::measure(|| future = call.take().map(|call| call()));
        info.count_total
    }
    let mut counted = 0;
    let (layer, inner) = (CorsLayer::new(policy.clone()), test_support::always(200, HeaderMap::new()));
    let seen = heard(level, || {
        counted = match which {
            Which::Fetch => count(layer.dialect(Fetch).layer(inner), request),
            Which::S3 => count(layer.dialect(S3::default()).layer(inner), request),
        };
    });
    assert_eq!(seen, []);
    counted
}

/// Where no line is written, events cost no allocation: this origin was warned about, or no more are.
fn quiet_levels_allocate_nothing(origin: &str) {
    // 64 KB of rules.
    let policy = policy_with((0..1_500).map(|number| format!("https://subdomain-{number}.app.example.com")));
    let refused: [fn(&str) -> Request<Bytes>; 4] = [
        get,
        |origin| preflight(origin, "PUT", "content-type, x-trace"),
        |origin| post(&[("origin", origin), ("host", "10.0.0.7"), ("sec-fetch-site", "same-origin")]),
        |_| preflight("https://known.example", "PUT", "x-b"),
    ];
    for (number, request) in refused.iter().enumerate() {
        for which in BOTH {
            let without = allocations(LevelFilter::OFF, which, &policy, request(origin));
            for level in [LevelFilter::WARN, LevelFilter::INFO] {
                let count = allocations(level, which, &policy, request(origin));
                assert_eq!(count, without, "{number} {which:?} {level}");
            }
            if matches!(which, Which::Fetch) {
                assert_eq!(without, 0, "{number}");
            }
        }
    }
}

#[test]
fn differences_of_a_shadow_have_a_bound() {
    let layer = CorsLayer::new(CorsPolicy::permissive()).shadow(policy(), |_: &Difference<'_>| ());
    let service = layer.layer(test_support::always(200, HeaderMap::new()));
    let seen = heard(LevelFilter::DEBUG, || {
        for number in 0..100 {
            for _ in 0..2 {
                test_support::call(service.clone(), get(&format!("https://{number}.example")));
            }
        }
    });
    let infos = seen.iter().filter(|(level, _)| *level == Level::INFO).count();
    assert_eq!((infos, seen.len()), (32, 200));
    let expected = r#""GET" from "https://0.example": granted by CORSRules[0], then refused"#;
    assert_eq!(seen[0].1["difference"], expected);
    assert!(heard(LevelFilter::WARN, || {
        test_support::call(service.clone(), get("https://late.example"));
    })
    .is_empty());
}
