//! Pools of guests and storages (pve-manager: `API2/Pool.pm`).

use serde_json::{Map, Value, json};

use super::{Call, IntoReply as _, cluster, nothing};
use crate::demo::reply::{Failure, Outcome};

/// The pool that a call is about.
fn name(call: &Call<'_>) -> String {
    call.args.get("poolid").unwrap_or_default().to_owned()
}

fn there(call: &Call<'_>, what: &str) -> Outcome<String> {
    let name = name(call);
    if call.world.access.pools().any(|known| known == name) {
        return Ok(name);
    }
    Err(Failure::new(format!("{what}pool '{name}' does not exist")))
}

/// The members of a pool as `/cluster/resources` tells of them, without what every one of them shares.
fn members(call: &Call<'_>, pool: &str) -> Vec<Value> {
    let world = &*call.world;
    let names: Vec<String> = world.access.members(pool).to_vec();
    let mut rows = Vec::new();
    for name in &names {
        if let Some(guest) = name.parse().ok().and_then(|vmid: u32| world.guests.get(&vmid)) {
            let mut row = cluster::guest(call, guest);
            if let Some(row) = row.as_object_mut() {
                row.remove("pool");
                row.remove("tags");
            }
            rows.push(row);
        }
    }
    let storages = cluster::storages(call);
    rows.extend(storages.into_iter().filter(|row| {
        row["storage"].as_str().is_some_and(|name| names.iter().any(|own| own == name)) && row["node"] == world.local()
    }));
    rows
}

fn described(call: &Call<'_>, pool: &str) -> Map<String, Value> {
    let named = ("poolid".to_owned(), json!(pool));
    let mut row = Map::from_iter([named, ("members".to_owned(), members(call, pool).into())]);
    if let Some(comment) = call.world.access.pool_comment(pool) {
        row.insert("comment".to_owned(), json!(comment));
    }
    row
}

/// All pools that the caller may see, or the one that it names with its members.
pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    if call.args.get("poolid").is_some() {
        let name = there(call, "")?;
        let row = described(call, &name);
        return Ok(vec![Value::Object(row)].into_reply());
    }
    let access = &call.world.access;
    let seen =
        |pool: &&str| ["Pool.Audit", "Pool.Allocate"].iter().any(|p| access.may(call.who, &format!("/pool/{pool}"), p));
    let row = |pool: &str| {
        let mut row = json!({"poolid": pool});
        if let Some(comment) = access.pool_comment(pool) {
            row["comment"] = json!(comment);
        }
        row
    };
    Ok(access.pools().filter(seen).map(row).collect::<Vec<Value>>().into_reply())
}

pub(super) fn one(call: &mut Call<'_>) -> Outcome {
    let name = there(call, "")?;
    Ok(Value::Object(described(call, &name)).into_reply())
}

pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    let name = name(call);
    let valid = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if name.is_empty() || !name.chars().all(valid) {
        // The check of rights comes first, and finds no path.
        return Err(Failure::forbidden(", Pool.Allocate"));
    }
    if call.world.access.pools().any(|known| known == name) {
        return Err(Failure::new(format!("create pool failed: pool '{name}' already exists")));
    }
    let comment = call.args.get("comment").map(str::to_owned);
    call.world.access.add_pool(&name, comment);
    nothing()
}

pub(super) fn update(call: &mut Call<'_>) -> Outcome {
    let failed = "update pools failed: ";
    let name = there(call, failed)?;
    let own = |list: &str| call.args.list(list).into_iter().map(str::to_owned).collect::<Vec<String>>();
    let (guests, storages) = (own("vms"), own("storage"));
    let (delete, moves) = (call.args.flag("delete"), call.args.flag("allow-move"));
    for member in guests.iter().chain(&storages) {
        let word = if guests.contains(member) { "VM" } else { "Storage" };
        let pool = call.world.access.pool_of(member).map(str::to_owned);
        match pool {
            Some(pool) if pool != name && !delete && !moves => {
                let text =
                    format!("{failed}{word} {member} belongs already to pool '{pool}' and 'allow-move' is not set");
                return Err(Failure::new(text));
            }
            pool if delete && pool.as_deref() != Some(name.as_str()) => {
                return Err(Failure::new(format!("{failed}{word} {member} is not a pool member")));
            }
            _ => {}
        }
    }
    for member in guests.iter().chain(&storages) {
        call.world.access.set_pool(member, (!delete).then_some(name.as_str()));
    }
    if let Some(comment) = call.args.get("comment").map(str::to_owned) {
        call.world.access.set_pool_comment(&name, comment);
    }
    nothing()
}

pub(super) fn remove(call: &mut Call<'_>) -> Outcome {
    let failed = "delete pool failed: ";
    let name = there(call, failed)?;
    let world = &*call.world;
    let is_guest = |member: &&String| member.parse::<u32>().is_ok_and(|vmid| world.guests.contains_key(&vmid));
    let members = world.access.members(&name);
    let left = members.iter().find(is_guest).map(|id| ("VM", id));
    let left = left.or_else(|| members.iter().find(|m| m.parse::<u32>().is_err()).map(|id| ("storage", id)));
    if let Some((word, member)) = left {
        return Err(Failure::new(format!("{failed}pool '{name}' is not empty (contains {word} {member})")));
    }
    call.world.access.drop_pool(&name);
    nothing()
}
