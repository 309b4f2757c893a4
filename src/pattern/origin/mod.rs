//! Compares a written origin with the way browsers write origins.
//!
//! Browsers send what the HTML standard calls the
//! [serialization of an origin](https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin).

mod parts;

use std::iter;
use std::net::Ipv4Addr;

use super::{is_in, Pattern};
pub(crate) use parts::{ends_in_number, in_brackets};
use parts::{is_default_port, is_port, sent_host, OriginParts};

macro_rules! faults {
    ($($fault:ident $clause:literal;)*) => {
        /// A reason why no browser sends a written origin, so that no request matches it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum OriginFault {
            $($fault,)*
        }

        impl OriginFault {
            /// The reason as a clause, which may follow "never matches: ".
            pub(crate) fn clause(self) -> &'static str {
                match self {
                    $(OriginFault::$fault => $clause,)*
                }
            }

            pub(crate) fn clauses(faults: &[OriginFault]) -> String {
                faults.iter().map(|fault| fault.clause()).collect::<Vec<_>>().join(", ")
            }
        }
    };
}

faults! {
    Empty "it is empty";
    Placeholder "it has a placeholder that was not filled in";
    Several "it holds several origins, each is an entry of its own";
    Character "it has a character that no origin has";
    NoScheme "it has no scheme";
    SchemeForm "the scheme is written once and followed by \"://\"";
    Scheme "no page has an origin with this scheme";
    NoHost "it has no host";
    UserInfo "an origin has no user name or password";
    UpperCase "browsers send scheme and host in lower case";
    NonAscii "browsers send this host in punycode";
    Brackets "brackets must hold an IPv6 address";
    EmptyLabel "a host has no dot at its start and no two dots in a row";
    Hyphen "no label of a host begins or ends with \"-\"";
    HostForm "browsers write this host in another form";
    BadPort "a port is a number from 1 to 65535 without leading zeros";
    DefaultPort "browsers leave out the default port of the scheme";
    TrailingSlash "an origin does not end in \"/\"";
    Path "an origin has no path, query or fragment";
}

/// The reasons why no browser's origin matches the written one, which may have one `*`, in the order of
/// [`OriginFault`]. A fault that follows from another one is left out. More than one `*` is no pattern and has none.
pub(crate) fn faults(origin: &str) -> Vec<OriginFault> {
    if let Some(fault) = fault_of_whole(origin) {
        return vec![fault];
    }
    if origin == "https" || origin.matches('*').count() > 1 || Pattern::parse(origin).matches("null") {
        return Vec::new();
    }
    let bare = unquoted(origin);
    let parts = OriginParts::new(bare);
    let no_scheme = parts.scheme.is_empty();
    let host_fault = parts.host_fault();
    // The only origin of a file that is ever sent is `file://`.
    let is_path = parts.scheme == "file" && !matches!((parts.host, parts.rest), ("" | "*", ""));
    let alone = [
        has_bad_character(bare, &parts).then_some(OriginFault::Character),
        (no_scheme && parts.likely_scheme().is_none()).then_some(OriginFault::NoScheme),
        is_path.then_some(OriginFault::Path),
        host_fault.filter(|fault| *fault == OriginFault::NoHost),
    ];
    if let Some(fault) = alone.into_iter().flatten().next() {
        return vec![fault];
    }
    let upper_case = |text: &str| text.bytes().any(|b| b.is_ascii_uppercase());
    let faults = [
        (bare != origin).then_some(OriginFault::Character),
        no_scheme.then_some(OriginFault::NoScheme),
        matches!(parts.scheme.as_str(), "ws" | "wss" | "ftp").then_some(OriginFault::Scheme),
        parts.user_info.then_some(OriginFault::UserInfo),
        (upper_case(parts.head) || host_fault.is_none() && upper_case(parts.host))
            .then_some(OriginFault::UpperCase),
        host_fault,
        parts.port.filter(|port| !is_port(port)).map(|_| OriginFault::BadPort),
        parts.port.filter(|port| is_default_port(&parts.scheme, port)).map(|_| OriginFault::DefaultPort),
        match parts.rest {
            "" => None,
            "/" => Some(OriginFault::TrailingSlash),
            _ => Some(OriginFault::Path),
        },
    ];
    faults.into_iter().flatten().collect()
}

