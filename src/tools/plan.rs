//! What a deletion destroys, what it leaves behind, and what goes on naming the guest.
//!
//! PVE frees the volumes that a configuration names, now or from the next start on, if their name says that they are
//! this guest's: disks, EFI and TPM state, cloud-init drives, unused volumes, saved states, those of snapshots too
//! (qemu-server and pve-container, `destroy_vm`). Others stay, whatever refers to them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    guest::{Guest, GuestKind},
    ops::{self, Current},
};
use crate::{
    client::{Client, Error},
    foreign,
    pve::Vmid,
};

/// The options that hold volumes, by the beginning of their names.
const FAMILIES: [&str; 10] =
    ["ide", "sata", "scsi", "virtio", "mp", "unused", "efidisk", "tpmstate", "rootfs", "vmstate"];
/// Folders of a storage that hold what is no guest's.
const SHARED: [&str; 5] = ["iso", "vztmpl", "backup", "snippets", "import"];
/// Snapshots whose state is looked up by name; of more it is only told that they have one.
const STATES_MAX: usize = 16;

/// A guest that is to be deleted, as it is configured.
pub(super) struct Plan {
    pub guest: Guest,
    /// The configuration, pending changes applied.
    pub config: Map<String, Value>,
    /// The digest of the configuration.
    pub digest: String,
    /// What the guest is doing, where PVE would stop it on the way.
    pub live: Option<Current>,
    /// Every option that holds a volume, with the line that does; one that is to change has two.
    lines: Vec<(String, String)>,
}

/// What is read beyond the configuration when a plan is shown.
pub(super) struct Around {
    /// The snapshots, by name.
    pub snapshots: Vec<String>,
    /// The saved states of snapshots: of which, and the volume, where it was looked up.
    states: Vec<(String, Option<String>)>,
    /// The backup jobs that name the guest, or why they could not be read.
    pub backups: Result<Vec<String>, Error>,
    /// The replication jobs of the guest, or why they could not be read.
    pub replications: Result<Vec<String>, Error>,
    /// The rules of HA that name the guest, or why they could not be read.
    pub rules: Result<Vec<String>, Error>,
}

/// The volumes of a guest, each as a person knows it: option, volume, size.
pub(super) struct Volumes {
    /// Those that go.
    pub go: Vec<String>,
    /// Those that stay: another guest's, nobody's, paths of the node.
    pub stay: Vec<String>,
}

impl Plan {
    /// From the rows of what is configured and what is pending.
    pub(super) fn of(guest: Guest, rows: Vec<Map<String, Value>>) -> Self {
        let (mut config, mut lines, mut digest) = (Map::new(), Vec::new(), String::new());
        for mut row in rows {
            let Some(key) = row.get("key").and_then(Value::as_str).map(str::to_owned) else { continue };
            let mut take = |name: &str| row.remove(name).filter(|value| !value.is_null());
            let (now, new, delete) = (take("value"), take("pending"), take("delete"));
            if key == "digest" {
                digest = now.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
                continue;
            }
            if holds_volume(&key) {
                let both = [&now, &new].into_iter().flatten().filter_map(Value::as_str);
                lines.extend(both.map(|line| (key.clone(), line.to_owned())));
            }
            let deleted = delete.and_then(|n| crate::pve::integer(&n).ok().flatten()).is_some_and(|n| n > 0);
            if let Some(value) = new.or(now).filter(|_| !deleted) {
                config.insert(key, value);
            }
        }
        lines.sort();
        Self { guest, config, digest, live: None, lines }
    }

    /// An option as text; empty where there is none.
    pub(super) fn text(&self, option: &str) -> &str {
        self.config.get(option).and_then(Value::as_str).unwrap_or_default()
    }

