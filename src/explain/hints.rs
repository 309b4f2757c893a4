//! What nearly matches, and what is not as it seems.

use std::fmt;

use super::origin_mismatch::OriginVariants;
use super::Explanation;
use crate::config::{Field, Location, ProblemKind, S3_METHODS};
use crate::pattern::{faults, normalize, Quoted};
use crate::pattern::{Listed, Shown};

/// A near miss, or what is not as it seems: see [`Explanation::hints`].
///
/// Printed, it is one sentence.
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
    /// The request has several Origin lines, and no rule matches those.
    SeveralOrigins,
    /// The Origin is `null`, which is no site's own.
    NullOrigin,
    /// No browser sends such an Origin: it has a slash at its end, a path, upper case, a default port.
    SentOrigin,
    /// An OPTIONS without Access-Control-Request-Method is no preflight.
    NoRequestedMethod,
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
    /// An AllowedMethod is the method in another case.
    MethodCase,
    /// The method is none of S3's: only an extended policy can allow it.
    ExtendedMethod,
    /// The answer to a granted request is `*`, which browsers refuse where a request has credentials.
    AnyOrigin,
}

/// A reader of several hints reads none of them.
const MOST: usize = 5;

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
    let mut hints = Vec::new();
    match explanation.rule() {
        Some(rule) => hints.extend(any_origin(explanation, rule)),
        None => {
            hints.extend(origin(explanation));
            hints.extend(no_requested_method(explanation));
            hints.extend(written_origins(explanation));
            hints.extend(method(explanation));
        }
    }
    hints.truncate(MOST);
    hints
}

fn about_request(kind: HintKind, sentence: impl Into<String>) -> Hint {
    Hint { kind, location: Location::default(), sentence: sentence.into() }
}

fn any_origin(explanation: &Explanation, rule: usize) -> Option<Hint> {
    let answer = explanation.policy.answer(explanation.decision)?;
    let location = Location::rule(rule);
    let sentence = format!("{location} answers \"*\", which browsers refuse for a request with credentials");
    answer.any_origin.then_some(Hint { kind: HintKind::AnyOrigin, location, sentence })
}

/// What is wrong with the Origin itself.
fn origin(explanation: &Explanation) -> Option<Hint> {
    let Some(origin) = &explanation.origin else {
        let sentence = "the request has several Origin lines, which no rule matches and no browser sends";
        return Some(about_request(HintKind::SeveralOrigins, sentence));
    };
    if !explanation.origins.is_empty() {
        return None;
    }
    if origin == "null" {
        let sentence = "browsers send the Origin \"null\" for sandboxed frames, files and redirects across \
                        origins: it tells no site from another";
        return Some(about_request(HintKind::NullOrigin, sentence));
    }
    let faults = faults(origin);
    let clauses: Vec<&str> = faults.iter().map(|fault| fault.clause()).collect();
    let mut sentence = format!("no browser sends the Origin {}: {}", Quoted(origin), clauses.join(", "));
    if let Some(sent) = normalize(origin) {
        sentence += &format!("; one would send {}", Quoted(&sent));
        if let Some(rule) = explanation.allowing(&sent).first() {
            sentence += &format!(", which {} allows", Location::rule(rule.into()));
        }
    }
    (!clauses.is_empty()).then(|| about_request(HintKind::SentOrigin, sentence))
}

fn no_requested_method(explanation: &Explanation) -> Option<Hint> {
    let sentence = "an OPTIONS without Access-Control-Request-Method is no preflight: \
                    it is judged by the method OPTIONS";
    explanation.lacks_method.then(|| about_request(HintKind::NoRequestedMethod, sentence))
}

/// An entry of a rule that nearly matches.
struct Near<'e> {
    kind: HintKind,
    /// In how many parts its rule fails.
    failing: usize,
    location: Location,
    written: &'e str,
}

