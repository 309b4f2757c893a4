//! Why a policy grants or refuses a request, for people: [`CorsPolicy::explain`].

mod display;
mod hints;
mod nearest_rule;

use std::collections::HashSet;
use std::fmt;

pub use hints::{Hint, HintKind};
pub use nearest_rule::{NearestMiss, Remedy, RuleChange};

use crate::config::{CorsRule, Field};
use crate::pattern::RuleSet;
use crate::policy::{CorsPolicy, CorsRequest, Decision};

impl CorsPolicy {
    /// Explains what [`decide`](CorsPolicy::decide) says: rule by rule, with the one remedy for a refusal.
    ///
    /// It is for people and their tools, not for each request: it copies what the request asks for. For a refused
    /// request it reads each AllowedOrigin at most once, and parses at most 100,000 that resemble the Origin.
    #[must_use]
    pub fn explain(&self, request: &CorsRequest<'_>) -> Explanation {
        // No value of a rule matches what is not text, so nothing is lost that could match.
        let text = |value| String::from_utf8_lossy(value).into_owned();
        let part = |field, value, allowing| Part { field, value: text(value), allowing };
        let origin = request.origin();
        let mut known = HashSet::new();
        let names = request.requested_headers().filter(|name| known.insert(name.to_ascii_lowercase()));
        let names = names.map(|name| part(Field::AllowedHeaders, name, self.matching_header(name)));
        let mut explanation = Explanation {
            policy: self.clone(),
            preflight: request.is_preflight(),
            lacks_method: request.lacks_requested_method(),
            origin: part(Field::AllowedOrigins, origin.unwrap_or_default(), self.matching_origin(origin)),
            method: part(Field::AllowedMethods, request.method(), self.matching_method(request.method())),
            names: names.collect(),
            decision: self.decide(request),
            nearest: None,
            hints: Vec::new(),
        };
        explanation.hints = hints::find(&explanation);
        explanation.nearest = NearestMiss::find(&explanation);
        explanation
    }
}

/// Why a request is granted or refused: see [`CorsPolicy::explain`].
///
/// Printed, it is several lines for people: the outcome, the rules, the remedy, and facts that explain it.
/// Whatever bytes the request has, the lines hold no control character and are cut to a readable length.
///
/// ```
/// use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRequest, CorsRule};
/// use tower_s3_cors::explain::HintKind;
///
/// let rule = CorsRule {
///     allowed_origins: vec!["https://app.example.com/".into()],
///     allowed_methods: vec!["GET".into()],
///     ..CorsRule::default()
/// };
/// let mut configuration = CorsConfiguration { rules: vec![rule] };
/// let request = http::Request::get("/").header("origin", "https://app.example.com").body(())?;
/// let asked = CorsRequest::classify(&request).ok_or("no Origin")?;
///
/// let explanation = CorsPolicy::new(&configuration)?.explain(&asked);
/// assert_eq!(
///     explanation.to_string(),
///     "refused: actual request from https://app.example.com for GET\n  \
///        CORSRules[0]  origin no\n\
///      nearest: CORSRules[0]: correct AllowedOrigins[0] to https://app.example.com\n\
///      hint: CORSRules[0].AllowedOrigins[0] \"https://app.example.com/\" never matches: \
///      an origin does not end in \"/\""
/// );
/// assert_eq!(explanation.hints()[0].kind(), HintKind::WrittenOrigin);
///
/// explanation.nearest().ok_or("granted")?.apply_to(&mut configuration);
/// assert_eq!(configuration.rules[0].allowed_origins, ["https://app.example.com"]);
/// assert!(CorsPolicy::new(&configuration)?.decide(&asked).is_granted());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Explanation {
    policy: CorsPolicy,
    preflight: bool,
    /// An OPTIONS that asks for no method.
    lacks_method: bool,
    /// Empty if the request has several.
    origin: Part,
    method: Part,
    /// Each name once.
    names: Vec<Part>,
    decision: Decision,
    nearest: Option<NearestMiss>,
    hints: Vec<Hint>,
}

impl Explanation {
    /// Whether a rule matches.
    pub fn is_granted(&self) -> bool {
        self.decision.is_granted()
    }

    /// The rule that decides, counted from 0: the one that [`CorsPolicy::decide`] gives.
    pub fn rule(&self) -> Option<usize> {
        self.decision.rule()
    }

    /// What each rule says, in the order of the document.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = RuleExplanation<'_>> {
        let rules = &self.policy.configuration().rules;
        rules.iter().enumerate().map(|(number, rule)| RuleExplanation { explanation: self, number, rule })
    }

    /// The rule that needs the fewest changes, and what to do; `None` if the request is granted.
    ///
    /// It is a rule that has the origin, if there is one. Among equals it is the earliest.
    pub fn nearest(&self) -> Option<&NearestMiss> {
        self.nearest.as_ref()
    }

    /// Facts that explain the refusal, or warn of a grant: at most five, the likeliest first.
    pub fn hints(&self) -> &[Hint] {
        &self.hints
    }

    /// What a rule has to allow: the origin, the method, and each name.
    fn parts(&self) -> impl Iterator<Item = &Part> {
        [&self.origin, &self.method].into_iter().chain(&self.names)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &*name.value)
    }
}

/// A value of a request, and the rules that allow it in their field.
#[derive(Clone)]
struct Part {
    field: Field,
    value: String,
    allowing: RuleSet,
}

impl fmt::Debug for Explanation {
    /// What `Display` prints: the policy has a Debug of its own, and may have a hundred thousand origins.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Explanation({:?})", self.to_string())
    }
}

/// What one rule says of a request: see [`Explanation::rules`].
#[derive(Clone, Copy)]
pub struct RuleExplanation<'a> {
    explanation: &'a Explanation,
    number: usize,
    rule: &'a CorsRule,
}

impl<'a> RuleExplanation<'a> {
    /// The rule, counted from 0.
    pub fn rule(&self) -> usize {
        self.number
    }

    /// The ID of the rule, if it has one.
    pub fn id(&self) -> Option<&'a str> {
        self.rule.id.as_deref().filter(|id| !id.is_empty())
    }

    /// Whether it allows the origin.
    pub fn origin(&self) -> bool {
        self.explanation.origin.allowing.contains(self.number)
    }

    /// Whether it allows the method.
    pub fn method(&self) -> bool {
        self.explanation.method.allowing.contains(self.number)
    }

    /// Each requested header, and whether the rule allows it. A name that was sent twice is listed once.
    pub fn headers(&self) -> impl Iterator<Item = (&'a str, bool)> {
        let number = self.number;
        self.explanation.names.iter().map(move |name| (&*name.value, name.allowing.contains(number)))
    }

    /// Whether it allows all of them. The first rule that does decides.
    pub fn is_match(&self) -> bool {
        self.lacking().next().is_none()
    }

    /// The parts of the request that the rule does not allow.
    fn lacking(self) -> impl Iterator<Item = &'a Part> {
        self.explanation.parts().filter(move |part| !part.allowing.contains(self.number))
    }
}

impl fmt::Debug for RuleExplanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RuleExplanation({:?})", display::row(self).join(" "))
    }
}
