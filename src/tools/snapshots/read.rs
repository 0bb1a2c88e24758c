//! The snapshots of a guest, as PVE tells them: what hangs from what, when each was taken, and what the guest stands on.

use std::collections::BTreeMap;

use chrono::FixedOffset;
use serde_json::{Map, Value, json};

use crate::{
    api,
    client::{Error, Sent},
    foreign,
    tools::{
        aim::wrong,
        call::{Problem, ToolResult},
        check::short,
        failure,
        guest::{Guest, GuestKind},
        op::{self, Prepared},
        ops,
        outcome::{self, Outcome, Report, quoted},
        plan::flag,
        say::Catalogue,
        table::{bytes, span},
        tool::Call,
        when,
        whole::given::word,
    },
};

/// The name under which PVE lists the guest as it is now.
const NOW: &str = "current";
/// Snapshots of which the volume is looked up that holds their memory.
const RAM_MAX: usize = 16;

/// One snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Snap {
    pub name: String,
    pub parent: Option<String>,
    /// When it was taken, in seconds since 1970 by the node's clock.
    pub time: Option<u64>,
    /// Whether it holds the memory of the VM.
    pub ram: bool,
    pub description: String,
    /// PVE's word for what has not been finished: `prepare` or `delete`.
    pub unfinished: Option<String>,
}

/// All of a guest.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshots {
    /// As PVE lists them.
    pub all: Vec<Snap>,
    /// The one that the guest as it is now stands on.
    pub parent: Option<String>,
    /// Whether the guest runs.
    pub running: bool,
    /// The digest of the guest's configuration, in which the snapshots are.
    pub digest: String,
    /// What time it is by the node's clock.
    pub now: Option<u64>,
}

/// The snapshot that a call names.
///
/// # Errors
/// That it names none.
pub(super) fn named(call: &Call<'_>) -> Result<String, ToolResult> {
    match word(&call.given, "snapshot").map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => Ok(name.to_owned()),
        None => Err(wrong(call, call.texts.snap_needed())),
    }
}

/// The arguments by which a guest and one of its snapshots are named, for a request to PVE.
pub(super) fn placed(guest: &Guest, name: &str) -> Map<String, Value> {
    guest.placed(Map::from_iter([("snapname".to_owned(), name.into())]))
}

impl Snapshots {
    /// Reads them, and the clock of the node that has taken them.
    ///
    /// # Errors
    /// Why PVE did not tell them.
    pub(super) async fn read(call: &Call<'_>, guest: &Guest) -> Result<Self, ToolResult> {
        let client = call.tools.client();
        let rows = failure::unless_offline(call.tools, guest, ops::snapshot_rows(client, guest));
        let clock = api::GetNodesNodeTime::new(guest.node.clone());
        let (rows, clock) = futures_util::join!(rows, client.request(&clock));
        let rows = match rows {
            Ok(rows) => rows,
            Err(e) => {
                return Err(match failure::offline(call.tools, guest, &e, call.texts).await {
                    Some(report) => report.result(guest, call.texts),
                    None => outcome::error(&e, call.texts),
                });
            }
        };
        let now = clock.ok().and_then(|clock| u64::try_from(clock.time?).ok());
        Ok(Self { now, ..Self::of(&rows) })
    }

    fn of(rows: &[Map<String, Value>]) -> Self {
        let mut found = Self::default();
        for row in rows {
            let text = |key: &str| row.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
            let Some(name) = text("name") else { continue };
            let parent = text("parent").map(str::to_owned);
            if name == NOW {
                found.parent = parent;
                found.running = flag(row, "running");
                found.digest = text("digest").unwrap_or_default().to_owned();
                continue;
            }
            found.all.push(Snap {
                name: name.to_owned(),
                parent,
                time: row.get("snaptime").and_then(Value::as_u64),
                ram: flag(row, "vmstate"),
                description: text("description").unwrap_or_default().trim().to_owned(),
                unfinished: text("snapstate").map(str::to_owned),
            });
        }
        found
    }

    /// The snapshot of this name.
    pub(super) fn find(&self, name: &str) -> Option<&Snap> {
        self.all.iter().find(|snap| snap.name == name)
    }

    /// The snapshot of this name.
    ///
    /// # Errors
    /// That there is none, with those that there are.
    pub(super) fn get(&self, call: &Call<'_>, guest: &Guest, name: &str) -> Result<&Snap, ToolResult> {
        let texts = call.texts;
        self.find(name).ok_or_else(|| {
            let shown = short(&name.into());
            let names: Vec<&str> = self.all.iter().map(|snap| snap.name.as_str()).collect();
            let text = match names[..] {
                [] => texts.snap_unknown(guest.display(texts), shown),
                _ => texts.snap_unknown_of(guest.display(texts), shown, names.join(", ")),
            };
            Report { problem: Some(Problem::NotFound), ..Report::new(Outcome::Failed, text) }.result(guest, texts)
        })
    }

