//! Checks a configuration against S3's limits and finds every problem.

use super::limits::{is_token, PolicyOptions, MAX_BYTES, MAX_ID, MAX_RULES, S3_METHODS};
use super::location::{Field, Location};
use super::problem::{Problem, ProblemKind};
use super::{xml, CorsConfiguration, CorsRule};
use crate::pattern::OverbroadOrigin;

pub(crate) fn validate(configuration: &CorsConfiguration, options: PolicyOptions) -> Vec<Problem> {
    let mut problems = Vec::new();
    let count = configuration.rules.len();
    if count == 0 {
        problems.push(Problem::new(Location::default(), None, ProblemKind::NoRules));
    }
    if count > MAX_RULES {
        problems.push(Problem::new(Location::default(), Some(count.to_string()), ProblemKind::TooManyRules));
    }
    if !options.extended {
        check_size(configuration, &mut problems);
    }
    let is_split = is_split(&configuration.rules);
    if is_split {
        problems.push(Problem::new(Location::default(), None, ProblemKind::SplitRule));
    }
    for (index, rule) in configuration.rules.iter().enumerate() {
        Check { options, location: Location::rule(index), is_split, problems: &mut problems }.rule(rule);
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

fn check_size(configuration: &CorsConfiguration, problems: &mut Vec<Problem>) {
    let bytes = configuration.to_xml().len();
    if bytes > MAX_BYTES {
        problems.push(Problem::new(
            Location::default(),
            Some(bytes.to_string()),
            ProblemKind::DocumentTooLarge,
        ));
    }
}

/// One rule under examination.
struct Check<'p> {
    options: PolicyOptions,
    location: Location,
    is_split: bool,
    problems: &'p mut Vec<Problem>,
}

impl Check<'_> {
    fn rule(&mut self, rule: &CorsRule) {
        self.id(rule.id.as_deref().unwrap_or_default());
        if rule.allowed_origins.is_empty() && !self.is_split {
            self.missing(Field::AllowedOrigins, ProblemKind::NoOrigin);
        }
        if rule.allowed_methods.is_empty() && !self.is_split {
            self.missing(Field::AllowedMethods, ProblemKind::NoMethod);
        }
        let options = self.options;
        self.list(Field::AllowedOrigins, &rule.allowed_origins, |origin| origin_problems(origin, options));
        self.list(Field::AllowedMethods, &rule.allowed_methods, |method| [method_problem(method, options)]);
        self.list(Field::AllowedHeaders, &rule.allowed_headers, |name| {
            [(stars(name) > 1).then_some(ProblemKind::HeaderWildcards), name_problem(name)]
        });
        self.list(Field::ExposeHeaders, &rule.expose_headers, |name| {
            [(stars(name) > 0).then_some(ProblemKind::ExposeWildcard), name_problem(name)]
        });
    }

    fn id(&mut self, id: &str) {
        let long = (id.chars().count() > MAX_ID).then_some(ProblemKind::IdTooLong);
        for kind in [long, xml_problem(id)].into_iter().flatten() {
            self.push(self.location.with_field(Field::Id), id, kind);
        }
    }

    fn missing(&mut self, field: Field, kind: ProblemKind) {
        self.problems.push(Problem::new(self.location.with_field(field), None, kind));
    }

    fn list<const N: usize>(
        &mut self,
        field: Field,
        values: &[String],
        check: impl Fn(&str) -> [Option<ProblemKind>; N],
    ) {
        for (index, value) in values.iter().enumerate() {
            for kind in check(value).into_iter().flatten() {
                self.push(self.location.with_field(field).with_index(index), value, kind);
            }
        }
    }

    fn push(&mut self, location: Location, value: &str, kind: ProblemKind) {
        self.problems.push(Problem::new(location, Some(value.to_owned()), kind));
    }
}

fn origin_problems(origin: &str, options: PolicyOptions) -> [Option<ProblemKind>; 3] {
    let wildcards = (stars(origin) > 1).then_some(ProblemKind::OriginWildcards);
    let wide = OverbroadOrigin::find(origin).filter(|_| options.credentials && wildcards.is_none());
    [wildcards, xml_problem(origin), wide.map(ProblemKind::OverbroadOrigin)]
}

fn method_problem(method: &str, options: PolicyOptions) -> Option<ProblemKind> {
    match options.extended {
        true => ProblemKind::of_extended_method(method),
        false => (!S3_METHODS.contains(&method)).then_some(ProblemKind::UnsupportedMethod),
    }
}

fn name_problem(name: &str) -> Option<ProblemKind> {
    (!is_token(name)).then_some(ProblemKind::NotAHeaderName)
}

fn xml_problem(value: &str) -> Option<ProblemKind> {
    (!value.chars().all(xml::is_char)).then_some(ProblemKind::NotXml)
}

fn stars(pattern: &str) -> usize {
    pattern.bytes().filter(|b| *b == b'*').count()
}
