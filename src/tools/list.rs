//! Lists: the guests of one kind, filtered, page by page.

use std::{borrow::Cow, collections::BTreeSet, fmt::Write as _, sync::Arc, time::Duration};

use serde_json::{Map, Value};

use super::{
    args::{ListArgs, Sort},
    call::{CallContext, Problem, ToolResult},
    directory::{self, Cluster},
    guest::{GuestKind, Known as _},
    ops, outcome,
    policy::Policy,
    profile::GuestTool,
    rows::{Listing, Row},
    say::Catalogue,
    state::Tools,
    table::{self, Table, bytes},
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
    let all = list.rows(tool, args);
    let visible: Vec<_> = all.iter().copied().filter(|row| tools.policy().shows(row)).collect();
    let hidden = all.len() - visible.len();
    let wanted = args.target.name.as_deref().map(str::to_lowercase);
    let mut matching: Vec<_> = visible.iter().copied().filter(|row| matches(*row, args, wanted.as_deref())).collect();
    if let Some(sort) = args.sort {
        // Stable: those that use the same, or of which nothing is known, stay in the order of their ids.
        matching.sort_by(|a, b| by_use(sort, *b).total_cmp(&by_use(sort, *a)));
    }
    let page = Page::of(&matching, args);
    let mut text = String::new();
    let mut said = Vec::new();
    if matching.is_empty() {
        said.extend(match (all.is_empty(), visible.is_empty()) {
            (true, _) => Some(tools.why_empty(texts).await),
            (false, true) => None,
            (false, false) => Some(no_match(&visible, args, texts)),
        });
    } else {
        text.push_str(&page.text(tool, matching.len(), args, texts));
    }
    said.extend(list.notes(tools.policy(), texts));
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

/// Where the guests come from.
enum List {
    /// The cluster's list, which is behind.
    Cluster(Arc<Cluster>),
    /// That of one node.
    Node(Listing),
}

impl List {
    /// The guests of the tool's kind, on the node that is asked for.
    fn rows(&self, tool: GuestTool, args: &ListArgs) -> Vec<Row<'_>> {
        match self {
            Self::Node(list) => list.iter().collect(),
            Self::Cluster(cluster) => {
                let node = args.target.node.as_ref();
                let here = |row: &Row<'_>| row.kind() == tool.kind && node.is_none_or(|node| node == row.node());
                cluster.guests.iter().filter(here).collect()
            }
        }
    }

    /// What is to be said of it.
    fn notes(&self, policy: &Policy, texts: &Catalogue) -> Vec<String> {
        match self {
            Self::Node(list) => directory::unread(list.odd, texts).into_iter().collect(),
            Self::Cluster(cluster) => {
                [texts.list_stale().to_owned()].into_iter().chain(directory::notes(cluster, policy, texts)).collect()
            }
        }
    }
}

/// The guests: of one node as they are now, or of the cluster as it knows them.
async fn read(tools: &Tools, tool: GuestTool, args: &ListArgs, texts: &Catalogue) -> Result<List, ToolResult> {
    // Only the cluster's list names pools.
    let pools = args.pool.is_some() || tools.policy().asks_for_pools();
    if let Some(node) = args.target.node.as_ref().filter(|_| !pools) {
        return of_node(tools, tool, node, texts).await.map(List::Node);
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
    Ok(List::Cluster(cluster))
}

/// The guests of one node, as the node knows them now. One that is away would be tried for many seconds.
async fn of_node(tools: &Tools, tool: GuestTool, node: &NodeName, texts: &Catalogue) -> Result<Listing, ToolResult> {
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
    match asked {
        Ok(list) => Ok(list),
        Err(e) => {
            let Ok(cluster) = tools.directory().fresh().await else { return Err(outcome::error(&e, texts)) };
            Err(match cluster.nodes.iter().find(|(name, _)| name == node) {
                Some((_, true)) => outcome::error(&e, texts),
                Some((_, false)) => is_away(),
                None => directory::no_node(&cluster, node, tools.policy(), texts),
            })
        }
    }
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
fn no_match(visible: &[Row<'_>], args: &ListArgs, texts: &Catalogue) -> String {
    let Some(tag) = args.tag.as_deref().filter(|tag| !visible.iter().any(|row| row.has_tag(tag))) else {
        return texts.list_no_match().to_owned();
    };
    let tags: BTreeSet<_> = visible.iter().flat_map(|row| row.tags()).collect();
    let mut named: Vec<_> = tags.iter().copied().take(TAGS_NAMED).collect();
    if tags.len() > named.len() {
        named.push("…");
    }
    if named.is_empty() { texts.list_no_tags(tag) } else { texts.list_no_tag(tag, named.join(", ")) }
}

fn matches(row: Row<'_>, args: &ListArgs, name: Option<&str>) -> bool {
    args.status.as_deref().is_none_or(|status| word(row) == status)
        && args.tag.as_deref().is_none_or(|tag| row.has_tag(tag))
        && args.pool.as_deref().is_none_or(|pool| row.pool() == Some(pool))
        && args.template.is_none_or(|wanted| row.template() == wanted)
        && name.is_none_or(|wanted| row.name().unwrap_or_default().to_lowercase().contains(wanted))
}

/// How much a guest uses of what a list is sorted by.
fn by_use(sort: Sort, row: Row<'_>) -> f64 {
    match sort {
        Sort::Cpu => load(row),
        #[expect(clippy::cast_precision_loss, reason = "for comparison alone")]
        Sort::Memory => used(row).map(|bytes| bytes as f64),
    }
    .unwrap_or(-1.0)
}

/// What comes after the last guest of the page before: where it is by now in an order that changes, or, where it has
/// gone, after its id in the one that does not.
fn after<'a>(matching: &[Row<'a>], args: &ListArgs) -> Vec<Row<'a>> {
    let Some(last) = args.after else { return matching.to_vec() };
    match matching.iter().position(|row| row.vmid() == last) {
        Some(at) => matching[at + 1..].to_vec(),
        None => matching.iter().copied().filter(|row| row.vmid() > last).collect(),
    }
}

