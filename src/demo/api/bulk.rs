//! Calls on many guests at once (pve-manager: `API2/Nodes.pm`, `API2/Cluster/BulkAction/Guest.pm`). Whoever names no
//! guests means all of them.

use serde_json::{Value, json};

use super::{Call, IntoReply as _};
use crate::{
    demo::{
        reply::{Failure, Outcome},
        scenario::GuestKind,
        world::{Flow, Guest, World, stage},
    },
    spec::verify::split_list,
};

/// Seconds that a guest gets to shut down when nobody says otherwise.
const TIMEOUT: u64 = 180;

/// The ids that a call names, in a list or as text; none when it names none.
fn named(call: &Call<'_>) -> Option<Vec<u32>> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let ids = match call.args.all().get("vms")? {
        Value::Array(ids) => ids.iter().filter_map(|id| text(id).parse().ok()).collect(),
        other => split_list(&text(other)).filter_map(|id| id.parse().ok()).collect(),
    };
    Some(ids)
}

/// The guests that are meant, on one node or on all, without templates.
fn meant(world: &World, ids: Option<&[u32]>, node: Option<&str>) -> Vec<u32> {
    let here = |guest: &&Guest| {
        node.is_none_or(|node| guest.node == node)
            && ids.is_none_or(|ids| ids.contains(&guest.vmid))
            && !guest.is_on("template")
    };
    world.guests.values().filter(here).map(|guest| guest.vmid).collect()
}

/// Refuses guests over whose power the caller has no say.
fn permitted(call: &Call<'_>, ids: Option<&[u32]>, node: Option<&str>, privilege: &str) -> Outcome<()> {
    if call.world.access.may(call.who, "/vms", privilege) {
        return Ok(());
    }
    let wanted = ids.map_or_else(|| meant(call.world, None, node), <[u32]>::to_vec);
    for vmid in wanted {
        let path = format!("/vms/{vmid}");
        if !call.world.access.may(call.who, &path, privilege) {
            return Err(Failure::forbidden(&format!("{path}, {privilege}")));
        }
    }
    Ok(())
}

fn word(world: &World, vmid: u32) -> &'static str {
    world.guests.get(&vmid).map_or("VM", Guest::word)
}

fn runs(world: &World, vmid: u32) -> bool {
    world.guests.get(&vmid).is_some_and(|guest| guest.run.is_some())
}

/// Starts the guests of a node that are to start with it, or those that are named; before that it takes the locks of
/// interrupted backups off every guest of the node.
pub(super) fn start_all(call: &mut Call<'_>) -> Outcome {
    let (node, ids) = (call.node(), named(call));
    permitted(call, ids.as_deref(), Some(&node), "VM.PowerMgmt")?;
    let force = call.args.flag("force");
    let at = node.clone();
    let first = stage(move |world: &mut World, upid: &str| {
        let all: Vec<u32> = world.guests.values().filter(|guest| guest.node == at).map(|guest| guest.vmid).collect();
        for vmid in &all {
            let Some(guest) = world.guests.get_mut(vmid) else { continue };
            if guest.option("lock") == Some("backup") {
                guest.config.remove("lock");
                world.log(upid, format!("removed left over backup lock from '{vmid}'!"));
            }
        }
        for vmid in meant(world, ids.as_deref(), Some(&at)) {
            let starts = force || world.guests.get(&vmid).is_some_and(|guest| guest.is_on("onboot"));
            if !starts || runs(world, vmid) {
                continue;
            }
            let word = word(world, vmid);
            world.log(upid, format!("Starting {word} {vmid}"));
            if let Err(error) = world.up(vmid, upid) {
                world.log(upid, error);
            }
        }
        Ok(Flow::Done)
    });
    Ok(call.world.spawn("startall", &node, "", call.who, first).into_reply())
}

