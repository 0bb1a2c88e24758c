//! Volumes: what lies on the storages, where it is in the file system, and how new ones are made
//! (pve-storage: `Storage/Plugin.pm`, `DirPlugin.pm`, `BTRFSPlugin.pm`, `LvmThinPlugin.pm`).

use std::collections::BTreeMap;

use super::{Guest, World, total_size};
use crate::demo::scenario::{Backup, GuestKind, Scenario, Storage};

/// Bytes of the drive that cloud-init reads.
pub(in super::super) const CLOUD_INIT: u64 = 4 << 20;
/// The largest file that a file system of a host takes.
const LARGEST: u64 = 16 << 40;

/// A volume.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Volume {
    pub(in super::super) storage: String,
    /// The node that has it; none on a shared storage, where all have it.
    pub(in super::super) node: Option<String>,
    /// What comes after the storage in its id.
    pub(in super::super) name: String,
    /// `images`, `rootdir`, `backup`, `iso`, `vztmpl`, `snippets` or `import`.
    pub(in super::super) content: String,
    pub(in super::super) format: String,
    pub(in super::super) size: u64,
    /// Bytes of the disk in a file to import.
    pub(in super::super) disk: u64,
    /// When it was made, in seconds since 1970.
    pub(in super::super) ctime: u64,
    pub(in super::super) vmid: Option<u32>,
    pub(in super::super) notes: String,
    pub(in super::super) protected: bool,
    /// The guest in a backup.
    pub(in super::super) saved: Option<Saved>,
}

/// A guest as a backup holds it.
#[derive(Debug, Clone)]
pub(in super::super) struct Saved {
    pub(in super::super) kind: GuestKind,
    pub(in super::super) config: BTreeMap<String, String>,
    pub(in super::super) broken: Option<String>,
}

impl Volume {
    /// `storage:name`.
    pub(in super::super) fn volid(&self) -> String {
        format!("{}:{}", self.storage, self.name)
    }
}

/// What a new disk is to be.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Wanted<'a> {
    pub(in super::super) vmid: u32,
    pub(in super::super) kind: GuestKind,
    pub(in super::super) bytes: u64,
    /// `raw`, `qcow2`, …; what the storage takes by itself when left out.
    pub(in super::super) format: Option<&'a str>,
    /// Its name, where it is not to be the next `vm-100-disk-0`.
    pub(in super::super) name: Option<&'a str>,
}

/// A file's format by its name: what follows the first dot of an archive, else the last.
fn format_of(name: &str) -> String {
    let archives = ["tar.zst", "tar.gz", "tar.xz", "tar.lzo", "vma.zst", "vma.gz", "vma.lzo", "vma", "tar"];
    let found = archives.into_iter().find(|end| name.ends_with(&format!(".{end}")));
    found.or_else(|| name.rsplit_once('.').map(|(_, end)| end)).unwrap_or("raw").to_owned()
}

impl World {
    /// A storage by name.
    pub(in super::super) fn storage(&self, name: &str) -> Option<&Storage> {
        self.storage.iter().find(|s| s.name == name)
    }

    /// A storage that a node can use.
    ///
    /// # Errors
    /// In PVE's words.
    pub(in super::super) fn usable(&self, node: &str, name: &str) -> Result<&Storage, String> {
        let storage = self.storage(name).ok_or_else(|| format!("storage '{name}' does not exist"))?;
        if !storage.enabled {
            return Err(format!("storage '{name}' is disabled"));
        }
        if !storage.is_on(node) {
            return Err(format!("storage '{name}' is not available on node '{node}'"));
        }
        Ok(storage)
    }

