//! Backups of guests (pve-manager: `API2/VZDump.pm`, `VZDump.pm`; qemu-server, pve-container: `VZDump/*.pm`).

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::json;

use super::{
    Call, IntoReply as _,
    disks::{human, size_text},
    prune::{Keep, doomed},
    resize::volume,
};
use crate::demo::{
    reply::{Failure, Outcome},
    scenario::GuestKind,
    time,
    world::{Flow, Guest, Saved, Stage, Volume, World, archive, stage, total_size},
};

/// Milliseconds that a backup takes.
const DUMP_MS: u64 = 800;
/// Parameters that root alone may give.
const ROOT_ONLY: [&str; 3] = ["dumpdir", "script", "tmpdir"];

/// A guest's configuration as its file has it: what it is for in comments, then the options by name.
pub(super) fn file_text(config: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for line in config.get("description").map(|d| d.trim_end_matches('\n').lines()).into_iter().flatten() {
        let _ = writeln!(text, "#{line}");
    }
    for (key, value) in config.iter().filter(|(key, _)| !["description", "lock", "parent"].contains(&key.as_str())) {
        for line in value.split('\n') {
            let _ = writeln!(text, "{key}: {line}");
        }
    }
    text
}

/// The configuration in a backup.
pub(super) fn extract_config(call: &mut Call<'_>) -> Outcome {
    let volid = call.args.get("volume").unwrap_or_default();
    let (storage, name) = volid.split_once(':').unwrap_or(("", volid));
    if !call.world.access.may(call.who, &format!("/storage/{storage}"), "Datastore.AllocateSpace") {
        return Err(Failure::forbidden(&format!("/storage/{storage}, Datastore.AllocateSpace")));
    }
    if !name.starts_with("backup/") {
        return Err(Failure::new(format!("unable to use volume {volid} - content type needs to be 'backup'")));
    }
    match call.world.volume(&call.node(), volid).and_then(|found| found.saved.as_ref()) {
        Some(saved) => Ok(file_text(&saved.config).into_reply()),
        None => Err(Failure::new(format!("volume '{volid}' does not exist"))),
    }
}

/// What a backup is made with when nobody says otherwise.
pub(super) fn defaults(call: &mut Call<'_>) -> Outcome {
    let storage = call.args.get("storage").unwrap_or("local");
    let Some(found) = call.world.storage(storage) else {
        return Err(Failure::new(format!("storage '{storage}' does not exist")));
    };
    Ok(json!({
        "all": 0, "bwlimit": 0, "compress": "0", "dumpdir": format!("{}/dump", found.folder()),
        "fleecing": {"enabled": 0}, "ionice": 7, "lockwait": 180, "mailnotification": "always", "mode": "snapshot",
        "notification-mode": "auto", "performance": {"max-workers": 16, "pbs-entries-max": 1_048_576}, "pigz": 0,
        "prune-backups": "keep-all=1", "quiet": 0, "remove": 1, "stdexcludes": 1, "stop": 0, "stopwait": 10,
        "storage": storage, "zstd": 1,
    })
    .into_reply())
}

/// What a backup job does.
#[derive(Clone)]
struct Job {
    node: String,
    storage: String,
    mode: String,
    compress: String,
    notes: Option<String>,
    protected: bool,
    keep: Option<Keep>,
    guests: Vec<u32>,
    command: String,
}

