//! The example `bucket_server` as a process, over HTTP.

#[path = "../common/answers.rs"]
mod answers;
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/example.rs"]
mod example;

mod buckets;
mod corpus;
mod cors;
mod limits;
mod objects;
mod process;
mod server;
