//! Snapshots (pve-guest-common: `AbstractConfig.pm`).

use serde_json::{Value, json};

use super::{Call, IntoReply as _, config::typed, nothing, resize::volume};
use crate::demo::{
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{Flow, Guest, Snap, World, stage, under_lock},
};

/// Milliseconds that a snapshot takes, and as long again when it holds the memory.
const TAKE_MS: u64 = 1000;

/// Options that do not belong to what a snapshot keeps.
const NOT_KEPT: [&str; 3] = ["lock", "protection", "template"];

pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let guest = call.guest()?;
    let row = |snap: &Snap| {
        let mut row = json!({"name": snap.name, "description": described(guest.kind, snap), "snaptime": snap.time});
        if let Some(parent) = &snap.parent {
            row["parent"] = json!(parent);
        }
        if guest.kind == GuestKind::Qemu {
            row["vmstate"] = json!(u8::from(snap.vmstate));
        }
        row
    };
    let mut rows: Vec<Value> = guest.snapshots.iter().map(row).collect();
    let mut current = json!({"name": "current", "description": "You are here!", "digest": guest.digest()});
    current["running"] = json!(u8::from(guest.run.is_some()));
    if let Some(parent) = &guest.parent {
        current["parent"] = json!(parent);
    }
    rows.push(current);
    Ok(rows.into_reply())
}

/// What a snapshot is for; pve-container keeps the end of the last line.
fn described(kind: GuestKind, snap: &Snap) -> String {
    let end = if kind == GuestKind::Lxc && !snap.description.is_empty() && !snap.description.ends_with('\n') {
        "\n"
    } else {
        ""
    };
    format!("{}{end}", snap.description)
}

pub(super) fn take(call: &mut Call<'_>) -> Outcome {
    let (kind, vmid) = (call.kind(), call.vmid());
    let name = call.args.get("snapname").unwrap_or_default().to_owned();
    if ["current", "pending", "vzdump"].contains(&name.as_str()) {
        return Err(Failure::new(format!("unable to use snapshot name '{name}' (reserved name)")));
    }
    call.guest()?;
    let description = call.args.get("description").unwrap_or_default().to_owned();
    let memory = call.args.flag("vmstate");
    let first = under_lock(
        vmid,
        stage(move |world, upid| {
            let Some(guest) = world.guests.get(&vmid) else { return Ok(Flow::Done) };
            free_for(guest, &name)?;
            let volumes: Vec<(String, String)> = volumes(guest);
            if !volumes.iter().all(|(_, volid)| world.can_snapshot(volid)) {
                return Err("snapshot feature is not available".to_owned());
            }
            for (drive, volid) in volumes.iter().filter(|_| kind == GuestKind::Qemu) {
                world.log(upid, format!("snapshotting 'drive-{drive}' ({volid})"));
            }
            if let Some(guest) = world.guests.get_mut(&vmid) {
                guest.config.insert("lock".to_owned(), "snapshot".to_owned());
            }
            let done = stage(move |world: &mut World, _: &str| {
                let time = world.seconds();
                let Some(guest) = world.guests.get_mut(&vmid) else { return Ok(Flow::Done) };
                guest.config.remove("lock");
                let vmstate = memory && guest.run.is_some();
                let parent = guest.parent.replace(name.clone());
                let config = kept(guest);
                guest.snapshots.push(Snap { name, description, time, parent, vmstate, config });
                Ok(Flow::Done)
            });
            Ok(Flow::After(TAKE_MS * (1 + u64::from(memory)), done))
        }),
    );
    call.worker(if kind == GuestKind::Qemu { "qmsnapshot" } else { "vzsnapshot" }, first)
}

/// The disks that a snapshot is taken of.
fn volumes(guest: &Guest) -> Vec<(String, String)> {
    let left_out = |name: &str, drive: &str| name.starts_with("unused") || drive.contains("media=cdrom");
    let drives = guest.disks().filter(|(name, drive)| !left_out(name, drive));
    drives.map(|(name, drive)| (name.to_owned(), volume(drive).to_owned())).collect()
}

fn free_for(guest: &Guest, name: &str) -> Result<(), String> {
    if guest.is_on("template") {
        return Err("you can't take a snapshot if it's a template".to_owned());
    }
    if let Some(text) = guest.locked() {
        return Err(text);
    }
    if guest.snapshots.iter().any(|s| s.name == name) {
        return Err(format!("snapshot name '{name}' already used"));
    }
    Ok(())
}

