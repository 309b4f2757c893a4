//! Facts about a request and its rules that explain a near miss.

use std::fmt;

use super::nearest_rule::clauses;
use super::origin_mismatch::Candidate;
use super::Explanation;
use crate::config::Location;
use crate::lint::is_forbidden_request_header;
use crate::pattern::{Listed, Quoted};

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

/// Upper bound on reported hints.
const MAX_HINTS: usize = 5;

impl Hint {
    fn new(kind: HintKind, location: Location, sentence: impl Into<String>) -> Self {
        Hint { kind, location, sentence: sentence.into() }
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

/// `near` has the entries that nearly match the Origin of a refused request.
pub(super) fn find(explanation: &Explanation, near: &[Candidate<'_>]) -> Vec<Hint> {
    let near = near.iter().map(near_origin);
    near.chain(any_origin(explanation)).chain(forbidden_header(explanation)).take(MAX_HINTS).collect()
}

fn any_origin(explanation: &Explanation) -> Option<Hint> {
    let location = Location::rule(explanation.rule()?);
    let answer = explanation.policy.answer(explanation.decision)?;
    let sentence = format!("{location} answers \"*\", which browsers refuse for a request with credentials");
    answer.any_origin.then(|| Hint::new(HintKind::AnyOrigin, location, sentence))
}

fn near_origin(near: &Candidate<'_>) -> Hint {
    let fact = match near.kind {
        HintKind::WrittenOrigin => format!("never matches: {}", clauses(near.written)),
        HintKind::Scheme => "has another scheme than the Origin".into(),
        HintKind::Port => "has another port than the Origin".into(),
        HintKind::BareDomain => "matches names below the domain, not the domain itself".into(),
        _ => "and the Origin differ by \"www.\"".into(),
    };
    Hint::new(near.kind, near.location, format!("{} {} {fact}", near.location, Quoted(near.written)))
}

fn forbidden_header(explanation: &Explanation) -> Option<Hint> {
    explanation.rule()?;
    let names: Vec<&str> = explanation.names().filter(|name| is_forbidden_request_header(name)).collect();
    let sentence = format!("browsers never ask for {}", Listed(&names));
    (!names.is_empty()).then(|| Hint::new(HintKind::ForbiddenHeader, Location::default(), sentence))
}
