//! Configuration in two stages: what was given ([`Given`]: by the environment, a `.env`, secret files), then what is
//! valid ([`Config`]). Each wrong or missing value is named in one sentence, all at once, before anything is contacted.

mod auth;
mod definitions;
mod dotenv;
mod given;
mod hosts;
#[cfg(test)]
mod page;
mod problem;
mod unknown;

use std::{path::PathBuf, time::Duration};

pub use definitions::{DEFINITIONS, Definition, Group, Value, definition, words};
pub use given::{Given, Source};
pub use problem::{BadSetting, BadSettings};

use crate::{
    api,
    client::{Fingerprint, Settings, Timeouts, Tls},
    near, pve,
};

/// A valid configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// How to reach and log in to the cluster.
    pub client: Settings,
    /// Port of `proxmox-mcp serve`.
    pub http_port: u16,
}

impl Config {
    /// Reads and checks the configuration of this process: its environment, and `.env` in the working directory.
    ///
    /// # Errors
    /// All that is wrong, at once.
    pub fn load() -> Result<Self, BadSettings> {
        Self::of(&Given::load())
    }

    /// Checks what was given.
    ///
    /// # Errors
    /// All that is wrong, at once; what could not be read, too.
    pub fn of(given: &Given) -> Result<Self, BadSettings> {
        let mut problems = given.problems().clone();
        let found = Self::checked(given, &mut problems);
        // What was given and could not be read is not missing.
        let unread = |problem: &BadSetting| problem.settings.iter().any(|name| given.problems().concern(name));
        problems.0.retain(|problem| !problem.missing || !unread(problem));
        found.filter(|_| problems.0.is_empty()).ok_or(problems)
    }

    fn checked(given: &Given, problems: &mut BadSettings) -> Option<Self> {
        let hosts = hosts::hosts(given, problems);
        let auth = auth::auth(given, problems);
        let tls = tls(given, problems);
        let connect = problems.take(seconds(given, "PROXMOX_CONNECT_TIMEOUT"));
        let request = problems.take(seconds(given, "PROXMOX_REQUEST_TIMEOUT"));
        let in_flight = problems.take(number(given, "PROXMOX_MAX_IN_FLIGHT"));
        let http_port = problems.take(http_port(given));
        let mut client = Settings::new(hosts?, auth?, tls?);
        client.timeouts = Timeouts { connect: connect?, request: request? };
        client.releases = api::RELEASES;
        client.max_in_flight = usize::try_from(in_flight?).unwrap_or(4);
        Some(Self { client, http_port: http_port? })
    }
}

/// The port of `proxmox-mcp serve`; it is needed without a cluster too.
///
/// # Errors
/// When what was given is no port.
pub fn http_port(given: &Given) -> Result<u16, BadSetting> {
    port(given, "HTTP_PORT")
}

fn port(given: &Given, name: &'static str) -> Result<u16, BadSetting> {
    number(given, name).map(|n| u16::try_from(n).unwrap_or_default())
}

/// A whole number within the bounds of its definition, or its default.
fn number(given: &Given, name: &'static str) -> Result<u64, BadSetting> {
    let definition = definition(name);
    let (least, most) = match definition.map(|d| d.value) {
        Some(Value::Whole(least, most)) => (least, most),
        _ => (0, u64::MAX),
    };
    let text = given.get(name).or_else(|| definition.and_then(|d| d.default)).unwrap_or_default();
    let number = text.parse().ok().filter(|n| (least..=most).contains(n));
    number
        .ok_or_else(|| BadSetting::of([name], format!("{name}: {text:?} is not a whole number from {least} to {most}")))
}

fn seconds(given: &Given, name: &'static str) -> Result<Duration, BadSetting> {
    number(given, name).map(Duration::from_secs)
}

/// Whether a switch is on; its definition says whether it is when it was not given.
///
/// # Errors
/// When what was given is neither true nor false.
pub fn switch(given: &Given, name: &'static str) -> Result<bool, BadSetting> {
    let Some(text) = given.get(name) else {
        return Ok(definition(name).and_then(|d| d.default) == Some("true"));
    };
    pve::boolean(text).ok_or_else(|| {
        let text = text.to_ascii_lowercase();
        let meant = near::meant(&text, ["true", "false", "yes", "no", "on", "off"]);
        BadSetting::of([name], format!("{name}: {text:?} is neither true nor false{meant}"))
    })
}

/// Which certificates to trust. Two settings that say different things are refused: one of them would be a lie.
fn tls(given: &Given, problems: &mut BadSettings) -> Option<Tls> {
    let verify = problems.take(switch(given, VERIFY));
    let (pins, authority) = (given.get(PINS), given.get(AUTHORITY));
    let pinned = pins.map(|pins| {
        let each: Vec<_> = pins.split(',').map(|text| problems.take(pin(text))).collect();
        each.into_iter().collect::<Option<Vec<_>>>()
    });
    if pins.is_some() && authority.is_some() {
        return problems.wrong([PINS, AUTHORITY], format!("{PINS} and {AUTHORITY} are both set; keep one of them"));
    }
    match (pinned, authority, verify?) {
        (None, None, true) => Some(Tls::System),
        (None, None, false) => Some(Tls::AcceptAny),
        (None, Some(path), true) => Some(Tls::CaFile(PathBuf::from(path))),
        (Some(pins), _, true) => pins.map(Tls::Pinned),
        (Some(_), _, false) => problems.wrong([PINS, VERIFY], contradiction(PINS)),
        (None, Some(_), false) => problems.wrong([AUTHORITY, VERIFY], contradiction(AUTHORITY)),
    }
}

/// The settings that say which certificates to trust.
const PINS: &str = "PROXMOX_FINGERPRINT";
const AUTHORITY: &str = "PROXMOX_CA_FILE";
const VERIFY: &str = "PROXMOX_REJECT_UNAUTHORIZED";

fn pin(text: &str) -> Result<Fingerprint, BadSetting> {
    text.parse().map_err(|e| BadSetting::of([PINS], format!("{PINS}: {e}")))
}

fn contradiction(name: &str) -> String {
    format!("{name} says which certificate to trust and {VERIFY}=false says any; unset the latter")
}

#[cfg(test)]
mod tests;
