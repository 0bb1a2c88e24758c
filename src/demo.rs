//! An in-process Proxmox VE on loopback: for `--demo` and for tests.
//!
//! It answers as PVE does, not as we would wish: the same paths, checks, texts, types and lies. What it does is
//! described by a [`Scenario`].

#[allow(dead_code, reason = "the dispatcher that calls it follows")]
mod agent;
mod error;
#[allow(dead_code, reason = "the dispatcher that calls it follows")]
mod firewall;
#[allow(dead_code, reason = "the dispatcher that answers with it follows")]
mod refusal;
#[allow(dead_code, reason = "the dispatcher that calls it follows")]
mod rrd;
#[allow(dead_code, reason = "the dispatcher that calls it follows")]
mod sample;
pub mod scenario;

pub use error::DemoError;
pub use scenario::Scenario;
