//! One page of a list: its rows as a table and as JSON, each written once. Only what is on the page is made into either.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::super::{
    args::ListArgs,
    guest::{GuestKind, Known as _},
    profile::GuestTool,
    rows::Row,
    say::Catalogue,
    table::{self, Table},
    written,
};
use crate::foreign;

/// Most bytes of rows in one reply: well below what clients cut off (50,000 characters).
pub(super) const REPLY_MAX: usize = 40_000;

/// So many bytes of JSON a lean row has at most, most often.
const LEAN: usize = 200;

/// The facts that have names of ours, all of which the table shows.
const SHOWN: [&str; 9] = ["vmid", "name", "node", "status", "cpus", "cpuPercent", "memMiB", "memUsedMiB", "tags"];

/// What comes after the last guest of the page before: where it is by now in an order that changes, or, where it has
/// gone, after its id in the one that does not.
fn after<'a, 'r>(matching: &'r [Row<'a>], args: &ListArgs) -> Cow<'r, [Row<'a>]> {
    let Some(last) = args.after else { return matching.into() };
    match matching.iter().position(|row| row.vmid() == last) {
        Some(at) => matching[at + 1..].into(),
        None => matching.iter().copied().filter(|row| row.vmid() > last).collect(),
    }
}

/// One page of a list.
pub(super) struct Page<'a> {
    pub guests: Vec<Row<'a>>,
    /// The rows, as JSON.
    pub json: String,
    /// The rows as values, where everything was asked for.
    full: Vec<Map<String, Value>>,
    /// How many come after it.
    pub more: usize,
    pub cursor: Option<String>,
}

impl<'a> Page<'a> {
    /// The page that is asked for, of those that are.
    pub(super) fn of(matching: &[Row<'a>], args: &ListArgs) -> Self {
        let rest = after(matching, args);
        let most = rest.len().min(args.limit);
        let mut guests = Vec::with_capacity(most);
        let (mut json, mut full) = (String::with_capacity(REPLY_MAX.min(most * LEAN) + 2), Vec::new());
        json.push('[');
        for guest in rest.iter().copied().take(args.limit) {
            let before = json.len();
            if !guests.is_empty() {
                json.push(',');
            }
            if args.full {
                let row = whole(guest);
                written::object(&mut json, row.clone());
                full.push(row);
            } else {
                lean(guest, &mut json);
            }
            // Without the bracket and the commas.
            if json.len() - 1 - guests.len() > REPLY_MAX && !guests.is_empty() {
                json.truncate(before);
                full.truncate(guests.len());
                break;
            }
            guests.push(guest);
        }
        json.push(']');
        let more = rest.len() - guests.len();
        let cursor = guests.last().filter(|_| more > 0).map(|row| row.vmid().to_string());
        Self { guests, json, full, more, cursor }
    }

    /// The rows as values.
    pub(super) fn rows(&self) -> Vec<Value> {
        match self.full.as_slice() {
            [] => self.guests.iter().map(|guest| compact(*guest).into()).collect(),
            full => full.iter().cloned().map(Value::Object).collect(),
        }
    }

    /// The page as text.
    pub(super) fn text(&self, tool: GuestTool, total: usize, texts: &Catalogue) -> String {
        let heads = [
            texts.col_vmid(),
            texts.col_name(),
            texts.col_status(),
            texts.col_node(),
            texts.col_cpus(),
            texts.col_load(),
            texts.col_mem(),
            texts.col_tags(),
        ];
        let mut table = Table::new(&heads);
        self.guests.iter().for_each(|row| line(*row, &mut table, texts));
        let mut out = table.text();
        out.extend(self.guests.iter().zip(&self.full).map(|(guest, row)| rest(*guest, row)));
        out += &match tool.kind {
            GuestKind::Vm => texts.list_vms_head(total, self.guests.len()),
            GuestKind::Ct => texts.list_cts_head(total, self.guests.len()),
        };
        out.push('.');
        if let Some(cursor) = &self.cursor {
            out.push(' ');
            out += &texts.list_more(self.more, cursor);
        }
        out
    }
}

/// How much of its processors it uses, in per cent; nothing of one that does not run, or of which nothing is known.
pub(super) fn load(row: Row<'_>) -> Option<f64> {
    let runs = !row.lost() && !matches!(word(row), "stopped" | "unknown");
    row.cpu().filter(|_| runs).map(|share| (share * 1000.0).round() / 10.0)
}

/// How much memory it uses, in bytes.
pub(super) fn used(row: Row<'_>) -> Option<u64> {
    row.mem().filter(|_| !row.lost())
}

/// Its state as filters name it: what a guest does whose node is away nobody knows, whatever its node said last.
pub(super) fn word(row: Row<'_>) -> &str {
    if row.lost() { "unknown" } else { row.status() }
}

/// Its state, and why it is not known.
fn status(row: Row<'_>) -> Cow<'_, str> {
    if row.lost() { format!("unknown (node {} is offline)", row.node()).into() } else { word(row).into() }
}

/// The state in one word; a template is always stopped, so that it is one says more.
fn state<'a>(row: Row<'a>, texts: &Catalogue) -> Cow<'a, str> {
    match (row.lock(), row.template()) {
        ("", true) if !row.lost() => texts.template().into(),
        ("", true) => format!("{} ({})", status(row), texts.template()).into(),
        ("", false) => status(row),
        (lock, _) => format!("{} ({lock})", status(row)).into(),
    }
}

