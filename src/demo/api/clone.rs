//! Copies of guests, and templates (qemu-server, pve-container: `clone_vm`, `template`).

use std::collections::BTreeMap;

use super::{Call, IntoReply as _, nothing};
use crate::demo::{
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{Flow, Guest, World, stage, under_lock},
};

/// Milliseconds that a linked clone takes; a full one takes ten times as long.
const CLONE_MS: u64 = 700;

/// Options that a copy does not inherit.
const NOT_COPIED: [&str; 6] = ["lock", "parent", "protection", "template", "vmgenid", "smbios1"];

pub(super) fn clone(call: &mut Call<'_>) -> Outcome {
    let (kind, node, vmid) = (call.kind(), call.node(), call.vmid());
    call.quorum()?;
    let new = call.args.get("newid").and_then(|v| v.parse::<u32>().ok()).unwrap_or(0);
    let target = call.args.get("target").map_or_else(|| node.clone(), str::to_owned);
    let guest = call.guest()?;
    if let Some(text) = guest.locked() {
        return Err(Failure::new(text));
    }
    if let Some(taken) = call.world.guests.get(&new) {
        return Err(Failure::new(format!("{} {new} already exists on node '{}'", taken.word(), taken.node)));
    }
    if call.world.host(&target).is_none() {
        return Err(Failure::new(format!("no such cluster node '{target}'")));
    }
    let source = match call.args.get("snapname") {
        Some(name) => {
            let snap = guest.snapshots.iter().find(|s| s.name == name);
            snap.ok_or_else(|| Failure::new(format!("snapshot '{name}' does not exist")))?.config.clone()
        }
        None => guest.config.clone(),
    };
    let template = guest.is_on("template");
    let full = call.args.get("full").map_or(!template, |v| v == "1");
    if !full && !template && call.args.get("snapname").is_none() {
        return Err(Failure::param("full", "Linked clone feature is only available for templates and snapshots"));
    }
    let copy = Copy {
        kind,
        from: vmid,
        new,
        target,
        full,
        storage: call.args.get("storage").map(str::to_owned),
        name: call.args.get(if kind == GuestKind::Qemu { "name" } else { "hostname" }).map(str::to_owned),
        description: call.args.get("description").map(str::to_owned),
        pool: call.args.get("pool").map(str::to_owned),
        source,
    };
    // The id is taken from now on.
    call.world.guests.insert(new, copy.begun());
    let first = stage(move |_: &mut World, _: &str| {
        let done = stage(move |world: &mut World, upid: &str| {
            copy.finish(world, upid);
            Ok(Flow::Done)
        });
        Ok(Flow::After(if full { 10 * CLONE_MS } else { CLONE_MS }, done))
    });
    let task = if kind == GuestKind::Qemu { "qmclone" } else { "vzclone" };
    Ok(call.world.spawn(task, &node, &vmid.to_string(), call.who, first).into_reply())
}

/// A copy to be made.
struct Copy {
    kind: GuestKind,
    from: u32,
    new: u32,
    target: String,
    full: bool,
    storage: Option<String>,
    name: Option<String>,
    description: Option<String>,
    pool: Option<String>,
    source: BTreeMap<String, String>,
}

impl Copy {
    /// The new guest while it is being copied: there is little but its lock.
    fn begun(&self) -> Guest {
        let config = BTreeMap::from([("lock".to_owned(), "clone".to_owned())]);
        Guest::bare(self.new, self.kind, &self.target, config)
    }

    fn finish(self, world: &mut World, upid: &str) {
        let mut config: BTreeMap<String, String> = BTreeMap::new();
        for (key, value) in &self.source {
            if !NOT_COPIED.contains(&key.as_str()) && !key.starts_with("unused") {
                config.insert(key.clone(), self.option(world, upid, key, value));
            }
        }
        let key = if self.kind == GuestKind::Qemu { "name" } else { "hostname" };
        let name = self.name.clone().unwrap_or_else(|| {
            let word = if self.kind == GuestKind::Qemu { "VM" } else { "CT" };
            format!("Copy-of-{word}-{}", self.source.get(key).cloned().unwrap_or_else(|| self.from.to_string()))
        });
        config.insert(key.to_owned(), name);
        config.extend(self.description.clone().map(|d| ("description".to_owned(), d)));
        if self.kind == GuestKind::Qemu {
            config.insert("smbios1".to_owned(), format!("uuid={}", world.rng.uuid()));
            config.insert("vmgenid".to_owned(), world.rng.uuid());
        }
        if let Some(guest) = world.guests.get_mut(&self.new) {
            guest.config = config;
        }
        if self.pool.is_some() {
            world.access.set_pool(&self.new.to_string(), self.pool.as_deref());
        }
    }

