//! The HTTP door: MCP over streamable HTTP at `/mcp`, and REST, on one port.

pub mod guard;
pub mod limits;
pub mod oauth;
pub mod problem;
pub mod request_id;
pub mod settings;
pub mod tls;
pub mod tokens;
