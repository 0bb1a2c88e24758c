//! Changing configurations: what may be changed by whom, what takes effect at once and what with the next start
//! (qemu-server: `API2/Qemu.pm`; pve-container: `API2/LXC/Config.pm`).

use std::collections::BTreeMap;

use super::{Call, IntoReply as _, disks, nothing};
use crate::{
    demo::{
        reply::{Failure, Outcome},
        scenario::GuestKind,
        world::{Change, Flow, Guest, World, stage},
    },
    spec::Method,
};

/// Parameters that say how to change and are no options.
const NOT_OPTIONS: [&str; 8] = ["node", "vmid", "digest", "delete", "revert", "skiplock", "force", "background_delay"];
/// Options of a running VM that take effect at once; the others wait for the next start.
const AT_ONCE: [&str; 13] = [
    "autostart",
    "description",
    "hookscript",
    "hotplug",
    "lock",
    "name",
    "onboot",
    "parent",
    "protection",
    "shares",
    "startup",
    "tags",
    "vmstatestorage",
];

pub(super) fn update(call: &mut Call<'_>) -> Outcome {
    call.root_only(&["skiplock"])?;
    let guest = call.guest()?;
    let digest = guest.digest();
    let set: BTreeMap<String, String> = options(call);
    let delete: Vec<String> = call.args.list("delete").into_iter().map(str::to_owned).collect();
    let revert: Vec<String> = call.args.list("revert").into_iter().map(str::to_owned).collect();
    if set.is_empty() && delete.is_empty() && revert.is_empty() {
        return Err(Failure::new("no options specified"));
    }
    for name in &delete {
        if !is_option(call, name) {
            return Err(Failure::param("delete", format!("unknown option '{name}'")));
        }
        if set.contains_key(name) {
            let text = format!("you can't use '-{name}' and -delete {name}' at the same time");
            return Err(Failure::param("delete", text));
        }
    }
    if let Some(name) = revert.iter().find(|name| !is_option(call, name)) {
        return Err(Failure::param("revert", format!("unknown option '{name}'")));
    }
    let touched: Vec<&String> = set.keys().chain(&delete).chain(&revert).collect();
    permitted(call, &touched)?;
    if call.args.get("digest").is_some_and(|given| given != digest) {
        return Err(Failure::new(match call.kind() {
            GuestKind::Qemu => "checksum mismatch (file change by other user?)",
            GuestKind::Lxc => "detected modified configuration - file changed by other user? Try again.",
        }));
    }
    call.unlocked()?;
    call.writable()?;
    let (vmid, force) = (call.vmid(), call.args.flag("force"));
    if call.endpoint.method == Method::Post {
        let first = stage(move |world, _| {
            apply(world, vmid, set, (&delete, force), &revert)?;
            Ok(Flow::Done)
        });
        return call.worker("qmconfig", first);
    }
    apply(call.world, vmid, set, (&delete, force), &revert).map_err(Failure::new)?;
    nothing()
}

