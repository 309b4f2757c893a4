//! A server under load while its policy is swapped and its file is changed, for as long as one wants:
//! `cargo bench -p benches --bench soak -- [SECONDS] [--record]`, 30 seconds without an argument.
//!
//! It fails if an answer is not that of one policy as a whole, or if memory grows. Latencies are printed as ratios to
//! those of the same server without the layer, which is asked in turn with the other. `--record` writes the table into
//! `benches/README.md`. All connections are on the loopback interface.

mod changes;
mod heap;
mod histogram;
mod load;

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use changes::Changes;
use heap::Memory;
use histogram::Histogram;
use load::{Answers, Load};

const CLIENTS: usize = 4;
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
const SAMPLE: Duration = Duration::from_millis(250);
/// What a quarter of the time may hold more than the one before it: connections and requests in flight differ.
const MAX_HEAP_GROWTH: u64 = 64 << 10;
const MAX_RSS_GROWTH: u64 = 4 << 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let seconds = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(30);
    let time = Duration::from_secs(seconds).min(LONGEST);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let table = runtime.expect("a runtime").block_on(soak(time));
    println!("{table}");
    if arguments.iter().any(|argument| argument == "--record") {
        record(&table);
    }
}

async fn soak(time: Duration) -> String {
    let load = Load::start().await;
    let answers = Arc::new(Answers::ask(&load).await);
    let latencies: [Arc<Histogram>; 2] = Default::default();
    let end = Instant::now() + time;
    let changes = Changes::start(&load.policy, end);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            tokio::spawn(load::client(load.clone(), number, answers.clone(), latencies.clone(), end))
        })
        .collect();
    let memory = watch_memory(time, end).await;
    let mut requests = 0;
    for client in clients {
        requests += client.await.expect("a client that finds no fault");
    }
    let done = changes.done().await;
    answers.all_were_given();
    verdict(&memory);
    table(time, requests, &done, &latencies, &memory)
}

/// The least memory of each quarter of the time.
async fn watch_memory(time: Duration, end: Instant) -> [Memory; 4] {
    let mut quarters = [Memory::MOST; 4];
    let mut tick = tokio::time::interval(SAMPLE);
    while Instant::now() < end {
        tick.tick().await;
        let left = end.saturating_duration_since(Instant::now()).as_secs_f64() / time.as_secs_f64();
        let quarter = ((1.0 - left) * 4.0) as usize;
        let quarter = &mut quarters[quarter.min(3)];
        *quarter = quarter.least(Memory::now());
    }
    quarters
}

/// The first quarter fills buffers and pools.
fn verdict([_, second, third, fourth]: &[Memory; 4]) {
    for (before, after) in [(second, third), (second, fourth)] {
        let [heap, rss] = [after.heap.saturating_sub(before.heap), after.rss.saturating_sub(before.rss)];
        assert!(heap <= MAX_HEAP_GROWTH && rss <= MAX_RSS_GROWTH, "memory grows: {before:?}, {after:?}");
    }
}

fn table(
    time: Duration,
    requests: u64,
    (swaps, reports): &(u64, u64),
    [bare, layered]: &[Arc<Histogram>; 2],
    memory: &[Memory; 4],
) -> String {
    let mut table = format!(
        "{} seconds, {requests} requests to each server, {swaps} swaps, {reports} changes of the file put in force: \
         no mixed answer.\n\n| latency | over the server without the layer |\n|---|---|\n",
        time.as_secs()
    );
    for (name, quantile) in [("median", 0.5), ("90 %", 0.9), ("99 %", 0.99), ("99.9 %", 0.999)] {
        let ratio = layered.quantile(quantile) / bare.quantile(quantile);
        let _ = writeln!(table, "| {name} | {ratio:.2} |");
    }
    table.push_str("\n| quarter of the time | least heap, KB | least resident memory, KB |\n|---|---|---|\n");
    for (number, Memory { heap, rss }) in memory.iter().enumerate() {
        let _ = writeln!(table, "| {} | {} | {} |", number + 1, heap / 1000, rss / 1000);
    }
    table
}

fn record(table: &str) {
    const MARKS: [&str; 2] = ["<!-- soak -->\n", "<!-- end of soak -->"];
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let old = std::fs::read_to_string(&page).expect("a page");
    let (before, rest) = old.split_once(MARKS[0]).expect("a mark where it begins");
    let (_, after) = rest.split_once(MARKS[1]).expect("a mark where it ends");
    std::fs::write(page, format!("{before}{}{table}{}{after}", MARKS[0], MARKS[1])).expect("writable");
}
