//! One guest: its live status, its configuration and what is pending, in one answer.

use serde_json::{Map, Value, json};

use super::{
    aim::Aim,
    call::ToolResult,
    guest::Guest,
    ops::{self, Current},
    property::{self, MASK, RAW},
    say::Catalogue,
    table::{bytes, number, span},
};
use crate::{client::Client, foreign};

/// Options that identify the configuration or the machine and help nobody decide; `detail: full` shows them.
const DULL: [&str; 4] = ["digest", "meta", "smbios1", "vmgenid"];
/// What `delete` says of an option whose removal is forced (pve-guest-common, `GuestHelpers.pm`).
const FORCED: i64 = 2;
/// Most characters of one option in the text; notes can be long. The structured part has them whole.
const SHOWN: usize = 160;

/// Runs the tool.
pub(super) async fn run(aim: &Aim<'_>, guest: Guest, full: bool) -> Result<ToolResult, ToolResult> {
    let all = |client: Client, guest: Guest| async move {
        // None of them needs another. Where several fail, it is the first of them in this order that is told.
        let (live, rows, lines) = futures_util::join!(
            ops::current(&client, &guest),
            ops::pending(&client, &guest),
            ops::raw_lines(&client, &guest),
        );
        let (live, mut rows, lines) = (live?, rows?, lines?);
        if !lines.is_null() {
            rows.retain(|row| row.get("key").and_then(Value::as_str) != Some(RAW));
            rows.push(Map::from_iter([("key".to_owned(), RAW.into()), ("value".to_owned(), lines)]));
        }
        Ok((live, rows))
    };
    let (guest, (live, rows)) = aim.at(guest, all).await?;
    let guest = aim.held(&guest, &live.all)?;
    Ok(told(&guest, &live, rows, full, aim.texts))
}

/// The answer, from what PVE said.
fn told(guest: &Guest, live: &Current, rows: Vec<Map<String, Value>>, full: bool, texts: &Catalogue) -> ToolResult {
    let options = Options::of(guest, rows, full);
    let mut facts = Map::new();
    facts.insert("vmid".to_owned(), guest.vmid.get().into());
    facts.insert("node".to_owned(), guest.node.as_str().into());
    facts.insert("status".to_owned(), live.status.as_str().into());
    if let Some(name) = guest.name.as_deref() {
        facts.insert("name".to_owned(), name.into());
    }
    facts.insert("live".to_owned(), if full { live.all.clone() } else { figures(live) }.into());
    let text = words(guest, live, &options, full, texts);
    facts.insert("config".to_owned(), options.config.into());
    if !options.pending.is_empty() {
        facts.insert("pending".to_owned(), options.pending.into());
    }
    ToolResult { text, structured: Some(facts), problem: None }
}

/// A guest's options: those in force and those to come, as objects and as PVE writes them.
struct Options {
    config: Map<String, Value>,
    pending: Map<String, Value>,
    lines: Vec<String>,
    changes: Vec<Change>,
}

/// One pending change, for the text.
struct Change {
    key: String,
    old: String,
    /// The new value; none when the option is to be removed.
    new: Option<String>,
    /// Whether the removal is forced: then a disk is destroyed, not kept as unused.
    forced: bool,
}

impl Options {
    fn of(guest: &Guest, mut rows: Vec<Map<String, Value>>, full: bool) -> Self {
        let endpoint = ops::config_endpoint(guest.kind);
        let mut options = Self { config: Map::new(), pending: Map::new(), lines: Vec::new(), changes: Vec::new() };
        let key = |row: &Map<String, Value>| row.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
        rows.retain(|row| full || !DULL.contains(&key(row).as_str()));
        rows.sort_by_key(key);
        for mut row in rows {
            let key = key(&row);
            let mut take = |name: &str| row.remove(name).filter(|value| !blank(value));
            let (now, new, delete) = (take("value"), take("pending"), take("delete"));
            let read = |value: Value| property::value(endpoint, &key, value);
            let old = now.clone().map(read);
            if let (Some(now), Some(value)) = (&now, &old) {
                match value {
                    Value::Array(pairs) if key == RAW => options.lines.extend(pairs.iter().map(raw_line)),
                    _ => options.lines.push(format!("{}: {}", foreign::line(&key, foreign::NAME), short(now, value))),
                }
                options.config.insert(key.clone(), value.clone());
            }
            let was = now.as_ref().zip(old.as_ref()).map_or_else(|| "-".to_owned(), |(now, old)| short(now, old));
            let delete = delete.and_then(|level| crate::pve::integer(&level).ok().flatten()).unwrap_or(0);
            if delete > 0 {
                let forced = delete >= FORCED;
                let fact = if forced { json!({"delete": true, "force": true}) } else { json!({"delete": true}) };
                options.pending.insert(key.clone(), fact);
                options.changes.push(Change { key, old: was, new: None, forced });
            } else if let Some(new) = new {
                let value = read(new.clone());
                let new = Some(short(&new, &value));
                options.changes.push(Change { key: key.clone(), old: was, new, forced: false });
                options.pending.insert(key, json!({"value": value}));
            }
        }
        options
    }
}

/// One raw line, as the file has it.
fn raw_line(pair: &Value) -> String {
    let part = |n: usize| pair.get(n).and_then(Value::as_str);
    let line = match (part(0), part(1)) {
        (Some(key), Some(value)) => Value::from(format!("{key}: {value}")),
        _ => pair.clone(),
    };
    short(&line, &line)
}

