//! Origins, methods and names of headers, grouped by the rules of both policies that match them.

use std::collections::HashMap;

use super::Both;
use crate::pattern::{Class, Classes, Pattern, RuleSet};

/// The work that each part of a comparison does at most, in steps: a byte of a value, two rules, or a name of headers. A
/// hundred rules and a thousand patterns of usual length on each side take less.
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
pub(super) struct Group<'p> {
    pub(super) rules: Both<RuleSet>,
    pub(super) members: Vec<Class<'p>>,
}

/// Values by the rules that match them, but for those that no rule matches.
#[derive(Default)]
pub(super) struct Groups<'p> {
    pub(super) all: Vec<Group<'p>>,
    places: HashMap<Both<RuleSet>, usize>,
}

impl<'p> Groups<'p> {
    pub(super) fn push(&mut self, rules: Both<RuleSet>, member: Class<'p>) {
        if rules == Both::NONE {
            return;
        }
        let place = *self.places.entry(rules).or_insert(self.all.len());
        match self.all.get_mut(place) {
            Some(group) => group.members.push(member),
            None => self.all.push(Group { rules, members: vec![member] }),
        }
    }
}

/// All values that a header can have.
pub(super) struct Values<'p> {
    pub(super) groups: Vec<Group<'p>>,
    /// Whether these are all values that any rule matches.
    pub(super) are_all: bool,
    /// `None` if they cannot be divided.
    classes: Option<Classes<'p>>,
}

impl<'p> Values<'p> {
    /// Groups the values by the rules that match them. Of each class one is enough, since those of a class are matched by
    /// the same patterns.
    pub(super) fn new(patterns: &[Pattern<'p>], matching: &dyn Fn(&str) -> Both<RuleSet>) -> Self {
        let mut budget = Budget::new();
        let mut groups = Groups::default();
        let classes = Classes::new(patterns);
        if let Some(classes) = &classes {
            classes.visit(&mut |class| {
                let member = classes.member(&class);
                let may_go_on = budget.spend(classes.work(&member));
                if may_go_on {
                    groups.push(matching(&member), class);
                }
                may_go_on
            });
        }
        Values { groups: groups.all, are_all: classes.is_some() && !budget.is_spent(), classes }
    }

    /// A value of the class, whatever it looks like.
    pub(super) fn member(&self, class: &Class<'p>) -> String {
        let member = self.classes.as_ref().map(|classes| classes.member(class));
        member.unwrap_or_default()
    }
}
