//! The HTTP door: MCP over streamable HTTP at `/mcp`, and REST, on one port.

pub mod accept;
pub mod access;
pub mod budget;
pub mod connections;
pub mod gate;
pub mod guard;
mod headers;
pub mod limits;
pub mod listener;
pub mod mcp;
pub mod metrics;
pub mod oauth;
pub mod outgoing;
pub mod place;
pub mod probes;
pub mod problem;
pub mod pve_numbers;
mod refusal;
pub mod repeats;
pub mod request_id;
pub mod reserve;
pub mod rest;
mod routes;
pub mod serve;
pub mod sessions;
pub mod settings;
pub mod share;
pub mod stall;
pub mod state;
pub mod tls;
pub mod tokens;

pub use serve::{Handle, Server};
pub use settings::HttpSettings;
pub use state::StartError;
