//! Origins that never match, let in strangers, or say what another one says.

use super::catalogue::{
    O01, O02, O03, O04, O05, O06, O07, O08, O09, O10, O11, O12, O13, O15, O16, O17, O19, O20, O21, O22, R03,
};
use super::{Lint, LintKind};
use crate::config::CorsRule;
use crate::config::Location;
use crate::pattern::CoverIndex;
use crate::pattern::OverbroadOrigin;
use crate::pattern::Pattern;
use crate::pattern::Quoted;
use crate::pattern::{faults, host, is_local, normalize, OriginFault};

/// `location` is that of the list.
pub(super) fn find(location: Location, rule: &CorsRule, found: &mut Vec<Lint>) {
    let origins = &rule.allowed_origins;
    // More than one `*` is a problem of its own.
    let patterns = || origins.iter().enumerate().filter(|(_, origin)| origin.matches('*').count() < 2);
    for (index, origin) in patterns() {
        let location = location.with_index(index);
        match faults(origin).as_slice() {
            [] => match OverbroadOrigin::find(origin) {
                Some(wide) => found.push(too_wide(location, origin, wide)),
                None => narrow(location, origin, found),
            },
            faults => never_sent(location, origin, faults, found),
        }
    }
    if let Some(any) = origins.iter().position(|origin| origin == "*") {
        // It covers all others: one lint says so, not one for each.
        return found.extend(beside_any(location.with_index(any), origins));
    }
    let mut covers = CoverIndex::<Option<usize>>::default();
    for (index, origin) in patterns().filter(|(_, origin)| !origin.is_empty()) {
        covers.entry(Pattern::parse_origin(origin)).get_or_insert(index);
    }
    for (index, origin) in patterns().filter(|(_, origin)| !origin.is_empty()) {
        let other = covers.covering(Pattern::parse_origin(origin)).flatten().find(|other| **other != index);
        if let Some(other) = other.and_then(|other| origins.get(*other)) {
            let reason = match other == origin {
                true => "stands twice in the rule".to_owned(),
                false => format!("is covered by {} of the same rule", Quoted(other)),
            };
            found.push(Lint::new(&O20, location.with_index(index), reason).with_value(origin));
        }
        if let Some(apex) =
            apex(origin).filter(|apex| covers.covering(Pattern::Literal(apex)).next().is_none())
        {
            let reason = format!("does not match {}", Quoted(&apex));
            found.push(Lint::new(&O17, location.with_index(index), reason).with_value(origin));
        }
    }
}

/// One lint for each page that knows one of the faults.
fn never_sent(location: Location, origin: &str, faults: &[OriginFault], found: &mut Vec<Lint>) {
    let fix = normalize(origin).filter(|fix| OverbroadOrigin::find(fix).is_none());
    let mut pages: Vec<(&'static LintKind, Vec<&str>)> = Vec::new();
    for fault in faults {
        let page = page_of(*fault);
        match pages.iter_mut().find(|(known, _)| *known == page) {
            Some((_, clauses)) => clauses.push(fault.clause()),
            None => pages.push((page, vec![fault.clause()])),
        }
    }
    found.extend(pages.into_iter().map(|(page, clauses)| {
        let reason = format!("never matches: {}", clauses.join(", "));
        Lint::new(page, location, reason).with_value(origin).with_fix(fix.clone())
    }));
}

fn page_of(fault: OriginFault) -> &'static LintKind {
    match fault {
        OriginFault::Empty => &O19,
        OriginFault::UserInfo | OriginFault::TrailingSlash | OriginFault::Path => &O09,
        OriginFault::UpperCase => &O10,
        OriginFault::DefaultPort => &O11,
        OriginFault::NoScheme | OriginFault::Scheme => &O13,
        OriginFault::Host => &O16,
        OriginFault::Opaque => &O22,
        OriginFault::Several
        | OriginFault::Character
        | OriginFault::NoHost
        | OriginFault::NonAscii
        | OriginFault::BadPort => &O12,
    }
}

