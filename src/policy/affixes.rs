//! Patterns `prefix*suffix`: the prefixes of a value are found first, then the suffixes of what is left.
//!
//! What is left begins where the prefix ends, so the two cannot overlap.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use super::criterion::Criterion;
use super::hash::{hash, Slots, FEW};
use crate::pattern::RuleSet;

/// For each prefix, its suffixes; for each of those, its rules.
pub(super) struct Affixes<P>(Chain<P, Start, Chain<P, End, RuleSet>>);

impl<P: Criterion> Affixes<P> {
    pub(super) fn new(patterns: Vec<(&str, &str, RuleSet)>) -> Self {
        let mut prefixes: BTreeMap<String, BTreeMap<String, RuleSet>> = BTreeMap::new();
        for (prefix, suffix, rules) in patterns {
            let suffixes = prefixes.entry(P::folded(prefix)).or_default();
            *suffixes.entry(P::folded(suffix)).or_default() |= rules;
        }
        let suffixes =
            |(prefix, suffixes): (String, BTreeMap<String, RuleSet>)| (prefix, Chain::new(suffixes));
        Affixes(Chain::new(prefixes.into_iter().map(suffixes)))
    }

    #[inline(never)]
    pub(super) fn of(&self, value: &[u8]) -> RuleSet {
        let mut found = RuleSet::EMPTY;
        self.0.each(value, |prefix, suffixes| {
            let left = value.get(prefix..).unwrap_or_default();
            suffixes.each(left, |_, rules| found |= *rules);
        });
        found
    }
}

/// The side of a value at which a text must stand.
trait Side {
    /// The bytes from `near` to `far`, counted from that side.
    fn between(value: &[u8], near: usize, far: usize) -> Option<&[u8]>;
}

struct Start;

impl Side for Start {
    fn between(value: &[u8], near: usize, far: usize) -> Option<&[u8]> {
        value.get(near..far)
    }
}

struct End;

impl Side for End {
    fn between(value: &[u8], near: usize, far: usize) -> Option<&[u8]> {
        value.get(value.len().checked_sub(far)?..value.len().checked_sub(near)?)
    }
}

/// Texts that may stand at one side of a value: one within the other, so that several match at once.
struct Chain<P, S, V> {
    texts: Box<[(Box<[u8]>, V)]>,
    index: Option<Box<Index>>,
    kind: PhantomData<(P, S)>,
}

/// Finds a text by its hash, for each length that a text has.
///
/// A hash is carried on from one length to the next, so a value is read once, however many lengths there are.
struct Index {
    lengths: Box<[usize]>,
    /// The number of the text.
    slots: Slots<u32>,
}

impl<P: Criterion, S: Side, V> Chain<P, S, V> {
    fn new(texts: impl IntoIterator<Item = (String, V)>) -> Self {
        let texts: Box<[_]> =
            texts.into_iter().map(|(text, value)| (text.into_bytes().into(), value)).collect();
        let index = (texts.len() > FEW).then(|| Box::new(Index::new::<P, S, V>(&texts)));
        Chain { texts, index, kind: PhantomData }
    }

    /// Visits every text that stands at this side of the value, with its length.
    fn each<'c>(&'c self, value: &[u8], mut visit: impl FnMut(usize, &'c V)) {
        let Some(index) = &self.index else {
            for (text, found) in &self.texts {
                if S::between(value, 0, text.len()).is_some_and(|side| P::same(text, side)) {
                    visit(text.len(), found);
                }
            }
            return;
        };
        hashes::<P, S>(&index.lengths, index.slots.seed(), value, |length, hash| {
            let Some((text, found)) =
                index.slots.find(hash).and_then(|number| self.texts.get(*number as usize))
            else {
                return;
            };
            if S::between(value, 0, length).is_some_and(|side| P::same(text, side)) {
                visit(length, found);
            }
        });
    }
}

impl Index {
    fn new<P: Criterion, S: Side, V>(texts: &[(Box<[u8]>, V)]) -> Self {
        let mut lengths: Vec<usize> = texts.iter().map(|(text, _)| text.len()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        let whole = |seed, text: &[u8]| {
            let mut whole = seed;
            hashes::<P, S>(&lengths, seed, text, |_, hash| whole = hash);
            whole
        };
        let numbers: Vec<u32> = (0..texts.len() as u32).collect();
        let slots =
            Slots::new(&numbers, u32::MAX, |seed| texts.iter().map(|(text, _)| whole(seed, text)).collect());
        Index { lengths: lengths.into(), slots }
    }
}

/// The hash of the value's side at each of the lengths that it has.
fn hashes<P: Criterion, S: Side>(
    lengths: &[usize],
    seed: u64,
    value: &[u8],
    mut visit: impl FnMut(usize, u64),
) {
    let mut state = seed;
    let mut read = 0;
    for length in lengths {
        let Some(more) = S::between(value, read, *length) else {
            return;
        };
        state = hash::<P>(state, more);
        read = *length;
        visit(*length, state);
    }
}
