//! Storages of a node and what lies on them (pve-storage: `API2/Storage/Status.pm`, `Content.pm`).

use serde_json::{Map, Value, json};

use super::{Call, IntoReply as _, nothing};
use crate::demo::{
    reply::{Failure, Outcome},
    scenario::{GuestKind, Storage},
    world::{Flow, Volume, Wanted, World, parse_size, stage},
};

/// Milliseconds that removing a volume takes.
const REMOVE_MS: u64 = 300;

/// Bytes of a storage and of them those in use.
pub(super) fn usage(world: &World, node: &str, storage: &Storage) -> (u64, u64) {
    if storage.full {
        return (storage.size, storage.size);
    }
    let held: u64 = world.volumes_on(node, &storage.name).map(|volume| volume.size / 4).sum();
    (storage.size, (storage.size / 10).saturating_add(held).min(storage.size))
}

/// The storage of the path.
fn asked(call: &Call<'_>) -> Outcome<Storage> {
    let name = call.args.get("storage").unwrap_or_default();
    let found = call.world.storage(name).cloned();
    found.ok_or_else(|| Failure::new(format!("storage '{name}' does not exist")))
}

fn audited(call: &Call<'_>, storage: &str) -> bool {
    let may = |privilege: &str| call.world.access.may(call.who, &format!("/storage/{storage}"), privilege);
    may("Datastore.Audit") || may("Datastore.AllocateSpace")
}

fn facts(world: &World, node: &str, storage: &Storage) -> Map<String, Value> {
    let usable = storage.enabled && storage.is_on(node) && world.is_online(node);
    let (total, used) = if usable { usage(world, node, storage) } else { (0, 0) };
    let Value::Object(map) = json!({
        "type": storage.kind, "content": storage.content, "shared": u8::from(storage.shared),
        "enabled": u8::from(storage.enabled && storage.is_on(node)), "active": u8::from(usable),
        "total": total, "used": used, "avail": total - used,
    }) else {
        return Map::new();
    };
    map
}

/// The storages that the caller may see and that the node can use.
pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let node = call.node();
    let contents = call.args.list("content");
    let target = call.args.get("target");
    let only = call.args.get("storage");
    let wanted = |storage: &&Storage| {
        audited(call, &storage.name)
            && only.is_none_or(|only| only == storage.name)
            && storage.is_on(&node)
            && target.is_none_or(|target| storage.shared && storage.is_on(target))
            && (contents.is_empty() || contents.iter().any(|content| storage.holds(content)))
            && (!call.args.flag("enabled") || storage.enabled)
    };
    let row = |storage: &Storage| {
        let mut map = facts(call.world, &node, storage);
        map.insert("storage".to_owned(), json!(storage.name));
        if let (Some(total), Some(used)) = (map["total"].as_f64().filter(|n| *n > 0.0), map["used"].as_f64()) {
            map.insert("used_fraction".to_owned(), json!(used / total));
        }
        Value::Object(map)
    };
    let mut rows: Vec<Value> = call.world.storage.iter().filter(wanted).map(row).collect();
    call.world.rng.shuffle(&mut rows);
    Ok(rows.into_reply())
}

pub(super) fn status(call: &mut Call<'_>) -> Outcome {
    let name = call.args.get("storage").unwrap_or_default();
    let Some(storage) = call.world.storage(name) else { return Err(Failure::param("storage", "No such storage.")) };
    Ok(Value::Object(facts(call.world, &call.node(), storage)).into_reply())
}

fn row(volume: &Volume, btrfs: bool) -> Value {
    let mut row = json!({"volid": volume.volid(), "content": volume.content, "format": volume.format,
        "size": volume.size, "ctime": volume.ctime});
    if let Some(vmid) = volume.vmid {
        row["vmid"] = json!(vmid);
    }
    match volume.content.as_str() {
        "images" | "rootdir" => {
            let parent = volume.name.rsplitn(3, '/').nth(2);
            row["parent"] = json!(parent.filter(|name| name.contains("base")).map(|name| format!("../{name}")));
            // What BTRFS shares between snapshots it does not count.
            row["used"] = json!(if btrfs { 0 } else { volume.size / 4 });
        }
        "backup" => {
            let kind = volume.saved.as_ref().map_or(GuestKind::Qemu, |saved| saved.kind);
            row["subtype"] = json!(kind.as_str());
            if !volume.notes.is_empty() {
                // A list tells the first line.
                row["notes"] = json!(volume.notes.lines().next().unwrap_or_default());
            }
            if volume.protected {
                row["protected"] = json!(1);
            }
        }
        _ => {}
    }
    row
}

