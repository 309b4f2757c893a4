//! The program as a process, in front of the workspace's `bucket_server` and of `moto`.

mod arguments;
mod rules;
mod server;
mod store;