/// A fault beside which no other one counts.
fn fault_of_whole(origin: &str) -> Option<OriginFault> {
    let scheme = origin.split_once(':').map_or("", |(scheme, _)| scheme);
    let has_no_page = ["about", "blob", "data", "javascript"].iter().any(|s| s.eq_ignore_ascii_case(scheme));
    let faults = [
        origin.trim().is_empty().then_some(OriginFault::Empty),
        has_placeholder(origin).then_some(OriginFault::Placeholder),
        has_no_page.then_some(OriginFault::Scheme),
        several_origins(origin).map(|_| OriginFault::Several),
        respelled(origin).map(|_| OriginFault::SchemeForm),
    ];
    faults.into_iter().flatten().next()
}

/// The origin as a browser would send it, or the pattern that would match what browsers send; none if
/// that is not known.
///
/// A missing scheme is taken for `https`, for `http` if the host is the machine itself.
pub(crate) fn normalize(origin: &str) -> Option<String> {
    let bare = match faults(origin).as_slice() {
        [] => return (origin.matches('*').count() < 2).then(|| origin.to_owned()),
        [OriginFault::Empty | OriginFault::Placeholder | OriginFault::Several] => return None,
        [OriginFault::SchemeForm] => return normalize(&respelled(origin)?),
        _ => unquoted(origin),
    };
    let parts = OriginParts::new(bare);
    let host = sent_host(parts.host).filter(|host| !host.is_empty())?;
    let port = parts.port.unwrap_or_default().trim_start_matches('0');
    let scheme = match parts.scheme.as_str() {
        "" => parts.likely_scheme()?.to_owned(),
        "ws" => "http://".into(),
        "wss" => "https://".into(),
        _ => parts.head.to_ascii_lowercase(),
    };
    let is_default = is_default_port(scheme.trim_end_matches("://"), port);
    let sent = if is_default || port.is_empty() { scheme + &host } else { format!("{scheme}{host}:{port}") };
    (port.is_empty() == parts.port.is_none_or(str::is_empty) && faults(&sent).is_empty()).then_some(sent)
}

/// The host of the written origin, with the `*` unless that is in the scheme or the port.
pub(crate) fn host(origin: &str) -> &str {
    OriginParts::new(origin).host
}

/// Whether the host is the machine itself, which the network cannot reach.
pub(crate) fn is_local(host: &str) -> bool {
    is_in("localhost *.localhost [::1]", host) || host.parse().is_ok_and(|ip: Ipv4Addr| ip.is_loopback())
}

/// The origins of an entry that holds several, with commas, semicolons, bars or blanks between them.
pub(crate) fn several_origins(entry: &str) -> Option<Vec<&str>> {
    let list = in_brackets(entry.trim()).filter(|array| array.starts_with(['"', '\''])).unwrap_or(entry);
    let origins = list.split(|c: char| c.is_whitespace() || ",;|".contains(c)).map(unquoted);
    let origins: Vec<&str> = origins.filter(|origin| !origin.is_empty()).collect();
    let with_scheme = origins.iter().filter(|origin| origin.contains("://")).count();
    // One blank may be a slip within one origin, as in `https://a b.example`.
    let is_list = entry.contains([',', ';', '|']) || with_scheme == 0 || with_scheme == origins.len();
    let is_origin = |origin: &&str| {
        let is_whole = origin.contains("://") || matches!(*origin, "*" | "null") || has_host(origin);
        is_whole && !origin.contains(['(', ')', '{', '}'])
    };
    (origins.len() > 1 && is_list && origins.iter().all(is_origin)).then_some(origins)
}

/// Whether text without a scheme begins with a host.
fn has_host(text: &str) -> bool {
    let host = text.split(['/', '?', '#']).next().unwrap_or(text);
    host.contains('.') || is_local(host.split(':').next().unwrap_or(host))
}

/// The origin without the quotes, commas and blanks around it.
fn unquoted(origin: &str) -> &str {
    origin.trim_matches(|c: char| c.is_whitespace() || "\"'`,;<>".contains(c))
}

