//! Origin patterns that a policy with credentials refuses, on the whole Public Suffix List and on random patterns.

use std::collections::{BTreeSet, HashSet};

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use tower_s3_cors::error::ProblemKind;
use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};

static TABLE: &[u8] = include_bytes!("../src/pattern/public_suffix/list.bin");

/// The rules of the list, read as `generate.py` describes the table, without the reader of the library.
fn rules() -> BTreeSet<String> {
    let mut rules = BTreeSet::new();
    let mut paths = vec![(0, String::new())];
    while let Some((mut at, path)) = paths.pop() {
        loop {
            let edge = TABLE[at];
            at += 1;
            let letter = if edge & 63 <= 26 { b'a' - 1 } else { 0 };
            let longer = format!("{path}{}", char::from((edge & 63) + letter));
            if edge & 63 == 0 {
                rules.insert(reversed(&path));
            } else if edge & 64 != 0 {
                paths.push((at, longer));
            } else {
                paths.push((usize::from(TABLE[at]) * 256 + usize::from(TABLE[at + 1]), longer));
                at += 2;
            }
            if edge & 128 != 0 {
                break;
            }
        }
    }
    rules
}

/// Returns `!www.ck` for `ck.!www`.
fn reversed(path: &str) -> String {
    path.rsplit('.').collect::<Vec<_>>().join(".")
}

/// The registrable domain, by the steps of <https://github.com/publicsuffix/list/wiki/Format#algorithm>.
fn registrable(host: &str, rules: &BTreeSet<String>) -> Option<String> {
    let labels: Vec<&str> = host.split('.').collect();
    let from = |start: usize| labels[start..].join(".");
    let exception = (0..labels.len()).find(|start| rules.contains(&format!("!{}", from(*start))));
    let longest = (0..labels.len())
        .find(|start| rules.contains(&from(*start)) || rules.contains(&format!("*.{}", from(start + 1))));
    let suffix = exception.map(|start| start + 1).or(longest).unwrap_or(labels.len() - 1);
    suffix.checked_sub(1).map(from)
}

/// The patterns among these that a policy with credentials refuses.
fn refused(patterns: &BTreeSet<String>) -> BTreeSet<String> {
    let rule = CorsRule {
        allowed_origins: patterns.iter().cloned().collect(),
        allowed_methods: vec!["GET".into()],
        ..CorsRule::default()
    };
    let configuration = CorsConfiguration { rules: vec![rule] };
    let built = CorsPolicy::builder().extended(true).credentials(true).build(&configuration);
    let problems = built.as_ref().err().map_or(&[][..], |error| error.problems());
    assert!(problems.iter().all(|problem| matches!(problem.kind(), ProblemKind::OverbroadOrigin(_))));
    problems.iter().filter_map(|problem| problem.value()).map(str::to_owned).collect()
}

fn is_refused(pattern: &str) -> bool {
    !refused(&BTreeSet::from([pattern.to_owned()])).is_empty()
}

#[test]
fn table_has_all_rules_of_the_list() {
    let rules = rules();
    let line = TABLE.rsplit(|byte| *byte == b'\n').nth(1).expect("a last line");
    let line = std::str::from_utf8(line).expect("text");
    assert!(line.starts_with("Public Suffix List, version 20"), "{line}");
    assert!(line.contains(&format!(", {} rules, licence MPL-2.0, ", rules.len())), "{line}");
    assert!(rules.len() > 10_000 && TABLE.len() < 65_536, "{} rules", rules.len());
    let known = ["com", "co.uk", "github.io", "s3.amazonaws.com", "*.ck", "!www.ck", "xn--55qx5d.cn"];
    assert_eq!(known.iter().find(|rule| !rules.contains(**rule)), None);
    let unknown = ["example.com", "amazonaws.com", "www.ck", "ck", "city.kobe.jp"];
    assert_eq!(unknown.iter().find(|rule| rules.contains(**rule)), None);
}

#[test]
fn pattern_that_matches_names_below_a_public_suffix_is_refused() {
    let mut patterns = BTreeSet::new();
    for rule in rules().iter().filter(|rule| !rule.starts_with('!')) {
        let suffix = format!(".{}", rule.replace('*', "a"));
        patterns.extend(suffix.char_indices().map(|(start, _)| format!("https://*{}", &suffix[start..])));
        patterns.insert(format!("http://*{suffix}:8080"));
        patterns.insert(format!("https://a*{}.", suffix.to_uppercase()));
    }
    let accepted: Vec<_> = patterns.difference(&refused(&patterns)).cloned().collect();
    assert_eq!(accepted, Vec::<String>::new());
}

#[test]
fn pattern_below_a_registrable_domain_is_accepted() {
    let rules = rules();
    let parents = |rule: &String| {
        rule.match_indices('.').map(|(dot, _)| rule[dot + 1..].to_owned()).collect::<Vec<_>>()
    };
    let with_suffixes_below: HashSet<String> = rules.iter().flat_map(parents).collect();
    let domains = rules.iter().map(|rule| match rule.strip_prefix('!') {
        Some(exception) => exception.to_owned(),
        None => format!("an-owner.{}", rule.replace('*', "a")),
    });
    let mut patterns = BTreeSet::new();
    for domain in domains.filter(|domain| !with_suffixes_below.contains(domain)) {
        // `an-owner.ck` is itself a suffix by `*.ck`.
        let domain = registrable(&domain, &rules).unwrap_or_else(|| format!("an-owner.{domain}"));
        let starts = ["https://*.", "https://*..", "http://a*b.x.", "https://a:/*."];
        patterns.extend(starts.map(|start| format!("{start}{domain}")));
    }
    assert!(patterns.len() > 30_000);
    assert_eq!(refused(&patterns), BTreeSet::new());
}

