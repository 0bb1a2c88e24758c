//! Moving disks: to another storage, or to another guest.

use super::{
    Call, IntoReply as _,
    disks::{check_storage, keep_unused, line, transferred},
    resize::{no_mount_point, properties, volume},
};
use crate::demo::{
    filesystem,
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{CLOUD_INIT, Flow, Stage, Wanted, World, stage, total_size, under_lock},
};

/// Milliseconds that copying a disk takes.
const MOVE_MS: u64 = 3000;

pub(super) fn move_to(call: &mut Call<'_>) -> Outcome {
    let vm = call.kind() == GuestKind::Qemu;
    let key = if vm { "disk" } else { "volume" };
    let disk = call.args.get(key).unwrap_or_default().to_owned();
    let storage = call.args.get("storage").map(str::to_owned);
    let other = call.args.number("target-vmid").and_then(|id| u32::try_from(id).ok());
    if let (None, None) = (&storage, other) {
        let text = "both 'storage' and 'target-vmid' missing, either needs to be set".to_owned();
        return Err(Failure::Params(vec![("storage".to_owned(), text.clone()), ("target-vmid".to_owned(), text)]));
    }
    if let Some(other) = other {
        if !call.world.guests.contains_key(&other) {
            return Err(Failure::new(format!("could not find target {} {other}", call.guest()?.word())));
        }
        let as_what = call.args.get(if vm { "target-disk" } else { "target-volume" }).unwrap_or(&disk).to_owned();
        call.unlocked()?;
        return reassign(call, disk, other, as_what);
    }
    let storage = storage.unwrap_or_default();
    if vm { move_disk(call, disk, storage) } else { move_volume(call, disk, storage) }
}

fn move_disk(call: &mut Call<'_>, disk: String, storage: String) -> Outcome {
    call.guest()?;
    check_storage(call, &storage)?;
    call.unlocked()?;
    let guest = call.guest()?;
    let Some(drive) = guest.option(&disk).map(str::to_owned) else {
        return Err(Failure::new(format!("disk '{disk}' does not exist")));
    };
    let (from, name) = volume(&drive).split_once(':').unwrap_or_default();
    let format = name.rsplit_once('.').map_or("raw", |(_, end)| end);
    let wanted = call.args.get("format").map(str::to_owned);
    if from == storage && wanted.as_deref().is_none_or(|wanted| wanted == format) {
        return Err(Failure::new("you can't move to the same storage with same format"));
    }
    let delete = call.args.flag("delete");
    if delete && guest.snapshots.iter().any(|s| s.config.values().any(|v| volume(v) == volume(&drive))) {
        return Err(Failure::new("you can't move a disk with snapshots and delete the source"));
    }
    let vmid = call.vmid();
    // A format that the storage takes is kept.
    let format = wanted.unwrap_or_else(|| format.to_owned());
    let first = stage(move |world: &mut World, upid: &str| {
        copy(world, upid, vmid, &disk, &drive, &storage, &format, delete)?;
        Ok(Flow::Done)
    });
    call.worker("qmmove", under_lock(vmid, stage(move |_, _| Ok(Flow::After(MOVE_MS, first)))))
}

#[expect(clippy::too_many_arguments, reason = "all that a copy is told")]
fn copy(
    world: &mut World,
    upid: &str,
    vmid: u32,
    disk: &str,
    drive: &str,
    storage: &str,
    format: &str,
    delete: bool,
) -> Result<(), String> {
    let source = volume(drive).to_owned();
    let from = source.split(':').next().unwrap_or_default().to_owned();
    let Some((node, kind)) = world.guests.get(&vmid).map(|g| (g.node.clone(), g.kind)) else { return Ok(()) };
    world.log(upid, format!("copying volume '{source}' from current storage '{from}' to target storage '{storage}'"));
    world.log(upid, format!("create full clone of drive {disk} ({source})"));
    let cloud_init = source.contains("cloudinit");
    let bytes = match world.volume(&node, &source) {
        _ if cloud_init => CLOUD_INIT,
        Some(found) => found.size,
        None => total_size(Some(drive)),
    };
    let qcow2 = world.storage(storage).is_some_and(|s| s.keeps_files() && s.kind != "btrfs");
    let named = cloud_init.then(|| format!("vm-{vmid}-cloudinit{}", if qcow2 { ".qcow2" } else { "" }));
    let wanted = Wanted { vmid, kind, bytes, format: Some(format), name: named.as_deref() };
    let volid = world.allocate(upid, &node, storage, wanted)?;
    world.log(upid, format!("allocated target volume '{volid}'"));
    let size = (!cloud_init).then_some(bytes);
    let Some(guest) = world.guests.get_mut(&vmid) else { return Ok(()) };
    guest.config.insert(disk.to_owned(), line(&volid, &properties(drive), size));
    if cloud_init {
        world.drop_volume(&node, &source);
        world.log(upid, format!("found unused cloudinit disk '{source}', removing it"));
        // A slip of PVE, which says so itself.
        world.log(
            upid,
            "Use of uninitialized value $unused_key in concatenation (.) or string at \
             /usr/share/perl5/PVE/API2/Qemu.pm line 4960.",
        );
        world.log(upid, format!("adding source volume '{source}' as '' to config"));
        return Ok(());
    }
    transferred(world, upid, bytes);
    if delete {
        world.log(upid, format!("removing source volume '{source}' after successful copy"));
        world.drop_volume(&node, &source);
        world.freed.push(source);
    } else if let Some(name) = world.guests.get_mut(&vmid).and_then(|guest| keep_unused(guest, &source)) {
        world.log(upid, format!("adding source volume '{source}' as '{name}' to config"));
    }
    Ok(())
}

