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

/// A finding, by its number, with a group for each name that a request has to ask for to show it.
pub(super) struct Found {
    pub(super) finding: usize,
    pub(super) names: Vec<usize>,
}

/// Compares the rules that decide, among rules that match an origin and a method.
pub(super) struct Decisions<'a> {
    answers: Answers,
    names: &'a [Group<'a>],
    /// Each of them once.
    pub(super) findings: Vec<Finding>,
    numbers: HashMap<Finding, usize>,
    /// What was found for rules, by the numbers of these.
    found: Vec<Rc<[Found]>>,
    known: HashMap<Both<RuleSet>, usize>,
    /// For two rules, or none, the rules that allow all names that these allow.
    allowing: Vec<Option<Both<RuleSet>>>,
    budget: Budget,
}

impl<'a> Decisions<'a> {
    pub(super) fn new(answers: Answers, names: &'a [Group<'a>]) -> Self {
        Decisions {
            answers,
            names,
            findings: Vec::new(),
            numbers: HashMap::new(),
            found: Vec::new(),
            known: HashMap::new(),
            allowing: Vec::new(),
            budget: Budget::new(),
        }
    }

    /// Whether the work was more than is done.
    pub(super) fn is_stopped(&self) -> bool {
        self.budget.is_spent()
    }

    /// What changes for requests whose origin and method these rules match, whatever headers they ask for.
    pub(super) fn compare(&mut self, candidates: Both<RuleSet>) -> Rc<[Found]> {
        let place = *self.known.entry(candidates).or_insert(self.found.len());
        if place == self.found.len() {
            let mut found = Vec::new();
            for (finding, names) in self.find(candidates) {
                found.push(self.numbered(finding, names));
            }
            self.found.push(found.into());
        }
        // The caller goes through them.
        match self.found.get(place) {
            Some(found) if self.budget.spend(1 + found.len()) => Rc::clone(found),
            _ => Rc::default(),
        }
    }

    fn numbered(&mut self, finding: Finding, names: Vec<usize>) -> Found {
        let number = *self.numbers.entry(finding.clone()).or_insert(self.findings.len());
        if number == self.findings.len() {
            self.findings.push(finding);
        }
        Found { finding: number, names }
    }

    fn find(&mut self, candidates: Both<RuleSet>) -> Vec<(Finding, Vec<usize>)> {
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
    fn method(&self, kind: ChangeKind, granting: RuleSet) -> (Finding, Vec<usize>) {
        let of_side = |rules: Both<RuleSet>| match kind {
            ChangeKind::Refused(_) => rules.old,
            _ => rules.new,
        };
        let names = self.numbers(&|group| !(granting & of_side(group.rules)).is_empty());
        (Finding::new(kind, names), Vec::new())
    }

    /// The names that one policy grants where the other refuses them, both granting requests without names. `is_lost`
    /// says that it is the old one that grants.
    fn names_granted(&mut self, candidates: Both<RuleSet>, is_lost: bool) -> Vec<(Finding, Vec<usize>)> {
        let turned = candidates.turned_if(is_lost);
        let kind = if is_lost { ChangeKind::Refused } else { ChangeKind::Granted }(Part::RequestedHeaders);
        // The rule that decides in the policy that grants; none does in the other one.
        let deciding = |rule| Both { old: None, new: Some(rule) }.turned_if(is_lost);
        let reached: Vec<u8> =
            turned.new.iter().filter(|rule| self.is_reached(candidates, deciding(*rule))).collect();
        if reached.is_empty() || !self.budget.spend(self.names.len() * (1 + reached.len())) {
            return Vec::new();
        }
        let is_alone = |group: &Group<'_>| {
            let left = (candidates & group.rules).turned_if(is_lost);
            left.old.is_empty() && !left.new.is_empty()
        };
        let mut found = Vec::new();
        let alone = self.numbers(&is_alone);
        if let Some(first) = alone.first() {
            let names = vec![*first];
            found.push((Finding::new(kind, alone), names));
        }
        let mut together = |rule: &u8| self.names_for(candidates, deciding(*rule), &|group| !is_alone(group));
        if let Some(names) = reached.iter().find_map(&mut together) {
            found.push((Finding { are_together: true, ..Finding::new(kind, names.clone()) }, names));
        }
        found
    }

    /// Pairs of rules that decide only where headers are requested, and answer differently.
    fn other_answers(
        &mut self,
        candidates: Both<RuleSet>,
        plain: Both<Option<u8>>,
        found: &mut Vec<(Finding, Vec<usize>)>,
    ) {
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
                let is_new =
                    |finding: &Finding| found.iter().all(|(known, _)| known.answer != finding.answer);
                let finding = self.answers.finding(old, new, false).filter(is_new);
                if !self.budget.spend(found.len()) {
                    return;
                }
                found.extend(finding.and_then(|finding| {
                    let names = self.names_for(candidates, deciding, &|_| true)?;
                    Some((finding, names))
                }));
            }
        }
    }

    fn numbers(&self, is_wanted: &dyn Fn(&Group<'_>) -> bool) -> Vec<usize> {
        let wanted = self.names.iter().enumerate().filter(|(_, group)| is_wanted(group));
        wanted.map(|(number, _)| number).collect()
    }

    /// Whether these rules decide for any requested headers.
    ///
    /// The more names that both of them allow are asked for, the fewer rules are left before them: so it is enough to
    /// ask for all of these at once.
    fn is_reached(&mut self, candidates: Both<RuleSet>, deciding: Both<Option<u8>>) -> bool {
        let number = |rule: Option<u8>| rule.map_or(0, |rule| usize::from(rule) + 1);
        // No rule has a higher number than a set has bits.
        let place = number(deciding.old) * 129 + number(deciding.new);
        if self.allowing.len() <= place {
            self.allowing.resize(place + 1, None);
        }
        let allowing = match self.allowing.get(place) {
            Some(Some(allowing)) => *allowing,
            _ => self.allowing(deciding),
        };
        if let Some(known) = self.allowing.get_mut(place) {
            *known = Some(allowing);
        }
        (candidates & allowing).first() == deciding
    }

    /// The rules that allow all names that these allow.
    fn allowing(&mut self, deciding: Both<Option<u8>>) -> Both<RuleSet> {
        if !self.budget.spend(self.names.len()) {
            return Both::NONE;
        }
        let allowed = self.names.iter().filter(|group| group.rules.contain(deciding));
        allowed.fold(Both::ALL, |all, group| all & group.rules)
    }

    /// A few names of the wanted groups with which these rules decide, if there are such and they may be looked for.
    fn names_for(
        &mut self,
        candidates: Both<RuleSet>,
        deciding: Both<Option<u8>>,
        is_wanted: &dyn Fn(&Group<'_>) -> bool,
    ) -> Option<Vec<usize>> {
        let mut names: Vec<usize> = Vec::new();
        let mut left = candidates;
        while left.first() != deciding {
            // Every rule before the deciding ones has to be excluded by some name, so any such name is a step.
            let is_step = |group: &Group<'_>| {
                let first = (left & group.rules).first();
                let is_closer =
                    |before: Option<u8>, after: Option<u8>, wanted| before != wanted && before != after;
                group.rules.contain(deciding)
                    && is_wanted(group)
                    && (is_closer(left.first().old, first.old, deciding.old)
                        || is_closer(left.first().new, first.new, deciding.new))
            };
            if !self.budget.spend(self.names.len()) {
                return None;
            }
            let name = self.names.iter().position(is_step)?;
            left = left & self.names.get(name)?.rules;
            names.insert(names.partition_point(|other| *other < name), name);
        }
        if !self.budget.spend(names.len() * names.len()) {
            return None;
        }
        self.drop_needless(candidates, deciding, &mut names);
        Some(names)
    }

    /// Drops names without which the same rules decide.
    fn drop_needless(&self, candidates: Both<RuleSet>, deciding: Both<Option<u8>>, names: &mut Vec<usize>) {
        let mut place = 0;
        while place < names.len() {
            let mut left = candidates;
            for (other, name) in names.iter().enumerate() {
                if let Some(group) = self.names.get(*name).filter(|_| other != place) {
                    left = left & group.rules;
                }
            }
            if left.first() == deciding {
                names.remove(place);
            } else {
                place += 1;
            }
        }
    }
}

impl Finding {
    /// Of requests that one of the policies refuses, whatever the dialect.
    fn new(kind: ChangeKind, names: Vec<usize>) -> Self {
        Finding { kind, names, are_together: false, answer: Vec::new(), in_fetch: true, in_s3: true }
    }
}
