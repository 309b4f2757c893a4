//! Refusals as events. What was warned of is kept for the life of the process, so the steps of the one test
//! come in an order.

mod common;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Barrier, Mutex};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use tower_layer::Layer;
use tower_s3_cors::{CorsConfiguration, CorsLayer, CorsPolicy, CorsRule, Fetch, S3};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

type Seen = (Level, BTreeMap<String, String>);

/// Keeps each event as its fields are written by what calls Debug on them.
#[derive(Clone)]
struct Collector {
    level: LevelFilter,
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
        metadata.level() <= &self.level
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn event(&self, event: &Event<'_>) {
        assert_eq!(event.metadata().target(), "tower_s3_cors");
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

/// The events at this level and above of what `run` does.
fn heard(level: LevelFilter, run: impl FnOnce()) -> Vec<Seen> {
    let collector = Collector { level, seen: Arc::default() };
    let seen = Arc::clone(&collector.seen);
    tracing::subscriber::with_default(collector, run);
    let seen = std::mem::take(&mut *seen.lock().expect("a lock"));
    seen
}

fn policy() -> CorsPolicy {
    let rule = CorsRule {
        allowed_origins: vec!["https://app.example.com/".into(), "https://known.example".into()],
        allowed_methods: vec!["GET".into()],
        allowed_headers: vec!["content-type".into()],
        ..CorsRule::default()
    };
    CorsPolicy::new(&CorsConfiguration { rules: vec![rule] }).expect("lawful")
}

fn request(method: &str, headers: &[(&'static str, &str)]) -> Request<Bytes> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_bytes(value.as_bytes()).expect("a legal value"));
    }
    common::request(method, "/", map)
}

#[derive(Clone, Copy, Debug)]
enum Which {
    Fetch,
    S3,
}

fn serve(which: Which, policy: &CorsPolicy, request: Request<Bytes>) {
    let (layer, inner) = (CorsLayer::new(policy.clone()), common::always(200, HeaderMap::new()));
    match which {
        Which::Fetch => common::call(layer.dialect(Fetch).layer(inner), request),
        Which::S3 => common::call(layer.dialect(S3::default()).layer(inner), request),
    };
}

const BOTH: [Which; 2] = [Which::Fetch, Which::S3];

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let message = ("message", "cors request refused");
    pairs.iter().chain([&message]).map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

#[test]
fn refusals() {
    nothing_but_refusals();
    same_origin();
    content();
    hostile();
    several_origins();
    flood();
    silence();
}

fn nothing_but_refusals() {
    let seen = heard(LevelFilter::TRACE, || {
        for which in BOTH {
            serve(which, &policy(), request("GET", &[]));
            serve(which, &policy(), request("GET", &[("origin", "https://known.example")]));
            let asks = [("origin", "https://known.example"), ("access-control-request-method", "GET")];
            serve(which, &policy(), request("OPTIONS", &asks));
        }
    });
    assert_eq!(seen, []);
}

fn same_origin() {
    let seen = heard(LevelFilter::TRACE, || {
        for which in BOTH {
            for (origin, host) in [
                ("https://shop.example", "shop.example"),
                ("https://shop.example", "Shop.Example:443"),
                ("http://shop.example", "shop.example:80"),
                ("http://shop.example:8080", "shop.example:8080"),
                ("http://[::1]:3000", "[::1]:3000"),
            ] {
                serve(which, &policy(), request("POST", &[("origin", origin), ("host", host)]));
            }
            // As HTTP/2 has it: no Host.
            let mut request = request("POST", &[("origin", "https://shop.example")]);
            *request.uri_mut() = "https://shop.example/cart".parse().expect("a target");
            serve(which, &policy(), request);
        }
    });
    assert_eq!(seen, []);
}

fn content() {
    let preflight = || {
        let asks = [
            ("origin", "https://app.example.com"),
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "content-type, x-trace"),
            ("host", "app.example.com:8443"),
        ];
        request("OPTIONS", &asks)
    };
    let seen = heard(LevelFilter::DEBUG, || {
        for which in BOTH {
            serve(which, &policy(), preflight());
            serve(which, &policy(), request("DELETE", &[("origin", "https://known.example")]));
        }
    });
    let nearest = "CORSRules[0]: add https://app.example.com to AllowedOrigins; add PUT to AllowedMethods; \
                   add x-trace to AllowedHeaders";
    let asked = [
        ("origin", "\"https://app.example.com\""),
        ("method", "\"PUT\""),
        ("preflight", "true"),
        ("fails_in", "AllowedOrigins, AllowedMethods, AllowedHeaders"),
        ("nearest", nearest),
    ];
    let hint = "CORSRules[0].AllowedOrigins[0] \"https://app.example.com/\" never matches: an origin does not end in \
                \"/\"; write \"https://app.example.com\"";
    let mut first = fields(&asked);
    first.insert("hint".into(), hint.into());
    let actual = fields(&[
        ("origin", "\"https://known.example\""),
        ("method", "\"DELETE\""),
        ("preflight", "false"),
        ("fails_in", "AllowedMethods"),
        ("nearest", "CORSRules[0]: add DELETE to AllowedMethods"),
    ]);
    let wanted = [
        (Level::WARN, first),
        (Level::WARN, actual.clone()),
        (Level::DEBUG, fields(&asked)),
        (Level::DEBUG, actual),
    ];
    assert_eq!(seen, wanted);
}

/// Escaped and cut, whatever a stranger sends.
fn hostile() {
    let origin = format!("https://a\t\u{202e}{}", "é".repeat(4_000));
    let seen = heard(LevelFilter::DEBUG, || {
        for which in BOTH {
            serve(which, &policy(), request("GET", &[("origin", &origin)]));
        }
    });
    assert_eq!(seen.len(), 2);
    for (_, fields) in seen {
        let origin = &fields["origin"];
        assert!(origin.starts_with("\"https://a\\t\\u{202e}é") && origin.ends_with("\"..."), "{origin}");
        for value in fields.values() {
            assert!(value.len() < 1_000 && !value.contains(char::is_control), "{value}");
        }
    }
}

/// They have no one origin that could be warned of. Only `*` matches them.
fn several_origins() {
    let mut all = policy().configuration().clone();
    all.rules[0].allowed_origins = vec!["*".into()];
    let all = CorsPolicy::new(&all).expect("lawful");
    let twice = || request("GET", &[("origin", "https://a.example"), ("origin", "https://b.example")]);
    let seen = heard(LevelFilter::DEBUG, || {
        serve(Which::Fetch, &policy(), twice());
        serve(Which::S3, &policy(), twice());
        serve(Which::S3, &all, twice());
        serve(Which::Fetch, &all, twice());
    });
    assert_eq!(seen.len(), 2);
    for (level, fields) in seen {
        assert_eq!(level, Level::DEBUG);
        assert!(!fields.contains_key("origin"));
        assert_eq!(fields["fails_in"], "AllowedOrigins");
    }
}

/// 32 origins are warned of in the life of a process, and three were before; from several threads at once.
fn flood() {
    let policy = policy();
    let start = Barrier::new(4);
    let run = |thread: usize, which| {
        heard(LevelFilter::WARN, || {
            start.wait();
            for number in (thread..100_000).step_by(4) {
                let origin = format!("https://{number}.evil.example");
                serve(which, &policy, request("GET", &[("origin", &origin)]));
            }
        })
    };
    let warned: Vec<Seen> = std::thread::scope(|scope| {
        let run = &run;
        let threads: Vec<_> =
            (0..4).map(|thread| scope.spawn(move || run(thread, BOTH[thread % 2]))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert_eq!(warned.len(), 29);
    let distinct: std::collections::HashSet<_> = warned.iter().map(|(_, fields)| &fields["origin"]).collect();
    assert_eq!(distinct.len(), 29);
    let all = heard(LevelFilter::DEBUG, || {
        serve(Which::Fetch, &policy, request("GET", &[("origin", "https://0.evil.example")]));
        serve(Which::S3, &policy, request("GET", &[("origin", "https://new.evil.example")]));
    });
    assert_eq!(all.iter().map(|(level, _)| *level).collect::<Vec<_>>(), [Level::DEBUG; 2]);
}

/// When the bound is reached, whoever listens to warnings pays nothing any more; nor does one who never did.
fn silence() {
    for level in [LevelFilter::WARN, LevelFilter::OFF] {
        let seen = heard(level, || {
            let mut service = CorsLayer::new(policy()).layer(common::always(200, HeaderMap::new()));
            for method in ["GET", "OPTIONS"] {
                let asks =
                    [("origin", "https://yet-another.example"), ("access-control-request-method", "GET")];
                let mut request = Some(request(method, &asks));
                let mut call = || {
                    let request = request.take().expect("one request");
                    tower_service::Service::call(&mut service, request)
                };
                // The future alone: the answer's body and map are the inner service's.
                let mut future = None;
                let info = allocation_counter::measure(|| future = Some(call()));
                assert_eq!(info.count_total, 0, "{method} at {level}");
            }
        });
        assert_eq!(seen, []);
    }
}
