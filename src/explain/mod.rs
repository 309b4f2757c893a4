//! Why a policy grants or refuses: the look-ups of `decide`, kept apart by rule and part.

mod display;
mod hints;
mod nearest_rule;
mod origin_mismatch;

use std::collections::HashSet;
use std::fmt;

pub use hints::{Hint, HintKind};
pub use nearest_rule::{Addition, NearestMiss};

use crate::config::CorsRule;
use crate::pattern::RuleSet;
use crate::policy::{CorsPolicy, CorsRequest, Decision};

impl CorsPolicy {
    /// Explains what [`decide`](CorsPolicy::decide) says: rule by rule, with the nearest miss of a refusal.
    ///
    /// It is for people and their tools, not for every request: it copies what the request asks for, and reads
    /// each AllowedOrigin once to find what nearly matches.
    ///
    /// ```
    /// use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRequest, CorsRule, Field, HintKind};
    ///
    /// let rule = CorsRule {
    ///     id: Some("web".into()),
    ///     allowed_origins: vec!["https://app.example.com/".into()],
    ///     allowed_methods: vec!["GET".into()],
    ///     ..CorsRule::default()
    /// };
    /// let policy = CorsPolicy::new(&CorsConfiguration { rules: vec![rule] })?;
    ///
    /// let request = http::Request::get("/").header("origin", "https://app.example.com").body(())?;
    /// let asked = CorsRequest::classify(&request).ok_or("no Origin")?;
    /// let explanation = policy.explain(&asked);
    ///
    /// assert!(!explanation.is_granted());
    /// let nearest = explanation.nearest().ok_or("granted")?;
    /// assert_eq!(nearest.fields(), [Field::AllowedOrigins]);
    /// assert_eq!(explanation.hints()[0].kind(), HintKind::WrittenOrigin);
    /// println!("{explanation}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn explain(&self, request: &CorsRequest<'_>) -> Explanation {
        let mut explanation = self.explain_without_hints(request);
        explanation.hints = hints::find(&explanation);
        explanation
    }

    /// The same but for the hints, and so without a look at every AllowedOrigin.
    pub(crate) fn explain_without_hints(&self, request: &CorsRequest<'_>) -> Explanation {
        let origin = request.origin().map(|origin| origin.as_bytes());
        let origins = self.matching_origin(origin);
        let methods = self.matching_method(request.method());
        let mut names = Vec::new();
        let mut known = HashSet::new();
        for name in request.requested_headers().filter(|name| known.insert(name.to_ascii_lowercase())) {
            let allowing = self.matching_header(name);
            names.push((text(name), allowing));
        }
        let mut explanation = Explanation {
            policy: self.clone(),
            preflight: request.is_preflight(),
            lacks_method: request.lacks_requested_method(),
            origin: origin.map(text),
            method: text(request.method()),
            names,
            origins,
            methods,
            decision: self.decide(request),
            nearest: None,
            hints: Vec::new(),
        };
        explanation.nearest = NearestMiss::of(&explanation);
        explanation
    }
}

/// What is no text is no value of a rule either, so that nothing is lost that could match.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Why a request is granted or refused: see [`CorsPolicy::explain`].
///
/// Printed, it is several lines for people: the outcome, the rules, the nearest miss and what else nearly matches.
/// Whatever bytes the request has, the lines hold no control character and are cut to a readable length.
///
/// ```
/// # use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRequest, CorsRule};
/// # let rule = CorsRule {
/// #     allowed_origins: vec!["https://app.example.com".into()],
/// #     allowed_methods: vec!["GET".into(), "HEAD".into()],
/// #     ..CorsRule::default()
/// # };
/// # let policy = CorsPolicy::new(&CorsConfiguration { rules: vec![rule] })?;
/// let request = http::Request::put("/").header("origin", "https://app.example.com").body(())?;
/// let asked = CorsRequest::classify(&request).ok_or("no Origin")?;
/// assert_eq!(
///     policy.explain(&asked).to_string(),
///     "refused: actual request from https://app.example.com for PUT\n  \
///        CORSRules[0]  origin yes   method no (GET, HEAD)\n\
///      nearest: CORSRules[0]: add PUT to AllowedMethods"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Explanation {
    policy: CorsPolicy,
    preflight: bool,
    /// An OPTIONS that asks for no method.
    lacks_method: bool,
    origin: Option<String>,
    method: String,
    /// Each name once, with the rules that allow it.
    names: Vec<(String, RuleSet)>,
    origins: RuleSet,
    methods: RuleSet,
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
        let rules = self.written().iter().enumerate();
        rules.map(|(number, rule)| RuleExplanation { explanation: self, number, rule })
    }

    /// The rule that fails in the fewest parts, the earliest among equals; `None` if the request is granted.
    ///
    /// The parts are the origin, the method and each requested name.
    pub fn nearest(&self) -> Option<&NearestMiss> {
        self.nearest.as_ref()
    }

    /// What nearly matches, or is not as it seems: at most five, the likeliest first.
    pub fn hints(&self) -> &[Hint] {
        &self.hints
    }

    /// The rules that allow another origin than the request's.
    fn allowing(&self, origin: &str) -> RuleSet {
        self.policy.matching_origin(Some(origin.as_bytes()))
    }

    fn written(&self) -> &[CorsRule] {
        &self.policy.configuration().rules
    }

    /// In how many parts a rule fails.
    fn failing(&self, rule: usize) -> usize {
        let names = self.names.iter().filter(|(_, allowing)| !allowing.contains(rule)).count();
        names + usize::from(!self.origins.contains(rule)) + usize::from(!self.methods.contains(rule))
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the policy: it has a Debug of its own, and may have a hundred thousand origins.
        f.debug_struct("Explanation")
            .field("rule", &self.rule())
            .field("preflight", &self.preflight)
            .field("origin", &self.origin)
            .field("method", &self.method)
            .field("rules", &self.rules().collect::<Vec<_>>())
            .field("nearest", &self.nearest)
            .field("hints", &self.hints)
            .finish()
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
        self.explanation.origins.contains(self.number)
    }

    /// Whether it allows the method.
    pub fn method(&self) -> bool {
        self.explanation.methods.contains(self.number)
    }

    /// Each requested name, and whether the rule allows it. A name that was sent twice stands here once.
    pub fn headers(&self) -> impl Iterator<Item = (&'a str, bool)> {
        let number = self.number;
        self.explanation.names.iter().map(move |(name, allowing)| (&**name, allowing.contains(number)))
    }

    /// Whether it allows all of them. The first rule that does decides.
    pub fn is_match(&self) -> bool {
        self.origin() && self.method() && self.headers().all(|(_, allowed)| allowed)
    }
}

impl fmt::Debug for RuleExplanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused = self.headers().filter(|(_, allowed)| !allowed).count();
        f.debug_struct("RuleExplanation")
            .field("rule", &self.number)
            .field("id", &self.id())
            .field("origin", &self.origin())
            .field("method", &self.method())
            .field("headers_refused", &refused)
            .finish()
    }
}