    /// The names of those that were taken after this one.
    pub(super) fn since(&self, snap: &Snap) -> Vec<&str> {
        let later = |other: &&Snap| other.name != snap.name && (other.time > snap.time || self.descends(other, snap));
        let mut later: Vec<&Snap> = self.all.iter().filter(later).collect();
        later.sort_by_key(|snap| snap.time);
        later.iter().map(|snap| snap.name.as_str()).collect()
    }

    /// Whether one was taken of what had come from another.
    fn descends(&self, snap: &Snap, from: &Snap) -> bool {
        let parent = |snap: &Snap| snap.parent.as_deref().and_then(|parent| self.find(parent));
        // No line is longer than there are snapshots; what PVE tells can go round in a circle.
        std::iter::successors(parent(snap), |snap| parent(snap)).take(self.all.len()).any(|one| one.name == from.name)
    }

    /// Those that hang from this one.
    fn below(&self, parent: Option<&str>) -> Vec<&Snap> {
        let root = |snap: &&Snap| match (&snap.parent, parent) {
            (own, Some(parent)) => own.as_deref() == Some(parent),
            // One whose parent is not there stands at the root, or nobody would see it.
            (Some(own), None) => self.find(own).is_none(),
            (None, None) => true,
        };
        let mut below: Vec<&Snap> = self.all.iter().filter(root).collect();
        below.sort_by_key(|snap| snap.time);
        below
    }

    /// All of them in the order of a tree, each with its depth; nothing stands for the guest as it is now.
    pub(super) fn tree(&self) -> Vec<(usize, Option<&Snap>)> {
        let mut out = Vec::new();
        let mut left: Vec<(usize, Option<&Snap>)> = Vec::new();
        let standing = self.parent.as_deref().filter(|parent| self.find(parent).is_some());
        let push = |left: &mut Vec<_>, depth: usize, parent: Option<&str>| {
            if standing == parent {
                left.push((depth, None));
            }
            left.extend(self.below(parent).into_iter().rev().map(|snap| (depth, Some(snap))));
        };
        push(&mut left, 0, None);
        while let Some((depth, snap)) = left.pop() {
            out.push((depth, snap));
            // What PVE tells can go round in a circle.
            if let Some(snap) = snap.filter(|_| out.len() <= self.all.len()) {
                push(&mut left, depth + 1, Some(&snap.name));
            }
        }
        let lost: Vec<&Snap> = self
            .all
            .iter()
            .filter(|snap| !out.iter().any(|(_, told)| told.is_some_and(|told| told.name == snap.name)))
            .collect();
        out.extend(lost.into_iter().map(|snap| (0, Some(snap))));
        out
    }

    /// How long ago one was taken, as far as the node's clock is known.
    pub(super) fn age(&self, snap: &Snap) -> Option<String> {
        Some(span(self.now?.saturating_sub(snap.time?)))
    }

    /// One as sentences name it: when it was taken and how long ago, and whether it holds the memory.
    pub(super) fn told(&self, snap: &Snap, texts: &Catalogue) -> String {
        let name = foreign::line(&snap.name, foreign::NAME).into_owned();
        let ram = if snap.ram { texts.snap_with_ram() } else { "" };
        let mut told = match (taken(snap), self.age(snap)) {
            (Some(time), Some(age)) => texts.snap_named_aged(name, time, age, ram),
            (Some(time), None) => texts.snap_named_at(name, time, ram),
            (None, _) => format!("{name}{ram}"),
        };
        if let Some(parent) = &snap.parent {
            told = texts.snap_upon(told, parent);
        }
        if !snap.description.is_empty() {
            told = format!("{told} ({})", foreign::line(&snap.description, foreign::WORDS));
        }
        told
    }

    /// One for programs.
    pub(super) fn facts(&self, snap: &Snap, ram: Option<u64>) -> Value {
        let mut facts = json!({"name": snap.name, "ram": snap.ram});
        let mut put = |key: &str, value: Option<String>| value.map(|value| facts[key] = value.into());
        put("parent", snap.parent.clone());
        put("time", taken(snap));
        put("age", self.age(snap));
        put("description", Some(snap.description.clone()).filter(|text| !text.is_empty()));
        put("unfinished", snap.unfinished.clone());
        put("ramSize", ram.map(bytes));
        facts
    }
}

