//! The parts of a written origin, and how browsers write its host.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{is_local, OriginFault};

/// A written origin split into parts, some of which no origin has.
pub(super) struct OriginParts<'a> {
    /// The text before the host.
    pub(super) head: &'a str,
    /// In lower case; empty if it is missing, `*` if the `*` matches it or a part of it.
    pub(super) scheme: String,
    pub(super) user_info: bool,
    /// With the `*`, unless that is in the scheme or the port.
    pub(super) host: &'a str,
    pub(super) port: Option<&'a str>,
    /// From the first `/`, `?` or `#` after the host.
    pub(super) rest: &'a str,
}

impl<'a> OriginParts<'a> {
    pub(super) fn new(origin: &'a str) -> Self {
        let (scheme, authority) = split_scheme(origin);
        let head = origin.strip_suffix(authority).unwrap_or_default();
        let end = authority.find(['/', '?', '#']).unwrap_or(authority.len());
        let (authority, rest) = authority.split_at(end);
        let user_info = authority.contains('@');
        let (host, port) = split_port(authority.rsplit('@').next().unwrap_or_default());
        OriginParts { head, scheme: scheme.to_ascii_lowercase(), user_info, host, port, rest }
    }

    /// The scheme to add if none is written: only a name with a dot or a port, or that of the machine itself, is
    /// likely to be a host.
    pub(super) fn likely_scheme(&self) -> Option<&'static str> {
        let has_port = !self.port.unwrap_or_default().is_empty() && !matches!(self.host, "http" | "https");
        match sent_host(self.host) {
            Some(host) if is_local(&host) => Some("http://"),
            _ => (self.host.contains('.') || has_port).then_some("https://"),
        }
    }

    /// Why no browser sends this host.
    pub(super) fn host_fault(&self) -> Option<OriginFault> {
        let host = self.host.to_lowercase();
        let mut labels = host.strip_suffix('.').unwrap_or(&host).split('.');
        // Applications choose the hosts of their own schemes freely: Electron has `app://-`.
        let is_web = matches!(self.scheme.as_str(), "" | "*" | "http" | "https" | "ws" | "wss");
        if host.is_empty() {
            (self.scheme != "file").then_some(OriginFault::NoHost)
        } else if in_brackets(&host).is_some_and(|address| !is_address(address)) {
            Some(OriginFault::Brackets)
        } else if !host.is_ascii() {
            Some(OriginFault::NonAscii)
        } else if labels.clone().any(str::is_empty) {
            Some(OriginFault::EmptyLabel)
        } else if is_web && labels.any(|label| label.starts_with('-') || label.ends_with('-')) {
            Some(OriginFault::Hyphen)
        } else {
            (sent_host(&host).as_deref() != Some(&*host)).then_some(OriginFault::HostForm)
        }
    }
}

fn split_scheme(origin: &str) -> (&str, &str) {
    if let Some((scheme, authority)) = origin.split_once("://") {
        if !scheme.contains(['/', '?', '#', '@', ':']) && !scheme.is_empty() {
            return (if scheme.contains('*') { "*" } else { scheme }, authority);
        }
    }
    let star = origin.find('*').unwrap_or(origin.len());
    let (before, from_star) = origin.split_at(star);
    if from_star.is_empty() || !begins_origin(before) {
        return ("", origin.strip_prefix("//").unwrap_or(origin));
    }
    // In `*//example.com` the slashes belong to the scheme, in `*/` they are a path.
    let after = from_star.trim_start_matches('*').trim_start_matches('/');
    let is_scheme = from_star.starts_with("*/") && !after.is_empty();
    ("*", if is_scheme { after } else { from_star })
}

/// Whether an origin of a browser, or of an app built on one, starts like this before its `://` ends.
fn begins_origin(text: &str) -> bool {
    const SCHEMES: &str = "http:// https:// capacitor:// chrome-extension:// ionic:// moz-extension:// \
                           safari-web-extension:// tauri://";
    let text = text.to_ascii_lowercase();
    SCHEMES.split(' ').any(|scheme| scheme.starts_with(&text))
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    let outside = authority.rsplit(']').next().unwrap_or_default();
    match authority.rsplit_once(':') {
        // Several colons outside of brackets are an address, not a port.
        Some((host, port)) if outside.matches(':').count() == 1 => (host, Some(port)),
        _ => (authority, None),
    }
}

pub(super) fn is_default_port(scheme: &str, port: &str) -> bool {
    matches!((scheme, port), ("http", "80") | ("https", "443"))
}

