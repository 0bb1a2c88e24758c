//! Black-box tests of the HTTP door: a real server on loopback, over the in-process PVE, spoken to by real sockets.

mod api;
mod crowds;
mod guards;
mod hang_up;
mod harness;
mod hostile;
mod identity;
mod mcp;
mod oauth;
#[cfg(feature = "otel")]
mod otel;
mod pace;
mod process;
mod rest;
mod sessions;
mod shutdown;
mod signals;
mod statuses;
mod table;
mod told;

#[path = "../hostile/strings.rs"]
mod strings;
