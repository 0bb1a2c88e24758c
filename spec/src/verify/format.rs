//! Formats with a name. Those whose check is not modelled accept any text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Splits a list as PVE does (pve-common: `ParseUtils.pm`).
pub fn split_list(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', ' ', '\t', '\n', '\r', '\0']).filter(|part| !part.is_empty())
}

/// Checks a text against a format; a name that ends with `-list` or `-opt` is taken apart as PVE does.
///
/// # Errors
/// PVE's text, without the end of line.
pub(super) fn check(format: &str, text: &str) -> Result<(), String> {
    if let Some(of) = format.strip_suffix("-list") {
        return split_list(text).try_for_each(|part| check(of, part));
    }
    if let Some(of) = format.strip_suffix("-opt") {
        return if text.is_empty() { Ok(()) } else { check(of, text) };
    }
    let (good, complaint) = match format {
        "pve-vmid" => (text.parse::<crate::pve::Vmid>().is_ok(), "value does not look like a valid VM ID"),
        "pve-node" => (label(text), "value does not look like a valid node name"),
        "pve-configid" => return named(word(text, "-_") && text.len() > 1, "invalid configuration ID", text),
        "pve-storage-id" => return storage(text),
        "pve-bridge-id" => return named(characters(text, "-_."), "invalid bridge ID", text),
        "pve-iface" => return named(word(text, "_.:"), "invalid network interface name", text),
        "pve-tag" => (tag(text), "invalid characters in tag"),
        "dns-name" => (dns_name(text), "value does not look like a valid DNS name"),
        "mac-addr" => (mac(text), "value does not look like a valid unicast MAC address"),
        "ipv4" => (text.parse::<Ipv4Addr>().is_ok(), "value does not look like a valid IPv4 address"),
        "ipv6" => (text.parse::<Ipv6Addr>().is_ok(), "value does not look like a valid IPv6 address"),
        "ip" => (text.parse::<IpAddr>().is_ok(), "value does not look like a valid IP address"),
        "CIDR" => (cidr(text, None), "value does not look like a valid CIDR network"),
        "pve-ipv4-config" => (
            ["dhcp", "manual"].contains(&text) || cidr(text, Some(true)),
            "value does not look like a valid ipv4 network configuration",
        ),
        "pve-ipv6-config" => (
            ["auto", "dhcp", "manual"].contains(&text) || cidr(text, Some(false)),
            "value does not look like a valid ipv6 network configuration",
        ),
        "address" => {
            let good = text.parse::<IpAddr>().is_ok() || dns_name(text);
            return if good { Ok(()) } else { Err(format!("value does not look like a valid address: {text}")) };
        }
        "disk-size" => {
            let good = size(text);
            return if good { Ok(()) } else { Err(format!("value does not look like a valid disk size: {text}")) };
        }
        "urlencoded" => {
            let good = text.is_empty() || characters(text, "-%_.!~*'()");
            return if good { Ok(()) } else { Err(format!("invalid urlencoded string: {text}")) };
        }
        "pve-volume-id" => {
            let good = text.split_once(':').is_some_and(|(id, rest)| storage(id).is_ok() && !rest.is_empty());
            return if good { Ok(()) } else { Err(format!("unable to parse volume ID '{text}'")) };
        }
        "pve-startup-order" => (startup(text), "unable to parse startup options"),
        "storage-pair" => return pair(text, storage),
        "bridge-pair" => return pair(text, |id| named(characters(id, "-_."), "invalid bridge ID", id)),
        "pve-task-status-type" => {
            let known = ["ok", "error", "warning", "unknown"].contains(&text.to_ascii_lowercase().as_str());
            return named(known, "invalid status", text);
        }
        _ => return Ok(()),
    };
    if good { Ok(()) } else { Err(complaint.to_owned()) }
}

fn named(good: bool, complaint: &str, text: &str) -> Result<(), String> {
    if good { Ok(()) } else { Err(format!("{complaint} '{text}'")) }
}

