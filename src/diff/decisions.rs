//! Which rules decide in both policies, for every set of requested headers.

use std::collections::HashMap;
use std::rc::Rc;

use super::answers::Answers;
use super::change::{ChangeKind, HeaderChange, Part};
use super::groups::{Budget, Group};
use super::Both;
use crate::pattern::RuleSet;

/// What changes for requests with the same origin and the same method.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Finding {
    pub(super) kind: ChangeKind,
    /// The groups of names that the policy allows which grants the requests.
    pub(super) names: Vec<usize>,
    /// Each of the names alone is no change.
    pub(super) are_together: bool,
    pub(super) answer: Vec<HeaderChange>,
    pub(super) in_fetch: bool,
    pub(super) in_s3: bool,
}

/// A finding, with a group for each name that a request has to ask for to show it.
pub(super) type Shown = (Finding, Vec<usize>);

/// Compares the rules that decide, among rules that match an origin and a method.
pub(super) struct Decisions<'a, M> {
    answers: Answers,
    names: &'a [Group<M>],
    /// The rules that allow all names that two rules allow.
    allowing: HashMap<Both<Option<u8>>, Both<RuleSet>>,
    /// What was found for these rules.
    known: HashMap<Both<RuleSet>, Rc<[Shown]>>,
    budget: Budget,
}

impl<'a, M> Decisions<'a, M> {
    pub(super) fn new(answers: Answers, names: &'a [Group<M>]) -> Self {
        Decisions { answers, names, allowing: HashMap::new(), known: HashMap::new(), budget: Budget::new() }
    }

    /// Whether the work was more than is done.
    pub(super) fn is_stopped(&self) -> bool {
        self.budget.is_spent()
    }

    /// What changes for requests whose origin and method these rules match, whatever headers they ask for.
    pub(super) fn compare(&mut self, candidates: Both<RuleSet>) -> Rc<[Shown]> {
        let found = match self.known.get(&candidates) {
            Some(found) => Rc::clone(found),
            None => {
                let found: Rc<[Shown]> = self.find(candidates).into();
                self.known.insert(candidates, Rc::clone(&found));
                found
            }
        };
        // The caller goes through them.
        if self.budget.spend(1 + found.len()) {
            found
        } else {
            Rc::default()
        }
    }

    fn find(&mut self, candidates: Both<RuleSet>) -> Vec<Shown> {
        let plain = candidates.first();
        match (plain.old, plain.new) {
            (None, None) => Vec::new(),
            (None, Some(_)) => vec![self.method(ChangeKind::Granted(Part::Method), candidates.new)],
            (Some(_), None) => vec![self.method(ChangeKind::Refused(Part::Method), candidates.old)],
            (Some(old), Some(new)) => {
                let mut found =
                    Vec::from_iter(self.answers.finding(old, new, true).map(|plain| (plain, Vec::new())));
                found.extend(self.names_granted(candidates, false));
                found.extend(self.names_granted(candidates, true));
                self.other_answers(candidates, plain, &mut found);
                found
            }
        }
    }

    /// A method that one of the policies grants, with the names that it allows with it.
    fn method(&self, kind: ChangeKind, granting: RuleSet) -> Shown {
        let of_side = |rules: Both<RuleSet>| match kind {
            ChangeKind::Refused(_) => rules.old,
            _ => rules.new,
        };
        let is_allowed = |name: &usize| {
            self.names.get(*name).is_some_and(|group| !(granting & of_side(group.rules)).is_empty())
        };
        (Finding::new(kind, (0..self.names.len()).filter(is_allowed).collect()), Vec::new())
    }

    /// The names that one policy grants where the other refuses them, both granting requests without names. `is_lost`
    /// says that it is the old one that grants.
    fn names_granted(&mut self, candidates: Both<RuleSet>, is_lost: bool) -> Vec<Shown> {
        let turned = candidates.turned_if(is_lost);
        let kind = if is_lost { ChangeKind::Refused } else { ChangeKind::Granted }(Part::RequestedHeaders);
        // The rule that decides in the policy that grants; none does in the other one.
        let deciding = |rule| Both { old: None, new: Some(rule) }.turned_if(is_lost);
        let reached: Vec<u8> =
            turned.new.iter().filter(|rule| self.is_reached(candidates, deciding(*rule))).collect();
        if reached.is_empty() || !self.budget.spend(self.names.len() * (1 + reached.len())) {
            return Vec::new();
        }
        let is_alone = |group: &Group<M>| {
            let left = (candidates & group.rules).turned_if(is_lost);
            left.old.is_empty() && !left.new.is_empty()
        };
        let mut found = Vec::new();
        let alone: Vec<usize> = self.numbers(is_alone).collect();
        if let Some(first) = alone.first() {
            let names = vec![*first];
            found.push((Finding::new(kind, alone), names));
        }
        let together = |rule: &u8| self.names_for(candidates, deciding(*rule), |group| !is_alone(group));
        if let Some(names) = reached.iter().find_map(together) {
            found.push((Finding { are_together: true, ..Finding::new(kind, names.clone()) }, names));
        }
        found
    }

