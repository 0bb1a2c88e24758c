//! Configuration in two stages: what was given ([`Given`]: by the environment, a `.env`, secret files), then what is
//! valid ([`Config`]). Each wrong or missing value is named in one sentence, all at once, before anything is contacted.

mod auth;
mod definitions;
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
        Self::of(&Given::load()?)
    }

    /// Checks what was given.
    ///
    /// # Errors
    /// All that is wrong, at once.
    pub fn of(given: &Given) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let hosts = problems.take(hosts::hosts(given));
        let auth = problems.take(auth::auth(given));
        let tls = problems.take(tls(given));
        let connect = problems.take(seconds(given, "PROXMOX_CONNECT_TIMEOUT", 300));
        let request = problems.take(seconds(given, "PROXMOX_REQUEST_TIMEOUT", 3600));
        let in_flight = problems.take(number(given, "PROXMOX_MAX_IN_FLIGHT", 1, 64));
        let http_port = problems.take(http_port(given));
        let (Some(hosts), Some(auth), Some(tls)) = (hosts, auth, tls) else { return Err(problems) };
        let (Some(connect), Some(request), Some(in_flight), Some(http_port)) = (connect, request, in_flight, http_port)
        else {
            return Err(problems);
        };
        let mut client = Settings::new(hosts, auth, tls);
        client.timeouts = Timeouts { connect, request };
        client.releases = api::RELEASES;
        client.max_in_flight = usize::try_from(in_flight).unwrap_or(4);
        Ok(Self { client, http_port })
    }
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
        Some(other) => Err(format!("{name}: {other:?} is neither true nor false")),
    }
}

/// Which certificates to trust. Two settings that say different things are refused: one of them would be a lie.
fn tls(given: &Given) -> Result<Tls, String> {
    let verify = switch(given, "PROXMOX_REJECT_UNAUTHORIZED", true)?;
    match (given.get("PROXMOX_FINGERPRINT"), given.get("PROXMOX_CA_FILE"), verify) {
        (None, None, true) => Ok(Tls::System),
        (None, None, false) => Ok(Tls::AcceptAny),
        (None, Some(path), true) => Ok(Tls::CaFile(PathBuf::from(path))),
        (Some(pins), None, true) => pins.split(',').map(pin).collect::<Result<_, _>>().map(Tls::Pinned),
        (Some(_), Some(_), _) => {
            Err("PROXMOX_FINGERPRINT and PROXMOX_CA_FILE are both set; keep one of them".to_owned())
        }
        (Some(_), None, false) => Err(contradiction("PROXMOX_FINGERPRINT")),
        (None, Some(_), false) => Err(contradiction("PROXMOX_CA_FILE")),
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
