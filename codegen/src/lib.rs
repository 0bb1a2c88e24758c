//! Reads the schema that Proxmox VE publishes and writes the typed API layer of `proxmox-mcp`.
//!
//! Data flows one way: source → raw → (overlay) → lower → model → emit. Nothing here knows of MCP servers or
//! HTTP, nothing opens a connection, and no input makes it panic: whatever is wrong ends up in a [`report::Report`].

#[cfg(feature = "cli")]
pub mod adopt;
pub mod at;
#[cfg(feature = "cli")]
pub mod audit;
pub mod check;
pub mod diff;
pub mod emit;
pub mod examples;
#[cfg(feature = "cli")]
pub mod explain;
pub mod find;
#[cfg(feature = "cli")]
pub mod import;
pub mod lower;

pub mod names;
pub mod overlay;
pub mod pipeline;
pub mod product;
pub mod raw;
pub mod releases;
pub mod report;
pub mod source;
pub mod words;

pub use proxmox_mcp_spec::{facts, model, surface};
