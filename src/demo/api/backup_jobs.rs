//! Backup jobs, and who is in none (pve-manager: `API2/Backup.pm`, `API2/Cluster/BackupInfo.pm`).

use serde_json::{Value, json};

use super::{Call, IntoReply as _, disks::is_drive, nothing, resize::volume};
use crate::demo::{
    reply::{Failure, Outcome},
    scenario::GuestKind,
    schedule::Job,
    world::Guest,
};

/// Seconds until a job runs next, as far as the demo knows schedules.
const NEXT: u64 = 86_400;
/// Parameters that are no options of a job.
const NOT_OPTIONS: [&str; 3] = ["id", "delete", "starttime"];

/// PVE tells it inside another error.
fn inner(text: &str) -> Failure {
    Failure::Plain(500, format!("400 Parameter verification failed.\n{text}\n"))
}

pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let next = call.world.seconds() + NEXT;
    let row = |job: &Job| {
        let mut row = job.row();
        row.insert("next-run".to_owned(), json!(next));
        Value::Object(row)
    };
    Ok(call.world.backup_jobs.iter().map(row).collect::<Vec<_>>().into_reply())
}

fn id(call: &Call<'_>) -> String {
    call.args.get("id").unwrap_or_default().to_owned()
}

fn asked<'a>(call: &'a Call<'_>) -> Outcome<&'a Job> {
    let id = id(call);
    let found = call.world.backup_jobs.iter().find(|job| job.id == id);
    found.ok_or_else(|| inner(&format!("id: No such job '{id}'")))
}

pub(super) fn one(call: &mut Call<'_>) -> Outcome {
    Ok(Value::Object(asked(call)?.row()).into_reply())
}

/// Puts what a call says into a job.
fn fill(call: &Call<'_>, job: &mut Job) {
    for (name, value) in call.args.iter().filter(|(name, _)| !NOT_OPTIONS.contains(name)) {
        job.options.insert(name.to_owned(), value.to_owned());
    }
    for name in call.args.list("delete") {
        job.options.remove(name);
    }
}

/// A job saves listed guests, a pool, or all.
fn selects(job: &Job) -> Outcome<()> {
    let has = |name: &str| job.options.contains_key(name);
    match ["vmid", "pool", "all"].iter().filter(|name| has(name)).count() {
        0 => Err(inner("vmid: property is missing")),
        1 => Ok(()),
        _ => Err(inner("all: option conflicts with option 'vmid'")),
    }
}

pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    let id = if call.args.get("id").is_some() { id(call) } else { call.world.rng.uuid() };
    if call.world.backup_jobs.iter().any(|job| job.id == id) {
        return Err(Failure::new(format!("Job '{id}' already exists")));
    }
    let mut job = Job { id, ..Job::default() };
    job.options.insert("enabled".to_owned(), "1".to_owned());
    fill(call, &mut job);
    selects(&job)?;
    call.world.backup_jobs.push(job);
    nothing()
}

pub(super) fn update(call: &mut Call<'_>) -> Outcome {
    let mut job = asked(call)?.clone();
    fill(call, &mut job);
    selects(&job)?;
    if let Some(old) = call.world.backup_jobs.iter_mut().find(|old| old.id == job.id) {
        *old = job;
    }
    nothing()
}

pub(super) fn remove(call: &mut Call<'_>) -> Outcome {
    let id = asked(call)?.id.clone();
    call.world.backup_jobs.retain(|job| job.id != id);
    nothing()
}

/// What of each guest a job saves.
pub(super) fn included(call: &mut Call<'_>) -> Outcome {
    let job = asked(call)?;
    let world = &*call.world;
    let saved = |guest: &&Guest| job.saves(guest.vmid, world.access.pool_of(&guest.vmid.to_string()));
    let leaf = |guest: &Guest, name: &str, drive: &str| {
        let (included, reason) = match (guest.kind, name) {
            (GuestKind::Lxc, "rootfs") => (true, "rootfs"),
            (GuestKind::Lxc, _) if drive.contains("backup=1") => (true, "enabled"),
            (GuestKind::Lxc, _) => (false, "disabled"),
            _ if drive.contains("backup=0") => (false, "backup=no"),
            _ => (true, "backup=yes"),
        };
        json!({"id": format!("{}:{name}", guest.vmid), "name": volume(drive), "included": u8::from(included),
            "reason": reason, "leaf": 1})
    };
    let tree = |guest: &Guest| {
        let drives = guest
            .disks()
            .filter(|(name, drive)| is_drive(name) && !name.starts_with("unused") && !drive.contains("media=cdrom"));
        let children: Vec<Value> = drives.map(|(name, drive)| leaf(guest, name, drive)).collect();
        json!({"id": guest.vmid, "type": guest.kind.as_str(), "name": guest.name(), "children": children, "leaf": 0})
    };
    let children: Vec<Value> = world.guests.values().filter(saved).map(tree).collect();
    Ok(json!({"children": children}).into_reply())
}

/// The guests that no job saves, those that it would save if it were switched on left out.
pub(super) fn left_out(call: &mut Call<'_>) -> Outcome {
    let world = &*call.world;
    let saved = |guest: &Guest| {
        let pool = world.access.pool_of(&guest.vmid.to_string());
        world.backup_jobs.iter().any(|job| job.saves(guest.vmid, pool))
    };
    let seen = |guest: &&Guest| world.access.may(call.who, &format!("/vms/{}", guest.vmid), "VM.Audit");
    let name = |guest: &Guest| {
        guest.option(if guest.kind == GuestKind::Qemu { "name" } else { "hostname" }).map(str::to_owned)
    };
    let row = |guest: &Guest| {
        let mut row = json!({"vmid": guest.vmid, "type": guest.kind.as_str()});
        if let Some(name) = name(guest) {
            row["name"] = json!(name);
        }
        row
    };
    let rows: Vec<Value> = world.guests.values().filter(|guest| !saved(guest)).filter(seen).map(row).collect();
    Ok(rows.into_reply())
}

pub(super) fn info_index(_: &mut Call<'_>) -> Outcome {
    Ok(json!([{"subdir": "not-backed-up"}]).into_reply())
}
