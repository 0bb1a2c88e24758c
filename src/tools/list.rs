//! Lists: the guests of one kind, filtered, page by page.

use serde_json::{Map, Value, json};

use super::{
    Tools,
    args::Args,
    call::{CallContext, ToolResult},
    catalog::{Kind, ToolSpec},
    lang::{Catalogue, fill},
    ops, outcome,
    resolve::Guest,
    table::{self, bytes, table},
};

/// Most bytes of rows in one reply: well below what clients cut off (50,000 characters).
const REPLY_MAX: usize = 40_000;

/// Runs the tool.
pub(super) async fn run(
    tools: &Tools,
    tool: &ToolSpec,
    args: &Args,
    ctx: &CallContext,
) -> Result<ToolResult, ToolResult> {
    let texts = ctx.lang.texts();
    let all = read(tools, tool, args, texts).await?;
    let visible: Vec<_> = all.iter().filter(|guest| tools.policy().shows(guest)).collect();
    let hidden = all.len() - visible.len();
    let matching: Vec<_> = visible.iter().copied().filter(|guest| matches(guest, args)).collect();
    let page = Page::of(&matching, args);
    let mut text = String::new();
    if matching.is_empty() {
        let why = match (all.is_empty(), visible.is_empty()) {
            (true, _) => tools.why_empty(texts).await,
            (false, true) => String::new(),
            (false, false) => texts.list_no_match.to_owned(),
        };
        text.push_str(&why);
    } else {
        text.push_str(&page.text(tool, matching.len(), args, texts));
    }
    if hidden > 0 {
        let hidden = fill(texts.list_hidden, &[("count", &hidden.to_string())]);
        text = format!("{} {hidden}", text.trim_end()).trim_start().to_owned();
    }
    let mut facts = Map::new();
    facts.insert("guests".to_owned(), page.rows.into());
    facts.insert("total".to_owned(), matching.len().into());
    if let Some(cursor) = page.cursor {
        facts.insert("cursor".to_owned(), cursor.into());
    }
    if matching.is_empty() {
        facts.insert("detail".to_owned(), text.trim().into());
    }
    Ok(ToolResult { text: text.trim_end().to_owned(), structured: Some(facts), problem: None })
}

/// The guests of the tool's kind: of one node as they are now, or of the cluster as it knows them.
async fn read(tools: &Tools, tool: &ToolSpec, args: &Args, texts: &Catalogue) -> Result<Vec<Guest>, ToolResult> {
    let failed = |e: crate::client::Error| outcome::error(&e, texts);
    // Only the cluster's list names pools.
    let pools = args.pool.is_some() || tools.policy().asks_for_pools();
    let mut guests: Vec<Guest> = match &args.target.node {
        Some(node) if !pools => {
            let rows = match ops::on_node(tools.client(), tool.kind, node).await {
                Ok(rows) => rows,
                Err(e) => return Err(tools.no_node(node, texts).await.unwrap_or_else(|| failed(e))),
            };
            rows.into_iter().filter_map(|row| Guest::of_row(row, Some(tool.kind), Some(node))).collect()
        }
        node => {
            let all = tools.directory().fresh().await.map_err(failed)?;
            let here = |guest: &&Guest| guest.kind == tool.kind && node.as_ref().is_none_or(|node| *node == guest.node);
            all.iter().filter(here).cloned().collect()
        }
    };
    guests.sort_by_key(|guest| guest.vmid);
    Ok(guests)
}

fn matches(guest: &Guest, args: &Args) -> bool {
    let name = |wanted: &String| {
        let name = guest.name.as_deref().unwrap_or_default().to_lowercase();
        name.contains(&wanted.to_lowercase())
    };
    args.status.as_deref().is_none_or(|status| text(guest, "status") == status)
        && args.tag.as_deref().is_none_or(|tag| guest.has_tag(tag))
        && args.pool.as_deref().is_none_or(|pool| guest.pool.as_deref() == Some(pool))
        && args.target.name.as_ref().is_none_or(name)
}

/// One page of a list.
struct Page<'a> {
    guests: Vec<&'a Guest>,
    rows: Vec<Value>,
    /// How many come after it.
    more: usize,
    cursor: Option<String>,
}

