//! Lists: the guests of one kind, filtered, page by page.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Map, Value, json};

use super::{
    args::{ListArgs, Sort},
    call::{CallContext, Problem, ToolResult},
    directory,
    guest::{Guest, GuestKind},
    ops, outcome,
    profile::GuestTool,
    say::Catalogue,
    state::Tools,
    table::{self, bytes, table},
};
use crate::pve::NodeName;

/// Most bytes of rows in one reply: well below what clients cut off (50,000 characters).
const REPLY_MAX: usize = 40_000;

/// How long a node is waited for before it is asked whether it is there at all.
const PATIENCE: Duration = Duration::from_secs(1);
/// Most tags that are named where one is not found.
const TAGS_NAMED: usize = 30;

/// Runs the tool.
pub(super) async fn run(
    tools: &Tools,
    tool: GuestTool,
    args: &ListArgs,
    ctx: &CallContext,
) -> Result<ToolResult, ToolResult> {
    let texts = ctx.lang.texts();
    let list = read(tools, tool, args, texts).await?;
    let visible: Vec<_> = list.guests.iter().filter(|guest| tools.policy().shows(guest)).collect();
    let hidden = list.guests.len() - visible.len();
    let mut matching: Vec<_> = visible.iter().copied().filter(|guest| matches(guest, args)).collect();
    if let Some(sort) = args.sort {
        // Stable: those that use the same, or of which nothing is known, stay in the order of their ids.
        matching.sort_by(|a, b| by_use(sort, b).total_cmp(&by_use(sort, a)));
    }
    let page = Page::of(&matching, args);
    let mut text = String::new();
    let mut said = Vec::new();
    if matching.is_empty() {
        said.extend(match (list.guests.is_empty(), visible.is_empty()) {
            (true, _) => Some(tools.why_empty(texts).await),
            (false, true) => None,
            (false, false) => Some(no_match(&visible, args, texts)),
        });
    } else {
        text.push_str(&page.text(tool, matching.len(), args, texts));
    }
    if list.cluster {
        said.push(texts.list_stale().to_owned());
    }
    said.extend(list.notes);
    if hidden > 0 {
        said.push(texts.list_hidden(hidden));
    }
    let detail = said.join(" ");
    let text = [text.trim_end(), detail.as_str()].join(" ").trim().to_owned();
    let mut facts = Map::new();
    facts.insert("guests".to_owned(), page.rows.into());
    facts.insert("total".to_owned(), matching.len().into());
    if let Some(cursor) = page.cursor {
        facts.insert("cursor".to_owned(), cursor.into());
        facts.insert("more".to_owned(), page.more.into());
    }
    if !detail.is_empty() {
        facts.insert("detail".to_owned(), detail.into());
    }
    Ok(ToolResult { text, structured: Some(facts), problem: None })
}

/// The guests of the tool's kind, and what is to be said of the list.
struct List {
    guests: Vec<Guest>,
    /// Whether it is the cluster's list, which is behind.
    cluster: bool,
    notes: Vec<String>,
}

/// The guests of the tool's kind: of one node as they are now, or of the cluster as it knows them.
async fn read(tools: &Tools, tool: GuestTool, args: &ListArgs, texts: &Catalogue) -> Result<List, ToolResult> {
    // Only the cluster's list names pools.
    let pools = args.pool.is_some() || tools.policy().asks_for_pools();
    if let Some(node) = args.target.node.as_ref().filter(|_| !pools) {
        return of_node(tools, tool, node, texts).await;
    }
    let cluster = tools.directory().fresh().await.map_err(|e| outcome::error(&e, texts))?;
    if let Some(node) = &args.target.node
        && !cluster.nodes.iter().any(|(name, _)| name == node)
    {
        return Err(directory::no_node(&cluster, node, tools.policy(), texts));
    }
    if let Some(pool) = args.pool.as_ref().filter(|pool| !cluster.pools.contains(*pool)) {
        return Err(no_pool(tools, &cluster, pool, texts).await);
    }
    let node = args.target.node.as_ref();
    let here = |guest: &&Guest| guest.kind == tool.kind && node.is_none_or(|node| *node == guest.node);
    let guests = cluster.guests.iter().filter(here).cloned().collect();
    Ok(List { guests, cluster: true, notes: directory::notes(&cluster, tools.policy(), texts) })
}