/// The options that a call sets.
fn options(call: &Call<'_>) -> BTreeMap<String, String> {
    let given = call.args.iter().filter(|(name, _)| !NOT_OPTIONS.contains(name));
    given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Whether the schema has an option of this name.
fn is_option(call: &Call<'_>, name: &str) -> bool {
    let indexed = ["unused", "parent", "lock", "vmstate", "snaptime"];
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let known = call.endpoint.param(name).is_some_and(|p| !NOT_OPTIONS.contains(&p.name.as_str()));
    known || indexed.contains(&stem)
}

fn permitted(call: &Call<'_>, names: &[&String]) -> Outcome<()> {
    let path = format!("/vms/{}", call.vmid());
    for name in names {
        match privilege(call.kind(), name) {
            Some(privilege) if call.world.access.may(call.who, &path, privilege) => {}
            Some(privilege) => return Err(Failure::forbidden(&format!("{path}, {privilege}"))),
            None if call.who.is_root() => {}
            None => return Err(Failure::new(format!("only root can set '{name}' config"))),
        }
    }
    Ok(())
}

/// The privilege that changing an option needs; none is root's alone.
fn privilege(kind: GuestKind, option: &str) -> Option<&'static str> {
    let stem = option.trim_end_matches(|c: char| c.is_ascii_digit());
    Some(match stem {
        "cores" | "cpu" | "cpulimit" | "cpuunits" | "sockets" | "vcpus" | "numa" | "affinity" => "VM.Config.CPU",
        "memory" | "swap" | "balloon" | "shares" | "allow-ksm" => "VM.Config.Memory",
        "net" | "nameserver" | "searchdomain" | "hostname" if kind == GuestKind::Lxc => "VM.Config.Network",
        "net" => "VM.Config.Network",
        "scsi" | "virtio" | "sata" | "ide" | "efidisk" | "tpmstate" | "unused" | "rootfs" | "mp" | "boot"
        | "bootdisk" | "vmstatestorage" => "VM.Config.Disk",
        "cdrom" => "VM.Config.CDROM",
        "acpi" | "audio" | "bios" | "hotplug" | "kvm" | "machine" | "rng" | "scsihw" | "smbios" | "tablet" | "vga"
        | "watchdog" | "amd-sev" | "intel-tdx" | "iothreads" | "arch" | "ivshmem" | "serial" | "usb" | "hostpci"
            if kind == GuestKind::Qemu =>
        {
            "VM.Config.HWType"
        }
        "cicustom" | "ciupgrade" | "ciuser" | "cipassword" | "citype" | "ipconfig" | "sshkeys" | "nameserver"
        | "searchdomain" => "VM.Config.Cloudinit",
        "args" | "lock" | "parallel" | "hookscript" | "dev" | "lxc" => return None,
        _ => "VM.Config.Options",
    })
}

/// Changes the guest: at once, or pending when it is running and cannot change while it does.
fn apply(
    world: &mut World,
    vmid: u32,
    set: BTreeMap<String, String>,
    (delete, force): (&[String], bool),
    revert: &[String],
) -> Result<(), String> {
    let mut changes = Vec::new();
    for (name, value) in set {
        let value = disks::complete(world, vmid, &name, value)?;
        changes.push((name, Change::Set(value)));
    }
    changes.extend(delete.iter().map(|name| (name.clone(), Change::Delete(force))));
    let Some(guest) = world.guests.get_mut(&vmid) else { return Ok(()) };
    for name in revert {
        guest.pending.remove(name);
    }
    for (name, change) in changes {
        if guest.run.is_none() || at_once(guest, &name) {
            guest.pending.remove(&name);
            change_now(guest, name, change);
        } else if guest.config.get(&name) == set_value(&change) {
            guest.pending.remove(&name);
        } else {
            guest.pending.insert(name, change);
        }
    }
    Ok(())
}

const fn set_value(change: &Change) -> Option<&String> {
    match change {
        Change::Set(value) => Some(value),
        Change::Delete(_) => None,
    }
}

fn at_once(guest: &Guest, name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    // Network cards and disks are hot-plugged by default; a container changes while it runs.
    let plugged = stem.len() < name.len() && ["net", "scsi", "virtio", "usb", "unused"].contains(&stem);
    let live = ["cores", "cpulimit", "cpuunits", "hostname", "memory", "swap", "mp", "nameserver", "searchdomain"];
    AT_ONCE.contains(&name) || plugged || guest.kind == GuestKind::Lxc && live.contains(&stem)
}

/// A change of the file. A disk that is removed is kept as unused, unless its removal is forced.
fn change_now(guest: &mut Guest, name: String, change: Change) {
    match change {
        Change::Set(value) => {
            // An option without a value stands in a VM's file with a blank, which is what is read from then on.
            let blank = value.is_empty() && guest.kind == GuestKind::Qemu;
            guest.config.insert(name, if blank { " ".to_owned() } else { value });
        }
        Change::Delete(force) => {
            let is_disk = guest.disks().any(|(key, line)| key == name && !line.contains("media=cdrom"));
            let gone = guest.config.remove(&name);
            if let Some(volume) = gone.filter(|_| is_disk && !force && !name.starts_with("unused")) {
                disks::keep_unused(guest, &volume);
            }
        }
    }
}

/// Makes the cloud-init drive anew: what was pending for it has taken effect.
pub(super) fn rebuild_cloud_init(call: &mut Call<'_>) -> Outcome {
    call.unlocked()?;
    let guest = call.guest()?;
    if !guest.config.values().any(|v| v.contains("cloudinit")) {
        return Err(Failure::new("no cloudinit drive configured"));
    }
    Ok(serde_json::Value::Null.into_reply())
}
