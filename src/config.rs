//! Configuration in two stages: what was given ([`Given`]: by the environment, a `.env`, secret files), then what is
//! valid ([`Config`]). Each wrong or missing value is named in one sentence, all at once, before anything is contacted.

mod auth;
mod definitions;
mod dotenv;
mod given;
mod hosts;
#[cfg(test)]
mod page;
mod unknown;

use std::{fmt, path::PathBuf, time::Duration};

pub use definitions::{DEFINITIONS, Definition, Group};
pub use given::{Given, Source};

use crate::{
    api,
    client::{Fingerprint, Settings, Timeouts, Tls},
    near,
};

/// What is wrong with the configuration: one sentence a problem. No secret is ever part of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl Problems {
    /// Keeps a value, or notes what is wrong with it.
    fn take<T>(&mut self, result: Result<T, String>) -> Option<T> {
        result.map_err(|problem| self.0.push(problem)).ok()
    }

    /// Notes what is wrong.
    fn wrong<T>(&mut self, problem: impl Into<String>) -> Option<T> {
        self.0.push(problem.into());
        None
    }
}

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
    pub fn load() -> Result<Self, Problems> {
        Self::of(&Given::load())
    }

    /// Checks what was given.
    ///
    /// # Errors
    /// All that is wrong, at once; what could not be read, too.
    pub fn of(given: &Given) -> Result<Self, Problems> {
        let mut problems = given.problems().clone();
        // What could not be read is not missing.
        let unread = problems.0.clone();
        let found = Self::checked(given, &mut problems);
        problems.0.retain(|problem| unread.contains(problem) || !is_of_unread(problem, &unread));
        found.filter(|_| problems.0.is_empty()).ok_or(problems)
    }

    fn checked(given: &Given, problems: &mut Problems) -> Option<Self> {
        let hosts = hosts::hosts(given, problems);
        let auth = auth::auth(given, problems);
        let tls = tls(given, problems);
        let connect = problems.take(seconds(given, "PROXMOX_CONNECT_TIMEOUT", 300));
        let request = problems.take(seconds(given, "PROXMOX_REQUEST_TIMEOUT", 3600));
        let in_flight = problems.take(number(given, "PROXMOX_MAX_IN_FLIGHT", 1, 64));
        let http_port = problems.take(http_port(given));
        let mut client = Settings::new(hosts?, auth?, tls?);
        client.timeouts = Timeouts { connect: connect?, request: request? };
        client.releases = api::RELEASES;
        client.max_in_flight = usize::try_from(in_flight?).unwrap_or(4);
        Some(Self { client, http_port: http_port? })
    }
}

/// Whether a problem is that a setting is missing which was given and could not be read: that has been said.
fn is_of_unread(problem: &str, unread: &[String]) -> bool {
    let missing =
        |name: &str| problem.contains(&format!("{name} is missing")) || problem.contains(&format!("set {name} "));
    DEFINITIONS.iter().any(|d| missing(d.name) && unread.iter().any(|said| names(said, d.name)))
}

/// Whether a sentence names a setting.
pub fn names(sentence: &str, setting: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    sentence.match_indices(setting).any(|(at, _)| {
        let rest = &sentence[at + setting.len()..];
        let rest = rest.strip_prefix("_FILE").unwrap_or(rest);
        !sentence[..at].ends_with(part) && !rest.starts_with(part)
    })
}

/// The port of `proxmox-mcp serve`; it is needed without a cluster too.
///
/// # Errors
/// When what was given is no port.
pub fn http_port(given: &Given) -> Result<u16, String> {
    port(given, "HTTP_PORT")
}

fn port(given: &Given, name: &str) -> Result<u16, String> {
    number(given, name, 1, 65535).map(|n| u16::try_from(n).unwrap_or_default())
}

/// A whole number within bounds, or the default of its definition.
fn number(given: &Given, name: &str, least: u64, most: u64) -> Result<u64, String> {
    let text = given.get(name).or_else(|| definitions::default_of(name)).unwrap_or_default();
    let number = text.parse().ok().filter(|n| (least..=most).contains(n));
    number.ok_or_else(|| format!("{name}: {text:?} is not a whole number from {least} to {most}"))
}

fn seconds(given: &Given, name: &str, most: u64) -> Result<Duration, String> {
    number(given, name, 1, most).map(Duration::from_secs)
}

/// Whether a switch is on; `default` when it was not given.
///
/// # Errors
/// When what was given is neither true nor false.
pub fn switch(given: &Given, name: &str, default: bool) -> Result<bool, String> {
    match given.get(name).map(str::to_ascii_lowercase).as_deref() {
        None => Ok(default),
        Some("true" | "1" | "yes" | "on") => Ok(true),
        Some("false" | "0" | "no" | "off") => Ok(false),
        Some(other) => {
            let meant = near::meant(other, ["true", "false", "yes", "no", "on", "off"]);
            Err(format!("{name}: {other:?} is neither true nor false{meant}"))
        }
    }
}

/// Which certificates to trust. Two settings that say different things are refused: one of them would be a lie.
fn tls(given: &Given, problems: &mut Problems) -> Option<Tls> {
    let verify = problems.take(switch(given, "PROXMOX_REJECT_UNAUTHORIZED", true));
    let (pins, authority) = (given.get("PROXMOX_FINGERPRINT"), given.get("PROXMOX_CA_FILE"));
    let pinned = pins.map(|pins| pins.split(',').map(|text| problems.take(pin(text))).collect::<Option<_>>());
    match (pinned, authority, verify?) {
        (None, None, true) => Some(Tls::System),
        (None, None, false) => Some(Tls::AcceptAny),
        (None, Some(path), true) => Some(Tls::CaFile(PathBuf::from(path))),
        (Some(pins), None, true) => pins.map(Tls::Pinned),
        (Some(_), Some(_), _) => {
            problems.wrong("PROXMOX_FINGERPRINT and PROXMOX_CA_FILE are both set; keep one of them")
        }
        (Some(_), None, false) => problems.wrong(contradiction("PROXMOX_FINGERPRINT")),
        (None, Some(_), false) => problems.wrong(contradiction("PROXMOX_CA_FILE")),
    }
}

fn pin(text: &str) -> Result<Fingerprint, String> {
    text.parse().map_err(|e| format!("PROXMOX_FINGERPRINT: {e}"))
}

fn contradiction(name: &str) -> String {
    format!("{name} says which certificate to trust and PROXMOX_REJECT_UNAUTHORIZED=false says any; unset the latter")
}

#[cfg(test)]
mod tests;
