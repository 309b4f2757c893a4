//! Requests that cost the server more than they cost the attacker.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use tower_layer::Layer;
use tower_s3_cors::{CorsLayer, CorsPolicy, S3};

use crate::{configuration, headers, FRIEND};

/// Policies for which the requested headers are looked up, matched by a pattern, or matched by `*`.
fn policies() -> Vec<CorsPolicy> {
    let build = |names: &[&str]| {
        let mut configuration = configuration(&[FRIEND]);
        configuration.rules[0].allowed_headers = names.iter().map(|name| (*name).to_owned()).collect();
        CorsPolicy::new(&configuration).expect("a valid configuration")
    };
    vec![build(&["x-trace"]), build(&["x-*", "a*"]), build(&["*"])]
}

/// A preflight with these lists of requested headers, read into one buffer as by a server.
fn preflight(lists: &[Vec<u8>]) -> Request<Bytes> {
    let mut lines: HeaderMap = headers(&[("origin", FRIEND), ("access-control-request-method", "PUT")]);
    for list in lists {
        let buffer = Bytes::from(list.clone());
        let _shared = buffer.clone();
        let value = HeaderValue::from_maybe_shared(buffer).expect("a value");
        lines.append("access-control-request-headers", value);
    }
    test_support::request("OPTIONS", "/bucket/key", lines)
}

/// Calls the layer in both dialects, once for each.
fn calls(policy: &CorsPolicy) -> [Box<dyn Fn(Request<Bytes>)>; 2] {
    let layer = CorsLayer::new(policy.clone());
    let inner = test_support::always(200, HeaderMap::new());
    let (fetch, s3) = (layer.clone().layer(inner.clone()), layer.dialect(S3::default()).layer(inner));
    [
        Box::new(move |request| drop(test_support::call(fetch.clone(), request))),
        Box::new(move |request| drop(test_support::call(s3.clone(), request))),
    ]
}

/// GO-2024-2883 (rs/cors): a preflight with 1 MiB of commas in Access-Control-Request-Headers cost 121 MB of memory in
/// a thousand allocations, and 127 ms.
/// <https://github.com/golang/vulndb/issues/2883>, <https://github.com/rs/cors/issues/170>
#[test]
fn commas_in_requested_headers_cost_no_memory() {
    const SIDE: usize = 512;
    let commas = [vec![vec![b','; SIDE]; SIDE], vec![vec![b','; SIDE * SIDE]]];
    // Lists in several lines, or not in S3's spelling, are written anew, into a buffer that doubles.
    let names = [vec![b"x-trace,".repeat(SIDE)], vec![b"a,".to_vec(); SIDE], vec![b"a,".repeat(SIDE * 8)]];
    let cases = commas.iter().map(|lists| (lists, 4, 4096));
    let cases: Vec<_> = cases.chain(names.iter().map(|lists| (lists, 32, 16 * SIDE as u64 * 8))).collect();
    for call in policies().iter().flat_map(calls) {
        for (lists, most_allocations, most_bytes) in &cases {
            let request = preflight(lists);
            let used = allocation_counter::measure(|| call(request));
            assert!(used.count_total <= *most_allocations, "{} allocations", used.count_total);
            assert!(used.bytes_total <= *most_bytes, "{} bytes", used.bytes_total);
        }
    }
}

/// CVE-2026-69207, GHSA-8j4g-w8fx-2239 (Hono): the list was split by an expression that looks for blanks around commas,
/// whose time grows with the square of a run of blanks.
/// <https://github.com/advisories/GHSA-8j4g-w8fx-2239>
#[test]
fn blanks_in_requested_headers_cost_linear_time() {
    const BYTES: usize = 1 << 17;
    let lists = [
        vec![b' '; BYTES],
        [&b"x-trace"[..], &vec![b' '; BYTES], b"x-trace"].concat(),
        [&b"x-trace"[..], &vec![b'\t'; BYTES], b",x-trace"].concat(),
        b" ,".repeat(BYTES / 2),
        b"x-trace \t ,".repeat(BYTES / 11),
    ];
    for policy in policies() {
        for (call, list) in calls(&policy).iter().flat_map(|call| lists.iter().map(move |list| (call, list)))
        {
            let request = preflight(std::slice::from_ref(list));
            let start = Instant::now();
            call(request);
            // Some milliseconds; 2^34 steps take many seconds.
            assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        }
    }
}
