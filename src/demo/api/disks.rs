//! Disks: new ones, and letting go. What a call asks for is checked before anything is made, as PVE does.

use super::{Call, nothing};
use crate::demo::{
    filesystem,
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{CLOUD_INIT, Guest, Wanted, World},
};

/// What stands before an option's first number.
fn stem(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// Whether an option holds a volume.
pub(super) fn is_drive(name: &str) -> bool {
    let indexed = ["scsi", "virtio", "sata", "ide", "efidisk", "tpmstate", "mp", "unused"];
    name == "rootfs" || indexed.contains(&stem(name)) && stem(name) != name
}

/// The volume of a drive, and its other properties.
fn split(value: &str) -> (&str, Vec<&str>) {
    let mut parts = value.split(',');
    let volume = parts.next().unwrap_or_default();
    let volume = volume.strip_prefix("file=").or_else(|| volume.strip_prefix("volume=")).unwrap_or(volume);
    (volume, parts.collect())
}

/// A property of a drive.
fn property<'a>(parts: &[&'a str], key: &str) -> Option<&'a str> {
    parts.iter().find_map(|part| part.strip_prefix(key)?.strip_prefix('='))
}

/// What a volume's text asks for.
enum Ask<'a> {
    /// A new disk of so many bytes.
    New(&'a str, u64),
    /// A drive that cloud-init reads.
    CloudInit(&'a str),
    /// A volume that is there.
    Volume(&'a str),
    /// Nothing of a storage: an empty drive, a path of the node.
    Other,
}

fn ask(volume: &str) -> Ask<'_> {
    let Some((storage, name)) = volume.split_once(':').filter(|_| !volume.starts_with('/')) else { return Ask::Other };
    match name.parse::<f64>() {
        _ if name == "cloudinit" => Ask::CloudInit(storage),
        Ok(size) => Ask::New(storage, mebibytes(size)),
        Err(_) => Ask::Volume(volume),
    }
}

/// Bytes of so many GiB; PVE takes whole MiB.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes of disks are far below the limit")]
fn mebibytes(gib: f64) -> u64 {
    if gib.is_finite() && (0.0..1e9).contains(&gib) { ((gib * 1024.0) as u64) << 20 } else { 0 }
}

/// Refuses disks that nobody could make: a storage that is not there or takes no disks, one on which the caller has no
/// right, a path of the node.
pub(super) fn check<'a>(call: &Call<'_>, drives: impl Iterator<Item = (&'a str, &'a str)>) -> Outcome<()> {
    for (name, value) in drives.filter(|(name, _)| is_drive(name)) {
        let (volume, parts) = split(value);
        if let Some(source) = property(&parts, "import-from")
            && source.starts_with('/')
            && !call.who.is_root()
        {
            let text = "Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 651.";
            return Err(Failure::new(text));
        }
        match ask(volume) {
            Ask::New(storage, _) | Ask::CloudInit(storage) => check_storage(call, storage)?,
            Ask::Volume(volume) => {
                let storage = volume.split(':').next().unwrap_or_default();
                if !call.world.has_storage(storage) {
                    return Err(Failure::new(format!("storage '{storage}' does not exist")));
                }
            }
            Ask::Other if volume.starts_with('/') && !call.who.is_root() && stem(name) == "mp" => {
                return Err(Failure::forbidden("mount point type bind is only allowed for root@pam"));
            }
            Ask::Other => {}
        }
    }
    Ok(())
}

/// Whether the caller may have a disk of the guest's kind on a storage.
pub(super) fn check_storage(call: &Call<'_>, storage: &str) -> Outcome<()> {
    let path = format!("/storage/{storage}");
    let Some(found) = call.world.storage(storage) else {
        return Err(Failure::new(format!("storage '{storage}' does not exist")));
    };
    if !call.world.access.may(call.who, &path, "Datastore.AllocateSpace") {
        return Err(Failure::forbidden(&format!("{path}, Datastore.AllocateSpace")));
    }
    if !found.holds(call.kind().content()) {
        let what = if call.kind() == GuestKind::Qemu { "vm images" } else { "container directories" };
        return Err(Failure::param("storage", format!("storage '{storage}' does not support {what}")));
    }
    call.world.usable(&call.node(), storage).map(|_| ()).map_err(Failure::new)
}

