//! What the whole cluster says of itself.

use serde_json::{Value, json};

use super::{
    Call, IntoReply as _,
    guests::{container_cpus, processors, root_size},
    nodes::{figures, merge},
    storage::usage,
};
use crate::demo::{
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{Guest, Host, total_size},
};

pub(super) fn status(call: &mut Call<'_>) -> Outcome {
    let world = &*call.world;
    let clustered = world.cluster.is_some();
    let row = |(n, host): (usize, &Host)| {
        let mut row = json!({
            "type": "node", "id": format!("node/{}", host.node.name), "name": host.node.name,
            "nodeid": if clustered { n + 1 } else { 0 }, "local": u8::from(n == 0), "level": "",
            "online": u8::from(!host.is_gone(world)), "ip": host.ip,
        });
        if !host.was_seen(world) {
            row.as_object_mut().map(|r| r.remove("ip"));
        }
        row
    };
    let mut rows: Vec<Value> = world.hosts.iter().enumerate().map(row).collect();
    if let Some(name) = &world.cluster {
        rows.insert(
            0,
            json!({
                "type": "cluster", "id": "cluster", "name": name, "version": world.hosts.len(),
                "nodes": world.hosts.len(), "quorate": u8::from(world.quorum),
            }),
        );
    }
    Ok(rows.into_reply())
}

/// A free id as text, although the schema says integer.
pub(super) fn next_id(call: &mut Call<'_>) -> Outcome {
    match call.args.get("vmid").map(|v| (v, call.world.guests.get(&call.vmid()))) {
        Some((vmid, Some(guest))) => Err(Failure::param("vmid", format!("{} {vmid} already exists", guest.word()))),
        Some((vmid, None)) => Ok(vmid.into_reply()),
        None => Ok(call.world.free_id().to_string().into_reply()),
    }
}

/// Everything, as it was last published: the state of guests is behind.
pub(super) fn resources(call: &mut Call<'_>) -> Outcome {
    let wanted = |kind: &str| call.args.get("type").is_none_or(|t| t == kind);
    let world = &*call.world;
    let mut rows: Vec<Value> = Vec::new();
    if wanted("vm") {
        let seen = |g: &&Guest| world.access.may(call.who, &format!("/vms/{}", g.vmid), "VM.Audit");
        rows.extend(world.guests.values().filter(seen).map(|g| guest(call, g)));
    }
    if wanted("node") {
        rows.extend(world.hosts.iter().map(|h| node(call, h)));
    }
    if wanted("storage") {
        rows.extend(storages(call));
    }
    if call.args.get("type").is_none() {
        let pools = world.access.pools().filter(|p| world.access.may(call.who, &format!("/pool/{p}"), "Pool.Audit"));
        rows.extend(pools.map(|p| pool(call, p)));
    }
    // Asked for by its type the zone is told only where it is one of that type.
    let zones_as = if world.release.since(9, 0, 12) { "network" } else { "sdn" };
    if wanted(zones_as) {
        rows.extend(zones(call));
    }
    call.world.rng.shuffle(&mut rows);
    Ok(rows.into_reply())
}

pub(super) fn guest(call: &Call<'_>, guest: &Guest) -> Value {
    let world = &*call.world;
    let kind = guest.kind.as_str();
    let mut row = json!({
        "id": format!("{kind}/{}", guest.vmid), "type": kind, "vmid": guest.vmid, "node": guest.node,
        "status": "unknown",
    });
    let audited = |pool: &&str| world.access.may(call.who, &format!("/pool/{pool}"), "Pool.Audit");
    if let Some(pool) = world.access.pool_of(&guest.vmid.to_string()).filter(audited) {
        row["pool"] = json!(pool);
    }
    for name in ["lock", "tags"] {
        if let Some(value) = guest.option(name) {
            row[name] = json!(value);
        }
    }
    if let Some(ha) = guest.ha.as_ref().and_then(|ha| ha.state.as_ref()) {
        row["hastate"] = json!(ha);
    }
    let Some(published) = world.published.get(&guest.vmid).filter(|_| !world.is_forgotten(&guest.node)) else {
        return row;
    };
    let run = guest.run.as_ref().filter(|_| published.status != "stopped");
    let container = guest.kind == GuestKind::Lxc;
    let size = if container { root_size(world, guest) } else { total_size(guest.boot_disk()) };
    let cpus = if container { container_cpus(world, guest) } else { json!(processors(world, guest)) };
    let live = json!({
        "status": published.status, "name": published.name, "template": u8::from(published.template),
        "uptime": published.uptime, "maxcpu": cpus, "cpu": run.map_or(json!(0), |r| json!(r.cpu)),
        "mem": run.map_or(0, |r| r.mem), "maxmem": guest.memory(),
        "disk": if container && run.is_some() { size / 3 } else { 0 }, "maxdisk": size,
        "netin": run.map_or(0, |r| r.received(world.now)), "netout": run.map_or(0, |r| r.sent(world.now)),
        "diskread": 0, "diskwrite": 0,
    });
    merge(&mut row, live, true);
    if world.release.since(9, 0, 0) {
        row["memhost"] = json!(run.filter(|_| !container).map_or(0, |r| r.mem));
    }
    row
}

