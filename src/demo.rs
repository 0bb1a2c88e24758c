//! An in-process Proxmox VE on loopback: for `--demo` and for tests.
//!
//! It answers as PVE does, not as we would wish: the same paths, checks, texts, types and lies. What there is at the
//! start is told by a [`Scenario`]; what happens then follows from the requests and from the demo's clock, which a
//! test can move on. The endpoints, their parameters and their permissions are those of the generated table.

mod access;
mod agent;
mod api;
mod clock;
mod digest;
mod dispatch;
mod error;
mod fault;
mod filesystem;
mod firewall;
mod handle;
mod http;
mod permit;
mod refusal;
mod release;
mod reply;
mod rng;
mod route;
mod rrd;
mod sample;
pub mod scenario;
mod schedule;
mod serve;
mod time;
mod verify;
mod world;

pub use error::DemoError;
pub use fault::{Daemon, Fault};
pub use handle::{Demo, Seen, start};
pub use scenario::Scenario;
