//! What lies on the storages of the cluster that `--demo` shows, and what its nodes did last night.

use super::{Backup, GuestKind, PastTask, Volume};

const DAY: u64 = 86_400;

/// Images to install from, templates of containers, a disk to import.
pub(super) fn volumes() -> Vec<Volume> {
    let file = |storage: &str, name: &str, size: u64| Volume {
        storage: storage.to_owned(),
        name: name.to_owned(),
        size,
        age: 30 * DAY,
        ..Volume::default()
    };
    vec![
        file("local", "iso/debian-13.1.0-amd64-netinst.iso", 783 << 20),
        file("local", "vztmpl/debian-13-standard_13.1-2_amd64.tar.zst", 129 << 20),
        file("local", "vztmpl/alpine-3.22-default_20250617_amd64.tar.xz", 3 << 20),
        file("nas", "iso/debian-13.1.0-amd64-netinst.iso", 783 << 20),
        file("nas", "vztmpl/debian-13-standard_13.1-2_amd64.tar.zst", 129 << 20),
    ]
}

/// The last backups; not every guest has one.
pub(super) fn backups() -> Vec<Backup> {
    let night = |vmid: u32, days: u64, gib: u64| Backup {
        storage: "nas".to_owned(),
        vmid,
        age: days * DAY + 6 * 3600,
        size: gib << 30,
        notes: "nightly".to_owned(),
        ..Backup::default()
    };
    let kept = Backup { protected: true, notes: "before the upgrade".to_owned(), ..night(101, 20, 61) };
    let gone = Backup { kind: Some(GuestKind::Qemu), notes: "retired".to_owned(), ..night(150, 90, 4) };
    vec![kept, gone, night(100, 1, 9), night(100, 0, 9), night(101, 0, 62), night(200, 0, 1), night(201, 2, 7)]
}

/// What the nodes did since yesterday: most of it went well.
pub(super) fn tasks() -> Vec<PastTask> {
    let task = |node: &str, kind: &str, id: &str, age: u64, status: &str| PastTask {
        node: node.to_owned(),
        kind: kind.to_owned(),
        id: id.to_owned(),
        age,
        took: 41,
        status: status.to_owned(),
        ..PastTask::default()
    };
    let locked = "ERROR: Backup of VM 202 failed - CT is locked (backup)";
    let failed = PastTask {
        log: vec![
            "INFO: starting new backup job: vzdump 202 --storage nas --mode snapshot".to_owned(),
            "INFO: Starting Backup of VM 202 (lxc)".to_owned(),
            locked.to_owned(),
            "INFO: Backup job finished with errors".to_owned(),
        ],
        ..task("pve2", "vzdump", "202", 6 * 3600 - 90, "job errors")
    };
    let no_start = "start failed: QEMU exited with code 1";
    vec![
        task("pve1", "vzdump", "100", 6 * 3600, "OK"),
        task("pve2", "vzdump", "101", 6 * 3600 - 30, "OK"),
        failed,
        task("pve3", "qmstart", "112", 2 * 3600, no_start),
        task("pve1", "aptupdate", "", 3 * 3600, "OK"),
    ]
}