/// Brings an option into the form that the file has: a new disk gets its volume, a network card its address. What is
/// made on the way goes into the task's log.
pub(super) fn complete(world: &mut World, upid: &str, vmid: u32, name: &str, value: String) -> Result<String, String> {
    if is_drive(name) {
        return drive(world, upid, vmid, name, value);
    }
    if stem(name) == "net" && stem(name) != name {
        return Ok(card(world, vmid, value));
    }
    Ok(value)
}

fn card(world: &mut World, vmid: u32, value: String) -> String {
    let Some(kind) = world.guests.get(&vmid).map(|guest| guest.kind) else { return value };
    if kind == GuestKind::Lxc {
        let mut parts: Vec<String> = value.split(',').map(str::to_owned).collect();
        if !parts.iter().any(|part| part.starts_with("hwaddr=")) {
            parts.push(format!("hwaddr={}", address(world)));
        }
        if !parts.iter().any(|part| part.starts_with("type=")) {
            parts.push("type=veth".to_owned());
        }
        parts.sort_by_key(|part| (!part.starts_with("name="), part.clone()));
        return parts.join(",");
    }
    if value.split([',', '=']).any(|part| part.len() == 17 && part.matches(':').count() == 5) {
        return value;
    }
    let mac = address(world);
    let (model, rest) = value.split_once(',').map_or((value.as_str(), None), |(m, r)| (m, Some(r)));
    let model = model.strip_prefix("model=").unwrap_or(model);
    format!("{model}={mac}{}", rest.map(|r| format!(",{r}")).unwrap_or_default())
}

pub(super) fn address(world: &mut World) -> String {
    let digits = world.rng.hex(6).to_uppercase();
    format!("BC:24:11:{}:{}:{}", &digits[..2], &digits[2..4], &digits[4..])
}

/// A drive with its volume made, imported or found.
fn drive(world: &mut World, upid: &str, vmid: u32, name: &str, value: String) -> Result<String, String> {
    let Some((kind, node)) = world.guests.get(&vmid).map(|g| (g.kind, g.node.clone())) else { return Ok(value) };
    let (volume, parts) = split(&value);
    let format = property(&parts, "format");
    let rest: Vec<&str> =
        parts.iter().copied().filter(|p| !p.starts_with("format=") && !p.starts_with("import-from=")).collect();
    let made = match ask(volume) {
        Ask::Other => return Ok(value),
        Ask::Volume(volume) => return existing(world, &node, volume, value.clone()),
        Ask::CloudInit(storage) => {
            let files = world.storage(storage).is_some_and(|s| s.keeps_files() && s.kind != "btrfs");
            let drive = format!("vm-{vmid}-cloudinit{}", if files { ".qcow2" } else { "" });
            let wanted = Wanted { vmid, kind, bytes: CLOUD_INIT, format: None, name: Some(&drive) };
            let volid = world.allocate(upid, &node, storage, wanted)?;
            line(&volid, &["media=cdrom"], None)
        }
        Ask::New(storage, bytes) => match property(&parts, "import-from") {
            Some(source) => import(world, upid, (vmid, &node), storage, source, &rest)?,
            None => {
                let wanted = Wanted { vmid, kind, bytes, format, name: None };
                let volid = world.allocate(upid, &node, storage, wanted)?;
                if kind == GuestKind::Lxc && !volid.ends_with(".subvol") {
                    filesystem::tell(world, upid, bytes);
                }
                line(&volid, &rest, Some(bytes))
            }
        },
    };
    if kind == GuestKind::Qemu {
        world.log(upid, format!("{name}: successfully created disk '{made}'"));
    }
    Ok(made)
}

/// A volume that is there already, or is not.
fn existing(world: &World, node: &str, volume: &str, value: String) -> Result<String, String> {
    let Some(found) = world.volume(node, volume) else { return Err(format!("volume '{volume}' does not exist")) };
    if found.content == "iso" || value.contains("size=") {
        return Ok(value);
    }
    let (_, rest) = split(&value);
    Ok(line(volume, &rest, Some(found.size)))
}

