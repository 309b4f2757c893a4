//! Prints one line for each test, its differences below it, and the totals at the end.

use std::time::Instant;

#[derive(Default)]
pub struct Report {
    passed: usize,
    failed: usize,
}

impl Report {
    pub fn passed(&mut self, name: &[&str; 3], remark: &str) {
        self.passed += 1;
        println!("{}", format!("{}ok {remark}", columns(name)).trim_end());
    }

    /// Reports a test that passed if there are no differences.
    pub fn outcome(&mut self, name: &[&str; 3], differences: &[String]) {
        if differences.is_empty() {
            self.passed(name, "");
        } else {
            self.failed(name, differences);
        }
    }

    pub fn failed(&mut self, name: &[&str; 3], differences: &[String]) {
        self.failed += 1;
        println!("{}FAILED", columns(name));
        for difference in differences {
            println!("    {difference}");
        }
    }

    /// Reports an engine whose tests could not be run to the end.
    pub fn engine_failed(&mut self, engine: &str, reason: &str) {
        self.failed += 1;
        println!("{engine:<9} FAILED\n    {reason}");
    }

    /// Prints the totals. Returns whether all tests passed.
    pub fn end(&self, start: Instant) -> bool {
        println!("{} passed, {} failed, {:.0} s", self.passed, self.failed, start.elapsed().as_secs_f32());
        self.failed == 0 && self.passed > 0
    }
}

fn columns([engine, kind, name]: &[&str; 3]) -> String {
    format!("{engine:<9} {kind:<6} {name:<32} ")
}
