//! Refused requests and reloaded rules as events of `tracing`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use http::header::HOST;
use http::{HeaderValue, Request};
use tracing::{event_enabled, Level};

use super::dialect::Reading;
use super::observe::Difference;
use crate::pattern::Quoted;
use crate::policy::{CorsPolicy, CorsRequest};

/// The target of events about refused cross-origin requests.
///
/// A refusal is an event at `debug`; the first of an origin is one at `warn`, for at most 32 origins in the life of
/// the process. The fields are `origin`, `method`, `preflight`, `requested_headers` and `reason`. What the request
/// sent is quoted, escaped and cut after 100 characters. Refused requests of a site to itself are not reported.
pub const REFUSAL_TARGET: &str = "tower_s3_cors";

/// The target of events about a watched file: at `info` if its rules are in force, at `warn` if they are not.
///
/// The field `changes` says what they change: `2 origins newly granted, none lost`.
pub const RELOAD_TARGET: &str = "tower_s3_cors::reload";

/// The target of events about requests that a [shadow](crate::CorsLayer::shadow) policy would answer differently.
///
/// Each is an event at `debug`; the first of an origin is one at `info`, for at most 32 origins in the life of the process.
/// The field is `difference`, in which what the request sent is quoted, escaped and cut.
pub const SHADOW_TARGET: &str = "tower_s3_cors::shadow";

/// How many origins get a line of their own in the life of a process. Strangers choose what they send, so without a
/// bound they could fill the log.
const MAX_ORIGINS: usize = 32;

static REFUSED: Origins = Origins::new();
static DIFFERING: Origins = Origins::new();

/// The hashes of the origins that got a line; 0 where there is room.
struct Origins([AtomicU64; MAX_ORIGINS]);

impl Origins {
    const fn new() -> Self {
        Origins([const { AtomicU64::new(0) }; MAX_ORIGINS])
    }

    fn is_full(&self) -> bool {
        self.0.last().is_none_or(|last| last.load(Relaxed) != 0)
    }

    /// Adds an origin; `false` if it is known already or there is no room for it.
    fn add(&self, origin: &[u8]) -> bool {
        let mut hasher = DefaultHasher::new();
        origin.hash(&mut hasher);
        // A hash collision merely suppresses a line.
        let hash = hasher.finish().max(1);
        let exchange = |slot: &AtomicU64| slot.compare_exchange(0, hash, Relaxed, Relaxed);
        self.0.iter().map(exchange).find(|found| [Ok(0), Err(hash)].contains(found)) == Some(Ok(0))
    }
}

/// Reports a request, read as its dialect does, if this policy refuses it.
#[inline(always)]
pub(super) fn report<A>(policy: &CorsPolicy, request: &Request<A>, reading: Reading) {
    if event_enabled!(target: REFUSAL_TARGET, Level::DEBUG) || warns() {
        if let Some(asked) = reading.classify(request) {
            emit(policy, request, &asked, reading);
        }
    }
}

fn warns() -> bool {
    event_enabled!(target: REFUSAL_TARGET, Level::WARN) && !REFUSED.is_full()
}

/// Writes the event at this level. What its fields cost is spent only if it is enabled.
macro_rules! refused {
    ($level:ident, $policy:expr, $request:expr) => {
        tracing::$level!(
            target: REFUSAL_TARGET,
            origin = $request.origin().map(quoted),
            method = quoted($request.method()),
            preflight = $request.is_preflight(),
            requested_headers = requested_headers($request),
            reason = reason($policy, $request),
            "cors request refused"
        )
    };
}

/// Nothing here allocates, or reads more of the policy than its tables, unless a line is written.
#[cold]
fn emit<A>(policy: &CorsPolicy, request: &Request<A>, asked: &CorsRequest<'_>, reading: Reading) {
    if (reading.decide)(policy, asked).is_granted() || is_same_origin(request, asked.origin()) {
        return;
    }
    if warns() && asked.origin().is_some_and(|origin| REFUSED.add(origin)) {
        refused!(warn, policy, asked);
    } else {
        refused!(debug, policy, asked);
    }
}

