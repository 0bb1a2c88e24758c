//! What `mkfs.ext4` says of a container's new disk (e2fsprogs), and what follows when an archive is unpacked into it.

use super::world::World;

/// Tells of a new file system on a disk of so many bytes.
pub(super) fn tell(world: &mut World, upid: &str, bytes: u64) {
    let uuid = world.rng.uuid();
    // Small disks have small blocks, and more inodes for their size.
    let (block, ratio, first) = if bytes < 512 << 20 { (1024, 4096, 1) } else { (4096, 16_384, 0) };
    let (blocks, group) = (bytes / block, block * 8);
    let groups = blocks.div_ceil(group).max(1);
    let in_block = block / 256;
    let inodes = (bytes / ratio).div_ceil(groups).div_ceil(in_block) * in_block / 8 * 8 * groups;
    let kib = block / 1024;
    world.log(upid, format!("Creating filesystem with {blocks} {kib}k blocks and {inodes} inodes"));
    world.log(upid, format!("Filesystem UUID: {uuid}"));
    let copies = (1..groups).filter(|g| *g == 1 || [3, 5, 7].iter().any(|base| is_power(*g, *base)));
    let copies: Vec<String> = copies.map(|g| (g * group + first).to_string()).collect();
    if !copies.is_empty() {
        world.log(upid, "Superblock backups stored on blocks: ");
        world.log(upid, format!("\t{}", copies.join(", ")));
    }
}

fn is_power(mut number: u64, base: u64) -> bool {
    while number > 1 && number.is_multiple_of(base) {
        number /= base;
    }
    number == 1
}

/// Tells of an archive that is unpacked.
pub(super) fn unpack(world: &mut World, upid: &str, archive: &str, bytes: u64) {
    world.log(upid, format!("extracting archive '{archive}'"));
    world.log(upid, format!("Total bytes read: {bytes} (2.0MiB, 48MiB/s)"));
}

/// Tells of files that are copied from one disk into another (rsync).
pub(super) fn copy(world: &mut World, upid: &str) {
    let lines = [
        "",
        "Number of files: 25 (reg: 4, dir: 15, link: 6)",
        "Number of created files: 23 (reg: 4, dir: 13, link: 6)",
        "Number of deleted files: 0",
        "Number of regular files transferred: 4",
        "Total file size: 2,024,704 bytes",
        "Total transferred file size: 2,024,662 bytes",
        "Literal data: 2,024,662 bytes",
        "Matched data: 0 bytes",
        "File list size: 0",
        "File list generation time: 0.001 seconds",
        "File list transfer time: 0.000 seconds",
        "Total bytes sent: 2,025,938",
        "Total bytes received: 173",
        "",
        "sent 2,025,938 bytes  received 173 bytes  4,052,222.00 bytes/sec",
        "total size is 2,024,704  speedup is 1.00",
    ];
    for line in lines {
        world.log(upid, line);
    }
}

/// Tells of a file system that grows with its disk.
pub(super) fn grow(world: &mut World, upid: &str, path: &str, before: u64, bytes: u64) {
    let block = if before < 512 << 20 { 1024 } else { 4096 };
    let (old, new, kib) = (before / block, bytes / block, block / 1024);
    let lines = [
        "e2fsck 1.47.2 (1-Jan-2025)".to_owned(),
        "Pass 1: Checking inodes, blocks, and sizes".to_owned(),
        "Pass 2: Checking directory structure".to_owned(),
        "Pass 3: Checking directory connectivity".to_owned(),
        "Pass 4: Checking reference counts".to_owned(),
        "Pass 5: Checking group summary information".to_owned(),
        format!("{path}: 35/{} files (0.0% non-contiguous), {}/{old} blocks", old / 4, old / 20),
        "resize2fs 1.47.2 (1-Jan-2025)".to_owned(),
        format!("Resizing the filesystem on {path} to {new} ({kib}k) blocks."),
        format!("The filesystem on {path} is now {new} ({kib}k) blocks long."),
        String::new(),
    ];
    for line in lines {
        world.log(upid, line);
    }
}
