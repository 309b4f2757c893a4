//! What was counted, as a table and as a sentence.

use std::fmt::Write;
use std::path::Path;

use crate::connection::Server;
use crate::Layer;

/// The instructions of a request: without a layer, with this one, with tower-http's.
pub struct Row {
    pub server: Server,
    pub request: String,
    pub instructions: [f64; 3],
}

impl Row {
    /// What the layer adds, as a part of the whole request with it. A preflight may cost less with it than without.
    pub fn share(&self, layer: Layer) -> f64 {
        let [bare, ours, theirs] = self.instructions;
        let with = if layer == Layer::Ours { ours } else { theirs };
        (with - bare) / with
    }
}

pub fn table(rows: &[Row]) -> String {
    let mut table = String::from(
        "| server | request | without a layer | with tower-s3-cors | with tower-http | tower-s3-cors, % of the request | tower-http, % |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let [bare, ours, theirs] = row.instructions;
        let [our_share, their_share] = [Layer::Ours, Layer::TowerHttp].map(|layer| 100.0 * row.share(layer));
        let (server, request) = (row.server.as_str(), &row.request);
        let _ = writeln!(
            table,
            "| {server} | {request} | {bare:.0} | {ours:.0} | {theirs:.0} | {our_share:.1} | {their_share:.1} |"
        );
    }
    table
}

/// Of a granted request to an axum route.
fn sentence(rows: &[Row]) -> String {
    let row = rows.iter().find(|row| row.server == Server::Axum && row.request == "granted");
    let row = row.expect("a granted request to an axum route");
    let [ours, theirs] = [Layer::Ours, Layer::TowerHttp].map(|layer| 100.0 * row.share(layer));
    format!(
        "CORS is {ours:.0} % of a whole granted request to an axum route with this layer, and {theirs:.0} % with tower-http's\n\
         (`cargo bench -p benches --bench servers`).\n"
    )
}

/// Writes both between their marks.
pub fn record(rows: &[Row]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    write_between_marks(&folder.join("README.md"), &table(rows));
    write_between_marks(&folder.join("../README.md"), &sentence(rows));
    println!("{}", table(rows));
}

fn write_between_marks(page: &Path, text: &str) {
    const MARKS: [&str; 2] = ["<!-- servers -->\n", "<!-- end of servers -->"];
    let old = std::fs::read_to_string(page).expect("a page");
    let (before, rest) = old.split_once(MARKS[0]).expect("a mark where it begins");
    let (_, after) = rest.split_once(MARKS[1]).expect("a mark where it ends");
    let new = format!("{before}{}{text}{}{after}", MARKS[0], MARKS[1]);
    std::fs::write(page, new).expect("writable");
}
