//! The in-process PVE as a process of its own, for checks that need several servers on one cluster.
//!
//! `cargo run --example pve [SCENARIO.toml]` prints the settings that reach it, one `NAME=value` a line, and serves
//! until its standard input ends.

use std::io::{self, Read, Write};

use proxmox_mcp::demo::{self, Scenario};

fn main() -> io::Result<()> {
    let scenario = match std::env::args().nth(1) {
        Some(path) => Scenario::from_toml(&std::fs::read_to_string(path)?).map_err(io::Error::other)?,
        None => Scenario::default(),
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let demo = runtime.block_on(demo::start(scenario)).map_err(io::Error::other)?;
    let token = demo.token();
    let mut out = io::stdout();
    writeln!(out, "PROXMOX_HOST={}", demo.addr().ip())?;
    writeln!(out, "PROXMOX_PORT={}", demo.addr().port())?;
    writeln!(out, "PROXMOX_TOKEN={}={}", token.id, token.secret.reveal())?;
    writeln!(out, "PROXMOX_FINGERPRINT={}", demo.fingerprint())?;
    out.flush()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
