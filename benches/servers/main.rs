//! What CORS costs a real server: the instructions of a whole request in hyper, and in an axum route, without a layer,
//! with this one and with tower-http's.
//!
//! - `cargo bench -p benches --bench servers` prints the table.
//! - `... -- --record` also writes it into `benches/README.md`, and a sentence into the README.
//! - `... -- --check` fails where this layer is a larger share of a request than its goal.
//!
//! Only the server is counted, by valgrind (callgrind): parsing the request, the service, and writing the response.

mod connection;
#[path = "../support/mod.rs"]
mod support;
mod table;

use std::process::Command;

use connection::{exchange, Server};
use support::contenders::essence;
use support::scenarios::{self, Kind, Scenario};
use table::{record, table, Row};

/// Who puts CORS around the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    None,
    Ours,
    TowerHttp,
}

const LAYERS: [Layer; 3] = [Layer::None, Layer::Ours, Layer::TowerHttp];
const SERVERS: [Server; 3] = [Server::Http1, Server::Http2, Server::Axum];
const KINDS: [Kind; 4] = [Kind::NoOrigin, Kind::Granted, Kind::Refused, Kind::PreflightGranted];
/// The requests of the shorter run. The longer one has twice as many: what they differ by is the price of that many,
/// without the connection's.
const TIMES: usize = 100;
/// What this layer may be of a whole request. That the server writes more headers counts too.
const GOAL: f64 = 0.2;
/// What it may be of the part that tower-http's has.
const OF_TOWER_HTTP: f64 = 0.6;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--run", server, kind, layer, times] => {
            let [server, kind, layer, times] =
                [server, kind, layer, times].map(|number| number.parse::<usize>().expect("a number"));
            exchange(SERVERS[server], &scenario(KINDS[kind]), LAYERS[layer], times);
        }
        ["--check"] => check(&rows()),
        ["--record"] => record(&rows()),
        _ => println!("{}", table(&rows())),
    }
}

fn scenario(kind: Kind) -> Scenario {
    scenarios::all().into_iter().find(|scenario| scenario.kind == kind).expect("a scenario of each kind")
}

fn rows() -> Vec<Row> {
    let servers = SERVERS.iter().enumerate();
    servers
        .flat_map(|(at, server)| KINDS.iter().enumerate().map(move |kind| row(at, *server, kind)))
        .collect()
}

fn row(at: usize, server: Server, (kind_at, kind): (usize, &Kind)) -> Row {
    let scenario = scenario(*kind);
    let [bare, ours, theirs] = LAYERS.map(|layer| essence(&exchange(server, &scenario, layer, 1)));
    assert_eq!((bare, ours.is_empty()), (Vec::new(), !kind.is_granted()), "{server:?} {kind:?}");
    assert_eq!(ours, theirs, "{server:?} {kind:?}");
    let instructions = [0, 1, 2].map(|layer| {
        let [once, twice] = [TIMES, 2 * TIMES].map(|times| count([at, kind_at, layer, times]));
        (twice - once) / TIMES as f64
    });
    eprintln!("{}, {}", server.as_str(), scenario.name);
    Row { server, request: scenario.name, instructions }
}

/// Runs this program once more, under valgrind.
fn count(arguments: [usize; 4]) -> f64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*poll_server*", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().expect("a path"))
        .arg("--run")
        .args(arguments.map(|number| number.to_string()))
        .output()
        .expect("valgrind is needed, `apt-get install valgrind` has it");
    let text = String::from_utf8_lossy(&output.stderr);
    let count =
        text.lines().find(|line| line.contains("Collected :")).and_then(|line| line.rsplit(' ').next());
    count.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("valgrind: {text}"))
}

fn check(rows: &[Row]) {
    let mut is_good = true;
    for row in rows {
        let [ours, goal] = [row.share(Layer::Ours), GOAL.min(OF_TOWER_HTTP * row.share(Layer::TowerHttp))];
        let verdict = if ours <= goal { "ok" } else { "TOO MUCH" };
        is_good &= verdict == "ok";
        println!(
            "{}, {}: {:.1} % of it, at most {:.1} %: {verdict}",
            row.server.as_str(),
            row.request,
            100.0 * ours,
            100.0 * goal
        );
    }
    if !is_good {
        std::process::exit(1);
    }
}
