//! What is known of the Proxmox VE API, as plain data and pure functions: nothing here performs I/O.
//!
//! The generator (`codegen/`) makes the [`model`] from a published schema and writes it down; the program reads it.
//! Both use these types, so that what one says and what the other understands cannot differ.

pub mod model;
pub mod pve;