impl<'a> Page<'a> {
    fn of(matching: &[&'a Guest], args: &Args) -> Self {
        let rest: Vec<_> = matching.iter().copied().filter(|g| args.after.is_none_or(|after| g.vmid > after)).collect();
        let (mut guests, mut rows, mut size) = (Vec::new(), Vec::new(), 0);
        for guest in rest.iter().copied().take(args.limit) {
            let row = if args.full { full(guest) } else { compact(guest) };
            size += row.to_string().len();
            if size > REPLY_MAX && !rows.is_empty() {
                break;
            }
            guests.push(guest);
            rows.push(row);
        }
        let more = rest.len() - guests.len();
        let cursor = guests.last().filter(|_| more > 0).map(|guest| guest.vmid.to_string());
        Self { guests, rows, more, cursor }
    }

    fn text(&self, tool: &ToolSpec, total: usize, args: &Args, texts: &Catalogue) -> String {
        let heads = [
            texts.col_vmid,
            texts.col_name,
            texts.col_status,
            texts.col_node,
            texts.col_cpus,
            texts.col_mem,
            texts.col_tags,
        ];
        let rows: Vec<_> = self.guests.iter().map(|guest| line(guest, texts)).collect();
        let mut out = table(&heads, &rows);
        let head = if tool.kind == Kind::Vm { texts.list_vms_head } else { texts.list_cts_head };
        let (shown, total) = (self.guests.len().to_string(), total.to_string());
        out += &fill(head, &[("shown", &shown), ("total", &total)]);
        out.push('.');
        if let Some(cursor) = &self.cursor {
            out.push(' ');
            out += &fill(texts.list_more, &[("more", &self.more.to_string()), ("cursor", cursor)]);
        }
        if args.target.node.is_none() {
            out.push(' ');
            out += texts.list_stale;
        }
        out
    }
}

fn text<'a>(guest: &'a Guest, key: &str) -> &'a str {
    guest.row.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn number(guest: &Guest, key: &str) -> Option<f64> {
    guest.row.get(key).and_then(Value::as_f64)
}

fn whole(guest: &Guest, key: &str) -> Option<u64> {
    guest.row.get(key).and_then(Value::as_u64)
}

fn template(guest: &Guest) -> bool {
    guest.row.get("template").is_some_and(|flag| crate::pve::bool_or_int(flag).ok().flatten() == Some(true))
}

/// How many processors: the cluster's list and a node's list name them differently.
fn cpus(guest: &Guest) -> Option<Value> {
    number(guest, "maxcpu").or_else(|| number(guest, "cpus")).filter(|n| *n > 0.0).map(table::number)
}

/// The state in one word; a template is always stopped, so that it is one says more.
fn state(guest: &Guest, texts: &Catalogue) -> String {
    match (text(guest, "lock"), template(guest)) {
        ("", true) => texts.template.to_owned(),
        ("", false) => text(guest, "status").to_owned(),
        (lock, _) => format!("{} ({lock})", text(guest, "status")),
    }
}

/// The few facts of a row, lean: nothing that is empty or as usual.
fn compact(guest: &Guest) -> Value {
    let mut row = Map::new();
    row.insert("vmid".to_owned(), guest.vmid.get().into());
    row.insert("node".to_owned(), guest.node.as_str().into());
    row.insert("status".to_owned(), text(guest, "status").into());
    let mut some = |key: &str, value: Option<Value>| value.map(|value| row.insert(key.to_owned(), value));
    some("name", guest.name.clone().map(Value::from));
    some("cpus", cpus(guest));
    some("memMiB", whole(guest, "maxmem").filter(|n| *n > 0).map(|n| json!(n >> 20)));
    some("tags", (!guest.tags.is_empty()).then(|| guest.tags.join(";").into()));
    some("lock", Some(text(guest, "lock")).filter(|t| !t.is_empty()).map(Value::from));
    some("template", template(guest).then_some(Value::Bool(true)));
    Value::Object(row)
}

/// Everything that PVE says, and the compact facts under their own names, which have the types that the output schema
/// gives them whatever PVE sent.
fn full(guest: &Guest) -> Value {
    const OURS: [&str; 7] = ["vmid", "name", "node", "status", "cpus", "memMiB", "tags"];
    let mut row = guest.row.clone();
    row.retain(|key, value| !value.is_null() && !OURS.contains(&key.as_str()));
    if let Value::Object(facts) = compact(guest) {
        row.extend(facts);
    }
    Value::Object(row)
}

