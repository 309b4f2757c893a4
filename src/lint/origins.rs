//! Origins that never match, that match pages of strangers, or that another entry covers, and what to write instead.

use std::net::IpAddr;

use super::catalogue::*;
use super::rules::RuleIndex;
use super::{several, Finding, Lint, LintKind, Severity};
use crate::config::{CorsRule, Field, Location};
use crate::pattern::{faults, host, in_brackets, is_in, is_local, normalize, several_origins};
use crate::pattern::{CoverIndex, OriginFault, OverbroadOrigin, Pattern, Quoted};

/// Hosts on which anybody can publish pages, after what has such a host in common. In a host, `*` is one label or a part
/// of it. Hosts that never serve pages are not listed: raw.githubusercontent.com sends text with a sandbox policy.
const SHARED: &str = include_str!("shared_hosts.tsv");

/// An origin of a rule, with its index.
pub(super) type Entry<'r> = (usize, &'r str);

/// The origins of the rule that a browser may send. Others cover nothing and have a lint of their own.
pub(super) fn live(rule: &CorsRule) -> impl Iterator<Item = Entry<'_>> {
    let origins = rule.allowed_origins.iter().map(String::as_str).enumerate();
    origins.filter(|(_, origin)| is_pattern(origin) && faults(origin).is_empty())
}

pub(super) fn find(number: usize, rule: &CorsRule, index: &RuleIndex<'_>, found: &mut Vec<Lint>) {
    let location = Location::rule(number).with_field(Field::AllowedOrigins);
    for (entry, origin) in rule.allowed_origins.iter().enumerate() {
        let faults = faults(origin);
        let is_never_sent = !faults.is_empty();
        for (kind, reason) in findings(origin, faults) {
            let fix = fix(kind, origin).filter(|fix| !index.never_decides(number, fix));
            let is_fix_certain = fix.is_some() && is_never_sent;
            let lint = Lint::new(kind, location.with_index(entry), reason).with_value(origin);
            found.push(Lint { fix, is_fix_certain, ..lint });
        }
    }
    let live: Vec<_> = live(rule).collect();
    found.extend(development(location, &live));
    match live.iter().find(|(_, origin)| *origin == "*") {
        // It covers all others: one lint says so, not one for each.
        Some((any, _)) => found.extend(beside_any(location.with_index(*any), &live)),
        None => covered(number, &live, index, found),
    }
}

/// Whether it has at most one `*`; more are a problem and no lint.
fn is_pattern(origin: &str) -> bool {
    origin.matches('*').count() < 2
}

/// Finds what is wrong with an entry whatever the others are.
fn findings(origin: &str, faults: Vec<OriginFault>) -> Vec<Finding> {
    if !faults.is_empty() {
        never_sent(origin, faults)
    } else if is_pattern(origin) {
        overbroad(origin).map_or_else(|| about_live(origin), |finding| vec![finding])
    } else {
        Vec::new()
    }
}

/// One finding for each kind of lint, with all faults of that kind.
fn never_sent(origin: &str, mut faults: Vec<OriginFault>) -> Vec<Finding> {
    faults.sort_by_key(|fault| kind_of(*fault).id());
    let of_one_kind = faults.chunk_by(|a, b| kind_of(*a) == kind_of(*b));
    let found = of_one_kind.filter_map(|faults| {
        let reason = match faults {
            [OriginFault::Placeholder] => "has a placeholder that was not filled in".into(),
            [OriginFault::Several] => {
                let origins = several_origins(origin).unwrap_or_default().into_iter();
                let origins = origins.map(|origin| normalize(origin).unwrap_or_else(|| origin.to_owned()));
                several("origins", &origins.collect::<Vec<_>>())
            }
            _ => format!("never matches: {}", OriginFault::clauses(faults)),
        };
        Some((kind_of(*faults.first()?), reason))
    });
    found.collect()
}

fn kind_of(fault: OriginFault) -> &'static LintKind {
    match fault {
        OriginFault::Empty => &O19,
        OriginFault::Placeholder => &O25,
        OriginFault::UserInfo | OriginFault::TrailingSlash | OriginFault::Path => &O09,
        OriginFault::UpperCase => &O10,
        OriginFault::DefaultPort => &O11,
        OriginFault::NoScheme | OriginFault::SchemeForm | OriginFault::Scheme => &O13,
        OriginFault::HostForm | OriginFault::EmptyLabel => &O16,
        OriginFault::Hyphen => &O24,
        _ => &O12,
    }
}

