//! The example `bucket_server` as a process of its own, over HTTP.

#[path = "../common/answers.rs"]
mod answers;
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/example.rs"]
mod example;

mod bounds;
mod buckets;
mod corpus;
mod cors;
mod objects;
mod process;
mod server;