fn node(call: &Call<'_>, host: &Host) -> Value {
    let world = &*call.world;
    let name = &host.node.name;
    let online = !host.is_gone(world);
    let mut row = json!({
        "id": format!("node/{name}"), "type": "node", "node": name,
        "status": if online { "online" } else { "offline" },
    });
    if !world.is_forgotten(name) {
        merge(&mut row, json!({"cgroup-mode": 2, "level": ""}), true);
    }
    if world.access.may(call.who, &format!("/nodes/{name}"), "Sys.Audit") && !world.is_forgotten(name) {
        merge(&mut row, figures(world, host), online);
    }
    row
}

pub(super) fn storages(call: &Call<'_>) -> Vec<Value> {
    let world = &*call.world;
    let audited = |name: &str| world.access.may(call.who, &format!("/storage/{name}"), "Datastore.Audit");
    let mut rows = Vec::new();
    for host in &world.hosts {
        for storage in world.storage.iter().filter(|s| audited(&s.name) && s.enabled && s.is_on(&host.node.name)) {
            let (node, name) = (&host.node.name, &storage.name);
            let online = !host.is_gone(world);
            let mut row = json!({
                "id": format!("storage/{node}/{name}"), "type": "storage", "node": node, "storage": name,
                "plugintype": storage.kind, "content": storage.content, "shared": u8::from(storage.shared),
                "status": if online { "available" } else { "unknown" },
            });
            let sizes = json!({"disk": usage(world, node, storage).1, "maxdisk": storage.size});
            merge(&mut row, if world.is_forgotten(node) { json!({}) } else { sizes }, true);
            rows.push(row);
        }
    }
    rows
}

/// The zone that every host has; as `network` since 9.0.12, before as `sdn`.
fn zones(call: &Call<'_>) -> Vec<Value> {
    let world = &*call.world;
    if !world.access.may(call.who, "/sdn/zones/localnetwork", "SDN.Audit") {
        return vec![];
    }
    let row = |host: &Host| {
        let node = &host.node.name;
        if world.release.since(9, 0, 12) {
            json!({"id": format!("network/{node}/zone/localnetwork"), "type": "network", "node": node,
                "network": "localnetwork", "network-type": "zone", "status": "ok"})
        } else {
            json!({"id": format!("sdn/{node}/localnetwork"), "type": "sdn", "node": node, "sdn": "localnetwork",
                "status": "ok"})
        }
    };
    world.hosts.iter().map(row).collect()
}

/// A pool with what its running guests have together.
fn pool(call: &Call<'_>, name: &str) -> Value {
    let world = &*call.world;
    let mut row = json!({"id": format!("/pool/{name}"), "type": "pool", "pool": name});
    let ids = world.access.members(name).iter().filter_map(|member| member.parse::<u32>().ok());
    let running: Vec<&Guest> =
        ids.filter_map(|vmid| world.guests.get(&vmid)).filter(|guest| guest.run.is_some()).collect();
    if running.is_empty() {
        return row;
    }
    let runs = || running.iter().filter_map(|guest| guest.run.as_ref());
    row["uptime"] = json!(runs().map(|run| run.uptime(world.now)).max());
    row["cpu"] = json!(runs().map(|run| run.cpu).sum::<f64>());
    row["mem"] = json!(runs().map(|run| run.mem).sum::<u64>());
    row["maxmem"] = json!(running.iter().map(|guest| guest.memory()).sum::<u64>());
    row["maxcpu"] = json!(running.iter().map(|guest| processors(world, guest)).sum::<u64>());
    row
}

/// The options of the data centre. Who may not audit it is told the tags alone.
pub(super) fn options(call: &mut Call<'_>) -> Outcome {
    let world = &*call.world;
    let seen = |g: &&Guest| world.access.may(call.who, &format!("/vms/{}", g.vmid), "VM.Audit");
    let tags = world.guests.values().filter(seen).filter_map(|guest| guest.option("tags"));
    let tags: std::collections::BTreeSet<&str> =
        tags.flat_map(|tags| tags.split([';', ',', ' '])).filter(|tag| !tag.is_empty()).collect();
    let mut answer = json!({"allowed-tags": tags});
    if world.access.may(call.who, "/", "Sys.Audit") {
        answer["description"] = json!("");
        answer["mac_prefix"] = json!("BC:24:11");
    }
    Ok(answer.into_reply())
}
