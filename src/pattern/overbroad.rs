//! Detects origin patterns that match more sites than their author can have intended.
//!
//! A pattern that covers an overbroad one is overbroad too: the checks depend on what no text put in place of the `*`
//! can change.

use super::origin::{ends_in_number, faults, normalize, OriginFault};
use super::{public_suffix, Pattern, Quoted};

/// Why an origin pattern is too broad for a policy with credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OverbroadOrigin {
    /// It is `*`, which matches every origin.
    Any,
    /// It is `null` or matches it: the origin of every sandboxed frame, `data:` document and redirect across origins.
    Null,
    /// It is `https`, which matches every site.
    SchemeOnly,
    /// The scheme is not named in full before the `*`, as in `*.example.com` and `http*://example.com`, so pages that
    /// were sent without encryption match too.
    OpenScheme,
    /// No registrable domain follows the `*`, as in `https://*`.
    NoDomain,
    /// The domain after the `*` is a public suffix (`https://*.co.uk`, `https://*.github.io`), or there are public
    /// suffixes below it (`https://*.amazonaws.com`): anyone can register a name there.
    PublicSuffix,
    /// The `*` may end in a part of the domain's name: `https://*example.com`.
    NotAtDot,
    /// The `*` follows text of the host: `https://example.com*`.
    OpenEnd,
}

impl OverbroadOrigin {
    /// Checks a pattern, which has at most one `*`.
    pub(crate) fn find(pattern: &str) -> Option<OverbroadOrigin> {
        match Pattern::parse(pattern) {
            Pattern::Any => Some(OverbroadOrigin::Any),
            Pattern::Literal("https") => Some(OverbroadOrigin::SchemeOnly),
            parsed if parsed.matches("null") => Some(OverbroadOrigin::Null),
            Pattern::Literal(_) => None,
            Pattern::Affix { prefix, suffix } => match prefix.split_once("://") {
                Some((scheme, authority)) if !scheme.is_empty() => open_host(authority, suffix),
                _ if suffix.contains('/') => Some(OverbroadOrigin::OpenScheme),
                _ => open_host("", suffix).or(Some(OverbroadOrigin::OpenScheme)),
            },
        }
    }

    /// The reason as a clause, with an origin that matches where there is a plain one.
    pub(crate) fn reason(self, pattern: &str) -> String {
        let (prefix, suffix) = pattern.split_once('*').unwrap_or((pattern, ""));
        match self {
            OverbroadOrigin::Any => "it matches every origin".into(),
            OverbroadOrigin::Null if pattern == "null" => "it is the origin of every sandboxed frame".into(),
            OverbroadOrigin::Null => "it also matches \"null\", the origin of every sandboxed frame".into(),
            OverbroadOrigin::SchemeOnly => "it matches every site".into(),
            OverbroadOrigin::OpenScheme => open_scheme(pattern, suffix),
            OverbroadOrigin::NoDomain => "no registrable domain follows its \"*\"".into(),
            OverbroadOrigin::PublicSuffix => open_to_all(suffix),
            OverbroadOrigin::NotAtDot => {
                let start = if "https://".starts_with(prefix) { "https://" } else { prefix };
                also_matches(pattern, &format!("{start}evil{suffix}"))
            }
            OverbroadOrigin::OpenEnd => {
                also_matches(pattern, &format!("{}.evil.example{suffix}", prefix.trim_end_matches('.')))
            }
        }
    }
}

fn open_scheme(pattern: &str, suffix: &str) -> String {
    let host = suffix.trim_start_matches([':', '/']);
    let origin = format!("http://{}{host}", if host == suffix { "any" } else { "" });
    if Pattern::parse(pattern).matches(&origin) && faults(&origin).is_empty() {
        return format!("it also matches {}, the scheme must be named in full", Quoted(&origin));
    }
    "the scheme must be named in full before its \"*\"".into()
}

fn open_to_all(suffix: &str) -> String {
    let domain = domain_end(suffix).trim_matches('.');
    let is_suffix = public_suffix::find(domain).labels == domain.split('.').count();
    match public_suffix::first_below(domain).filter(|below| !is_suffix && below != domain) {
        Some(below) => {
            format!("it also matches names below {}, where anyone can register one", Quoted(&below))
        }
        None => format!("anyone can register a name below {}", Quoted(domain)),
    }
}

/// With a path the pattern matches no origin of a browser, so there is none to name.
fn also_matches(pattern: &str, origin: &str) -> String {
    let is_path = |fault: &OriginFault| matches!(fault, OriginFault::TrailingSlash | OriginFault::Path);
    let Some(fault) = faults(pattern).into_iter().find(is_path) else {
        return format!("it also matches {}", Quoted(origin));
    };
    match normalize(pattern).filter(|sent| OverbroadOrigin::find(sent).is_none()) {
        Some(sent) => format!("{}, write {}", fault.clause(), Quoted(&sent)),
        None => fault.clause().into(),
    }
}

/// Why the pattern also matches hosts of strangers: `before` is the text of its host before the `*`, and `suffix` all
/// that follows the `*`.
fn open_host(before: &str, suffix: &str) -> Option<OverbroadOrigin> {
    let end = domain_end(suffix);
    let reason = match end.split_once('.') {
        Some((_, domain)) => open_domain(domain)?,
        None => OverbroadOrigin::NoDomain,
    };
    // Then only the port is open: `localhost:`, `[::1]`.
    let is_host_whole = before.contains(if before.starts_with('[') { ']' } else { ':' });
    match (before, end) {
        _ if is_host_whole => None,
        ("", "") => Some(OverbroadOrigin::NoDomain),
        _ if before.starts_with('[') => Some(OverbroadOrigin::NoDomain),
        (_, "") => Some(OverbroadOrigin::OpenEnd),
        _ if end.starts_with('.') => Some(reason),
        _ => Some(OverbroadOrigin::NotAtDot),
    }
}

/// What follows the `*` without a port or a path, which ends at the first separator after the last dot: text before
/// that dot may be what another pattern's `*` matches.
fn domain_end(suffix: &str) -> &str {
    let (before, last) = suffix.split_at(suffix.rfind('.').unwrap_or_default());
    let end = last.find([':', '/', '?', '#']).map_or(suffix.len(), |end| before.len() + end);
    suffix.get(..end).unwrap_or_default()
}

/// Why names below the domain do not all belong to the owner of one registrable domain, or to the machine itself.
fn open_domain(domain: &str) -> Option<OverbroadOrigin> {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let labels = || domain.rsplit('.');
    if labels().next().is_some_and(|label| label.eq_ignore_ascii_case("localhost")) {
        return None;
    }
    let suffix = public_suffix::find(domain);
    let has_empty = labels().take(suffix.labels.max(1) + 1).any(str::is_empty);
    if has_empty || ends_in_number(domain) || suffix.labels == 0 && labels().count() == 1 {
        return Some(OverbroadOrigin::NoDomain);
    }
    (suffix.labels == labels().count() || suffix.has_more_below).then_some(OverbroadOrigin::PublicSuffix)
}
