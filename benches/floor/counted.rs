//! The server over standard input and output with an allocator that counts: at the end it prints to standard error how
//! often memory was allocated, and how much. `benches/floor/measure --counts` runs it; the settings are those that
//! `benches/floor/backend.rs` prints.

use std::{
    alloc::System,
    error::Error,
    io::{Write as _, stderr},
};

use proxmox_mcp::{
    client::{Auth, Client, Host, Secret, Settings, Tls, Token},
    server::{Door, stdio},
    tools::{Lang, Options, Tools},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn settings() -> Result<Settings, Box<dyn Error>> {
    let var = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let host = Host { name: var("PROXMOX_HOST")?, port: var("PROXMOX_PORT")?.parse()? };
    let token = var("PROXMOX_TOKEN")?;
    let (id, secret) = token.split_once('=').ok_or("a token is ID=SECRET")?;
    let auth = Auth::Token(Token { id: id.to_owned(), secret: Secret::new(secret) });
    Ok(Settings::new(vec![host], auth, Tls::Pinned(vec![var("PROXMOX_FINGERPRINT")?.parse()?])))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let tools = Tools::new(Client::new(settings()?)?, Options::default());
    stdio::serve(Door::new(tools, Lang::En)).await?;
    let stats = ALLOCATOR.stats();
    let (times, bytes) = (stats.allocations + stats.reallocations, stats.bytes_allocated);
    writeln!(stderr(), r#"{{"allocations": {times}, "bytes": {bytes}}}"#)?;
    Ok(())
}