fn too_wide(location: Location, origin: &str, wide: OverbroadOrigin) -> Lint {
    let page = match wide {
        OverbroadOrigin::Any => &O01,
        OverbroadOrigin::NoDomain => &O02,
        OverbroadOrigin::NotAtDot | OverbroadOrigin::OpenScheme => &O03,
        OverbroadOrigin::OpenEnd => &O04,
        OverbroadOrigin::PublicSuffix => &O05,
        OverbroadOrigin::Null => &O07,
        OverbroadOrigin::SchemeOnly => &O15,
    };
    let reason = match wide {
        OverbroadOrigin::Any => "matches every origin, so no answer allows credentials".to_owned(),
        OverbroadOrigin::SchemeOnly => {
            "matches every https origin here, and nothing on servers that take it literally".to_owned()
        }
        _ => format!("lets in strangers: {}", wide.reason(origin)),
    };
    Lint::new(page, location, reason).with_value(origin).with_fix(narrower(origin, wide))
}

/// What was likely meant by a pattern whose `*` stands in the wrong location.
fn narrower(origin: &str, wide: OverbroadOrigin) -> Option<String> {
    let (prefix, suffix) = origin.split_once('*')?;
    let narrower = match wide {
        OverbroadOrigin::OpenScheme if suffix.starts_with("://") => format!("https{suffix}"),
        OverbroadOrigin::OpenScheme => format!("https://*{suffix}"),
        OverbroadOrigin::NotAtDot if "https://".starts_with(prefix) => format!("https://*.{suffix}"),
        OverbroadOrigin::NotAtDot => format!("{prefix}*.{suffix}"),
        OverbroadOrigin::OpenEnd if is_local(host(prefix)) => format!("{prefix}:*"),
        OverbroadOrigin::OpenEnd => prefix.to_owned(),
        _ => return None,
    };
    (OverbroadOrigin::find(&narrower).is_none() && faults(&narrower).is_empty()).then_some(narrower)
}

/// Of an origin that a browser sends, or a pattern that holds to one registrable domain.
fn narrow(location: Location, origin: &str, found: &mut Vec<Lint>) {
    let host = host(origin);
    let lint = |page, reason: String| Lint::new(page, location, reason).with_value(origin);
    if let Some((_, domain)) = host.split_once("*.") {
        let domain = Quoted(domain);
        found.push(lint(&O08, format!("trusts every host below {domain}, one that was taken over too")));
    }
    let before_star = origin.split('*').next().unwrap_or_default();
    let is_http = origin.starts_with("http://") || "http://".starts_with(before_star);
    if is_http && !is_local(host) {
        let fix = match origin.strip_prefix("http://") {
            Some(rest) => (rest == host).then(|| format!("https://{rest}")),
            None => origin.starts_with('*').then(|| format!("https://{origin}")),
        };
        let reason = "lets in pages that came without encryption, which anyone on their way can change";
        found.push(lint(&O06, reason.into()).with_fix(fix));
    }
    if let Some(rest) = host.strip_suffix('.') {
        let fix = origin.replacen(host, rest, 1);
        let reason = "matches only where someone typed the dot at its end";
        found.push(lint(&O16, reason.into()).with_fix(Some(fix)));
    }
    if is_local(host) || is_private(host) {
        found.push(lint(&O21, "is the machine of a developer or in a private network".into()));
    }
}

/// Names and addresses that mean another machine in every network.
fn is_private(host: &str) -> bool {
    use std::net::{Ipv4Addr, Ipv6Addr};
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    [".local", ".test", ".internal", ".home.arpa", ".lan"].iter().any(|end| host.ends_with(end))
        || bare.parse().is_ok_and(|address: Ipv4Addr| address.is_private() || address.is_link_local())
        // fc00::/7 and fe80::/10
        || bare.parse().is_ok_and(|address: Ipv6Addr| {
            let [first, ..] = address.segments();
            first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80
        })
}

/// `https://example.com` of `https://*.example.com`.
fn apex(pattern: &str) -> Option<String> {
    let (scheme, domain) = pattern.split_once("*.")?;
    let is_whole =
        scheme.ends_with("://") && OverbroadOrigin::find(pattern).is_none() && faults(pattern).is_empty();
    is_whole.then(|| format!("{scheme}{domain}"))
}

fn beside_any(location: Location, origins: &[String]) -> Option<Lint> {
    let others = origins.iter().filter(|origin| *origin != "*").count();
    let (word, them) = match others {
        0 => return None,
        1 => ("origin", "it"),
        _ => ("origins", "them"),
    };
    let reason = format!(
        "stands beside {others} other {word}: the answer to {them} is \"*\" too, without credentials"
    );
    Some(Lint::new(&R03, location, reason).with_value("*"))
}
