//! Rules, or parts of rules, that never decide because earlier rules match the same requests.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::catalogue::{R01, R02, R04, R05};
use super::Lint;
use crate::config::{is_token, CorsRule, Field, Location, MAX_RULES};
use crate::pattern::{CoverIndex, Pattern, Quoted, RuleSet};

/// A rule with more methods is not compared with other rules, because comparing takes a step for each origin and
/// method. IANA registers fewer.
const MAX_METHODS: usize = 64;

pub(super) fn find(rules: &[CorsRule], index: &RuleIndex<'_>, found: &mut Vec<Lint>) {
    duplicate_ids(rules, found);
    for rule in &index.rules {
        rule.never_decides(found);
        found.extend(rule.answered_any(index.any));
        found.extend(rule.exposed_in_vain(index));
    }
}

fn duplicate_ids(rules: &[CorsRule], found: &mut Vec<Lint>) {
    let mut first = HashMap::new();
    for (number, rule) in rules.iter().enumerate() {
        let Some(id) = rule.id.as_deref().filter(|id| !id.is_empty()) else {
            continue;
        };
        let other = *first.entry(id).or_insert(number);
        if other != number {
            let reason = format!("is the ID of {} too", Location::rule(other));
            found.push(Lint::new(&R05, Location::rule(number).with_field(Field::Id), reason).with_value(id));
        }
    }
}

/// The first 100 rules, searched by what they match. A policy has no more.
#[derive(Default)]
pub(super) struct RuleIndex<'r> {
    rules: Vec<IndexedRule<'r>>,
    /// Without origins that no browser sends.
    origins: CoverIndex<'r, RuleSet>,
    methods: HashMap<&'r str, RuleSet>,
    /// The rules that list `*`.
    any: RuleSet,
}

impl<'r> RuleIndex<'r> {
    /// `live` are the origins of each rule that a browser may send.
    pub(super) fn new(rules: &'r [CorsRule], live: &[Vec<(usize, &'r str)>]) -> Self {
        let rules = rules.get(..MAX_RULES).unwrap_or(rules);
        let mut index = RuleIndex::default();
        for (number, (rule, live)) in rules.iter().zip(live).enumerate() {
            index.add(RuleSet::one(number), rule, live);
        }
        let names: Vec<Vec<String>> = rules.iter().map(requested_names).collect();
        let mut names_before = CoverIndex::<RuleSet>::default();
        let mut before = RuleSet::EMPTY;
        for (number, ((rule, live), names)) in rules.iter().zip(live).zip(&names).enumerate() {
            let by_name = names.iter().map(|name| union(names_before.covering(Pattern::parse(name))));
            let allowing = by_name.fold(before, intersection);
            index.rules.push(IndexedRule {
                rule,
                location: Location::rule(number),
                origins: live
                    .iter()
                    .map(|(entry, origin)| (*entry, *origin, index.covering(origin)))
                    .collect(),
                methods: index.methods(rule),
                before,
                allowing,
                exposed: rule.expose_headers.iter().map(|name| name.to_ascii_lowercase()).collect(),
            });
            for name in names {
                *names_before.entry(Pattern::parse(name)) |= RuleSet::one(number);
            }
            before |= RuleSet::one(number);
        }
        index
    }

    fn add(&mut self, rule_set: RuleSet, rule: &'r CorsRule, live: &[(usize, &'r str)]) {
        for (_, origin) in live {
            *self.origins.entry(Pattern::parse_origin(origin)) |= rule_set;
            self.any |= if *origin == "*" { rule_set } else { RuleSet::EMPTY };
        }
        for method in &rule.allowed_methods {
            *self.methods.entry(method).or_default() |= rule_set;
        }
    }

    /// The methods of the rule, each with all rules that have it; none if they are too many.
    fn methods(&self, rule: &'r CorsRule) -> Vec<(&'r str, RuleSet)> {
        let mut seen = HashSet::new();
        let methods = rule.allowed_methods.iter().map(String::as_str).filter(|method| seen.insert(*method));
        let methods = methods.map(|method| (method, self.methods.get(method).copied().unwrap_or_default()));
        Some(methods.collect()).filter(|methods: &Vec<_>| methods.len() <= MAX_METHODS).unwrap_or_default()
    }

    /// The rules that match every origin that the pattern matches.
    fn covering(&self, origin: &str) -> RuleSet {
        union(self.origins.covering(Pattern::parse_origin(origin)))
    }

    /// Whether earlier rules match everything that the rule would match with this origin.
    pub(super) fn never_decides(&self, rule: usize, origin: &str) -> bool {
        self.rules.get(rule).is_some_and(|rule| rule.takers(self.covering(origin)).is_some())
    }

    /// Whether any rules allow the origin for every method of the rule.
    pub(super) fn grants(&self, rule: usize, origin: &str) -> bool {
        let by_origin = self.covering(origin);
        let is_granted = |by_method: RuleSet| !intersection(by_origin, by_method).is_empty();
        let rule = self.rules.get(rule);
        rule.is_some_and(|rule| rule.methods.iter().all(|(_, by_method)| is_granted(*by_method)))
    }
}

