//! Instructions, allocations and heap of every scenario and contender.
//!
//! - `cargo bench --features reload --bench instructions` prints the tables.
//! - `... -- --record` also writes them into `benches/README.md`, and this layer's counts
//!   into `benches/instructions.json`.
//! - `... -- --check` fails where this layer needs over 5 % more than is recorded there, or
//!   where an adversary costs more than its bytes.
//!
//! Instructions are counted by valgrind (callgrind), so neither time nor other load matters.

mod support;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;

use http::Request;
use tower_layer::Layer;
use tower_s3_cors::{CorsLayer, CorsPolicy, PolicyHandle};
use tower_service::Service;

use support::adversaries;
use support::buckets;
use support::contenders::{self, agree, call, with, Answer, Bare, Name, Visit};
use support::heap::{allocations, from_a_strip, held};
use support::scenarios::{self, Origins, Scenario};

/// Requests that are counted in one run.
const TIMES: usize = 100;
const ADVERSARY_TIMES: usize = 4;
/// What may be added before `--check` fails.
const TOLERANCE: f64 = 1.05;
/// Twice the bytes may cost that many times as much.
const LINEAR: f64 = 2.2;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--run", scenario, contender] => run_scenario(number(scenario), number(contender)),
        ["--adversary", adversary, size] => run_adversary(number(adversary), number(size)),
        ["--buckets", count, "served"] => run_buckets(number(count)),
        ["--buckets", count, "swapped"] => run_swaps(number(count)),
        ["--check"] => check(),
        ["--record"] => record(),
        _ => println!("{}", tables(&rows(&contenders::ALL))),
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

/// What valgrind watches: the scenario, so many times over.
fn run_scenario(scenario: usize, contender: usize) {
    let scenario = scenarios::all().swap_remove(scenario);
    with(contenders::ALL[contender], &scenario, Watched(&scenario));
}

struct Watched<'s>(&'s Scenario);

impl Visit for Watched<'_> {
    type Output = ();

    fn visit<S>(self, mut service: S)
    where
        S: Service<Request<()>, Response = Answer, Error = Infallible>,
    {
        answer_all(&mut service, (0..TIMES).map(|_| self.0.request()).collect());
    }
}

fn run_adversary(adversary: usize, size: usize) {
    let adversary = &adversaries::ALL[adversary];
    let mut service = CorsLayer::new((adversary.policy)()).layer(Bare);
    answer_all(&mut service, (0..ADVERSARY_TIMES).map(|_| (adversary.request)(size)).collect());
}

fn run_buckets(count: usize) {
    let source = buckets::source(buckets::buckets(count));
    let mut service = CorsLayer::from_source(source).layer(Bare);
    let granted = call(&mut service, buckets::request(count));
    assert!(granted.headers().contains_key("access-control-allow-origin"));
    answer_all(&mut service, (0..TIMES).map(|_| buckets::request(count)).collect());
}

/// The buckets as one swappable policy each; one of them is replaced, the others stay.
fn run_swaps(count: usize) {
    let policies = buckets::buckets(count);
    let handles: Vec<_> = policies.values().cloned().map(PolicyHandle::new).collect();
    let policy = policies.values().next().expect("a bucket").clone();
    let swapped = (0..TIMES).map(|_| policy.clone()).collect();
    answer_all_swaps(handles.last().expect("a bucket"), swapped);
}

#[inline(never)]
fn answer_all_swaps(handle: &PolicyHandle, policies: Vec<CorsPolicy>) {
    from_a_strip(|| {
        for policy in policies {
            drop(black_box(handle.replace(policy)));
        }
    });
}

/// Only what happens in here is counted.
#[inline(never)]
fn answer_all<S>(service: &mut S, requests: Vec<Request<()>>)
where
    S: Service<Request<()>, Response = Answer, Error = Infallible>,
{
    from_a_strip(|| {
        for request in requests {
            drop(black_box(call(service, black_box(request))));
        }
    });
}

/// Runs this program once more, under valgrind.
fn count(arguments: [&str; 3]) -> f64 {
    let this = std::env::current_exe().expect("a path");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*answer_all*", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args(arguments)
        .output()
        .expect("valgrind is needed, `apt-get install valgrind` has it");
    let text = String::from_utf8_lossy(&output.stderr);
    let count =
        text.lines().find(|line| line.contains("Collected :")).and_then(|line| line.rsplit(' ').next());
    count.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("valgrind: {text}"))
}

