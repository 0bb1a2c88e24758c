//! `PROXMOX_HOST`: the hosts of one cluster, as people write them.

use std::net::Ipv6Addr;

use super::{BadSetting, BadSettings, Given, port};
use crate::client::Host;

const NAME: &str = "PROXMOX_HOST";

/// The hosts that were given, each with its own port or `PROXMOX_PORT`.
pub(super) fn hosts(given: &Given, problems: &mut BadSettings) -> Option<Vec<Host>> {
    let port = problems.take(port(given, "PROXMOX_PORT"));
    let Some(text) = given.get("PROXMOX_HOST") else {
        problems.note(BadSetting::missing(
            [NAME],
            "PROXMOX_HOST is missing: set it to the name or address of a Proxmox VE host",
        ));
        return None;
    };
    // A password may hold a comma: what is before the @ is not looked at, and not repeated.
    if text.contains('@') {
        return problems.wrong([NAME], "PROXMOX_HOST has a user name or password in its address (before the @), where they are not taken: give the \
                    host alone, and PROXMOX_TOKEN, or PROXMOX_USERNAME and PROXMOX_PASSWORD");
    }
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let hosts: Vec<_> = entries.map(|entry| problems.take(host(entry, port.unwrap_or_default()))).collect();
    if hosts.is_empty() {
        return problems.wrong([NAME], format!("PROXMOX_HOST: {text:?} names no host"));
    }
    hosts.into_iter().collect()
}

/// One host: `pve1`, `pve1:8006`, `192.0.2.7`, `[2001:db8::1]:8006`, `2001:db8::1`, `https://pve1:8006/`.
fn host(entry: &str, default_port: u16) -> Result<Host, BadSetting> {
    let wrong = |why: &str| BadSetting::of([NAME], format!("PROXMOX_HOST: {entry:?} {why}"));
    if entry.starts_with("http://") {
        return Err(wrong("is plain HTTP, which would send the credentials in the clear; leave http:// away"));
    }
    let plain = entry.strip_prefix("https://").unwrap_or(entry);
    let plain = plain.strip_suffix('/').unwrap_or(plain);
    if plain.contains(['/', '?', '#']) {
        return Err(wrong("is more than a host and a port"));
    }
    let (name, port) = split(plain);
    let port = match port {
        None => default_port,
        Some(port) => match port.parse() {
            Ok(port) if port != 0 => port,
            _ => return Err(wrong("has a port that is no number from 1 to 65535")),
        },
    };
    if !is_host(name) {
        return Err(wrong("is not a host name or IP address"));
    }
    Ok(Host { name: name.to_owned(), port })
}

/// Name and port, where there is a port. Colons without brackets are those of an IPv6 address.
fn split(text: &str) -> (&str, Option<&str>) {
    if let Some((name, rest)) = text.strip_prefix('[').and_then(|t| t.split_once(']')) {
        return match rest.strip_prefix(':') {
            None if rest.is_empty() => (name, None),
            port => (name, Some(port.unwrap_or(rest))),
        };
    }
    match text.split_once(':') {
        Some((name, port)) if !port.contains(':') => (name, Some(port)),
        _ => (text, None),
    }
}

fn is_host(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let dotted = name.strip_suffix('.').unwrap_or(name);
    name.parse::<Ipv6Addr>().is_ok() || (dotted.len() <= 253 && dotted.split('.').all(label))
}
