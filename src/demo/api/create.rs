//! New guests (qemu-server, pve-container: `create_vm`). What comes out of a backup is in `restore.rs`.

use std::collections::BTreeMap;

use super::{
    Call, IntoReply as _,
    config_write::{root_only_options, tags},
    disks, lxc, qemu, restore,
};
use crate::demo::{
    filesystem,
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{Flow, Guest, Stage, World, stage},
};

/// Milliseconds that creating volumes takes.
const CREATE_MS: u64 = 2000;
/// Bytes in the archive of a template.
const TEMPLATE: u64 = 2_048_000;

/// Parameters that say how to create and are no options.
const NOT_OPTIONS: [&str; 20] = [
    "node",
    "vmid",
    "archive",
    "bwlimit",
    "force",
    "live-restore",
    "pool",
    "start",
    "storage",
    "unique",
    "restore",
    "ostemplate",
    "password",
    "ssh-public-keys",
    "ignore-unpack-errors",
    "import-working-storage",
    "rootfs",
    "ha-managed",
    "entrypoint",
    "skiplock",
];

/// The options that a call gives a new guest.
pub(super) fn options(call: &Call<'_>) -> BTreeMap<String, String> {
    let given = call.args.iter().filter(|(name, _)| !NOT_OPTIONS.contains(name));
    given.map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    let (kind, node, vmid) = (call.kind(), call.node(), call.vmid());
    permitted(call)?;
    call.quorum()?;
    if call.args.get("archive").is_some() || call.args.flag("restore") {
        return restore::restore(call);
    }
    let set = options(call);
    root_only_options(call, set.keys())?;
    features(call)?;
    let mut options = set;
    if kind == GuestKind::Lxc {
        if call.args.get("rootfs").is_none() {
            disks::check_storage(call, call.args.get("storage").unwrap_or("local"))?;
        }
        restore::template(call)?;
        options.insert("rootfs".to_owned(), rootfs(call));
    }
    disks::check(call, options.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
    if let Some(taken) = call.world.guests.get(&vmid) {
        let text = format!("{} {vmid} already exists on node '{}'", taken.word(), taken.node);
        return Err(Failure::new(match kind {
            GuestKind::Qemu => format!("unable to create VM {vmid} - {text}"),
            GuestKind::Lxc => text,
        }));
    }
    let pool = call.args.get("pool").map(str::to_owned);
    let archive = call.args.get("ostemplate").map(str::to_owned);
    let start = call.args.flag("start");
    let at = node.clone();
    let made = stage(move |world: &mut World, upid: &str| {
        make(world, upid, (kind, &at, vmid), options, archive.as_deref())?;
        if pool.is_some() {
            world.access.set_pool(&vmid.to_string(), pool.as_deref());
        }
        Ok(started(world, upid, (kind, &at, vmid), start))
    });
    let first = stage(move |_: &mut World, _: &str| Ok(Flow::After(CREATE_MS, made)));
    let task = if kind == GuestKind::Qemu { "qmcreate" } else { "vzcreate" };
    Ok(call.world.spawn(task, &node, &vmid.to_string(), call.who, first).into_reply())
}

/// How a task goes on that makes a guest: with its start, if that was asked for.
pub(super) fn started(world: &mut World, upid: &str, guest: (GuestKind, &str, u32), start: bool) -> Flow {
    if !start {
        return Flow::Done;
    }
    let (kind, node, vmid) = (guest.0, guest.1.to_owned(), guest.2);
    let next: Stage = match kind {
        GuestKind::Qemu => {
            world.log(upid, "Execute autostart");
            qemu::start_stage(node, vmid, false)
        }
        GuestKind::Lxc => lxc::start_stage(node, vmid, false),
    };
    Flow::After(0, next)
}

/// `VM.Allocate` on the guest, or on the pool that it is to be in.
pub(super) fn permitted(call: &Call<'_>) -> Outcome<()> {
    let path = format!("/vms/{}", call.vmid());
    if let Some(pool) = call.args.get("pool") {
        pool_is_there(call, pool)?;
        if call.world.access.may(call.who, &format!("/pool/{pool}"), "VM.Allocate") {
            return Ok(());
        }
    }
    if call.world.access.may(call.who, &path, "VM.Allocate") {
        return Ok(());
    }
    Err(Failure::forbidden(""))
}

/// Refuses a pool that nobody made.
pub(super) fn pool_is_there(call: &Call<'_>, pool: &str) -> Outcome<()> {
    if call.world.access.pools().any(|known| known == pool) {
        return Ok(());
    }
    Err(Failure::forbidden(&format!("pool '{pool}' does not exist")))
}

/// Features of a container beyond nesting are root's alone.
pub(super) fn features(call: &Call<'_>) -> Outcome<()> {
    let more = |value: &str| value.split(',').any(|part| !part.starts_with("nesting=") && !part.ends_with("=0"));
    if call.kind() == GuestKind::Lxc && !call.who.is_root() && call.args.get("features").is_some_and(more) {
        return Err(Failure::forbidden("changing feature flags (except nesting) is only allowed for root@pam"));
    }
    Ok(())
}

/// The root disk of a new container: as given, or 4 GiB.
pub(super) fn rootfs(call: &Call<'_>) -> String {
    let storage = call.args.get("storage").unwrap_or("local");
    let given = call.args.get("rootfs").map(str::to_owned);
    given.map_or_else(|| format!("{storage}:4"), |r| if r.contains(':') { r } else { format!("{storage}:{r}") })
}

/// Makes the guest; of one that cannot be made nothing is left.
fn make(
    world: &mut World,
    upid: &str,
    (kind, node, vmid): (GuestKind, &str, u32),
    options: BTreeMap<String, String>,
    archive: Option<&str>,
) -> Result<(), String> {
    world.guests.insert(vmid, Guest::bare(vmid, kind, node, BTreeMap::new()));
    let word = if kind == GuestKind::Qemu { "VM" } else { "CT" };
    let made = disks_of(world, upid, vmid, options)
        .and_then(|config| unpacked(world, upid, node, archive).map(|()| config))
        .map_err(|error| {
            abandon(world, vmid);
            format!("unable to create {word} {vmid} - {error}")
        });
    let mut config = made?;
    defaults(world, kind, vmid, &mut config);
    if let Some(guest) = world.guests.get_mut(&vmid) {
        guest.config = config;
    }
    Ok(())
}

/// Removes a guest that could not be made, and what was made of it.
pub(super) fn abandon(world: &mut World, vmid: u32) {
    world.guests.remove(&vmid);
    world.volumes.retain(|volume| volume.vmid != Some(vmid) || volume.content == "backup");
}

/// The options with their disks made.
pub(super) fn disks_of(
    world: &mut World,
    upid: &str,
    vmid: u32,
    options: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, String> {
    let mut config = BTreeMap::new();
    for (name, value) in options {
        let value = disks::complete(world, upid, vmid, &name, value)?;
        let value = if name == "tags" { tags(&value) } else { value };
        config.insert(name, value);
    }
    Ok(config)
}

/// Unpacks a container's template.
fn unpacked(world: &mut World, upid: &str, node: &str, archive: Option<&str>) -> Result<(), String> {
    let Some(volid) = archive else { return Ok(()) };
    if world.volume(node, volid).is_none() {
        let text = format!("volume '{volid}' does not exist");
        world.log(upid, text.clone());
        return Err(text);
    }
    let path = world.path_of(volid);
    filesystem::unpack(world, upid, &path, TEMPLATE);
    world.log(upid, "Falling back to amd64.");
    world.log(upid, "Use `pct set VMID --arch ARCH` to change.");
    Ok(())
}

/// What a guest gets that nobody said otherwise.
fn defaults(world: &mut World, kind: GuestKind, vmid: u32, config: &mut BTreeMap<String, String>) {
    let uuids = (world.rng.uuid(), world.rng.uuid());
    let now = world.seconds();
    let boot = boot_order(config);
    let mut default = |name: &str, value: String| {
        config.entry(name.to_owned()).or_insert(value);
    };
    match kind {
        GuestKind::Qemu => {
            default("smbios1", format!("uuid={}", uuids.0));
            default("vmgenid", uuids.1);
            default("meta", format!("creation-qemu=10.0.13,ctime={now}"));
            default("boot", boot);
        }
        GuestKind::Lxc => {
            default("arch", "amd64".to_owned());
            default("memory", "512".to_owned());
            default("swap", "512".to_owned());
            default("ostype", "debian".to_owned());
            default("hostname", format!("CT{vmid}"));
        }
    }
}

/// From what a VM starts: its first disk, then its first CD drive, then its first network card.
fn boot_order(config: &BTreeMap<String, String>) -> String {
    let drive = |name: &&String| ["scsi", "virtio", "sata", "ide"].iter().any(|stem| name.starts_with(stem));
    let is_cd = |name: &&String| config[*name].contains("media=cdrom");
    let drives = || config.keys().filter(drive).filter(|name| name.ends_with(|c: char| c.is_ascii_digit()));
    let disk = drives().find(|name| !is_cd(name));
    let card = config.keys().find(|name| name.starts_with("net"));
    let order: Vec<&str> = [disk, drives().find(is_cd), card].into_iter().flatten().map(String::as_str).collect();
    if order.is_empty() { " ".to_owned() } else { format!("order={}", order.join(";")) }
}
