//! High availability: what it manages and what it says (pve-ha-manager: `API2/HA/*.pm`).

use serde_json::{Map, Value, json};

use super::{Call, IntoReply as _, nothing};
use crate::demo::{
    digest::digest,
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{Guest, Ha},
};

/// The resource that a call names: `vm:100`, `ct:100`, or the id alone.
fn sid(call: &Call<'_>) -> (Option<GuestKind>, u32) {
    let text = call.args.get("sid").unwrap_or_default();
    let (kind, id) = text.split_once(':').map_or((None, text), |(kind, id)| (Some(kind), id));
    let kind = kind.map(|kind| if kind == "ct" { GuestKind::Lxc } else { GuestKind::Qemu });
    (kind, id.parse().unwrap_or(0))
}

fn name(guest: &Guest) -> String {
    format!("{}:{}", if guest.kind == GuestKind::Qemu { "vm" } else { "ct" }, guest.vmid)
}

fn row(call: &Call<'_>, guest: &Guest, ha: &Ha) -> Value {
    let all: Vec<_> = call.world.guests.values().filter_map(|g| g.ha.as_ref().map(|ha| (g.vmid, ha))).collect();
    let mut row = json!({"sid": name(guest), "type": if guest.kind == GuestKind::Qemu { "vm" } else { "ct" },
        "state": ha.requested, "digest": digest(&format!("{all:?}"))});
    for (key, value) in &ha.options {
        row[key] = value.parse::<i64>().map_or_else(|_| json!(value), |number| json!(number));
    }
    row
}

pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let rows = call.world.guests.values().filter_map(|guest| Some(row(call, guest, guest.ha.as_ref()?)));
    Ok(rows.collect::<Vec<Value>>().into_reply())
}

fn managed<'a>(call: &'a Call<'_>) -> Option<(&'a Guest, &'a Ha)> {
    let guest = call.world.guests.get(&sid(call).1)?;
    Some((guest, guest.ha.as_ref()?))
}

pub(super) fn one(call: &mut Call<'_>) -> Outcome {
    let text = call.args.get("sid").unwrap_or_default();
    match managed(call) {
        Some((guest, ha)) => Ok(row(call, guest, ha).into_reply()),
        None => Err(Failure::new(format!("no such resource '{text}'"))),
    }
}

/// Options of a resource besides what it is to do.
const OPTIONS: [&str; 6] = ["comment", "max_restart", "max_relocate", "failback", "auto-rebalance", "group"];

fn options(call: &Call<'_>) -> Map<String, Value> {
    let given = OPTIONS.iter().filter_map(|name| Some(((*name).to_owned(), json!(call.args.get(name)?))));
    given.collect()
}

pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    let text = call.args.get("sid").unwrap_or_default().to_owned();
    let (kind, vmid) = sid(call);
    let Some(guest) = call.world.guests.get(&vmid) else {
        return Err(Failure::new(format!("resource '{text}' does not exist in cluster")));
    };
    if kind.is_some_and(|kind| kind != guest.kind) {
        let word = if kind == Some(GuestKind::Lxc) { "container" } else { "VM" };
        return Err(Failure::new(format!("resource '{text}' - guest with ID {vmid} is not a {word}")));
    }
    if guest.ha.is_some() {
        let text = format!("create resource failed: resource ID '{}' already defined", name(guest));
        return Err(Failure::new(text));
    }
    let requested = call.args.get("state").unwrap_or("started").to_owned();
    let options = options(call).into_iter().filter_map(|(k, v)| Some((k, v.as_str()?.to_owned()))).collect();
    let state = call.world.ha_services.then(|| requested.clone());
    if let Some(guest) = call.world.guests.get_mut(&vmid) {
        guest.ha = Some(Ha { requested, state, options });
    }
    nothing()
}

pub(super) fn update(call: &mut Call<'_>) -> Outcome {
    let text = call.args.get("sid").unwrap_or_default().to_owned();
    let Some((_, old)) = managed(call) else { return Err(Failure::new(format!("no such resource '{text}'"))) };
    let mut ha = old.clone();
    if let Some(state) = call.args.get("state") {
        state.clone_into(&mut ha.requested);
        ha.state = call.world.ha_services.then(|| state.to_owned());
    }
    ha.options.extend(options(call).into_iter().filter_map(|(k, v)| Some((k, v.as_str()?.to_owned()))));
    for name in call.args.list("delete") {
        ha.options.remove(name);
    }
    let vmid = sid(call).1;
    if let Some(guest) = call.world.guests.get_mut(&vmid) {
        guest.ha = Some(ha);
    }
    nothing()
}

pub(super) fn remove(call: &mut Call<'_>) -> Outcome {
    let text = call.args.get("sid").unwrap_or_default().to_owned();
    if managed(call).is_none() {
        return Err(Failure::new(format!("cannot delete service '{text}', not HA managed!")));
    }
    let vmid = sid(call).1;
    if let Some(guest) = call.world.guests.get_mut(&vmid) {
        guest.ha = None;
    }
    nothing()
}