    /// An option of the copy: volumes and addresses are its own.
    fn option(&self, world: &mut World, upid: &str, key: &str, value: &str) -> String {
        let old = format!("-{}-", self.from);
        let volume = value.split(',').next().unwrap_or_default();
        if volume.contains(':') && volume.contains(&old) {
            let what = if self.full { "full" } else { "linked" };
            world.log(upid, format!("create {what} clone of drive {key} ({volume})"));
            let own = volume.replace(&old, &format!("-{}-", self.new)).replace("base-", "vm-");
            let own = match (&self.storage, own.split_once(':')) {
                (Some(storage), Some((_, rest))) if self.full => format!("{storage}:{rest}"),
                _ => own,
            };
            let own = match own.split_once(':') {
                Some((storage, rest)) if !self.full => {
                    let base = volume.split_once(':').map_or("", |(_, b)| b);
                    format!("{storage}:{base}/{rest}")
                }
                _ => own,
            };
            return value.replacen(volume, &own, 1);
        }
        if key.starts_with("net") {
            return fresh_addresses(world, value);
        }
        value.to_owned()
    }
}

/// The same network card with another hardware address.
fn fresh_addresses(world: &mut World, card: &str) -> String {
    let digits = world.rng.hex(6).to_uppercase();
    let own = format!("BC:24:11:{}:{}:{}", &digits[..2], &digits[2..4], &digits[4..]);
    let is_address = |t: &str| t.len() == 17 && t.matches(':').count() == 5;
    let part = |p: &str| match p.split_once('=') {
        Some((key, value)) if is_address(value) => format!("{key}={own}"),
        _ => p.to_owned(),
    };
    card.split(',').map(part).collect::<Vec<_>>().join(",")
}

pub(super) fn to_template(call: &mut Call<'_>) -> Outcome {
    let (kind, vmid) = (call.kind(), call.vmid());
    let guest = call.guest()?;
    if guest.is_on("template") {
        let word = if kind == GuestKind::Qemu { "VM" } else { "CT" };
        return Err(Failure::new(format!("you can't convert a template to a template ({word} {vmid})")));
    }
    if !guest.snapshots.is_empty() {
        return Err(Failure::new(format!("unable to create template, because {} contains snapshots", guest.word())));
    }
    if guest.run.is_some() {
        return Err(Failure::new(match kind {
            GuestKind::Qemu => "you can't convert a VM to template if VM is running",
            GuestKind::Lxc => "you can't convert a CT to a template if the CT is running",
        }));
    }
    call.unlocked()?;
    if kind == GuestKind::Lxc {
        call.writable()?;
        convert(call.world, vmid);
        return nothing();
    }
    let first = under_lock(
        vmid,
        stage(move |world, _| {
            convert(world, vmid);
            Ok(Flow::Done)
        }),
    );
    call.worker("qmtemplate", first)
}

/// Volumes of a template are bases that clones stand on.
fn convert(world: &mut World, vmid: u32) {
    let Some(guest) = world.guests.get_mut(&vmid) else { return };
    let keys: Vec<String> = guest.disks().map(|(k, _)| k.to_owned()).collect();
    for key in keys {
        if let Some(line) = guest.config.get_mut(&key) {
            *line = line.replace(&format!(":vm-{vmid}-"), &format!(":base-{vmid}-"));
            *line = line.replace(&format!("subvol-{vmid}-"), &format!("basevol-{vmid}-"));
        }
    }
    guest.config.insert("template".to_owned(), "1".to_owned());
}