/// The guests of one node, as the node knows them now. One that is away would be tried for many seconds.
async fn of_node(tools: &Tools, tool: GuestTool, node: &NodeName, texts: &Catalogue) -> Result<List, ToolResult> {
    let away = async {
        tokio::time::sleep(PATIENCE).await;
        match tools.directory().fresh().await {
            Ok(cluster) if cluster.away().any(|name| name == node) => {}
            _ => std::future::pending().await,
        }
    };
    let is_away = || {
        let text = texts.list_node_away(node.as_str());
        ToolResult::problem(Problem::Unavailable, text)
    };
    let asked = tokio::select! {
        asked = ops::on_node(tools.client(), tool.kind, node) => asked,
        () = away => return Err(is_away()),
    };
    let list = match asked {
        Ok(list) => list,
        Err(e) => {
            let Ok(cluster) = tools.directory().fresh().await else { return Err(outcome::error(&e, texts)) };
            return Err(match cluster.nodes.iter().find(|(name, _)| name == node) {
                Some((_, true)) => outcome::error(&e, texts),
                Some((_, false)) => is_away(),
                None => directory::no_node(&cluster, node, tools.policy(), texts),
            });
        }
    };
    let all = list.rows.len() + list.odd;
    let mut guests: Vec<_> =
        list.rows.into_iter().filter_map(|row| Guest::of_row(row, Some(tool.kind), Some(node))).collect();
    guests.sort_by_key(|guest| guest.vmid);
    let odd = directory::Cluster { odd: all - guests.len(), ..Default::default() };
    Ok(List { guests, cluster: false, notes: directory::notes(&odd, tools.policy(), texts) })
}

/// Why nothing can be said of a pool that the list does not name: there is none, or the token may not see it.
async fn no_pool(tools: &Tools, cluster: &directory::Cluster, pool: &str, texts: &Catalogue) -> ToolResult {
    match tools.rights_within(Duration::ZERO).await {
        Ok(rights) if rights.sees_pool(pool) => {
            let policy = tools.policy();
            let pools =
                directory::named(cluster.pools.iter().map(String::as_str), |name| policy.names_pool(name), texts);
            let text = pools.map_or_else(|| texts.no_pools(pool), |pools| texts.no_pool(pool, pools));
            ToolResult::problem(Problem::NotFound, text)
        }
        Ok(_) => {
            let who = tools.client().settings().auth.who();
            ToolResult::problem(Problem::Permission, texts.pool_unseen(pool, who))
        }
        Err(e) => outcome::error(&e, texts),
    }
}

/// Why the filters leave nothing. A tag that no guest has is most often one that is written differently.
fn no_match(visible: &[&Guest], args: &ListArgs, texts: &Catalogue) -> String {
    let Some(tag) = args.tag.as_deref().filter(|tag| !visible.iter().any(|guest| guest.has_tag(tag))) else {
        return texts.list_no_match().to_owned();
    };
    let tags: BTreeSet<_> = visible.iter().flat_map(|guest| &guest.tags).map(String::as_str).collect();
    let mut named: Vec<_> = tags.iter().copied().take(TAGS_NAMED).collect();
    if tags.len() > named.len() {
        named.push("…");
    }
    if named.is_empty() { texts.list_no_tags(tag) } else { texts.list_no_tag(tag, named.join(", ")) }
}

fn matches(guest: &Guest, args: &ListArgs) -> bool {
    let name = |wanted: &String| {
        let name = guest.name.as_deref().unwrap_or_default().to_lowercase();
        name.contains(&wanted.to_lowercase())
    };
    args.status.as_deref().is_none_or(|status| word(guest) == status)
        && args.tag.as_deref().is_none_or(|tag| guest.has_tag(tag))
        && args.pool.as_deref().is_none_or(|pool| guest.pool.as_deref() == Some(pool))
        && args.template.is_none_or(|wanted| template(guest) == wanted)
        && args.target.name.as_ref().is_none_or(name)
}