/// One page of a list.
struct Page<'a> {
    guests: Vec<Row<'a>>,
    rows: Vec<Value>,
    /// How many come after it.
    more: usize,
    cursor: Option<String>,
}

/// So many bytes a row has at most beside its texts, each of whose characters may take six.
const ROW_FRAME: usize = 260;

impl<'a> Page<'a> {
    fn of(matching: &[Row<'a>], args: &ListArgs) -> Self {
        let rest = after(matching, args);
        let (mut guests, mut rows, mut most, mut size) = (Vec::new(), Vec::new(), 0, None);
        for guest in rest.iter().copied().take(args.limit) {
            let row = if args.full { full(guest) } else { compact(guest) };
            most += if args.full { REPLY_MAX } else { bound(guest) };
            // As long as it cannot be too much it need not be known how much it is.
            if most > REPLY_MAX {
                let sum = size.unwrap_or_else(|| rows.iter().map(length).sum::<usize>()) + length(&row);
                if sum > REPLY_MAX && !rows.is_empty() {
                    break;
                }
                size = Some(sum);
            }
            guests.push(guest);
            rows.push(row);
        }
        let more = rest.len() - guests.len();
        let cursor = guests.last().filter(|_| more > 0).map(|row| row.vmid().to_string());
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
        let mut table = Table::new(&heads);
        self.guests.iter().for_each(|row| line(*row, &mut table, texts));
        let mut out = table.text();
        if args.full {
            out.extend(self.guests.iter().zip(&self.rows).filter_map(|(guest, row)| rest(*guest, row)));
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

/// How many bytes of JSON a lean row can take at most.
fn bound(row: Row<'_>) -> usize {
    let texts = [row.name().unwrap_or_default(), row.tagged(), row.status(), row.lock(), row.node().as_str()];
    ROW_FRAME + texts.iter().map(|text| if plain_text(text) { text.len() } else { text.len() * 6 }).sum::<usize>()
}

/// Whether a text stands in JSON as it is.
fn plain_text(text: &str) -> bool {
    text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
}

/// How many bytes of JSON a row takes.
fn length(row: &Value) -> usize {
    row.to_string().len()
}

/// How much of its processors it uses, in per cent; nothing of one that does not run, or of which nothing is known.
fn load(row: Row<'_>) -> Option<f64> {
    let runs = !row.lost() && !matches!(word(row), "stopped" | "unknown");
    row.cpu().filter(|_| runs).map(|share| (share * 1000.0).round() / 10.0)
}

/// How much memory it uses, in bytes.
fn used(row: Row<'_>) -> Option<u64> {
    row.mem().filter(|_| !row.lost())
}

/// Its state as filters name it: what a guest does whose node is away nobody knows, whatever its node said last.
fn word(row: Row<'_>) -> &str {
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

/// The few facts of a row, lean: nothing that is empty or as usual.
fn compact(row: Row<'_>) -> Value {
    let mut facts = Map::new();
    let mut some = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            facts.insert(key.to_owned(), value);
        }
    };
    some("vmid", Some(row.vmid().get().into()));
    some("node", Some(row.node().as_str().into()));
    some("status", Some(Value::from(&*status(row))));
    some("name", row.name().map(Value::from));
    some("cpus", row.cpus().map(table::number));
    some("cpuPercent", load(row).map(table::number));
    some("memUsedMiB", used(row).map(|n| (n >> 20).into()));
    some("memMiB", row.maxmem().map(|n| (n >> 20).into()));
    some("tags", tags(row).map(Value::from));
    some("lock", Some(row.lock()).filter(|lock| !lock.is_empty()).map(Value::from));
    some("template", row.template().then_some(Value::Bool(true)));
    Value::Object(facts)
}

/// The tags in one text, parted as PVE parts them now.
fn tags(row: Row<'_>) -> Option<Cow<'_, str>> {
    let mut tags = row.tags();
    let first = tags.next()?;
    let rest: Vec<_> = tags.collect();
    let joined = || [&[first], &rest[..]].concat().join(";");
    Some(if rest.is_empty() {
        first.into()
    } else if rest.iter().map(|tag| tag.len() + 1).sum::<usize>() + first.len() == row.tagged().len()
        && !row.tagged().contains([',', ' '])
    {
        row.tagged().into()
    } else {
        joined().into()
    })
}

/// Everything that PVE says, and the compact facts under their own names, which have the types that the output schema
/// gives them whatever PVE sent.
fn full(guest: Row<'_>) -> Value {
    let mut row = guest.all();
    row.retain(|key, value| !value.is_null() && !SHOWN.contains(&key.as_str()));
    if let Value::Object(facts) = compact(guest) {
        row.extend(facts);
    }
    Value::Object(row)
}

/// The facts that have names of ours, all of which the table shows.
const SHOWN: [&str; 9] = ["vmid", "name", "node", "status", "cpus", "cpuPercent", "memMiB", "memUsedMiB", "tags"];

/// What the table does not show of a full row, in a line.
fn rest(guest: Row<'_>, row: &Value) -> Option<String> {
    let fields = row.as_object()?.iter().filter(|(key, _)| !SHOWN.contains(&key.as_str()));
    let fields: Vec<_> = fields
        .map(|(key, value)| format!("{key}={}", crate::foreign::line(&plain(value), crate::foreign::WORDS)))
        .collect();
    Some(format!("{}: {}\n", guest.vmid(), fields.join(", ")))
}

/// A value without the quotes of JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A row of the table; of memory what is used and what is given: `1.5G/4G`.
fn line(row: Row<'_>, table: &mut Table<'_>, texts: &Catalogue) {
    table.cell(|out| write!(out, "{}", row.vmid()));
    table.text_cell(row.name().unwrap_or("-"));
    table.text_cell(&state(row, texts));
    table.text_cell(row.node().as_str());
    table.cell(|out| row.cpus().map_or(Ok(()), |n| write!(out, "{}", table::number(n))));
    table.cell(|out| load(row).map_or(Ok(()), |percent| write!(out, "{}", table::number(percent))));
    table.cell(|out| match (used(row), row.maxmem()) {
        (Some(used), Some(all)) => write!(out, "{}/{}", bytes(used), bytes(all)),
        (_, Some(all)) => write!(out, "{}", bytes(all)),
        (_, None) => Ok(()),
    });
    table.text_cell(tags(row).as_deref().unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        api,
        client::Unread,
        tools::{
            say::Lang,
            schema::checked::{any_value, wrong},
        },
    };

    /// The list of a cluster that says this.
    fn listing(rows: &Value) -> Listing {
        let answer = Unread::of("/cluster/resources", json!({ "data": rows }).to_string());
        ops::list(&api::GET_CLUSTER_RESOURCES, answer, None).unwrap().0
    }

    fn guests(count: u32) -> Listing {
        let guest = |n: u32| {
            json!({
                "type": "qemu", "vmid": 100 + n, "node": "pve1", "name": format!("web-front-{n}"), "status": "running",
                "maxcpu": 4, "maxmem": 8_589_934_592_u64, "mem": 4_294_967_296_u64, "uptime": 1_234_567, "tags": "prod;web",
                "cpu": 0.0123, "netin": 1, "netout": 2, "disk": 0, "maxdisk": 34_359_738_368_u64, "template": false,
            })
        };
        listing(&(0..count).map(guest).collect())
    }

    fn page<'a>(list: &'a Listing, args: &ListArgs) -> Page<'a> {
        Page::of(&list.iter().collect::<Vec<_>>(), args)
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
            let list = listing(&json!([row]));
            let args = ListArgs { full, ..args(10) };
            let page = page(&list, &args);
            prop_assert_eq!(page.rows.len(), 1);
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
        let page = page(&all, &args(100));
        let structured = Value::from(page.rows.clone()).to_string().len() / 50;
        let text = page.text(vms(), 50, &args(100), Lang::En.texts()).len() / 50;
        assert!(structured <= 150, "{structured} bytes a guest: {}", page.rows[0]);
        assert!(text <= 60, "{text} bytes a guest");
    }

    #[test]
    fn pages_join_without_gap_or_overlap() {
        let all = guests(25);
        let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = page(&all, &ListArgs { after, ..args(10) });
            seen.extend(page.guests.iter().map(|row| row.vmid().get()));
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
        let page = page(&all, &ListArgs { full: true, ..args(500) });
        let size = Value::from(page.rows.clone()).to_string().len();
        assert!(size <= REPLY_MAX + page.rows.len() + 2, "{size}");
        assert!(page.more > 0 && page.cursor.is_some());
        let text = page.text(vms(), 500, &args(500), Lang::En.texts());
        assert!(text.contains(&format!("{} more", page.more)), "{text}");
    }

    #[test]
    fn full_rows_keep_all_and_add_the_compact_names() {
        let all = guests(1);
        let row = full(all.iter().next().unwrap());
        assert_eq!(
            (&row["memMiB"], &row["mem"], &row["cpu"]),
            (&json!(8192), &json!(4_294_967_296_u64), &json!(0.0123))
        );
    }
}
