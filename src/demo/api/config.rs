//! Reading configurations, with the types that a real host sends.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Call, IntoReply as _};
use crate::{
    demo::{
        release::Release,
        reply::{Failure, Outcome},
        scenario::GuestKind,
        world::Change,
    },
    spec::{Endpoint, Kind},
};

pub(super) fn get(call: &mut Call<'_>) -> Outcome {
    let guest = call.guest()?;
    let (snapshot, current) = (call.args.get("snapshot"), call.args.flag("current"));
    if snapshot.is_some() && current {
        let text = "cannot use 'snapshot' parameter with 'current'".to_owned();
        return Err(Failure::Params(vec![("snapshot".to_owned(), text.clone()), ("current".to_owned(), text)]));
    }
    let config = match snapshot {
        Some(name) => {
            let found = guest.snapshots.iter().find(|s| s.name == name);
            found.ok_or_else(|| Failure::new(format!("snapshot '{name}' does not exist")))?.config.clone()
        }
        None if current => guest.config.clone(),
        None => guest.coming(),
    };
    let mut map = typed(&config, guest.kind, call.endpoint, &call.world.release);
    map.insert("digest".to_owned(), json!(guest.digest()));
    let saved = guest.snapshots.iter().find(|s| Some(s.name.as_str()) == snapshot);
    if let Some(snap) = saved {
        super::snapshot::add_facts(&mut map, guest.kind, snap);
    }
    if let Some(volume) = saved.and_then(|snap| snap.state(guest, call.world)) {
        map.insert("vmstate".to_owned(), json!(volume));
    }
    if let Some(parent) = guest.parent.as_ref().filter(|_| snapshot.is_none()) {
        map.insert("parent".to_owned(), json!(parent));
    }
    Ok(Value::Object(map).into_reply())
}

/// A configuration as JSON. Whole numbers and switches are numbers; a number that is not whole was read from the file
/// as text and stays text (`cpulimit`), whatever the schema says.
pub(super) fn typed(
    config: &BTreeMap<String, String>,
    kind: GuestKind,
    endpoint: &Endpoint,
    release: &Release,
) -> Map<String, Value> {
    let options = config.iter().filter(|(key, _)| !is_raw(key));
    let mut map: Map<String, Value> =
        options.map(|(key, value)| (key.clone(), typed_value(key, value, kind, endpoint, release))).collect();
    let raw = config.iter().filter(|(key, _)| is_raw(key));
    let lines: Vec<Value> =
        raw.flat_map(|(key, value)| value.split('\n').map(move |line| json!([key, line]))).collect();
    if !lines.is_empty() {
        map.insert("lxc".to_owned(), lines.into());
    }
    map
}

/// A line of a container's file that is passed on to LXC as it is. A configuration has them as pairs, the list of what
/// is pending not at all (pve-container, `LXC/Config.pm`).
fn is_raw(key: &str) -> bool {
    key.starts_with("lxc.")
}

fn typed_value(key: &str, value: &str, kind: GuestKind, endpoint: &Endpoint, release: &Release) -> Value {
    if key == "cipassword" {
        return json!("**********");
    }
    // pve-container keeps the end of the last line.
    if key == "description" && kind == GuestKind::Lxc && !value.ends_with('\n') {
        return json!(format!("{value}\n"));
    }
    // The last line of a VM's ends with it.
    if key == "description" && kind == GuestKind::Qemu {
        return json!(value.strip_suffix('\n').unwrap_or(value));
    }
    let old_memory = key == "memory" && kind == GuestKind::Qemu && !release.since(8, 0, 8);
    let number = match &endpoint.returns.kind {
        Kind::Object(fields) => {
            let field = fields.iter().find(|f| f.name == key);
            field.is_some_and(|f| matches!(f.shape.kind, Kind::Integer | Kind::Boolean))
        }
        _ => false,
    };
    match value.parse::<i64>() {
        Ok(n) if number || old_memory => json!(n),
        _ => json!(value),
    }
}

