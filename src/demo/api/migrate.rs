//! Moving guests to another node.

use serde_json::{Map, Value, json};

use super::{Call, IntoReply as _, resize::volume};
use crate::demo::{
    reply::{Failure, Outcome},
    scenario::GuestKind,
    time,
    world::{Flow, Guest, World, stage, total_size, under_lock},
};

/// Milliseconds that a migration takes.
const MIGRATE_MS: u64 = 6000;

/// Where a guest may go.
pub(super) fn conditions(call: &mut Call<'_>) -> Outcome {
    let (node, kind) = (call.node(), call.kind());
    let guest = call.guest()?;
    let others = call.world.hosts.iter().filter(|h| h.node.name != node);
    let mut allowed: Vec<&str> = Vec::new();
    let mut not_allowed = Map::new();
    for host in others {
        let name = &host.node.name;
        let missing = missing_storages(call.world, guest, name, None);
        if host.away_since.is_some() {
            not_allowed.insert(name.clone(), json!({}));
        } else if kind == GuestKind::Lxc {
            allowed.push(name);
        } else if missing.is_empty() {
            allowed.push(name);
            not_allowed.insert(name.clone(), json!({}));
        } else {
            not_allowed.insert(name.clone(), json!({"unavailable_storages": missing}));
        }
    }
    let running = u8::from(guest.run.is_some());
    let mut answer = json!({"running": running, "allowed-nodes": allowed, "not-allowed-nodes": not_allowed});
    if kind == GuestKind::Qemu {
        answer = json!({
            "running": running, "allowed_nodes": allowed, "not_allowed_nodes": not_allowed,
            "local_disks": local_disks(call.world, guest), "local_resources": local_resources(guest),
            "mapped-resources": [], "mapped-resource-info": {}, "has-dbus-vmstate": 1,
        });
    }
    Ok(answer.into_reply())
}

/// Devices of the node that a VM uses.
fn local_resources(guest: &Guest) -> Vec<&str> {
    let bound = |(key, value): &(&String, &String)| {
        let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
        let device = ["hostpci", "usb"].contains(&stem) && stem != key.as_str() && !value.contains("mapping=");
        device && !value.starts_with("spice") || stem == "serial" && value.starts_with("/dev")
    };
    guest.config.iter().filter(bound).map(|(key, _)| key.as_str()).collect()
}

/// The storages of a guest's disks that a node does not have.
fn missing_storages(world: &World, guest: &Guest, node: &str, target: Option<&str>) -> Vec<String> {
    let mut missing: Vec<String> = Vec::new();
    for (_, drive) in guest.disks() {
        let own = volume(drive).split(':').next().unwrap_or_default();
        let name = target.unwrap_or(own).to_owned();
        let there = world.storage(&name).is_some_and(|storage| storage.is_on(node));
        if !there && !missing.contains(&name) {
            missing.push(name);
        }
    }
    missing
}

fn local_disks(world: &World, guest: &Guest) -> Vec<Value> {
    let local = |storage: &str| world.storage.iter().any(|s| s.name == storage && !s.shared);
    let here = guest.disks().filter(|(_, drive)| volume(drive).split(':').next().is_some_and(local));
    here.map(|(key, drive)| {
        let volid = volume(drive);
        let size = world.volume(&guest.node, volid).map_or_else(|| total_size(Some(drive)), |found| found.size);
        let unused = key.starts_with("unused");
        json!({"volid": volid, "drivename": key, "size": size, "is_unused": u8::from(unused), "is_vmstate": 0,
            "is_attached": u8::from(!unused), "is_cloudinit": u8::from(volid.contains("cloudinit")),
            "is_tpmstate": u8::from(key.starts_with("tpmstate")), "shared": 0,
            "replicate": u8::from(!drive.contains("replicate=0")), "cdrom": u8::from(drive.contains("media=cdrom"))})
    })
    .collect()
}

pub(super) fn migrate(call: &mut Call<'_>) -> Outcome {
    let (kind, node, vmid) = (call.kind(), call.node(), call.vmid());
    let target = call.args.get("target").unwrap_or_default().to_owned();
    if kind == GuestKind::Qemu {
        call.root_only(&["force", "migration_type", "migration_network"])?;
    }
    if target == node {
        return Err(Failure::param("target", "target is local node."));
    }
    call.quorum()?;
    if call.world.host(&target).is_none() {
        return Err(Failure::new(format!("no such cluster node '{target}'")));
    }
    let online = call.args.flag("online");
    let restart = call.args.flag("restart");
    let guest = call.guest()?;
    let managed = guest.is_managed();
    match (kind, guest.run.is_some()) {
        (GuestKind::Qemu, true) if !online => {
            return Err(Failure::new("can't migrate running VM without --online"));
        }
        (GuestKind::Lxc, true) if !online && !restart => {
            return Err(Failure::new("can't migrate running container without --online or --restart"));
        }
        _ => {}
    }
    let word = guest.word();
    if managed {
        let first = stage(move |world: &mut World, upid: &str| {
            world.log(upid, format!("Requesting HA migration for {word} {vmid} to node {target}"));
            world.later(MIGRATE_MS, move |world| world.moved(vmid, &target));
            Ok(Flow::Done)
        });
        return call.worker("hamigrate", first);
    }
    let wanted = call.args.get("targetstorage").or_else(|| call.args.get("target-storage")).map(str::to_owned);
    if kind == GuestKind::Qemu {
        if let Some(text) = guest.locked() {
            return Err(Failure::new(text));
        }
        if let Some(storage) = missing_storages(call.world, guest, &target, wanted.as_deref()).first() {
            return Err(Failure::new(match call.world.has_storage(storage) {
                true => format!("storage '{storage}' is not available on node '{target}'"),
                false => format!("storage '{storage}' does not exist"),
            }));
        }
    }
    let live = kind == GuestKind::Lxc && online && guest.run.is_some();
    let journey = Journey { vmid, target, storage: wanted, live };
    let first = under_lock(vmid, stage(move |world, upid| journey.begin(world, upid)));
    call.worker(if kind == GuestKind::Qemu { "qmigrate" } else { "vzmigrate" }, first)
}

