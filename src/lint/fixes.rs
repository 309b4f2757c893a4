//! What to write in place of an origin.

use super::origins::findings;
use super::{Finding, LintKind, Severity};
use crate::pattern::{host, is_local, normalize, OverbroadOrigin};

/// What to write instead: the first candidate without this finding, without an error and without a warning.
pub(super) fn fix(kind: &LintKind, origin: &str) -> Option<String> {
    let sent = normalize(origin)?;
    let host = host(&sent);
    let base = sent.replacen(host, host.strip_suffix('.').unwrap_or(host), 1);
    [narrower(&base), Some(base.clone()), encrypted(&base)].into_iter().flatten().find(|fix| {
        let is_quiet = |(left, _): &Finding| left.severity() == Severity::Info && *left != kind;
        fix != origin && fix.contains("://") && findings(fix).iter().all(is_quiet)
    })
}

/// What was likely meant by a pattern whose `*` is at the wrong place. It matches less than the pattern.
fn narrower(origin: &str) -> Option<String> {
    let (prefix, suffix) = origin.split_once('*')?;
    let after_scheme = suffix.trim_start_matches(':').trim_start_matches('/');
    let is_name = suffix.starts_with(|c: char| c.is_ascii_alphanumeric());
    if suffix.is_empty() {
        open_end(prefix)
    } else if prefix == "http://" {
        is_name.then(|| format!("http://*.{suffix}"))
    } else if !"https://".starts_with(prefix) {
        None
    } else if is_name {
        with_https(&format!("*.{suffix}"))
    } else if suffix.starts_with('.') {
        with_https(&format!("*{suffix}"))
    } else {
        (after_scheme.len() < suffix.trim_start_matches(':').len()).then(|| with_https(after_scheme))?
    }
}

/// The origin before a `*` at the end: with any port on the machine itself, otherwise alone.
fn open_end(prefix: &str) -> Option<String> {
    let host = host(prefix);
    let top_level = host.rsplit_once('.').map(|(_, last)| format!("https://*.{last}"));
    let is_known = |pattern: String| OverbroadOrigin::find(&pattern) == Some(OverbroadOrigin::PublicSuffix);
    if is_local(host) {
        Some(format!("{prefix}:*"))
    } else {
        // Whether the text ends in the middle of a name is not known, unless a top-level domain ends it.
        let is_whole =
            top_level.is_some_and(is_known) && OverbroadOrigin::find(&format!("https://*.{host}")).is_none();
        is_whole.then(|| prefix.to_owned())
    }
}

/// Port 80 is not that of the same site with encryption.
fn with_https(rest: &str) -> Option<String> {
    normalize(&format!("https://{rest}")).filter(|_| !rest.ends_with(":80"))
}

fn encrypted(origin: &str) -> Option<String> {
    let rest = origin.strip_prefix("http://")?;
    // Other ports differ by scheme, and the website endpoints of S3 have no encryption.
    let has_https = rest == host(origin) && !rest.contains(".s3-website");
    has_https.then(|| format!("https://{rest}"))
}
