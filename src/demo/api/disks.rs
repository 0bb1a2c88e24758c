//! Disks: new ones, growing, moving, letting go.

use serde_json::json;

use super::{Call, IntoReply as _, nothing};
use crate::demo::{
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{Flow, Guest, World, parse_size, stage, total_size, under_lock},
};

/// Brings an option into the form that the file has: a new disk gets its volume, a network card its address.
pub(super) fn complete(world: &mut World, vmid: u32, name: &str, value: String) -> Result<String, String> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let drives = ["scsi", "virtio", "sata", "ide", "efidisk", "tpmstate", "mp", "rootfs"];
    if drives.contains(&stem) {
        return new_volume(world, vmid, value);
    }
    if stem == "net" && !has_address(&value) {
        let mac = address(world);
        let Some(guest) = world.guests.get(&vmid) else { return Ok(value) };
        return Ok(match guest.kind {
            GuestKind::Qemu => {
                let (model, rest) = value.split_once(',').map_or((value.as_str(), None), |(m, r)| (m, Some(r)));
                let model = model.strip_prefix("model=").unwrap_or(model);
                format!("{model}={mac}{}", rest.map(|r| format!(",{r}")).unwrap_or_default())
            }
            GuestKind::Lxc => format!("{value},hwaddr={mac},type=veth"),
        });
    }
    Ok(value)
}

fn has_address(card: &str) -> bool {
    card.split([',', '=']).any(|part| part.len() == 17 && part.matches(':').count() == 5)
}

fn address(world: &mut World) -> String {
    let digits = world.rng.hex(6).to_uppercase();
    format!("BC:24:11:{}:{}:{}", &digits[..2], &digits[2..4], &digits[4..])
}

/// `storage:8` asks for a new volume of 8 GiB.
fn new_volume(world: &World, vmid: u32, value: String) -> Result<String, String> {
    let (volume, rest) = value.split_once(',').map_or((value.as_str(), ""), |(v, r)| (v, r));
    let volume = volume.strip_prefix("file=").or_else(|| volume.strip_prefix("volume=")).unwrap_or(volume);
    let Some((storage, size)) = volume.split_once(':') else { return Ok(value) };
    let Ok(size) = size.parse::<f64>() else { return Ok(value) };
    if !world.has_storage(storage) {
        return Err(format!("storage '{storage}' does not exist"));
    }
    let number = next_volume(world, vmid);
    let rest = if rest.is_empty() { String::new() } else { format!(",{rest}") };
    Ok(format!("{storage}:vm-{vmid}-disk-{number}{rest},size={size}G"))
}

fn next_volume(world: &World, vmid: u32) -> usize {
    let used = |n: &usize| {
        let name = format!("vm-{vmid}-disk-{n}");
        world.guests.get(&vmid).is_some_and(|g| g.config.values().any(|v| v.contains(&name)))
    };
    (0..).find(|n| !used(n)).unwrap_or(0)
}

/// Keeps a volume that nothing uses any more.
pub(super) fn keep_unused(guest: &mut Guest, line: &str) {
    let volume = line.split(',').next().unwrap_or_default().to_owned();
    let free = (0..256).map(|n| format!("unused{n}")).find(|name| !guest.config.contains_key(name));
    if let Some(name) = free {
        guest.config.insert(name, volume);
    }
}

pub(super) fn resize(call: &mut Call<'_>) -> Outcome {
    call.root_only(&["skiplock"])?;
    let vmid = call.vmid();
    let disk = call.args.get("disk").unwrap_or_default().to_owned();
    let wanted = call.args.get("size").unwrap_or_default();
    let guest = call.guest()?;
    if call.args.get("digest").is_some_and(|given| given != guest.digest()) {
        return Err(Failure::new("checksum mismatch (file change by other user?)"));
    }
    call.unlocked()?;
    let Some(line) = guest.option(&disk) else {
        return Err(Failure::new(format!("disk '{disk}' does not exist")));
    };
    let now = total_size(Some(line));
    let (grow, number) = wanted.strip_prefix('+').map_or((false, wanted), |n| (true, n));
    let Some(bytes) = parse_size(number) else { return Err(Failure::new(format!("invalid size string '{wanted}'"))) };
    let new = if grow { now.saturating_add(bytes) } else { bytes };
    if new < now {
        return Err(Failure::new("shrinking disks is not supported"));
    }
    let first = stage(move |world, _| {
        if let Some(line) = world.guests.get_mut(&vmid).and_then(|g| g.config.get_mut(&disk)) {
            *line = resized(line, new);
        }
        Ok(Flow::Done)
    });
    call.worker("resize", under_lock(vmid, first))
}

