//! The tasks of the nodes, asked side by side, as far as they may be told.

use chrono::{DateTime, FixedOffset};
use futures_util::future::join_all;
use serde_json::{Map, Value};

use crate::{
    api,
    client::{Client, Error, TaskOutcome},
    foreign,
    pve::{NodeName, Upid, Vmid},
    tools::{
        aim::wrong,
        allowed::denied,
        args::{self, read as typed},
        call::{Problem, ToolResult},
        check::short,
        directory::{self, Cluster},
        either,
        guest::Target,
        ops,
        outcome::{self, quoted},
        policy::Denied,
        rights::Rights,
        say::Catalogue,
        tool::Call,
        when,
    },
};

/// Tasks of one node that are looked at where PVE itself cannot choose among them.
const READ: u64 = 500;

/// Which tasks.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub vmid: Option<Vmid>,
    pub node: Option<NodeName>,
    user: Option<String>,
    /// PVE's word for what is done, or the end of it.
    pub kind: Option<String>,
    failed: bool,
    pub since: Option<DateTime<FixedOffset>>,
    pub until: Option<DateTime<FixedOffset>>,
    /// In which times are told.
    pub zone: Option<FixedOffset>,
}

#[derive(serde::Deserialize)]
struct Raw {
    user: Option<String>,
    r#type: Option<String>,
    failed: Option<bool>,
    since: Option<String>,
    until: Option<String>,
}

/// A task as a node lists it.
pub(super) struct Row {
    pub upid: Upid,
    /// When it ended, in seconds since 1970.
    pub end: Option<u64>,
    /// PVE's words on how it ended; `running` of one that has not.
    pub status: String,
}

/// What was found.
pub(super) struct Found {
    /// The newest first.
    pub rows: Vec<Row>,
    /// How many there are.
    pub total: usize,
    /// What makes the list incomplete.
    pub notes: Vec<String>,
    pub hidden: usize,
}

impl Wanted {
    /// From the arguments of a call, held against the rules.
    ///
    /// # Errors
    /// Which argument is wrong, the rule that denies it, or why PVE could not be asked.
    pub(super) async fn of(call: &Call<'_>) -> Result<Self, ToolResult> {
        let (tools, texts) = (call.tools, call.texts);
        let target = args::target(&call.given, texts).map_err(|why| wrong(call, &why))?;
        let raw: Raw = typed(&call.given).map_err(|why| wrong(call, &why))?;
        let node = target.node.as_ref().map(NodeName::as_str);
        let rule = |rule: Denied| denied(call.tool, &rule, texts);
        tools.policy().before(call.tool, node, target.vmid).map_err(rule)?;
        tools.seen_pools(call.tool, texts).await?;
        // A guest's tasks may be on a node where it no longer is, and it may be gone itself.
        let anywhere = Target { node: None, ..target.clone() };
        let guest =
            if target.vmid.is_some() || target.name.is_some() { either::meant(call, &anywhere).await? } else { None };
        let mut wanted = Self {
            vmid: guest.map(|guest| guest.vmid).or(target.vmid),
            node: target.node,
            user: raw.user,
            kind: raw.r#type.map(|kind| kind.trim().to_lowercase()),
            failed: raw.failed == Some(true),
            ..Self::default()
        };
        wanted.times(call, raw.since.as_deref(), raw.until.as_deref()).await?;
        Ok(wanted)
    }

    /// Reads from when to when, by the clock of a node: whose night it was is not this server's to say.
    async fn times(&mut self, call: &Call<'_>, since: Option<&str>, until: Option<&str>) -> Result<(), ToolResult> {
        if since.is_none() && until.is_none() {
            return Ok(());
        }
        let texts = call.texts;
        let now = self.clock(call).await;
        let read = |name: &str, words: Option<&str>| match words {
            None => Ok(None),
            Some(words) => match when::read(words, now) {
                Some(span) => Ok(Some(span)),
                None => Err(wrong(call, &texts.bad_argument(name, texts.bad_time(short(&words.into()))))),
            },
        };
        let (from, to) = (read("since", since)?, read("until", until)?);
        self.zone = Some(*now.offset());
        self.since = from.map(|span| span.from);
        self.until = to.map(|span| span.to.unwrap_or(span.from)).or(from.and_then(|span| span.to));
        if let (Some(since), Some(until)) = (self.since, self.until)
            && since > until
        {
            return Err(wrong(call, &texts.time_backwards(when::stamp(since), when::stamp(until))));
        }
        Ok(())
    }