/// When one was taken, in UTC.
pub(super) fn taken(snap: &Snap) -> Option<String> {
    FixedOffset::east_opt(0).and_then(|zone| when::of_seconds(snap.time?, zone)).map(when::stamp)
}

/// How large the memory is that snapshots hold, as far as it can be read: PVE tells the size of nothing else of them.
pub(super) async fn ram_sizes(call: &Call<'_>, guest: &Guest, found: &Snapshots) -> BTreeMap<String, u64> {
    let mut sizes = BTreeMap::new();
    if guest.kind == GuestKind::Ct {
        return sizes;
    }
    let client = call.tools.client();
    let mut on: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for snap in found.all.iter().filter(|snap| snap.ram).take(RAM_MAX) {
        if let Ok(Some(volume)) = ops::snapshot_state(client, guest, &snap.name).await
            && let Some((storage, _)) = volume.split_once(':')
        {
            on.entry(storage.to_owned()).or_default().push((snap.name.clone(), volume.clone()));
        }
    }
    for (storage, volumes) in on {
        let mut list = api::GetNodesNodeStorageStorageContent::new(guest.node.clone(), storage);
        list.vmid = Some(guest.vmid.get().into());
        let Ok(rows) = client.request(&list).await else { continue };
        for (name, volume) in volumes {
            let size = rows.iter().find(|row| row.volid.as_ref() == Some(&volume)).and_then(|row| row.size);
            size.and_then(|size| u64::try_from(size).ok()).map(|size| sizes.insert(name, size));
        }
    }
    sizes
}

/// Adds what stands there of a snapshot after something that failed, or of which nobody knows how it went; with the lock that
/// the guest has since.
pub(super) async fn left(call: &Call<'_>, guest: &Guest, name: &str, mut report: Report) -> Report {
    let texts = call.texts;
    match Snapshots::read(call, guest).await {
        Ok(now) => {
            report.notes.push(match now.find(name) {
                None => texts.snap_is_not(name),
                Some(snap @ Snap { unfinished: Some(state), .. }) => {
                    texts.snap_is_unfinished(now.told(snap, texts), state)
                }
                Some(snap) => texts.snap_is(now.told(snap, texts)),
            });
            if let Some(snap) = now.find(name) {
                report.facts.insert("snapshot".to_owned(), now.facts(snap, None));
            }
        }
        Err(result) => report.notes.push(texts.snap_unread(quoted(&result.text))),
    }
    if let Ok(current) = ops::current(call.tools.client(), guest).await {
        if let Some(lock) = current.text("lock") {
            report.notes.push(texts.task_left_lock(guest.display(texts), lock));
        }
        report.status = Some(current.status);
    }
    report
}

/// What is told where PVE refused a change of a snapshot; or, where it did not answer, what stands there now.
pub(super) async fn refused(call: &Call<'_>, guest: &Guest, name: &str, prepared: &Prepared, e: &Error) -> ToolResult {
    if e.refusal().is_some() || e.sent() != Sent::Unanswered {
        return op::refusal(call, prepared, e);
    }
    left(call, guest, name, outcome::unknown(e, call.texts)).await.result(guest, call.texts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(rows: &Value) -> Snapshots {
        Snapshots::of(&rows.as_array().unwrap().iter().map(|row| row.as_object().unwrap().clone()).collect::<Vec<_>>())
    }

    fn tree(found: &Snapshots) -> Vec<String> {
        let name = |snap: Option<&Snap>| snap.map_or("NOW".to_owned(), |snap| snap.name.clone());
        found.tree().into_iter().map(|(depth, snap)| format!("{depth} {}", name(snap))).collect()
    }

    #[test]
    fn a_tree_has_every_snapshot_once_whatever_hangs_from_what() {
        let found = of(&json!([
            {"name": "s2", "parent": "s1", "snaptime": 20, "vmstate": 1}, {"name": "s1", "snaptime": 10, "vmstate": 0},
            {"name": "b", "parent": "s1", "snaptime": 15, "description": " \n"}, {"name": "x", "parent": "gone", "snaptime": 5},
            {"name": "current", "parent": "b", "running": 1, "digest": "d"},
        ]));
        assert_eq!(tree(&found), ["0 x", "0 s1", "1 b", "2 NOW", "1 s2"]);
        assert_eq!((found.running, found.digest.as_str()), (true, "d"));
        assert_eq!(found.since(found.find("s1").unwrap()), ["b", "s2"]);
        let round = of(&json!([{"name": "a1", "parent": "b1"}, {"name": "b1", "parent": "a1"}, {"name": "current"}]));
        assert_eq!(tree(&round), ["0 NOW", "0 a1", "0 b1"]);
        assert_eq!(tree(&of(&json!([]))), ["0 NOW"]);
    }
}