/// A fact of a row.
enum Fact<'a> {
    Whole(u64),
    Number(f64),
    Text(Cow<'a, str>),
    Yes,
}

/// The few facts of a row, lean: nothing that is empty or as usual. In the order of their names.
fn facts<'a>(row: Row<'a>, mut some: impl FnMut(&'static str, Fact<'a>)) {
    if let Some(load) = load(row) {
        some("cpuPercent", Fact::Number(load));
    }
    if let Some(cpus) = row.cpus() {
        some("cpus", Fact::Number(cpus));
    }
    if !row.lock().is_empty() {
        some("lock", Fact::Text(row.lock().into()));
    }
    if let Some(bytes) = row.maxmem() {
        some("memMiB", Fact::Whole(bytes >> 20));
    }
    if let Some(bytes) = used(row) {
        some("memUsedMiB", Fact::Whole(bytes >> 20));
    }
    if let Some(name) = row.name() {
        some("name", Fact::Text(name.into()));
    }
    some("node", Fact::Text(row.node_name().into()));
    some("status", Fact::Text(status(row)));
    if let Some(tags) = tags(row) {
        some("tags", Fact::Text(tags));
    }
    if row.template() {
        some("template", Fact::Yes);
    }
    some("vmid", Fact::Whole(row.vmid().get().into()));
}

/// Them as values.
fn compact(row: Row<'_>) -> Map<String, Value> {
    let mut map = Map::new();
    facts(row, |key, fact| {
        let value = match fact {
            Fact::Whole(n) => n.into(),
            Fact::Number(n) => table::number(n),
            Fact::Text(text) => Value::String(text.into_owned()),
            Fact::Yes => true.into(),
        };
        map.insert(key.to_owned(), value);
    });
    map
}

/// Them as JSON, fit to be shown.
fn lean(row: Row<'_>, out: &mut String) {
    let mut first = true;
    facts(row, |key, fact| {
        out.push_str(if first { "{\"" } else { ",\"" });
        first = false;
        out.push_str(key);
        out.push_str("\":");
        match fact {
            Fact::Whole(n) => written::whole(out, n),
            Fact::Number(n) => written::decimal(out, n),
            Fact::Text(text) => written::text(out, &text),
            Fact::Yes => out.push_str("true"),
        }
    });
    out.push('}');
}

/// The tags in one text, parted as PVE parts them now.
fn tags(row: Row<'_>) -> Option<Cow<'_, str>> {
    let tagged = row.tagged();
    let parts = tagged.as_bytes();
    let odd = |pair: &[u8]| matches!(pair, b";;") || matches!(pair[0], b',' | b' ');
    let ends = [parts.first()?, parts.last()?];
    if !ends.iter().any(|end| matches!(end, b';' | b',' | b' ')) && !parts.windows(2).any(odd) {
        return Some(tagged.into());
    }
    let joined = row.tags().collect::<Vec<_>>().join(";");
    (!joined.is_empty()).then(|| joined.into())
}

/// Everything that PVE says, and the compact facts under their own names, which have the types that the output schema
/// gives them whatever PVE sent.
fn whole(guest: Row<'_>) -> Map<String, Value> {
    let mut row = guest.all();
    row.retain(|key, value| !value.is_null() && !SHOWN.contains(&key.as_str()));
    row.extend(compact(guest));
    row
}

/// What the table does not show of a full row, in a line.
fn rest(guest: Row<'_>, row: &Map<String, Value>) -> String {
    let fields = row.iter().filter(|(key, _)| !SHOWN.contains(&key.as_str()));
    let fields: Vec<_> =
        fields.map(|(key, value)| format!("{key}={}", foreign::line(&plain(value), foreign::WORDS))).collect();
    format!("{}: {}\n", guest.vmid(), fields.join(", "))
}

/// A value without the quotes of JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A row of the table; of memory what is used and what is given: `1.5G/4G`.
fn line(row: Row<'_>, table: &mut Table<'_>, texts: &Catalogue) {
    table.cell(|out| written::whole(out, row.vmid().get().into()));
    table.text_cell(row.name().unwrap_or("-"));
    table.text_cell(&state(row, texts));
    table.text_cell(row.node_name());
    table.cell(|out| row.cpus().into_iter().for_each(|n| written::decimal(out, n)));
    table.cell(|out| load(row).into_iter().for_each(|percent| written::decimal(out, percent)));
    table.cell(|out| {
        if let Some(all) = row.maxmem() {
            if let Some(used) = used(row) {
                written::size(out, used);
                out.push('/');
            }
            written::size(out, all);
        }
    });
    table.text_cell(tags(row).as_deref().unwrap_or_default());
}

#[cfg(test)]
mod tests;
