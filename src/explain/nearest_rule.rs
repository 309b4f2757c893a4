//! The rule that needs the fewest changes to grant a request, and the one remedy.

use std::iter::empty;

use super::origin_mismatch::{without_port, Candidate};
use super::{Explanation, Part};
use crate::config::{
    is_token, validate, CorsConfiguration, CorsRule, Field, Location, ProblemKind, S3_METHODS,
};
use crate::lint::is_forbidden_request_header;
use crate::pattern::{faults, normalize, OverbroadOrigin, Pattern, Quoted, Shown};

/// The rule that needs the fewest changes to grant a refused request: see [`Explanation::nearest`].
///
/// Printed, it is the remedy in one line: `CORSRules[0]: add PUT to AllowedMethods`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearestMiss {
    location: Location,
    fields: Vec<Field>,
    remedy: Remedy,
    widens_others: bool,
}

/// What grants a refused request: see [`NearestMiss::remedy`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// Change the nearest rule, which allows the origin or is to allow it.
    ChangeRule(Vec<Change>),
    /// Add this rule at the end: strangers match the nearest rule too, or it is for other origins.
    AddRule(CorsRule),
    /// No change of the rules is right: a sentence that says what to do instead, such as `send one Origin header`.
    Instead(String),
}

/// A value that a remedy writes into a rule: see [`Remedy::ChangeRule`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The entry that the value replaces; the whole list, without an index, if the value is added to it.
    pub location: Location,
    /// The value to write.
    pub value: String,
}

impl Change {
    fn apply_to(&self, rule: &mut CorsRule) {
        let list = match self.location.field {
            Some(Field::AllowedOrigins) => &mut rule.allowed_origins,
            Some(Field::AllowedMethods) => &mut rule.allowed_methods,
            _ => &mut rule.allowed_headers,
        };
        match self.location.index.and_then(|index| list.get_mut(index)) {
            Some(entry) => entry.clone_from(&self.value),
            None => list.push(self.value.clone()),
        }
    }
}

impl NearestMiss {
    /// `near` has the entries that nearly match the Origin.
    pub(super) fn find(explanation: &Explanation, near: &[Candidate<'_>]) -> Option<Self> {
        if explanation.is_granted() {
            return None;
        }
        let choice = Choice::new(explanation, near)?;
        let lacking: Vec<Part<'_>> = explanation.lacking(choice.number).collect();
        let mut fields: Vec<Field> = lacking.iter().map(|part| part.field).collect();
        fields.dedup();
        let (remedy, widens_others) = choice.remedy(lacking);
        let location = Location::rule(choice.number);
        let mut nearest = NearestMiss { location, fields, remedy, widens_others };
        if !nearest.is_valid(explanation) {
            let sentence = "shorten the rules first, with this change they would break a limit of S3";
            nearest.remedy = Remedy::Instead(sentence.into());
        }
        Some(nearest)
    }

    /// The rule.
    pub fn location(&self) -> Location {
        self.location
    }

    /// The fields of the rule that do not match the request.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// What to do: there is one remedy, the one that changes least and lets in no stranger.
    pub fn remedy(&self) -> &Remedy {
        &self.remedy
    }

    /// Whether the remedy also allows more to other origins that the rule is for. It never allows more to strangers:
    /// to origins that match no rule, or only a pattern such as `*`.
    pub fn widens_others(&self) -> bool {
        self.widens_others
    }

    /// Applies the remedy; [`Remedy::Instead`] changes nothing. A policy with the same settings accepts the result, and
    /// grants the request: see the example of [`Explanation`].
    pub fn apply_to(&self, configuration: &mut CorsConfiguration) {
        match &self.remedy {
            Remedy::ChangeRule(changes) => {
                let rule = self.location.rule.and_then(|rule| configuration.rules.get_mut(rule));
                rule.into_iter().for_each(|rule| changes.iter().for_each(|change| change.apply_to(rule)));
            }
            Remedy::AddRule(rule) => configuration.rules.push(rule.clone()),
            Remedy::Instead(_) => {}
        }
    }

    /// Whether the changed configuration makes a policy.
    fn is_valid(&self, explanation: &Explanation) -> bool {
        let options = explanation.policy.options();
        let mut changed = if options.extended {
            // Nothing depends on the other values where a document may have any size, so they are not copied.
            let rule = rule("https://example.com", "GET", empty());
            CorsConfiguration { rules: vec![rule; explanation.written().len()] }
        } else {
            explanation.policy.configuration().clone()
        };
        self.apply_to(&mut changed);
        validate(&changed, options).is_empty()
    }
}

/// The rule that needs the fewest changes.
struct Choice<'a> {
    explanation: &'a Explanation,
    number: usize,
    rule: &'a CorsRule,
    /// Whether it allows the Origin.
    is_known: bool,
    /// Makes it allow the Origin, where an entry is meant for it and has a fault.
    correction: Option<Change>,
    /// The same page over `https`, if the rule allows that instead.
    secure: Option<String>,
}

