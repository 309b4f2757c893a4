//! Remedies, applied to the rules they are for: they grant the request, and nothing to strangers.

use std::collections::BTreeSet;

use tower_s3_cors::document::Field;
use tower_s3_cors::explain::{NearestMiss, Remedy};
use tower_s3_cors::{CorsPolicy, CorsRequest, CorsRule};

use crate::reference;

pub const METHODS: [&str; 3] = ["GET", "PUT", "POST"];

/// Origins of two sites, in every way in which they are nearly written.
pub const ORIGINS: [&str; 16] = [
    "https://example.com",
    "https://www.example.com",
    "https://app.example.com",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://example.net",
    "http://example.net",
    "http://localhost:3000",
    "http://127.0.0.1:3000",
    "https://App.example.com",
    "https://app.example.com/",
    "https://app.example.com:443",
    "app.example.com",
    "https://example.net/index.html",
    "null",
    "https",
];

/// An origin that no rule names; only patterns such as `*` match it.
pub const STRANGERS: [&str; 3] = ["https://stranger.test", "http://stranger.test", "https://evil.github.io"];

/// A refused request, and its rules before and after the remedy.
struct Remedied<'a> {
    origin: &'a str,
    method: &'a str,
    names: Vec<String>,
    before: &'a [CorsRule],
    after: &'a [CorsRule],
    nearest: &'a NearestMiss,
}

fn grants(rules: &[CorsRule], origin: &str, method: &str, names: &[String]) -> Option<usize> {
    let names: Vec<Vec<u8>> = names.iter().map(|name| name.as_bytes().to_vec()).collect();
    reference::naive(rules, Some(origin.as_bytes()), method.as_bytes(), &names)
}

fn has_origin(rule: &CorsRule, origin: &str) -> bool {
    rule.allowed_origins.iter().any(|pattern| reference::matches_origin(pattern, Some(origin.as_bytes())))
}

impl Remedied<'_> {
    fn check(&self) {
        let Remedied { origin, method, names, before, after, nearest } = self;
        let rule = nearest.location().rule.expect("a rule");
        assert_eq!(grants(before, origin, method, names), None);
        match nearest.remedy() {
            Remedy::Instead(sentence) => {
                assert!(!sentence.is_empty() && after == before);
                self.check_instead(sentence);
                return;
            }
            Remedy::AddRule(_) => assert_eq!(grants(after, origin, method, names), Some(before.len())),
            _ => assert_eq!(grants(after, origin, method, names), Some(rule), "{nearest}"),
        }
        self.check_origin_lists();
        self.check_others();
    }

    /// What `https` would allow is not refused for another reason.
    fn check_instead(&self, sentence: &str) {
        if sentence.starts_with("open the page as ") {
            let secure = sentence.split_whitespace().nth(4).and_then(|origin| origin.strip_suffix(','));
            let secure = secure.expect("an origin");
            let rule = &self.before[self.nearest.location().rule.expect("a rule")];
            assert!(
                self.origin.starts_with("http:") && secure.starts_with("https:") && has_origin(rule, secure),
                "{sentence}"
            );
        }
    }

    /// No list grows where another rule has the origin, and no rule of other origins is widened.
    fn check_origin_lists(&self) {
        let Remedy::ChangeRule(changes) = self.nearest.remedy() else {
            return;
        };
        let known = self.before.iter().any(|rule| has_origin(rule, self.origin));
        let is_origin = |field| field == Some(Field::AllowedOrigins);
        let mut added = changes.iter().filter(|change| is_origin(change.location.field));
        if added.any(|change| change.location.index.is_none()) {
            assert!(!known && changes.len() == 1, "{}", self.nearest);
        }
        let rules = self.before.iter().filter(|rule| has_origin(rule, self.origin));
        let fewest = rules.map(|rule| self.lacking(rule)).min();
        assert!(fewest.is_none_or(|fewest| changes.len() <= fewest), "{}", self.nearest);
    }

    fn lacking(&self, rule: &CorsRule) -> usize {
        let allows = |name: &&String| {
            rule.allowed_headers.iter().any(|pattern| reference::matches_name(pattern, name.as_bytes()))
        };
        let names: BTreeSet<_> = self.names.iter().map(|name| name.to_ascii_lowercase()).collect();
        let names = names.iter().filter(|name| !allows(name)).count();
        names + usize::from(!rule.allowed_methods.iter().any(|method| method == self.method))
    }

    /// Every other origin may do what it could before, and more only in the nearest rule, and only if that is said.
    fn check_others(&self) {
        let Remedied { before, after, nearest, .. } = self;
        let number = nearest.location().rule.expect("a rule");
        let written = before.iter().flat_map(|rule| rule.allowed_origins.iter().map(String::as_str));
        let corrects = |other: &str| !after[number].allowed_origins.iter().any(|origin| origin == other);
        let others: BTreeSet<&str> =
            written.chain(STRANGERS).chain(ORIGINS).filter(|other| *other != self.origin).collect();
        for other in others {
            let corrected =
                after.iter().zip(*before).any(|(a, b)| has_origin(a, other) && !has_origin(b, other));
            let is_named = has_origin(&before[number], other) || corrected;
            let is_stranger = STRANGERS.contains(&other);
            let may_gain = nearest.widens_others() && is_named && !is_stranger;
            for method in METHODS.iter().chain([&self.method]) {
                for names in [&[][..], &self.names].into_iter().chain(self.names.chunks(1)) {
                    let [was, is] =
                        [before, after].map(|rules| grants(rules, other, method, names).is_some());
                    // Only the corrected entry itself, which no browser sends, is no longer matched.
                    let may_change = if is { may_gain } else { corrects(other) };
                    assert!(is == was || may_change, "{other} {method} {names:?}: {nearest} {before:?}");
                }
            }
        }
    }
}

/// Explains the request, applies the remedy and checks it.
pub fn check(settings: [bool; 2], policy: &CorsPolicy, asked: &CorsRequest<'_>) -> Option<NearestMiss> {
    let explanation = policy.explain(asked);
    let nearest = explanation.nearest()?;
    let mut changed = policy.configuration().clone();
    nearest.apply_to(&mut changed);
    let [extended, credentials] = settings;
    let rebuilt = CorsPolicy::builder().extended(extended).credentials(credentials).build(&changed);
    let rebuilt = rebuilt.unwrap_or_else(|error| panic!("{nearest}: {error}"));
    let is_instead = matches!(nearest.remedy(), Remedy::Instead(_));
    assert_eq!(rebuilt.decide(asked).is_granted(), !is_instead, "{nearest}");
    // Of what is no text, as a browser never sends it, the reference would read something else.
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    let texts = asked.origin().and_then(text).zip(text(asked.method()));
    let names: Option<Vec<String>> = asked.requested_headers().map(text).collect();
    if let Some(((origin, method), names)) = texts.zip(names) {
        Remedied {
            origin: &origin,
            method: &method,
            names,
            before: &policy.configuration().rules,
            after: &changed.rules,
            nearest,
        }
        .check();
    }
    Some(nearest.clone())
}
