//! Removing guests (qemu-server, pve-container: `destroy_vm`).

use super::{Call, file, read_only};
use crate::demo::{
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{Change, Flow, Guest, Stage, World, stage, under_lock},
};

/// Milliseconds that removing volumes takes.
const DESTROY_MS: u64 = 800;
/// Milliseconds for each twentieth of an image in Ceph.
const IMAGE_MS: u64 = 300;

pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    call.root_only(&["skiplock"])?;
    let (kind, vmid) = (call.kind(), call.vmid());
    let guest = call.guest()?;
    let (purge, force) = (call.args.flag("purge"), call.args.flag("force"));
    early(call, guest, purge, force).map_err(Failure::new)?;
    let (node, skip) = (call.node(), call.args.flag("skiplock"));
    let first = under_lock(
        vmid,
        stage(move |world, upid| {
            let Some(guest) = world.guest_at(kind, &node, vmid).cloned() else {
                return Err(format!("Configuration file '{}' does not exist", file(kind, &node, vmid)));
            };
            world.vm_unlocked(vmid, skip, &["suspended"])?;
            if !world.quorum {
                let pid = world.pid();
                return Err(read_only(kind, &node, vmid, pid));
            }
            if let Some(base) = base_in_use(world, &guest) {
                return Err(format!("base volume '{base}' is still in use by linked cloned"));
            }
            if let Some(why) = &guest.fails_to_delete {
                return Err(why.clone());
            }
            if guest.run.is_some() {
                world.log(upid, format!("forced to stop CT {vmid} before destroying!"));
                world.down(vmid);
            }
            if let Some(guest) = world.guests.get_mut(&vmid) {
                guest.config.insert("lock".to_owned(), "destroyed".to_owned());
            }
            let images = images_in_ceph(world, &guest);
            let last = stage(move |world, upid| {
                destroy(world, upid, &guest, purge);
                Ok(Flow::Done)
            });
            Ok(match images {
                0 => Flow::After(DESTROY_MS, last),
                images => Flow::After(IMAGE_MS, remove_images(images, 5, last)),
            })
        }),
    );
    call.worker(if kind == GuestKind::Qemu { "qmdestroy" } else { "vzdestroy" }, first)
}

/// What is refused before a task is started, in this order.
fn early(call: &Call<'_>, guest: &Guest, purge: bool, force: bool) -> Result<(), String> {
    let (word, vmid) = (guest.word(), guest.vmid);
    if guest.is_on("protection") {
        return Err(format!("can't remove {word} {vmid} - protection mode enabled"));
    }
    if guest.kind == GuestKind::Lxc
        && let Some(text) = guest.locked()
    {
        return Err(text);
    }
    if guest.ha.is_some() && !purge {
        return Err(format!("unable to remove {word} {vmid} - used in HA resources and purge parameter not set."));
    }
    if call.world.replicated.contains_key(&vmid) && !purge {
        return Err(format!("There is a replication job '{vmid}-0' for guest '{vmid}' - Please remove that first."));
    }
    match (guest.kind, guest.run.is_some()) {
        (GuestKind::Qemu, true) => Err(format!("VM {vmid} is running - destroy failed")),
        (GuestKind::Lxc, true) if !force => Err(format!("unable to destroy CT {vmid} - container is running")),
        _ => Ok(()),
    }
}

/// How many disks of a guest are images in Ceph.
fn images_in_ceph(world: &World, guest: &Guest) -> usize {
    let in_ceph = |storage: &str| world.storage.iter().any(|s| s.name == storage && s.kind == "rbd");
    guest.disks().filter(|(_, line)| line.split_once(':').is_some_and(|(storage, _)| in_ceph(storage))).count()
}

/// Removes the images one after the other, and tells how far it is as `rbd rm` does.
fn remove_images(left: usize, percent: u32, last: Stage) -> Stage {
    stage(move |world, upid| {
        let (end, next) = if percent == 100 { ("done.", 5) } else { ("", percent + 5) };
        world.log(upid, format!("Removing image: {percent}% complete...{end}"));
        let left = if percent == 100 { left - 1 } else { left };
        if left == 0 {
            return last(world, upid);
        }
        Ok(Flow::After(IMAGE_MS, remove_images(left, next, last)))
    })
}