/// A guest on its way to another node.
struct Journey {
    vmid: u32,
    target: String,
    storage: Option<String>,
    /// Whether a container is asked to go on running, which none can.
    live: bool,
}

impl Journey {
    fn tell(world: &mut World, upid: &str, text: &str) {
        let at = time::local(world.seconds());
        world.log(upid, format!("{at} {text}"));
    }

    fn abort(world: &mut World, upid: &str, why: &str) -> Result<Flow, String> {
        Self::tell(world, upid, &format!("ERROR: migration aborted (duration 00:00:00): {why}"));
        Err("migration aborted".to_owned())
    }

    fn begin(self, world: &mut World, upid: &str) -> Result<Flow, String> {
        let (vmid, target) = (self.vmid, self.target.clone());
        world.vm_unlocked(vmid, false, &[])?;
        let Some(guest) = world.guests.get(&vmid).cloned() else { return Ok(Flow::Done) };
        if self.live {
            return Self::abort(world, upid, "lxc live migration is currently not implemented");
        }
        if !world.is_online(&target) {
            return Self::abort(
                world,
                upid,
                &format!("Can't connect to destination address using public key: {target}"),
            );
        }
        if let Some(storage) = missing_storages(world, &guest, &target, self.storage.as_deref()).first() {
            return Self::abort(world, upid, &format!("storage '{storage}' is not available on node '{target}'"));
        }
        let began = world.seconds();
        let address = world.host(&target).map(|host| host.ip.clone()).unwrap_or_default();
        let word = guest.word();
        Self::tell(world, upid, &format!("starting migration of {word} {vmid} to node '{target}' ({address})"));
        self.disks(world, upid, &guest);
        if let Some(guest) = world.guests.get_mut(&vmid) {
            guest.config.insert("lock".to_owned(), "migrate".to_owned());
        }
        let done = stage(move |world: &mut World, upid: &str| {
            if !world.is_online(&target) {
                return Self::abort(world, upid, &format!("ssh: connect to host {address}: No route to host"));
            }
            world.moved(vmid, &target);
            let took = time::span(world.seconds().saturating_sub(began));
            Self::tell(world, upid, &format!("migration finished successfully (duration {took})"));
            Ok(Flow::Done)
        });
        Ok(Flow::After(MIGRATE_MS, done))
    }

    /// The disks that go along.
    fn disks(&self, world: &mut World, upid: &str, guest: &Guest) {
        let vm = guest.kind == GuestKind::Qemu;
        let local: Vec<String> = guest
            .disks()
            .map(|(_, drive)| volume(drive).to_owned())
            .filter(|volid| !world.storage(volid.split(':').next().unwrap_or_default()).is_some_and(|s| s.shared))
            .collect();
        for volid in &local {
            let what = match (vm, volid.contains("cloudinit")) {
                (true, true) => format!("found generated disk '{volid}' (in current VM config)"),
                (true, false) => format!("found local disk '{volid}' (attached)"),
                _ => format!("found local volume '{volid}' (in current VM config)"),
            };
            Self::tell(world, upid, &what);
        }
        if vm && !local.is_empty() {
            Self::tell(world, upid, "copying local disk images");
        }
        for volid in &local {
            Self::tell(world, upid, &format!("volume '{volid}' is '{volid}' on the target"));
        }
    }
}

impl World {
    /// A guest is another node's now, with its disks.
    pub(super) fn moved(&mut self, vmid: u32, target: &str) {
        let Some(guest) = self.guests.get_mut(&vmid) else { return };
        if guest.option("lock") == Some("migrate") {
            guest.config.remove("lock");
        }
        let from = std::mem::replace(&mut guest.node, target.to_owned());
        let names: Vec<String> = guest.disks().map(|(_, drive)| volume(drive).to_owned()).collect();
        for found in self.volumes.iter_mut().filter(|found| names.contains(&found.volid())) {
            if found.node.as_ref().is_some_and(|node| *node == from) {
                found.node = Some(target.to_owned());
            }
        }
    }
}

/// There is no other cluster: the task finds that out.
pub(super) fn to_remote(call: &mut Call<'_>) -> Outcome {
    let endpoint = call.args.get("target-endpoint").unwrap_or_default();
    let host = endpoint.split(',').find_map(|p| p.strip_prefix("host=")).unwrap_or("remote").to_owned();
    call.guest()?;
    let kind = call.kind();
    let first = stage(move |world: &mut World, upid: &str| {
        world.log(upid, format!("Establishing API connection with remote at '{host}'"));
        Err(format!("remote: unable to connect to '{host}' - Connection refused"))
    });
    call.worker(if kind == GuestKind::Qemu { "qmigrate" } else { "vzmigrate" }, first)
}