/// A disk that is copied from another volume.
fn import(
    world: &mut World,
    upid: &str,
    (vmid, node): (u32, &str),
    storage: &str,
    source: &str,
    rest: &[&str],
) -> Result<String, String> {
    let path = world.path_of(source);
    let Some(found) = world.volume(node, source) else { return Err(format!("failed to stat '{path}'")) };
    let bytes = if found.disk > 0 { found.disk } else { found.size };
    let format = source.ends_with(".qcow2").then_some("qcow2");
    world.log(upid, format!("create full clone of drive ({source})"));
    let wanted = Wanted { vmid, kind: GuestKind::Qemu, bytes, format, name: None };
    let volid = world.allocate(upid, node, storage, wanted)?;
    world.log(upid, format!("allocated target volume '{volid}'"));
    transferred(world, upid, bytes);
    Ok(line(&volid, rest, Some(bytes)))
}

/// How far the copying of a disk is, at its beginning and at its end.
pub(super) fn transferred(world: &mut World, upid: &str, bytes: u64) {
    let all = human(bytes);
    world.log(upid, format!("transferred 0.0 B of {all} (0.00%)"));
    world.log(upid, format!("transferred {all} of {all} (100.00%)"));
}

/// `3.0 GiB`.
#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
pub(super) fn human(bytes: u64) -> String {
    let units = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
    match units.into_iter().find(|(shift, _)| bytes >> shift > 0) {
        Some((shift, unit)) => format!("{:.1} {unit}", bytes as f64 / f64::from(1_u32 << (shift - 10)) / 1024.0),
        None => format!("{bytes:.1} B"),
    }
}

/// A drive as the file has it: the volume first, the other properties in their order.
pub(super) fn line(volid: &str, rest: &[&str], bytes: Option<u64>) -> String {
    let mut parts: Vec<String> = rest.iter().filter(|p| !p.starts_with("size=")).map(|p| (*p).to_owned()).collect();
    // A container's folder has no size of its own.
    parts.extend(bytes.map(|bytes| format!("size={}", if bytes == 0 { "0T".to_owned() } else { size_text(bytes) })));
    parts.sort();
    std::iter::once(volid.to_owned()).chain(parts).collect::<Vec<_>>().join(",")
}

/// The shortest way to write a size.
pub(super) fn size_text(bytes: u64) -> String {
    let units = [(40, "T"), (30, "G"), (20, "M"), (10, "K")];
    let exact = units.into_iter().find(|(shift, _)| bytes > 0 && bytes.is_multiple_of(1 << shift));
    exact.map_or_else(|| bytes.to_string(), |(shift, unit)| format!("{}{unit}", bytes >> shift))
}

/// Keeps a volume that nothing uses any more, and says as what.
pub(super) fn keep_unused(guest: &mut Guest, line: &str) -> Option<String> {
    let volume = line.split(',').next().unwrap_or_default().to_owned();
    let name = (0..256).map(|n| format!("unused{n}")).find(|name| !guest.config.contains_key(name))?;
    guest.config.insert(name.clone(), volume);
    Some(name)
}

/// Removes the volume of a drive, if the guest owns it.
pub(super) fn free(world: &mut World, vmid: u32, line: &str) {
    let Some(node) = world.guests.get(&vmid).map(|guest| guest.node.clone()) else { return };
    let (volume, _) = split(line);
    if world.volume(&node, volume).is_some_and(|found| found.vmid == Some(vmid)) {
        world.drop_volume(&node, volume);
        world.freed.push(volume.to_owned());
    }
}

pub(super) fn unlink(call: &mut Call<'_>) -> Outcome {
    let names: Vec<String> = call.args.list("idlist").into_iter().map(str::to_owned).collect();
    let force = call.args.flag("force");
    if let Some(name) = names.iter().find(|name| !is_drive(name)) {
        return Err(Failure::param("delete", format!("unknown option '{name}'")));
    }
    call.unlocked()?;
    call.writable()?;
    for name in names {
        let vmid = call.vmid();
        let Some(line) = call.guest_mut()?.config.remove(&name) else { continue };
        if force || name.starts_with("unused") {
            free(call.world, vmid, &line);
        } else {
            keep_unused(call.guest_mut()?, &line);
        }
    }
    nothing()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_as_pve_writes_them() {
        assert_eq!(size_text(32 << 30), "32G");
        assert_eq!(size_text(1536 << 20), "1536M");
        assert_eq!(line("local:vm-1", &["ssd=1", "size=1G"], Some(2 << 30)), "local:vm-1,size=2G,ssd=1");
        assert_eq!((human(0), human(8 << 20), human(3 << 30)), ("0 B".into(), "8.0 MiB".into(), "3.0 GiB".into()));
    }
}
