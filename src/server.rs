//! The doors: MCP over standard input and output. A door only translates; what a tool does is in [`crate::tools`].

mod mcp;
pub mod stdio;

pub use mcp::Door;
