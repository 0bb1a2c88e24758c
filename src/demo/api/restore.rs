//! Guests out of backups (qemu-server: `restore_file_archive`; pve-container: `LXC/Create.pm`).

use std::collections::BTreeMap;

use super::{
    Call, IntoReply as _,
    create::{abandon, disks_of, options, rootfs, started},
    disks,
    resize::{properties, volume},
};
use crate::demo::{
    filesystem,
    reply::{Failure, Outcome},
    scenario::GuestKind,
    time,
    world::{Flow, Guest, Saved, Wanted, World, stage, total_size},
};

/// Milliseconds that unpacking takes.
const RESTORE_MS: u64 = 4000;
/// Bytes in the archive of a container.
const ARCHIVE: u64 = 2_068_480;
/// What both ends say when a restore breaks off.
const BROKEN: &str = "error before or during data restore, some or all disks were not completely restored.";

/// Refuses a template that is none.
pub(super) fn template(call: &Call<'_>) -> Outcome<()> {
    let volid = call.args.get("ostemplate").unwrap_or_default();
    let Some((storage, name)) = volid.split_once(':') else { return Ok(()) };
    if !call.world.has_storage(storage) {
        return Err(Failure::new(format!("storage '{storage}' does not exist")));
    }
    if !name.starts_with("vztmpl/") {
        return Err(Failure::new(format!("unable to use volume {volid} - content type needs to be 'vztmpl'")));
    }
    Ok(())
}

/// What is to become of a backup.
struct Plan {
    kind: GuestKind,
    node: String,
    vmid: u32,
    archive: String,
    storage: Option<String>,
    unique: bool,
    options: BTreeMap<String, String>,
    /// The root disk that was asked for, else that of the backup.
    root: Option<String>,
    pool: Option<String>,
}

pub(super) fn restore(call: &mut Call<'_>) -> Outcome {
    let (kind, node, vmid) = (call.kind(), call.node(), call.vmid());
    let vm = kind == GuestKind::Qemu;
    let archive = call.args.get(if vm { "archive" } else { "ostemplate" }).unwrap_or_default().to_owned();
    if call.world.volume(&node, &archive).is_none() {
        return Err(Failure::new(format!("volume '{archive}' does not exist")));
    }
    if let Some(storage) = call.args.get("storage") {
        disks::check_storage(call, storage)?;
    }
    if let Some(taken) = call.world.guests.get(&vmid) {
        let exists = format!("{} {vmid} already exists on node '{}'", taken.word(), taken.node);
        let other = taken.kind != kind || taken.node != node;
        if other || !call.args.flag("force") {
            return Err(Failure::new(if vm { format!("unable to restore VM {vmid} - {exists}") } else { exists }));
        }
        if taken.is_on("protection") {
            let word = taken.word();
            return Err(Failure::new(format!("unable to restore {word} {vmid} - protection mode enabled")));
        }
        if !vm && taken.run.is_some() {
            return Err(Failure::new("can't overwrite running container"));
        }
    }
    let plan = Plan {
        kind,
        node: node.clone(),
        vmid,
        archive,
        storage: call.args.get("storage").map(str::to_owned),
        unique: call.args.flag("unique"),
        options: options(call),
        root: call.args.get("rootfs").map(|_| rootfs(call)),
        pool: call.args.get("pool").map(str::to_owned),
    };
    let start = call.args.flag("start");
    let first = stage(move |world: &mut World, upid: &str| {
        let begun = plan.begin(world, upid)?;
        let done = stage(move |world: &mut World, upid: &str| {
            let guest = (plan.kind, plan.node.clone(), plan.vmid);
            plan.finish(world, upid, begun)?;
            Ok(started(world, upid, (guest.0, &guest.1, guest.2), start))
        });
        Ok(Flow::After(RESTORE_MS, done))
    });
    let task = if vm { "qmrestore" } else { "vzrestore" };
    Ok(call.world.spawn(task, &node, &vmid.to_string(), call.who, first).into_reply())
}

