//! The rule that needs the fewest changes to grant a request, and the one remedy.

use super::hints::{without_port, Hint, HintKind};
use super::{Explanation, Part, RuleExplanation};
use crate::config::{is_token, validate, ProblemKind, MAX_RULES, S3_METHODS};
use crate::config::{CorsConfiguration, CorsRule, Field, Location};
use crate::pattern::{faults, is_forbidden_request_header, normalize};
use crate::pattern::{OriginFault, OverbroadOrigin, Pattern, Quoted, Shown};
use crate::policy::CorsPolicy;

/// The rule that needs the fewest changes to grant a refused request: see [`Explanation::nearest`].
///
/// Printed, it is the remedy in one line:
///
/// ```
/// use tower_s3_cors::{CorsPolicy, CorsRequest, CorsRule};
///
/// let policy = CorsPolicy::try_from(CorsRule::new(["https://app.example.com"], ["GET"]))?;
/// let explanation = policy.explain(&CorsRequest::preflight("https://app.example.com", "PUT", ""));
/// let nearest = explanation.nearest().map(ToString::to_string);
/// assert_eq!(nearest.as_deref(), Some("CORSRules[0]: add PUT to AllowedMethods"));
/// # Ok::<(), tower_s3_cors::InvalidConfiguration>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearestMiss {
    rule: usize,
    pub(super) lacks_origin: bool,
    remedy: Remedy,
    widens_others: bool,
}

/// What grants a refused request: see [`NearestMiss::remedy`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// Change the nearest rule, which allows the origin or is to allow it.
    ChangeRule(Vec<RuleChange>),
    /// Add this rule at the end, because the nearest rule also matches strangers or is for other origins.
    AddRule(CorsRule),
    /// No change of the rules is right: a sentence that says what to do instead, such as `send one Origin header`.
    Instead(String),
}

/// A value that a remedy writes into a rule: see [`Remedy::ChangeRule`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleChange {
    /// The entry that the value replaces; the whole list, without an index, if the value is added to it.
    pub location: Location,
    /// The value to write.
    pub value: String,
}

impl NearestMiss {
    pub(super) fn find(explanation: &Explanation) -> Option<Self> {
        let choice = Choice::new(explanation).filter(|_| !explanation.is_granted())?;
        let rule = choice.rule;
        let (remedy, widens_others) = choice.remedy();
        let mut nearest =
            NearestMiss { rule: rule.number, lacks_origin: !rule.origin(), remedy, widens_others };
        if !nearest.keeps_limits(&explanation.policy) {
            let sentence = "shorten the rules first, with this change they would break a limit of S3";
            nearest.remedy = Remedy::Instead(sentence.into());
        }
        Some(nearest)
    }

    /// The rule.
    pub fn location(&self) -> Location {
        Location::rule(self.rule)
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
            Remedy::ChangeRule(changes) => changes.iter().for_each(|change| change.apply_to(configuration)),
            Remedy::AddRule(rule) => configuration.rules.push(rule.clone()),
            Remedy::Instead(_) => {}
        }
    }

    /// Whether the changed configuration makes a policy.
    fn keeps_limits(&self, policy: &CorsPolicy) -> bool {
        let configuration = policy.configuration();
        if policy.is_extended() {
            // A document may have any size, so it is not copied.
            return configuration.rules.len() < MAX_RULES || !matches!(self.remedy, Remedy::AddRule(_));
        }
        let mut changed = configuration.clone();
        self.apply_to(&mut changed);
        validate(&changed, policy.options()).is_empty()
    }
}

impl RuleChange {
    fn apply_to(&self, configuration: &mut CorsConfiguration) {
        let Location { rule, field, index } = self.location;
        let rule = rule.and_then(|rule| configuration.rules.get_mut(rule));
        let Some(list) = rule.zip(field).and_then(|(rule, field)| rule.list_mut(field)) else { return };
        match index.and_then(|index| list.get_mut(index)) {
            Some(entry) => entry.clone_from(&self.value),
            None => list.push(self.value.clone()),
        }
    }
}

/// The rule that needs the fewest changes.
struct Choice<'a> {
    rule: RuleExplanation<'a>,
    /// Makes it allow the Origin, where an entry is meant for it and has a fault.
    correction: Option<RuleChange>,
    /// The same page over `https`, if the rule allows that instead.
    secure: Option<String>,
}

impl<'a> Choice<'a> {
    /// Prefers rules that have the origin, also in a faulty entry: no other origin list has to grow. Among those that
    /// need equally many changes, one with a similar origin is nearer, then the earlier.
    fn new(explanation: &'a Explanation) -> Option<Self> {
        let origin = Some(&explanation.origin.value).filter(|origin| instead_of_origin(origin).is_none());
        let insecure = origin.and_then(|origin| origin.strip_prefix("http://"));
        let secure = insecure.map(|rest| [rest, without_port(rest)].map(|rest| format!("https://{rest}")));
        let allowing = |origin: &str| explanation.policy.matching_origin(Some(origin.as_bytes()));
        let choices = explanation.rules().map(|rule| {
            let near = explanation.hints.iter().filter(|hint| hint.location().rule == Some(rule.number));
            let correction = near.clone().find_map(|hint| correction(rule.rule, hint));
            let correction = correction.filter(|_| origin.is_some());
            let is_known = rule.origin();
            let allows = |origin: &&String| !is_known && allowing(origin).contains(rule.number);
            let secure = secure.iter().flatten().find(allows).cloned();
            let failing = rule.lacking().count();
            let tier = match (&secure, is_known || correction.is_some()) {
                (Some(_), _) if failing == 1 => 0,
                (_, true) => 1,
                (Some(_), false) => 2,
                (None, false) => 3,
            };
            let secure = secure.filter(|_| tier != 1);
            let cost = (tier, failing, !is_known, near.count() == 0);
            (cost, Choice { rule, correction, secure })
        });
        choices.min_by_key(|(cost, _)| *cost).map(|(_, choice)| choice)
    }

