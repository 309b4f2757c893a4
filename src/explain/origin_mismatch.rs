//! AllowedOrigins that do not match an Origin, and nearly do.

use super::hints::HintKind;
use super::{Change, Explanation};
use crate::config::{Field, Location};
use crate::pattern::{host, normalize, OverbroadOrigin, Pattern};

/// Upper bound on entries that are parsed. All others are only searched for the host of the Origin.
const MAX_PARSED: usize = 100_000;

/// An entry of a rule that nearly matches.
pub(super) struct Candidate<'e> {
    pub(super) kind: HintKind,
    /// In how many parts its rule fails.
    pub(super) failing: usize,
    pub(super) location: Location,
    pub(super) written: &'e str,
    /// Makes it match.
    pub(super) correction: Option<Change>,
}

/// The AllowedOrigins that nearly match what a browser sends, those of the nearest rule first: one of each kind.
///
/// Reads each entry at most once, and of a rule none after one that can be corrected.
pub(super) fn find(explanation: &Explanation) -> Vec<Candidate<'_>> {
    let sent = explanation.origin.as_deref().and_then(normalize);
    let Some(origin) = sent.filter(|sent| !sent.contains('*') && !explanation.is_granted()) else {
        return Vec::new();
    };
    let matching = explanation.allowing(&origin);
    let mut variants = OriginVariants::new(&origin);
    let mut found: Vec<Candidate<'_>> = Vec::new();
    for (number, rule) in explanation.written().iter().enumerate() {
        let failing = explanation.lacking(number).count();
        // Where a rule has the origin, the others are of interest only if they lack nothing else.
        if matching.contains(number) || !matching.is_empty() && failing > 1 {
            continue;
        }
        for (index, written) in rule.allowed_origins.iter().enumerate() {
            let Some((kind, value)) = variants.mismatch(written) else {
                continue;
            };
            let location = Location::rule(number).with_field(Field::AllowedOrigins).with_index(index);
            if found.iter().all(|known| known.kind != kind || failing < known.failing) {
                found.retain(|known| known.kind != kind);
                let correction = value.map(|value| Change { location, value });
                found.push(Candidate { kind, failing, location, written, correction });
            }
            if kind == HintKind::WrittenOrigin {
                break;
            }
        }
    }
    found.sort_by_key(|candidate| (candidate.failing, candidate.location));
    found
}

/// An Origin, and what it would be if a little were different.
struct OriginVariants<'a> {
    origin: &'a str,
    /// The last two labels of the host; none if the host has several forms, as addresses have.
    labels: Option<&'a [u8]>,
    other_scheme: Option<String>,
    with_www: Option<String>,
    without_www: Option<String>,
    parsed: usize,
}

impl<'a> OriginVariants<'a> {
    fn new(origin: &'a str) -> Self {
        let (scheme, rest) = origin.split_once("://").unwrap_or_default();
        let other_scheme = match scheme {
            "http" => Some(format!("https://{rest}")),
            "https" => Some(format!("http://{rest}")),
            _ => None,
        };
        let with_www = (!scheme.is_empty()).then(|| format!("{scheme}://www.{rest}"));
        let without_www = rest.strip_prefix("www.").map(|rest| format!("{scheme}://{rest}"));
        let host =
            Some(host(origin)).filter(|host| !host.ends_with(|c: char| c == ']' || c.is_ascii_digit()));
        let labels = host
            .map(|host| host.rmatch_indices('.').nth(1).and_then(|(dot, _)| host.get(dot..)).unwrap_or(host));
        let labels = labels.map(str::as_bytes);
        OriginVariants { origin, labels, other_scheme, with_www, without_www, parsed: 0 }
    }

    /// In which way the entry, which does not match, nearly does; with its correction if it has a fault.
    fn mismatch(&mut self, written: &str) -> Option<(HintKind, Option<String>)> {
        let pattern = Pattern::parse_origin(written);
        let near = |other: &Option<String>| other.as_ref().is_some_and(|other| pattern.matches(other));
        if near(&self.other_scheme) {
            return Some((HintKind::Scheme, None));
        }
        match pattern {
            Pattern::Affix { suffix, .. } if suffix.starts_with('.') && near(&self.with_www) => {
                return Some((HintKind::BareDomain, None));
            }
            Pattern::Literal(_) if near(&self.with_www) || near(&self.without_www) => {
                return Some((HintKind::Www, None));
            }
            _ => {}
        }
        if self.parsed == MAX_PARSED || !self.resembles(written) {
            return None;
        }
        self.parsed += 1;
        if let Some(corrected) = correction(written, self.origin) {
            return Some((HintKind::WrittenOrigin, Some(corrected)));
        }
        let other_port = Pattern::parse_origin(without_port(written)).matches(without_port(self.origin));
        other_port.then_some((HintKind::Port, None))
    }

    /// Whether the entry has the last two labels of the host, without which no correction of it matches.
    fn resembles(&self, written: &str) -> bool {
        let Some(labels) = self.labels.filter(|_| written.is_ascii()) else {
            return true;
        };
        let first = labels.first().copied();
        let mut places = written.as_bytes().windows(labels.len().max(1));
        // Nearly all places differ in the first byte.
        places.any(|place| {
            place.first().map(u8::to_ascii_lowercase) == first && place.eq_ignore_ascii_case(labels)
        })
    }
}

/// What the entry should have been, if that matches the origin and no stranger's.
fn correction(written: &str, origin: &str) -> Option<String> {
    let corrected = normalize(written).filter(|corrected| corrected != written)?;
    let is_right =
        Pattern::parse_origin(&corrected).matches(origin) && OverbroadOrigin::find(&corrected).is_none();
    is_right.then_some(corrected)
}

pub(super) fn without_port(origin: &str) -> &str {
    match origin.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => origin,
    }
}
