//! Checks a configuration against S3's limits and finds every problem.

use super::location::{Field, Location};
use super::problem::{is_token, Problem, ProblemKind, MAX_BYTES, MAX_ID, MAX_RULES, S3_METHODS};
use super::write::is_xml_char;
use super::{CorsConfiguration, CorsRule};
use crate::pattern;

/// The settings of a policy.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PolicyOptions {
    /// Accepts any method and a document of any size.
    pub(crate) extended: bool,
    /// Answers let scripts read their timings.
    pub(crate) timing_allow_origin: bool,
    /// Answers allow credentials, so the origins are refused that this finds to be overbroad.
    ///
    /// It is a pointer so that a program that never allows credentials does not carry the list of public suffixes.
    pub(crate) credentials: Option<OriginCheck>,
    /// Adds the lints that are errors. A pointer for the same reason.
    pub(crate) strict: Option<fn(&CorsConfiguration, &mut Vec<Problem>)>,
}

impl PolicyOptions {
    #[cfg(feature = "reload")]
    pub(crate) fn is_same(self, other: Self) -> bool {
        self.extended == other.extended
            && self.timing_allow_origin == other.timing_allow_origin
            && self.credentials.is_some() == other.credentials.is_some()
            && self.strict.is_some() == other.strict.is_some()
    }
}

/// Why an origin pattern is overbroad, also in words.
pub(crate) type OriginCheck = fn(&str) -> Option<(pattern::OverbroadOrigin, String)>;

pub(crate) fn validate(configuration: &CorsConfiguration, options: PolicyOptions) -> Vec<Problem> {
    let rules = &configuration.rules;
    let mut check = Check { options, is_split: is_split(rules), problems: Vec::new() };
    let bytes = if options.extended { 0 } else { configuration.to_xml().len() };
    let limits = [
        (rules.is_empty(), None, ProblemKind::NoRules),
        (rules.len() > MAX_RULES, Some(rules.len()), ProblemKind::TooManyRules),
        (bytes > MAX_BYTES, Some(bytes), ProblemKind::DocumentTooLarge),
        (check.is_split, None, ProblemKind::SplitRule),
    ];
    for (_, number, kind) in limits.into_iter().filter(|(is_broken, ..)| *is_broken) {
        check.push(Location::default(), number.map(|number| number.to_string()), kind);
    }
    rules.iter().enumerate().for_each(|(index, rule)| check.rule(rule, Location::rule(index)));
    if let Some(add_lints) = options.strict {
        add_lints(configuration, &mut check.problems);
    }
    check.problems
}

/// Whether each rule has one field that no other has, so that they were meant to be one rule.
fn is_split(rules: &[CorsRule]) -> bool {
    let mut seen = Vec::new();
    for rule in rules {
        let [a, b, c, d] = rule.lists().map(|(_, values)| !values.is_empty());
        let is_set = [a, b, c, d, rule.id.is_some(), rule.max_age_seconds.is_some()];
        let field = is_set.iter().position(|is_set| *is_set);
        if is_set.iter().filter(|is_set| **is_set).count() != 1 || seen.contains(&field) {
            return false;
        }
        seen.push(field);
    }
    rules.len() > 1
}

struct Check {
    options: PolicyOptions,
    is_split: bool,
    problems: Vec<Problem>,
}

impl Check {
    fn rule(&mut self, rule: &CorsRule, location: Location) {
        if let Some(id) = &rule.id {
            self.value(location.with_field(Field::Id), Field::Id, id);
        }
        for (field, values) in rule.lists() {
            let location = location.with_field(field);
            match field {
                _ if self.is_split || !values.is_empty() => {}
                Field::AllowedOrigins => self.push(location, None, ProblemKind::NoOrigin),
                Field::AllowedMethods => self.push(location, None, ProblemKind::NoMethod),
                _ => {}
            }
            for (index, value) in values.iter().enumerate() {
                self.value(location.with_index(index), field, value);
            }
        }
    }

    fn value(&mut self, location: Location, field: Field, value: &str) {
        use ProblemKind::*;
        let stars = value.bytes().filter(|byte| *byte == b'*').count();
        let not_xml = (!value.chars().all(is_xml_char)).then_some(NotXml);
        let not_a_name = (!is_token(value)).then_some(NotAHeaderName);
        let kinds = match field {
            Field::Id => [(value.chars().count() > MAX_ID).then_some(IdTooLong), not_xml],
            Field::AllowedOrigins => [(stars > 1).then_some(OriginWildcards), not_xml],
            Field::AllowedMethods if self.options.extended => [ProblemKind::of_extended_method(value), None],
            Field::AllowedMethods => [(!S3_METHODS.contains(&value)).then_some(UnsupportedMethod), None],
            Field::AllowedHeaders => [(stars > 1).then_some(HeaderWildcards), not_a_name],
            Field::ExposeHeaders => [(stars > 0).then_some(ExposeWildcard), not_a_name],
            Field::MaxAgeSeconds => [None; 2],
        };
        for kind in kinds.into_iter().flatten() {
            self.push(location, Some(value.to_owned()), kind);
        }
        let check = self.options.credentials.filter(|_| field == Field::AllowedOrigins && stars <= 1);
        if let Some((overbroad, reason)) = check.and_then(|check| check(value)) {
            let problem = Problem::new(location, Some(value.to_owned()), OverbroadOrigin(overbroad));
            self.problems.push(problem.with_reason(&reason));
        }
    }

    fn push(&mut self, location: Location, value: Option<String>, kind: ProblemKind) {
        self.problems.push(Problem::new(location, value, kind));
    }
}
