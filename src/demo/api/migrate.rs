//! Moving guests to another node.

use serde_json::{Map, Value, json};

use super::{Call, IntoReply as _};
use crate::demo::{
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{Flow, Guest, World, stage, under_lock},
};

/// Milliseconds that a migration takes.
const MIGRATE_MS: u64 = 6000;

/// Where a guest may go.
pub(super) fn conditions(call: &mut Call<'_>) -> Outcome {
    let (node, kind) = (call.node(), call.kind());
    let guest = call.guest()?;
    let others = call.world.hosts.iter().filter(|h| h.node.name != node);
    let mut allowed: Vec<&str> = Vec::new();
    let mut not_allowed = Map::new();
    for host in others {
        if host.away_since.is_none() {
            allowed.push(&host.node.name);
        } else {
            not_allowed.insert(host.node.name.clone(), json!({}));
        }
    }
    let running = u8::from(guest.run.is_some());
    let mut answer = json!({"running": running, "allowed-nodes": allowed, "not-allowed-nodes": not_allowed});
    if kind == GuestKind::Qemu {
        answer = json!({
            "running": running, "allowed_nodes": allowed, "not_allowed_nodes": not_allowed,
            "local_disks": local_disks(call.world, guest), "local_resources": [], "mapped-resources": [],
            "mapped-resource-info": {}, "has-dbus-vmstate": 1,
        });
    }
    Ok(answer.into_reply())
}

fn local_disks(world: &World, guest: &Guest) -> Vec<Value> {
    let local = |storage: &str| world.storage.iter().any(|s| s.name == storage && !s.shared);
    let volumes = guest.disks().filter_map(|(key, line)| Some((key, line.split(',').next()?, line)));
    let here = volumes.filter(|(_, volume, _)| volume.split(':').next().is_some_and(local));
    here.map(|(key, volume, line)| {
        let size = crate::demo::world::total_size(Some(line));
        json!({"volid": volume, "drivename": key, "size": size, "is_unused": u8::from(key.starts_with("unused")),
            "cdrom": u8::from(line.contains("media=cdrom"))})
    })
    .collect()
}

pub(super) fn migrate(call: &mut Call<'_>) -> Outcome {
    let (kind, node, vmid) = (call.kind(), call.node(), call.vmid());
    let target = call.args.get("target").unwrap_or_default().to_owned();
    if kind == GuestKind::Qemu {
        call.root_only(&["force", "migration_type", "migration_network"])?;
    }
    if target == node {
        return Err(Failure::param("target", "target is local node."));
    }
    call.quorum()?;
    if call.world.host(&target).is_none() {
        return Err(Failure::new(format!("no such cluster node '{target}'")));
    }
    let online = call.args.flag("online") || call.args.flag("restart");
    let guest = call.guest()?;
    let managed = guest.is_managed();
    match (kind, guest.run.is_some()) {
        (GuestKind::Qemu, true) if !online => {
            return Err(Failure::new("can't migrate running VM without --online"));
        }
        (GuestKind::Lxc, true) if !online => {
            return Err(Failure::new("can't migrate running container without --online or --restart"));
        }
        _ => {}
    }
    let word = guest.word();
    if managed {
        let first = stage(move |world: &mut World, upid: &str| {
            world.log(upid, format!("Requesting HA migration for {word} {vmid} to node {target}"));
            world.later(MIGRATE_MS, move |world| settle(world, vmid, &target));
            Ok(Flow::Done)
        });
        return call.worker("hamigrate", first);
    }
    let first = under_lock(
        vmid,
        stage(move |world, upid| {
            world.vm_unlocked(vmid, false, &[])?;
            if !world.is_online(&target) {
                return Err(format!("migration aborted: can't connect to node '{target}'"));
            }
            world.log(upid, format!("starting migration of {word} {vmid} to node '{target}'"));
            if let Some(guest) = world.guests.get_mut(&vmid) {
                guest.config.insert("lock".to_owned(), "migrate".to_owned());
            }
            let done = stage(move |world: &mut World, upid: &str| {
                settle(world, vmid, &target);
                world.log(upid, "migration finished successfully");
                Ok(Flow::Done)
            });
            Ok(Flow::After(MIGRATE_MS, done))
        }),
    );
    call.worker(if kind == GuestKind::Qemu { "qmigrate" } else { "vzmigrate" }, first)
}

/// The file is the other node's now.
fn settle(world: &mut World, vmid: u32, target: &str) {
    if let Some(guest) = world.guests.get_mut(&vmid) {
        if guest.option("lock") == Some("migrate") {
            guest.config.remove("lock");
        }
        target.clone_into(&mut guest.node);
    }
}

/// There is no other cluster: the task finds that out.
pub(super) fn to_remote(call: &mut Call<'_>) -> Outcome {
    let endpoint = call.args.get("target-endpoint").unwrap_or_default();
    let host = endpoint.split(',').find_map(|p| p.strip_prefix("host=")).unwrap_or("remote").to_owned();
    call.guest()?;
    let kind = call.kind();
    let first = stage(move |world: &mut World, upid: &str| {
        world.log(upid, format!("Establishing API connection with remote at '{host}'"));
        Err(format!("remote: unable to connect to '{host}' - Connection refused"))
    });
    call.worker(if kind == GuestKind::Qemu { "qmigrate" } else { "vzmigrate" }, first)
}
