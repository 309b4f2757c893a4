//! Facts that explain a refusal, above all AllowedOrigins that nearly match, or that warn of a grant.

use std::fmt;

use super::nearest_rule::rule;
use super::Explanation;
use crate::config::{CorsConfiguration, CorsRule, Field, Location};
use crate::pattern::{faults, host, normalize, Listed, OverbroadOrigin, Pattern, Quoted};

/// A fact that explains a near miss, or a grant that is not what it seems: see [`Explanation::hints`].
///
/// Printed, it is one sentence. What to do about it is said by [`Explanation::nearest`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    kind: HintKind,
    location: Location,
    sentence: String,
}

/// What a [`Hint`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HintKind {
    /// An AllowedOrigin would match if it were written as browsers send it.
    WrittenOrigin,
    /// An AllowedOrigin is for `https` and the Origin is `http`, or the other way round.
    Scheme,
    /// An AllowedOrigin has another port.
    Port,
    /// An AllowedOrigin matches the names below a domain, and the Origin is the domain itself.
    BareDomain,
    /// An AllowedOrigin has a `www.` that the Origin has not, or the other way round.
    Www,
    /// A granted request asks for headers that only the browser itself sets, such as `cookie`.
    ForbiddenHeader,
    /// The answer to a granted request is `*`, which browsers refuse where a request has credentials.
    AnyOrigin,
}

/// Upper bound on origins that are parsed. All others are only searched for the host of the Origin.
const MAX_PARSED: usize = 100_000;

impl Hint {
    fn new(kind: HintKind, location: Location, sentence: String) -> Self {
        Hint { kind, location, sentence }
    }

    /// What it is about.
    pub fn kind(&self) -> HintKind {
        self.kind
    }

    /// The entry or rule it is about; the whole configuration if it is about the request.
    pub fn location(&self) -> Location {
        self.location
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

pub(super) fn find(explanation: &Explanation) -> Vec<Hint> {
    match explanation.rule() {
        Some(rule) => {
            any_origin(explanation, rule).into_iter().chain(forbidden_header(explanation)).collect()
        }
        None => near_origins(explanation),
    }
}

fn any_origin(explanation: &Explanation, rule: usize) -> Option<Hint> {
    let location = Location::rule(rule);
    let answer = explanation.policy.answer(explanation.decision)?;
    let sentence = format!("{location} answers \"*\", which browsers refuse for a request with credentials");
    answer.any_origin.then(|| Hint::new(HintKind::AnyOrigin, location, sentence))
}

fn forbidden_header(explanation: &Explanation) -> Option<Hint> {
    let names = &explanation.forbidden;
    let sentence = format!("browsers never ask for {}", Listed(names));
    (!names.is_empty()).then(|| Hint::new(HintKind::ForbiddenHeader, Location::default(), sentence))
}

/// The names that only a browser sets: the lints H03 and H04 know them.
pub(super) fn forbidden_headers<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let asked = CorsConfiguration { rules: vec![rule("https://example.com", "GET", names)] };
    let lints = asked.lint().into_iter().filter(|lint| ["H03", "H04"].contains(&lint.id()));
    lints.filter_map(|lint| lint.value().map(str::to_owned)).collect()
}

/// The AllowedOrigins that nearly match what a browser sends, those of the nearest rule first: one of each kind.
///
/// Reads each entry at most once, and of a rule none after one that can be corrected.
fn near_origins(explanation: &Explanation) -> Vec<Hint> {
    let mut hints: Vec<Hint> = Vec::new();
    let sent =
        normalize(&explanation.origin.value).filter(|sent| sent.contains("://") && !sent.contains('*'));
    let Some(mut origin) = sent.as_deref().map(Origin::new) else {
        return hints;
    };
    for (number, rule) in near_rules(explanation, origin.text) {
        let list = Location::rule(number).with_field(Field::AllowedOrigins);
        for (index, written) in rule.allowed_origins.iter().enumerate() {
            let Some(kind) = origin.mismatch(written) else {
                continue;
            };
            if hints.iter().all(|known| known.kind != kind) {
                let location = list.with_index(index);
                let sentence = format!("{location} {} {}", Quoted(written), fact(kind, written));
                hints.push(Hint::new(kind, location, sentence));
            }
            if kind == HintKind::WrittenOrigin {
                break;
            }
        }
    }
    hints
}

/// The rules that do not have the origin, the nearest first.
fn near_rules<'e>(explanation: &'e Explanation, origin: &str) -> Vec<(usize, &'e CorsRule)> {
    let matching = explanation.allowing(origin);
    let mut rules: Vec<_> = explanation.written().iter().enumerate().collect();
    rules.retain(|(number, _)| !matching.contains(*number));
    // Where a rule has the origin, the others are of interest only if they lack nothing else.
    rules.retain(|(number, _)| matching.is_empty() || explanation.lacking(*number).count() == 1);
    rules.sort_by_cached_key(|(number, _)| explanation.lacking(*number).count());
    rules
}

