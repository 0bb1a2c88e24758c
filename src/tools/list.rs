//! Lists: the guests of one kind, filtered, page by page.

mod page;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use serde_json::Map;

use self::page::{Page, load, used, word};
use super::{
    args::{ListArgs, Sort},
    aside::Rows,
    call::{CallContext, Problem, ToolResult},
    directory::{self, Cluster},
    guest::Known as _,
    ops, outcome,
    policy::Policy,
    profile::GuestTool,
    rows::{Listing, Row},
    say::Catalogue,
    state::Tools,
};
use crate::pve::NodeName;

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
        text.push_str(&page.text(tool, matching.len(), texts));
    }
    said.extend(list.notes(tools.policy(), texts));
    if hidden > 0 {
        said.push(texts.list_hidden(hidden));
    }
    let detail = said.join(" ");
    let text = [text.trim_end(), detail.as_str()].join(" ").trim().to_owned();
    let mut facts = Map::new();
    match &ctx.rows {
        Some(aside) => aside.leave(Rows { name: "guests", json: page.json }),
        None => drop(facts.insert("guests".to_owned(), page.rows().into())),
    }
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
