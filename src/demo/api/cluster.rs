//! What the whole cluster says of itself.

use serde_json::{Value, json};

use super::{
    Call, IntoReply as _,
    guests::{container_cpus, processors, root_size},
    nodes::{figures, merge},
};
use crate::demo::{
    reply::{Failure, Outcome},
    scenario::{BackupJob, GuestKind},
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

/// The backup jobs, as their file has them.
pub(super) fn backup_jobs(call: &mut Call<'_>) -> Outcome {
    let ids = |ids: &[u32]| ids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let row = |job: &BackupJob| {
        let mut row = json!({"id": job.id, "type": "vzdump", "schedule": "sun 01:00", "storage": "local",
            "mode": "snapshot", "enabled": 1});
        if job.guests.is_empty() {
            row["all"] = json!(1);
        } else {
            row["vmid"] = json!(ids(&job.guests));
        }
        if !job.exclude.is_empty() {
            row["exclude"] = json!(ids(&job.exclude));
        }
        row
    };
    Ok(call.world.backup_jobs.iter().map(row).collect::<Vec<_>>().into_reply())
}

/// The replication jobs of the guests that the caller may see.
pub(super) fn replications(call: &mut Call<'_>) -> Outcome {
    let world = &*call.world;
    let mut seen: Vec<u32> = world.replicated.iter().copied().collect();
    seen.retain(|id| world.access.may(call.who, &format!("/vms/{id}"), "VM.Audit"));
    seen.sort_unstable();
    let target = world.hosts.last().map(|host| host.node.name.clone()).unwrap_or_default();
    let row = |id: &u32| json!({"id": format!("{id}-0"), "guest": id, "jobnum": 0, "type": "local", "target": target});
    Ok(seen.iter().map(row).collect::<Vec<Value>>().into_reply())
}

/// The rules of high availability.
pub(super) fn ha_rules(call: &mut Call<'_>) -> Outcome {
    let row = |(name, resources): (&String, &String)| json!({"rule": name, "type": "node-affinity", "resources": resources, "nodes": call.world.local(), "order": 0});
    Ok(call.world.ha_rules.iter().map(row).collect::<Vec<Value>>().into_reply())
}

/// Quorum, and of each resource what it does and what it was asked to do.
pub(super) fn ha_status(call: &mut Call<'_>) -> Outcome {
    let (world, local) = (&*call.world, call.world.local());
    let (word, flag) = if world.quorum { ("OK", 1) } else { ("No quorum on node!", 0) };
    let mut rows = vec![json!({"id": "quorum", "type": "quorum", "node": local, "status": word, "quorate": flag})];
    rows.extend(world.guests.iter().filter_map(|(vmid, guest)| {
        let ha = guest.ha.as_ref()?;
        let sid = format!("{}:{vmid}", if guest.kind == GuestKind::Qemu { "vm" } else { "ct" });
        let state = ha.state.as_deref().unwrap_or("queued");
        Some(json!({"id": format!("service:{sid}"), "type": "service", "sid": sid, "node": guest.node,
            "status": format!("{sid} ({}, {state})", guest.node), "state": state, "request_state": ha.requested,
            "max_relocate": 1, "max_restart": 1, "failback": 1}))
    }));
    Ok(rows.into_reply())
}

/// A free id as text, although the schema says integer.
pub(super) fn next_id(call: &mut Call<'_>) -> Outcome {
    match call.args.get("vmid").map(|v| (v, call.world.guests.get(&call.vmid()))) {
        Some((vmid, Some(guest))) => {
            Err(Failure::param("vmid", format!("{} {vmid} already exists on node '{}'", guest.word(), guest.node)))
        }
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
        rows.extend(pools.map(|p| json!({"id": format!("/pool/{p}"), "type": "pool", "pool": p})));
    }
    if wanted("sdn") || wanted("network") {
        rows.extend(zones(call));
    }
    call.world.rng.shuffle(&mut rows);
    Ok(rows.into_reply())
}

fn guest(call: &Call<'_>, guest: &Guest) -> Value {
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
    let size = if container { root_size(guest) } else { total_size(guest.boot_disk()) };
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

fn storages(call: &Call<'_>) -> Vec<Value> {
    let world = &*call.world;
    let audited = |name: &str| world.access.may(call.who, &format!("/storage/{name}"), "Datastore.Audit");
    let mut rows = Vec::new();
    for host in &world.hosts {
        for storage in world.storage.iter().filter(|s| audited(&s.name)) {
            let (node, name) = (&host.node.name, &storage.name);
            let online = !host.is_gone(world);
            let mut row = json!({
                "id": format!("storage/{node}/{name}"), "type": "storage", "node": node, "storage": name,
                "plugintype": storage.kind, "content": storage.content, "shared": u8::from(storage.shared),
                "status": if online { "available" } else { "unknown" },
            });
            let sizes = json!({"disk": storage.size / 10, "maxdisk": storage.size});
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