fn fact(kind: HintKind, written: &str) -> String {
    match kind {
        HintKind::WrittenOrigin => format!("never matches: {}", clauses(written)),
        HintKind::Scheme => "has another scheme than the Origin".into(),
        HintKind::Port => "has another port than the Origin".into(),
        HintKind::BareDomain => "matches names below the domain, not the domain itself".into(),
        _ => "and the Origin differ by \"www.\"".into(),
    }
}

/// What no browser sends of the origin, in words; empty if one does.
pub(super) fn clauses(origin: &str) -> String {
    faults(origin).iter().map(|fault| fault.clause()).collect::<Vec<_>>().join(", ")
}

/// What a browser sends.
struct Origin<'a> {
    text: &'a str,
    /// The last two labels of the host; empty if the host has several forms, as addresses have.
    labels: &'a str,
    /// How many entries were compared with it after parsing.
    parsed: usize,
}

impl<'a> Origin<'a> {
    fn new(text: &'a str) -> Self {
        let host = host(text);
        let is_address = host.ends_with(|c: char| c == ']' || c.is_ascii_digit());
        let start = host.rmatch_indices('.').nth(1).map_or(0, |(dot, _)| dot);
        let labels = host.get(start..).filter(|_| !is_address).unwrap_or_default();
        Origin { text, labels, parsed: 0 }
    }

    /// In which way the entry, which does not match, nearly does.
    fn mismatch(&mut self, written: &str) -> Option<HintKind> {
        let origin = self.text;
        if has_other_scheme(written, origin) {
            Some(HintKind::Scheme)
        } else if is_bare_domain(written, origin) {
            Some(HintKind::BareDomain)
        } else if without_www(written) == without_www(origin) {
            Some(HintKind::Www)
        } else if !self.resembles(written) {
            None
        } else if is_correctable(written, origin) {
            Some(HintKind::WrittenOrigin)
        } else {
            let pattern = Pattern::parse_origin(without_port(written));
            pattern.matches(without_port(origin)).then_some(HintKind::Port)
        }
    }

    /// Whether the entry has the last two labels of the host, without which no correction of it matches.
    fn resembles(&mut self, written: &str) -> bool {
        let resembles = !written.is_ascii() || written.to_ascii_lowercase().contains(self.labels);
        self.parsed += usize::from(resembles);
        resembles && self.parsed <= MAX_PARSED
    }
}

fn has_other_scheme(written: &str, origin: &str) -> bool {
    let both = without_scheme(written).zip(without_scheme(origin));
    written == "https" || both.is_some_and(|(written, origin)| Pattern::parse(written).matches(origin))
}

fn without_scheme(origin: &str) -> Option<&str> {
    origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"))
}

/// Whether the entry matches the names below the host of the origin.
fn is_bare_domain(written: &str, origin: &str) -> bool {
    let parts = written.split_once("*.");
    parts.is_some_and(|(scheme, domain)| origin.strip_prefix(scheme) == Some(domain))
}

/// The scheme and the rest.
fn without_www(origin: &str) -> (&str, &str) {
    let (scheme, rest) = origin.split_once("://").unwrap_or_default();
    (scheme, rest.strip_prefix("www.").unwrap_or(rest))
}

pub(super) fn without_port(origin: &str) -> &str {
    match origin.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => origin,
    }
}

/// Whether the entry, as it should have been, matches the origin and no stranger's.
fn is_correctable(written: &str, origin: &str) -> bool {
    normalize(written).is_some_and(|sent| {
        sent != written
            && Pattern::parse_origin(&sent).matches(origin)
            && OverbroadOrigin::find(&sent).is_none()
    })
}
