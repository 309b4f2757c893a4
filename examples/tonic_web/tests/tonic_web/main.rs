//! The program as a process, called as a browser calls it.

mod arguments;
mod calls;
mod server;
