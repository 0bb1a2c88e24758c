//! Changing configurations: what may be changed by whom, what takes effect at once and what with the next start
//! (qemu-server: `API2/Qemu.pm`; pve-container: `API2/LXC/Config.pm`).

use std::collections::BTreeMap;

use super::{Call, disks, nothing};
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
    permitted(call, &touched, &set)?;
    super::create::features(call)?;
    allowed(call, &set, &delete)?;
    disks::check(call, set.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
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
        let first = stage(move |world: &mut World, upid: &str| {
            let given: String = set.iter().map(|(name, value)| format!(" -{name} {value}")).collect();
            let gone: String = if delete.is_empty() { String::new() } else { format!(" -delete {}", delete.join(",")) };
            world.log(upid, format!("update VM {vmid}:{given}{gone}"));
            apply(world, upid, vmid, set, (&delete, force), &revert)?;
            Ok(Flow::Done)
        });
        return call.worker("qmconfig", first);
    }
    apply(call.world, "", vmid, set, (&delete, force), &revert).map_err(Failure::new)?;
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

/// Refuses options that are root's alone.
pub(super) fn root_only_options<'a>(call: &Call<'_>, names: impl Iterator<Item = &'a String>) -> Outcome<()> {
    let mut names = names.filter(|name| call.endpoint.param(name).is_some());
    match names.find(|name| privilege(call.kind(), name).is_none() && !call.who.is_root()) {
        Some(name) => Err(Failure::new(format!("only root can set '{name}' config"))),
        None => Ok(()),
    }
}

fn permitted(call: &Call<'_>, names: &[&String], set: &BTreeMap<String, String>) -> Outcome<()> {
    let path = format!("/vms/{}", call.vmid());
    for name in names {
        // What is inserted is another matter than what is built in.
        let inserted = disks::is_drive(name) && set.get(*name).is_some_and(|value| value.contains("media=cdrom"));
        let needed = if inserted { Some("VM.Config.CDROM") } else { privilege(call.kind(), name) };
        match needed {
            Some(privilege) if call.world.access.may(call.who, &path, privilege) => {}
            Some(privilege) => return Err(Failure::forbidden(&format!("{path}, {privilege}"))),
            None if call.who.is_root() => {}
            None => return Err(Failure::new(format!("only root can set '{name}' config"))),
        }
    }
    Ok(())
}

/// Refuses what nobody may set, or root alone: devices of the node, options that are never changed, a drive that is not
/// there to start from.
fn allowed(call: &Call<'_>, set: &BTreeMap<String, String>, delete: &[String]) -> Outcome<()> {
    let guest = call.guest()?;
    let root = call.who.is_root();
    for (name, value) in set {
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let text = match (call.kind(), stem) {
            (GuestKind::Qemu, "serial") if value.starts_with("/dev") && !root => {
                Some(format!("only root can modify '{name}' config for real devices"))
            }
            (GuestKind::Qemu, "usb") if value.contains("host=") && !root => {
                Some(format!("only root can set '{name}' config for real devices"))
            }
            (GuestKind::Qemu, "hostpci") if !value.contains("mapping=") && !root => {
                Some(format!("only root can set '{name}' config for non-mapped devices"))
            }
            (GuestKind::Lxc, "unprivileged") => Some(format!("unable to modify read-only option: '{name}'")),
            (GuestKind::Qemu, "boot") => missing_device(guest, set, value),
            (GuestKind::Qemu, _) if disks::is_drive(name) && value.contains(":cloudinit") => second_drive(guest, name),
            _ => None,
        };
        if let Some(text) = text {
            return Err(Failure::new(text));
        }
        if stem == "ipconfig" {
            addresses(name, value)?;
        }
    }
    if call.kind() == GuestKind::Lxc && !root && set.contains_key("hookscript") {
        return Err(Failure::forbidden("changing the hookscript is only allowed for root@pam"));
    }
    if guest.is_on("protection")
        && let Some(name) = delete.iter().find(|name| disks::is_drive(name) && guest.option(name).is_some())
    {
        return Err(Failure::new(format!("can't remove drive '{name}' - protection mode enabled")));
    }
    Ok(())
}