    /// Reads what else goes with the guest, and what names it.
    ///
    /// # Errors
    /// When the snapshots cannot be read. What names the guest may be hidden from the token: that is told.
    pub(super) async fn around(&self, client: &Client) -> Result<Around, Error> {
        let rows = ops::snapshots(client, &self.guest).await?;
        let name = |row: &Map<String, Value>| row.get("name").and_then(Value::as_str).map(shown);
        let saved = |row: &&Map<String, Value>| flag(row, "vmstate");
        let mut states = Vec::new();
        for name in rows.iter().filter(saved).filter_map(name) {
            let known = self.guest.kind == GuestKind::Vm && states.len() < STATES_MAX;
            let volume = if known { ops::snapshot_state(client, &self.guest, &name).await? } else { None };
            states.push((name, volume));
        }
        let vmid = self.guest.vmid;
        let backups = ops::backup_jobs(client).await;
        let backups = backups.map(|jobs| named(&jobs, |job| ["vmid", "exclude"].iter().any(|k| lists(job, k, vmid))));
        let replications = ops::replication_jobs(client).await;
        let replications = replications.map(|jobs| named(&jobs, |job| is_of(job, vmid)));
        let sid = ops::sid(&self.guest);
        let names = |rule: &Map<String, Value>| {
            let resources = rule.get("resources").and_then(Value::as_str).unwrap_or_default();
            resources.split(',').any(|resource| resource.trim() == sid)
        };
        let rules = ops::ha_rules(client).await.map(|rules| {
            let of = rules.iter().filter(|rule| names(rule));
            of.filter_map(|rule| rule.get("rule").and_then(Value::as_str).map(shown)).collect()
        });
        Ok(Around { snapshots: rows.iter().filter_map(name).collect(), states, backups, replications, rules })
    }

