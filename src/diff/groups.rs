//! Origins, methods and names of headers, grouped by the rules of both policies that match them.

use std::collections::HashMap;

use super::Both;
use crate::pattern::{Class, Classes, Pattern, RuleSet};

/// The work that each part of a comparison does at most, in steps: a byte of a value, or two rules. A hundred rules and a
/// thousand patterns of usual length on each side take less.
const MAX_STEPS: usize = 1 << 26;

/// What is left of the work of a part.
pub(super) struct Budget(Option<usize>);

impl Budget {
    pub(super) fn new() -> Self {
        Budget(Some(MAX_STEPS))
    }

    /// Whether the steps may be done. Once they may not, no others may.
    #[must_use]
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        self.0 = self.0.and_then(|left| left.checked_sub(steps));
        self.0.is_some()
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0.is_none()
    }
}

/// What the same rules of both policies match.
pub(super) struct Group<M> {
    pub(super) rules: Both<RuleSet>,
    pub(super) members: Vec<M>,
}

/// Groups the values; those that no rule matches are left out.
pub(super) fn group<M>(values: impl Iterator<Item = (Both<RuleSet>, M)>) -> Vec<Group<M>> {
    let mut places = HashMap::new();
    let mut groups: Vec<Group<M>> = Vec::new();
    for (rules, member) in values.filter(|(rules, _)| !(rules.old.is_empty() && rules.new.is_empty())) {
        let place = *places.entry(rules).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.members.push(member),
            None => groups.push(Group { rules, members: vec![member] }),
        }
    }
    groups
}

/// All values that a header can have.
pub(super) struct Values<'p> {
    pub(super) groups: Vec<Group<Class<'p>>>,
    /// Whether these are all values that any rule matches.
    pub(super) are_all: bool,
    /// `None` if they cannot be divided.
    classes: Option<Classes<'p>>,
}

impl<'p> Values<'p> {
    /// Groups the values by the rules that match them. Of each class one is enough, since those of a class are matched by
    /// the same patterns.
    pub(super) fn new(
        patterns: impl Iterator<Item = Pattern<'p>>,
        matching: impl Fn(&str) -> Both<RuleSet>,
    ) -> Self {
        let mut budget = Budget::new();
        let classes = Classes::new(patterns);
        let all = classes.iter().flat_map(|classes| classes.iter().map(move |class| (classes, class)));
        let groups = group(all.map_while(|(classes, class)| {
            let member = classes.member(&class).into_owned();
            budget.spend(classes.work(&member)).then(|| (matching(&member), class))
        }));
        Values { groups, are_all: classes.is_some() && !budget.is_spent(), classes }
    }

    /// A value of the class, whatever it looks like.
    pub(super) fn member(&self, class: &Class<'p>) -> String {
        let member = self.classes.as_ref().map(|classes| classes.member(class).into_owned());
        member.unwrap_or_default()
    }
}
