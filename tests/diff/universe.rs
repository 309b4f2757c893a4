//! All origins over a small alphabet, as bits, so that all of them are compared in a few steps.

use std::collections::HashMap;

use test_support::reference;
use tower_s3_cors::CorsRule;

/// A set of origins.
#[derive(Clone)]
pub struct Bits(Vec<u64>);

impl Bits {
    fn new(origins: &[String], is_in: impl Fn(&str) -> bool) -> Self {
        let mut words = vec![0; origins.len().div_ceil(64)];
        for (number, _) in origins.iter().enumerate().filter(|(_, origin)| is_in(origin)) {
            words[number / 64] |= 1 << (number % 64);
        }
        Bits(words)
    }

    fn combine(&self, other: &Bits, with: impl Fn(u64, u64) -> u64) -> Bits {
        Bits(self.0.iter().zip(&other.0).map(|(a, b)| with(*a, *b)).collect())
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    fn and(&self, other: &Bits) -> Bits {
        self.combine(other, |a, b| a & b)
    }

    fn without(&self, other: &Bits) -> Bits {
        self.combine(other, |a, b| a & !b)
    }

    pub fn is_in(&self, other: &Bits) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a & !b == 0)
    }

    pub fn meets(&self, other: &Bits) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    fn or(&self, other: &Bits) -> Bits {
        self.combine(other, |a, b| a | b)
    }
}

/// The origins that the same rules match.
pub struct Cell {
    pub rules: Vec<bool>,
    pub origins: Bits,
}

pub struct Universe {
    origins: Vec<String>,
    all: Bits,
    none: Bits,
    matching: HashMap<String, Bits>,
}

impl Universe {
    /// Words of up to eight letters; `c` is in no pattern.
    pub fn new() -> Self {
        let mut origins: Vec<String> = Vec::new();
        let mut longest = vec![String::new()];
        for _ in 0..8 {
            longest = longest
                .iter()
                .flat_map(|word| ["a", "b", "c"].map(|letter| format!("{word}{letter}")))
                .collect();
            origins.extend(longest.iter().cloned());
        }
        let [all, none] = [true, false].map(|is_in| Bits::new(&origins, |_| is_in));
        Universe { origins, all, none, matching: HashMap::new() }
    }

    /// The origins that one of the patterns matches.
    pub fn matching<'p>(&mut self, patterns: impl IntoIterator<Item = &'p String>) -> Bits {
        let Universe { origins, none, matching, .. } = self;
        let mut all = none.clone();
        for pattern in patterns {
            let of_pattern = matching.entry(pattern.clone()).or_insert_with(|| {
                Bits::new(origins, |origin| reference::matches_origin(pattern, Some(origin.as_bytes())))
            });
            all = all.or(of_pattern);
        }
        all
    }

    /// All origins, by the rules that match them.
    pub fn cells<'r>(&mut self, rules: impl Iterator<Item = &'r CorsRule>) -> Vec<Cell> {
        let mut cells = vec![Cell { rules: Vec::new(), origins: self.all.clone() }];
        for rule in rules {
            let matching = self.matching(&rule.allowed_origins);
            cells = cells.into_iter().flat_map(|cell| split(cell, &matching)).collect();
        }
        cells
    }
}

fn split(cell: Cell, matching: &Bits) -> impl Iterator<Item = Cell> {
    let with = |is_in: bool, origins: Bits| {
        let rules = cell.rules.iter().copied().chain([is_in]).collect();
        Cell { rules, origins }
    };
    let cells = [with(true, cell.origins.and(matching)), with(false, cell.origins.without(matching))];
    cells.into_iter().filter(|cell| !cell.origins.is_empty())
}