/// What lies on a storage, as far as the caller may see it.
pub(super) fn content(call: &mut Call<'_>) -> Outcome {
    let (node, storage) = (call.node(), asked(call)?);
    call.world.usable(&node, &storage.name).map_err(Failure::new)?;
    let wanted = call.args.get("content");
    let kinds = ["images", "rootdir", "vztmpl", "iso", "backup", "snippets", "import", "none"];
    if let Some(kind) = wanted.filter(|kind| !kinds.contains(kind)) {
        return Err(Failure::param("content", format!("invalid format - invalid content type '{kind}'\n")));
    }
    let vmid = call.args.number("vmid");
    let fits = |volume: &&Volume| {
        wanted.is_none_or(|content| content == volume.content)
            && storage.holds(&volume.content)
            && vmid.is_none_or(|id| volume.vmid.is_some_and(|own| u64::from(own) == id))
    };
    let btrfs = storage.kind == "btrfs";
    let seen = |volume: &&Volume| readable(call, volume).is_ok();
    let rows: Vec<Value> =
        call.world.volumes_on(&node, &storage.name).filter(fits).filter(seen).map(|v| row(v, btrfs)).collect();
    Ok(rows.into_reply())
}

/// The volume of the path: with the storage before it, or without.
fn volid(call: &Call<'_>) -> Outcome<String> {
    let (storage, volume) = (call.args.get("storage").unwrap_or_default(), call.args.get("volume").unwrap_or_default());
    match volume.split_once(':') {
        Some((own, _)) if own != storage => {
            Err(Failure::param("volume", format!("storage ID mismatch ({own} != {storage})\n")))
        }
        Some(_) => Ok(volume.to_owned()),
        None => Ok(format!("{storage}:{volume}")),
    }
}

/// Whether the caller may read a volume: what is in it counts, not only where it lies.
fn readable(call: &Call<'_>, volume: &Volume) -> Outcome<()> {
    let may = |path: String, privilege: &str| call.world.access.may(call.who, &path, privilege);
    let on_storage = format!("/storage/{}", volume.storage);
    if may(on_storage.clone(), "Datastore.Allocate") {
        return Ok(());
    }
    let allowed = match (volume.content.as_str(), volume.vmid) {
        ("iso" | "vztmpl" | "import" | "snippets", _) => audited(call, &volume.storage),
        ("backup", Some(vmid)) => {
            may(on_storage.clone(), "Datastore.AllocateSpace") && may(format!("/vms/{vmid}"), "VM.Backup")
        }
        (_, Some(vmid)) => may(format!("/vms/{vmid}"), "VM.Config.Disk") || may(format!("/vms/{vmid}"), "VM.Audit"),
        _ => false,
    };
    if allowed { Ok(()) } else { Err(Failure::forbidden(&format!("{on_storage}, Datastore.AllocateSpace"))) }
}

pub(super) fn volume(call: &mut Call<'_>) -> Outcome {
    let volid = volid(call)?;
    let Some(found) = call.world.volume(&call.node(), &volid) else {
        return Err(Failure::new(format!("volume_size_info on '{volid}' failed - no format")));
    };
    readable(call, found)?;
    let backup = found.content == "backup";
    let format =
        if ["backup", "iso", "vztmpl", "snippets"].contains(&found.content.as_str()) { "raw" } else { &found.format };
    let mut map = json!({"path": call.world.path_of(&volid), "size": found.size.div_ceil(512) * 512, "format": format,
        "used": found.size.div_ceil(4096) * 4096});
    if backup {
        map["protected"] = json!(u8::from(found.protected));
        if !found.notes.is_empty() {
            map["notes"] = json!(found.notes);
        }
    }
    Ok(map.into_reply())
}

/// Notes and protection of a backup.
pub(super) fn change(call: &mut Call<'_>) -> Outcome {
    let (volid, node) = (volid(call)?, call.node());
    let Some(found) = call.world.volume(&node, &volid).cloned() else {
        return Err(Failure::new(format!("volume '{volid}' does not exist")));
    };
    readable(call, &found)?;
    for (name, what) in [("notes", "notes"), ("protected", "protection")] {
        if call.args.get(name).is_some() && found.content != "backup" {
            return Err(Failure::new(format!("only backups can have {what}")));
        }
    }
    let (notes, protected) = (call.args.get("notes").map(str::to_owned), call.args.get("protected").map(|p| p == "1"));
    if let Some(volume) = call.world.volume_mut(&node, &volid) {
        if let Some(notes) = notes {
            volume.notes = notes;
        }
        volume.protected = protected.unwrap_or(volume.protected);
    }
    nothing()
}

