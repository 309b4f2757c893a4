//! The comparison against an evaluation of every request, on random pairs of small configurations.
//!
//! `PAIRS=1000000 cargo test --release --test diff` is the long run; a failure prints its seed.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use test_support::reference;
use tower_s3_cors::diff::{Change, ChangeKind, HeaderChange, Part, PolicyDiff};
use tower_s3_cors::{CorsConfiguration, CorsRule};

use crate::naive::{self, Asked, Outcome};
use crate::universe::{Cell, Universe};

const METHODS: [&str; 4] = ["GET", "PUT", "POST", "OTHER"];
/// For each set of these patterns that matches any name, there is a name that exactly these match.
const HEADERS: [&str; 6] = ["a", "B", "a*", "*b", "A*B", "*"];
const NAMES: [&str; 6] = ["a", "b", "ab", "ac", "cb", "c"];

/// All patterns of up to four bytes.
fn patterns() -> Vec<String> {
    let mut all = vec![String::new()];
    let mut longest = all.clone();
    for _ in 0..4 {
        longest =
            longest.iter().flat_map(|text| ["a", "b", "*"].map(|byte| format!("{text}{byte}"))).collect();
        all.extend(longest.iter().cloned());
    }
    all.retain(|pattern| pattern.matches('*').count() < 2);
    all
}

fn rule() -> impl Strategy<Value = CorsRule> {
    let some = |texts: &'static [&'static str], count| vec(select(texts).prop_map(str::to_owned), count);
    let origins = vec(prop_oneof![12 => select(patterns()), 1 => Just("*".to_owned())], 1..4);
    let max_age = prop_oneof![2 => Just(None), 1 => (1..3).prop_map(Some)];
    (origins, some(&METHODS[..3], 1..3), some(&HEADERS, 0..3), some(&["x", "y"], 0..2), max_age).prop_map(
        |(allowed_origins, allowed_methods, allowed_headers, expose_headers, max_age_seconds)| CorsRule {
            id: None,
            allowed_origins,
            allowed_methods,
            allowed_headers,
            expose_headers,
            max_age_seconds,
        },
    )
}

/// Two configurations: often one with a small change, or none that has an effect.
fn pair() -> impl Strategy<Value = (Vec<CorsRule>, Vec<CorsRule>)> {
    let rules = || vec(rule(), 1..5);
    let edited = (rules(), rule(), 0..4_usize, 0..7).prop_map(|(old, other, place, edit)| {
        let mut new = old.clone();
        let place = place % old.len();
        match edit {
            0 => new.reverse(),
            1 => new.push(other),
            2 => new[place].allowed_origins = other.allowed_origins,
            3 => new[place].allowed_headers = other.allowed_headers,
            4 => new[place].expose_headers = other.expose_headers,
            5 => new[place].allowed_origins.extend(other.allowed_origins),
            _ => new.swap(0, place),
        }
        (old, new)
    });
    prop_oneof![1 => (rules(), rules()), 3 => edited]
}