pub(super) fn dump(call: &mut Call<'_>) -> Outcome {
    if !call.who.is_root()
        && let Some(name) = ROOT_ONLY.iter().find(|name| call.args.get(name).is_some())
    {
        return Err(Failure::param(*name, "Only root may set this option."));
    }
    let node = call.node();
    let guests = selected(call, &node)?;
    let storage = call.args.get("storage").unwrap_or("local").to_owned();
    let path = format!("/storage/{storage}");
    if call.args.get("storage").is_some() && !call.world.access.may(call.who, &path, "Datastore.AllocateSpace") {
        return Err(Failure::forbidden(&format!("{path}, Datastore.AllocateSpace")));
    }
    for vmid in &guests {
        let path = format!("/vms/{vmid}");
        if !call.world.access.may(call.who, &path, "VM.Backup") {
            return Err(Failure::forbidden(&format!("{path}, VM.Backup")));
        }
    }
    if guests.is_empty() {
        return Ok("OK".into_reply());
    }
    let keep = call.args.get("prune-backups").map(Keep::read);
    let given = call.args.iter().filter(|(name, _)| *name != "vmid");
    let quoted = |value: &str| {
        let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:".contains(c));
        if plain { value.to_owned() } else { format!("'{value}'") }
    };
    let options = given.map(|(name, value)| format!(" --{name} {}", quoted(value))).collect::<String>();
    let ids: Vec<String> = guests.iter().map(u32::to_string).collect();
    let job = Job {
        command: format!("vzdump {}{options}", ids.join(" ")),
        node: node.clone(),
        storage,
        mode: call.args.get("mode").unwrap_or("snapshot").to_owned(),
        compress: call.args.get("compress").unwrap_or("0").to_owned(),
        notes: call.args.get("notes-template").map(str::to_owned),
        protected: call.args.flag("protected"),
        keep: keep.filter(|_| call.args.get("remove") != Some("0")),
        guests,
    };
    let id = if let [one] = &ids[..] { one.clone() } else { String::new() };
    let first = stage(move |world: &mut World, upid: &str| job.begin(world, upid));
    Ok(call.world.spawn("vzdump", &node, &id, call.who, first).into_reply())
}

/// The guests that are to be saved: those of this node, and those that nobody knows.
fn selected(call: &Call<'_>, node: &str) -> Outcome<Vec<u32>> {
    let world = &*call.world;
    let here = |vmid: &u32| world.guests.get(vmid).is_none_or(|guest| guest.node == node);
    let ids = |text: &str| text.split([',', ' ', ';']).filter_map(|id| id.parse().ok()).collect::<Vec<u32>>();
    if let Some(text) = call.args.get("vmid") {
        let wanted = ids(text);
        return Ok(wanted.into_iter().filter(here).collect());
    }
    let exclude = ids(call.args.get("exclude").unwrap_or_default());
    let all = world.guests.values().filter(|guest| guest.node == node && !exclude.contains(&guest.vmid));
    if call.args.flag("all") {
        return Ok(all.map(|guest| guest.vmid).collect());
    }
    if let Some(pool) = call.args.get("pool") {
        return Ok(all
            .filter(|guest| world.access.pool_of(&guest.vmid.to_string()) == Some(pool))
            .map(|guest| guest.vmid)
            .collect());
    }
    Err(Failure::param("vmid", "property is missing"))
}

impl Job {
    fn begin(self, world: &mut World, upid: &str) -> Result<Flow, String> {
        let name = &self.storage;
        let no_facts = format!("could not get storage information for '{name}'");
        let Some(storage) = world.storage(name) else {
            let gone = format!("storage '{name}' does not exist");
            return Err(format!("could not activate storage '{name}': {gone}\n{no_facts}: {gone}"));
        };
        if !storage.holds("backup") {
            return Err(format!("{no_facts}: can't use storage '{name}' for backups - wrong content type"));
        }
        world.log(upid, format!("INFO: starting new backup job: {}", self.command));
        self.next(world, upid, 0, 0)
    }