fn kept(guest: &Guest) -> std::collections::BTreeMap<String, String> {
    guest.config.iter().filter(|(k, _)| !NOT_KEPT.contains(&k.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect()
}

pub(super) fn remove(call: &mut Call<'_>) -> Outcome {
    let (kind, vmid) = (call.kind(), call.vmid());
    let name = call.args.get("snapname").unwrap_or_default().to_owned();
    let guest = call.guest()?;
    if guest.is_on("protection") && guest.kind == GuestKind::Lxc {
        return Err(Failure::new(format!("can't remove snapshot '{name}' - protection mode enabled")));
    }
    let force = call.args.flag("force");
    let first = under_lock(
        vmid,
        stage(move |world, _| {
            let Some(guest) = world.guests.get_mut(&vmid) else { return Ok(Flow::Done) };
            find(guest, &name)?;
            if let Some(text) = guest.locked().filter(|_| !force) {
                return Err(text);
            }
            guest.config.insert("lock".to_owned(), "snapshot-delete".to_owned());
            let done = stage(move |world: &mut World, _: &str| {
                let Some(guest) = world.guests.get_mut(&vmid) else { return Ok(Flow::Done) };
                guest.config.remove("lock");
                forget(guest, &name);
                Ok(Flow::Done)
            });
            Ok(Flow::After(TAKE_MS, done))
        }),
    );
    call.worker(if kind == GuestKind::Qemu { "qmdelsnapshot" } else { "vzdelsnapshot" }, first)
}

fn find<'a>(guest: &'a Guest, name: &str) -> Result<&'a Snap, String> {
    guest.snapshots.iter().find(|s| s.name == name).ok_or_else(|| format!("snapshot '{name}' does not exist"))
}

/// Removes a snapshot; what descends from it descends from its parent.
fn forget(guest: &mut Guest, name: &str) {
    let Some(at) = guest.snapshots.iter().position(|s| s.name == name) else { return };
    let parent = guest.snapshots.remove(at).parent;
    let children = guest.snapshots.iter_mut().map(|s| &mut s.parent).chain(std::iter::once(&mut guest.parent));
    for child in children.filter(|p| p.as_deref() == Some(name)) {
        child.clone_from(&parent);
    }
}

pub(super) fn roll_back(call: &mut Call<'_>) -> Outcome {
    let (kind, vmid) = (call.kind(), call.vmid());
    let name = call.args.get("snapname").unwrap_or_default().to_owned();
    let start = call.args.flag("start");
    call.guest()?;
    let first = under_lock(
        vmid,
        stage(move |world, _| {
            let Some(guest) = world.guests.get(&vmid) else { return Ok(Flow::Done) };
            let snap = find(guest, &name)?.clone();
            if let Some(text) = guest.locked() {
                return Err(text);
            }
            let done = stage(move |world: &mut World, upid: &str| {
                restore(world, vmid, snap.clone());
                if snap.vmstate || start {
                    world.up(vmid, upid)?;
                }
                Ok(Flow::Done)
            });
            Ok(Flow::After(TAKE_MS, done))
        }),
    );
    call.worker(if kind == GuestKind::Qemu { "qmrollback" } else { "vzrollback" }, first)
}

fn restore(world: &mut World, vmid: u32, snap: Snap) {
    world.down(vmid);
    let Some(guest) = world.guests.get_mut(&vmid) else { return };
    let protection = guest.config.remove("protection");
    guest.config = snap.config;
    guest.pending.clear();
    guest.config.extend(protection.map(|p| ("protection".to_owned(), p)));
    guest.parent = Some(snap.name);
}

/// What a snapshot keeps.
pub(super) fn config(call: &mut Call<'_>) -> Outcome {
    let name = call.args.get("snapname").unwrap_or_default();
    let guest = call.guest()?;
    let snap = find(guest, name).map_err(Failure::new)?;
    let path = if guest.kind == GuestKind::Qemu { "qemu" } else { "lxc" };
    let path = format!("/nodes/{{node}}/{path}/{{vmid}}/config");
    let endpoint = crate::api::endpoint(crate::spec::Method::Get, &path).unwrap_or(call.endpoint);
    let mut map = typed(&snap.config, guest.kind, endpoint, &call.world.release);
    add_facts(&mut map, guest.kind, snap);
    if let Some(volume) = snap.state(guest, call.world) {
        map.insert("vmstate".to_owned(), json!(volume));
    }
    Ok(Value::Object(map).into_reply())
}

/// What a snapshot's part of the file says besides the options.
pub(super) fn add_facts(map: &mut serde_json::Map<String, Value>, kind: GuestKind, snap: &Snap) {
    map.insert("snaptime".to_owned(), json!(snap.time));
    map.remove("description");
    if !snap.description.is_empty() {
        map.insert("description".to_owned(), json!(described(kind, snap)));
    }
    if let Some(parent) = &snap.parent {
        map.insert("parent".to_owned(), json!(parent));
    }
}

/// Changes what a snapshot is for.
pub(super) fn describe(call: &mut Call<'_>) -> Outcome {
    let name = call.args.get("snapname").unwrap_or_default().to_owned();
    let description = call.args.get("description").map(str::to_owned);
    call.unlocked()?;
    call.writable()?;
    let guest = call.guest_mut()?;
    find(guest, &name).map_err(Failure::new)?;
    for snap in guest.snapshots.iter_mut().filter(|s| s.name == name) {
        if let Some(text) = &description {
            snap.description.clone_from(text);
        }
    }
    nothing()
}