    /// The clock of the node that is asked for, or of the first that is there; this server's, in UTC, where none says.
    async fn clock(&self, call: &Call<'_>) -> DateTime<FixedOffset> {
        let told = async {
            let cluster = call.tools.directory().recent().await.ok()?.0;
            let there = cluster.nodes.iter().filter(|(name, there)| *there && call.tools.node_told(name));
            let node = self.node.clone().or_else(|| there.map(|(name, _)| name.clone()).next())?;
            let clock = call.tools.client().request(&api::GetNodesNodeTime::new(node)).await.ok()?;
            let time = clock.time?;
            // The other one is what the clock on the wall shows, as if that were UTC.
            let zone = FixedOffset::east_opt(i32::try_from(clock.localtime?.checked_sub(time)?).ok()?)?;
            when::of_seconds(u64::try_from(time).ok()?, zone)
        };
        told.await.unwrap_or_else(|| crate::clock::now().fixed_offset())
    }

    /// Whether a task is of the kind and ended as is asked for.
    fn takes(&self, row: &Row) -> bool {
        let kind = self.kind.as_deref().is_none_or(|wanted| is_kind(row.upid.kind(), wanted));
        kind && (!self.failed || row.failed())
    }
}

/// Whether PVE's word for what a task does is this one, or ends with it: `start` is `qmstart`, `vzstart` and `hastart`.
fn is_kind(kind: &str, wanted: &str) -> bool {
    let wanted = match wanted {
        "backup" => "vzdump",
        "delete" => "destroy",
        "move" => "qmmove",
        other => other,
    };
    kind.to_lowercase().ends_with(wanted)
}

impl Row {
    fn of(row: &Map<String, Value>) -> Option<Self> {
        let text = |key: &str| row.get(key).and_then(Value::as_str);
        let end = row.get("endtime").and_then(Value::as_u64);
        // Of one that runs the list of a node says so in capitals, and has no end.
        let status = if end.is_none() { "running" } else { text("status").unwrap_or("unexpected status") };
        Some(Self {
            upid: text("upid")?.parse().ok()?,
            end,
            status: foreign::line(status, foreign::LOG_LINE).into_owned(),
        })
    }

    /// Whether it ended otherwise than well.
    pub(super) fn failed(&self) -> bool {
        self.end.is_some() && matches!(TaskOutcome::of_exit(&self.status), TaskOutcome::Failed(_))
    }

    /// How many seconds it took.
    pub(super) fn seconds(&self) -> Option<u64> {
        self.end?.checked_sub(self.upid.start())
    }
}

/// Where a node keeps its tasks, how many there are beside those that it gave, and the rows that could not be read.
struct Page {
    rows: Vec<Row>,
    older: u64,
    odd: usize,
}

async fn ask(client: &Client, node: &NodeName, wanted: &Wanted, most: u64) -> Result<Page, Error> {
    let mut p = api::GetNodesNodeTasks::new(node.clone());
    p.vmid = wanted.vmid.map(|vmid| vmid.get().into());
    p.userfilter.clone_from(&wanted.user);
    p.since = wanted.since.map(|time| time.timestamp());
    p.until = wanted.until.map(|time| time.timestamp());
    p.limit = i64::try_from(most).ok();
    // What runs has not failed, and PVE counts what was killed as neither.
    p.source = Some(if wanted.failed { "archive" } else { "all" }.to_owned());
    p.statusfilter = wanted.failed.then(|| "error,unknown".to_owned());
    let reply = client.send(p.call()?).await?;
    let list = ops::some(&api::GET_NODES_NODE_TASKS, &reply)?;
    let got = list.rows.len() + list.odd;
    let rows: Vec<Row> = list.rows.iter().filter_map(Row::of).collect();
    let older = reply.total().unwrap_or(0).saturating_sub(got as u64);
    Ok(Page { odd: got - rows.len(), rows, older })
}

/// How a task stands in the list of its node, which alone says when it ended.
pub(super) async fn one(client: &Client, upid: &Upid) -> Option<Row> {
    let mut p = api::GetNodesNodeTasks::new(upid.node().clone());
    let start = i64::try_from(upid.start()).ok();
    (p.since, p.until, p.limit) = (start, start, i64::try_from(READ).ok());
    p.source = Some("all".to_owned());
    let rows = ops::some(&api::GET_NODES_NODE_TASKS, &client.send(p.call().ok()?).await.ok()?).ok()?.rows;
    rows.iter().filter_map(Row::of).find(|row| row.upid == *upid)
}