    /// The remedy, and whether it allows more to other origins of the rule.
    fn remedy(&self) -> (Remedy, bool) {
        let RuleExplanation { explanation, number, rule } = self.rule;
        let Explanation { origin, method, .. } = explanation;
        let origins = &rule.allowed_origins;
        let lacking: Vec<&Part> = self.rule.lacking().collect();
        let grows = lacking.iter().any(|part| part.field != Field::AllowedOrigins);
        let is_for_others = !self.rule.origin() && self.correction.is_none();
        let adds_rule =
            grows && (is_for_others || origins.iter().any(|origin| OverbroadOrigin::find(origin).is_some()));
        let parts = if adds_rule { explanation.parts().collect() } else { lacking };
        if let Some(sentence) = self.instead(&parts) {
            return (Remedy::Instead(sentence), false);
        }
        if adds_rule {
            let rule = CorsRule {
                allowed_origins: vec![origin.value.clone()],
                allowed_methods: vec![method.value.clone()],
                allowed_headers: explanation.names().map(str::to_owned).collect(),
                ..CorsRule::default()
            };
            return (Remedy::AddRule(rule), false);
        }
        let changes = parts.into_iter().map(|part| {
            let location = Location::rule(number).with_field(part.field);
            let correction = self.correction.clone().filter(|_| part.field == Field::AllowedOrigins);
            correction.unwrap_or(RuleChange { location, value: part.value.clone() })
        });
        let others = origins.iter().filter(|other| **other != origin.value).count();
        let is_shared = others > usize::from(self.correction.is_some());
        let opens = self.correction.as_ref().is_some_and(|correction| correction.value.contains('*'));
        (Remedy::ChangeRule(changes.collect()), grows && is_shared || opens)
    }

    /// What to do if no rule should have one of the parts.
    fn instead(&self, parts: &[&Part]) -> Option<String> {
        let sentence = parts.iter().find_map(|part| match part.field {
            Field::AllowedOrigins => instead_of_origin(&part.value),
            Field::AllowedMethods => self.instead_of_method(part),
            _ => self.instead_of_name(&part.value),
        });
        let secure = self.secure.as_ref();
        sentence.or_else(|| Some(format!("open the page as {}, which this rule allows", Shown(secure?))))
    }

    /// None if a rule can have the method.
    fn instead_of_method(&self, part: &Part) -> Option<String> {
        // Browsers put only some methods into upper case (https://fetch.spec.whatwg.org/#concept-method-normalize).
        const USUAL: [&str; 7] = ["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"];
        let (method, upper) = (&*part.value, part.value.to_ascii_uppercase());
        let shown = Shown(method);
        if self.rule.explanation.lacks_method {
            Some("send Access-Control-Request-Method, an OPTIONS without it is not a preflight".into())
        } else if !part.allowing.is_empty() {
            None
        } else if upper != method && USUAL.contains(&&*upper) {
            Some(format!("send {upper} in upper case, methods are compared byte for byte"))
        } else if ProblemKind::of_extended_method(method).is_some() {
            Some(format!("use another method, no browser sends {shown}"))
        } else if self.rule.explanation.policy.is_extended() || S3_METHODS.contains(&method) {
            None
        } else {
            Some(format!("build an extended policy and add {shown} to AllowedMethods, S3 has no such method"))
        }
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

fn correction(rule: &CorsRule, hint: &Hint) -> Option<RuleChange> {
    let location = hint.location();
    let value = normalize(rule.allowed_origins.get(location.index?)?)?;
    (hint.kind() == HintKind::WrittenOrigin).then_some(RuleChange { location, value })
}

/// None if a browser sends the origin, and it is one site's own.
fn instead_of_origin(origin: &str) -> Option<String> {
    let is_literal = |origin: &str| matches!(Pattern::parse_origin(origin), Pattern::Literal(_));
    let clauses = OriginFault::clauses(&faults(origin));
    let reason = if clauses.is_empty() { "it is a pattern" } else { &clauses };
    let written = Quoted(origin);
    Some(match (origin, normalize(origin).filter(|sent| is_literal(sent))) {
        ("", _) => "send one Origin header, only \"*\" matches several".into(),
        ("null", _) => "open the page from an http or https address: browsers send \"null\" for files, \
                        sandboxed frames and redirects across origins"
            .into(),
        (_, Some(sent)) if sent == origin => return None,
        (_, Some(sent)) => {
            format!("send {} as the Origin, no browser sends {written}: {reason}", Shown(&sent))
        }
        (_, None) => format!("send the Origin of a page, no browser sends {written}: {reason}"),
    })
}