pub(super) fn stop_all(call: &mut Call<'_>) -> Outcome {
    let (node, ids) = (call.node(), named(call));
    permitted(call, ids.as_deref(), Some(&node), "VM.PowerMgmt")?;
    let wait = call.args.number("timeout").unwrap_or(TIMEOUT);
    let force = call.args.get("force-stop") != Some("0");
    let at = node.clone();
    let first = stage(move |world: &mut World, upid: &str| {
        for vmid in meant(world, ids.as_deref(), Some(&at)).into_iter().rev().collect::<Vec<_>>() {
            if !runs(world, vmid) {
                continue;
            }
            let word = word(world, vmid);
            world.log(upid, format!("Stopping {word} {vmid} (timeout = {wait} seconds)"));
            if force || world.guests.get(&vmid).is_some_and(|guest| !guest.stubborn) {
                world.down(vmid);
            }
        }
        Ok(Flow::Done)
    });
    Ok(call.world.spawn("stopall", &node, "", call.who, first).into_reply())
}

pub(super) fn suspend_all(call: &mut Call<'_>) -> Outcome {
    let (node, ids) = (call.node(), named(call));
    permitted(call, ids.as_deref(), Some(&node), "VM.PowerMgmt")?;
    let at = node.clone();
    let first = stage(move |world: &mut World, upid: &str| {
        for vmid in meant(world, ids.as_deref(), Some(&at)) {
            if world.guests.get(&vmid).is_none_or(|guest| guest.kind == GuestKind::Lxc) {
                continue;
            }
            if !runs(world, vmid) {
                world.log(upid, format!("VM {vmid} not running, skipping suspension"));
                continue;
            }
            world.log(upid, format!("Suspending VM {vmid}"));
            world.save(vmid);
        }
        Ok(Flow::Done)
    });
    Ok(call.world.spawn("suspendall", &node, "", call.who, first).into_reply())
}

pub(super) fn migrate_all(call: &mut Call<'_>) -> Outcome {
    let (node, ids) = (call.node(), named(call));
    let target = call.args.get("target").unwrap_or_default().to_owned();
    permitted(call, ids.as_deref(), Some(&node), "VM.Migrate")?;
    if call.args.get("max-workers").or_else(|| call.args.get("maxworkers")).is_none() {
        let text = "either 'max-workers' parameter or max_workers in datacenter.cfg must be set!";
        return Err(Failure::new(text));
    }
    if target == node {
        return Err(Failure::param("target", "target is local node."));
    }
    let at = node.clone();
    let first = stage(move |world: &mut World, upid: &str| {
        for vmid in meant(world, ids.as_deref(), Some(&at)) {
            let word = word(world, vmid);
            world.log(upid, format!("Migrating {word} {vmid}"));
            world.moved(vmid, &target);
        }
        Ok(Flow::Done)
    });
    Ok(call.world.spawn("migrateall", &node, "", call.who, first).into_reply())
}

pub(super) fn index(_: &mut Call<'_>) -> Outcome {
    Ok(json!([{"name": "guest"}]).into_reply())
}

pub(super) fn guest_index(_: &mut Call<'_>) -> Outcome {
    let names = ["start", "shutdown", "migrate", "suspend"];
    Ok(names.iter().map(|name| json!({"name": name})).collect::<Vec<Value>>().into_reply())
}

/// What a task tells at its beginning: of whom it is about.
fn about(verb: &str, ids: Option<&[u32]>, target: Option<&str>) -> String {
    let to = target.map(|target| format!(" to {target}")).unwrap_or_default();
    match ids {
        Some(ids) => {
            let ids: Vec<String> = ids.iter().map(u32::to_string).collect();
            format!("{verb} guests{to}: {}", ids.join(", "))
        }
        None => format!("{verb} all guests{to}"),
    }
}

