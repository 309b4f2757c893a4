//! The program as a process, with the AWS SDK and as a page's requests reach it.

mod arguments;
mod cors;
mod server;