    /// Saves the guests one after the other; those that fail are counted.
    fn next(self, world: &mut World, upid: &str, at: usize, failed: usize) -> Result<Flow, String> {
        let Some(vmid) = self.guests.get(at).copied() else {
            if failed > 0 {
                world.log(upid, "INFO: Backup job finished with errors");
                return Err("job errors".to_owned());
            }
            world.log(upid, "INFO: Backup job finished successfully");
            return Ok(Flow::Done);
        };
        let began = world.seconds();
        match self.open(world, upid, vmid) {
            Ok(volume) => {
                let then: Stage = stage(move |world: &mut World, upid: &str| {
                    let failed = failed + usize::from(self.close(world, upid, vmid, volume, began).is_err());
                    self.next(world, upid, at + 1, failed)
                });
                Ok(Flow::After(DUMP_MS, then))
            }
            Err(why) => {
                world.log(upid, format!("ERROR: Backup of VM {vmid} failed - {why}"));
                world.log(upid, format!("INFO: Failed at {}", time::local(world.seconds())));
                self.next(world, upid, at + 1, failed + 1)
            }
        }
    }

    /// Begins to save a guest: from here it is under the lock `backup`.
    fn open(&self, world: &mut World, upid: &str, vmid: u32) -> Result<Volume, String> {
        let Some(guest) = world.guests.get(&vmid).filter(|guest| guest.node == self.node).cloned() else {
            return Err(format!("unable to find VM '{vmid}'"));
        };
        let info = |world: &mut World, text: String| world.log(upid, format!("INFO: {text}"));
        let vm = guest.kind == GuestKind::Qemu;
        if !vm {
            let pid = world.tasks.get(upid).map_or(0, |task| task.pid);
            let folder = format!("/var/tmp/vzdumptmp{pid}_{vmid}");
            info(world, format!("filesystem type on dumpdir is 'overlay' -using {folder} for temporary files"));
        }
        info(world, format!("Starting Backup of VM {vmid} ({})", guest.kind.as_str()));
        info(world, format!("Backup started at {}", time::local(world.seconds())));
        let running = guest.run.is_some();
        info(world, format!("status = {}", if running { "running" } else { "stopped" }));
        if let Some(text) = guest.locked() {
            return Err(text);
        }
        let saved = Saved { kind: guest.kind, config: guest.config.clone(), broken: None };
        let disks: Vec<(String, String)> = disks(&guest);
        let bytes: u64 = disks.iter().map(|(_, drive)| total_size(Some(drive))).sum();
        let size = if bytes == 0 { 281 } else { (bytes / 10).max(1_102_858) };
        let volume = archive(&self.storage, vmid, world.seconds(), &self.compress, size, saved);
        let path = world.path_of(&volume.volid());
        let mode = if running { self.mode.as_str() } else { "stop" };
        let name = format!("{} Name: {}", guest.word(), guest.name());
        let root = format!("{} ('/') in backup", "including mount point rootfs");
        let order: Vec<String> = match (vm, running) {
            (false, true) => vec![name, root, format!("backup mode: {mode}"), "ionice priority: 7".to_owned()],
            _ => {
                let mut lines = vec![format!("backup mode: {mode}"), "ionice priority: 7".to_owned(), name];
                lines.extend((!vm).then_some(root));
                lines
            }
        };
        for line in order {
            info(world, line);
        }
        for (name, drive) in disks.iter().filter(|_| vm) {
            let size = size_text(total_size(Some(drive)));
            info(world, format!("include disk '{name}' '{}' {size}", self::volume(drive)));
        }
        if !vm && running && mode == "snapshot" {
            info(world, "create storage snapshot 'vzdump'".to_owned());
        }
        info(world, format!("creating vzdump archive '{path}'"));
        if world.storage(&self.storage).is_some_and(|storage| storage.full) {
            return Err(format!("unable to write '{path}' - No space left on device"));
        }
        self.body(world, upid, &guest, &path, bytes);
        if let Some(guest) = world.guests.get_mut(&vmid) {
            guest.config.insert("lock".to_owned(), "backup".to_owned());
        }
        Ok(volume)
    }

