//! The example `bucket_server` as a process, over HTTP.

mod buckets;
mod corpus;
mod cors;
mod limits;
mod objects;
mod process;
mod server;

use test_support::{answers, example};