/// A device of the boot order that the guest does not have.
fn missing_device(guest: &Guest, set: &BTreeMap<String, String>, order: &str) -> Option<String> {
    let mut names = order.strip_prefix("order=")?.split(';').filter(|name| !name.is_empty());
    let name = names.find(|name| guest.option(name).is_none() && !set.contains_key(*name))?;
    Some(format!("invalid bootorder: device '{name}' does not exist'"))
}

/// A guest has one drive for cloud-init.
fn second_drive(guest: &Guest, name: &str) -> Option<String> {
    let (other, _) = guest.disks().find(|(key, drive)| *key != name && drive.contains("cloudinit"))?;
    Some(format!("{name} - cloud-init drive is already attached at '{other}'"))
}

/// The addresses of a network card for cloud-init.
fn addresses(name: &str, value: &str) -> Outcome<()> {
    let parts = value.split(',').filter_map(|part| part.split_once('='));
    for (key, address) in parts.filter(|(key, _)| *key == "ip") {
        let network = address.split_once('/').is_some_and(|(ip, bits)| {
            ip.parse::<std::net::Ipv4Addr>().is_ok() && bits.parse::<u8>().is_ok_and(|bits| bits <= 32)
        });
        if !network && address != "dhcp" {
            let why = "invalid format - value does not look like a valid ipv4 network configuration";
            let text = format!("invalid format - format error\n{name}.{key}: {why}\n\n");
            return Err(Failure::param(name, text));
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
        "hookscript" if kind == GuestKind::Lxc => "VM.Config.Options",
        "args" | "lock" | "parallel" | "hookscript" | "dev" | "lxc" | "vmgenid" => return None,
        _ => "VM.Config.Options",
    })
}

/// Changes the guest: at once, or pending when it is running and cannot change while it does.
fn apply(
    world: &mut World,
    upid: &str,
    vmid: u32,
    set: BTreeMap<String, String>,
    (delete, force): (&[String], bool),
    revert: &[String],
) -> Result<(), String> {
    let mut changes = Vec::new();
    for (name, value) in set {
        let value = disks::complete(world, upid, vmid, &name, value)?;
        let value = if name == "tags" { tags(&value) } else { value };
        append_to_boot(world, vmid, &name, &value);
        changes.push((name, Change::Set(value)));
    }
    changes.extend(delete.iter().map(|name| (name.clone(), Change::Delete(force))));
    let Some(guest) = world.guests.get_mut(&vmid) else { return Ok(()) };
    for name in revert {
        guest.pending.remove(name);
    }
    let mut gone = Vec::new();
    for (name, change) in changes {
        // A volume that nothing names any more is removed with its option.
        let forced = matches!(change, Change::Delete(true)) || name.starts_with("unused");
        if matches!(change, Change::Delete(_)) && forced && disks::is_drive(&name) {
            gone.extend(guest.config.get(&name).cloned());
        }
        if guest.run.is_none() || at_once(guest, &name) {
            guest.pending.remove(&name);
            change_now(guest, name, change);
        } else if guest.config.get(&name) == set_value(&change) {
            guest.pending.remove(&name);
        } else {
            guest.pending.insert(name, change);
        }
    }
    for line in gone {
        disks::free(world, vmid, &line);
    }
    match world.guests.get(&vmid).filter(|guest| guest.kind == GuestKind::Lxc).and_then(|g| world.no_bridge(g)) {
        // What was asked for stands in the file by then.
        Some(text) => Err(text),
        None => Ok(()),
    }
}

/// Tags as PVE keeps them: in small letters, each once, in order.
pub(super) fn tags(text: &str) -> String {
    let tags = text.split([';', ',', ' ']).filter(|tag| !tag.is_empty()).map(str::to_ascii_lowercase);
    tags.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(";")
}

/// A new CD drive can be started from, after all else.
fn append_to_boot(world: &mut World, vmid: u32, name: &str, value: &str) {
    let Some(guest) = world.guests.get_mut(&vmid).filter(|guest| guest.kind == GuestKind::Qemu) else { return };
    let new = disks::is_drive(name) && value.contains("media=cdrom") && !value.contains("cloudinit");
    let order = guest.option("boot").and_then(|boot| boot.strip_prefix("order=")).map(str::to_owned);
    if let Some(order) = order.filter(|order| new && !order.split(';').any(|own| own == name)) {
        guest.config.insert("boot".to_owned(), format!("order={order};{name}"));
    }
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
    call.guest()?;
    nothing()
}
