//! Instructions, allocations and heap of every scenario and contender.
//!
//! - `cargo bench -p benches --bench instructions` prints the tables.
//! - `... -- --record` also writes them into `benches/README.md`, and this layer's counts
//!   into `benches/instructions.json`.
//! - `... -- --check` fails where a goal is missed, where this layer needs over 5 % more than is recorded there, or
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
use tower_s3_cors::{CorsLayer, CorsPolicy, PolicyHandle, S3};
use tower_service::Service;

use support::adversaries::{self, Made};
use support::buckets;
use support::contenders::{self, agree, call, with, Answer, Bare, Name, Visit};
use support::documents;
use support::heap::{allocations, held};
use support::scenarios::{self, Body, Kind, Origins, Scenario};
use support::tables::{
    adversary_limit, adversary_table, fetch_table, limit, observer_table, quoted_table, s3_table, Counted,
    Row, DIALECTS,
};

/// Requests that are counted in one run.
const TIMES: usize = 100;
const ADVERSARY_TIMES: usize = 4;
/// What may be added before `--check` fails.
const TOLERANCE: f64 = 1.05;
/// Twice the bytes may cost that many times as much.
const LINEAR: f64 = 2.2;
/// What the body of a refusal may allocate in the S3 dialect.
const REFUSAL_ALLOCATIONS: i64 = 2;
/// What the joined names of a preflight may allocate in the S3 dialect.
const JOINED_ALLOCATIONS: i64 = 1;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--run", scenario, contender] => run_scenario(number(scenario), number(contender)),
        ["--adversary", adversary, size] => run_adversary(number(adversary), number(size)),
        ["--document", document, size] => run_document(number(document), number(size)),
        ["--documents"] => println!("{}", document_table(&documents_counted())),
        ["--buckets", count, "served"] => run_buckets(number(count)),
        ["--buckets", count, "swapped"] => run_swaps(number(count)),
        ["--check"] => check(),
        ["--record"] => record(),
        _ => println!("{}", tables(&rows(&contenders::ALL), &adversaries_counted())),
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
        S: Service<Request<Body>, Response = Answer, Error = Infallible>,
    {
        answer_all(&mut service, (0..TIMES).map(|_| self.0.request()).collect());
    }
}

fn run_adversary(adversary: usize, size: usize) {
    let adversary = &adversaries::ALL[adversary];
    let times = || 0..=ADVERSARY_TIMES;
    let inner = Made(times().map(|_| (adversary.response)(size)).collect());
    let requests = times().map(|_| (adversary.request)(size)).skip(1).collect();
    let layer = CorsLayer::new((adversary.policy)());
    if adversary.is_s3 {
        answer_all(&mut layer.dialect(S3::default()).layer(inner), requests);
    } else {
        answer_all(&mut layer.layer(inner), requests);
    }
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
    for policy in policies {
        drop(black_box(handle.replace(policy)));
    }
}

/// Only what happens in here is counted.
#[inline(never)]
fn answer_all<S>(service: &mut S, requests: Vec<Request<Body>>)
where
    S: Service<Request<Body>, Response = Answer, Error = Infallible>,
{
    for request in requests {
        drop(black_box(call(service, black_box(request))));
    }
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

fn rows(names: &[Name]) -> Vec<Row> {
    let scenarios = scenarios::all();
    scenarios.into_iter().enumerate().map(|(number, scenario)| row(number, scenario, names)).collect()
}

fn row(number: usize, scenario: Scenario, names: &[Name]) -> Row {
    agree(&scenario);
    let count = |name: Name| {
        let contender = contenders::ALL.iter().position(|other| *other == name).expect("a contender");
        let (Origins::Exact(origins) | Origins::Patterns(origins)) = scenario.origins;
        // Each run draws the secrets of its tables anew, and with a few of them the origin meets another one's hash.
        let has_tables = origins > 1 || scenario.rules > 1;
        let runs = if has_tables && matches!(name, Name::Fetch | Name::S3) { 5 } else { 1 };
        let counts = (0..runs).map(|_| count(["--run", &number.to_string(), &contender.to_string()]));
        counts.fold(f64::INFINITY, f64::min) / TIMES as f64
    };
    let allocated = |name| with(name, &scenario, Allocations(&scenario)) as i64;
    // A preflight does not reach the inner service, so what it allocates is counted in all.
    let bare_allocated = if scenario.kind.is_preflight() { 0 } else { allocated(Name::Bare) };
    let bare = count(Name::Bare);
    // What they add does not depend on the number of origins and rules.
    let is_usual = scenario.origins == Origins::Exact(1) && scenario.rules == 1;
    let names = || names.iter().filter(|name| is_usual || !matches!(name, Name::Observed | Name::Shadowed));
    let instructions = names().map(|name| (name.as_str(), count(*name) - bare)).collect();
    let allocations = names().map(|name| (name.as_str(), allocated(*name) - bare_allocated)).collect();
    eprintln!("{}", scenario.name);
    Row { scenario, instructions, allocations }
}

struct Allocations<'s>(&'s Scenario);

impl Visit for Allocations<'_> {
    type Output = u64;

    fn visit<S>(self, mut service: S) -> u64
    where
        S: Service<Request<Body>, Response = Answer, Error = Infallible>,
    {
        let request = self.0.request();
        allocations(|| drop(call(&mut service, request))).1
    }
}

fn tables(rows: &[Row], adversaries: &[Counted]) -> String {
    let fetch = fetch_table(rows, |_| true);
    let documents = document_table(&documents_counted());
    [
        fetch,
        s3_table(rows),
        observer_table(rows),
        adversary_table(adversaries),
        documents,
        heap_table(),
        bucket_table(),
    ]
    .join("\n")
}