    /// What the command tells that writes the archive.
    fn body(&self, world: &mut World, upid: &str, guest: &Guest, path: &str, bytes: u64) {
        let info = |world: &mut World, text: String| world.log(upid, format!("INFO: {text}"));
        if guest.kind == GuestKind::Lxc {
            return info(world, "Total bytes written: 2068480 (2.0MiB, 36MiB/s)".to_owned());
        }
        if bytes == 0 {
            let (stem, _) = path.split_once(".vma").unwrap_or((path, ""));
            let exec = match self.compress.as_str() {
                "zstd" => ("zstd --threads=1", ".vma.dat"),
                "gzip" | "1" => ("gzip --rsyncable", ".vma.dat"),
                "lzo" => ("lzop", ".vma.dat"),
                _ => ("cat", ".dat"),
            };
            info(world, "backup contains no disks".to_owned());
            info(world, "starting diskless backup".to_owned());
            let file = format!("{stem}.tmp/qemu-server.conf");
            return info(world, format!("/usr/bin/vma create -v -c {file} exec:{} > {stem}{}", exec.0, exec.1));
        }
        if guest.run.is_none() {
            info(world, "starting kvm to execute backup task".to_owned());
        }
        let uuid = world.rng.uuid();
        info(world, format!("started backup task '{uuid}'"));
        let all = human(bytes);
        info(world, format!("100% ({all} of {all}) in 3s, read: 341.3 MiB/s, write: 20.1 MiB/s"));
        info(world, format!("transferred {all} in 3 seconds (341.3 MiB/s)"));
        if guest.run.is_none() {
            info(world, "stopping kvm after backup task".to_owned());
        }
    }

    /// Ends the saving of a guest: the archive is there, its lock is free.
    fn close(&self, world: &mut World, upid: &str, vmid: u32, mut volume: Volume, began: u64) -> Result<(), ()> {
        let info = |world: &mut World, text: String| world.log(upid, format!("INFO: {text}"));
        let Some(guest) = world.guests.get_mut(&vmid) else { return Err(()) };
        guest.config.remove("lock");
        let (name, running) = (guest.name(), guest.run.is_some());
        let size = volume.size;
        let told = if size < 1 << 20 { format!("{}KB", size >> 10) } else { format!("{}MB", size >> 20) };
        info(world, format!("archive file size: {told}"));
        if let Some(template) = &self.notes {
            info(world, "adding notes to backup".to_owned());
            let cluster = world.cluster.clone().unwrap_or_default();
            let pairs =
                [("guestname", name), ("node", self.node.clone()), ("vmid", vmid.to_string()), ("cluster", cluster)];
            volume.notes = pairs
                .iter()
                .fold(template.clone(), |text, (key, value)| text.replace(&format!("{{{{{key}}}}}"), value));
        }
        if self.protected {
            info(world, "marking backup as protected".to_owned());
            volume.protected = true;
        }
        let lxc = volume.saved.as_ref().is_some_and(|saved| saved.kind == GuestKind::Lxc);
        world.add_volume(&self.node, volume);
        if lxc && running && self.mode == "snapshot" {
            info(world, "cleanup temporary 'vzdump' snapshot".to_owned());
        }
        if let Some(keep) = &self.keep {
            info(world, format!("prune older backups with retention: {}", keep.text()));
            let gone = doomed(world, &self.node, &self.storage, Some(vmid), None, keep);
            for volid in &gone {
                info(world, format!("removing backup '{volid}'"));
                world.drop_volume(&self.node, volid);
            }
            info(world, format!("pruned {} backup(s) not covered by keep-retention policy", gone.len()));
        }
        let now = world.seconds();
        info(world, format!("Finished Backup of VM {vmid} ({})", time::span(now.saturating_sub(began))));
        info(world, format!("Backup finished at {}", time::local(now)));
        Ok(())
    }
}

/// The disks of a guest that a backup holds.
fn disks(guest: &Guest) -> Vec<(String, String)> {
    let left_out = |drive: &str| drive.contains("media=cdrom") || drive.contains("backup=0");
    let all = guest.disks().filter(|(name, drive)| !name.starts_with("unused") && !left_out(drive));
    all.map(|(name, drive)| (name.to_owned(), drive.to_owned())).collect()
}
