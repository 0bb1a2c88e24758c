//! Copies of guests, and templates (qemu-server, pve-container: `clone_vm`, `template`).

use std::collections::BTreeMap;

use super::{
    Call, IntoReply as _,
    create::{abandon, pool_is_there},
    disks::{check_storage, is_drive, line, transferred},
    nothing,
    resize::{properties, volume},
    unfound,
};
use crate::demo::{
    filesystem,
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{CLOUD_INIT, Flow, Guest, Volume, Wanted, World, stage, total_size, under_lock},
};

/// Milliseconds that a linked clone takes; a full one takes ten times as long.
const CLONE_MS: u64 = 700;

/// Options that a copy does not inherit.
const NOT_COPIED: [&str; 6] = ["lock", "parent", "protection", "template", "vmgenid", "smbios1"];

pub(super) fn clone(call: &mut Call<'_>) -> Outcome {
    let (kind, node, vmid) = (call.kind(), call.node(), call.vmid());
    call.quorum()?;
    let new = call.args.get("newid").and_then(|v| v.parse::<u32>().ok()).unwrap_or(0);
    let target = call.args.get("target").map_or_else(|| node.clone(), str::to_owned);
    if let Some(pool) = call.args.get("pool") {
        pool_is_there(call, pool)?;
    }
    if call.world.host(&target).is_none() {
        return Err(Failure::new(format!("no such cluster node '{target}'")));
    }
    let storage = call.args.get("storage").map(str::to_owned);
    if let Some(storage) = &storage {
        check_storage(call, storage)?;
    }
    let Some(guest) = call.find() else { return Err(Failure::new(unfound(&node, vmid))) };
    if let Some(text) = guest.locked() {
        return Err(Failure::new(text));
    }
    let source = source(guest, call.args.get("snapname"))?;
    let full = call.args.get("full").map_or(!guest.is_on("template"), |v| v == "1");
    let taken_by_other = taken(call, kind, &node, new)?;
    check(call, guest, &source, full, &target)?;
    let copy = Copy {
        kind,
        node: node.clone(),
        from: vmid,
        new,
        target,
        full,
        storage,
        format: call.args.get("format").map(str::to_owned),
        name: call.args.get(if kind == GuestKind::Qemu { "name" } else { "hostname" }).map(str::to_owned),
        description: call.args.get("description").map(str::to_owned),
        pool: call.args.get("pool").map(str::to_owned),
        source,
    };
    let word = if kind == GuestKind::Qemu { "VM" } else { "container" };
    let first = stage(move |world: &mut World, upid: &str| {
        world.log(upid, format!("creating a clone of {word} {vmid} with ID {new}"));
        if taken_by_other {
            let file = format!("/etc/pve/nodes/{}/qemu-server/{new}.conf", copy.target);
            return Err(format!("close (rename) atomic file '{file}' failed: File exists"));
        }
        let done = stage(move |world: &mut World, upid: &str| {
            let new = copy.new;
            copy.finish(world, upid).inspect_err(|_| abandon(world, new))?;
            Ok(Flow::Done)
        });
        Ok(Flow::After(if full { 10 * CLONE_MS } else { CLONE_MS }, done))
    });
    if !taken_by_other {
        // The id is taken from now on.
        let config = BTreeMap::from([("lock".to_owned(), "clone".to_owned())]);
        let at = call.args.get("target").map_or_else(|| node.clone(), str::to_owned);
        call.world.guests.insert(new, Guest::bare(new, kind, &at, config));
    }
    let task = if kind == GuestKind::Qemu { "qmclone" } else { "vzclone" };
    Ok(call.world.spawn(task, &node, &vmid.to_string(), call.who, first).into_reply())
}