    /// The volumes that a node sees on a storage, by name.
    pub(in super::super) fn volumes_on<'a>(
        &'a self,
        node: &'a str,
        storage: &'a str,
    ) -> impl Iterator<Item = &'a Volume> {
        let here = move |v: &&Volume| v.storage == storage && v.node.as_deref().is_none_or(|n| n == node);
        self.volumes.iter().filter(here)
    }

    /// A volume by its id.
    pub(in super::super) fn volume(&self, node: &str, volid: &str) -> Option<&Volume> {
        let (storage, name) = volid.split_once(':')?;
        let here = |v: &&Volume| v.node.as_deref().is_none_or(|n| n == node);
        self.volumes.iter().filter(here).find(|v| v.storage == storage && v.name == name)
    }

    /// The same, to change it.
    pub(in super::super) fn volume_mut(&mut self, node: &str, volid: &str) -> Option<&mut Volume> {
        let here = |v: &Volume| v.node.as_deref().is_none_or(|n| n == node);
        self.volumes.iter_mut().find(|v| here(v) && v.volid() == volid)
    }

    /// Adds a volume; it takes the place of one with the same id.
    pub(in super::super) fn add_volume(&mut self, node: &str, mut volume: Volume) {
        self.drop_volume(node, &volume.volid());
        let shared = self.storage(&volume.storage).is_some_and(|s| s.shared);
        volume.node = (!shared).then(|| node.to_owned());
        self.volumes.push(volume);
    }

    /// Removes a volume; whether it was there.
    pub(in super::super) fn drop_volume(&mut self, node: &str, volid: &str) -> bool {
        let before = self.volumes.len();
        self.volumes.retain(|v| v.volid() != volid || v.node.as_deref().is_some_and(|n| n != node));
        self.volumes.len() < before
    }

    /// Where a volume is in the node's file system.
    pub(in super::super) fn path_of(&self, volid: &str) -> String {
        let Some((storage, name)) = volid.split_once(':') else { return volid.to_owned() };
        let Some(storage) = self.storage(storage) else { return volid.to_owned() };
        let folder = storage.folder();
        if let Some((kind, file)) = name.split_once('/') {
            match kind {
                "iso" => return format!("{folder}/template/iso/{file}"),
                "vztmpl" => return format!("{folder}/template/cache/{file}"),
                "backup" => return format!("{folder}/dump/{file}"),
                "import" | "snippets" => return format!("{folder}/{kind}/{file}"),
                _ => {}
            }
        }
        // Of a linked clone the last part is its own.
        let own: Vec<&str> = name.rsplitn(3, '/').collect();
        let own = if own.len() == 3 { format!("{}/{}", own[1], own[0]) } else { name.to_owned() };
        match storage.kind.as_str() {
            "btrfs" => format!("{folder}/images/{}/disk.raw", own.trim_end_matches(".raw")),
            "lvm" | "lvmthin" => format!("/dev/{}/{own}", storage.name),
            "zfspool" => format!("/dev/zvol/{}/{own}", storage.name),
            "rbd" => format!("/dev/rbd-pve/{}/{own}", storage.name),
            _ => format!("{folder}/images/{own}"),
        }
    }

    /// The format that a new disk gets.
    fn format_for(storage: &Storage, wanted: &Wanted<'_>) -> &'static str {
        let qcow2 = wanted.format == Some("qcow2") || wanted.name.is_some_and(|name| name.ends_with(".qcow2"));
        match (storage.kind.as_str(), wanted.kind) {
            ("btrfs" | "zfspool" | "dir", GuestKind::Lxc) if wanted.bytes == 0 => "subvol",
            ("zfspool", GuestKind::Lxc) => "subvol",
            ("dir" | "nfs" | "cifs" | "glusterfs" | "cephfs", GuestKind::Qemu) if qcow2 => "qcow2",
            ("dir" | "nfs" | "cifs" | "glusterfs" | "cephfs", GuestKind::Qemu) if wanted.format == Some("vmdk") => {
                "vmdk"
            }
            _ => "raw",
        }
    }

    /// Makes a disk and gives its id; what the command says goes into the log.
    ///
    /// # Errors
    /// In the words of the command that fails.
    pub(in super::super) fn allocate(
        &mut self,
        upid: &str,
        node: &str,
        storage: &str,
        wanted: Wanted<'_>,
    ) -> Result<String, String> {
        let found = self.usable(node, storage)?.clone();
        let format = Self::format_for(&found, &wanted);
        let word = if format == "subvol" { "subvol" } else { "vm" };
        let vmid = wanted.vmid;
        let plain = wanted.name.map_or_else(
            || {
                let used = |n: &u32| {
                    let stem = format!("-{vmid}-disk-{n}");
                    let is = |v: &Volume| v.name.ends_with(&stem) || v.name.contains(&format!("{stem}."));
                    self.volumes_on(node, storage).any(is)
                };
                format!("{word}-{vmid}-disk-{}", (0..).find(|n| !used(n)).unwrap_or(0))
            },
            |name| name.split('.').next().unwrap_or(name).to_owned(),
        );
        let name = if found.keeps_files() { format!("{vmid}/{plain}.{format}") } else { plain.clone() };
        let volid = format!("{storage}:{name}");
        let path = self.path_of(&volid);
        self.tell_of_new(upid, &found, format, &path, &plain, wanted.bytes);
        if found.full {
            return Err(no_space(&found, &path));
        }
        if found.keeps_files() && wanted.bytes > LARGEST {
            return Err(format!(
                "unable to create image: qemu-img.bin: {path}: The image size is too large for file format '{format}'"
            ));
        }
        let content = if wanted.kind == GuestKind::Qemu { "images" } else { "rootdir" };
        let ctime = self.seconds();
        self.add_volume(
            node,
            Volume {
                storage: storage.to_owned(),
                name,
                content: content.to_owned(),
                format: format.to_owned(),
                size: wanted.bytes,
                ctime,
                vmid: Some(vmid),
                ..Volume::default()
            },
        );
        Ok(volid)
    }

    /// What the command that makes a disk says.
    fn tell_of_new(&mut self, upid: &str, storage: &Storage, format: &str, path: &str, plain: &str, bytes: u64) {
        match (storage.kind.as_str(), format) {
            ("btrfs" | "zfspool" | "rbd", _) | (_, "subvol") => {}
            ("lvm" | "lvmthin", _) => self.log(upid, format!("  Logical volume \"{plain}\" created.")),
            (_, "qcow2") => self.log(
                upid,
                format!(
                    "Formatting '{path}', fmt=qcow2 cluster_size=65536 extended_l2=off preallocation=metadata \
                     compression_type=zlib size={bytes} lazy_refcounts=off refcount_bits=16"
                ),
            ),
            (_, format) => self.log(upid, format!("Formatting '{path}', fmt={format} size={bytes} preallocation=off")),
        }
    }

    /// Whether a disk can be part of a snapshot.
    pub(in super::super) fn can_snapshot(&self, volid: &str) -> bool {
        let Some((storage, name)) = volid.split_once(':') else { return false };
        match self.storage(storage).map(|s| s.kind.as_str()) {
            Some("btrfs" | "lvmthin" | "zfspool" | "rbd" | "zfs" | "cephfs") => true,
            Some("dir" | "nfs" | "cifs" | "glusterfs") => name.ends_with(".qcow2"),
            _ => false,
        }
    }

    /// The volumes that a scenario begins with: disks of its guests, what it lists, backups.
    pub(super) fn fill(&mut self, scenario: &Scenario) {
        let guests: Vec<Guest> = self.guests.values().cloned().collect();
        for guest in &guests {
            self.fill_from(guest);
        }
        for file in &scenario.volumes {
            let content = file.name.split('/').next().unwrap_or_default();
            let format = match content {
                "vztmpl" if file.name.ends_with(".gz") => "tgz".to_owned(),
                "vztmpl" if file.name.ends_with(".xz") => "txz".to_owned(),
                "vztmpl" if file.name.ends_with(".zst") => "tzst".to_owned(),
                "snippets" => "snippet".to_owned(),
                _ => format_of(&file.name),
            };
            let node = if file.node.is_empty() { self.local().to_owned() } else { file.node.clone() };
            let volume = Volume {
                storage: file.storage.clone(),
                name: file.name.clone(),
                content: content.to_owned(),
                format,
                size: file.size,
                disk: file.disk,
                ctime: self.seconds().saturating_sub(file.age),
                ..Volume::default()
            };
            self.add_volume(&node, volume);
        }
        for backup in &scenario.backups {
            self.add_backup(backup);
        }
    }

    /// A backup of a scenario.
    pub(in super::super) fn add_backup(&mut self, backup: &Backup) {
        let guest = self.guests.get(&backup.vmid);
        let kind = backup.kind.or_else(|| guest.map(|g| g.kind)).unwrap_or_default();
        let config = guest.map(|g| g.config.clone()).unwrap_or_default();
        let node = match (backup.node.as_str(), guest) {
            ("", Some(guest)) => guest.node.clone(),
            ("", None) => self.local().to_owned(),
            (node, _) => node.to_owned(),
        };
        let disks: u64 = guest.map_or(0, |g| g.disks().map(|(_, line)| total_size(Some(line))).sum());
        let size = if backup.size > 0 { backup.size } else { disks / 10 };
        let at = self.seconds().saturating_sub(backup.age);
        let saved = Saved { kind, config, broken: backup.broken.clone() };
        let volume = Volume {
            notes: backup.notes.clone(),
            protected: backup.protected,
            ..archive(&backup.storage, backup.vmid, at, &backup.compress, size, saved)
        };
        self.add_volume(&node, volume);
    }

    /// The disks that a guest's configuration and its snapshots name.
    fn fill_from(&mut self, guest: &Guest) {
        let lines = guest.disks().map(|(_, line)| line.to_owned());
        let kept = guest.snapshots.iter().flat_map(|s| s.config.values().filter(|v| v.contains(":")).cloned());
        let ctime = self.began / 1000;
        for line in lines.chain(kept).collect::<Vec<_>>() {
            let volid = line.split(',').next().unwrap_or_default();
            let volid = volid.strip_prefix("volume=").or_else(|| volid.strip_prefix("file=")).unwrap_or(volid);
            let Some((storage, name)) = volid.split_once(':') else { continue };
            if !self.has_storage(storage) || self.volume(&guest.node, volid).is_some() {
                continue;
            }
            let inserted = line.contains("media=cdrom") && !name.contains("cloudinit");
            let content = if inserted { "iso" } else { guest.kind.content() };
            let size = match (name.contains("cloudinit"), inserted) {
                (true, _) => CLOUD_INIT,
                (_, true) => 700 << 20,
                _ => total_size(Some(&line)),
            };
            let format = if name.contains('.') { format_of(name) } else { "raw".to_owned() };
            let volume = Volume {
                storage: storage.to_owned(),
                name: name.to_owned(),
                content: content.to_owned(),
                format,
                size,
                ctime,
                vmid: (!inserted).then_some(guest.vmid),
                ..Volume::default()
            };
            self.add_volume(&guest.node, volume);
        }
    }
}

