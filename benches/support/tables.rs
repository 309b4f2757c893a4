//! What was counted, as tables and as verdicts.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::adversaries::Adversary;
use super::contenders::Name;
use super::scenarios::{Goal, Origins, Scenario};

/// One scenario: each contender's instructions over the bare service, and its allocations over the bare service's.
pub struct Row {
    pub scenario: Scenario,
    pub instructions: BTreeMap<&'static str, f64>,
    pub allocations: BTreeMap<&'static str, i64>,
}

impl Row {
    pub fn of(&self, name: Name) -> f64 {
        self.instructions.get(name.as_str()).copied().unwrap_or(f64::NAN)
    }

    fn allocated(&self, name: Name) -> i64 {
        self.allocations.get(name.as_str()).copied().unwrap_or_default()
    }
}

/// A dialect, what its goals are held against, and the goal of a scenario.
pub type Dialect = (Name, Name, fn(&Scenario) -> Goal);

pub const DIALECTS: [Dialect; 2] = [
    (Name::Fetch, Name::Blind, |scenario| scenario.fetch),
    (Name::S3, Name::S3ByHand, |scenario| scenario.s3),
];

/// The instructions that the dialect may need in that row, if it has a goal.
pub fn limit(rows: &[Row], row: &Row, (ours, other, goal): Dialect) -> Option<f64> {
    match goal(&row.scenario) {
        Goal::None => None,
        Goal::Limit(times) => Some(times * row.of(other)),
        Goal::OneOrigin(times) => {
            let one = |other: &&Row| {
                let (one, kind) = (&other.scenario, row.scenario.kind);
                one.kind == kind && one.origins == Origins::Exact(1) && one.rules == 1
            };
            rows.iter().find(one).map(|one| times * one.of(ours))
        }
        Goal::Instructions(instructions) => Some(instructions),
    }
}

fn shown(limit: Option<f64>) -> String {
    limit.map_or("-".to_owned(), |limit| format!("{limit:.0}"))
}

pub fn fetch_table(all: &[Row], which: impl Fn(&Row) -> bool) -> String {
    let mut table = String::from(
        "| scenario | by hand | blind layer | tower-s3-cors | goal | tower-http | tower-s3-cors / blind | tower-http / tower-s3-cors | allocations: by hand, tower-s3-cors, tower-http |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for row in all.iter().filter(|row| which(row)) {
        let [hand, blind, ours, theirs] =
            [Name::ByHand, Name::Blind, Name::Fetch, Name::TowerHttp].map(|name| row.of(name));
        let allocated =
            [Name::ByHand, Name::Fetch, Name::TowerHttp].map(|name| row.allocated(name).to_string());
        let (ratio, times, allocated) = (ours / blind, theirs / ours, allocated.join(", "));
        let (name, goal) = (&row.scenario.name, shown(limit(all, row, DIALECTS[0])));
        let _ = writeln!(
            table,
            "| {name} | {hand:.0} | {blind:.0} | {ours:.0} | {goal} | {theirs:.0} | {ratio:.2} | {times:.1} | {allocated} |"
        );
    }
    table
}

/// The rows for the crate's README.
pub fn quoted_table(all: &[Row], names: &[&str]) -> String {
    let mut table =
        String::from("| request | blind layer | tower-s3-cors | tower-http |\n|---|---|---|---|\n");
    for row in all.iter().filter(|row| names.contains(&row.scenario.name.as_str())) {
        let [blind, ours, theirs] = [Name::Blind, Name::Fetch, Name::TowerHttp].map(|name| row.of(name));
        let _ = writeln!(table, "| {} | {blind:.0} | {ours:.0} | {theirs:.0} |", row.scenario.name);
    }
    table
}

pub fn s3_table(all: &[Row]) -> String {
    let mut table = String::from(
        "| scenario, S3 dialect | by hand | tower-s3-cors | goal | allocations: by hand, tower-s3-cors |\n\
         |---|---|---|---|---|\n",
    );
    for row in all {
        let [hand, ours] = [Name::S3ByHand, Name::S3].map(|name| row.of(name));
        let allocated = [Name::S3ByHand, Name::S3].map(|name| row.allocated(name).to_string()).join(", ");
        let (name, goal) = (&row.scenario.name, shown(limit(all, row, DIALECTS[1])));
        let _ = writeln!(table, "| {name} | {hand:.0} | {ours:.0} | {goal} | {allocated} |");
    }
    table
}

/// What an observer and a shadow policy add to the layer.
pub fn observer_table(all: &[Row]) -> String {
    let names = [Name::Fetch, Name::Observed, Name::Shadowed];
    let mut table = String::from(
        "| scenario | tower-s3-cors | with an observer | with a shadow policy | allocations of the three |\n|---|---|---|---|---|\n",
    );
    for row in all.iter().filter(|row| row.instructions.contains_key(Name::Shadowed.as_str())) {
        let [ours, observed, shadowed] = names.map(|name| row.of(name));
        let allocated = names.map(|name| row.allocated(name).to_string()).join(", ");
        let name = &row.scenario.name;
        let _ = writeln!(table, "| {name} | {ours:.0} | {observed:.0} | {shadowed:.0} | {allocated} |");
    }
    table
}

/// An adversary, its instructions at twice its size, and how many times as much that is as at its size.
pub type Counted = (Adversary, f64, f64);

pub fn adversary_table(counted: &[Counted]) -> String {
    let mut table =
        String::from("| adversary | instructions | goal | over half of it |\n|---|---|---|---|\n");
    for (adversary, instructions, ratio) in counted {
        let goal = shown(adversary_limit(adversary));
        let _ = writeln!(table, "| {} | {instructions:.0} | {goal} | {ratio:.2} |", adversary.name);
    }
    table
}

pub fn adversary_limit(adversary: &Adversary) -> Option<f64> {
    adversary.each.map(|each| each * (adversary.size * 2) as f64)
}