/// The configuration that is copied: that of now, or of a snapshot.
fn source(guest: &Guest, snapshot: Option<&str>) -> Outcome<BTreeMap<String, String>> {
    let Some(name) = snapshot else { return Ok(guest.config.clone()) };
    let snap = guest.snapshots.iter().find(|s| s.name == name);
    Ok(snap.ok_or_else(|| Failure::new(format!("snapshot '{name}' does not exist")))?.config.clone())
}

/// Whether another guest has the new id, which a host does not always notice before the task.
fn taken(call: &Call<'_>, kind: GuestKind, node: &str, new: u32) -> Outcome<bool> {
    match (kind, call.world.guests.get(&new)) {
        (GuestKind::Qemu, Some(taken)) if taken.kind == kind && taken.node == node => {
            Err(Failure::new(format!("unable to create VM {new}: config file already exists")))
        }
        (GuestKind::Lxc, Some(taken)) => {
            Err(Failure::new(format!("{} {new} already exists on node '{}'", taken.word(), taken.node)))
        }
        (_, taken) => Ok(taken.is_some()),
    }
}

/// Refuses a copy that the disks do not allow.
fn check(call: &Call<'_>, guest: &Guest, source: &BTreeMap<String, String>, full: bool, target: &str) -> Outcome<()> {
    let world = &*call.world;
    let holder = Guest { config: source.clone(), ..guest.clone() };
    let drives: Vec<String> = holder
        .disks()
        .filter(|(name, drive)| !name.starts_with("unused") && !drive.contains("media=cdrom"))
        .map(|(_, drive)| volume(drive).to_owned())
        .collect();
    if !full && call.args.get("storage").is_some() {
        return Err(Failure::new("parameter 'storage' not allowed for linked clones"));
    }
    if guest.kind == GuestKind::Lxc && full && guest.run.is_some() && call.args.get("snapname").is_none() {
        return Err(Failure::new("Full clone of a running container is only possible from a snapshot"));
    }
    if !full {
        let linkable = |volid: &String| {
            let base = volid.contains("base-") || volid.contains("basevol-");
            (base && (volid.ends_with(".qcow2") || !volid.contains('.'))) || world.can_snapshot(volid)
        };
        if let Some(volid) = drives.iter().find(|volid| !linkable(volid)) {
            return Err(Failure::new(format!("Linked clone feature for '{volid}' is not available")));
        }
    }
    let local = |volid: &String| !world.storage(volid.split(':').next().unwrap_or_default()).is_some_and(|s| s.shared);
    if target != guest.node && drives.iter().any(local) {
        let word = guest.word();
        return Err(Failure::new(format!("can't clone {word} to node '{target}' ({word} uses local storage)")));
    }
    Ok(())
}

/// A copy to be made.
struct Copy {
    kind: GuestKind,
    node: String,
    from: u32,
    new: u32,
    target: String,
    full: bool,
    storage: Option<String>,
    format: Option<String>,
    name: Option<String>,
    description: Option<String>,
    pool: Option<String>,
    source: BTreeMap<String, String>,
}

impl Copy {
    fn finish(self, world: &mut World, upid: &str) -> Result<(), String> {
        let mut config: BTreeMap<String, String> = BTreeMap::new();
        for (key, value) in &self.source {
            if !NOT_COPIED.contains(&key.as_str()) && !key.starts_with("unused") {
                config.insert(key.clone(), self.option(world, upid, key, value)?);
            }
        }
        let key = if self.kind == GuestKind::Qemu { "name" } else { "hostname" };
        match (&self.name, self.kind) {
            (Some(name), _) => drop(config.insert(key.to_owned(), name.clone())),
            (None, GuestKind::Lxc) => {}
            (None, GuestKind::Qemu) => {
                let of = self.source.get(key).cloned().unwrap_or_else(|| self.from.to_string());
                config.insert(key.to_owned(), format!("Copy-of-VM-{of}"));
            }
        }
        config.extend(self.description.clone().map(|d| ("description".to_owned(), d)));
        if self.kind == GuestKind::Qemu {
            config.insert("smbios1".to_owned(), format!("uuid={}", world.rng.uuid()));
            config.insert("vmgenid".to_owned(), world.rng.uuid());
        }
        if let Some(guest) = world.guests.get_mut(&self.new) {
            guest.config = config;
        }
        if self.pool.is_some() {
            world.access.set_pool(&self.new.to_string(), self.pool.as_deref());
        }
        Ok(())
    }