/// A task on guests of the whole cluster.
fn across(call: &mut Call<'_>, kind: &str, one: impl Fn(&mut World, &str, u32) -> bool + Send + 'static) -> Outcome {
    let ids = named(call);
    permitted(call, ids.as_deref(), None, if kind == "bulk-migrate" { "VM.Migrate" } else { "VM.PowerMgmt" })?;
    let (verb, failed) = match kind {
        "bulk-start" => ("Starting", "start"),
        "bulk-shutdown" => ("Shutting down", "shutdown"),
        "bulk-suspend" => ("Suspending", "suspend"),
        _ => ("Migrating", "migrate"),
    };
    let line = about(verb, ids.as_deref(), call.args.get("target"));
    let first = stage(move |world: &mut World, upid: &str| {
        world.log(upid, line);
        let all = meant(world, ids.as_deref(), None);
        let bad: Vec<String> =
            all.into_iter().filter(|vmid| !one(world, upid, *vmid)).map(|id| id.to_string()).collect();
        if bad.is_empty() { Ok(Flow::Done) } else { Err(format!("Some guests failed to {failed}: {}", bad.join(", "))) }
    });
    let local = call.world.local().to_owned();
    Ok(call.world.spawn(kind, &local, "", call.who, first).into_reply())
}

pub(super) fn start(call: &mut Call<'_>) -> Outcome {
    across(call, "bulk-start", |world, upid, vmid| {
        let word = word(world, vmid);
        if runs(world, vmid) && word == "VM" {
            world.log(upid, format!("WARN: Skipping VM {vmid}, already running."));
            return true;
        }
        world.log(upid, format!("Starting {word} {vmid}"));
        if runs(world, vmid) {
            world.log(upid, format!("WARN: 500 CT {vmid} already running"));
            return false;
        }
        let went = world.vm_unlocked(vmid, false, &[]).and_then(|()| world.up(vmid, ""));
        if let Err(error) = &went {
            world.log(upid, format!("WARN: Starting {word} {vmid} failed: {error}"));
        }
        went.is_ok()
    })
}

pub(super) fn shut_down(call: &mut Call<'_>) -> Outcome {
    let wait = call.args.number("timeout").unwrap_or(TIMEOUT);
    let force = call.args.get("force-stop") != Some("0");
    across(call, "bulk-shutdown", move |world, upid, vmid| {
        let word = word(world, vmid);
        if !runs(world, vmid) {
            world.log(upid, format!("WARN: Skipping {word} {vmid}, not running."));
            return true;
        }
        world.log(upid, format!("Shutting down {word} {vmid} (Timeout = {wait} seconds)"));
        let obeys = force || world.guests.get(&vmid).is_some_and(|guest| !guest.stubborn);
        if obeys {
            world.down(vmid);
        }
        obeys
    })
}

pub(super) fn suspend(call: &mut Call<'_>) -> Outcome {
    let to_disk = call.args.flag("to-disk");
    across(call, "bulk-suspend", move |world, upid, vmid| {
        if world.guests.get(&vmid).is_some_and(|guest| guest.kind == GuestKind::Lxc) {
            world.log(upid, format!("WARN: Skipping CT {vmid}, containers cannot be suspended."));
            return true;
        }
        world.log(upid, format!("Suspending VM {vmid}"));
        if to_disk {
            world.save(vmid);
        } else {
            world.pause(vmid, true);
        }
        true
    })
}

pub(super) fn migrate(call: &mut Call<'_>) -> Outcome {
    let target = call.args.get("target").unwrap_or_default().to_owned();
    across(call, "bulk-migrate", move |world, upid, vmid| {
        let word = word(world, vmid);
        if world.guests.get(&vmid).is_some_and(|guest| guest.node == target) {
            world.log(upid, format!("WARN: {word} {vmid} already on {target}, skipping."));
            return true;
        }
        world.log(upid, format!("Migrating {word} {vmid}"));
        world.moved(vmid, &target);
        true
    })
}

impl World {
    /// Saves a VM to its disk, which ends it.
    fn save(&mut self, vmid: u32) {
        if let Some(guest) = self.guests.get_mut(&vmid) {
            guest.run = None;
            guest.config.insert("lock".to_owned(), "suspended".to_owned());
        }
    }
}
