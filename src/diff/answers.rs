//! Which headers of two answers differ, in which dialect.

use http::header::{
    HeaderName, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
};
use http::HeaderValue;

use super::change::{ChangeKind, HeaderChange};
use super::decisions::Finding;
use super::Both;
use crate::policy::{CorsPolicy, RuleAnswer};

/// The answers of the rules of both policies, each different one once.
pub(super) struct Answers {
    all: Vec<Answer>,
    /// The numbers of the answers of each rule.
    rules: Both<Vec<usize>>,
}

/// What a rule answers where it decides.
#[derive(PartialEq)]
struct Answer {
    allow_origin: &'static str,
    credentials: Option<&'static str>,
    allow_methods: Option<HeaderValue>,
    expose_headers: Option<HeaderValue>,
    max_age: Option<HeaderValue>,
    timing_allow_origin: Option<&'static str>,
}

const TIMING_ALLOW_ORIGIN: HeaderName = HeaderName::from_static("timing-allow-origin");

impl Answers {
    pub(super) fn new(policies: Both<&CorsPolicy>) -> Self {
        let mut all: Vec<Answer> = Vec::new();
        let mut number = |answer: Answer| {
            let known = all.iter().position(|known| *known == answer);
            known.unwrap_or_else(|| {
                all.push(answer);
                all.len() - 1
            })
        };
        let mut of = |policy: &CorsPolicy| {
            let answers = (0..).map_while(|rule| policy.answer_of(rule)).map(Answer::new);
            answers.map(&mut number).collect()
        };
        let rules = Both { old: of(policies.old), new: of(policies.new) };
        Answers { all, rules }
    }

    fn numbers(&self, old: u8, new: u8) -> Option<(usize, usize)> {
        let of = |rules: &[usize], rule: u8| rules.get(usize::from(rule)).copied();
        of(&self.rules.old, old).zip(of(&self.rules.new, new))
    }

    /// Whether the rules answer the same.
    pub(super) fn are_same(&self, old: u8, new: u8) -> bool {
        self.numbers(old, new).is_some_and(|(old, new)| old == new)
    }

    /// What differs in the answers of the rules. `is_plain` says that the request asks for no headers, so that it may be
    /// an actual one.
    pub(super) fn finding(&self, old: u8, new: u8, is_plain: bool) -> Option<Finding> {
        let (old, new) = self.numbers(old, new)?;
        let (old, new) = (self.all.get(old)?, self.all.get(new)?);
        let headers = old.headers().into_iter().zip(new.headers());
        let answer: Vec<HeaderChange> = headers
            .filter(|((_, old), (_, new))| old != new)
            .map(|((name, old), (_, new))| HeaderChange { name, old, new })
            .collect();
        // The dialect S3 sends credentials with every origin that it gives back, Fetch exposes headers in responses to
        // actual requests only. Timings are those of actual responses in both.
        let is_sent = |header: &&HeaderChange| is_plain || header.name != TIMING_ALLOW_ORIGIN;
        let sent = || answer.iter().filter(is_sent);
        let in_s3 = sent().any(|header| header.name != ACCESS_CONTROL_ALLOW_CREDENTIALS);
        let in_fetch = sent().any(|header| is_plain || header.name != ACCESS_CONTROL_EXPOSE_HEADERS);
        let kind = ChangeKind::OtherHeaders;
        let finding = Finding { kind, names: Vec::new(), are_together: false, answer, in_fetch, in_s3 };
        (in_fetch || in_s3).then_some(finding)
    }
}

impl Answer {
    fn new(rule: &RuleAnswer) -> Self {
        let allow_origin = if rule.any_origin { "*" } else { "the origin" };
        Answer {
            allow_origin,
            credentials: rule.credentials.then_some("true"),
            allow_methods: Some(rule.allow_methods.clone()),
            expose_headers: rule.expose_headers.clone(),
            max_age: rule.max_age.clone(),
            timing_allow_origin: rule.timing.then_some(allow_origin),
        }
    }

    fn headers(&self) -> [(HeaderName, Option<String>); 6] {
        let text = |value: &Option<HeaderValue>| {
            value.as_ref().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        [
            (ACCESS_CONTROL_ALLOW_ORIGIN, Some(self.allow_origin.into())),
            (ACCESS_CONTROL_ALLOW_CREDENTIALS, self.credentials.map(str::to_owned)),
            (ACCESS_CONTROL_ALLOW_METHODS, text(&self.allow_methods)),
            (ACCESS_CONTROL_EXPOSE_HEADERS, text(&self.expose_headers)),
            (ACCESS_CONTROL_MAX_AGE, text(&self.max_age)),
            (TIMING_ALLOW_ORIGIN, self.timing_allow_origin.map(str::to_owned)),
        ]
    }
}