/// An option without a value: PVE sends empty tags as a space.
fn blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// A value as PVE writes it, unless it is masked, in one line and shortened.
fn short(raw: &Value, read: &Value) -> String {
    let text = match (read, raw) {
        (Value::String(mask), _) if mask == MASK => mask.clone(),
        (Value::Object(parts), _) if parts.values().any(|v| v == MASK) => read.to_string(),
        // Lists of pairs hold what was masked, too.
        (Value::Array(_), _) => read.to_string(),
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    };
    foreign::line(text.trim(), SHOWN).into_owned()
}

/// The figures of a live status that matter, in round numbers.
fn figures(live: &Current) -> Map<String, Value> {
    let mut out = Map::new();
    let mut some = |key: &str, value: Option<Value>| value.map(|value| out.insert(key.to_owned(), value));
    let mib = |key: &str| live.number(key).filter(|n| *n > 0.0).map(|n| number((n / 1_048_576.0).round()));
    some("upSec", live.all.get("uptime").filter(|n| n.as_u64() != Some(0)).cloned());
    some("cpus", live.number("cpus").map(number));
    some("cpuPct", live.number("cpu").filter(|_| live.status == "running").map(percent));
    some("memUsedMiB", mib("mem"));
    some("memMiB", mib("maxmem"));
    some("diskMiB", mib("maxdisk"));
    some("qmpstatus", live.text("qmpstatus").filter(|text| *text != live.status).map(Value::from));
    some("lock", live.text("lock").map(Value::from));
    some("tags", live.text("tags").map(str::trim).filter(|tags| !tags.is_empty()).map(Value::from));
    some("template", live.all.get("template").filter(|flag| **flag == Value::Bool(true)).cloned());
    some(
        "ha",
        live.managed().then(|| live.all.get("ha").and_then(|ha| ha.get("state")).cloned().unwrap_or(true.into())),
    );
    out
}

fn percent(share: f64) -> Value {
    number((share * 1000.0).round() / 10.0)
}

/// The answer as text: one line of status, then the options as PVE writes them.
fn words(guest: &Guest, live: &Current, options: &Options, full: bool, texts: &Catalogue) -> String {
    let mut facts = vec![foreign::line(&live.status, foreign::NAME).into_owned()];
    if let Some(seconds) = live.all.get("uptime").and_then(Value::as_u64).filter(|n| *n > 0) {
        facts.push(texts.get_up(span(seconds)));
    }
    if let (Some(share), Some(cpus)) = (live.number("cpu").filter(|_| live.status == "running"), live.number("cpus")) {
        facts.push(texts.get_cpu(percent(share), cpus));
    }
    let size = |key: &str| live.all.get(key).and_then(Value::as_u64).filter(|n| *n > 0).map(bytes);
    match (size("mem"), size("maxmem")) {
        (Some(used), Some(all)) => facts.push(texts.get_mem_used(&used, &all)),
        (None, Some(all)) => facts.push(texts.get_mem(&all)),
        _ => {}
    }
    if let Some(all) = size("maxdisk") {
        facts.push(texts.get_disk(&all));
    }
    if let Some(lock) = live.text("lock") {
        facts.push(texts.locked(lock));
    }
    if live.managed() {
        let state = live.all.get("ha").and_then(|ha| ha.get("state")).and_then(Value::as_str).unwrap_or("-");
        facts.push(texts.get_ha(state));
    }
    let mut out = format!("{}: {}", guest.display(texts), facts.join(", "));
    if full {
        // All that PVE says of it now, as it says it: the line above has some of it in round numbers.
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let all = live.all.iter().map(|(key, value)| format!("{key}={}", foreign::line(&plain(value), SHOWN)));
        out = format!("{out}\n{}", foreign::line(&all.collect::<Vec<_>>().join(", "), foreign::VALUE));
    }
    out = format!("{out}\n{}", options.lines.join("\n"));
    if !options.changes.is_empty() {
        out = format!("{out}\n\n{}", texts.get_pending());
        for change in &options.changes {
            let Change { key, old, .. } = change;
            let line = match (&change.new, change.forced) {
                (Some(new), _) => texts.get_pending_set(key, new, old),
                (None, false) => texts.get_pending_delete(key, old),
                (None, true) => texts.get_pending_force(key, old),
            };
            out = format!("{out}\n{line}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tools::{
        say::Lang,
        schema::checked::{any_value, wrong},
    };

    const LIVE: [&str; 12] =
        ["status", "qmpstatus", "uptime", "cpus", "cpu", "mem", "maxmem", "lock", "tags", "template", "ha", "pid"];
    const KEYS: [&str; 8] = ["memory", "net0", "cipassword", "tags", "lxc", "env", "description", "onboot"];

    proptest! {
        #[test]
        fn whatever_a_guest_says_the_result_keeps_its_schema(
            live in prop::collection::vec(any_value(), LIVE.len()),
            rows in prop::collection::vec((prop::sample::select(&KEYS[..]), any_value(), any_value(), any_value()), 0..6),
            full in any::<bool>(),
        ) {
            let row = json!({"type": "qemu", "vmid": 100, "node": "pve1"});
            let guest = Guest::of_row(row.as_object().unwrap().clone(), None, None).unwrap();
            let all: Map<String, Value> = LIVE.iter().map(|key| (*key).to_owned()).zip(live).collect();
            let rows = rows.into_iter().map(|(key, value, pending, delete)| {
                json!({"key": key, "value": value, "pending": pending, "delete": delete}).as_object().unwrap().clone()
            });
            let result = told(&guest, &Current::of(all), rows.collect(), full, Lang::En.texts());
            let facts = Value::from(result.structured.unwrap_or_default());
            let wrong = wrong(&crate::tools::guests::get::output(), &facts);
            prop_assert!(wrong.is_empty(), "{wrong:?} in {facts}");
        }
    }
}
