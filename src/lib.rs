//! `proxmox-mcp`: an MCP server for Proxmox VE whose API layer is generated from the schema that Proxmox publishes.
//!
//! Data flows one way: [`spec`] (the vocabulary) → [`client`] → `api` (generated) → `tools` → `server`.
//! `docs/architecture.md` tells the invariants.

pub mod api;
pub mod client;
pub mod clock;
pub mod config;
pub mod demo;
pub mod doctor;
mod files;
pub mod foreign;
mod momentary;
pub mod near;
pub mod server;
pub mod tools;

pub use proxmox_mcp_spec::{self as spec, pve};