/// Letters, digits and these, at least one.
fn characters(text: &str, others: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

/// The same, with a letter first.
fn word(text: &str, others: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && characters(text, others)
}

fn label(text: &str) -> bool {
    characters(text, "-") && !text.starts_with('-') && !text.ends_with('-')
}

fn dns_name(text: &str) -> bool {
    text.split('.').all(label)
}

fn tag(text: &str) -> bool {
    characters(text, "_-+.") && !text.starts_with(['-', '+', '.'])
}

fn storage(id: &str) -> Result<(), String> {
    let good = word(id, "-_.") && id.len() > 1 && id.ends_with(|c: char| c.is_ascii_alphanumeric());
    if good { Ok(()) } else { Err(format!("storage ID '{id}' contains illegal characters")) }
}

/// Six pairs of hex digits, the first without the group bit.
fn mac(text: &str) -> bool {
    let pairs: Vec<&str> = text.split(':').collect();
    let hex = |p: &&str| p.len() == 2 && p.bytes().all(|b| b.is_ascii_hexdigit());
    pairs.len() == 6
        && pairs.iter().all(hex)
        && u8::from_str_radix(pairs[0], 16).is_ok_and(|first| first.is_multiple_of(2))
}

/// An address with the length of its network; of the fourth version alone, the sixth alone, or either.
fn cidr(text: &str, fourth: Option<bool>) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let (Ok(address), Ok(length)) = (address.parse::<IpAddr>(), length.parse::<u32>()) else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    (8..=most).contains(&length) && fourth.is_none_or(|f| f == address.is_ipv4())
}

/// Digits, perhaps with a part after the point, perhaps with a unit.
fn size(text: &str) -> bool {
    let number = text.strip_suffix(['K', 'M', 'G', 'T']).unwrap_or(text);
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    [whole, part].iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

fn startup(text: &str) -> bool {
    let number = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let part = |p: &str| match p.split_once('=') {
        None => number(p),
        Some((key, value)) => ["order", "up", "down"].contains(&key) && number(value),
    };
    !text.is_empty() && text.split(',').filter(|p| !p.trim().is_empty()).all(part)
}

/// One entry of a mapping: `1`, an id for all, or `from:to`.
fn pair(text: &str, id: impl Fn(&str) -> Result<(), String>) -> Result<(), String> {
    if text == "1" {
        return Ok(());
    }
    let parts = text.split_once(':').map_or_else(|| vec![text], |(from, to)| vec![from, to]);
    let wrong = |e: String| format!("entry '{text}' contains invalid ID - {e}\n");
    parts.into_iter().try_for_each(|part| id(part).map_err(wrong))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn formats_take_and_refuse_what_pve_does() {
        let good = [
            ("pve-vmid", "100"),
            ("pve-node", "pve-1"),
            ("pve-configid", "snap_1"),
            ("pve-configid-list", "net0, net1;memory"),
            ("pve-configid-list", ""),
            ("pve-storage-id", "local-lvm"),
            ("dns-name", "a--b.example"),
            ("mac-addr", "BC:24:11:90:EB:F0"),
            ("CIDR", "192.0.2.0/24"),
            ("pve-ipv4-config", "dhcp"),
            ("disk-size", "1.5G"),
            ("pve-startup-order", "order=3,up=20"),
            ("storage-pair-list", "local:nas,ssd"),
            ("pve-tag-list", "prod;web"),
            ("some-format-nobody-modelled", "anything"),
        ];
        for (format, text) in good {
            assert_eq!(check(format, text), Ok(()), "{format} {text}");
        }
        let bad = [
            ("pve-vmid", "0100", "value does not look like a valid VM ID"),
            ("pve-node", "no_such!", "value does not look like a valid node name"),
            ("pve-configid", "!!", "invalid configuration ID '!!'"),
            ("pve-storage-id", "x_", "storage ID 'x_' contains illegal characters"),
            ("dns-name", "test_vm", "value does not look like a valid DNS name"),
            ("mac-addr", "01:24:11:90:EB:F0", "value does not look like a valid unicast MAC address"),
            ("CIDR", "192.0.2.0/33", "value does not look like a valid CIDR network"),
            ("disk-size", "big", "value does not look like a valid disk size: big"),
            ("pve-startup-order", "soon", "unable to parse startup options"),
            ("pve-task-status-type-list", "ok,bad", "invalid status 'bad'"),
        ];
        for (format, text, complaint) in bad {
            assert_eq!(check(format, text), Err(complaint.to_owned()), "{format} {text}");
        }
    }
}
