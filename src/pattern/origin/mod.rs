//! A written origin held against the way browsers write origins.
//!
//! Browsers send what the HTML standard calls the
//! [serialization of an origin](https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin).

mod parts;

use std::net::{Ipv4Addr, Ipv6Addr};

use parts::{default_port, OriginParts, Scheme};

/// Something of a written origin that no browser ever sends, so that no request matches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OriginFault {
    Empty,
    /// Two origins or more, with a comma or a blank between them.
    Several,
    /// A blank, a control character, a quote, or what else no host has.
    Character,
    /// `file:` or `data:`, for which browsers send `null`.
    Opaque,
    NoScheme,
    /// `ws:`, `wss:` or `ftp:`, which no page has.
    Scheme,
    NoHost,
    UserInfo,
    UpperCase,
    NonAscii,
    /// An address in another form than the standard's, or a dot at the start.
    Host,
    BadPort,
    DefaultPort,
    TrailingSlash,
    /// A path, a query or a fragment.
    Path,
}

impl OriginFault {
    /// The reason as a clause, which may follow "never matches: ".
    pub(crate) fn clause(self) -> &'static str {
        match self {
            OriginFault::Empty => "it is empty",
            OriginFault::Several => "it holds several origins, each is an entry of its own",
            OriginFault::Character => "it has a character that no origin has",
            OriginFault::Opaque => "browsers send \"null\" for it",
            OriginFault::NoScheme => "it has no scheme",
            OriginFault::Scheme => "no page has an origin with this scheme",
            OriginFault::NoHost => "it has no host",
            OriginFault::UserInfo => "an origin has no user name or password",
            OriginFault::UpperCase => "browsers send scheme and host in lower case",
            OriginFault::NonAscii => "browsers send this host in punycode",
            OriginFault::Host => "browsers write this host in another form",
            OriginFault::BadPort => "a port is a number from 1 to 65535 without leading zeros",
            OriginFault::DefaultPort => "browsers leave out the default port of the scheme",
            OriginFault::TrailingSlash => "an origin does not end in \"/\"",
            OriginFault::Path => "an origin has no path, query or fragment",
        }
    }
}

/// What keeps every browser's origin from matching the written one, which may have one `*`; in the order
/// of [`OriginFault`]. Nothing is said of more than one `*`, which is no pattern.
pub(crate) fn faults(origin: &str) -> Vec<OriginFault> {
    if origin.trim().is_empty() {
        return vec![OriginFault::Empty];
    }
    if origin == "https" || origin.matches('*').count() > 1 || matches_null(origin) {
        return Vec::new();
    }
    if is_opaque(origin) {
        return vec![OriginFault::Opaque];
    }
    if is_list(origin) {
        return vec![OriginFault::Several];
    }
    let written = OriginParts::of(origin);
    [
        (has_bad_character(origin, &written), OriginFault::Character),
        (matches!(written.scheme, Scheme::Missing), OriginFault::NoScheme),
        (written.has_no_page(), OriginFault::Scheme),
        (written.host.is_empty() && !matches!(written.scheme, Scheme::Missing), OriginFault::NoHost),
        (written.user_info, OriginFault::UserInfo),
        (written.has_upper_case(), OriginFault::UpperCase),
        (!written.host.is_ascii(), OriginFault::NonAscii),
        (sent_host(written.host).as_deref() != Some(&written.host.to_lowercase()), OriginFault::Host),
        (written.port.is_some_and(|port| !is_port(port)), OriginFault::BadPort),
        (written.has_default_port(), OriginFault::DefaultPort),
        (written.rest == "/", OriginFault::TrailingSlash),
        (!matches!(written.rest, "" | "/"), OriginFault::Path),
    ]
    .into_iter()
    .filter_map(|(is_so, fault)| is_so.then_some(fault))
    .collect()
}

