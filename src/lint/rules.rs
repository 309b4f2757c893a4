//! Rules, or parts of rules, that never decide because earlier rules match the same requests.

use std::collections::{HashMap, HashSet};
use std::ops::BitAnd;

use super::catalogue::*;
use super::origins::{live, Entry};
use super::Lint;
use crate::config::{is_token, CorsRule, Field, Location, MAX_RULES};
use crate::pattern::{CoverIndex, Pattern, Quoted, RuleSet};

/// A rule with more methods is not compared with other rules, because comparing takes a step for each origin and
/// method. IANA registers fewer.
const MAX_METHODS: usize = 64;

pub(super) fn find(rules: &[CorsRule], index: &RuleIndex<'_>, found: &mut Vec<Lint>) {
    duplicate_ids(rules, found);
    let listing_any = index.covering("*");
    for (number, rule) in index.rules.iter().enumerate() {
        rule.never_decides(found);
        // A rule that lists `*` has the answer `*` anyway.
        let any = if listing_any.contains(number) { RuleSet::EMPTY } else { listing_any };
        found.extend(rule.answered_any(any));
        found.extend(rule.exposed_in_vain(any));
    }
}

fn duplicate_ids(rules: &[CorsRule], found: &mut Vec<Lint>) {
    let mut first = HashMap::new();
    let ids = rules.iter().enumerate().filter_map(|(number, rule)| Some((number, rule.id.as_deref()?)));
    for (number, id) in ids.filter(|(_, id)| !id.is_empty()) {
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
    methods: CoverIndex<'r, RuleSet>,
}

/// A rule, compared with the rules before it.
struct IndexedRule<'r> {
    rule: &'r CorsRule,
    location: Location,
    origins: Vec<Value<'r>>,
    methods: Vec<Value<'r>>,
    /// The earlier rules that allow all its requested headers: a request may ask for one of each at once.
    allowing: RuleSet,
    /// For each of its exposed headers, the earlier rules that expose it.
    exposed: Vec<(usize, RuleSet)>,
}

/// A value of a list, with the earlier rules that match everything that it matches.
struct Value<'r> {
    entry: usize,
    text: &'r str,
    earlier: RuleSet,
}

impl<'r> RuleIndex<'r> {
    pub(super) fn new(rules: &'r [CorsRule]) -> Self {
        // Names of headers are the same in any case.
        let lower = |names: &Vec<String>| names.iter().map(|name| name.to_ascii_lowercase()).collect();
        let names = |rule: &CorsRule| [&rule.allowed_headers, &rule.expose_headers].map(lower);
        let names: Vec<[Vec<String>; 2]> = rules.iter().take(MAX_RULES).map(names).collect();
        let (mut by_allowed, mut by_exposed) = (CoverIndex::default(), CoverIndex::default());
        let mut before = RuleSet::EMPTY;
        let mut index = RuleIndex::default();
        for (number, (rule, [allowed, exposed])) in rules.iter().zip(&names).enumerate() {
            let this = RuleSet::one(number);
            let origins = compared(live(rule), Pattern::parse_origin, &mut index.origins, this);
            let mut seen = HashSet::new();
            let methods = texts(&rule.allowed_methods).filter(|(_, method)| seen.insert(*method));
            let mut methods = compared(methods, Pattern::Literal, &mut index.methods, this);
            if methods.len() > MAX_METHODS {
                methods.clear();
            }
            let allowed = compared(texts(allowed), Pattern::parse, &mut by_allowed, this);
            let exposed = compared(texts(exposed), Pattern::Literal, &mut by_exposed, this);
            index.rules.push(IndexedRule {
                rule,
                location: Location::rule(number),
                origins,
                methods,
                allowing: allowed.iter().map(|name| name.earlier).fold(before, RuleSet::bitand),
                exposed: exposed.iter().map(|name| (name.entry, name.earlier)).collect(),
            });
            before |= this;
        }
        index
    }

    /// The rules that match every origin that the pattern matches.
    fn covering(&self, origin: &str) -> RuleSet {
        union(self.origins.covering(Pattern::parse_origin(origin)))
    }

    /// Whether earlier rules match everything that the rule would match with this origin.
    pub(super) fn never_decides(&self, rule: usize, origin: &str) -> bool {
        self.rules.get(rule).is_some_and(|rule| rule.takers(self.covering(origin)).is_some())
    }

    /// Whether any rules allow the origin for each method of the rule.
    pub(super) fn grants(&self, rule: usize, origin: &str) -> bool {
        let by_origin = self.covering(origin);
        let by_method = |method: &Value<'_>| union(self.methods.covering(Pattern::Literal(method.text)));
        let is_granted = |method| !(by_origin & by_method(method)).is_empty();
        self.rules.get(rule).is_some_and(|rule| rule.methods.iter().all(is_granted))
    }
}

/// The values that are not empty, with their index.
fn texts(values: &[String]) -> impl Iterator<Item = Entry<'_>> {
    values.iter().map(String::as_str).enumerate().filter(|(_, value)| !value.is_empty())
}

