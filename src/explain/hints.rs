//! Facts that explain a refusal, above all AllowedOrigins that nearly match, or that warn of a grant.

use std::fmt;

use super::{Explanation, RuleExplanation};
use crate::config::{Field, Location};
use crate::pattern::{faults, host, is_forbidden_request_header, normalize};
use crate::pattern::{Listed, OriginFault, OverbroadOrigin, Pattern, Quoted};

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
    /// An AllowedOrigin has a `www.` that the Origin does not have, or the other way round.
    Www,
    /// A granted request asks for headers that only the browser itself sets, such as `cookie`.
    ForbiddenHeader,
    /// The answer to a granted request is `*`, which browsers refuse where a request has credentials.
    AnyOrigin,
}

/// Upper bound on entries that are parsed, of those that resemble the Origin.
const MAX_PARSED: usize = 100_000;

/// A change of an entry and of the Origin alike.
type Variation = fn(&str) -> String;

/// What makes an entry match that nearly does, and the fact behind that. The first that does counts.
const VARIATIONS: [(HintKind, Variation, &str); 5] = [
    (HintKind::Scheme, |text| text.replacen("http://", "https://", 1), "has another scheme than the Origin"),
    (
        HintKind::BareDomain,
        |text| text.replacen("://*.", "://", 1),
        "matches names below the domain, not the domain itself",
    ),
    (HintKind::Www, |text| text.replacen("://www.", "://", 1), "and the Origin differ by \"www.\""),
    (HintKind::WrittenOrigin, |text| corrected(text).unwrap_or_default(), "never matches: "),
    (HintKind::Port, |text| without_port(text).into(), "has another port than the Origin"),
];

impl Hint {
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
    let Some(rule) = explanation.rule() else {
        return near_origins(explanation).unwrap_or_default();
    };
    let mut hints = Vec::new();
    if explanation.policy.answer(explanation.decision).is_some_and(|answer| answer.any_origin) {
        let location = Location::rule(rule);
        let sentence =
            format!("{location} answers \"*\", which browsers refuse for a request with credentials");
        hints.push(Hint { kind: HintKind::AnyOrigin, location, sentence });
    }
    let names: Vec<&str> = explanation.names().filter(|name| is_forbidden_request_header(name)).collect();
    if !names.is_empty() {
        let sentence = format!("browsers never ask for {}", Listed(&names));
        hints.push(Hint { kind: HintKind::ForbiddenHeader, location: Location::default(), sentence });
    }
    hints
}

/// The AllowedOrigins that nearly match what a browser sends, those of the nearest rule first: one of each kind.
fn near_origins(explanation: &Explanation) -> Option<Vec<Hint>> {
    let sent = normalize(&explanation.origin.value);
    let origin = sent.filter(|sent| sent.contains("://") && !sent.contains('*'))?;
    let mut hints: Vec<Hint> = Vec::new();
    let variations = VARIATIONS.map(|(kind, vary, fact)| (kind, vary, vary(&origin), fact));
    for (location, written) in similar_entries(explanation, &origin).take(MAX_PARSED) {
        // Of no interest beside an entry of its rule that can be corrected.
        let corrects =
            |hint: &Hint| hint.kind == HintKind::WrittenOrigin && hint.location.rule == location.rule;
        if hints.iter().any(corrects) {
            continue;
        }
        let mut near = variations.iter();
        let near = near.find(|(_, vary, origin, _)| Pattern::parse_origin(&vary(written)).matches(origin));
        let near = near.filter(|(kind, ..)| hints.iter().all(|hint| hint.kind != *kind));
        if let Some((kind, .., fact)) = near {
            let faults = if *kind == HintKind::WrittenOrigin { faults(written) } else { Vec::new() };
            let clauses = OriginFault::clauses(&faults);
            let sentence = format!("{location} {} {fact}{clauses}", Quoted(written));
            hints.push(Hint { kind: *kind, location, sentence });
        }
    }
    Some(hints)
}

/// The entries that may be meant for the origin, of rules that do not have it, the nearest rule first.
fn similar_entries<'e>(
    explanation: &'e Explanation,
    origin: &'e str,
) -> impl Iterator<Item = (Location, &'e String)> {
    let matching = explanation.policy.matching_origin(Some(origin.as_bytes()));
    let mut rules: Vec<_> = explanation.rules().collect();
    // Where a rule has the origin, the others are of interest only if they lack nothing else.
    if !matching.is_empty() {
        rules.retain(|rule| !matching.contains(rule.number) && rule.lacking().count() == 1);
    }
    rules.sort_by_cached_key(|rule| rule.lacking().count());
    let entries = rules.into_iter().flat_map(|RuleExplanation { number, rule, .. }| {
        let list = Location::rule(number).with_field(Field::AllowedOrigins);
        rule.allowed_origins.iter().enumerate().map(move |(index, written)| (list.with_index(index), written))
    });
    // An address has several forms.
    let is_address = host(origin).ends_with(|c: char| c == ']' || c.is_ascii_digit());
    let host = if is_address { "" } else { host(origin) };
    let host = host.strip_prefix("www.").unwrap_or(host);
    let labels = host.rmatch_indices('.').nth(1).and_then(|(dot, _)| host.get(dot + 1..)).unwrap_or(host);
    entries.filter(move |(_, written)| {
        let has = |name| !written.is_ascii() || written.to_ascii_lowercase().contains(name);
        match Pattern::parse_origin(written) {
            Pattern::Literal(_) => has(host),
            Pattern::Affix { suffix, .. } => origin.ends_with(suffix) || has(labels),
            Pattern::Any => false,
        }
    })
}

/// What the entry should have been, if no stranger matches that.
fn corrected(written: &str) -> Option<String> {
    normalize(written).filter(|sent| OverbroadOrigin::find(sent).is_none())
}

pub(super) fn without_port(origin: &str) -> &str {
    let before = origin.trim_end_matches(|c: char| c.is_ascii_digit());
    before.strip_suffix(':').filter(|_| before != origin).unwrap_or(origin)
}
