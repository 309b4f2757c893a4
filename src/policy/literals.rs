//! Values without a `*`: one look-up, whatever their number.

use std::collections::HashMap;

use super::criterion::Criterion;
use super::few::Few;
use super::hash::{hash, Slots, FEW};
use crate::config::CorsRule;
use crate::pattern::Pattern;
use crate::pattern::RuleSet;

pub(crate) enum Literals<P: Criterion> {
    Few(Few<P>),
    Many(Box<Many>),
}

/// The values stay where they were written, in the rules; a hundred thousand of them are not kept twice.
pub(crate) struct Many {
    slots: Slots<Entry>,
    sets: Box<[RuleSet]>,
}

/// Where one value is written, and which of the sets is its own.
#[derive(Clone, Copy)]
struct Entry {
    rule: u32,
    index: u32,
    set: u32,
}

impl Entry {
    fn text<'r, P: Criterion>(&self, rules: &'r [CorsRule]) -> Option<&'r str> {
        let written = P::written(rules.get(self.rule as usize)?);
        written.get(self.index as usize).map(String::as_str)
    }
}

impl<P: Criterion> Literals<P> {
    pub(super) fn new(rules: &[CorsRule]) -> Self {
        let found = distinct::<P>(rules);
        if found.len() > FEW {
            return Literals::Many(Box::new(Many::new::<P>(rules, &found)));
        }
        let texts = found.iter().map(|(entry, set)| (entry.text::<P>(rules).unwrap_or_default(), *set));
        Literals::Few(Few::new(texts))
    }

    #[inline(always)]
    pub(super) fn of(&self, rules: &[CorsRule], value: &[u8]) -> Option<&RuleSet> {
        match self {
            Literals::Few(few) => few.of(value),
            Literals::Many(many) => many.of::<P>(rules, value),
        }
    }
}

/// Each value once, where it is written first, with all rules that have it.
fn distinct<P: Criterion>(rules: &[CorsRule]) -> Vec<(Entry, RuleSet)> {
    let mut numbers = HashMap::new();
    let mut found: Vec<(Entry, RuleSet)> = Vec::new();
    for (rule, index, text) in written::<P>(rules) {
        let number = *numbers.entry(P::folded(text)).or_insert(found.len());
        let set = RuleSet::one(rule);
        match found.get_mut(number) {
            Some((_, rules)) => *rules |= set,
            None => found.push((Entry { rule: rule as u32, index: index as u32, set: 0 }, set)),
        }
    }
    found
}

/// S3 accepts the empty value and matches nothing with it.
fn written<P: Criterion>(rules: &[CorsRule]) -> impl Iterator<Item = (usize, usize, &str)> {
    let texts =
        |(number, rule)| P::written(rule).iter().enumerate().map(move |(index, text)| (number, index, text));
    rules.iter().enumerate().flat_map(texts).filter_map(|(rule, index, text)| match P::pattern(text) {
        Pattern::Literal(text) if !text.is_empty() => Some((rule, index, text)),
        _ => None,
    })
}

impl Many {
    fn new<P: Criterion>(rules: &[CorsRule], found: &[(Entry, RuleSet)]) -> Self {
        let mut sets = Vec::new();
        let mut numbers = HashMap::new();
        let mut entries = Vec::with_capacity(found.len());
        for (Entry { rule, index, .. }, rule_set) in found {
            let set = *numbers.entry(*rule_set).or_insert_with(|| {
                sets.push(*rule_set);
                sets.len() - 1
            });
            let entry = Entry { rule: *rule, index: *index, set: set as u32 };
            entries.push(entry);
        }
        let text = |entry: &Entry| entry.text::<P>(rules).unwrap_or_default();
        let none = Entry { rule: u32::MAX, index: 0, set: 0 };
        let slots = Slots::new(&entries, none, |seed| {
            entries.iter().map(|entry| hash::<P>(seed, text(entry).as_bytes())).collect()
        });
        Many { slots, sets: sets.into() }
    }

    #[inline(always)]
    fn of<P: Criterion>(&self, rules: &[CorsRule], value: &[u8]) -> Option<&RuleSet> {
        let entry = self.find::<P>(value)?;
        let set = self.sets.get(entry.set as usize)?;
        P::same(entry.text::<P>(rules)?.as_bytes(), value).then_some(set)
    }

    #[inline(always)]
    fn find<P: Criterion>(&self, value: &[u8]) -> Option<&Entry> {
        self.slots.find(hash::<P>(self.slots.seed(), value))
    }
}