fn run_document(document: usize, size: usize) {
    answer_all_documents((documents::ALL[document].work)(size));
}

/// Only what happens in here is counted.
#[inline(never)]
fn answer_all_documents(work: Box<dyn FnOnce()>) {
    work();
}

/// Each document's instructions at twice its size, and how many times as much that is as at its size.
fn documents_counted() -> Vec<(&'static str, f64, f64)> {
    let counted = |(number, document): (usize, &documents::Document)| {
        let count = |size: usize| count(["--document", &number.to_string(), &size.to_string()]);
        let (once, twice) = (count(document.size), count(document.size * 2));
        eprintln!("{}", document.name);
        (document.name, twice, twice / once)
    };
    documents::ALL.iter().enumerate().map(counted).collect()
}

fn document_table(counted: &[(&str, f64, f64)]) -> String {
    let mut table = String::from("| document | instructions | over half of it |\n|---|---|---|\n");
    for (name, instructions, ratio) in counted {
        let _ = writeln!(table, "| {name} | {instructions:.0} | {ratio:.2} |");
    }
    table
}

fn adversaries_counted() -> Vec<Counted> {
    let count = |number: usize, size: usize| {
        count(["--adversary", &number.to_string(), &size.to_string()]) / ADVERSARY_TIMES as f64
    };
    let counted = |(number, adversary): (usize, &adversaries::Adversary)| {
        let (once, twice) = (count(number, adversary.size), count(number, adversary.size * 2));
        eprintln!("{}", adversary.name);
        (*adversary, twice, twice / once)
    };
    adversaries::ALL.iter().enumerate().map(counted).collect()
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
    env!("CARGO_MANIFEST_DIR").into()
}

/// What the crate's README quotes.
const QUOTED: [&str; 4] = ["no Origin", "granted", "preflight granted", "granted, the last of 1000 origins"];

/// Writes the tables between their marks in both pages, and the counts beside the one.
fn record() {
    let rows = rows(&contenders::ALL);
    let tables = tables(&rows, &adversaries_counted());
    write_tables(&folder().join("README.md"), &tables);
    let quoted = quoted_table(&rows, &QUOTED);
    write_tables(&folder().join("../README.md"), &quoted);
    let counts: BTreeMap<&str, Counts> =
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

/// This layer's in both dialects, and the blind layer's.
type Counts = [f64; 3];

fn counts_of(row: &Row) -> Counts {
    [Name::Fetch, Name::S3, Name::Blind].map(|name| row.of(name).round())
}

fn check() {
    let recorded =
        std::fs::read_to_string(folder().join("instructions.json")).expect("benches/instructions.json");
    let recorded: BTreeMap<String, Counts> = serde_json::from_str(&recorded).expect("counts");
    let mut checks = Vec::new();
    let rows = rows(&[Name::Fetch, Name::Blind, Name::S3, Name::S3ByHand, Name::Observed, Name::Shadowed]);
    for row in &rows {
        let then = recorded.get(&row.scenario.name).copied().expect("a recorded scenario");
        checks.extend(checks_of(&rows, row, then));
    }
    for (adversary, instructions, ratio) in adversaries_counted() {
        checks.push((format!("{}, over half of it", adversary.name), ratio, LINEAR));
        let goal = adversary_limit(&adversary);
        checks.extend(goal.map(|goal| (format!("{}, goal", adversary.name), instructions, goal)));
    }
    for (name, _, ratio) in documents_counted() {
        checks.push((format!("{name}, over half of it"), ratio, LINEAR));
    }
    for (name, got, limit) in &checks {
        let verdict = if got <= limit { "ok" } else { "TOO MUCH" };
        println!("{name}: {got:.2}, at most {limit:.2}: {verdict}");
    }
    if checks.iter().any(|(_, got, limit)| got > limit) {
        println!("too much; if on purpose: cargo bench -p benches --bench instructions -- --record");
        std::process::exit(1);
    }
}

/// What is counted of one scenario, its name first, and what it may be at most.
fn checks_of(rows: &[Row], row: &Row, [fetch, s3, blind]: Counts) -> Vec<(String, f64, f64)> {
    let mut checks = Vec::new();
    for name in [Name::Observed, Name::Shadowed].map(Name::as_str) {
        let allocated = row.allocations.get(name);
        checks.extend(allocated.map(|allocated| {
            (format!("{}, {name}, allocations", row.scenario.name), *allocated as f64, 0.0)
        }));
    }
    // Another compiler or C library changes the blind layer alike, and is no fault of ours.
    let tolerance = TOLERANCE * (row.of(Name::Blind) / blind).max(1.0);
    for (dialect, recorded) in DIALECTS.into_iter().zip([fetch, s3]) {
        let (ours, name) = (dialect.0, format!("{}, {}", row.scenario.name, dialect.0.as_str()));
        if let Some(goal) = limit(rows, row, dialect) {
            checks.push((format!("{name}, goal"), row.of(ours), goal));
        }
        let most = match (ours, row.scenario.kind) {
            (Name::S3, Kind::PreflightRefused) => REFUSAL_ALLOCATIONS,
            (Name::S3, Kind::PreflightGranted) => JOINED_ALLOCATIONS,
            // The seven headers of its answer are more than the map of a small response holds.
            (Name::S3, _) => row.allocations[Name::S3ByHand.as_str()],
            _ => 0,
        };
        checks.push((format!("{name}, allocations"), row.allocations[ours.as_str()] as f64, most as f64));
        checks.push((name, row.of(ours), recorded * tolerance));
    }
    checks
}
