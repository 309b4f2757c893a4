//! Checks a configuration against S3's limits and finds every problem.

use super::location::{Field, Location};
use super::problem::{is_token, Problem, ProblemKind, MAX_BYTES, MAX_ID, MAX_RULES, S3_METHODS};
use super::{xml, CorsConfiguration, CorsRule};
use crate::pattern::OverbroadOrigin;

/// The settings of a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PolicyOptions {
    /// Accepts any method and a document of any size.
    pub(crate) extended: bool,
    /// Answers allow credentials, so overbroad origins are refused.
    pub(crate) credentials: bool,
}

pub(crate) fn validate(configuration: &CorsConfiguration, options: PolicyOptions) -> Vec<Problem> {
    let rules = &configuration.rules;
    let mut problems = Vec::new();
    let mut of_all = |value, kind| problems.push(Problem::new(Location::default(), value, kind));
    if rules.is_empty() {
        of_all(None, ProblemKind::NoRules);
    }
    if rules.len() > MAX_RULES {
        of_all(Some(rules.len().to_string()), ProblemKind::TooManyRules);
    }
    let bytes = if options.extended { 0 } else { configuration.to_xml().len() };
    if bytes > MAX_BYTES {
        of_all(Some(bytes.to_string()), ProblemKind::DocumentTooLarge);
    }
    let is_split = is_split(rules);
    if is_split {
        of_all(None, ProblemKind::SplitRule);
    }
    for (index, rule) in rules.iter().enumerate() {
        check_rule(rule, Location::rule(index), options, is_split, &mut problems);
    }
    problems
}

/// Whether each rule has one field that no other has, so that they were meant to be one rule.
fn is_split(rules: &[CorsRule]) -> bool {
    let fields = |rule: &CorsRule| {
        let others = [rule.id.is_some(), rule.max_age_seconds.is_some()];
        let lists = rule.lists().into_iter().map(|(_, values)| !values.is_empty());
        lists.chain(others).enumerate().fold(0u8, |fields, (bit, is_set)| fields | u8::from(is_set) << bit)
    };
    let mut seen = 0;
    let is_new = |fields: u8| {
        let is_new = fields.is_power_of_two() && seen & fields == 0;
        seen |= fields;
        is_new
    };
    rules.len() > 1 && rules.iter().map(fields).all(is_new)
}

fn check_rule(
    rule: &CorsRule,
    location: Location,
    options: PolicyOptions,
    is_split: bool,
    problems: &mut Vec<Problem>,
) {
    let check = |location: Location, field: Field, value: &String| {
        let kinds = kinds(field, value, options).into_iter().flatten();
        kinds.map(|kind| Problem::new(location, Some(value.clone()), kind)).collect::<Vec<_>>()
    };
    if let Some(id) = &rule.id {
        problems.extend(check(location.with_field(Field::Id), Field::Id, id));
    }
    for (field, values) in rule.lists() {
        let location = location.with_field(field);
        match field {
            _ if is_split || !values.is_empty() => {}
            Field::AllowedOrigins => problems.push(Problem::new(location, None, ProblemKind::NoOrigin)),
            Field::AllowedMethods => problems.push(Problem::new(location, None, ProblemKind::NoMethod)),
            _ => {}
        }
        for (index, value) in values.iter().enumerate() {
            problems.extend(check(location.with_index(index), field, value));
        }
    }
}

/// What is wrong with one value of a field.
fn kinds(field: Field, value: &str, options: PolicyOptions) -> [Option<ProblemKind>; 3] {
    let stars = value.bytes().filter(|byte| *byte == b'*').count();
    let not_xml = || (!value.chars().all(xml::is_char)).then_some(ProblemKind::NotXml);
    let not_a_name = || (!is_token(value)).then_some(ProblemKind::NotAHeaderName);
    match field {
        Field::Id => {
            let is_long = value.chars().count() > MAX_ID;
            [is_long.then_some(ProblemKind::IdTooLong), not_xml(), None]
        }
        Field::AllowedOrigins => {
            let overbroad = OverbroadOrigin::find(value).filter(|_| options.credentials && stars <= 1);
            let overbroad = overbroad.map(ProblemKind::OverbroadOrigin);
            [(stars > 1).then_some(ProblemKind::OriginWildcards), not_xml(), overbroad]
        }
        Field::AllowedMethods => [method_problem(value, options), None, None],
        Field::AllowedHeaders => [(stars > 1).then_some(ProblemKind::HeaderWildcards), not_a_name(), None],
        Field::ExposeHeaders => [(stars > 0).then_some(ProblemKind::ExposeWildcard), not_a_name(), None],
        Field::MaxAgeSeconds => [None; 3],
    }
}

fn method_problem(method: &str, options: PolicyOptions) -> Option<ProblemKind> {
    if options.extended {
        ProblemKind::of_extended_method(method)
    } else {
        (!S3_METHODS.contains(&method)).then_some(ProblemKind::UnsupportedMethod)
    }
}