impl Plan {
    /// Opens the archive; the guest that is overwritten loses its disks.
    fn begin(&self, world: &mut World, upid: &str) -> Result<Saved, String> {
        let vmid = self.vmid;
        let Some(found) = world.volume(&self.node, &self.archive).cloned() else {
            return Err(format!("volume '{}' does not exist", self.archive));
        };
        let path = world.path_of(&self.archive);
        let saved = found.saved.unwrap_or(Saved { kind: self.kind, config: BTreeMap::new(), broken: None });
        if world.guests.get(&vmid).is_some_and(|guest| guest.run.is_some()) {
            world.log(upid, format!("{BROKEN} VM {vmid} state is NOT cleaned up."));
            return Err(format!("unable to restore VM {vmid} - vm is running"));
        }
        if saved.kind != self.kind {
            return Err(self.other_kind(world, upid, &saved, &path));
        }
        match self.kind {
            GuestKind::Qemu => {
                let tool = decompress(&path);
                let pid = world.tasks.get(upid).map_or(0, |task| task.pid);
                let fifo = format!("/var/tmp/vzdumptmp{pid}");
                world.log(
                    upid,
                    match tool {
                        Some(tool) => {
                            format!("restore vma archive: {tool} {path} | vma extract -v -r {fifo}.fifo - {fifo}")
                        }
                        None => format!("restore vma archive: vma extract -v -r {fifo}.fifo {path} {fifo}"),
                    },
                );
                let size = super::backup::file_text(&saved.config).len();
                world.log(upid, format!("CFG: size: {size} name: qemu-server.conf"));
                let disks: Vec<(String, u64)> = disks_in(&saved).map(|(k, v)| (k, total_size(Some(&v)))).collect();
                for (number, (name, bytes)) in disks.iter().enumerate() {
                    world.log(upid, format!("DEV: dev_id={} size: {bytes} devname: drive-{name}", number + 1));
                }
                world.log(upid, format!("CTIME: {}", time::ctime(found.ctime + 1)));
            }
            GuestKind::Lxc => {
                world.log(upid, format!("recovering backed-up configuration from '{}'", self.archive));
            }
        }
        // A container's old disks stay until the new ones are there.
        if let Some(old) = world.guests.get(&vmid).filter(|_| self.kind == GuestKind::Qemu).cloned() {
            for (_, drive) in old.disks() {
                disks::free(world, vmid, drive);
            }
        }
        let config = BTreeMap::from([("lock".to_owned(), "create".to_owned())]);
        world.guests.insert(vmid, Guest::bare(vmid, self.kind, &self.node, config));
        Ok(saved)
    }

    /// An archive of the other kind of guest.
    fn other_kind(&self, world: &mut World, upid: &str, saved: &Saved, path: &str) -> String {
        if self.kind == GuestKind::Lxc {
            world.log(upid, format!("recovering backed-up configuration from '{}'", self.archive));
            return format!("unable to restore CT {} - ERROR: archive contains no configuration file", self.vmid);
        }
        for key in
            saved.config.keys().filter(|key| ["hostname", "rootfs", "swap", "unprivileged"].contains(&key.as_str()))
        {
            world.log(upid, format!("vm {} - unable to parse value of '{key}' - unknown setting '{key}'", self.vmid));
        }
        world.log(upid, format!("{BROKEN} VM {} state is NOT cleaned up.", self.vmid));
        let config = BTreeMap::new();
        world.guests.insert(self.vmid, Guest::bare(self.vmid, self.kind, &self.node, config));
        format!("ERROR: file '{path}' does not look like a QemuServer vzdump backup")
    }

    fn finish(self, world: &mut World, upid: &str, saved: Saved) -> Result<(), String> {
        let vmid = self.vmid;
        if let Some(why) = &saved.broken {
            world.log(upid, format!("{BROKEN} {} {vmid} state is NOT cleaned up.", self.word()));
            return Err(why.clone());
        }
        let mut config = saved.config.clone();
        for key in ["lock", "parent", "template", "vmstate"] {
            config.remove(key);
        }
        match self.kind {
            GuestKind::Qemu => self.disks_back(world, upid, &mut config)?,
            GuestKind::Lxc => self.files_back(world, upid, &mut config)?,
        }
        let new = disks_of(world, upid, vmid, self.options.clone())?;
        config.extend(new);
        if self.kind == GuestKind::Qemu && config.contains_key("vmgenid") {
            config.insert("vmgenid".to_owned(), world.rng.uuid());
        }
        if self.unique {
            for (name, value) in config.iter_mut().filter(|(name, _)| name.starts_with("net")) {
                if name.len() > 3 {
                    *value = super::clone::fresh_addresses(world, value);
                }
            }
        }
        if let Some(guest) = world.guests.get_mut(&vmid) {
            guest.config = config;
        }
        self.leave_no_old(world);
        if self.kind == GuestKind::Qemu {
            world.log(upid, "rescan volumes...");
        } else {
            world.log(upid, "merging backed-up and given configuration..");
        }
        if self.pool.is_some() {
            world.access.set_pool(&vmid.to_string(), self.pool.as_deref());
        }
        Ok(())
    }

