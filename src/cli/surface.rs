//! `surface`: the API that is compiled into this binary, read from the tables that the client and the tools use.

mod html;
mod json;

use std::{fs, path::PathBuf};

use proxmox_mcp::{
    api, near,
    spec::{Endpoint, facts, surface},
    tools::registry,
};

use super::{Failure, Output};

/// What the words in the text mean that stand alone or speak of PVE's inside.
const LEGEND: &str = "\
Words:
    forwarded    the node named by this parameter answers, whichever was asked
    guest-text   the reply may hold text that a guest or a stranger controls
    many-guests  one call can act on several guests
    no-token     an API token may not call it
    open         it takes parameters that the schema does not name
    protected    pveproxy hands the call to pvedaemon, which runs as root
    risk         the worst that one call can do
    undescribed  nobody has said yet in our words what it does, and the risk is what must be assumed";

/// What to print.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND)]
pub struct Surface {
    /// Only the endpoints that the tool of this name calls, such as startVM, or whose method, path, function or permission hold
    /// this text, such as VM.PowerMgmt; case does not count.
    filter: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Write one page for a browser to this file: a map of the API and a table with search; it needs no network.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    html: Option<PathBuf>,
}

/// Prints the surface.
///
/// # Errors
/// When no endpoint fits the filter, or what was asked for cannot be written.
pub fn run(command: &Surface, out: &mut Output) -> Result<(), Failure> {
    let filter = command.filter.as_deref().unwrap_or_default();
    let endpoints: Vec<&Endpoint> = api::endpoints().filter(|endpoint| fits(endpoint, filter)).collect();
    if endpoints.is_empty() {
        let meant = near::meant(filter, registry::all().map(|tool| tool.name));
        let message = format!(
            "no endpoint of the API has `{filter}` in its method, path, function or permission, and no tool is called so{meant}; \
             `proxmox-mcp surface` lists them all"
        );
        return Err(Failure::new(message));
    }
    if let Some(file) = &command.html {
        let failed = |e| Failure::new(format!("{} cannot be written: {e}", file.display()));
        return fs::write(file, html::page(&endpoints)).map_err(failed);
    }
    if command.json {
        let text = serde_json::to_string_pretty(&json::surface(&endpoints)).map_err(|e| Failure::new(e.to_string()))?;
        return Ok(out.line(&text)?);
    }
    let mut text = format!(
        "# The Proxmox VE API in {}: release {}, {} of {} methods.\n# Made from the published schema with SHA-256 {}\n",
        env!("CARGO_PKG_NAME"),
        api::RELEASE,
        api::endpoints().filter(|endpoint| endpoint.releases.iter().any(|r| r == api::RELEASE)).count(),
        api::METHODS,
        api::SOURCE_SHA256,
    );
    let known = known();
    for endpoint in &endpoints {
        text.push('\n');
        text += &surface::block(endpoint, &known);
    }
    Ok(out.line(&text)?)
}

/// The releases that were compared.
fn known() -> Vec<String> {
    api::RELEASES.iter().map(|&release| release.to_owned()).collect()
}

/// The name of a tool means that tool alone: it is part of the name of another (`startVM` of `restartVM`).
fn fits(endpoint: &Endpoint, filter: &str) -> bool {
    let whole = |tool: &str| tool.eq_ignore_ascii_case(filter);
    if registry::all().any(|tool| whole(tool.name)) {
        return endpoint.tools.iter().any(|tool| whole(tool));
    }
    let (name, permission) =
        (format!("{} {}", endpoint.method, endpoint.path), facts::permission(&endpoint.permission));
    let (function, filter) = (endpoint.function(), filter.to_lowercase());
    [name.as_str(), function.as_str(), permission.as_str()].iter().any(|text| text.to_lowercase().contains(&filter))
}
