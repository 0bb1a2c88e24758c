//! The client over real sockets: against a server whose every byte the test decides.

mod api;
mod demo;
mod errors;
mod faults;
mod hosts;
mod login;
mod rows;
#[path = "../../fuzz/rows.rs"]
mod rows_same;
mod server;
mod tasks;
mod transport;
mod trust;
