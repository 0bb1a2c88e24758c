//! Which backups are kept (pve-storage: `prune_mark_backup_group`).

use serde_json::{Value, json};

use super::{Call, IntoReply as _};
use crate::demo::{
    reply::{Failure, Outcome},
    scenario::GuestKind,
    time,
    world::{Flow, Volume, World, stage},
};

/// How many backups are kept: of each hour, day, … the last one.
#[derive(Clone, Debug)]
pub(super) struct Keep {
    all: bool,
    /// `keep-last`, `keep-hourly`, … with their numbers, in that order.
    rules: Vec<(String, usize)>,
}

const PERIODS: [&str; 6] = ["keep-last", "keep-hourly", "keep-daily", "keep-weekly", "keep-monthly", "keep-yearly"];

impl Keep {
    /// Reads `keep-last=2,keep-daily=7`.
    pub(super) fn read(text: &str) -> Self {
        let pairs: Vec<(&str, usize)> =
            text.split(',').filter_map(|part| part.split_once('=')).map(|(k, n)| (k, n.parse().unwrap_or(0))).collect();
        let number = |key: &str| pairs.iter().find(|(name, _)| *name == key).map(|(_, n)| *n).filter(|n| *n > 0);
        let rules = PERIODS.iter().filter_map(|key| Some(((*key).to_owned(), number(key)?))).collect();
        Self { all: pairs.iter().any(|(key, n)| *key == "keep-all" && *n > 0), rules }
    }

    /// The same as text.
    pub(super) fn text(&self) -> String {
        let rules: Vec<String> = self.rules.iter().map(|(key, n)| format!("{key}={n}")).collect();
        rules.join(", ")
    }

    /// Of the backups of one guest, newest first, whether each is kept.
    fn kept(&self, times: &[u64]) -> Vec<bool> {
        let mut kept = vec![self.all || self.rules.is_empty(); times.len()];
        for (key, most) in &self.rules {
            let mut seen: Vec<String> = Vec::new();
            for (at, keep) in times.iter().zip(&mut kept) {
                let period = period(key, *at);
                if seen.contains(&period) {
                    continue;
                }
                if seen.len() >= *most {
                    break;
                }
                if *keep && key != "keep-last" {
                    seen.push(period);
                    continue;
                }
                *keep = true;
                seen.push(period);
            }
        }
        kept
    }
}

/// What two backups of one period have in common.
fn period(key: &str, at: u64) -> String {
    let local = time::local(at);
    match key {
        "keep-hourly" => local[..13].to_owned(),
        "keep-daily" => local[..10].to_owned(),
        // Weeks begin on Monday; 1970 began on a Thursday.
        "keep-weekly" => ((at / 86_400 + 3) / 7).to_string(),
        "keep-monthly" => local[..7].to_owned(),
        "keep-yearly" => local[..4].to_owned(),
        _ => at.to_string(),
    }
}

