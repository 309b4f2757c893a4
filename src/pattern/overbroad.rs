//! Whether an origin pattern lets in sites that its author cannot have meant.

use super::origin::{ends_in_number, faults, normalize, OriginFault};
use super::{Pattern, Quoted};

/// How an origin pattern is too wide to be trusted with credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OverbroadOrigin {
    /// `*`: every origin.
    Any,
    /// `null`, or a pattern that matches it: the origin of every sandboxed frame, `data:` document and
    /// redirect across origins.
    Null,
    /// `https`: every site.
    Scheme,
    /// After the `*` no registrable domain is pinned, as in `https://*`.
    NoDomain,
    /// The text after the `*` is a public suffix, as in `https://*.co.uk` and `https://*.github.io`, or each name
    /// below it is one.
    PublicSuffix,
    /// The text after the `*` does not start at a dot: `https://*example.com`, `http*://example.com`.
    NotAtDot,
    /// The `*` follows host text: `https://example.com*`.
    OpenEnd,
}

impl OverbroadOrigin {
    /// The way in which the pattern is wide, if it is.
    pub(crate) fn of(pattern: &str) -> Option<OverbroadOrigin> {
        match pattern {
            "*" => return Some(OverbroadOrigin::Any),
            "https" => return Some(OverbroadOrigin::Scheme),
            pattern if Pattern::parse(pattern).matches("null") => return Some(OverbroadOrigin::Null),
            _ => {}
        }
        let (prefix, suffix) = pattern.split_once('*')?;
        if pins_host(prefix) {
            return None;
        }
        let Some(below) = suffix.strip_prefix('.') else {
            return Some(without_dot(prefix, suffix));
        };
        narrow(&host(below).to_ascii_lowercase()).err()
    }

    /// The reason as a clause, with an origin that the pattern lets in where one can be named.
    pub(crate) fn reason(self, pattern: &str) -> String {
        let (prefix, suffix) = pattern.split_once('*').unwrap_or((pattern, ""));
        match self {
            OverbroadOrigin::Any => "it matches every origin".into(),
            OverbroadOrigin::Null if pattern == "null" => "it is the origin of every sandboxed frame".into(),
            OverbroadOrigin::Null => "it also matches \"null\", the origin of every sandboxed frame".into(),
            OverbroadOrigin::Scheme => "it matches every site".into(),
            OverbroadOrigin::NoDomain => "no registrable domain follows its \"*\"".into(),
            OverbroadOrigin::PublicSuffix => {
                format!("anyone can register a name below {}", Quoted(host(suffix.trim_start_matches('.'))))
            }
            OverbroadOrigin::NotAtDot if suffix.starts_with("://") => {
                "the scheme must be named in full".into()
            }
            OverbroadOrigin::NotAtDot => {
                also_matches(pattern, &format!("{}evil{suffix}", with_scheme(prefix)))
            }
            OverbroadOrigin::OpenEnd => {
                also_matches(pattern, &format!("{}.evil.example", prefix.trim_end_matches('.')))
            }
        }
    }
}

/// With a path the pattern matches no browser's origin, so none can be named.
fn also_matches(pattern: &str, origin: &str) -> String {
    let in_path = |fault: &OriginFault| matches!(fault, OriginFault::TrailingSlash | OriginFault::Path);
    let Some(fault) = faults(pattern).into_iter().find(in_path) else {
        return format!("it also matches {}", Quoted(origin));
    };
    match normalize(pattern).filter(|sent| OverbroadOrigin::of(sent).is_none()) {
        Some(sent) => format!("{}, write {}", fault.clause(), Quoted(&sent)),
        None => fault.clause().into(),
    }
}

/// The host at the start of what follows a scheme.
fn host(authority: &str) -> &str {
    authority.split([':', '/', '?', '#']).next().unwrap_or(authority)
}

/// The start of an origin that the `*` may complete: `http*` and `*` match `https://` too.
fn with_scheme(prefix: &str) -> &str {
    match "https://".starts_with(prefix) {
        true => "https://",
        false => prefix,
    }
}

/// Whether the text before the `*` holds a whole host, so that only the port is left open:
/// `http://localhost:`, `http://[::1]:80`.
fn pins_host(prefix: &str) -> bool {
    let Some((scheme, authority)) = prefix.split_once("://") else {
        return false;
    };
    let (host, port) = match authority.strip_prefix('[') {
        Some(address) => address.split_once("]:").unwrap_or_default(),
        None => authority.split_once(':').unwrap_or_default(),
    };
    !scheme.is_empty() && !host.is_empty() && port.bytes().all(|b| b.is_ascii_digit())
}

fn without_dot(prefix: &str, suffix: &str) -> OverbroadOrigin {
    let host_before = prefix.split_once("://").is_some_and(|(_, host)| !host.is_empty());
    match suffix.chars().next() {
        None if host_before => OverbroadOrigin::OpenEnd,
        None => OverbroadOrigin::NoDomain,
        Some(':') if !suffix.starts_with("://") => OverbroadOrigin::NoDomain,
        Some(_) => OverbroadOrigin::NotAtDot,
    }
}

/// Whether only the owner of one registrable domain has names below the host.
#[cfg(feature = "psl")]
fn narrow(host: &str) -> Result<(), OverbroadOrigin> {
    if ends_in_number(host) {
        return Err(OverbroadOrigin::NoDomain);
    }
    // The list has `*.compute.amazonaws.com`: below that host each name is a suffix, and has strangers below it.
    let below = format!("any.{host}");
    match (psl::domain_str(host), psl::suffix(host.as_bytes())) {
        (Some(_), _) if psl::suffix_str(&below) == Some(&below) => Err(OverbroadOrigin::PublicSuffix),
        (Some(_), _) => Ok(()),
        (None, Some(suffix)) if suffix.is_known() => Err(OverbroadOrigin::PublicSuffix),
        (None, _) => Err(OverbroadOrigin::NoDomain),
    }
}

/// Without the list of public suffixes, two labels are taken for a registrable domain.
#[cfg(not(feature = "psl"))]
fn narrow(host: &str) -> Result<(), OverbroadOrigin> {
    let labels = host.split('.').filter(|label| !label.is_empty()).count();
    match labels >= 2 && !ends_in_number(host) {
        true => Ok(()),
        false => Err(OverbroadOrigin::NoDomain),
    }
}