/// The origin with one scheme and `://`, if it is written in another way.
fn respelled(origin: &str) -> Option<String> {
    let bare = unquoted(origin);
    let schemes = iter::successors(split_web_scheme(bare), |(_, rest)| split_web_scheme(rest));
    let schemes: Vec<_> = schemes.collect();
    let (scheme, rest) = schemes.last()?;
    // The `*` of `https:*.example.com` matches the slashes.
    let is_meant = has_host(rest) && (schemes.len() > 1 || !rest.starts_with('*'));
    let respelled = format!("{scheme}://{rest}");
    (is_meant && !respelled.eq_ignore_ascii_case(bare)).then_some(respelled)
}

/// Splits after `http` or `https` and any number of colons and slashes.
fn split_web_scheme(text: &str) -> Option<(&'static str, &str)> {
    ["https", "http"].into_iter().find_map(|scheme| {
        let (head, rest) = text.split_at_checked(scheme.len())?;
        let after = rest.trim_start_matches([':', ';', '/']);
        (head.eq_ignore_ascii_case(scheme) && after.len() < rest.len()).then_some((scheme, after))
    })
}

/// Whether it has a variable of a template: `{x}`, `${x}`, `$X`, `<x>`, `%X%`, `%s`, or a name such as `YOUR_DOMAIN`.
fn has_placeholder(origin: &str) -> bool {
    let is_enclosed = |open: char, close: char| {
        let name = origin.split_once(open).and_then(|(_, rest)| rest.split_once(close)).unwrap_or_default().0;
        // Neither `%C3%`, which encodes a byte, nor `{a,b}`.
        let is_name = name.len() > 2 || open != '%';
        is_name && name.contains(|c: char| c.is_ascii_alphabetic()) && !name.contains(['/', ',', '|'])
    };
    let mut after_dollars = origin.split('$').skip(1);
    [('{', '}'), ('<', '>'), ('%', '%')].iter().any(|(open, close)| is_enclosed(*open, *close))
        || origin.contains("%s")
        || after_dollars.any(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || "_({".contains(c)))
        || origin.split(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c)).any(is_placeholder_name)
}

/// Whether a label is `YOUR_DOMAIN`, `your-domain`, `yourdomain`, `APP_URL`, `DOMAIN` and the like.
fn is_placeholder_name(label: &str) -> bool {
    const WORDS: &str =
        "app bucket company domain domainname host hostname name origin server site url website";
    let is_word = |word: &str| is_in(WORDS, &word.to_ascii_lowercase());
    let has = |is: fn(&u8) -> bool| label.as_bytes().iter().any(is);
    let is_upper = has(u8::is_ascii_uppercase) && !has(u8::is_ascii_lowercase);
    let (head, rest) = label.split_at_checked(4).unwrap_or_default();
    let is_yours = head.eq_ignore_ascii_case("your") && rest.split(['-', '_']).any(is_word);
    is_yours || is_upper && (label.contains('_') || is_in("DOMAIN HOST HOSTNAME TENANT", label))
}

fn has_bad_character(origin: &str, parts: &OriginParts<'_>) -> bool {
    let in_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.*:/".contains(c);
    let in_host = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "-._*:".contains(c);
    origin.chars().any(|c| c.is_control() || c.is_whitespace())
        || !parts.head.chars().all(in_scheme)
        || !in_brackets(parts.host).unwrap_or(parts.host).chars().all(in_host)
}

#[cfg(test)]
mod tests {
    use super::{faults, normalize};
    use serde_json::Value;

    #[test]
    fn faults_and_normalized_origins_are_as_listed() {
        let cases: Vec<Value> =
            serde_json::from_str(include_str!("../../../tests/corpus/origins.json")).unwrap();
        for case in cases {
            let origin = case["origin"].as_str().unwrap();
            let found: Vec<String> = faults(origin).iter().map(|fault| format!("{fault:?}")).collect();
            assert_eq!(Value::from(found), case["faults"], "{origin:?}");
            assert_eq!(Value::from(normalize(origin)), case["normalized"], "{origin:?}");
        }
    }
}