/// The requested headers that a rule allows; names are the same in any case.
fn requested_names(rule: &CorsRule) -> Vec<String> {
    rule.allowed_headers
        .iter()
        .filter(|name| !name.is_empty())
        .map(|name| name.to_ascii_lowercase())
        .collect()
}

/// A rule, compared with the rules before it.
struct IndexedRule<'r> {
    rule: &'r CorsRule,
    location: Location,
    /// For each of its origins, the rules that cover it.
    origins: Vec<(usize, &'r str, RuleSet)>,
    /// For each of its methods, the rules that have it.
    methods: Vec<(&'r str, RuleSet)>,
    before: RuleSet,
    /// The rules before it that allow all its requested headers: a request may ask for one of each at once.
    allowing: RuleSet,
    /// Its exposed headers in lower case.
    exposed: HashSet<String>,
}

impl<'r> IndexedRule<'r> {
    /// The rules before it that match everything that it could match with an origin: one rule alone if one
    /// suffices, otherwise the first for each method; none if something is left.
    fn takers(&self, by_origin: RuleSet) -> Option<RuleSet> {
        let mut alone = intersection(by_origin, self.allowing);
        let mut together = RuleSet::EMPTY;
        for (_, by_method) in &self.methods {
            let takers = intersection(intersection(by_origin, self.allowing), *by_method);
            alone &= takers;
            together |= RuleSet::one(takers.first()?.into());
        }
        let alone = alone.first().map(|first| RuleSet::one(first.into()));
        Some(alone.unwrap_or(together)).filter(|_| !together.is_empty())
    }

    fn never_decides(&self, found: &mut Vec<Lint>) {
        let taken =
            self.origins.iter().map(|(entry, origin, by_origin)| (entry, origin, self.takers(*by_origin)));
        let taken: Vec<_> =
            taken.filter_map(|(entry, origin, takers)| Some((*entry, *origin, takers?))).collect();
        let written = self.rule.allowed_origins.iter().filter(|origin| !origin.is_empty()).count();
        if !taken.is_empty() && taken.len() == written {
            let all = union(taken.iter().map(|(.., takers)| takers));
            return found.push(Lint::new(&R01, self.location, taken_by(all)));
        }
        found.extend(taken.into_iter().map(|(entry, origin, takers)| {
            let location = self.location.with_field(Field::AllowedOrigins).with_index(entry);
            Lint::new(&R01, location, taken_by(takers)).with_value(origin)
        }));
    }

    /// The origins with which it can still decide, each with the rules that cover it.
    fn left(&self) -> impl Iterator<Item = (&'r str, RuleSet)> + '_ {
        let origins = self.origins.iter().map(|(_, origin, by_origin)| (*origin, *by_origin));
        origins.filter(|(_, by_origin)| self.takers(*by_origin).is_none())
    }

    /// The methods with which an earlier rule decides about actual requests from an origin, and that rule: an actual
    /// request has no requested headers.
    fn decided_before(&self, by_origin: RuleSet) -> impl Iterator<Item = (&'r str, usize)> + '_ {
        let by_origin = intersection(by_origin, self.before);
        let methods = self.methods.iter().filter(|(method, _)| is_token(method));
        methods.filter_map(move |(method, by_method)| {
            Some((*method, usize::from(intersection(by_origin, *by_method).first()?)))
        })
    }

    fn lists_any(&self) -> bool {
        self.origins.iter().any(|(_, origin, _)| *origin == "*")
    }

    fn answered_any(&self, any: RuleSet) -> Option<Lint> {
        if self.lists_any() {
            return None;
        }
        self.left().find_map(|(origin, by_origin)| {
            let taken = self.decided_before(by_origin).filter(|(_, rule)| any.contains(*rule));
            let (methods, rules): (Vec<&str>, Vec<usize>) = taken.unzip();
            let rules: BTreeSet<usize> = rules.into_iter().collect();
            let verbs = if rules.len() == 1 { "does and answers" } else { "do and answer" };
            let reason = format!(
                "does not decide about actual {} requests from {}: {} {verbs} \"*\", without credentials",
                joined(&methods),
                Quoted(origin),
                named(rules),
            );
            (!methods.is_empty()).then(|| Lint::new(&R02, self.location, reason))
        })
    }

    fn exposed_in_vain(&self, index: &RuleIndex<'_>) -> Option<Lint> {
        // If a rule answers `*` in place of the origin, R02 says so already.
        let mut known = if self.lists_any() { RuleSet::EMPTY } else { index.any };
        let decided = |(origin, by_origin)| {
            self.decided_before(by_origin).map(move |(method, rule)| (origin, method, rule))
        };
        self.left().flat_map(decided).find_map(|(origin, method, before)| {
            let is_known = known.contains(before);
            known |= RuleSet::one(before);
            let exposed = index.rules.get(before).filter(|_| !is_known).map(|rule| &rule.exposed)?;
            let mut names = self.rule.expose_headers.iter().enumerate().filter(|(_, name)| !name.is_empty());
            let (entry, name) = names.find(|(_, name)| !exposed.contains(&name.to_ascii_lowercase()))?;
            let (origin, before) = (Quoted(origin), Location::rule(before));
            let reason =
                format!("is not exposed to {method} from {origin}: {before} decides about it and does not list the name");
            let location = self.location.with_field(Field::ExposeHeaders).with_index(entry);
            Some(Lint::new(&R04, location, reason).with_value(name))
        })
    }
}

fn union<'s>(sets: impl IntoIterator<Item = &'s RuleSet>) -> RuleSet {
    let mut all = RuleSet::EMPTY;
    sets.into_iter().for_each(|set| all |= *set);
    all
}

fn intersection(mut one: RuleSet, other: RuleSet) -> RuleSet {
    one &= other;
    one
}

/// `HEAD, GET and PUT`.
fn joined(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

/// The first of the rules by their locations.
fn named(rules: impl IntoIterator<Item = usize>) -> String {
    const MAX_NAMED: usize = 3;
    let names: Vec<String> = rules.into_iter().map(|rule| Location::rule(rule).to_string()).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    if names.len() > MAX_NAMED {
        names.truncate(MAX_NAMED);
        names.push("others");
    }
    joined(&names)
}

fn taken_by(rules: RuleSet) -> String {
    let rules: Vec<usize> = (0..MAX_RULES).filter(|rule| rules.contains(*rule)).collect();
    let verb = if rules.len() == 1 { "matches" } else { "match" };
    format!("never decides: {} before it {verb} everything that it could match", named(rules))
}