/// Reports a request that another policy would answer differently.
pub(super) fn differs(difference: &Difference<'_>) {
    let origin = difference.served().request().and_then(CorsRequest::origin);
    let is_heard = event_enabled!(target: SHADOW_TARGET, Level::INFO) && !DIFFERING.is_full();
    if is_heard && origin.is_some_and(|origin| DIFFERING.add(origin)) {
        tracing::info!(target: SHADOW_TARGET, %difference, "cors policies differ");
    } else {
        tracing::debug!(target: SHADOW_TARGET, %difference, "cors policies differ");
    }
}

/// Whether the request is one of a site to itself: browsers send an Origin with every POST.
fn is_same_origin<A>(request: &Request<A>, origin: Option<&[u8]>) -> bool {
    let headers = request.headers();
    // A proxy may rewrite Host, but not this (https://w3c.github.io/webappsec-fetch-metadata/).
    if headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin" || site == "none") {
        return true;
    }
    let origin = origin.unwrap_or_default();
    // The schemes cannot be compared: behind a proxy that ends TLS they differ.
    let (authority, port) = match (origin.strip_prefix(b"https://"), origin.strip_prefix(b"http://")) {
        (Some(authority), _) => (authority, &b":443"[..]),
        (_, Some(authority)) => (authority, &b":80"[..]),
        _ => return false,
    };
    let host = headers.get(HOST).map(HeaderValue::as_bytes);
    let target = request.uri().authority().map(|authority| authority.as_str().as_bytes());
    let is_same = |host: &[u8]| host.strip_suffix(port).unwrap_or(host).eq_ignore_ascii_case(authority);
    host.is_some_and(is_same) || target.is_some_and(is_same)
}

/// A fact about the tables, and no advice: whether a stranger should be allowed is not known here.
fn reason(policy: &CorsPolicy, request: &CorsRequest<'_>) -> String {
    if policy.decide(request).is_granted() {
        // For this alone S3 refuses what a rule matches.
        return "invalid character in a requested header".into();
    }
    let Some(origin) = request.origin() else {
        return "several Origin headers".into();
    };
    let mut rules = policy.matching_origin(Some(origin));
    if rules.is_empty() {
        return "origin not allowed".into();
    }
    rules &= policy.matching_method(request.method());
    if rules.is_empty() {
        return "method not allowed for this origin".into();
    }
    let is_refused = |name: &&[u8]| (policy.matching_header(name) & rules).is_empty();
    match request.requested_headers().find(is_refused) {
        Some(name) => format!("header {} not allowed for this origin and method", quoted(name)),
        None => "no rule allows all requested headers".into(),
    }
}

fn requested_headers(request: &CorsRequest<'_>) -> Option<String> {
    let names: Vec<_> = request.requested_headers().collect();
    (!names.is_empty()).then(|| quoted(&names.join(&b", "[..])))
}

/// What a stranger sent, for a log: quoted, escaped and cut.
fn quoted(bytes: &[u8]) -> String {
    Quoted(&String::from_utf8_lossy(bytes)).to_string()
}

/// Reports what a watch found.
#[cfg(feature = "watch")]
pub(super) fn reloaded(path: &std::path::Path, outcome: &Result<super::Reloaded, crate::config::LoadError>) {
    let path = path.display();
    match outcome {
        Ok(reloaded) => {
            let rules = reloaded.policy().configuration().rules.len();
            let changes = || reloaded.changes().summary();
            tracing::info!(target: RELOAD_TARGET, %path, rules, changes = changes(), "cors rules in force");
            if let Some(warnings) = reloaded.warnings() {
                tracing::warn!(target: RELOAD_TARGET, %path, %warnings, "cors rules in force have entries without effect");
            }
        }
        Err(error) => tracing::warn!(target: RELOAD_TARGET, %path, %error, "cors rules not replaced"),
    }
}
