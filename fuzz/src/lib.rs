//! What must hold of any input: one module for each fuzz target.
//!
//! Inputs are texts that a person can read and write, so that a seed is a case of the corpus, and what the fuzzer finds
//! can be made a case of it.

pub mod arguments;
pub mod case;
pub mod diffs;
pub mod documents;
pub mod exchanges;
pub mod explanations;
pub mod lints;
pub mod patterns;

/// Panics if something does not hold of the input.
pub type Check = fn(&[u8]);

/// Each fuzz target by its name.
pub const TARGETS: [(&str, Check); 7] = [
    ("arguments", arguments::check),
    ("diffs", diffs::check),
    ("documents", documents::check),
    ("exchanges", exchanges::check),
    ("explanations", explanations::check),
    ("lints", lints::check),
    ("patterns", patterns::check),
];