impl<'a> Choice<'a> {
    /// Prefers rules that have the origin, also in a faulty entry: no other origin list has to grow. Among those that
    /// need equally many changes, one with a similar origin is nearer, then the earlier.
    fn new(explanation: &'a Explanation, near: &[Candidate<'_>]) -> Option<Self> {
        let origin = explanation.origin.as_deref().filter(|origin| instead_of_origin(origin).is_none());
        let insecure = origin.and_then(|origin| origin.strip_prefix("http://"));
        let secure = insecure.map(|rest| [rest, without_port(rest)].map(|rest| format!("https://{rest}")));
        let secure = secure.map(|origins| origins.map(|origin| (explanation.allowing(&origin), origin)));
        let choices = explanation.written().iter().enumerate().map(|(number, rule)| {
            let mut near = near.iter().filter(|near| near.location.rule == Some(number)).peekable();
            let is_similar = near.peek().is_some();
            let correction = origin.and_then(|_| near.find_map(|near| near.correction.clone()));
            let is_known = explanation.origins.contains(number);
            let mut secure = secure.iter().flatten().filter(|(rules, _)| !is_known && rules.contains(number));
            let secure = secure.next().map(|(_, origin)| origin.clone());
            let failing = explanation.lacking(number).count();
            let tier = match (&secure, is_known || correction.is_some()) {
                (Some(_), _) if failing == 1 => 0,
                (_, true) => 1,
                (Some(_), false) => 2,
                (None, false) => 3,
            };
            let secure = secure.filter(|_| tier != 1);
            let choice = Choice { explanation, number, rule, is_known, correction, secure };
            ((tier, failing, !is_known, !is_similar), choice)
        });
        choices.min_by_key(|(cost, _)| *cost).map(|(_, choice)| choice)
    }

    /// The remedy, and whether it allows more to other origins of the rule.
    fn remedy(&self, lacking: Vec<Part<'_>>) -> (Remedy, bool) {
        let Explanation { origin, method, .. } = self.explanation;
        let origins = &self.rule.allowed_origins;
        let grows = lacking.iter().any(|part| part.field != Field::AllowedOrigins);
        let is_for_others = !self.is_known && self.correction.is_none();
        let adds_rule =
            grows && (is_for_others || origins.iter().any(|origin| OverbroadOrigin::find(origin).is_some()));
        let parts = if adds_rule { self.explanation.parts().collect() } else { lacking };
        if let Some(sentence) = self.instead(&parts) {
            return (Remedy::Instead(sentence), false);
        }
        if adds_rule {
            let own = rule(origin.as_deref().unwrap_or_default(), method, self.explanation.names());
            return (Remedy::AddRule(own), false);
        }
        let location = Location::rule(self.number);
        let changes = parts.into_iter().map(|Part { field, value, .. }| {
            let correction = self.correction.clone().filter(|_| field == Field::AllowedOrigins);
            correction.unwrap_or_else(|| Change { location: location.with_field(field), value: value.into() })
        });
        let corrected = self.correction.as_ref().and_then(|correction| correction.location.index);
        let mut others = origins.iter().enumerate();
        let is_shared =
            others.any(|(index, other)| Some(index) != corrected && Some(other) != origin.as_ref());
        let opens = self.correction.as_ref().is_some_and(|correction| correction.value.contains('*'));
        (Remedy::ChangeRule(changes.collect()), grows && is_shared || opens)
    }

    /// What to do if no rule should have one of the parts.
    fn instead(&self, parts: &[Part<'_>]) -> Option<String> {
        let Explanation { origin, lacks_method, .. } = self.explanation;
        let sentence = parts.iter().find_map(|part| match part.field {
            Field::AllowedOrigins if origin.is_none() => {
                Some("send one Origin header, only \"*\" matches several".into())
            }
            Field::AllowedOrigins => instead_of_origin(part.value),
            Field::AllowedMethods if *lacks_method => {
                Some("send Access-Control-Request-Method, an OPTIONS without it is not a preflight".into())
            }
            Field::AllowedMethods if !part.allowing.is_empty() => None,
            Field::AllowedMethods => instead_of_method(part.value, self.explanation.policy.is_extended()),
            _ => self.instead_of_name(part.value),
        });
        let secure = self.secure.as_ref();
        sentence.or_else(|| Some(format!("open the page as {}, which this rule allows", Shown(secure?))))
    }

    /// None if a rule can have the name, and matches no other name with it.
    fn instead_of_name(&self, name: &str) -> Option<String> {
        let reason = if !is_token(name) {
            "it is not a valid header name"
        } else if name.contains('*') {
            "only a rule can have a \"*\""
        } else if is_forbidden_request_header(name) {
            "browsers never ask for it"
        } else {
            return None;
        };
        Some(format!("remove {} from the requested headers, {reason}", Shown(name)))
    }
}