impl GuestKind {
    /// What its disks are to a storage.
    pub(in super::super) const fn content(self) -> &'static str {
        match self {
            Self::Qemu => "images",
            Self::Lxc => "rootdir",
        }
    }
}

/// A backup of a guest as a volume.
pub(in super::super) fn archive(storage: &str, vmid: u32, at: u64, compress: &str, size: u64, saved: Saved) -> Volume {
    let end = match compress {
        "zstd" => ".zst",
        "gzip" | "1" => ".gz",
        "lzo" => ".lzo",
        _ => "",
    };
    let (kind, body) = if saved.kind == GuestKind::Qemu { ("qemu", "vma") } else { ("lxc", "tar") };
    let format = format!("{body}{end}");
    let name = format!("backup/vzdump-{kind}-{vmid}-{}.{format}", crate::demo::time::stamp(at));
    Volume {
        storage: storage.to_owned(),
        name,
        content: "backup".to_owned(),
        format,
        size,
        ctime: at,
        vmid: Some(vmid),
        saved: Some(saved),
        ..Volume::default()
    }
}

fn no_space(storage: &Storage, path: &str) -> String {
    match storage.kind.as_str() {
        "lvm" | "lvmthin" => format!(
            "lvcreate 'pve/{}' error:   Cannot create new thin volume, free space in thin pool {} reached threshold.",
            path.rsplit('/').next().unwrap_or_default(),
            storage.name
        ),
        _ => format!("unable to create image: qemu-img: {path}: No space left on device"),
    }
}
