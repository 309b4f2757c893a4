//! Refusals as events of `tracing`: each at `debug`, the first of an origin at `warn`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use http::header::HOST;
use http::Request;
use tracing::{event_enabled, Level};

use crate::config::Field;
use crate::pattern::Quoted;
use crate::policy::{CorsPolicy, CorsRequest};

const TARGET: &str = "tower_s3_cors";

/// How many origins are warned of in the life of a process. Strangers choose what they send, so a log
/// without a bound would be theirs to fill.
const MOST: usize = 32;

static WARNED: Warned = Warned { full: AtomicBool::new(false), origins: Mutex::new(Vec::new()) };

/// The origins that were warned of, by their hashes.
struct Warned {
    full: AtomicBool,
    origins: Mutex<Vec<u64>>,
}

impl Warned {
    /// Nothing depends on when other threads see it: only `insert` says that an origin is new.
    fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// Whether the origin is new, and there is room for it.
    fn insert(&self, origin: &[u8]) -> bool {
        // Whoever makes two origins collide keeps himself out of the log.
        let mut hasher = DefaultHasher::new();
        origin.hash(&mut hasher);
        let hash = hasher.finish();
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if origins.len() >= MOST || origins.contains(&hash) {
            return false;
        }
        origins.push(hash);
        self.full.store(origins.len() == MOST, Ordering::Relaxed);
        true
    }
}

/// A request that the Fetch dialect judges by this policy.
#[inline(always)]
pub(super) fn fetch<A>(policy: &CorsPolicy, request: &Request<A>) {
    if enabled() {
        tell(policy, request, CorsRequest::classify(request));
    }
}

/// A request that the S3 dialect judges by this policy.
#[inline(always)]
pub(super) fn s3<A>(policy: &CorsPolicy, request: &Request<A>) {
    if enabled() {
        tell(policy, request, CorsRequest::classify_s3(request));
    }
}

#[inline(always)]
fn enabled() -> bool {
    event_enabled!(target: TARGET, Level::DEBUG)
        || event_enabled!(target: TARGET, Level::WARN) && !WARNED.is_full()
}

#[cold]
fn tell<A>(policy: &CorsPolicy, request: &Request<A>, asked: Option<CorsRequest<'_>>) {
    let Some(asked) = asked else {
        return;
    };
    let origin = asked.origin().map(|origin| origin.as_bytes());
    if policy.decide(&asked).is_granted() || origin.is_some_and(|origin| is_own(origin, request)) {
        return;
    }
    let warns = event_enabled!(target: TARGET, Level::WARN) && !WARNED.is_full();
    match origin.is_some_and(|origin| warns && WARNED.insert(origin)) {
        true => warn(policy, &asked),
        false => debug(policy, &asked),
    }
}

/// Whether the origin is the one that the request is for, as in each POST of a site to itself.
///
/// The scheme cannot be compared: behind a proxy that ends TLS it is not the browser's.
fn is_own<A>(origin: &[u8], request: &Request<A>) -> bool {
    let origin = String::from_utf8_lossy(origin);
    let (scheme, authority) = origin.split_once("://").unwrap_or_default();
    let default = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    let header = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let target = request.uri().authority().map(|authority| authority.as_str());
    [header, target]
        .into_iter()
        .flatten()
        .any(|host| host.strip_suffix(default).unwrap_or(host).eq_ignore_ascii_case(authority))
}

fn warn(policy: &CorsPolicy, asked: &CorsRequest<'_>) {
    let explanation = policy.explain(asked);
    let origin = origin(asked);
    let nearest = explanation.nearest();
    tracing::warn!(
        target: TARGET,
        origin = origin.map(display),
        method = %shown(asked.method()),
        preflight = asked.is_preflight(),
        fails_in = nearest.map(|nearest| fields(nearest.fields())),
        nearest = nearest.map(display),
        hint = explanation.hints().first().map(display),
        "cors request refused"
    );
}

/// Without hints, for which every AllowedOrigin is read: these events have no bound.
fn debug(policy: &CorsPolicy, asked: &CorsRequest<'_>) {
    let explanation = policy.explain_without_hints(asked);
    let origin = origin(asked);
    let nearest = explanation.nearest();
    tracing::debug!(
        target: TARGET,
        origin = origin.map(display),
        method = %shown(asked.method()),
        preflight = asked.is_preflight(),
        fails_in = nearest.map(|nearest| fields(nearest.fields())),
        nearest = nearest.map(display),
        "cors request refused"
    );
}

/// None if the request has several.
fn origin(asked: &CorsRequest<'_>) -> Option<String> {
    asked.origin().map(|origin| shown(origin.as_bytes()))
}

/// What a stranger sent, fit for a log: quoted, escaped and cut.
fn shown(bytes: &[u8]) -> String {
    Quoted(&String::from_utf8_lossy(bytes)).to_string()
}

/// `AllowedOrigins, AllowedMethods`
fn fields(fields: &[Field]) -> String {
    fields.iter().map(|field| field.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever saw room before the lock may find none behind it, so the flag alone is no bound.
    #[test]
    fn the_bound_is_held_behind_the_lock() {
        let warned = Warned { full: AtomicBool::new(false), origins: Mutex::new(Vec::new()) };
        let new = (0..100).filter(|number: &u8| warned.insert(&[*number])).count();
        assert_eq!((new, warned.is_full()), (MOST, true));
        assert!(!warned.insert(&[0]));
    }
}
