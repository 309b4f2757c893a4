//! Rules, or parts of rules, that those before them leave nothing to decide.

use std::collections::{HashMap, HashSet};

use super::catalogue::{R01, R02, R04, R05};
use super::Lint;
use crate::config::CorsRule;
use crate::config::{is_token, MAX_RULES};
use crate::config::{Field, Location};
use crate::pattern::CoverIndex;
use crate::pattern::Pattern;
use crate::pattern::Quoted;

/// A set of rules, bit *i* for rule *i*.
type Set = u128;

// Rules past the most that any policy accepts are not compared, so that a set is one number.
const _: () = assert!(MAX_RULES <= Set::BITS as usize);

pub(super) fn find(rules: &[CorsRule], found: &mut Vec<Lint>) {
    same_ids(rules, found);
    let rules = rules.get(..MAX_RULES).unwrap_or(rules);
    let names: Vec<Vec<String>> = rules.iter().map(folded_names).collect();
    let mut earlier = Earlier { rules, ..Earlier::default() };
    for (number, (rule, names)) in rules.iter().zip(&names).enumerate() {
        let later = Later::new(number, rule, names, &earlier);
        later.never_decides(found);
        found.extend(later.answered_any(&earlier));
        found.extend(later.exposed_in_vain(&earlier));
        earlier.add(number, rule, names);
    }
}

/// Names of headers are the same in any case.
fn folded_names(rule: &CorsRule) -> Vec<String> {
    rule.allowed_headers.iter().map(|name| name.to_ascii_lowercase()).collect()
}

fn same_ids(rules: &[CorsRule], found: &mut Vec<Lint>) {
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

/// The rules before one, looked up by what they cover.
#[derive(Default)]
struct Earlier<'r> {
    rules: &'r [CorsRule],
    origins: CoverIndex<'r, Set>,
    methods: HashMap<&'r str, Set>,
    names: CoverIndex<'r, Set>,
    /// Those that list `*`.
    any: Set,
}

impl<'r> Earlier<'r> {
    fn add(&mut self, number: usize, rule: &'r CorsRule, names: &'r [String]) {
        let set = 1 << number;
        // The empty value matches nothing.
        for origin in rule.allowed_origins.iter().filter(|origin| !origin.is_empty()) {
            *self.origins.entry(Pattern::parse_origin(origin)) |= set;
            self.any |= if origin == "*" { set } else { 0 };
        }
        for method in &rule.allowed_methods {
            *self.methods.entry(method).or_default() |= set;
        }
        for name in names.iter().filter(|name| !name.is_empty()) {
            *self.names.entry(Pattern::parse(name)) |= set;
        }
    }

    /// Those that allow whatever names the rule does: a request may ask for one of each at once.
    fn with_names(&self, names: &[String]) -> Set {
        let covering =
            |name: &String| self.names.covering(Pattern::parse(name)).fold(0, |all, set| all | set);
        names.iter().filter(|name| !name.is_empty()).fold(Set::MAX, |all, name| all & covering(name))
    }
}

