//! Instructions and allocations of every scenario and contender, as a table.
//!
//! `cargo bench --bench instructions` prints the table; `-- --check` holds it against `benches/instructions.json`
//! and fails where this layer needs more than 5 % more than is recorded there; `-- --record` records anew.
//! Instructions are valgrind's, so they do not depend on time or on other load.

mod contest;

use std::hint::black_box;
use std::process::Command;

use contest::contenders::{self, call, with, Answer, Visit};
use contest::scenarios::{self, Scenario};

const TIMES: usize = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--run", scenario, contender] => run(scenario, contender),
        _ => table(),
    }
}

/// What valgrind watches: the scenario, so many times over.
fn run(scenario: &str, contender: &str) {
    let scenario = scenarios::all().swap_remove(scenario.parse().expect("a number"));
    let name = contenders::ALL[contender.parse::<usize>().expect("a number")];
    with(name, &scenario, Watched(&scenario));
}

struct Watched<'s>(&'s Scenario);

impl Visit for Watched<'_> {
    type Output = ();

    fn visit<S>(self, mut service: S)
    where
        S: tower_service::Service<http::Request<()>, Response = Answer, Error = std::convert::Infallible>,
    {
        let requests: Vec<_> = (0..TIMES).map(|_| self.0.request()).collect();
        answer_all(&mut service, requests);
    }
}

/// Only what happens in here is counted.
#[inline(never)]
fn answer_all<S>(service: &mut S, requests: Vec<http::Request<()>>)
where
    S: tower_service::Service<http::Request<()>, Response = Answer, Error = std::convert::Infallible>,
{
    for request in requests {
        drop(black_box(call(service, black_box(request))));
    }
}

fn table() {
    println!("| scenario | by hand | blind layer | tower-s3-cors | tower-http |");
    for (index, scenario) in scenarios::all().iter().enumerate() {
        let row: Vec<f64> =
            (0..contenders::ALL.len()).map(|n| count(index, n) as f64 / TIMES as f64).collect();
        let over: Vec<f64> = row[1..].iter().map(|n| n - row[0]).collect();
        println!("| {} | {:?} | ours/blind {:.3}", scenario.name, over, over[2] / over[1]);
    }
}

fn count(scenario: usize, contender: usize) -> u64 {
    let this = std::env::current_exe().expect("a path");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*answer_all*", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args(["--run", &scenario.to_string(), &contender.to_string()])
        .output()
        .expect("valgrind");
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| line.contains("Collected :")).unwrap_or_else(|| panic!("{text}"));
    line.rsplit(' ').next().and_then(|n| n.parse().ok()).expect("a count")
}