/// One scenario: each contender's instructions over the bare service, and its allocations over the bare service's.
struct Row {
    scenario: Scenario,
    instructions: BTreeMap<&'static str, f64>,
    allocations: BTreeMap<&'static str, u64>,
}

fn rows(names: &[Name]) -> Vec<Row> {
    let scenarios = scenarios::all();
    scenarios.into_iter().enumerate().map(|(number, scenario)| row(number, scenario, names)).collect()
}

fn row(number: usize, scenario: Scenario, names: &[Name]) -> Row {
    agree(&scenario);
    let count = |name: Name| {
        let contender = contenders::ALL.iter().position(|other| *other == name).expect("a contender");
        count(["--run", &number.to_string(), &contender.to_string()]) / TIMES as f64
    };
    let allocated = |name| with(name, &scenario, Allocations(&scenario));
    let (bare, bare_allocated) = (count(Name::Bare), allocated(Name::Bare));
    let instructions = names.iter().map(|name| (name.as_str(), count(*name) - bare)).collect();
    let allocations = names.iter().map(|name| (name.as_str(), allocated(*name) - bare_allocated)).collect();
    eprintln!("{}", scenario.name);
    Row { scenario, instructions, allocations }
}

struct Allocations<'s>(&'s Scenario);

impl Visit for Allocations<'_> {
    type Output = u64;

    fn visit<S>(self, mut service: S) -> u64
    where
        S: Service<Request<()>, Response = Answer, Error = Infallible>,
    {
        let request = self.0.request();
        allocations(|| drop(call(&mut service, request))).1
    }
}

fn tables(rows: &[Row]) -> String {
    let adversaries = adversary_table(&adversaries_counted());
    [scenario_table(rows.iter()), adversaries, heap_table(), bucket_table()].join("\n")
}

fn scenario_table<'r>(rows: impl Iterator<Item = &'r Row>) -> String {
    let mut table = String::from(
        "| scenario | by hand | blind layer | tower-s3-cors | tower-http | tower-s3-cors / blind | tower-http / tower-s3-cors | allocations: by hand, tower-s3-cors, tower-http |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for Row { scenario, instructions, allocations } in rows {
        let of = |name: Name| instructions.get(name.as_str()).copied().unwrap_or(f64::NAN);
        let allocated = |name: Name| allocations.get(name.as_str()).copied().unwrap_or_default();
        let (hand, blind, ours, theirs) =
            (of(Name::ByHand), of(Name::Blind), of(Name::Ours), of(Name::TowerHttp));
        let (ratio, times) = (ours / blind, theirs / ours);
        let counts =
            [Name::ByHand, Name::Ours, Name::TowerHttp].map(|name| allocated(name).to_string()).join(", ");
        let name = &scenario.name;
        let _ = writeln!(
            table,
            "| {name} | {hand:.0} | {blind:.0} | {ours:.0} | {theirs:.0} | {ratio:.2} | {times:.1} | {counts} |"
        );
    }
    table
}

/// Each adversary's instructions at its size, and how many times as much twice the size costs.
fn adversaries_counted() -> Vec<(&'static str, f64, f64)> {
    let count = |number: usize, size: usize| {
        count(["--adversary", &number.to_string(), &size.to_string()]) / ADVERSARY_TIMES as f64
    };
    let counted = |(number, adversary): (usize, &adversaries::Adversary)| {
        let (once, twice) = (count(number, adversary.size), count(number, adversary.size * 2));
        eprintln!("{}", adversary.name);
        (adversary.name, twice, twice / once)
    };
    adversaries::ALL.iter().enumerate().map(counted).collect()
}

fn adversary_table(counted: &[(&str, f64, f64)]) -> String {
    let mut table = String::from("| adversary | instructions | over half of it |\n|---|---|---|\n");
    for (name, instructions, ratio) in counted {
        let _ = writeln!(table, "| {name} | {instructions:.0} | {ratio:.2} |");
    }
    table
}