/// The origin as a browser would send it, or the pattern that would match what browsers send; none if
/// that cannot be told.
///
/// Where the scheme is missing it is taken for `https`, on the machine itself for `http`.
pub(crate) fn normalize(origin: &str) -> Option<String> {
    let origin = origin.trim();
    let written = match faults(origin).as_slice() {
        [] if origin.matches('*').count() > 1 => return None,
        [] => return Some(origin.to_owned()),
        [OriginFault::Empty | OriginFault::Several | OriginFault::Opaque] => return None,
        _ => OriginParts::of(origin),
    };
    let host = sent_host(written.host)?;
    let port = written.port.map_or(Some(String::new()), sent_port)?;
    let head = match written.scheme {
        Scheme::Missing => likely_scheme(&host, &port)?.to_owned(),
        _ => sent_head(written.head),
    };
    let sent = match default_port(head.trim_end_matches("://")) {
        Some(default) if port.strip_prefix(':') == Some(default) => head + &host,
        _ => head + &host + &port,
    };
    faults(&sent).is_empty().then_some(sent)
}

/// The host of the written origin, with the `*` if that is not in the scheme or the port.
pub(crate) fn host(origin: &str) -> &str {
    OriginParts::of(origin).host
}

/// Whether the host is the machine itself, to which the network has no access.
pub(crate) fn is_local(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "[::1]"
        || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
}

/// Whether it is `null` or a pattern that matches it.
pub(crate) fn matches_null(pattern: &str) -> bool {
    match pattern.split_once('*') {
        Some((prefix, suffix)) => "null".strip_prefix(prefix).is_some_and(|left| left.ends_with(suffix)),
        None => pattern == "null",
    }
}

fn is_opaque(origin: &str) -> bool {
    let scheme = origin.split(':').next().filter(|scheme| scheme.len() < origin.len()).unwrap_or_default();
    ["file", "data"].iter().any(|opaque| opaque.eq_ignore_ascii_case(scheme))
}

fn is_list(origin: &str) -> bool {
    let entries = origin.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    entries.filter(|entry| entry.contains("://")).count() > 1
}

fn has_bad_character(origin: &str, written: &OriginParts<'_>) -> bool {
    let in_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.*:/".contains(c);
    let in_host = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "-._*:".contains(c);
    let host = written.host;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    origin.chars().any(|c| c.is_control() || c.is_whitespace())
        || !written.head.chars().all(in_scheme)
        || !host.chars().all(in_host)
}

/// The host in lower case, an address in its standard form
/// ([host serializing](https://url.spec.whatwg.org/#host-serializing)).
fn sent_host(host: &str) -> Option<String> {
    let host = host.to_lowercase();
    if host.starts_with('.') || host.ends_with("..") {
        return None;
    }
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&host);
    match host.contains('*') {
        true => Some(host),
        false if bare.contains(':') => Some(format!("[{}]", sent_address(bare.parse().ok()?))),
        false if ends_in_number(&host) => {
            // Unlike a name's, the dot at an address's end is dropped.
            let address = host.strip_suffix('.').unwrap_or(&host);
            Some(address.parse::<Ipv4Addr>().ok()?.to_string())
        }
        false => Some(host),
    }
}

/// The standard has no dotted form for what maps an IPv4 address.
fn sent_address(address: Ipv6Addr) -> String {
    match (address.to_ipv4_mapped(), address.segments()) {
        (Some(_), [.., high, low]) => format!("::ffff:{high:x}:{low:x}"),
        _ => address.to_string(),
    }
}

/// Whether some port of a browser matches.
fn is_port(port: &str) -> bool {
    let digits = port.replacen('*', "", 1);
    let number = digits.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0');
    // `80*` also matches longer ones, but none that has more than five digits.
    number && (digits.parse::<u16>().is_ok() || port == "*")
}

/// `:` with the port that was meant, nothing for an empty one.
fn sent_port(port: &str) -> Option<String> {
    let number = port.trim_start_matches('0');
    match port {
        "" => Some(String::new()),
        _ => is_port(number).then(|| format!(":{number}")),
    }
}

fn sent_head(head: &str) -> String {
    let head = head.to_ascii_lowercase();
    match head.as_str() {
        "ws://" => "http://".into(),
        "wss://" => "https://".into(),
        _ => head,
    }
}

/// The scheme of a name that is likely a host: it has a dot or a port, or is the machine itself.
fn likely_scheme(host: &str, port: &str) -> Option<&'static str> {
    match is_local(host) {
        true => Some("http://"),
        false => (host.contains('.') || !port.is_empty()).then_some("https://"),
    }
}

/// A host whose last label is a number is an IPv4 address (URL standard, "ends in a number").
pub(crate) fn ends_in_number(host: &str) -> bool {
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or(host);
    !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests;
