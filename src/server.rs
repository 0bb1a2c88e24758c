//! The doors: MCP over standard input and output. A door only translates; what a tool does is in [`crate::tools`].

pub mod http;
mod ids;
mod mcp;
pub mod observe;
pub use crate::tools::caller as principal;
pub mod stdio;
pub mod traces;
mod translate;
mod written;

pub use mcp::Door;
