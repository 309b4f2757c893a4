//! Log lines that an attacker writes.

use std::io;
use std::sync::{Arc, Mutex};

use http::HeaderValue;
use tower_layer::Layer;
use tower_s3_cors::{CorsLayer, S3};
use tracing_subscriber::fmt::MakeWriter;

use crate::{common, headers, policy, FRIEND};

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("a lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

/// CVE-2024-1681 (Flask-CORS): at the level DEBUG, line breaks in the path of a request were written into the log, and
/// with them lines that the attacker made up. Here the path is not logged, and what is logged is quoted and escaped.
/// <https://github.com/advisories/GHSA-84pr-m4jr-85g5>
#[test]
fn request_writes_one_line_without_control_characters() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let forged = [
        "https://a.example\u{85}ERROR forged",
        "https://b.example\u{2028}ERROR forged",
        "https://c.example\u{9b}2J",
        "https://d.example\u{202e}",
        "https://e.example\t\" reason=\"granted",
        "https://f.example\\",
    ];
    tracing::subscriber::with_default(subscriber, || {
        let layer = CorsLayer::new(policy(&[FRIEND], true));
        for (number, text) in forged.iter().enumerate() {
            let value = HeaderValue::from_bytes(text.as_bytes()).expect("a value");
            let mut request = common::request("OPTIONS", "/a%0d%0aERROR%20forged", headers(&[]));
            for name in ["origin", "access-control-request-method", "access-control-request-headers"] {
                request.headers_mut().insert(name, value.clone());
            }
            let inner = common::always(200, headers(&[]));
            if number % 2 == 0 {
                common::call(layer.layer(inner), request);
            } else {
                common::call(layer.clone().dialect(S3::default()).layer(inner), request);
            }
        }
    });
    let written = String::from_utf8(log.0.lock().expect("a lock").clone()).expect("UTF-8");
    let lines: Vec<_> = written.lines().collect();
    assert_eq!(lines.len(), forged.len(), "{written:?}");
    for line in lines {
        assert!(line.contains("cors request refused") && !line.contains("ERROR%20forged"), "{line:?}");
        let is_plain = |c: char| !c.is_control() && !"\u{2028}\u{2029}\u{202e}".contains(c);
        assert!(line.chars().all(is_plain), "{line:?}");
        assert!(!line.contains(" reason=\"granted"), "{line:?}");
    }
}