/// Whether some port that a browser sends matches.
pub(super) fn is_port(port: &str) -> bool {
    let digits = port.replacen('*', "", 1);
    let number = digits.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0');
    // `80*` also matches longer ports, but none that has more than five digits.
    number && (digits.parse::<u16>().is_ok() || port == "*")
}

/// The text between the brackets of an IPv6 address, or of an array.
pub(crate) fn in_brackets(host: &str) -> Option<&str> {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']'))
}

/// Whether it is an IPv6 address, or a pattern of one.
fn is_address(text: &str) -> bool {
    let is_pattern = text.contains('*') && text.bytes().all(|b| b.is_ascii_hexdigit() || b":.*".contains(&b));
    is_pattern || text.parse::<Ipv6Addr>().is_ok()
}

/// The host in lower case, a name in ASCII, an address in its standard form
/// ([host serializing](https://url.spec.whatwg.org/#host-serializing)); none if that is not known.
pub(super) fn sent_host(host: &str) -> Option<String> {
    let host = host.to_lowercase();
    if !host.is_ascii() {
        return Some(host.split('.').map(ascii_label).collect::<Option<Vec<String>>>()?.join("."));
    }
    let bare = in_brackets(&host).unwrap_or(&host);
    let is_address = host.contains(':') && !host.starts_with('[');
    let is_pattern = host.contains('*') && !is_address;
    if !is_pattern && bare.contains(':') {
        Some(format!("[{}]", sent_address(bare.parse().ok()?)))
    } else if !is_pattern && ends_in_number(&host) {
        Some(ipv4(&host)?.to_string())
    } else {
        Some(host)
    }
}

/// The standard has no dotted form for addresses that map an IPv4 address.
fn sent_address(address: Ipv6Addr) -> String {
    match (address.to_ipv4_mapped(), address.segments()) {
        (Some(_), [.., high, low]) => format!("::ffff:{high:x}:{low:x}"),
        _ => address.to_string(),
    }
}

/// Whether the host is an IPv4 address, because its last label is a number (URL standard, "ends in a number").
pub(crate) fn ends_in_number(host: &str) -> bool {
    let last = host.strip_suffix('.').unwrap_or(host).rsplit('.').next().unwrap_or(host);
    let decimal = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
    decimal || last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The address that browsers read in a host such as `127.1`, `0x7f000001` or `0177.0.0.1` (URL standard,
/// "IPv4 parser").
fn ipv4(host: &str) -> Option<Ipv4Addr> {
    let labels = host.strip_suffix('.').unwrap_or(host).split('.');
    let numbers = labels.map(ipv4_number).collect::<Option<Vec<u64>>>()?;
    let (last, bytes) = numbers.split_last()?;
    let fits = bytes.len() < 4 && bytes.iter().all(|byte| *byte < 256) && *last < 1 << (32 - 8 * bytes.len());
    let high = bytes.iter().zip([24, 16, 8]).fold(0, |high, (byte, shift)| high | byte << shift);
    fits.then_some(Ipv4Addr::from((high | last) as u32))
}

fn ipv4_number(label: &str) -> Option<u64> {
    let (digits, radix) = match label.strip_prefix("0x") {
        // The standard reads it as 0.
        Some("") => ("0", 16),
        Some(digits) => (digits, 16),
        None if label.len() > 1 && label.starts_with('0') => (label, 8),
        None => (label, 10),
    };
    // The library would read a sign.
    digits.chars().all(|c| c.is_digit(radix)).then(|| u64::from_str_radix(digits, radix).ok())?
}

/// The label as browsers send it. IDNA's tables are not used: there is an answer only for letters that they do not
/// change beyond lower case, and not for a label with a `*`, whose code would depend on what the `*` matches.
fn ascii_label(label: &str) -> Option<String> {
    const LONGEST: usize = 63;
    let is_plain = |c: char| {
        let european =
            matches!(c, 'à'..='ö' | 'ø'..='ı' | 'ĵ'..='ľ' | 'ł'..='ň' | 'ŋ'..='ž' | 'ά'..='ώ' | 'а'..='џ');
        let asian = matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | '一'..='鿿' | '가'..='힣');
        c.is_ascii_alphanumeric() || c == '-' || (european && c != 'ς') || asian
    };
    if label.is_ascii() {
        return Some(label.to_owned());
    }
    let is_known = label.chars().count() <= LONGEST && label.chars().all(is_plain);
    let code = is_known.then(|| punycode::encode(label).ok())??;
    (code.len() <= LONGEST - "xn--".len()).then(|| format!("xn--{code}"))
}
