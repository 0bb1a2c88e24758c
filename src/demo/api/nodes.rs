//! Nodes: list, version, state.

use serde_json::{Value, json};

use super::{Call, IntoReply as _};
use crate::demo::{
    reply::Outcome,
    world::{Host, World},
};

pub(super) fn version(call: &mut Call<'_>) -> Outcome {
    let release = &call.world.release;
    let repoid = if release.since(9, 0, 0) { "14a22df35955d97d" } else { "6f2b1a90" };
    Ok(json!({"version": release.version(), "release": release.short(), "repoid": repoid}).into_reply())
}

/// Figures of a host that is there: memory, disk and processor in use.
pub(super) fn figures(world: &World, host: &Host) -> Value {
    let here = || world.guests.values().filter(|g| g.node == host.node.name);
    let mem: u64 = here().filter_map(|g| g.run.as_ref()).map(|r| r.mem).sum();
    let running = here().filter(|g| g.run.is_some()).count();
    let share = f64::from(u32::try_from(running).unwrap_or(0)) / f64::from(host.node.cpus.max(1)) / 8.0;
    json!({
        "uptime": host.node.uptime + (world.now - world.began) / 1000,
        "cpu": share.min(1.0), "maxcpu": host.node.cpus,
        "mem": (mem + host.node.memory / 16).min(host.node.memory), "maxmem": host.node.memory,
        "disk": host.node.disk / 9, "maxdisk": host.node.disk,
    })
}

/// Every node is listed for everybody; figures are for those who may audit it.
pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let world = &*call.world;
    let row = |host: &Host| {
        let name = &host.node.name;
        let online = !host.is_gone(world);
        let fingerprint = host.was_seen(world).then_some(&host.fingerprint);
        let mut row = json!({
            "node": name, "id": format!("node/{name}"), "type": "node", "ssl_fingerprint": fingerprint,
            "status": if online { "online" } else { "offline" },
        });
        if !world.is_forgotten(name) {
            row["level"] = json!("");
            if world.access.may(call.who, &format!("/nodes/{name}"), "Sys.Audit") {
                merge(&mut row, figures(world, host), online);
            }
        }
        row
    };
    let mut rows: Vec<Value> = world.hosts.iter().map(row).collect();
    call.world.rng.shuffle(&mut rows);
    Ok(rows.into_reply())
}

/// Adds figures; of a node that has just gone only what it has is known.
pub(super) fn merge(row: &mut Value, figures: Value, online: bool) {
    let (Some(row), Value::Object(figures)) = (row.as_object_mut(), figures) else { return };
    row.extend(figures.into_iter().filter(|(key, _)| online || key.starts_with("max")));
}

pub(super) fn status(call: &mut Call<'_>) -> Outcome {
    let world = &*call.world;
    let node = call.node();
    let Some(host) = world.host(&node) else { return Ok(Value::Null.into_reply()) };
    let figures = figures(world, host);
    let total = host.node.memory;
    let used = figures["mem"].as_u64().unwrap_or(0);
    let version = world.release.version();
    let kernel = json!({"sysname": "Linux", "release": "6.17.4-1-pve", "machine": "x86_64",
        "version": "#1 SMP PREEMPT_DYNAMIC PMX 6.17.4-1"});
    Ok(json!({
        "uptime": figures["uptime"], "cpu": figures["cpu"], "wait": 0, "idle": 0, "loadavg": ["0.42", "0.37", "0.31"],
        "pveversion": format!("pve-manager/{version}/14a22df35955d97d"),
        "kversion": "Linux 6.17.4-1-pve #1 SMP PREEMPT_DYNAMIC PMX 6.17.4-1", "current-kernel": kernel,
        "boot-info": {"mode": "legacy-bios"}, "ksm": {"shared": 0},
        "memory": {"total": total, "used": used, "free": total - used, "available": total - used},
        "swap": {"total": 0, "used": 0, "free": 0},
        "rootfs": {"total": host.node.disk, "used": host.node.disk / 9, "free": host.node.disk - host.node.disk / 9,
            "avail": host.node.disk - host.node.disk / 9},
        "cpuinfo": {"cpus": host.node.cpus, "cores": host.node.cpus, "sockets": 1, "model": "AMD EPYC 4464P",
            "mhz": "3700.000", "hvm": "1", "user_hz": 100, "vendor": "AuthenticAMD", "flags": "fpu svm", "family": "25"},
    })
    .into_reply())
}
