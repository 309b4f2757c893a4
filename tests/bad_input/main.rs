//! Whatever the bytes of a document or a request: the right answer, and never a panic.

#[path = "../common/mod.rs"]
mod common;
mod documents;
mod random_requests;
mod requests;