    /// Pairs of rules that decide only where headers are requested, and answer differently.
    fn other_answers(&mut self, candidates: Both<RuleSet>, plain: Both<Option<u8>>, found: &mut Vec<Shown>) {
        for old in candidates.old.iter() {
            for new in candidates.new.iter() {
                let deciding = Both { old: Some(old), new: Some(new) };
                if !self.budget.spend(1) {
                    return;
                }
                if deciding == plain
                    || self.answers.are_same(old, new)
                    || !self.is_reached(candidates, deciding)
                {
                    continue;
                }
                let finding = self.answers.finding(old, new, false);
                let is_new =
                    |finding: &Finding| found.iter().all(|(known, _)| known.answer != finding.answer);
                let finding = finding.filter(is_new);
                let names = self.names_for(candidates, deciding, |_| true);
                found.extend(finding.zip(names));
            }
        }
    }

    fn numbers<'s>(&'s self, is_wanted: impl Fn(&Group<M>) -> bool + 's) -> impl Iterator<Item = usize> + 's {
        self.names.iter().enumerate().filter(move |(_, group)| is_wanted(group)).map(|(number, _)| number)
    }

    /// Whether these rules decide for any requested headers.
    ///
    /// The more names that both of them allow are asked for, the fewer rules are left before them: so it is enough to
    /// ask for all of these at once.
    fn is_reached(&mut self, candidates: Both<RuleSet>, deciding: Both<Option<u8>>) -> bool {
        let Decisions { names, allowing, budget, .. } = self;
        let allowing = allowing.entry(deciding).or_insert_with(|| {
            if !budget.spend(names.len()) {
                return Both::NONE;
            }
            let allowed = names.iter().filter(|group| group.rules.contain(deciding)).map(|group| group.rules);
            allowed.fold(Both::ALL, |all, rules| all & rules)
        });
        (candidates & *allowing).first() == deciding
    }

    /// A few names of the wanted groups with which these rules decide, if there are such.
    fn names_for(
        &self,
        candidates: Both<RuleSet>,
        deciding: Both<Option<u8>>,
        is_wanted: impl Fn(&Group<M>) -> bool,
    ) -> Option<Vec<usize>> {
        let mut names: Vec<usize> = Vec::new();
        let mut left = candidates;
        while left.first() != deciding {
            // Every rule before the deciding ones has to be excluded by some name, so any such name is a step.
            let is_step = |group: &Group<M>| {
                let first = (left & group.rules).first();
                let is_closer =
                    |before: Option<u8>, after: Option<u8>, wanted| before != wanted && before != after;
                group.rules.contain(deciding)
                    && is_wanted(group)
                    && (is_closer(left.first().old, first.old, deciding.old)
                        || is_closer(left.first().new, first.new, deciding.new))
            };
            let name = self.numbers(is_step).next()?;
            left = left & self.names.get(name)?.rules;
            names.push(name);
        }
        self.drop_needless(candidates, deciding, &mut names);
        Some(names)
    }

    /// Drops names without which the same rules decide, and sorts the others.
    fn drop_needless(&self, candidates: Both<RuleSet>, deciding: Both<Option<u8>>, names: &mut Vec<usize>) {
        let mut place = 0;
        while place < names.len() {
            let others = names.iter().enumerate().filter(|(other, _)| *other != place);
            let rules = others.filter_map(|(_, name)| self.names.get(*name)).map(|group| group.rules);
            if rules.fold(candidates, |left, rules| left & rules).first() == deciding {
                names.remove(place);
            } else {
                place += 1;
            }
        }
        names.sort_unstable();
    }
}

impl Finding {
    /// Of requests that one of the policies refuses, whatever the dialect.
    fn new(kind: ChangeKind, names: Vec<usize>) -> Self {
        Finding { kind, names, are_together: false, answer: Vec::new(), in_fetch: true, in_s3: true }
    }
}