/// One of each kind is enough: the one whose rule fails in the fewest other parts.
fn keep<'e>(found: &mut Vec<Near<'e>>, near: Near<'e>) {
    match found.iter_mut().find(|known| known.kind == near.kind) {
        None => found.push(near),
        Some(known) if near.failing < known.failing => *known = near,
        Some(_) => {}
    }
}

/// The AllowedOrigins that nearly match what a browser sends.
fn written_origins(explanation: &Explanation) -> Vec<Hint> {
    let sent = explanation.origin.as_deref().and_then(normalize);
    let Some(origin) = sent.filter(|sent| !sent.contains('*')) else {
        return Vec::new();
    };
    let matching = explanation.allowing(&origin);
    let sent = OriginVariants::new(&origin);
    let mut found = Vec::new();
    for (number, rule) in explanation.written().iter().enumerate() {
        let failing = explanation.failing(number);
        // Where a rule has the origin, the others are of interest only if they lack nothing else.
        if matching.contains(number) || !matching.is_empty() && failing > 1 {
            continue;
        }
        for (index, written) in rule.allowed_origins.iter().enumerate() {
            if let Some(kind) = sent.misses(written) {
                let location = Location::rule(number).with_field(Field::AllowedOrigins).with_index(index);
                keep(&mut found, Near { kind, failing, location, written });
            }
        }
    }
    found.sort_by_key(|near| (near.failing, near.location));
    found.into_iter().map(|near| near.hint(&origin)).collect()
}

impl Near<'_> {
    /// `sent` is what the entry nearly matches.
    fn hint(self, sent: &str) -> Hint {
        let Near { kind, location, written, .. } = self;
        let named = format!("{location} {}", Quoted(written));
        let sentence = match kind {
            HintKind::WrittenOrigin => {
                let clauses: Vec<&str> = faults(written).iter().map(|fault| fault.clause()).collect();
                let meant = normalize(written).unwrap_or_default();
                format!("{named} never matches: {}; write {}", clauses.join(", "), Quoted(&meant))
            }
            HintKind::Scheme if sent.starts_with("http:") => {
                format!("{named} is for https, the Origin is http")
            }
            HintKind::Scheme => format!("{named} is for http, the Origin is https"),
            HintKind::Port => format!("{named} has another port than the Origin"),
            HintKind::BareDomain => {
                format!("{named} matches names below the domain, not {} itself", Quoted(sent))
            }
            HintKind::Www => format!("{named} and the Origin differ by \"www.\""),
            _ => format!("{named} is not {}: methods are compared byte for byte", Quoted(sent)),
        };
        Hint { kind, location, sentence }
    }
}

fn method(explanation: &Explanation) -> Option<Hint> {
    let method = &*explanation.method;
    let mut found = Vec::new();
    for (number, rule) in explanation.written().iter().enumerate() {
        if explanation.methods.contains(number) {
            continue;
        }
        let mut allowed = rule.allowed_methods.iter().enumerate();
        if let Some((index, written)) = allowed.find(|(_, allowed)| allowed.eq_ignore_ascii_case(method)) {
            let location = Location::rule(number).with_field(Field::AllowedMethods).with_index(index);
            let failing = explanation.failing(number);
            keep(&mut found, Near { kind: HintKind::MethodCase, failing, location, written });
        }
    }
    let case = found.pop().map(|near| near.hint(method));
    case.or_else(|| extended_method(explanation))
}

fn extended_method(explanation: &Explanation) -> Option<Hint> {
    let method = &*explanation.method;
    let settled =
        explanation.policy.is_extended() || explanation.lacks_method || S3_METHODS.contains(&method);
    if settled || ProblemKind::of_extended_method(method).is_some() {
        return None;
    }
    let known = Listed(&S3_METHODS);
    let sentence = format!("{} is not one of {known}: only an extended policy can allow it", Shown(method));
    Some(about_request(HintKind::ExtendedMethod, sentence))
}