fn resized(line: &str, bytes: u64) -> String {
    let mut parts: Vec<String> = line.split(',').filter(|p| !p.starts_with("size=")).map(str::to_owned).collect();
    parts.push(format!("size={}", size_text(bytes)));
    parts.join(",")
}

/// The shortest way to write a size.
fn size_text(bytes: u64) -> String {
    let units = [(40, "T"), (30, "G"), (20, "M"), (10, "K")];
    let exact = units.into_iter().find(|(shift, _)| bytes > 0 && bytes.is_multiple_of(1 << shift));
    exact.map_or_else(|| bytes.to_string(), |(shift, unit)| format!("{}{unit}", bytes >> shift))
}

pub(super) fn move_to(call: &mut Call<'_>) -> Outcome {
    let vmid = call.vmid();
    let is_vm = call.kind() == GuestKind::Qemu;
    let disk = call.args.get(if is_vm { "disk" } else { "volume" }).unwrap_or_default().to_owned();
    let target = call.args.get("storage").map(str::to_owned);
    let delete = call.args.flag("delete");
    let guest = call.guest()?;
    call.unlocked()?;
    let Some(line) = guest.option(&disk).map(str::to_owned) else {
        let word = if is_vm { "disk" } else { "volume" };
        return Err(Failure::new(format!("{word} '{disk}' does not exist")));
    };
    let Some(target) = target else {
        return Err(Failure::param("storage", "either set storage or target-vmid, but not both"));
    };
    if !call.world.has_storage(&target) {
        return Err(Failure::new(format!("storage '{target}' does not exist")));
    }
    let from = line.split(':').next().unwrap_or_default().to_owned();
    if from == target {
        return Err(Failure::new(format!("you can't move to the same storage with same format ({from})")));
    }
    let moved = stage(move |world: &mut World, upid: &str| {
        world.log(upid, format!("create full clone of drive {disk} ({})", line.split(',').next().unwrap_or_default()));
        let Some(guest) = world.guests.get_mut(&vmid) else { return Ok(Flow::Done) };
        let new = line.replacen(&format!("{from}:"), &format!("{target}:"), 1);
        guest.config.insert(disk, new);
        if !delete {
            keep_unused(guest, &line);
        }
        Ok(Flow::Done)
    });
    let first = under_lock(vmid, stage(move |_, _| Ok(Flow::After(3000, moved))));
    call.worker(if is_vm { "qmmove" } else { "move_volume" }, first)
}

pub(super) fn unlink(call: &mut Call<'_>) -> Outcome {
    let names: Vec<String> = call.args.list("idlist").into_iter().map(str::to_owned).collect();
    let force = call.args.flag("force");
    call.unlocked()?;
    call.writable()?;
    let guest = call.guest_mut()?;
    for name in names {
        let Some(line) = guest.config.remove(&name) else { continue };
        if !force && !name.starts_with("unused") {
            keep_unused(guest, &line);
        }
    }
    nothing()
}

/// Whether a guest could be cloned, copied or snapshotted.
pub(super) fn feature(call: &mut Call<'_>) -> Outcome {
    let guest = call.guest()?;
    let has = match call.args.get("feature") {
        Some("snapshot") => !guest.is_on("template"),
        Some("clone") => guest.is_on("template") || call.args.get("snapname").is_some(),
        _ => true,
    };
    let nodes: Vec<&str> = call.world.hosts.iter().map(|h| h.node.name.as_str()).collect();
    let mut answer = json!({"hasFeature": u8::from(has)});
    if guest.kind == GuestKind::Qemu {
        answer["nodes"] = json!(if has { nodes } else { vec![] });
    }
    Ok(answer.into_reply())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_as_pve_writes_them() {
        assert_eq!(size_text(32 << 30), "32G");
        assert_eq!(size_text(1536 << 20), "1536M");
        assert_eq!(resized("local:vm-1,size=1G,ssd=1", 2 << 30), "local:vm-1,ssd=1,size=2G");
    }
}
