//! The program as a process, over HTTP, with both databases.

mod arguments;
mod outage;
mod postgres;
mod processes;
mod rules;
mod server;