/// How much a guest uses of what a list is sorted by.
fn by_use(sort: Sort, guest: &Guest) -> f64 {
    match sort {
        Sort::Cpu => load(guest),
        #[expect(clippy::cast_precision_loss, reason = "for comparison alone")]
        Sort::Memory => used(guest).map(|bytes| bytes as f64),
    }
    .unwrap_or(-1.0)
}

/// What comes after the last guest of the page before: where it is by now in an order that changes, or, where it has
/// gone, after its id in the one that does not.
fn after<'a>(matching: &[&'a Guest], args: &ListArgs) -> Vec<&'a Guest> {
    let Some(last) = args.after else { return matching.to_vec() };
    match matching.iter().position(|guest| guest.vmid == last) {
        Some(at) => matching[at + 1..].to_vec(),
        None => matching.iter().copied().filter(|guest| guest.vmid > last).collect(),
    }
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
    fn of(matching: &[&'a Guest], args: &ListArgs) -> Self {
        let rest = after(matching, args);
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

    fn text(&self, tool: GuestTool, total: usize, args: &ListArgs, texts: &Catalogue) -> String {
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
        let rows: Vec<_> = self.guests.iter().map(|guest| line(guest, texts)).collect();
        let mut out = table(&heads, &rows);
        if args.full {
            out.extend(self.guests.iter().zip(&self.rows).filter_map(|(guest, row)| rest(guest, row)));
        }
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

/// How much of its processors it uses, in per cent; nothing of one that does not run, or of which nothing is known.
fn load(guest: &Guest) -> Option<f64> {
    let runs = !guest.lost && !matches!(word(guest), "stopped" | "unknown");
    number(guest, "cpu").filter(|share| runs && share.is_finite()).map(|share| (share * 1000.0).round() / 10.0)
}

/// How much memory it uses, in bytes.
fn used(guest: &Guest) -> Option<u64> {
    whole(guest, "mem").filter(|n| *n > 0 && !guest.lost)
}

/// Its state as filters name it: what a guest does whose node is away nobody knows, whatever its node said last.
fn word(guest: &Guest) -> &str {
    if guest.lost { "unknown" } else { text(guest, "status") }
}

/// Its state, and why it is not known.
fn status(guest: &Guest) -> String {
    if guest.lost { format!("unknown (node {} is offline)", guest.node) } else { word(guest).to_owned() }
}

/// The state in one word; a template is always stopped, so that it is one says more.
fn state(guest: &Guest, texts: &Catalogue) -> String {
    match (text(guest, "lock"), template(guest)) {
        ("", true) if !guest.lost => texts.template().to_owned(),
        ("", true) => format!("{} ({})", status(guest), texts.template()),
        ("", false) => status(guest),
        (lock, _) => format!("{} ({lock})", status(guest)),
    }
}

/// The few facts of a row, lean: nothing that is empty or as usual.
fn compact(guest: &Guest) -> Value {
    let mut row = Map::new();
    row.insert("vmid".to_owned(), guest.vmid.get().into());
    row.insert("node".to_owned(), guest.node.as_str().into());
    row.insert("status".to_owned(), status(guest).into());
    let mut some = |key: &str, value: Option<Value>| value.map(|value| row.insert(key.to_owned(), value));
    some("name", guest.name.clone().map(Value::from));
    some("cpus", cpus(guest));
    some("cpuPercent", load(guest).map(table::number));
    some("memUsedMiB", used(guest).map(|n| json!(n >> 20)));
    some("memMiB", whole(guest, "maxmem").filter(|n| *n > 0).map(|n| json!(n >> 20)));
    some("tags", (!guest.tags.is_empty()).then(|| guest.tags.join(";").into()));
    some("lock", Some(text(guest, "lock")).filter(|t| !t.is_empty()).map(Value::from));
    some("template", template(guest).then_some(Value::Bool(true)));
    Value::Object(row)
}

/// Everything that PVE says, and the compact facts under their own names, which have the types that the output schema
/// gives them whatever PVE sent.
fn full(guest: &Guest) -> Value {
    const OURS: [&str; 9] = ["vmid", "name", "node", "status", "cpus", "cpuPercent", "memMiB", "memUsedMiB", "tags"];
    let mut row = guest.row.clone();
    row.retain(|key, value| !value.is_null() && !OURS.contains(&key.as_str()));
    if let Value::Object(facts) = compact(guest) {
        row.extend(facts);
    }
    Value::Object(row)
}

/// What the table does not show of a full row, in a line.
fn rest(guest: &Guest, row: &Value) -> Option<String> {
    const SHOWN: [&str; 9] = ["vmid", "name", "node", "status", "cpus", "cpuPercent", "memMiB", "memUsedMiB", "tags"];
    let fields = row.as_object()?.iter().filter(|(key, _)| !SHOWN.contains(&key.as_str()));
    let fields: Vec<_> = fields
        .map(|(key, value)| format!("{key}={}", crate::foreign::line(&plain(value), crate::foreign::WORDS)))
        .collect();
    Some(format!("{}: {}\n", guest.vmid, fields.join(", ")))
}

/// A value without the quotes of JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Memory used and memory given: `1.5G/4G`.
fn memory(guest: &Guest) -> String {
    let all = whole(guest, "maxmem").filter(|n| *n > 0).map(bytes);
    match (used(guest).map(bytes), all) {
        (Some(used), Some(all)) => format!("{used}/{all}"),
        (_, all) => all.unwrap_or_default(),
    }
}

fn line(guest: &Guest, texts: &Catalogue) -> Vec<String> {
    vec![
        guest.vmid.to_string(),
        guest.name.clone().unwrap_or_else(|| "-".to_owned()),
        state(guest, texts),
        guest.node.to_string(),
        cpus(guest).map(|n| n.to_string()).unwrap_or_default(),
        load(guest).map(|percent| table::number(percent).to_string()).unwrap_or_default(),
        memory(guest),
        guest.tags.join(";"),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tools::{
        say::Lang,
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
            let mut row: Map<String, Value> = FIELDS.iter().map(|f| (*f).to_owned()).zip(values).collect();
            row.extend([("vmid".to_owned(), json!("100")), ("node".to_owned(), json!("pve1")), ("type".to_owned(), json!("qemu"))]);
            let guest = Guest::of_row(row, None, None).unwrap();
            let args = ListArgs { full, ..args(10) };
            let page = Page::of(&[&guest], &args);
            let facts = json!({"guests": page.rows, "total": 1});
            let wrong = wrong(&crate::tools::guests::list::output(), &facts);
            prop_assert!(wrong.is_empty(), "{wrong:?} in {facts}");
            page.text(vms(), 1, &args, Lang::En.texts());
        }
    }

    fn vms() -> GuestTool {
        let tool = crate::tools::registry::by_name("listVMs").unwrap();
        tool.profile.for_guests(GuestKind::Vm, crate::tools::profile::Action::List)
    }

    fn args(limit: usize) -> ListArgs {
        ListArgs { limit, ..ListArgs::default() }
    }

    #[test]
    fn a_row_is_lean() {
        let all = guests(50);
        let page = Page::of(&all.iter().collect::<Vec<_>>(), &args(100));
        let structured = Value::from(page.rows.clone()).to_string().len() / 50;
        let text = page.text(vms(), 50, &args(100), Lang::En.texts()).len() / 50;
        assert!(structured <= 150, "{structured} bytes a guest: {}", page.rows[0]);
        assert!(text <= 60, "{text} bytes a guest");
    }

    #[test]
    fn pages_join_without_gap_or_overlap() {
        let all = guests(25);
        let all: Vec<_> = all.iter().collect();
        let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = Page::of(&all, &ListArgs { after, ..args(10) });
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
        let page = Page::of(&all.iter().collect::<Vec<_>>(), &ListArgs { full: true, ..args(500) });
        let size = Value::from(page.rows.clone()).to_string().len();
        assert!(size <= REPLY_MAX + page.rows.len() + 2, "{size}");
        assert!(page.more > 0 && page.cursor.is_some());
        let text = page.text(vms(), 500, &args(500), Lang::En.texts());
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