    /// An option of the copy: volumes and addresses are its own.
    fn option(&self, world: &mut World, upid: &str, key: &str, value: &str) -> Result<String, String> {
        let source = volume(value).to_owned();
        let inserted = value.contains("media=cdrom") && !source.contains("cloudinit");
        if is_drive(key) && source.contains(':') && !inserted {
            return if self.full { self.full(world, upid, key, value) } else { self.linked(world, upid, key, value) };
        }
        let card = key.strip_prefix("net").is_some_and(|n| n.parse::<u32>().is_ok());
        Ok(if card { fresh_addresses(world, value) } else { value.to_owned() })
    }

    fn full(&self, world: &mut World, upid: &str, key: &str, value: &str) -> Result<String, String> {
        let source = volume(value).to_owned();
        let what = if self.kind == GuestKind::Qemu { "drive" } else { "mountpoint" };
        world.log(upid, format!("create full clone of {what} {key} ({source})"));
        let storage = self.storage.clone().unwrap_or_else(|| source.split(':').next().unwrap_or_default().to_owned());
        let cloud_init = source.contains("cloudinit");
        let found = world.volume(&self.node, &source).map(|found| found.size);
        let bytes = if cloud_init { CLOUD_INIT } else { found.unwrap_or_else(|| total_size(Some(value))) };
        let own_format = source.rsplit_once('.').map(|(_, end)| end);
        let format = self.format.as_deref().or(own_format);
        let qcow2 = world.storage(&storage).is_some_and(|s| s.keeps_files() && s.kind != "btrfs");
        let named = cloud_init.then(|| format!("vm-{}-cloudinit{}", self.new, if qcow2 { ".qcow2" } else { "" }));
        let wanted = Wanted { vmid: self.new, kind: self.kind, bytes, format, name: named.as_deref() };
        let volid = world.allocate(upid, &self.target, &storage, wanted)?;
        if self.kind == GuestKind::Lxc {
            if !volid.ends_with(".subvol") {
                filesystem::tell(world, upid, bytes);
            }
            filesystem::copy(world, upid);
            return Ok(line(&volid, &properties(value), Some(bytes)));
        }
        world.log(upid, format!("allocated target volume '{volid}'"));
        if cloud_init {
            return Ok(line(&volid, &properties(value), None));
        }
        transferred(world, upid, bytes);
        Ok(line(&volid, &properties(value), Some(bytes)))
    }

    fn linked(&self, world: &mut World, upid: &str, key: &str, value: &str) -> Result<String, String> {
        let source = volume(value).to_owned();
        let what = if self.kind == GuestKind::Qemu { "drive" } else { "mount point" };
        world.log(upid, format!("create linked clone of {what} {key} ({source})"));
        let (storage, name) = source.split_once(':').map(|(s, n)| (s.to_owned(), n.to_owned())).unwrap_or_default();
        let bytes = world.volume(&self.node, &source).map_or_else(|| total_size(Some(value)), |found| found.size);
        let own = name.rsplit('/').next().unwrap_or_default();
        let copied = own.replace(&format!("-{}-", self.from), &format!("-{}-", self.new));
        let copied = copied.replace("base-", "vm-").replace("basevol-", "subvol-");
        let files = world.keeps_files(&storage);
        let based = own.starts_with("base");
        let below = if files { format!("{}/{copied}", self.new) } else { copied.clone() };
        let volid = format!("{storage}:{}{below}", if based { format!("{name}/") } else { String::new() });
        if based && files {
            let back = format!("../{name}");
            world.log(
                upid,
                format!("clone {name}: {}, {copied}, {} to {copied} (base={back})", self.kind.content(), self.new),
            );
            let path = world.path_of(&volid);
            world.log(
                upid,
                format!(
                    "Formatting '{path}', fmt=qcow2 cluster_size=131072 extended_l2=on preallocation=metadata \
                     compression_type=zlib size={bytes} backing_file={back} backing_fmt=qcow2 lazy_refcounts=off \
                     refcount_bits=16"
                ),
            );
        }
        let format = if copied.ends_with(".qcow2") { "qcow2" } else { "raw" };
        let (ctime, vmid) = (world.seconds(), Some(self.new));
        let volume = Volume {
            name: volid.split_once(':').map(|(_, name)| name.to_owned()).unwrap_or_default(),
            storage,
            content: self.kind.content().to_owned(),
            format: format.to_owned(),
            size: bytes,
            ctime,
            vmid,
            ..Volume::default()
        };
        world.add_volume(&self.target, volume);
        Ok(line(&volid, &properties(value), Some(bytes)))
    }
}

