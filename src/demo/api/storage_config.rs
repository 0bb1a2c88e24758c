//! The storages of the cluster as `storage.cfg` has them (pve-storage: `API2/Storage/Config.pm`).

use serde_json::{Value, json};

use super::{Call, IntoReply as _, nothing};
use crate::demo::{
    digest::digest,
    reply::{Failure, Outcome},
    scenario::Storage,
    world::World,
};

fn row(world: &World, storage: &Storage) -> Value {
    let mut row = json!({"storage": storage.name, "type": storage.kind, "content": storage.content,
        "digest": digest(&format!("{:?}", world.storage))});
    if storage.keeps_files() {
        row["path"] = json!(storage.folder());
    }
    if storage.kind == "lvmthin" {
        row["vgname"] = json!("pve");
        row["thinpool"] = json!("data");
    }
    if storage.kind == "nfs" {
        row["server"] = json!("192.0.2.5");
        row["export"] = json!(format!("/export/{}", storage.name));
    }
    if !storage.nodes.is_empty() {
        row["nodes"] = json!(storage.nodes.join(","));
    }
    if storage.shared && storage.kind == "dir" {
        row["shared"] = json!(1);
    }
    for (key, value) in &storage.options {
        row[key] = json!(value);
    }
    if !storage.enabled {
        row["disable"] = json!(1);
    }
    row
}

fn audited(call: &Call<'_>, name: &str) -> bool {
    let path = format!("/storage/{name}");
    ["Datastore.Audit", "Datastore.AllocateSpace"].iter().any(|p| call.world.access.may(call.who, &path, p))
}

pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let kind = call.args.get("type");
    let seen = |s: &&Storage| audited(call, &s.name) && kind.is_none_or(|kind| kind == s.kind);
    let mut rows: Vec<Value> = call.world.storage.iter().filter(seen).map(|s| row(call.world, s)).collect();
    call.world.rng.shuffle(&mut rows);
    Ok(rows.into_reply())
}

fn asked(call: &Call<'_>) -> Outcome<String> {
    let name = call.args.get("storage").unwrap_or_default();
    match call.world.storage(name) {
        Some(_) => Ok(name.to_owned()),
        None => Err(Failure::new(format!("storage '{name}' does not exist"))),
    }
}

pub(super) fn one(call: &mut Call<'_>) -> Outcome {
    let name = asked(call)?;
    let found = call.world.storage(&name).map(|storage| row(call.world, storage));
    Ok(found.unwrap_or_default().into_reply())
}

/// Puts what a call says into a storage.
fn fill(call: &Call<'_>, storage: &mut Storage) {
    let text = |name: &str| call.args.get(name).map(str::to_owned);
    if let Some(content) = text("content") {
        storage.content = content;
    }
    if let Some(path) = text("path") {
        storage.path = path;
    }
    if call.args.get("nodes").is_some() {
        storage.nodes = call.args.list("nodes").into_iter().map(str::to_owned).collect();
    }
    if let Some(disable) = call.args.get("disable") {
        storage.enabled = disable != "1";
    }
    if let Some(shared) = call.args.get("shared") {
        storage.shared = shared == "1";
    }
    for name in call.args.list("delete") {
        match name {
            "nodes" => storage.nodes.clear(),
            "disable" => storage.enabled = true,
            "shared" => storage.shared = false,
            _ => {}
        }
    }
}

fn told(storage: &Storage) -> Outcome {
    Ok(json!({"storage": storage.name, "type": storage.kind}).into_reply())
}

pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    let name = call.args.get("storage").unwrap_or_default().to_owned();
    if call.world.has_storage(&name) {
        return Err(Failure::new(format!("create storage failed: storage ID '{name}' already defined")));
    }
    let kind = call.args.get("type").unwrap_or("dir").to_owned();
    if kind == "dir" && call.args.get("path").is_none() {
        return Err(Failure::param("path", "property is missing and it is not optional"));
    }
    let shared = ["nfs", "cifs", "pbs", "rbd", "cephfs", "glusterfs", "iscsi"].contains(&kind.as_str());
    let content =
        if ["lvm", "lvmthin", "zfspool", "rbd"].contains(&kind.as_str()) { "images,rootdir" } else { "images" };
    let mut storage = Storage { name, kind, content: content.to_owned(), shared, ..Storage::default() };
    fill(call, &mut storage);
    let told = told(&storage);
    call.world.storage.push(storage);
    told
}

pub(super) fn update(call: &mut Call<'_>) -> Outcome {
    let name = asked(call)?;
    let mut storage = call.world.storage(&name).cloned().unwrap_or_default();
    fill(call, &mut storage);
    let told = told(&storage);
    if let Some(old) = call.world.storage.iter_mut().find(|old| old.name == name) {
        *old = storage;
    }
    told
}

/// The storage is forgotten; what lies on it stays where it is.
pub(super) fn remove(call: &mut Call<'_>) -> Outcome {
    let name = asked(call)?;
    call.world.storage.retain(|storage| storage.name != name);
    nothing()
}
