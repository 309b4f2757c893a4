//! A written origin taken apart, whatever it is.

/// The parts of a written origin, some of which no origin has.
pub(super) struct OriginParts<'a> {
    /// What stands before the host.
    pub(super) head: &'a str,
    pub(super) scheme: Scheme<'a>,
    pub(super) user_info: bool,
    /// With the `*`, if that is not in the scheme or the port.
    pub(super) host: &'a str,
    pub(super) port: Option<&'a str>,
    /// From the first `/`, `?` or `#` after the host.
    pub(super) rest: &'a str,
}

pub(super) enum Scheme<'a> {
    Named(&'a str),
    /// The `*` stands for the scheme or a part of it.
    Open,
    Missing,
}

impl<'a> OriginParts<'a> {
    pub(super) fn of(origin: &'a str) -> Self {
        let (scheme, authority) = split_scheme(origin);
        let head = origin.strip_suffix(authority).unwrap_or_default();
        let end = authority.find(['/', '?', '#']).unwrap_or(authority.len());
        let (authority, rest) = authority.split_at(end);
        let (user_info, authority) = match authority.rsplit_once('@') {
            Some((_, authority)) => (true, authority),
            None => (false, authority),
        };
        let (host, port) = split_port(authority);
        OriginParts { head, scheme, user_info, host, port, rest }
    }

    fn named(&self) -> &'a str {
        match self.scheme {
            Scheme::Named(scheme) => scheme,
            Scheme::Open | Scheme::Missing => "",
        }
    }

    pub(super) fn has_no_page(&self) -> bool {
        ["ws", "wss", "ftp"].iter().any(|scheme| scheme.eq_ignore_ascii_case(self.named()))
    }

    pub(super) fn has_upper_case(&self) -> bool {
        [self.head, self.host].iter().any(|part| part.bytes().any(|b| b.is_ascii_uppercase()))
    }

    pub(super) fn has_default_port(&self) -> bool {
        self.port.is_some() && self.port == default_port(&self.named().to_ascii_lowercase())
    }
}

fn split_scheme(origin: &str) -> (Scheme<'_>, &str) {
    if let Some((scheme, authority)) = origin.split_once("://") {
        if !scheme.contains(['/', '?', '#', '@', ':']) && !scheme.is_empty() {
            return match scheme.contains('*') {
                true => (Scheme::Open, authority),
                false => (Scheme::Named(scheme), authority),
            };
        }
    }
    let star = origin.find('*').unwrap_or(origin.len());
    let (before, from_star) = origin.split_at(star);
    if from_star.is_empty() || !begins_origin(before) {
        return (Scheme::Missing, origin.strip_prefix("//").unwrap_or(origin));
    }
    // In `*//example.com` the slashes are the scheme's, in `*/` they are a path.
    let behind = from_star.trim_start_matches('*').trim_start_matches('/');
    match from_star.starts_with("*/") && !behind.is_empty() {
        true => (Scheme::Open, behind),
        false => (Scheme::Open, from_star),
    }
}

/// Whether an origin of a browser, or of an app built on one, starts like this before its `://` ends.
fn begins_origin(text: &str) -> bool {
    const SCHEMES: [&str; 8] = [
        "http://",
        "https://",
        "capacitor://",
        "chrome-extension://",
        "ionic://",
        "moz-extension://",
        "safari-web-extension://",
        "tauri://",
    ];
    let text = text.to_ascii_lowercase();
    SCHEMES.iter().any(|scheme| scheme.starts_with(&text))
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    let after_address = authority.rfind(']').map_or(0, |at| at + 1);
    let (_, after) = authority.split_at(after_address);
    // Several colons outside of brackets are an address, not a port.
    match (after.find(':'), after.matches(':').count()) {
        (Some(at), 1) => {
            let (host, port) = authority.split_at(after_address + at);
            (host, port.strip_prefix(':'))
        }
        _ => (authority, None),
    }
}

pub(super) fn default_port(scheme: &str) -> Option<&'static str> {
    match scheme {
        "http" => Some("80"),
        "https" => Some("443"),
        _ => None,
    }
}