/// Removes a volume in a task.
pub(super) fn remove(call: &mut Call<'_>) -> Outcome {
    let (volid, node) = (volid(call)?, call.node());
    let (storage, name) = volid.split_once(':').map(|(s, n)| (s.to_owned(), n.to_owned())).unwrap_or_default();
    let storage_path = format!("/storage/{storage}");
    let may = |privilege: &str| call.world.access.may(call.who, &storage_path, privilege);
    let found = call.world.volume(&node, &volid).cloned();
    let own = found.as_ref().and_then(|volume| volume.vmid).or_else(|| owner(&name));
    let on_guest = own.is_some_and(|vmid| call.world.access.may(call.who, &format!("/vms/{vmid}"), "VM.Backup"));
    if !(may("Datastore.Allocate") || on_guest && may("Datastore.AllocateSpace")) {
        return Err(Failure::forbidden(&format!("{storage_path}, Datastore.AllocateSpace")));
    }
    let id = own.map_or_else(|| storage.clone(), |vmid| format!("{vmid}@{storage}"));
    let (at, path) = (node.clone(), call.world.path_of(&volid));
    let done = stage(move |world: &mut World, upid: &str| {
        match world.volume(&at, &volid) {
            Some(volume) if volume.protected => {
                return Err(format!("cannot remove protected volume '{name}' on '{storage}'"));
            }
            Some(_) => drop(world.drop_volume(&at, &volid)),
            None => world.log(upid, format!("disk image '{path}' does not exist")),
        }
        world.log(upid, format!("Removed volume '{volid}'"));
        Ok(Flow::Done)
    });
    let upid = call.world.spawn("imgdel", &node, &id, call.who, stage(move |_, _| Ok(Flow::After(REMOVE_MS, done))));
    if call.args.number("delay").is_none() {
        return Ok(upid.into_reply());
    }
    // The call waits for the task, and has nothing to tell when it ended in time.
    let end = call.world.now + call.world.lasting(10 * REMOVE_MS);
    call.world.advance(end);
    if call.world.is_running(&upid) { Ok(upid.into_reply()) } else { nothing() }
}

/// Whose a volume is that is not there, by its name.
fn owner(name: &str) -> Option<u32> {
    name.strip_prefix("backup/")?.split('-').nth(2)?.parse().ok()
}

/// A new disk that no configuration names.
pub(super) fn allocate(call: &mut Call<'_>) -> Outcome {
    let (node, storage, vmid) = (call.node(), asked(call)?, call.vmid());
    let name = call.args.get("filename").unwrap_or_default().to_owned();
    let size = call.args.get("size").unwrap_or_default();
    // A number alone is KiB.
    let bytes = if size.chars().all(|c| c.is_ascii_digit()) { format!("{size}K") } else { size.to_owned() };
    let bytes = parse_size(&bytes).unwrap_or(0);
    let kind = call.world.guests.get(&vmid).map_or(GuestKind::Qemu, |guest| guest.kind);
    let volid = if storage.keeps_files() {
        format!("{}:{vmid}/{name}", storage.name)
    } else {
        format!("{}:{name}", storage.name)
    };
    if call.world.volume(&node, &volid).is_some() {
        return Err(Failure::new(format!("disk image '{}' already exists", call.world.path_of(&volid))));
    }
    let format = call.args.get("format").map(str::to_owned);
    let wanted = Wanted { vmid, kind, bytes, format: format.as_deref(), name: Some(&name) };
    Ok(call.world.allocate("", &node, &storage.name, wanted).map_err(Failure::new)?.into_reply())
}

/// A copy of a volume under another name.
pub(super) fn copy(call: &mut Call<'_>) -> Outcome {
    let (volid, node) = (volid(call)?, call.node());
    let Some(found) = call.world.volume(&node, &volid).cloned() else {
        return Err(Failure::new(format!("volume '{volid}' does not exist")));
    };
    let target = call.args.get("target").unwrap_or_default();
    let name = target.split_once(':').map_or(target, |(_, name)| name).to_owned();
    let to = call.args.get("target_node").map_or_else(|| node.clone(), str::to_owned);
    let done = stage(move |world: &mut World, _: &str| {
        world.add_volume(&to, Volume { name, ..found });
        Ok(Flow::Done)
    });
    Ok(call.world.spawn("imgcopy", &node, "", call.who, done).into_reply())
}

/// Files in a backup can be had of a backup server's alone.
pub(super) fn files(call: &mut Call<'_>) -> Outcome {
    let storage = asked(call)?;
    let volume = call.args.get("volume").unwrap_or_default();
    if storage.kind == "pbs" {
        return Ok(json!([{"filepath": "L2V0Yw==", "text": "etc", "type": "d", "leaf": 0}]).into_reply());
    }
    let name = volume.split_once(':').map_or(volume, |(_, name)| name);
    let there = call.world.volume(&call.node(), volume).is_some();
    Err(Failure::new(if there {
        format!("storage '{}' is not a PBS storage", storage.name)
    } else {
        format!("unable to parse directory volume name '{name}'")
    }))
}

/// What lies below a storage of a node.
pub(super) fn index(call: &mut Call<'_>) -> Outcome {
    asked(call)?;
    let below = "content download-url file-restore identity import-metadata oci-registry-pull prunebackups rrd rrddata \
        status upload";
    Ok(below.split_ascii_whitespace().map(|name| json!({"subdir": name})).collect::<Vec<_>>().into_reply())
}

/// The history of a storage: one point a minute or coarser.
pub(super) fn history(call: &mut Call<'_>) -> Outcome {
    let (node, storage) = (call.node(), asked(call)?);
    let (total, used) = usage(call.world, &node, &storage);
    let times = crate::demo::rrd::times(call.args.get("timeframe").unwrap_or_default(), call.world.seconds());
    let row = |time: &u64| json!({"time": time, "total": total, "used": used});
    Ok(times.iter().map(row).collect::<Vec<Value>>().into_reply())
}