fn overbroad(origin: &str) -> Option<Finding> {
    let overbroad = OverbroadOrigin::find(origin)?;
    let strangers = || format!("lets in strangers: {}", overbroad.reason(origin));
    Some(match overbroad {
        OverbroadOrigin::Any => (&O01, "matches every origin, so no response allows credentials".into()),
        OverbroadOrigin::SchemeOnly => {
            (&O15, "matches every https origin here, and nothing on servers that compare it literally".into())
        }
        OverbroadOrigin::NotAtDot | OverbroadOrigin::OpenScheme => (&O03, strangers()),
        OverbroadOrigin::OpenEnd => (&O04, strangers()),
        OverbroadOrigin::PublicSuffix => (&O05, strangers()),
        OverbroadOrigin::Null => (&O07, strangers()),
        _ => (&O02, strangers()),
    })
}

/// About an origin that a browser sends, or a pattern below one registrable domain.
fn about_live(origin: &str) -> Vec<Finding> {
    let host = host(origin);
    let mut found: Vec<Finding> = Vec::new();
    if let Some((_, domain)) = host.split_once('*').and_then(|(_, after)| after.split_once('.')) {
        let domain = Quoted(domain);
        let reason =
            format!("trusts every matching host below {domain}, even one that an attacker took over");
        found.push((&O08, reason));
    }
    if origin.starts_with("http://") && !is_development(host) {
        let reason = "matches pages that were sent without encryption, which anyone on the way can change";
        found.push((&O06, reason.into()));
    }
    if host.ends_with('.') {
        found.push((&O16, "matches only if the user typed the dot at the end".into()));
    }
    if origin.starts_with("file://") {
        let reason = "matches only some web views: browsers send \"null\" from pages opened from a file";
        found.push((&O22, reason.into()));
    }
    let mut shared = SHARED.lines().filter_map(|row| row.split_once('\t'));
    if let Some((what, _)) = shared.find(|(_, hosts)| is_shared(hosts, host)) {
        found.push((&O23, format!("lets in strangers: {what} have this origin and differ by path only")));
    }
    found
}

/// A `*` is one or more characters of one label.
fn is_shared(hosts: &str, host: &str) -> bool {
    let labels = |host: &str| host.split('.').count();
    let is_alike = |shared: &&str| labels(shared) == labels(host) && shared.len() <= host.len();
    hosts.split(' ').filter(is_alike).any(|shared| Pattern::parse(shared).matches(host))
}

