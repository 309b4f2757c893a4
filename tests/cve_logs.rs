//! CVE-2024-1681: log lines that an attacker writes.
//!
//! A program of its own, because threads without a subscriber would switch the events off for this one. The other
//! advisories are in `tests/cves/`.
#![cfg(feature = "tracing")]

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use tower_layer::Layer;
use tower_s3_cors::{CorsConfiguration, CorsLayer, CorsPolicy, CorsRule, S3};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes each event as one line, and texts as they are: a formatter that escapes nothing of its own accord.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        _ = write!(self.0, "{field}={value:?} ");
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        _ = write!(self.0, "{field}={value} ");
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().expect("a lock").push(line.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn policy() -> CorsPolicy {
    let rule = CorsRule {
        allowed_origins: vec!["https://app.example.com".into()],
        allowed_methods: vec!["GET".into()],
        ..CorsRule::default()
    };
    CorsPolicy::new(&CorsConfiguration { rules: vec![rule] }).expect("a valid configuration")
}

/// A preflight with this text in each header, and with line breaks in its path.
fn preflight(text: &str) -> Request<Bytes> {
    let names = ["origin", "access-control-request-method", "access-control-request-headers"];
    let mut headers = HeaderMap::new();
    for name in names {
        headers.insert(name, HeaderValue::from_bytes(text.as_bytes()).expect("a value"));
    }
    test_support::request("OPTIONS", "/a%0d%0aERROR%20forged", headers)
}

/// CVE-2024-1681 (Flask-CORS): at the level DEBUG, line breaks in the path of a request were written into the log, and
/// with them lines that the attacker made up. Here the path is not logged, and what is logged is quoted and escaped.
/// <https://github.com/advisories/GHSA-84pr-m4jr-85g5>
#[test]
fn refused_request_writes_one_line_without_control_characters() {
    let forged = [
        "https://a.example\u{85}ERROR forged",
        "https://b.example\u{2028}ERROR forged",
        "https://c.example\u{9b}2J",
        "https://d.example\u{202e}",
        "https://e.example\" reason=granted",
        "https://f.example\\",
        "https://g.example\t",
    ];
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || {
        let layer = CorsLayer::new(policy());
        for text in forged {
            let inner = test_support::always(200, HeaderMap::new());
            test_support::call(layer.layer(inner.clone()), preflight(text));
            test_support::call(layer.clone().dialect(S3::default()).layer(inner), preflight(text));
        }
    });
    let lines = log.0.lock().expect("a lock");
    assert_eq!(lines.len(), 2 * forged.len(), "{lines:?}");
    for line in lines.iter() {
        assert!(line.contains("cors request refused") && !line.contains("%0d"), "{line:?}");
        let is_plain = |c: char| !c.is_control() && !"\u{2028}\u{2029}\u{202e}".contains(c);
        assert!(line.chars().all(is_plain), "{line:?}");
        assert!(!line.contains("e.example\" "), "a quote ends the text: {line:?}");
    }
}