/// Reads the newest `most` tasks.
///
/// # Errors
/// When no node could be asked.
pub(super) async fn tasks(call: &Call<'_>, wanted: &Wanted, most: usize) -> Result<Found, ToolResult> {
    let (tools, texts) = (call.tools, call.texts);
    let cluster = tools.directory().fresh().await.map_err(|e| outcome::error(&e, texts))?;
    let (asked, mut notes) = places(call, wanted, &cluster)?;
    // What PVE counts is only what is told where all is told that it gives.
    let sift = wanted.kind.is_some() || tools.policy().is_about_guests();
    let each = if sift { READ } else { most as u64 };
    let client = tools.client();
    let pages = join_all(asked.iter().map(|node| async move { (*node, ask(client, node, wanted, each).await) })).await;
    let (mut rows, mut older, mut odd, mut hidden, mut failures) = (Vec::new(), 0, 0, 0, Vec::new());
    for (node, page) in pages {
        match page {
            Ok(page) => {
                odd += page.odd;
                if sift && page.older > 0 {
                    notes.push(texts.tasks_unread(node, page.older));
                } else {
                    older += page.older;
                }
                for row in page.rows.into_iter().filter(|row| wanted.takes(row)) {
                    match tools.task_shown(&row.upid, &cluster) {
                        Ok(()) => rows.push(row),
                        Err(_) => hidden += 1,
                    }
                }
            }
            Err(e) => {
                notes.push(texts.tasks_silent(node, quoted(&e.say(texts.errors))));
                failures.push(e);
            }
        }
    }
    if let Some(e) = failures.first().filter(|_| failures.len() == asked.len()) {
        return Err(outcome::error(e, texts));
    }
    notes.extend(directory::unread(odd, texts));
    notes.extend(own_alone(&asked, tools.rights().await.as_deref(), tools.client().settings().auth.who(), texts));
    rows.sort_by_key(|row: &Row| std::cmp::Reverse(row.upid.start()));
    rows.dedup_by(|a, b| a.upid == b.upid);
    let total = rows.len() + usize::try_from(older).unwrap_or(usize::MAX);
    rows.truncate(most);
    Ok(Found { rows, total, notes, hidden })
}

/// The nodes that are asked, and that those are missing which are away.
fn places<'c>(
    call: &Call<'_>,
    wanted: &Wanted,
    cluster: &'c Cluster,
) -> Result<(Vec<&'c NodeName>, Vec<String>), ToolResult> {
    let (tools, texts) = (call.tools, call.texts);
    if let Some(node) = &wanted.node
        && !cluster.nodes.iter().any(|(name, _)| name == node)
    {
        return Err(directory::no_node(cluster, node, tools.policy(), texts));
    }
    let meant = |name: &NodeName| wanted.node.as_ref().is_none_or(|node| node == name) && tools.node_told(name);
    let nodes = cluster.nodes.iter().filter(|(name, _)| meant(name));
    let (there, away): (Vec<_>, Vec<_>) = nodes.partition(|(_, there)| *there);
    let names: Vec<_> = away.iter().map(|(name, _)| name.as_str()).collect();
    let missing = (!names.is_empty()).then(|| texts.tasks_away(names.len(), names.join(", ")));
    match missing {
        Some(missing) if there.is_empty() => Err(ToolResult::problem(Problem::Unavailable, missing)),
        missing => Ok((there.into_iter().map(|(name, _)| name).collect(), missing.into_iter().collect())),
    }
}

/// That PVE shows only what the token itself has begun, where it does.
fn own_alone(asked: &[&NodeName], rights: Option<&Rights>, who: &str, texts: &Catalogue) -> Option<String> {
    let Some(rights) = rights else { return Some(texts.tasks_own_maybe(who)) };
    let lacking: Vec<_> = asked.iter().filter(|node| !rights.audits(node)).map(|n| n.as_str()).collect();
    (!lacking.is_empty()).then(|| texts.tasks_own(who, lacking.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_meant_by_its_end_or_an_everyday_word() {
        for (kind, wanted) in [
            ("qmstart", "start"),
            ("hastart", "start"),
            ("vzdump", "backup"),
            ("qmigrate", "migrate"),
            ("vzdestroy", "delete"),
            ("qmclone", "qmclone"),
        ] {
            assert!(is_kind(kind, wanted), "{kind} {wanted}");
        }
        assert!(!is_kind("startall", "start") && !is_kind("qmstop", "start"));
    }
}