fn heap_table() -> String {
    let mut table =
        String::from("| policy | heap, bytes | bytes of its strings | heap an origin beyond 1.5 of these |\n|---|---|---|---|\n");
    for scenario in scenarios::all().iter().filter(|scenario| scenario.name.starts_with("granted")) {
        let (Origins::Exact(count) | Origins::Patterns(count)) = scenario.origins;
        let configuration = scenario.configuration();
        let strings: usize = configuration
            .rules
            .iter()
            .map(|rule| rule.allowed_origins.iter().map(String::len).sum::<usize>())
            .sum();
        let (_policy, bytes) = held(|| scenario.build(&configuration));
        let over = (bytes as f64 - 1.5 * strings as f64) / count as f64;
        let what = scenario.name.trim_start_matches("granted").trim_start_matches(", the last of ");
        let what = if what.is_empty() { "1 origin" } else { what };
        let _ = writeln!(table, "| {what} | {bytes} | {strings} | {over:.1} |");
    }
    table
}

fn bucket_table() -> String {
    let mut table = String::from(
        "| buckets, two rules each | instructions of a granted request | instructions of a swap | heap a bucket, bytes |\n\
         |---|---|---|---|\n",
    );
    for buckets in buckets::COUNTS {
        let count = |what: &str| count(["--buckets", &buckets.to_string(), what]) / TIMES as f64;
        let (_buckets, bytes) = held(|| buckets::buckets(buckets));
        let (served, swapped, heap) = (count("served"), count("swapped"), bytes / buckets as u64);
        let _ = writeln!(table, "| {buckets} | {served:.0} | {swapped:.0} | {heap} |");
    }
    table
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches")
}

/// What the crate's README quotes.
const QUOTED: [&str; 7] = [
    "no Origin",
    "granted",
    "refused",
    "preflight granted",
    "preflight refused",
    "granted, the last of 1000 origins",
    "granted, the last of 10000 patterns",
];

/// Writes the tables between their marks in both pages, and the counts beside the one.
fn record() {
    let rows = rows(&contenders::ALL);
    let tables = tables(&rows);
    write_tables(&folder().join("README.md"), &tables);
    let quoted = rows.iter().filter(|row| QUOTED.contains(&row.scenario.name.as_str()));
    write_tables(&folder().join("../README.md"), &scenario_table(quoted));
    let counts: BTreeMap<&str, [f64; 2]> =
        rows.iter().map(|row| (row.scenario.name.as_str(), counts_of(row))).collect();
    let json = serde_json::to_string_pretty(&counts).expect("numbers") + "\n";
    std::fs::write(folder().join("instructions.json"), json).expect("writable");
    println!("{tables}");
}

fn write_tables(page: &Path, tables: &str) {
    let text = std::fs::read_to_string(page).expect("a page");
    let (before, rest) = text.split_once("<!-- tables -->\n").expect("a mark where the tables begin");
    let (_, after) = rest.split_once("<!-- end of tables -->").expect("a mark where the tables end");
    std::fs::write(page, format!("{before}<!-- tables -->\n{tables}<!-- end of tables -->{after}"))
        .expect("writable");
}

/// This layer's and the blind layer's.
fn counts_of(row: &Row) -> [f64; 2] {
    [Name::Ours, Name::Blind]
        .map(|name| row.instructions.get(name.as_str()).copied().unwrap_or(f64::NAN).round())
}

fn check() {
    let recorded =
        std::fs::read_to_string(folder().join("instructions.json")).expect("benches/instructions.json");
    let recorded: BTreeMap<String, [f64; 2]> = serde_json::from_str(&recorded).expect("counts");
    let mut failures = 0;
    let mut judge = |name: &str, got: f64, limit: f64| {
        let verdict = if got <= limit { "ok" } else { "TOO MUCH" };
        println!("{name}: {got:.2}, at most {limit:.2}: {verdict}");
        failures += usize::from(got > limit);
    };
    for row in rows(&[Name::Ours, Name::Blind]) {
        let [ours, blind] = counts_of(&row);
        let [ours_then, blind_then] = recorded.get(&row.scenario.name).copied().expect("a recorded scenario");
        // Another compiler or C library changes the blind layer alike, and is no fault of ours.
        judge(&row.scenario.name, ours, ours_then * TOLERANCE * (blind / blind_then).max(1.0));
    }
    for (name, _, ratio) in adversaries_counted() {
        judge(name, ratio, LINEAR);
    }
    if failures > 0 {
        println!("{failures} over the limit; if on purpose: cargo bench --features reload --bench instructions -- --record");
        std::process::exit(1);
    }
}