fn line(guest: &Guest, texts: &Catalogue) -> Vec<String> {
    vec![
        guest.vmid.to_string(),
        guest.name.clone().unwrap_or_else(|| "-".to_owned()),
        state(guest, texts),
        guest.node.to_string(),
        cpus(guest).map(|n| n.to_string()).unwrap_or_default(),
        whole(guest, "maxmem").filter(|n| *n > 0).map(bytes).unwrap_or_default(),
        guest.tags.join(";"),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tools::{
        catalog::by_name,
        lang::Lang,
        schema::checked::{any_value, wrong},
    };

    fn guests(count: u32) -> Vec<Guest> {
        let guest = |n: u32| {
            let row = json!({
                "type": "qemu", "vmid": 100 + n, "node": "pve1", "name": format!("web-front-{n}"), "status": "running",
                "maxcpu": 4, "maxmem": 8_589_934_592_u64, "mem": 4_294_967_296_u64, "uptime": 1_234_567, "tags": "prod;web",
                "cpu": 0.0123, "netin": 1, "netout": 2, "disk": 0, "maxdisk": 34_359_738_368_u64, "template": false,
            });
            Guest::of_row(row.as_object().unwrap().clone(), None, None).unwrap()
        };
        (0..count).map(guest).collect()
    }

    const FIELDS: [&str; 14] = [
        "name",
        "status",
        "qmpstatus",
        "cpus",
        "maxcpu",
        "maxmem",
        "tags",
        "lock",
        "template",
        "pool",
        "hastate",
        "memMiB",
        "cursor",
        "other",
    ];

    proptest! {
        #[test]
        fn whatever_a_row_holds_the_result_keeps_its_schema(
            values in prop::collection::vec(any_value(), FIELDS.len()),
            full in any::<bool>(),
        ) {
            let tool = by_name("listVMs").unwrap();
            let mut row: Map<String, Value> = FIELDS.iter().map(|f| (*f).to_owned()).zip(values).collect();
            row.extend([("vmid".to_owned(), json!("100")), ("node".to_owned(), json!("pve1")), ("type".to_owned(), json!("qemu"))]);
            let guest = Guest::of_row(row, None, None).unwrap();
            let args = Args { full, ..args(10) };
            let page = Page::of(&[&guest], &args);
            let facts = json!({"guests": page.rows, "total": 1});
            let wrong = wrong(tool.name, &facts);
            prop_assert!(wrong.is_empty(), "{wrong:?} in {facts}");
            page.text(tool, 1, &args, Lang::En.texts());
        }
    }

    fn args(limit: usize) -> Args {
        Args { limit, ..Args::default() }
    }

    #[test]
    fn a_row_is_lean() {
        let all = guests(50);
        let page = Page::of(&all.iter().collect::<Vec<_>>(), &args(100));
        let structured = Value::from(page.rows.clone()).to_string().len() / 50;
        let text = page.text(by_name("listVMs").unwrap(), 50, &args(100), Lang::En.texts()).len() / 50;
        assert!(structured <= 110, "{structured} bytes a guest: {}", page.rows[0]);
        assert!(text <= 60, "{text} bytes a guest");
    }

    #[test]
    fn pages_join_without_gap_or_overlap() {
        let all = guests(25);
        let all: Vec<_> = all.iter().collect();
        let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = Page::of(&all, &Args { after, ..args(10) });
            seen.extend(page.guests.iter().map(|g| g.vmid.get()));
            pages += 1;
            match page.cursor {
                Some(cursor) => after = Some(cursor.parse().unwrap()),
                None => break,
            }
        }
        assert_eq!((pages, seen), (3, (100..125).collect()));
    }

    #[test]
    fn a_reply_has_a_cap_whatever_the_limit() {
        let all = guests(500);
        let page = Page::of(&all.iter().collect::<Vec<_>>(), &Args { full: true, ..args(500) });
        let size = Value::from(page.rows.clone()).to_string().len();
        assert!(size <= REPLY_MAX + page.rows.len() + 2, "{size}");
        assert!(page.more > 0 && page.cursor.is_some());
        let text = page.text(by_name("listVMs").unwrap(), 500, &args(500), Lang::En.texts());
        assert!(text.contains(&format!("{} more", page.more)), "{text}");
    }

    #[test]
    fn full_rows_keep_all_and_add_the_compact_names() {
        let all = guests(1);
        let row = full(&all[0]);
        assert_eq!(
            (&row["memMiB"], &row["mem"], &row["cpu"]),
            (&json!(8192), &json!(4_294_967_296_u64), &json!(0.0123))
        );
    }
}
