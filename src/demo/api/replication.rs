//! Replication jobs (pve-manager: `API2/ReplicationConfig.pm`, `API2/Replication.pm`). Each guest of the demo has at most
//! the one whose number is 0.

use serde_json::{Value, json};

use super::{Call, IntoReply as _, nothing, resize::volume};
use crate::demo::{
    digest::digest,
    reply::{Failure, Outcome},
    world::World,
};

/// The guest of a job's id: `100-0`.
fn guest(call: &Call<'_>) -> u32 {
    let id = call.args.get("id").unwrap_or_default();
    id.split('-').next().and_then(|id| id.parse().ok()).unwrap_or(0)
}

fn row(world: &World, vmid: u32) -> Value {
    let target = world.replicated.get(&vmid).cloned().filter(|target| !target.is_empty());
    let last = || world.hosts.last().map(|host| host.node.name.clone()).unwrap_or_default();
    json!({"id": format!("{vmid}-0"), "guest": vmid, "jobnum": 0, "type": "local",
        "target": target.unwrap_or_else(last)})
}

/// The jobs of the guests that the caller may see.
pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let world = &*call.world;
    let mut seen: Vec<u32> = world.replicated.keys().copied().collect();
    seen.retain(|id| world.access.may(call.who, &format!("/vms/{id}"), "VM.Audit"));
    Ok(seen.into_iter().map(|id| row(world, id)).collect::<Vec<Value>>().into_reply())
}

fn asked(call: &Call<'_>) -> Outcome<u32> {
    let vmid = guest(call);
    let id = call.args.get("id").unwrap_or_default();
    if call.world.replicated.contains_key(&vmid) { Ok(vmid) } else { Err(Failure::new(format!("no such job '{id}'"))) }
}

pub(super) fn one(call: &mut Call<'_>) -> Outcome {
    let mut found = row(call.world, asked(call)?);
    found["digest"] = json!(digest(&format!("{:?}", call.world.replicated)));
    Ok(found.into_reply())
}

pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    let vmid = guest(call);
    let id = call.args.get("id").unwrap_or_default();
    let target = call.args.get("target").unwrap_or_default().to_owned();
    let world = &*call.world;
    let Some(guest) = world.guests.get(&vmid) else {
        return Err(Failure::new(format!("guest '{vmid}' does not exist")));
    };
    if world.replicated.contains_key(&vmid) {
        return Err(Failure::new(format!("replication job '{id}' already exists")));
    }
    // Only ZFS can send what has changed.
    let cannot = |volid: &&str| {
        let storage = volid.split(':').next().unwrap_or_default();
        world.storage(storage).is_none_or(|storage| storage.kind != "zfspool")
    };
    let drives = guest.disks().filter(|(_, drive)| !drive.contains("media=cdrom"));
    let drives = drives.filter(|(_, drive)| !drive.contains("replicate=0"));
    let mut volids: Vec<&str> = drives.map(|(_, drive)| volume(drive)).collect();
    volids.sort_unstable();
    if let Some(volid) = volids.into_iter().find(cannot) {
        return Err(Failure::new(format!("missing replicate feature on volume '{volid}'")));
    }
    if guest.node == target {
        return Err(Failure::new("source and target node are identical"));
    }
    call.world.replicated.insert(vmid, target);
    nothing()
}

pub(super) fn update(call: &mut Call<'_>) -> Outcome {
    asked(call)?;
    nothing()
}

pub(super) fn remove(call: &mut Call<'_>) -> Outcome {
    let vmid = asked(call)?;
    call.world.replicated.remove(&vmid);
    nothing()
}

fn state(world: &World, vmid: u32) -> Value {
    let mut row = row(world, vmid);
    let now = world.seconds();
    row["last_sync"] = json!(now / 900 * 900);
    row["last_try"] = row["last_sync"].clone();
    row["next_sync"] = json!(now / 900 * 900 + 900);
    row["fail_count"] = json!(0);
    row["duration"] = json!(3.2);
    row
}

/// The jobs of a node with how they went.
pub(super) fn of_node(call: &mut Call<'_>) -> Outcome {
    let (node, world) = (call.node(), &*call.world);
    let here = |id: &&u32| world.guests.get(*id).is_some_and(|guest| guest.node == node);
    let rows = world.replicated.keys().filter(here).map(|id| state(world, *id));
    Ok(rows.collect::<Vec<Value>>().into_reply())
}

pub(super) fn status(call: &mut Call<'_>) -> Outcome {
    let vmid = asked(call)?;
    Ok(state(call.world, vmid).into_reply())
}