#[test]
fn every_request_is_compared() {
    let pairs = std::env::var("PAIRS").ok().and_then(|pairs| pairs.parse().ok()).unwrap_or(10_000);
    let mut config = test_support::random(pairs);
    config.max_shrink_iters = 5_000;
    let universe = std::cell::RefCell::new(Universe::new());
    let count = std::cell::RefCell::new([0; 4]);
    let checked = TestRunner::new(config).run(&pair(), |(old, new)| {
        let mut universe = universe.borrow_mut();
        let mut check = Check::new(&old, &new, &mut universe);
        let mut count = count.borrow_mut();
        check.all();
        count[0] += usize::from(check.diff.is_same());
        count[1] += usize::from(check.diff.is_widening());
        count[2] += usize::from(check.diff.changes().iter().any(Change::are_together));
        count[3] += usize::from(check.diff.changes().iter().any(|change| !change.is_in_fetch()));
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
    let [same, widening, together, in_s3_only] = count.into_inner();
    println!("{same} same, {widening} widening, {together} with names together, {in_s3_only} in S3 only");
    assert!([same, widening].iter().all(|count| count * 20 > pairs as usize));
    assert!([together, in_s3_only].iter().all(|count| count * 1_000 > pairs as usize));
}

/// A request as all others from its cell, that is answered differently.
struct Differing {
    /// The number of its cell.
    cell: usize,
    method: &'static str,
    /// The requested names, bit by bit.
    names: usize,
    /// The number of the rules that decide.
    outcome: usize,
    /// What one of the configurations grants nothing to, if it refuses the request.
    part: Part,
}

struct Check<'a> {
    old: &'a [CorsRule],
    new: &'a [CorsRule],
    diff: PolicyDiff,
    universe: &'a mut Universe,
    /// What changes for requests that a rule of the old and one of the new configuration decide, or none.
    outcomes: Vec<Option<Outcome>>,
}

impl<'a> Check<'a> {
    fn new(old: &'a [CorsRule], new: &'a [CorsRule], universe: &'a mut Universe) -> Self {
        let configuration = |rules: &[CorsRule]| CorsConfiguration { rules: rules.to_vec() };
        let diff = crate::diff(&configuration(old), &configuration(new));
        let or_none = |rules: &'a [CorsRule]| rules.iter().map(Some).chain([None]);
        let outcomes =
            or_none(old).flat_map(|old| or_none(new).map(move |new| naive::outcome(old, new))).collect();
        Check { old, new, diff, universe, outcomes }
    }

    fn all(&mut self) {
        let cells = self.universe.cells(self.old.iter().chain(self.new));
        let differing = self.differing(&cells);
        let varies = |rules: &[CorsRule]| !rules.iter().all(naive::lists_any);
        let another_vary = varies(self.old) != varies(self.new);
        assert!(self.diff.is_exhaustive());
        assert_eq!(self.diff.is_same(), differing.is_empty() && !another_vary, "{}", self.diff);
        let is_granted = |request: &Differing| self.outcomes[request.outcome] == Some(Outcome::Granted);
        let changes = self.diff.changes().to_vec();
        let is_widening =
            differing.iter().any(is_granted) || changes.iter().any(naive::gives_back_to_strangers);
        assert_eq!(self.diff.is_widening(), is_widening, "{}", self.diff);
        let (vary, changes): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|change| change.methods().is_empty());
        assert_eq!(vary.len(), usize::from(another_vary), "{}", self.diff);
        // The requests of each change, and its origins.
        let mut listed: Vec<bool> = vec![false; differing.len()];
        for change in &changes {
            let origins = self.universe.matching(change.origins());
            let is_whole: Vec<bool> = cells.iter().map(|cell| cell.origins.is_in(&origins)).collect();
            let is_of_change = self.requests(change);
            let found: Vec<&Differing> = differing
                .iter()
                .zip(&mut listed)
                .filter(|(request, _)| is_of_change(request))
                .map(|(request, is_listed)| {
                    *is_listed |= is_whole[request.cell];
                    request
                })
                .collect();
            self.witness_differs(change);
            self.is_right(change, &found, &cells);
        }
        if let Some(request) = differing.iter().zip(listed).find(|(_, is_listed)| !is_listed) {
            let Differing { method, names, outcome, .. } = request.0;
            panic!("{method} {:?} {:?}\n{}", named(*names), self.outcomes[*outcome], self.diff);
        }
    }

    /// All requests that are answered differently.
    fn differing(&self, cells: &[Cell]) -> Vec<Differing> {
        let allows = |rule: &CorsRule, name: &str| {
            rule.allowed_headers.iter().any(|pattern| reference::matches_name(pattern, name.as_bytes()))
        };
        let names_of = |rule: &CorsRule| {
            let allowed = NAMES.iter().enumerate().filter(|(_, name)| allows(rule, name));
            allowed.fold(0, |set, (number, _)| set | 1 << number)
        };
        let names: Vec<usize> = self.old.iter().chain(self.new).map(names_of).collect();
        let mut differing = Vec::new();
        for (cell, method) in (0..cells.len()).flat_map(|cell| METHODS.map(|method| (cell, method))) {
            let rules = self.old.iter().chain(self.new).zip(&cells[cell].rules).zip(&names);
            let candidates: Vec<Option<usize>> = rules
                .map(|((rule, is_in), names)| {
                    let allows = rule.allowed_methods.iter().any(|allowed| allowed == method);
                    (*is_in && allows).then_some(*names)
                })
                .collect();
            let (old, new) = candidates.split_at(self.old.len());
            for set in 0..1 << NAMES.len() {
                let decides = |rules: &[Option<usize>]| {
                    let is_match = |names: &Option<usize>| names.is_some_and(|names| set & !names == 0);
                    rules.iter().position(is_match).unwrap_or(rules.len())
                };
                let deciding = [decides(old), decides(new)];
                let outcome = deciding[0] * (new.len() + 1) + deciding[1];
                if self.outcomes[outcome].is_some() {
                    // The side that refuses it, if one does.
                    let (of_rules, of_cell) = match deciding[0] == old.len() {
                        true => (old, &cells[cell].rules[..old.len()]),
                        false => (new, &cells[cell].rules[old.len()..]),
                    };
                    let part = match (of_cell.contains(&true), of_rules.iter().any(Option::is_some)) {
                        (false, _) => Part::Origin,
                        (true, false) => Part::Method,
                        (true, true) => Part::RequestedHeaders,
                    };
                    differing.push(Differing { cell, method, names: set, outcome, part });
                }
            }
        }
        differing
    }

    /// Whether the change is about a request, its origin aside.
    fn requests<'c>(&self, change: &'c Change) -> impl Fn(&Differing) -> bool + 'c {
        let is_outcome =
            |outcome: &Option<Outcome>| outcome.as_ref().is_some_and(|outcome| is_outcome(change, outcome));
        let outcomes: Vec<bool> = self.outcomes.iter().map(is_outcome).collect();
        let asks_for = |name: &&str| {
            let mut patterns = change.requested_headers().iter();
            patterns.any(|pattern| reference::matches_name(pattern, name.as_bytes()))
        };
        let wanted = NAMES.iter().enumerate().filter(|(_, name)| asks_for(name));
        let wanted = wanted.fold(0, |set, (number, _)| set | 1 << number);
        let part = match change.kind() {
            ChangeKind::Granted(part) | ChangeKind::Refused(part) => Some(part),
            ChangeKind::OtherHeaders => None,
        };
        move |request| {
            let has_names = if change.are_together() {
                request.names.count_ones() > 1
            } else {
                part != Some(Part::RequestedHeaders) || request.names & wanted != 0
            };
            outcomes[request.outcome]
                && has_names
                && part.is_none_or(|part| part == request.part)
                && change.methods().iter().any(|method| method == request.method)
        }
    }

    /// Each of its origins, with each method, and each of its names is of some request that is answered so.
    fn is_right(&mut self, change: &Change, found: &[&Differing], cells: &[Cell]) {
        for origin in change.origins() {
            let origins = self.universe.matching([origin]);
            let is_in: Vec<bool> = cells.iter().map(|cell| cell.origins.meets(&origins)).collect();
            for method in change.methods() {
                let is_there = found.iter().any(|request| request.method == method && is_in[request.cell]);
                assert!(is_there, "{origin} {method}: {change}\n{}", self.diff);
            }
        }
        let names: &[String] = if change.are_together() { &[] } else { change.requested_headers() };
        for pattern in names {
            let is_alone = |request: &&&Differing| match named(request.names)[..] {
                [name] => reference::matches_name(pattern, name.as_bytes()),
                _ => false,
            };
            assert!(found.iter().any(|request| is_alone(&request)), "{pattern}: {change}\n{}", self.diff);
        }
    }

    fn witness_differs(&self, change: &Change) {
        let witness = change.witness();
        let names: Vec<&str> = witness.requested_headers().iter().map(String::as_str).collect();
        let asked = Asked { origin: witness.origin(), method: witness.method(), names };
        let decides = |rules: &'a [CorsRule]| naive::decides(rules, &asked).map(|rule| &rules[rule]);
        let outcome = naive::outcome(decides(self.old), decides(self.new));
        let outcome = outcome.unwrap_or_else(|| panic!("{witness}\n{}", self.diff));
        assert!(is_outcome(change, &outcome), "{witness}: {outcome:?}\n{}", self.diff);
        if let Outcome::OtherHeaders(differences) = &outcome {
            let in_fetch = naive::are_in_fetch(differences, !asked.names.is_empty());
            assert_eq!(change.is_in_fetch(), in_fetch, "{witness}\n{}", self.diff);
        }
        assert!(change.methods().iter().any(|method| method == asked.method), "{witness}: {change}");
        let matches = |pattern: &String| reference::matches_origin(pattern, Some(asked.origin.as_bytes()));
        assert!(change.origins().iter().any(matches), "{witness}: {change}");
    }
}

fn named(names: usize) -> Vec<&'static str> {
    NAMES.iter().enumerate().filter(|(number, _)| names >> number & 1 == 1).map(|(_, name)| *name).collect()
}

fn is_outcome(change: &Change, outcome: &Outcome) -> bool {
    match (change.kind(), outcome) {
        (ChangeKind::Granted(_), Outcome::Granted) | (ChangeKind::Refused(_), Outcome::Refused) => true,
        (ChangeKind::OtherHeaders, Outcome::OtherHeaders(differences)) => {
            let text = |value: Option<&str>| value.map(str::to_owned);
            let of = |header: &HeaderChange| {
                (header.name().to_string(), text(header.before()), text(header.after()))
            };
            let wanted =
                differences.iter().map(|(name, old, new)| (name.to_string(), old.clone(), new.clone()));
            change.answer().iter().map(of).eq(wanted)
        }
        _ => false,
    }
}
