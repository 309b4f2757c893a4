//! Malformed documents and requests get the right answer and never cause a panic.

#[path = "../common/mod.rs"]
mod common;
mod documents;
mod random_requests;
mod requests;
