//! New guests, from nothing or from a backup (qemu-server, pve-container: `create_vm`).

use std::collections::BTreeMap;

use super::{Call, IntoReply as _, disks, lxc, qemu};
use crate::demo::{
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{Flow, Guest, World, stage},
};

/// Milliseconds that creating volumes takes.
const CREATE_MS: u64 = 2000;

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

pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    let (kind, node, vmid) = (call.kind(), call.node(), call.vmid());
    permitted(call)?;
    call.quorum()?;
    let restore = call.args.get("archive").is_some() || call.args.flag("restore");
    let taken =
        call.world.guests.get(&vmid).map(|g| format!("{} {vmid} already exists on node '{}'", g.word(), g.node));
    if let Some(text) = taken.filter(|_| !(restore && call.args.flag("force"))) {
        return Err(Failure::new(match kind {
            GuestKind::Qemu => format!("unable to create VM {vmid} - {text}"),
            GuestKind::Lxc => text,
        }));
    }
    let given = call.args.iter().filter(|(name, _)| !NOT_OPTIONS.contains(name));
    let options: BTreeMap<String, String> = given.map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    let root = (kind == GuestKind::Lxc).then(|| rootfs(call));
    let pool = call.args.get("pool").map(str::to_owned);
    let start = call.args.flag("start");
    let at = node.clone();
    let first = stage(move |_: &mut World, _: &str| {
        let made = stage(move |world: &mut World, _: &str| {
            make(world, kind, &at, vmid, options, root)?;
            if pool.is_some() {
                world.access.set_pool(&vmid.to_string(), pool.as_deref());
            }
            if !start {
                return Ok(Flow::Done);
            }
            Ok(Flow::After(
                0,
                match kind {
                    GuestKind::Qemu => qemu::start_stage(at, vmid, false),
                    GuestKind::Lxc => lxc::start_stage(at, vmid, false),
                },
            ))
        });
        Ok(Flow::After(CREATE_MS, made))
    });
    let task = match (kind, restore) {
        (GuestKind::Qemu, false) => "qmcreate",
        (GuestKind::Qemu, true) => "qmrestore",
        (GuestKind::Lxc, false) => "vzcreate",
        (GuestKind::Lxc, true) => "vzrestore",
    };
    Ok(call.world.spawn(task, &node, &vmid.to_string(), call.who, first).into_reply())
}

/// `VM.Allocate` on the guest, or on the pool that it is to be in.
fn permitted(call: &Call<'_>) -> Outcome<()> {
    let path = format!("/vms/{}", call.vmid());
    let on_pool =
        call.args.get("pool").is_some_and(|p| call.world.access.may(call.who, &format!("/pool/{p}"), "VM.Allocate"));
    if let Some(pool) = call.args.get("pool")
        && !call.world.access.pools().any(|p| p == pool)
    {
        return Err(Failure::Plain(403, format!("pool '{pool}' does not exist\n")));
    }
    if on_pool || call.world.access.may(call.who, &path, "VM.Allocate") {
        return Ok(());
    }
    Err(Failure::forbidden(&format!("{path}, VM.Allocate")))
}

/// The root disk of a new container: as given, or 4 GiB.
fn rootfs(call: &Call<'_>) -> String {
    let storage = call.args.get("storage").unwrap_or("local");
    let given = call.args.get("rootfs").map(str::to_owned);
    given.map_or_else(|| format!("{storage}:4"), |r| if r.contains(':') { r } else { format!("{storage}:{r}") })
}

fn make(
    world: &mut World,
    kind: GuestKind,
    node: &str,
    vmid: u32,
    options: BTreeMap<String, String>,
    root: Option<String>,
) -> Result<(), String> {
    world.guests.insert(vmid, Guest::bare(vmid, kind, node, BTreeMap::new()));
    let mut config = BTreeMap::new();
    let root = root.map(|r| ("rootfs".to_owned(), r));
    for (name, value) in options.into_iter().chain(root) {
        let value = disks::complete(world, vmid, &name, value).inspect_err(|_| drop(world.guests.remove(&vmid)))?;
        config.insert(name, value);
        if let Some(guest) = world.guests.get_mut(&vmid) {
            guest.config.clone_from(&config);
        }
    }
    let uuids = (world.rng.uuid(), world.rng.uuid());
    let now = world.seconds();
    let mut default = |name: &str, value: String| {
        config.entry(name.to_owned()).or_insert(value);
    };
    match kind {
        GuestKind::Qemu => {
            default("smbios1", format!("uuid={}", uuids.0));
            default("vmgenid", uuids.1);
            default("meta", format!("creation-qemu=10.0.13,ctime={now}"));
            default("boot", " ".to_owned());
        }
        GuestKind::Lxc => {
            default("arch", "amd64".to_owned());
            default("memory", "512".to_owned());
            default("swap", "512".to_owned());
            default("ostype", "debian".to_owned());
            default("hostname", format!("CT{vmid}"));
        }
    }
    if let Some(guest) = world.guests.get_mut(&vmid) {
        guest.config = config;
    }
    Ok(())
}