    /// What becomes of each volume.
    pub(super) fn volumes(&self, around: &Around) -> Volumes {
        let (mut go, mut stay, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (key, line) in &self.lines {
            let Some(volume) = volume(line).filter(|volume| seen.insert(volume.to_owned())) else { continue };
            let told = shown(&format!("{key} {}", described(volume, line)));
            let inserted = line.split(',').any(|part| part == "media=cdrom") && !is_cloud_init(volume);
            if owner(volume) == Some(self.guest.vmid.get()) && !inserted { go.push(told) } else { stay.push(told) }
        }
        for (name, volume) in &around.states {
            let own = volume.as_deref().is_none_or(|volume| owner(volume) == Some(self.guest.vmid.get()));
            let told = shown(&format!("vmstate@{name} {}", volume.as_deref().unwrap_or_default()));
            if own { &mut go } else { &mut stay }.push(told.trim_end().to_owned());
        }
        Volumes { go, stay }
    }
}

/// Whether an option of this name holds a volume.
pub(super) fn holds_volume(key: &str) -> bool {
    let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
    FAMILIES.contains(&stem) && (matches!(stem, "rootfs" | "vmstate") || stem.len() < key.len())
}

/// The volume or path of a line; nothing for an empty drive.
pub(super) fn volume(line: &str) -> Option<&str> {
    let named = |part: &'_ str| ["file=", "volume="].iter().find_map(|name| part.strip_prefix(name).map(str::len));
    let part = line.split(',').find(|part| named(part).is_some()).or_else(|| line.split(',').next())?;
    let volume = named(part).map_or(part, |length| &part[part.len() - length..]);
    (!matches!(volume, "" | "none" | "cdrom")).then_some(volume)
}

/// A volume as a person knows it, with its size.
fn described(volume: &str, line: &str) -> String {
    match line.split(',').find_map(|part| part.strip_prefix("size=")) {
        Some(size) => format!("{volume} ({size})"),
        None => volume.to_owned(),
    }
}

/// The guest whose a volume is by its name (pve-storage, `parse_volname`): `local:100/vm-100-disk-0.qcow2` by its folder,
/// `local-lvm:vm-100-disk-0` by the name itself; a linked clone (`base-900-disk-0/vm-100-disk-0`,
/// `900/base-900-disk-0.raw/100/vm-100-disk-0.qcow2`) by what comes last. Nothing for what is nobody's, such as an ISO
/// image or a path of the node.
pub(super) fn owner(volume: &str) -> Option<u32> {
    let (storage, name) = volume.split_once(':')?;
    if storage.is_empty() || storage.contains('/') {
        return None;
    }
    let parts: Vec<&str> = name.split('/').collect();
    let (last, before) = parts.split_last()?;
    if before.first().is_some_and(|folder| SHARED.contains(folder)) {
        return None;
    }
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    // In a folder of a guest, whatever the file is called.
    if let Some(id) = before.last().and_then(|folder| number(folder)) {
        return Some(id);
    }
    let (kind, rest) = last.split_once('-')?;
    let (id, _) = rest.split_once('-')?;
    matches!(kind, "vm" | "base" | "subvol" | "basevol").then(|| number(id)).flatten()
}

/// Whether a volume is the drive that hands a VM its settings; it is freed although it is a CD-ROM.
fn is_cloud_init(volume: &str) -> bool {
    let name = volume.rsplit([':', '/']).next().unwrap_or_default();
    let name = name.split_once('.').map_or(name, |(name, _)| name);
    name == "cloudinit" || name.strip_prefix("vm-").is_some_and(|rest| rest.ends_with("-cloudinit"))
}

/// What others wrote, in one line.
fn shown(text: &str) -> String {
    foreign::line(text, foreign::WORDS).into_owned()
}

/// The ids of those jobs that fit.
fn named(jobs: &[Map<String, Value>], fits: impl Fn(&Map<String, Value>) -> bool) -> Vec<String> {
    let id = |job: &Map<String, Value>| job.get("id").and_then(Value::as_str).map(shown);
    let mut names: Vec<String> = jobs.iter().filter(|job| fits(job)).filter_map(id).collect();
    names.sort();
    names
}

/// Whether a list of ids in a job has this one; a single id may come as a number.
fn lists(job: &Map<String, Value>, key: &str, vmid: Vmid) -> bool {
    let id = vmid.to_string();
    match job.get(key) {
        Some(Value::String(ids)) => ids.split([',', ';', ' ']).any(|one| one == id),
        Some(Value::Number(one)) => one.to_string() == id,
        _ => false,
    }
}

/// Whether a replication job is of this guest.
fn is_of(job: &Map<String, Value>, vmid: Vmid) -> bool {
    let of_id =
        job.get("id").and_then(Value::as_str).and_then(|id| id.split_once('-')).map(|(guest, _)| guest.to_owned());
    lists(job, "guest", vmid) || of_id.is_some_and(|guest| guest == vmid.to_string())
}

/// Whether a switch is on.
pub(super) fn flag(options: &Map<String, Value>, option: &str) -> bool {
    options.get(option).is_some_and(crate::pve::is_set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_volume_says_whose_it_is() {
        for (volume, whose) in [
            ("local-lvm:vm-100-disk-0", Some(100)),
            ("local-lvm:base-900-disk-0/vm-100-disk-3", Some(100)),
            ("local-lvm:base-900-disk-0", Some(900)),
            ("local-lvm:vm-100-cloudinit", Some(100)),
            ("local-lvm:vm-100-state-before", Some(100)),
            ("local-zfs:subvol-200-disk-0", Some(200)),
            ("local-zfs:basevol-900-disk-0/subvol-200-disk-0", Some(200)),
            ("local:100/vm-100-disk-0.qcow2", Some(100)),
            // The folder counts, not the file.
            ("nas:105/vm-100-disk-0.qcow2", Some(105)),
            ("local:900/base-900-disk-0.raw/100/vm-100-disk-0.qcow2", Some(100)),
            ("local:iso/vm-100-disk-0.iso", None),
            ("local:backup/vzdump-qemu-100.vma", None),
            ("iscsi:0.0.1.scsi-36001405", None),
            ("pool:vm-abc-disk-0", None),
            ("pool:vm-100", None),
            ("/dev/disk/by-id/ata-vm-100-disk-0", None),
            ("/dev/disk/by-path/pci-0000:vm-100-disk-0", None),
            ("none", None),
            ("x:99999999999/disk", None),
        ] {
            assert_eq!(owner(volume), whose, "{volume}");
        }
    }

    #[test]
    fn a_line_names_one_volume_or_none() {
        for (line, found) in [
            ("local-lvm:vm-100-disk-0,size=32G", Some("local-lvm:vm-100-disk-0")),
            ("file=/dev/sdb,size=1T", Some("/dev/sdb")),
            ("size=1T,file=/dev/sdb", Some("/dev/sdb")),
            ("volume=local:200/x.raw,mp=/srv", Some("local:200/x.raw")),
            ("none,media=cdrom", None),
            ("cdrom,media=cdrom", None),
            ("", None),
        ] {
            assert_eq!(volume(line), found, "{line}");
        }
    }

    #[test]
    fn options_that_hold_volumes() {
        let all = ["ide0", "scsi30", "mp12", "unused0", "efidisk0", "tpmstate0", "rootfs", "vmstate"];
        assert!(all.into_iter().all(holds_volume));
        assert!(!["scsihw", "vmstatestorage", "ide", "memory", "net0", "bootdisk"].into_iter().any(holds_volume));
    }
}