/// Compares the values of a rule with those of the rules before it, and adds them to these.
fn compared<'r>(
    values: impl Iterator<Item = Entry<'r>>,
    parse: fn(&'r str) -> Pattern<'r>,
    index: &mut CoverIndex<'r, RuleSet>,
    this: RuleSet,
) -> Vec<Value<'r>> {
    let earlier = |text| union(index.covering(parse(text)));
    let values: Vec<_> = values.map(|(entry, text)| Value { entry, text, earlier: earlier(text) }).collect();
    values.iter().for_each(|value| *index.entry(parse(value.text)) |= this);
    values
}

impl<'r> IndexedRule<'r> {
    /// The earlier rules that match everything that it could match with an origin: one rule alone if one
    /// suffices, otherwise the first for each method; none if something is left.
    fn takers(&self, by_origin: RuleSet) -> Option<RuleSet> {
        let by_origin = by_origin & self.allowing;
        let (mut alone, mut together) = (by_origin, RuleSet::EMPTY);
        for method in &self.methods {
            let takers = by_origin & method.earlier;
            alone &= takers;
            together |= RuleSet::one(takers.first()?.into());
        }
        let alone = alone.first().map(|first| RuleSet::one(first.into()));
        Some(alone.unwrap_or(together)).filter(|_| !together.is_empty())
    }

    fn never_decides(&self, found: &mut Vec<Lint>) {
        let takers = |origin: &Value<'r>| Some((origin.entry, origin.text, self.takers(origin.earlier)?));
        let taken: Vec<_> = self.origins.iter().filter_map(takers).collect();
        if !taken.is_empty() && taken.len() == texts(&self.rule.allowed_origins).count() {
            let all = union(taken.iter().map(|(.., takers)| takers));
            return found.push(Lint::new(&R01, self.location, taken_by(all)));
        }
        found.extend(taken.into_iter().map(|(entry, origin, takers)| {
            let location = self.location.with_field(Field::AllowedOrigins).with_index(entry);
            Lint::new(&R01, location, taken_by(takers)).with_value(origin)
        }));
    }

    /// The actual requests, which have no requested headers, about which an earlier rule decides: each origin with
    /// which this rule can still decide about a preflight, each method, and the rule that decides.
    fn decided_before(&self) -> impl Iterator<Item = (&Value<'r>, &'r str, usize)> {
        let left = self.origins.iter().filter(|origin| self.takers(origin.earlier).is_none());
        left.flat_map(|origin| {
            let methods = self.methods.iter().filter(|method| is_token(method.text));
            let before = |method: &Value<'_>| (origin.earlier & method.earlier).first();
            methods.filter_map(move |method| Some((origin, method.text, before(method)?.into())))
        })
    }

    fn answered_any(&self, any: RuleSet) -> Option<Lint> {
        let mut taken = self.decided_before().filter(|(.., before)| any.contains(*before)).peekable();
        let (origin, ..) = *taken.peek()?;
        let of_origin = taken.take_while(|(other, ..)| other.entry == origin.entry);
        let (methods, rules): (Vec<_>, Vec<_>) =
            of_origin.map(|(_, method, before)| (method.to_owned(), RuleSet::one(before))).unzip();
        let reason = format!(
            "does not decide about actual {} requests from {}: {} \"*\", without credentials",
            joined(&methods),
            Quoted(origin.text),
            named(union(&rules), "does and answers", "do and answer"),
        );
        Some(Lint::new(&R02, self.location, reason))
    }

    /// The answer of a rule that lists `*` is R02's matter, whatever it exposes.
    fn exposed_in_vain(&self, any: RuleSet) -> Option<Lint> {
        let exposing_all = self.exposed.iter().map(|(_, exposing)| *exposing).reduce(RuleSet::bitand)?;
        let is_quiet = |rule| any.contains(rule) || exposing_all.contains(rule);
        let (origin, method, before) = self.decided_before().find(|(.., before)| !is_quiet(*before))?;
        let (entry, _) = self.exposed.iter().find(|(_, exposing)| !exposing.contains(before))?;
        let (origin, before) = (Quoted(origin.text), Location::rule(before));
        let reason = format!(
            "is not exposed to {method} from {origin}: {before} decides about it and does not list the name"
        );
        let location = self.location.with_field(Field::ExposeHeaders).with_index(*entry);
        Some(Lint::new(&R04, location, reason).with_value(self.rule.expose_headers.get(*entry)?))
    }
}

fn union<'s>(sets: impl IntoIterator<Item = &'s RuleSet>) -> RuleSet {
    let mut all = RuleSet::EMPTY;
    sets.into_iter().for_each(|set| all |= *set);
    all
}

/// `HEAD, GET and PUT`.
fn joined(names: &[String]) -> String {
    match names {
        [others @ .., last] if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        names => names.concat(),
    }
}

/// The first of the rules by their locations, with the verb of one rule or that of several.
fn named(rules: RuleSet, verb_of_one: &str, verb_of_several: &str) -> String {
    const MAX_NAMED: usize = 3;
    let rules = (0..MAX_RULES).filter(|rule| rules.contains(*rule));
    let mut names: Vec<String> = rules.map(|rule| Location::rule(rule).to_string()).collect();
    let verb = if names.len() == 1 { verb_of_one } else { verb_of_several };
    if names.len() > MAX_NAMED {
        names.truncate(MAX_NAMED);
        names.push("others".into());
    }
    format!("{} {verb}", joined(&names))
}

fn taken_by(rules: RuleSet) -> String {
    let rules = named(rules, "before it matches", "before it match");
    format!("never decides: {rules} everything that it could match")
}
