//! Growing disks, and what a guest's disks allow.

use serde_json::json;

use super::{Call, IntoReply as _, disks::line};
use crate::demo::{
    filesystem,
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{Flow, World, parse_size, stage, total_size, under_lock},
};

/// Bytes that a file may have for `qemu-img`: below 2^64.
const MOST: f64 = 18_446_744_073_709_551_615.0;

/// What a size asks for: a number of bytes, or so many more.
fn wanted(text: &str, now: u64) -> Option<u64> {
    match text.strip_prefix('+') {
        Some(more) => parse_size(more).map(|bytes| now.saturating_add(bytes)),
        None => parse_size(text),
    }
}

/// The volume of a drive.
pub(super) fn volume(line: &str) -> &str {
    let first = line.split(',').next().unwrap_or_default();
    first.strip_prefix("file=").or_else(|| first.strip_prefix("volume=")).unwrap_or(first)
}

/// A drive's properties besides its volume.
pub(super) fn properties(line: &str) -> Vec<&str> {
    line.split(',').skip(1).collect()
}

/// A mount point that is not there is read as one without anything.
pub(super) fn no_mount_point() -> Failure {
    let missing = "property is missing and it is not optional".to_owned();
    let keys = ["mp", "volume"].map(|key| (key.to_owned(), missing.clone()));
    Failure::Errors(500, "format error\n".to_owned(), keys.to_vec())
}

pub(super) fn resize(call: &mut Call<'_>) -> Outcome {
    call.root_only(&["skiplock"])?;
    if call.kind() == GuestKind::Lxc {
        return resize_container(call);
    }
    let vmid = call.vmid();
    let disk = call.args.get("disk").unwrap_or_default().to_owned();
    let size = call.args.get("size").unwrap_or_default().to_owned();
    let digest = call.args.get("digest").map(str::to_owned);
    let skip = call.args.flag("skiplock");
    call.guest()?;
    let first = stage(move |world: &mut World, upid: &str| {
        let Some(guest) = world.guests.get(&vmid) else { return Ok(Flow::Done) };
        if digest.is_some_and(|given| given != guest.digest()) {
            return Err("checksum mismatch (file change by other user?)".to_owned());
        }
        world.vm_unlocked(vmid, skip, &[])?;
        let guest = &world.guests[&vmid];
        let Some(drive) = guest.option(&disk).map(str::to_owned) else {
            return Err(format!("disk '{disk}' does not exist"));
        };
        if drive.contains("media=cdrom") {
            return Err("you can't resize a cdrom".to_owned());
        }
        let (running, node) = (guest.run.is_some(), guest.node.clone());
        let now = world.volume(&node, volume(&drive)).map_or_else(|| total_size(Some(&drive)), |v| v.size);
        let Some(bytes) = wanted(&size, now) else { return Err(too_big(world, upid, &drive, &size)) };
        if bytes < now {
            return Err("shrinking disks is not supported".to_owned());
        }
        if bytes > now {
            enlarge(world, upid, (vmid, &node), &disk, &drive, bytes, running)?;
        }
        Ok(Flow::Done)
    });
    call.worker("resize", under_lock(vmid, first))
}

fn too_big(world: &mut World, upid: &str, drive: &str, size: &str) -> String {
    for text in [
        "qemu-img.bin: Parameter 'size' expects a non-negative number below 2^64",
        "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-",
        "and exabytes, respectively.",
    ] {
        world.log(upid, text);
    }
    let path = world.path_of(volume(drive));
    let unit = size.trim_start_matches('+').trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number: f64 = size.trim_start_matches('+').trim_end_matches(unit).parse().unwrap_or(MOST);
    let shift = ["", "K", "M", "G", "T"].iter().position(|u| *u == unit).unwrap_or(0);
    let bytes = number * 1024_f64.powi(i32::try_from(shift).unwrap_or(0));
    // Perl writes fifteen digits.
    let exponent = bytes.log10().floor();
    let digits = format!("{:.14}", bytes / 10_f64.powf(exponent));
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    format!(
        "command '/usr/bin/qemu-img resize '--preallocation=off' -f raw {path} {digits}e+{exponent}' failed: exit code 1"
    )
}