fn move_volume(call: &mut Call<'_>, disk: String, storage: String) -> Outcome {
    let vmid = call.vmid();
    let guest = call.guest()?;
    call.unlocked()?;
    if guest.run.is_some() {
        return Err(Failure::new("cannot move volumes of a running container"));
    }
    let Some(drive) = guest.option(&disk).map(str::to_owned) else { return Err(no_mount_point()) };
    let delete = call.args.flag("delete");
    let first: Stage = stage(move |world: &mut World, upid: &str| {
        let Some(node) = world.guests.get(&vmid).map(|guest| guest.node.clone()) else { return Ok(Flow::Done) };
        let source = volume(&drive).to_owned();
        let bytes = world.volume(&node, &source).map_or_else(|| total_size(Some(&drive)), |found| found.size);
        let wanted = Wanted { vmid, kind: GuestKind::Lxc, bytes, format: None, name: None };
        let volid = world.allocate(upid, &node, &storage, wanted)?;
        if !volid.ends_with(".subvol") {
            filesystem::tell(world, upid, bytes);
        }
        filesystem::copy(world, upid);
        if let Some(guest) = world.guests.get_mut(&vmid) {
            guest.config.insert(disk, line(&volid, &properties(&drive), Some(bytes)));
            if !delete {
                keep_unused(guest, &source);
            }
        }
        if delete {
            world.drop_volume(&node, &source);
            world.freed.push(source);
        }
        Ok(Flow::Done)
    });
    call.worker("move_volume", under_lock(vmid, stage(move |_, _| Ok(Flow::After(MOVE_MS, first)))))
}

/// Gives a disk to another guest, where it gets a name of that one's.
fn reassign(call: &mut Call<'_>, disk: String, other: u32, as_what: String) -> Outcome {
    let (vmid, kind) = (call.vmid(), call.kind());
    let guest = call.guest()?;
    let word = guest.word();
    let Some(drive) = guest.option(&disk).map(str::to_owned) else {
        return Err(Failure::new(format!("disk '{disk}' does not exist")));
    };
    let node = guest.node.clone();
    let (from_key, to_key) = (disk.clone(), as_what.clone());
    let first = stage(move |world: &mut World, upid: &str| {
        world.log(upid, format!("reassign disk '{disk}' from {word} '{vmid}' as '{as_what}' to {word} '{other}'"));
        let source = volume(&drive).to_owned();
        let (storage, name) = source.split_once(':').unwrap_or_default();
        let end = name.rsplit_once('.').map(|(_, end)| format!(".{end}")).unwrap_or_default();
        let stem = |n: u32| format!("-{other}-disk-{n}");
        let used = |n: &u32| world.volumes_on(&node, storage).any(|v| v.name.contains(&stem(*n)));
        let plain = format!("vm{}{end}", stem((0..).find(|n| !used(n)).unwrap_or(0)));
        let name = if name.contains('/') { format!("{other}/{plain}") } else { plain };
        let volid = format!("{storage}:{name}");
        if let Some(found) = world.volume_mut(&node, &source) {
            found.name = name;
            found.vmid = Some(other);
        }
        if let Some(guest) = world.guests.get_mut(&vmid) {
            guest.config.remove(&disk);
            let order = guest.option("boot").and_then(|boot| boot.strip_prefix("order=")).map(str::to_owned);
            if let Some(order) = order.filter(|order| order.split(';').any(|name| name == disk)) {
                let left: Vec<&str> = order.split(';').filter(|name| *name != disk).collect();
                guest.config.insert("boot".to_owned(), format!("order={}", left.join(";")));
                world.log(upid, format!("removing disk '{disk}' from boot order config"));
            }
        }
        world.log(upid, format!("removing disk '{disk}' from {word} '{vmid}' config"));
        let new = line(&volid, &properties(&drive), Some(total_size(Some(&drive))));
        world.log(upid, format!("update {word} {other}: -{as_what} {new}"));
        if let Some(guest) = world.guests.get_mut(&other) {
            guest.config.insert(as_what, new);
        }
        Ok(Flow::Done)
    });
    let task = if kind == GuestKind::Qemu { "qmmove" } else { "move_volume" };
    let (id, node) = (format!("{vmid}-{from_key}>{other}-{to_key}"), call.node());
    Ok(call.world.spawn(task, &node, &id, call.who, under_lock(vmid, first)).into_reply())
}
