//! Black-box tests of the HTTP door: a real server on loopback, over the in-process PVE, spoken to by real sockets.

mod guards;
mod harness;
mod mcp;
mod oauth;
mod rest;
mod sessions;
mod shutdown;
