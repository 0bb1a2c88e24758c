//! `proxmox-mcp`: an MCP server for Proxmox VE whose API layer is generated from the schema that Proxmox publishes.
//!
//! Data flows one way: [`spec`] (the vocabulary) → `api` (generated) → `client` → `tools` → `server`.
//! `docs/architecture.md` tells the invariants.
//!
//! As a library: without features there are [`api`] and [`spec`], typed calls as values for a program that brings its own HTTP
//! client; the feature `client` adds `client`, which sends them; `server`, on by default, is the program.

pub mod api;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "server")]
pub mod clock;
#[cfg(feature = "server")]
pub mod config;
#[cfg(feature = "server")]
pub mod demo;
#[cfg(feature = "server")]
pub mod doctor;
#[cfg(feature = "server")]
mod files;
#[cfg(feature = "client")]
pub mod foreign;
#[cfg(feature = "client")]
mod momentary;
#[cfg(feature = "server")]
pub mod near;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "server")]
pub mod tools;

pub use proxmox_mcp_spec::{self as spec, pve};