pub(super) fn pending(call: &mut Call<'_>) -> Outcome {
    let endpoint = crate::api::endpoint(crate::spec::Method::Get, &call.endpoint.path.replace("/pending", "/config"));
    let endpoint = endpoint.unwrap_or(call.endpoint);
    let guest = call.guest()?;
    let release = &call.world.release;
    let value = |key: &str, text: &str| typed_value(key, text, guest.kind, endpoint, release);
    let mut rows: Vec<Value> = vec![json!({"key": "digest", "value": guest.digest()})];
    for (key, text) in guest.config.iter().filter(|(key, _)| !is_raw(key)) {
        let mut row = json!({"key": key, "value": value(key, text)});
        match guest.pending.get(key) {
            Some(Change::Set(new)) => row["pending"] = value(key, new),
            Some(Change::Delete(force)) => row["delete"] = json!(1 + u8::from(*force)),
            None => {}
        }
        rows.push(row);
    }
    for (key, change) in guest.pending.iter().filter(|(key, _)| !guest.config.contains_key(*key)) {
        if let Change::Set(new) = change {
            rows.push(json!({"key": key, "pending": value(key, new)}));
        }
    }
    if let Some(parent) = &guest.parent {
        rows.push(json!({"key": "parent", "value": parent}));
    }
    call.world.rng.shuffle(&mut rows);
    Ok(rows.into_reply())
}

const CLOUD_INIT: [&str; 7] = ["cicustom", "cipassword", "citype", "ciuser", "nameserver", "searchdomain", "sshkeys"];

fn is_cloud_init(key: &str) -> bool {
    CLOUD_INIT.contains(&key) || key.strip_prefix("ipconfig").is_some_and(|n| n.parse::<u32>().is_ok())
}

/// Cloud-init options with what is pending.
pub(super) fn cloud_init(call: &mut Call<'_>) -> Outcome {
    let guest = call.guest()?;
    let shown = |key: &str, text: &str| if key == "cipassword" { "**********".to_owned() } else { text.to_owned() };
    let mut rows: Vec<Value> = Vec::new();
    // An address is of a network card.
    let there = |key: &str| {
        key.strip_prefix("ipconfig").is_none_or(|number| guest.config.contains_key(&format!("net{number}")))
    };
    for (key, text) in guest.config.iter().filter(|(key, _)| is_cloud_init(key) && there(key)) {
        let mut row = json!({"key": key, "value": shown(key, text)});
        match guest.pending.get(key) {
            Some(Change::Set(new)) => row["pending"] = json!(shown(key, new)),
            Some(Change::Delete(_)) => row["delete"] = json!(1),
            None => {}
        }
        rows.push(row);
    }
    Ok(rows.into_reply())
}

/// The file that cloud-init would be given.
pub(super) fn dump_cloud_init(call: &mut Call<'_>) -> Outcome {
    let guest = call.guest()?;
    let option = |name: &str| guest.option(name);
    let domain = option("searchdomain");
    let text = match call.args.get("type") {
        Some("network") => {
            let cards = guest.config.keys().filter(|k| k.strip_prefix("net").is_some_and(|n| n.parse::<u32>().is_ok()));
            let lines: String = cards
                .map(|card| format!("    - type: physical\n      name: {}\n", card.replace("net", "eth")))
                .collect();
            let server = option("nameserver").map(|servers| {
                let servers: String = servers.split(' ').map(|s| format!("      - '{s}'\n")).collect();
                let search = domain.map(|d| format!("      search:\n      - '{d}'\n")).unwrap_or_default();
                format!("    - type: nameserver\n      address:\n{servers}{search}")
            });
            format!("version: 1\nconfig:\n{lines}{}", server.unwrap_or_default())
        }
        Some("meta") => format!("instance-id: {}\n", guest.digest()),
        _ => {
            let name = guest.name();
            let full = domain.map_or_else(|| name.clone(), |domain| format!("{name}.{domain}"));
            let user = option("ciuser").map(|u| format!("user: {u}\n")).unwrap_or_default();
            let hash = |p: &str| format!("password: $5${}${}\n", &guest.digest()[..8], crate::demo::digest::digest(p));
            let password = option("cipassword").map(hash).unwrap_or_default();
            let keys = option("sshkeys").map(|keys| {
                let keys = percent_encoding::percent_decode_str(keys).decode_utf8_lossy().into_owned();
                let lines: String = keys.lines().map(|key| format!("  - {key}\n")).collect();
                format!("ssh_authorized_keys:\n{lines}")
            });
            format!(
                "#cloud-config\nhostname: {name}\nmanage_etc_hosts: true\nfqdn: {full}\n{user}{password}{}chpasswd:\n  \
                 expire: False\nusers:\n  - default\npackage_upgrade: true\n",
                keys.unwrap_or_default()
            )
        }
    };
    Ok(text.into_reply())
}
