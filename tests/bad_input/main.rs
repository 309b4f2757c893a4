//! Malformed documents and requests get the right answer and never cause a panic.

mod documents;
mod random_requests;
mod requests;