/// A rule, held against those before it.
struct Later<'r> {
    location: Location,
    rule: &'r CorsRule,
    /// For each of its origins, the rules that cover it.
    origins: Vec<(usize, &'r str, Set)>,
    /// For each of its methods, the rules that have it.
    methods: Vec<(&'r str, Set)>,
    /// The rules that have all its requested names.
    with_names: Set,
}

impl<'r> Later<'r> {
    fn new(number: usize, rule: &'r CorsRule, names: &[String], earlier: &Earlier<'_>) -> Self {
        let by_origin = |origin: &'r str| {
            earlier.origins.covering(Pattern::parse_origin(origin)).fold(0, |all, set| all | set)
        };
        let origins = rule.allowed_origins.iter().enumerate().filter(|(_, origin)| !origin.is_empty());
        let by_method = |method: &str| earlier.methods.get(method).copied().unwrap_or_default();
        Later {
            location: Location::rule(number),
            rule,
            origins: origins.map(|(index, origin)| (index, origin.as_str(), by_origin(origin))).collect(),
            methods: rule.allowed_methods.iter().map(|method| (method.as_str(), by_method(method))).collect(),
            with_names: earlier.with_names(names),
        }
    }

    /// The rules that leave an origin nothing to decide, whatever is asked of it: by one of them alone if
    /// one suffices, else the first for each method; none if something is left.
    fn takers(&self, by_origin: Set) -> Option<Set> {
        let mut alone = Set::MAX;
        let mut together = 0;
        for (_, by_method) in &self.methods {
            let takers = by_origin & by_method & self.with_names;
            if takers == 0 {
                return None;
            }
            alone &= takers;
            together |= first(takers);
        }
        (together != 0).then_some(if alone == 0 { together } else { first(alone) })
    }

    fn never_decides(&self, found: &mut Vec<Lint>) {
        let taken: Vec<_> = self.origins.iter().map(|(.., by_origin)| self.takers(*by_origin)).collect();
        if let Some(all) = taken.iter().copied().reduce(|all, takers| Some(all? | takers?)).flatten() {
            return found.push(Lint::new(&R01, self.location, taken_by(all)));
        }
        for ((index, origin, _), takers) in self.origins.iter().zip(taken) {
            let location = self.location.with_field(Field::AllowedOrigins).with_index(*index);
            found
                .extend(takers.map(|takers| Lint::new(&R01, location, taken_by(takers)).with_value(*origin)));
        }
    }

    /// What it can still decide, by origin and method, with the rule before it that decides about actual
    /// requests: those ask for no headers.
    fn decided_before(&self) -> impl Iterator<Item = (&'r str, &'r str, usize)> + '_ {
        let left = self.origins.iter().filter(|(.., by_origin)| self.takers(*by_origin).is_none());
        left.flat_map(|(_, origin, by_origin)| {
            let methods = self.methods.iter().filter(|(method, _)| is_token(method));
            methods.filter_map(move |(method, by_method)| {
                let rules = by_origin & by_method;
                (rules != 0).then(|| (*origin, *method, rules.trailing_zeros() as usize))
            })
        })
    }

    fn lists_any(&self) -> bool {
        self.rule.allowed_origins.iter().any(|origin| origin == "*")
    }

    fn answered_any(&self, earlier: &Earlier<'_>) -> Option<Lint> {
        let mut decided = self.decided_before().filter(|_| !self.lists_any());
        let (origin, method, before) = decided.find(|(.., before)| has(earlier.any, *before))?;
        let (origin, before) = (Quoted(origin), Location::rule(before));
        let reason = format!(
            "does not decide about actual {method} requests from {origin}: {before} does, and answers \"*\" without credentials"
        );
        Some(Lint::new(&R02, self.location, reason))
    }

    fn exposed_in_vain(&self, earlier: &Earlier<'_>) -> Option<Lint> {
        // Where the rule before answers `*` in location of the origin, that is told already.
        let mut told = if self.lists_any() { 0 } else { earlier.any };
        self.decided_before().find_map(|(origin, method, before)| {
            if has(told, before) {
                return None;
            }
            told |= 1 << before;
            let (index, name) = self.not_exposed_by(earlier.rules.get(before)?)?;
            let (origin, before) = (Quoted(origin), Location::rule(before));
            let reason = format!(
                "is not exposed to {method} from {origin}: {before} decides about it and does not list the name"
            );
            Some(Lint::new(&R04, self.location.with_field(Field::ExposeHeaders).with_index(index), reason).with_value(name))
        })
    }

    fn not_exposed_by(&self, before: &CorsRule) -> Option<(usize, &'r str)> {
        let names: HashSet<String> =
            before.expose_headers.iter().map(|name| name.to_ascii_lowercase()).collect();
        let mut exposed = self.rule.expose_headers.iter().enumerate();
        exposed
            .find(|(_, name)| !names.contains(&name.to_ascii_lowercase()))
            .map(|(index, name)| (index, name.as_str()))
    }
}

fn first(rules: Set) -> Set {
    rules & rules.wrapping_neg()
}

fn has(rules: Set, number: usize) -> bool {
    rules >> number & 1 == 1
}

fn taken_by(rules: Set) -> String {
    const NAMED: usize = 3;
    let numbers = (0..MAX_RULES).filter(|number| has(rules, *number));
    let named: Vec<String> = numbers.take(NAMED).map(|number| Location::rule(number).to_string()).collect();
    let (more, verb) = match rules.count_ones() as usize {
        0 | 1 => ("", "matches"),
        2..=NAMED => ("", "match"),
        _ => (" and others", "match"),
    };
    format!("never decides: {}{more} before it {verb} all that it could", named.join(", "))
}
