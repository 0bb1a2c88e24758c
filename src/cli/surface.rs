//! `surface`: the API that is compiled into this binary, read from the tables that the client and the tools use.

mod html;
mod json;

use std::{fs, path::PathBuf};

use proxmox_mcp::{
    api, near,
    spec::{Endpoint, facts, surface},
    tools::{Access, Lang, Policy, Reach, ReachError, Toolset, registry},
};

use super::{Failure, Output, setup};

/// What the words in the text mean that stand alone or speak of PVE's inside.
const LEGEND: &str = "\
Words:
    ai           whether an AI reaches it under the present settings, and what consent a call needs
    forwarded    the node named by this parameter answers, whichever was asked
    guest-text   the reply may hold text that a guest or a stranger controls
    many-guests  one call can act on several guests
    no words yet nobody has said in our words what it does, and the risk is what must be assumed
    no-token     an API token may not call it
    open         it takes parameters that the schema does not name
    protected    pveproxy hands the call to pvedaemon, which runs as root
    risk         the worst that one call can do";

/// What to print.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND)]
pub(super) struct Surface {
    /// Only the endpoints that the tool of this name calls, such as startVM, or whose method, path, function or permission hold
    /// this text, such as VM.PowerMgmt; case does not count.
    filter: Option<String>,
    /// Only what an AI reaches under the present settings.
    #[arg(long)]
    reached: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Write one page for a browser to this file: a map of the API and a table with search; it needs no network.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    html: Option<PathBuf>,
}

/// What the settings make of the methods.
struct Settings {
    policy: Policy,
    reach: Reach,
    sets: Vec<Toolset>,
    lang: Lang,
}

impl Settings {
    fn of(rules: &setup::Rules) -> Result<Self, Failure> {
        let given = setup::given()?;
        let wrong = |e: String| Failure::new(e);
        let reach = given.get("PROXMOX_MCP_API").map_or(Ok(Reach::default()), str::parse);
        Ok(Self {
            policy: setup::policy(&given, rules)?,
            reach: reach.map_err(|e: ReachError| wrong(e.to_string()))?,
            sets: setup::toolsets(&given, rules).map_err(wrong)?,
            lang: setup::lang(&given, rules)?,
        })
    }

    fn access(&self, endpoint: &Endpoint) -> Access {
        Access::of(endpoint, &self.policy, self.reach, registry::of(&self.sets), self.lang)
    }
}

/// An endpoint, and whether an AI reaches it.
type Reached<'a> = (&'a Endpoint, Access);

/// Prints the surface.
///
/// # Errors
/// When no endpoint fits the filter, a setting is wrong, or what was asked for cannot be written.
pub(super) fn run(command: &Surface, rules: &setup::Rules, out: &mut Output) -> Result<(), Failure> {
    let settings = Settings::of(rules)?;
    let filter = command.filter.as_deref().unwrap_or_default();
    let fitting = api::endpoints().filter(|endpoint| fits(endpoint, filter));
    let mut endpoints: Vec<Reached<'_>> = fitting.map(|endpoint| (endpoint, settings.access(endpoint))).collect();
    if endpoints.is_empty() {
        let meant = near::meant(filter, registry::all().map(|tool| tool.name));
        let message = format!(
            "no endpoint of the API has `{filter}` in its method, path, function or permission, and no tool is called so{meant}; \
             `proxmox-mcp surface` lists them all"
        );
        return Err(Failure::new(message));
    }
    if command.reached {
        endpoints.retain(|(_, access)| access.closed.is_none());
    }
    if let Some(file) = &command.html {
        let failed = |e| Failure::new(format!("{} cannot be written: {e}", file.display()));
        return fs::write(file, html::page(&endpoints)).map_err(failed);
    }
    if command.json {
        let text = serde_json::to_string_pretty(&json::surface(&endpoints)).map_err(|e| Failure::new(e.to_string()))?;
        return Ok(out.line(&text)?);
    }
    let reached = endpoints.iter().filter(|(_, access)| access.closed.is_none()).count();
    let mut text = format!(
        "# The Proxmox VE API in {}: release {}, {} of {} methods.\n# Made from the published schema with SHA-256 {}\n\
         # Under the present settings an AI reaches {reached} of the {} below; `ai` says which, and what consent a call needs.\n",
        env!("CARGO_PKG_NAME"),
        api::RELEASE,
        api::endpoints().filter(|endpoint| endpoint.releases.iter().any(|r| r == api::RELEASE)).count(),
        api::METHODS,
        api::SOURCE_SHA256,
        endpoints.len(),
    );
    let known = known();
    for (endpoint, access) in &endpoints {
        text.push('\n');
        text += &surface::block(endpoint, &known);
        text += &format!("  ai {}\n", told(access));
    }
    Ok(out.line(&text)?)
}

/// Whether an AI reaches a method, and with what consent, in words.
fn told(access: &Access) -> String {
    match (&access.closed, access.consent) {
        (Some(why), _) => format!("not reached: {why}"),
        (None, "none") => "reached, needs no consent".to_owned(),
        (None, "asks") => "reached, needs the user's consent".to_owned(),
        (None, _) => "reached, needs the user's consent by its arguments".to_owned(),
    }
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
    let (name, permission) = (format!("{} {}", endpoint.method, endpoint.path), facts::who(endpoint, false));
    let (function, filter) = (endpoint.function(), filter.to_lowercase());
    [name.as_str(), function.as_str(), permission.as_str()].iter().any(|text| text.to_lowercase().contains(&filter))
}