/// Asks for a move, and tells what was asked; whether it comes about nobody knows yet.
pub(super) fn relocate(call: &mut Call<'_>) -> Outcome {
    let text = call.args.get("sid").unwrap_or_default().to_owned();
    let node = call.args.get("node").unwrap_or_default().to_owned();
    if managed(call).is_none() {
        return Err(Failure::new(format!("resource '{text}' is not HA managed")));
    }
    let vmid = sid(call).1;
    if call.world.ha_services && call.world.is_online(&node) {
        call.world.moved(vmid, &node);
    }
    Ok(json!({"requested-node": node, "sid": text}).into_reply())
}

/// Quorum, fencing, and of each resource what it does and what it was asked to do.
pub(super) fn status(call: &mut Call<'_>) -> Outcome {
    let (world, local) = (&*call.world, call.world.local());
    let (word, flag) = if world.quorum { ("OK", 1) } else { ("No quorum on node!", 0) };
    let mut rows = vec![json!({"id": "quorum", "type": "quorum", "node": local, "status": word, "quorate": flag})];
    let (armed, text) =
        if world.ha_services { ("armed", "armed") } else { ("standby", "standby (CRM watchdog standby)") };
    if world.release.since(9, 2, 0) {
        rows.push(json!({"id": "fencing", "type": "fencing", "node": local, "armed-state": armed, "status": text}));
    }
    rows.extend(world.guests.values().filter_map(|guest| {
        let ha = guest.ha.as_ref()?;
        let sid = name(guest);
        let state = ha.state.as_deref().unwrap_or("queued");
        let mut row = json!({"id": format!("service:{sid}"), "type": "service", "sid": sid, "node": guest.node,
            "status": format!("{sid} ({}, {state})", guest.node), "state": state, "request_state": ha.requested,
            "max_relocate": 1, "max_restart": 1, "failback": 1});
        for (key, value) in &ha.options {
            row[key] = value.parse::<i64>().map_or_else(|_| json!(value), |number| json!(number));
        }
        Some(row)
    }));
    Ok(rows.into_reply())
}

/// What the manager last wrote down; nothing while its services are down.
pub(super) fn manager(call: &mut Call<'_>) -> Outcome {
    let world = &*call.world;
    let nodes: Map<String, Value> = world
        .hosts
        .iter()
        .filter(|_| world.ha_services)
        .map(|host| (host.node.name.clone(), json!(if host.away_since.is_none() { "online" } else { "fence" })))
        .collect();
    let mut status = json!({"node_status": nodes});
    if world.ha_services {
        status["master_node"] = json!(world.local());
    }
    let quorate = if world.quorum { "1" } else { "0" };
    Ok(json!({"manager_status": status, "quorum": {"node": world.local(), "quorate": quorate}}).into_reply())
}

/// The rules of high availability.
pub(super) fn rules(call: &mut Call<'_>) -> Outcome {
    let world = &*call.world;
    let row = |(name, resources): (&String, &String)| json!({"rule": name, "type": "node-affinity", "resources": resources, "nodes": world.local(), "order": 0});
    Ok(world.ha_rules.iter().map(row).collect::<Vec<Value>>().into_reply())
}

pub(super) fn rule(call: &mut Call<'_>) -> Outcome {
    let name = call.args.get("rule").unwrap_or_default();
    match call.world.ha_rules.get(name) {
        Some(resources) => Ok(json!({"rule": name, "type": "node-affinity", "resources": resources,
            "nodes": call.world.local(), "order": 0})
        .into_reply()),
        None => Err(Failure::new(format!("no such ha rule '{name}'"))),
    }
}

pub(super) fn write_rule(call: &mut Call<'_>) -> Outcome {
    let name = call.args.get("rule").unwrap_or_default().to_owned();
    let there = call.world.ha_rules.contains_key(&name);
    let creates = call.endpoint.method == crate::spec::Method::Post;
    if there == creates {
        let text = if creates {
            format!("HA rule '{name}' already defined")
        } else {
            format!("HA rule '{name}' does not exist")
        };
        return Err(Failure::new(text));
    }
    if let Some(resources) = call.args.get("resources").map(str::to_owned) {
        call.world.ha_rules.insert(name, resources);
    }
    nothing()
}

pub(super) fn drop_rule(call: &mut Call<'_>) -> Outcome {
    let name = call.args.get("rule").unwrap_or_default();
    let name = name.to_owned();
    call.world.ha_rules.remove(&name);
    nothing()
}

/// Groups have become rules with 9.0; before there were none here.
pub(super) fn groups(call: &mut Call<'_>) -> Outcome {
    if call.world.release.since(9, 0, 0) {
        return Err(Failure::new("cannot index groups: ha groups have been migrated to rules"));
    }
    Ok(json!([]).into_reply())
}