    /// Removes disks of the guest that was overwritten.
    fn leave_no_old(&self, world: &mut World) {
        let Some(guest) = world.guests.get(&self.vmid) else { return };
        let kept: Vec<String> = guest.disks().map(|(_, drive)| volume(drive).to_owned()).collect();
        let old = |v: &crate::demo::world::Volume| {
            v.vmid == Some(self.vmid) && v.content != "backup" && !kept.contains(&v.volid())
        };
        world.volumes.retain(|v| !old(v) || v.node.as_ref().is_some_and(|node| *node != self.node));
    }

    const fn word(&self) -> &'static str {
        match self.kind {
            GuestKind::Qemu => "VM",
            GuestKind::Lxc => "CT",
        }
    }

    /// The storage of a disk that comes back: the one that was asked for, else the one it was on.
    fn target(&self, world: &World, drive: &str) -> String {
        let own = volume(drive).split(':').next().unwrap_or("local").to_owned();
        let there = world.has_storage(&own);
        self.storage.clone().unwrap_or(if there { own } else { "local".to_owned() })
    }

    fn disks_back(&self, world: &mut World, upid: &str, config: &mut BTreeMap<String, String>) -> Result<(), String> {
        let drives: Vec<(String, String)> =
            disks_in(&Saved { kind: self.kind, config: config.clone(), broken: None }).collect();
        for (name, drive) in drives {
            let bytes = total_size(Some(&drive));
            let format = volume(&drive).ends_with(".qcow2").then_some("qcow2");
            let wanted = Wanted { vmid: self.vmid, kind: self.kind, bytes, format, name: None };
            let storage = self.target(world, &drive);
            let volid =
                world.allocate(upid, &self.node, &storage, wanted).inspect_err(|_| abandon(world, self.vmid))?;
            world.log(upid, format!("new volume ID is '{volid}'"));
            let path = world.path_of(&volid);
            world.log(upid, format!("map 'drive-{name}' to '{path}' (write zeros = 0)"));
            world.log(upid, format!("progress 100% (read {bytes} bytes, duration 1 sec)"));
            config.insert(name, disks::line(&volid, &properties(&drive), Some(bytes)));
        }
        Ok(())
    }

    fn files_back(&self, world: &mut World, upid: &str, config: &mut BTreeMap<String, String>) -> Result<(), String> {
        let root = config.get("rootfs").cloned().unwrap_or_default();
        let storage = self.storage.clone().unwrap_or_else(|| "local".to_owned());
        let bytes = total_size(Some(&root));
        let made = match &self.root {
            Some(asked) => disks::complete(world, upid, self.vmid, "rootfs", asked.clone())?,
            None => {
                let wanted = Wanted { vmid: self.vmid, kind: self.kind, bytes, format: None, name: None };
                let volid =
                    world.allocate(upid, &self.node, &storage, wanted).inspect_err(|_| abandon(world, self.vmid))?;
                if !volid.ends_with(".subvol") {
                    filesystem::tell(world, upid, bytes);
                }
                disks::line(&volid, &properties(&root), Some(bytes))
            }
        };
        config.insert("rootfs".to_owned(), made);
        world.log(upid, format!("restoring '{}' now..", self.archive));
        let path = world.path_of(&self.archive);
        filesystem::unpack(world, upid, &path, ARCHIVE);
        Ok(())
    }
}

/// The disks that are in a backup of a VM.
fn disks_in(saved: &Saved) -> impl Iterator<Item = (String, String)> {
    let disk = |(name, value): &(&String, &String)| {
        disks::is_drive(name) && !name.starts_with("unused") && value.contains(':') && !value.contains("media=cdrom")
    };
    saved.config.iter().filter(disk).map(|(name, value)| (name.clone(), value.clone()))
}

/// The command that unpacks a file.
fn decompress(path: &str) -> Option<&'static str> {
    match path.rsplit('.').next() {
        Some("zst") => Some("zstd -q -d -c"),
        Some("gz") => Some("zcat"),
        Some("lzo") => Some("lzop -d -c"),
        _ => None,
    }
}
