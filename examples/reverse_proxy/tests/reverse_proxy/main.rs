//! The example `reverse_proxy` as a process, over HTTP, before stores that the tests play.

mod folder;
mod forwarding;
mod kill;
mod load;
mod options;
mod proxy;
mod raw;
mod readme;
mod rules;
mod stop;

use test_support::{answers, example};