/// The same network card with another hardware address.
pub(super) fn fresh_addresses(world: &mut World, card: &str) -> String {
    let digits = world.rng.hex(6).to_uppercase();
    let own = format!("BC:24:11:{}:{}:{}", &digits[..2], &digits[2..4], &digits[4..]);
    let is_address = |t: &str| t.len() == 17 && t.matches(':').count() == 5;
    let part = |p: &str| match p.split_once('=') {
        Some((key, value)) if is_address(value) => format!("{key}={own}"),
        _ => p.to_owned(),
    };
    card.split(',').map(part).collect::<Vec<_>>().join(",")
}

pub(super) fn to_template(call: &mut Call<'_>) -> Outcome {
    let (kind, vmid) = (call.kind(), call.vmid());
    let guest = call.guest()?;
    if guest.is_on("template") {
        return Err(Failure::new("you can't convert a template to a template"));
    }
    if !guest.snapshots.is_empty() {
        return Err(Failure::new(format!("unable to create template, because {} contains snapshots", guest.word())));
    }
    if guest.run.is_some() {
        return Err(Failure::new(match kind {
            GuestKind::Qemu => "you can't convert a VM to template if VM is running",
            GuestKind::Lxc => "you can't convert a CT to a template if the CT is running",
        }));
    }
    call.unlocked()?;
    if kind == GuestKind::Lxc {
        call.writable()?;
        // The call does not tell of the task.
        let first = under_lock(
            vmid,
            stage(move |world, _| {
                convert(world, vmid);
                Ok(Flow::Done)
            }),
        );
        call.worker("vztemplate", stage(move |_, _| Ok(Flow::After(CLONE_MS, first))))?;
        return nothing();
    }
    let first = under_lock(
        vmid,
        stage(move |world, _| {
            convert(world, vmid);
            Ok(Flow::Done)
        }),
    );
    call.worker("qmtemplate", first)
}

/// Volumes of a template are bases that clones stand on.
fn convert(world: &mut World, vmid: u32) {
    let Some(guest) = world.guests.get_mut(&vmid) else { return };
    let (node, keys): (String, Vec<String>) = (guest.node.clone(), guest.disks().map(|(k, _)| k.to_owned()).collect());
    guest.config.insert("template".to_owned(), "1".to_owned());
    for key in keys {
        let Some(drive) = world.guests.get_mut(&vmid).and_then(|guest| guest.config.get_mut(&key)) else { continue };
        let old = volume(drive).to_owned();
        // What is a folder among files stays what it is.
        let base = old.replace(&format!("vm-{vmid}-disk"), &format!("base-{vmid}-disk"));
        *drive = drive.replacen(&old, &base, 1);
        if let Some(found) = world.volume_mut(&node, &old) {
            base.split_once(':').map_or("", |(_, name)| name).clone_into(&mut found.name);
        }
    }
}