/// The backups on a storage with what becomes of them: `keep`, `remove` or `protected`.
fn marked<'a>(
    world: &'a World,
    node: &'a str,
    storage: &'a str,
    vmid: Option<u32>,
    kind: Option<&str>,
    keep: &Keep,
) -> Vec<(&'a Volume, &'static str)> {
    let word = |v: &Volume| v.saved.as_ref().map_or("qemu", |s| if s.kind == GuestKind::Lxc { "lxc" } else { "qemu" });
    let wanted = |v: &&Volume| {
        v.content == "backup" && vmid.is_none_or(|id| v.vmid == Some(id)) && kind.is_none_or(|kind| word(v) == kind)
    };
    let mut all: Vec<&Volume> = world.volumes_on(node, storage).filter(wanted).collect();
    all.sort_by(|a, b| (a.vmid, b.ctime).cmp(&(b.vmid, a.ctime)));
    let mut found: Vec<(&Volume, &'static str)> = Vec::new();
    for group in all.chunk_by(|a, b| a.vmid == b.vmid && word(a) == word(b)) {
        let open: Vec<&Volume> = group.iter().copied().filter(|v| !v.protected).collect();
        let times: Vec<u64> = open.iter().map(|v| v.ctime).collect();
        let marks = keep.kept(&times);
        found.extend(open.into_iter().zip(marks).map(|(v, kept)| (v, if kept { "keep" } else { "remove" })));
        found.extend(group.iter().filter(|v| v.protected).map(|v| (*v, "protected")));
    }
    found.sort_by_key(|(volume, _)| (volume.vmid, volume.ctime));
    found
}

/// The backups that are not kept, oldest first.
pub(super) fn doomed(
    world: &World,
    node: &str,
    storage: &str,
    vmid: Option<u32>,
    kind: Option<&str>,
    keep: &Keep,
) -> Vec<String> {
    let marked = marked(world, node, storage, vmid, kind, keep);
    marked.into_iter().filter(|(_, mark)| *mark == "remove").map(|(volume, _)| volume.volid()).collect()
}

fn keep(call: &Call<'_>) -> Outcome<Keep> {
    let storage = call.args.get("storage").unwrap_or_default();
    match call.args.get("prune-backups") {
        Some(text) => {
            let names = || text.split(',').filter_map(|part| part.split_once('=')).map(|(name, _)| name);
            if let Some(name) = names().find(|name| *name != "keep-all" && !PERIODS.contains(name)) {
                let why = "property is not defined in schema and the schema does not allow additional properties";
                let text = format!("invalid format - format error\nprune-backups.{name}: {why}\n");
                return Err(Failure::param("prune-backups", text));
            }
            Ok(Keep::read(text))
        }
        None => Err(Failure::new(format!("no prune-backups options configured for storage '{storage}'"))),
    }
}

fn vmid(call: &Call<'_>) -> Option<u32> {
    call.args.number("vmid").and_then(|id| u32::try_from(id).ok())
}

/// What would become of the backups.
pub(super) fn dry_run(call: &mut Call<'_>) -> Outcome {
    let (node, keep) = (call.node(), keep(call)?);
    let storage = call.args.get("storage").unwrap_or_default();
    let found = marked(call.world, &node, storage, vmid(call), call.args.get("type"), &keep);
    let row = |(volume, mark): &(&Volume, &str)| {
        let kind = volume.saved.as_ref().map_or(GuestKind::Qemu, |saved| saved.kind);
        json!({"volid": volume.volid(), "ctime": volume.ctime, "vmid": volume.vmid, "type": kind.as_str(), "mark": mark})
    };
    Ok(found.iter().map(row).collect::<Vec<Value>>().into_reply())
}

/// Removes what is not kept.
pub(super) fn prune(call: &mut Call<'_>) -> Outcome {
    let (node, keep) = (call.node(), keep(call)?);
    let storage = call.args.get("storage").unwrap_or_default().to_owned();
    let path = format!("/storage/{storage}");
    if !call.world.access.may(call.who, &path, "Datastore.AllocateSpace") {
        return Err(Failure::forbidden(&format!("{path}, Datastore.AllocateSpace")));
    }
    let (vmid, kind) = (vmid(call), call.args.get("type").map(str::to_owned));
    let id = vmid.map_or_else(|| storage.clone(), |vmid| format!("{vmid}@{storage}"));
    let at = node.clone();
    let first = stage(move |world: &mut World, upid: &str| {
        for volid in doomed(world, &at, &storage, vmid, kind.as_deref(), &keep) {
            world.log(upid, format!("removing backup '{volid}'"));
            world.drop_volume(&at, &volid);
        }
        Ok(Flow::Done)
    });
    Ok(call.world.spawn("prunebackups", &node, &id, call.who, first).into_reply())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_each_period_is_kept() {
        let day = 86_400;
        let times: Vec<u64> = (0..6).map(|n| 1_795_612_749 - n * day / 2).collect();
        assert_eq!(Keep::read("keep-last=2").kept(&times), [true, true, false, false, false, false]);
        assert_eq!(Keep::read("keep-daily=2").kept(&times), [true, false, true, false, false, false]);
        assert!(Keep::read("keep-all=1").kept(&times).iter().all(|kept| *kept));
    }
}
