//! Named formats and patterns.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{LazyLock, Mutex};

use regex::Regex;

/// Whether a text matches a pattern as published: Perl's, within `^…$`. One that we cannot read matches everything,
/// since a demo that refuses what PVE takes is worse than one that takes too much.
pub(super) fn matches(pattern: &'static str, text: &str) -> bool {
    static READ: LazyLock<Mutex<HashMap<&'static str, Option<Regex>>>> = LazyLock::new(Mutex::default);
    let Ok(mut read) = READ.lock() else { return true };
    let regex = read.entry(pattern).or_insert_with(|| {
        // Perl prints a compiled pattern as `(?^:…)`: with default flags.
        Regex::new(&format!("^(?:{})$", pattern.replace("(?^:", "(?:").replace("\\/", "/"))).ok()
    });
    regex.as_ref().is_none_or(|regex| regex.is_match(text))
}

/// Checks a named format; a `-list` item by item, an `-opt` unless it is empty. Formats without a rule here are taken.
pub(super) fn check(name: &str, text: &str) -> Result<(), String> {
    if let Some(item) = name.strip_suffix("-list") {
        let items = text.split([',', ';', ' ', '\t', '\n', '\0']).filter(|part| !part.is_empty());
        return items.into_iter().try_for_each(|part| check(item, part));
    }
    match name.strip_suffix("-opt") {
        Some(_) if text.is_empty() => Ok(()),
        Some(format) => check(format, text),
        None if holds(name, text) => Ok(()),
        None => Err(complaint(name, text)),
    }
}

fn holds(name: &str, text: &str) -> bool {
    match name {
        "pve-vmid" => matches("[1-9][0-9]{2,8}", text),
        "pve-node" => matches("[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?", text),
        "pve-configid" => matches("(?i)[a-z][a-z0-9_-]+", text),
        "pve-storage-id" => matches("(?i)[a-z][a-z0-9_.-]*[a-z0-9]", text),
        "pve-poolid" => matches("(?i)[a-z0-9._-]+(/[a-z0-9._-]+){0,2}", text),
        "pve-iface" => matches("(?i)[a-z][a-z0-9_]{1,20}([:.][0-9]+)?", text),
        "pve-tag" => matches("(?i)[a-z0-9_][a-z0-9_+.-]*", text),
        "pve-bridge-id" => matches("[-_.\\w]+", text),
        "dns-name" => {
            matches("([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)(\\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*", text)
        }
        "mac-addr" => matches("(?i)[a-f0-9][02468ace](:[a-f0-9]{2}){5}", text),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "ip" => text.parse::<IpAddr>().is_ok(),
        "CIDR" => cidr(text, IpAddr::is_ipv4) || cidr(text, IpAddr::is_ipv6),
        "CIDRv4" => cidr(text, IpAddr::is_ipv4),
        "CIDRv6" => cidr(text, IpAddr::is_ipv6),
        "pve-ipv4-config" => matches("dhcp|manual", text) || cidr(text, IpAddr::is_ipv4),
        "pve-ipv6-config" => matches("auto|dhcp|manual", text) || cidr(text, IpAddr::is_ipv6),
        "disk-size" => matches("\\d+(\\.\\d+)?[KMGT]?", text),
        "pve-volume-id" => volume(text),
        "pve-volume-id-or-qm-path" => matches("none|cdrom|/.+", text) || volume(text),
        "pve-volume-id-or-absolute-path" => text.starts_with('/') || volume(text),
        _ => true,
    }
}

fn volume(text: &str) -> bool {
    matches("(?i)[a-z][a-z0-9_.-]*[a-z0-9]:\\S+", text)
}

fn cidr(text: &str, family: impl Fn(&IpAddr) -> bool) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let (Ok(address), Ok(bits)) = (address.parse::<IpAddr>(), bits.parse::<u8>()) else { return false };
    family(&address) && bits <= if address.is_ipv4() { 32 } else { 128 }
}

/// PVE's words for a value that does not have a format.
fn complaint(name: &str, text: &str) -> String {
    match name {
        "pve-vmid" => "value does not look like a valid VM ID".to_owned(),
        "pve-node" => "value does not look like a valid node name".to_owned(),
        "pve-configid" => format!("invalid configuration ID '{text}'"),
        "pve-storage-id" => format!("storage ID '{text}' contains illegal characters"),
        "pve-poolid" => "value does not look like a valid pool name".to_owned(),
        "pve-iface" => format!("invalid network interface name '{text}'"),
        "pve-tag" => "invalid characters in tag".to_owned(),
        "pve-bridge-id" => format!("invalid bridge ID '{text}'"),
        "dns-name" => "value does not look like a valid DNS name".to_owned(),
        "mac-addr" => "value does not look like a valid unicast MAC address".to_owned(),
        "ipv4" => "value does not look like a valid IPv4 address".to_owned(),
        "ipv6" => "value does not look like a valid IPv6 address".to_owned(),
        "ip" => "value does not look like a valid IP address".to_owned(),
        "CIDR" => "value does not look like a valid CIDR network".to_owned(),
        "CIDRv4" => "value does not look like a valid IPv4 network".to_owned(),
        "CIDRv6" => "value does not look like a valid IPv6 network".to_owned(),
        "pve-ipv4-config" => "value does not look like a valid ipv4 network configuration".to_owned(),
        "pve-ipv6-config" => "value does not look like a valid ipv6 network configuration".to_owned(),
        "disk-size" => format!("value does not look like a valid disk size: {text}"),
        _ => format!("unable to parse volume ID '{text}'"),
    }
}