/// Pieces of patterns, so that schemes, ports, addresses and public suffixes come up all the time.
const PIECES: [&str; 39] = [
    "",
    "",
    ".",
    ".",
    ".",
    ":",
    "/",
    "//",
    "://",
    "[",
    "]",
    "?",
    "@",
    "-",
    "a",
    "A",
    "b.a",
    "s3",
    "amazonaws",
    ".com",
    "com",
    ".ck",
    "www",
    ".www.ck",
    "kobe.jp",
    ".city.kobe.jp",
    "example",
    ".example.com",
    ".co.uk",
    "localhost",
    ".localhost",
    ":3000",
    "8",
    "127.0.0.1",
    ".0.0.1",
    "::1",
    "null",
    "https",
    "http",
];

fn text(most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(select(&PIECES[..]), 0..=most).prop_map(|pieces| pieces.concat())
}

/// Text before and after a `*`; often a scheme before it, or the end of a rule of the list after it.
fn pattern(rules: Vec<String>) -> impl Strategy<Value = (String, String)> {
    let scheme = select(&["https://", "http://", "https://", "", "h", "http", "https:", "app://", "n"][..]);
    let end = (select(rules), any::<prop::sample::Index>(), select(&["", ".", ":80", "/"][..])).prop_map(
        |(rule, start, end)| format!(".{rule}")[start.index(rule.len() + 1)..].replace('*', "a") + end,
    );
    (scheme, text(3), prop_oneof![text(4), end])
        .prop_map(|(scheme, before, after)| (format!("{scheme}{before}"), after))
}

#[test]
fn pattern_that_covers_a_refused_one_is_refused() {
    let strategy = (pattern(rules().into_iter().collect()), text(3), text(3));
    let property = |((prefix, suffix), before, after): ((String, String), String, String)| {
        let pattern = format!("{prefix}*{suffix}");
        if !is_refused(&pattern) {
            for covered in
                [format!("{prefix}{before}*{after}{suffix}"), format!("{prefix}{before}{after}{suffix}")]
            {
                prop_assert!(!is_refused(&covered), "{pattern:?} covers {covered:?}");
            }
        }
        Ok(())
    };
    TestRunner::new(test_support::random(20_000)).run(&strategy, property).unwrap();
}

/// The scheme and registrable domain of an origin as browsers write it; `None` for other text.
fn site(origin: &str, rules: &BTreeSet<String>) -> Option<(String, String)> {
    if origin == "null" {
        return Some((String::new(), String::new()));
    }
    let (scheme, authority) = origin.split_once("://")?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
        _ => (authority, Some(0_u16)),
    };
    port.filter(|_| !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_lowercase()))?;
    Some((scheme.into(), owner(host.strip_suffix('.').unwrap_or(host), rules)?))
}

/// The registrable domain of the host, or the address, or `localhost` for all names of the machine itself.
fn owner(host: &str, rules: &BTreeSet<String>) -> Option<String> {
    if let Some(address) = host.strip_prefix('[') {
        let address: std::net::Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        return Some(address.to_string());
    }
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if host.split('.').any(|label| label.is_empty() || !label.bytes().all(is_name)) {
        return None;
    }
    let last = host.rsplit('.').next()?;
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        let address: std::net::Ipv4Addr = host.parse().ok()?;
        return Some(address.to_string());
    }
    let owner = registrable(host, rules).unwrap_or_else(|| host.to_owned());
    Some(if last == "localhost" { last.to_owned() } else { owner })
}

/// Text that the `*` may match: the rest of the scheme, names that end in public suffixes, ports.
fn fills(prefix: &str, suffix: &str, rules: &BTreeSet<String>) -> Vec<String> {
    let domain = suffix.split([':', '/']).next().unwrap_or_default();
    let below_dot = domain.find('.').map_or(domain, |dot| &domain[dot..]);
    let rest = |end: &str| {
        rules.iter().filter_map(|rule| rule.strip_suffix(end)).take(3).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut names = [rest(domain), rest(below_dot)].concat();
    names.extend(["", "a", "evil.example", "co", "10", "11", "::1]", "::2]"].map(str::to_owned));
    let mut texts: Vec<String> = vec!["ul".into(), "ull".into(), "null".into()];
    for scheme in ["http://", "https://", ""] {
        let start = scheme.strip_prefix(prefix).unwrap_or_default();
        for name in &names {
            let owned =
                ["", "evil.", "owner."].map(|label| format!("{start}{label}{name}").replace('*', "b"));
            texts.extend(
                owned.iter().flat_map(|text| ["", ".", ".com", ":8"].map(|end| format!("{text}{end}"))),
            );
        }
    }
    texts
}

#[test]
fn accepted_pattern_matches_origins_of_one_site_only() {
    let rules = rules();
    let mut accepted = 0;
    let strategy = pattern(rules.iter().cloned().collect());
    let mut runner = TestRunner::new(test_support::random(10_000));
    for _ in 0..10_000 {
        let (prefix, suffix) = strategy.new_tree(&mut runner).expect("a pattern").current();
        if is_refused(&format!("{prefix}*{suffix}")) {
            continue;
        }
        let origins =
            fills(&prefix, &suffix, &rules).into_iter().map(|fill| format!("{prefix}{fill}{suffix}"));
        let sites: BTreeSet<_> = origins.filter_map(|origin| site(&origin, &rules)).collect();
        assert!(sites.len() <= 1, "{prefix:?} and {suffix:?} match {sites:?}");
        accepted += sites.len();
    }
    assert!(accepted > 100, "only {accepted} patterns were accepted");
}