/// A volume of a template that another guest is a linked clone of.
fn base_in_use(world: &World, guest: &Guest) -> Option<String> {
    let volumes = guest.disks().filter_map(|(_, line)| line.split(',').next());
    let bases: Vec<String> = volumes.filter(|v| v.contains("base")).map(str::to_owned).collect();
    let others = || world.guests.values().filter(|g| g.vmid != guest.vmid);
    bases.into_iter().find(|base| others().any(|g| g.config.values().any(|v| v.starts_with(&format!("{base}/")))))
}

fn destroy(world: &mut World, upid: &str, guest: &Guest, purge: bool) {
    for warning in &guest.delete_warnings {
        world.log(upid, format!("WARN: {warning}"));
    }
    free(world, upid, guest);
    if purge {
        world.log(upid, format!("purging {} {} from related configurations..", guest.word(), guest.vmid));
        world.replicated.remove(&guest.vmid);
        // A job that would save nobody any more is removed.
        world.backup_jobs.retain_mut(|job| job.forget(guest.vmid));
    }
    world.guests.remove(&guest.vmid);
    world.published.remove(&guest.vmid);
    world.access.forget_guest(guest.vmid);
}

/// Frees the volumes that the configuration, what is pending and the snapshots name and that are the guest's own.
fn free(world: &mut World, upid: &str, guest: &Guest) {
    let pending = guest.pending.iter().filter_map(|(key, change)| match change {
        Change::Set(line) => Some((key.as_str(), line.as_str())),
        Change::Delete(_) => None,
    });
    let named = guest.config.iter().map(|(key, line)| (key.as_str(), line.as_str())).chain(pending);
    let mut volumes: Vec<String> = named.filter_map(|(key, line)| volume_of(guest, key, line)).collect();
    volumes.extend(guest.snapshots.iter().filter_map(|snap| snap.state(guest, world)));
    let mut seen = std::collections::HashSet::new();
    volumes.retain(|volume| seen.insert(volume.clone()));
    for volume in volumes {
        let Some((storage, name)) = volume.split_once(':') else { continue };
        if !world.has_storage(storage) {
            let why = format!("storage '{storage}' does not exist");
            world.log(upid, format!("WARN: failed to get path and owner of volume '{volume}': {why}"));
        } else if owner(world.keeps_files(storage), name) == Some(guest.vmid) {
            world.drop_volume(&guest.node, &volume);
            world.freed.push(volume);
        } else if guest.kind == GuestKind::Lxc {
            world.log(upid, format!("ignore deletion of '{volume}', CT {} isn't the owner", guest.vmid));
        }
    }
}

/// The volume of an option that holds one: no inserted image, no path of the node.
fn volume_of(guest: &Guest, key: &str, line: &str) -> Option<String> {
    let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
    let holds = match guest.kind {
        GuestKind::Qemu => {
            ["ide", "sata", "scsi", "virtio", "efidisk", "tpmstate", "unused"].contains(&stem) && stem != key
                || key == "vmstate"
        }
        GuestKind::Lxc => key == "rootfs" || ["mp", "unused"].contains(&stem) && stem != key,
    };
    let parts: Vec<&str> = line.split(',').collect();
    let named = parts.iter().find_map(|part| part.strip_prefix("file=").or_else(|| part.strip_prefix("volume=")));
    let volume = named.or_else(|| parts.first().copied())?;
    let inserted = parts.contains(&"media=cdrom") && !volume.contains("cloudinit");
    (holds && !inserted && volume.contains(':') && !volume.starts_with('/')).then(|| volume.to_owned())
}

/// Whose a volume is: on a storage of files the folder says it, on the others the name, of a linked clone the last.
fn owner(files: bool, name: &str) -> Option<u32> {
    let last = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
    if files {
        return last(name.rsplit_once('/')?.0).parse().ok();
    }
    let name = last(name);
    let mut words = name.split('-');
    matches!(words.next(), Some("vm" | "base" | "subvol" | "basevol")).then(|| words.next()?.parse().ok())?
}