/// None if a browser sends the origin, and it is one site's own.
fn instead_of_origin(origin: &str) -> Option<String> {
    let is_literal = |origin: &str| matches!(Pattern::parse_origin(origin), Pattern::Literal(_));
    if origin == "null" {
        let sentence = "open the page from an http or https address: browsers send \"null\" for files, \
                        sandboxed frames and redirects across origins";
        return Some(sentence.into());
    }
    let clauses = clauses(origin);
    if clauses.is_empty() && is_literal(origin) {
        return None;
    }
    let reason = if clauses.is_empty() { "it is a pattern" } else { &clauses };
    Some(match normalize(origin).filter(|sent| is_literal(sent)) {
        Some(sent) => {
            format!("send {} as the Origin, no browser sends {}: {reason}", Shown(&sent), Quoted(origin))
        }
        None => format!("send the Origin of a page, no browser sends {}: {reason}", Quoted(origin)),
    })
}

/// What no browser sends of the origin, in words; empty if one does.
pub(super) fn clauses(origin: &str) -> String {
    faults(origin).iter().map(|fault| fault.clause()).collect::<Vec<_>>().join(", ")
}

/// None if a rule can have the method.
fn instead_of_method(method: &str, is_extended: bool) -> Option<String> {
    // Browsers put only some methods into upper case (https://fetch.spec.whatwg.org/#concept-method-normalize).
    const USUAL: [&str; 7] = ["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"];
    let usual = USUAL.iter().find(|usual| usual.eq_ignore_ascii_case(method));
    if let Some(usual) = usual.filter(|usual| **usual != method) {
        Some(format!("send {usual} in upper case, methods are compared byte for byte"))
    } else if ProblemKind::of_extended_method(method).is_some() {
        Some(format!("use another method, no browser sends {}", Shown(method)))
    } else if !is_extended && !S3_METHODS.contains(&method) {
        Some(format!(
            "build an extended policy and add {} to AllowedMethods, S3 has no such method",
            Shown(method)
        ))
    } else {
        None
    }
}

pub(super) fn rule<'n>(origin: &str, method: &str, names: impl Iterator<Item = &'n str>) -> CorsRule {
    CorsRule {
        allowed_origins: vec![origin.into()],
        allowed_methods: vec![method.into()],
        allowed_headers: names.map(str::to_owned).collect(),
        ..CorsRule::default()
    }
}