/// One lint for all such origins of a rule.
fn development(location: Location, live: &[Entry<'_>]) -> Option<Lint> {
    let is_found = |origin| is_development(host(origin)) && OverbroadOrigin::find(origin).is_none();
    let mut found = live.iter().filter(|(_, origin)| is_found(origin));
    let (entry, origin) = found.next()?;
    let more = match found.count() {
        0 => String::new(),
        more => format!(", like {more} more of this rule"),
    };
    let reason = format!("is the machine of a developer or in a private network{more}");
    Some(Lint::new(&O21, location.with_index(*entry), reason).with_value(*origin))
}

/// Whether it is the machine itself, or a name or an address that means another machine in every network.
fn is_development(host: &str) -> bool {
    let is_private = match in_brackets(host).unwrap_or(host).parse() {
        Ok(IpAddr::V4(address)) => address.is_private() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => address.is_unique_local() || address.is_unicast_link_local(),
        Err(_) => is_in("*.local *.test *.internal *.home.arpa *.lan", host),
    };
    is_private || is_local(host)
}

fn beside_any(location: Location, live: &[Entry<'_>]) -> Option<Lint> {
    let (others, them) = match live.iter().filter(|(_, origin)| *origin != "*").count() {
        0 => return None,
        1 => ("1 other origin".to_owned(), "it"),
        more => (format!("{more} other origins"), "them"),
    };
    let reason = format!("is listed with {others}: the answer to {them} is \"*\" too, without credentials");
    Some(Lint::new(&R03, location, reason).with_value("*"))
}

fn covered(number: usize, live: &[Entry<'_>], index: &RuleIndex<'_>, found: &mut Vec<Lint>) {
    let mut covers = CoverIndex::<Option<Entry<'_>>>::default();
    for (entry, origin) in live {
        covers.entry(Pattern::parse_origin(origin)).get_or_insert((*entry, origin));
    }
    for (entry, origin) in live {
        let location = Location::rule(number).with_field(Field::AllowedOrigins).with_index(*entry);
        let mut push = |kind, reason| found.push(Lint::new(kind, location, reason).with_value(*origin));
        match covers.covering(Pattern::parse_origin(origin)).flatten().find(|(other, _)| other != entry) {
            Some((_, other)) if other == origin => push(&O20, "is listed twice in the rule".to_owned()),
            Some((_, other)) => push(&O20, format!("is covered by {} of the same rule", Quoted(other))),
            None => {}
        }
        let is_covered = |apex: &str| covers.covering(Pattern::Literal(apex)).next().is_some();
        if let Some(apex) = apex(origin).filter(|apex| !is_covered(apex) && !index.grants(number, apex)) {
            push(&O17, format!("does not match {}", Quoted(&apex)));
        }
    }
}

/// `https://example.com` for `https://*.example.com`.
fn apex(pattern: &str) -> Option<String> {
    let (scheme, domain) = pattern.split_once("*.")?;
    let is_whole = scheme.ends_with("://") && OverbroadOrigin::find(pattern).is_none();
    is_whole.then(|| format!("{scheme}{domain}"))
}

/// What to write instead: the first candidate without this finding, without an error and without a warning.
fn fix(kind: &LintKind, origin: &str) -> Option<String> {
    let sent = normalize(origin)?;
    let host = host(&sent);
    let base = sent.replacen(host, host.strip_suffix('.').unwrap_or(host), 1);
    [narrower(&base), Some(base.clone()), encrypted(&base)].into_iter().flatten().find(|fix| {
        let is_quiet = |(left, _): &Finding| left.severity() == Severity::Info && *left != kind;
        fix != origin && fix.contains("://") && findings(fix, faults(fix)).iter().all(is_quiet)
    })
}

/// What was likely meant by a pattern whose `*` is at the wrong place. It matches less than the pattern.
fn narrower(origin: &str) -> Option<String> {
    let (prefix, suffix) = origin.split_once('*')?;
    let rest = match suffix.trim_start_matches(':').strip_prefix('/') {
        Some(after_scheme) => after_scheme.trim_start_matches('/').to_owned(),
        None if suffix.is_empty() => return open_end(prefix),
        None if suffix.starts_with('_') => return None,
        None => format!("*.{}", suffix.trim_start_matches('.')),
    };
    match prefix {
        "http://" => rest.starts_with('*').then(|| format!("http://{rest}")),
        // Port 80 is not that of the same site with encryption, and before a slash there is no whole host.
        _ if rest.ends_with(":80") || rest.contains('/') => None,
        _ if "https://".starts_with(prefix) => normalize(&format!("https://{rest}")),
        _ => None,
    }
}

/// The origin before a `*` at the end: with any port on the machine itself, otherwise alone.
fn open_end(prefix: &str) -> Option<String> {
    let host = host(prefix);
    if is_local(host) {
        return Some(format!("{prefix}:*"));
    }
    // Whether the text ends in the middle of a name is not known, unless a top-level domain ends it.
    let (_, top_level) = host.rsplit_once('.')?;
    let below = |domain: &str| OverbroadOrigin::find(&format!("https://*.{domain}"));
    let is_whole = below(top_level) == Some(OverbroadOrigin::PublicSuffix) && below(host).is_none();
    is_whole.then(|| prefix.to_owned())
}

fn encrypted(origin: &str) -> Option<String> {
    let rest = origin.strip_prefix("http://")?;
    // Other ports differ by scheme, and the website endpoints of S3 have no encryption.
    let has_https = rest == host(origin) && !rest.contains(".s3-website");
    has_https.then(|| format!("https://{rest}"))
}
