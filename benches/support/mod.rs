//! The scenarios, and the contenders that answer them: the same for all benches.
#![allow(dead_code)] // Each bench uses its part.

pub mod adversaries;
pub mod buckets;
pub mod contenders;
pub mod documents;
pub mod heap;
pub mod scenarios;
pub mod tables;
