//! listSnapshots.

use std::{collections::BTreeMap, sync::OnceLock};

use serde_json::{Map, Value, json};

use super::read::{Snap, Snapshots, ram_sizes, taken};
use crate::{
    api, foreign,
    tools::{
        call::{Reply, ToolResult},
        op,
        profile::{Effect, Profile, Toolset},
        say::Catalogue,
        schema::Arguments,
        table::bytes,
        tool::{Call, Tool},
    },
};

pub(crate) static TOOL: Tool = Tool {
    profile: Profile {
        name: "listSnapshots",
        toolset: Toolset::Snapshots,
        effect: Effect::Reads,
        calls: &[
            api::GET_NODES_NODE_QEMU_VMID_SNAPSHOT,
            api::GET_NODES_NODE_LXC_VMID_SNAPSHOT,
            api::GET_NODES_NODE_QEMU_VMID_SNAPSHOT_SNAPNAME_CONFIG,
            api::GET_NODES_NODE_STORAGE_STORAGE_CONTENT,
            api::GET_NODES_NODE_TIME,
        ],
        needs: &[api::GET_NODES_NODE_QEMU_VMID_SNAPSHOT],
        guests: None,
    },
    title: |texts| texts.list_snapshots_title(),
    text: |texts| texts.list_snapshots(),
    input: |_| {
        let mut shown = Arguments::of(api::GET_NODES_NODE_QEMU_VMID_SNAPSHOT);
        shown.guest();
        shown.out
    },
    output: || {
        let rows = json!({"type": "array", "items": {"type": "object"}});
        json!({"type": "object", "properties": {"snapshots": rows, "detail": {"type": "string"}}})
    },
    run: |call| Box::pin(run(call)),
    held: OnceLock::new(),
};

async fn run(call: Call<'_>) -> Result<Reply, ToolResult> {
    let guest = op::guest(&call).await?;
    let found = Snapshots::read(&call, &guest).await?;
    let sizes = ram_sizes(&call, &guest, &found).await;
    let texts = call.texts;
    let mut facts = Map::new();
    guest.tell(&mut facts);
    let count = found.all.len();
    let head =
        if count == 0 { texts.snaps_none(guest.display(texts)) } else { texts.snaps_head(count, guest.display(texts)) };
    let rows: Vec<Value> =
        found.tree().into_iter().filter_map(|(_, s)| Some(found.facts(s?, sizes.get(&s?.name).copied()))).collect();
    facts.insert("snapshots".to_owned(), rows.into());
    facts.insert("detail".to_owned(), head.clone().into());
    if let Some(parent) = &found.parent {
        facts.insert("current".to_owned(), parent.as_str().into());
    }
    let mut lines = vec![head];
    if count > 0 {
        lines.extend(found.tree().into_iter().map(|(depth, snap)| line(&found, depth, snap, &sizes, texts)));
    }
    Ok(Reply::Result(ToolResult { text: lines.join("\n"), structured: Some(facts), problem: None }))
}

/// One line of the tree.
fn line(
    found: &Snapshots,
    depth: usize,
    snap: Option<&Snap>,
    sizes: &BTreeMap<String, u64>,
    texts: &Catalogue,
) -> String {
    let Some(snap) = snap else { return format!("{}{}", "  ".repeat(depth), texts.snap_now()) };
    let mut parts = vec![snap.name.clone()];
    parts.extend(taken(snap));
    parts.extend(found.age(snap).map(|age| texts.snap_ago(age)));
    if snap.ram {
        let size = sizes.get(&snap.name).map_or_else(String::new, |size| format!(" {}", bytes(*size)));
        parts.push(format!("RAM{size}"));
    }
    parts.extend(snap.unfinished.as_deref().map(|state| texts.snap_unfinished(state)));
    let mut line = parts.join(" ");
    if !snap.description.is_empty() {
        line = format!("{line}: {}", snap.description);
    }
    format!("{}{}", "  ".repeat(depth), foreign::line(&line, foreign::WORDS))
}