/// Makes a disk larger, and says so where a command does.
fn enlarge(
    world: &mut World,
    upid: &str,
    (vmid, node): (u32, &str),
    disk: &str,
    drive: &str,
    bytes: u64,
    running: bool,
) -> Result<(), String> {
    let volid = volume(drive).to_owned();
    let storage = world.storage(volid.split(':').next().unwrap_or_default()).cloned();
    if storage.as_ref().is_some_and(|s| s.full) {
        return Err(format!("qemu-img: {}: No space left on device", world.path_of(&volid)));
    }
    match storage.as_ref().map(|s| (s.keeps_files(), s.kind.as_str())) {
        Some((true, _)) if !running => world.log(upid, "Image resized."),
        Some((_, "lvm" | "lvmthin")) => {
            let name = volid.split(':').nth(1).unwrap_or_default();
            world.log(upid, format!("  Logical volume pve/{name} successfully resized."));
        }
        _ => {}
    }
    let (now, own) = (world.seconds(), world.volume_mut(node, &volid));
    if let Some(found) = own {
        found.size = bytes;
        found.ctime = now;
    }
    if let Some(option) = world.guests.get_mut(&vmid).and_then(|guest| guest.config.get_mut(disk)) {
        *option = line(&volid, &properties(drive), Some(bytes));
    }
    Ok(())
}

fn resize_container(call: &mut Call<'_>) -> Outcome {
    let vmid = call.vmid();
    let disk = call.args.get("disk").unwrap_or_default().to_owned();
    let size = call.args.get("size").unwrap_or_default().to_owned();
    let guest = call.guest()?;
    if call.args.get("digest").is_some_and(|given| given != guest.digest()) {
        return Err(Failure::new("detected modified configuration - file changed by other user? Try again."));
    }
    call.unlocked()?;
    let Some(drive) = guest.option(&disk).map(str::to_owned) else { return Err(no_mount_point()) };
    let (node, running) = (guest.node.clone(), guest.run.is_some());
    let now = call.world.volume(&node, volume(&drive)).map_or_else(|| total_size(Some(&drive)), |v| v.size);
    let Some(bytes) = wanted(&size, now) else { return Err(Failure::new(format!("invalid size string '{size}'"))) };
    let folder = volume(&drive).ends_with(".subvol");
    if bytes < now {
        return Err(Failure::new("unable to shrink disk size"));
    }
    if bytes == now {
        return Err(Failure::new("disk is already at specified size"));
    }
    let first = stage(move |world: &mut World, upid: &str| {
        if folder {
            return Err("can't resize this image format".to_owned());
        }
        let path = world.path_of(volume(&drive));
        enlarge(world, upid, (vmid, &node), &disk, &drive, bytes, false)?;
        if running {
            world.log(upid, "resize2fs 1.47.2 (1-Jan-2025)");
        } else {
            filesystem::grow(world, upid, &path, now, bytes);
        }
        Ok(Flow::Done)
    });
    call.worker("resize", under_lock(vmid, first))
}

/// Whether a guest could be cloned, copied or snapshotted.
pub(super) fn feature(call: &mut Call<'_>) -> Outcome {
    let guest = call.guest()?;
    let config = match call.args.get("snapname").map(|name| guest.snapshots.iter().find(|s| s.name == name)) {
        Some(Some(snap)) => &snap.config,
        _ => &guest.config,
    };
    let holder = crate::demo::world::Guest { config: config.clone(), ..guest.clone() };
    let mut disks = holder.disks().filter(|(_, drive)| !drive.contains("media=cdrom")).map(|(_, drive)| volume(drive));
    let has = match call.args.get("feature") {
        Some("snapshot") => !guest.is_on("template") && disks.all(|volid| call.world.can_snapshot(volid)),
        Some("clone") => disks.all(|volid| volid.contains("base") || call.world.can_snapshot(volid)),
        _ => true,
    };
    let mut answer = json!({"hasFeature": u8::from(has)});
    if guest.kind == GuestKind::Qemu {
        let shared = |volid: &str| {
            call.world.storage(volid.split(':').next().unwrap_or_default()).is_none_or(|storage| storage.shared)
        };
        let anywhere = guest.disks().all(|(_, drive)| shared(volume(drive)));
        let nodes = call.world.hosts.iter().map(|host| host.node.name.as_str());
        answer["nodes"] = json!(nodes.filter(|name| anywhere || *name == guest.node).collect::<Vec<_>>());
    }
    Ok(answer.into_reply())
}
