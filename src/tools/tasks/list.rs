//! listTasks.

use std::sync::OnceLock;

use chrono::FixedOffset;
use serde_json::{Map, Value, json};

use super::read::{self, Found, Row, Wanted};
use crate::{
    api,
    tools::{
        call::{Reply, ToolResult},
        profile::{Effect, Profile, Toolset},
        say::Catalogue,
        schema::{Arguments, flag, text, whole},
        table::span,
        tool::{Call, Tool},
        when,
    },
};

/// Rows when the call does not say.
const LIMIT_DEFAULT: usize = 20;

pub(crate) static TOOL: Tool = Tool {
    profile: Profile {
        name: "listTasks",
        toolset: Toolset::Tasks,
        effect: Effect::Reads,
        calls: &[api::GET_NODES_NODE_TASKS, api::GET_NODES_NODE_TIME],
        // Without Sys.Audit on its node PVE shows a token its own tasks.
        needs: &[],
        guests: None,
    },
    title: |texts| texts.list_tasks_title(),
    text: |texts| texts.list_tasks(),
    input: |texts| {
        let mut shown = Arguments::of(api::GET_NODES_NODE_TASKS);
        shown.guest();
        shown.generated("node", "node", "");
        shown.own("user", text(), "");
        shown.own("type", text(), texts.p_task_type());
        shown.own("since", text(), texts.p_since());
        shown.own("until", text(), "");
        shown.own("failed", flag(""), "");
        shown.own("limit", whole(1.0, 100.0, LIMIT_DEFAULT), "");
        shown.out
    },
    output: || {
        let rows = json!({"type": "array", "items": {"type": "object"}});
        json!({"type": "object", "properties": {"tasks": rows, "total": {"type": "integer"}}})
    },
    run: |call| Box::pin(run(call)),
    held: OnceLock::new(),
};

async fn run(call: Call<'_>) -> Result<Reply, ToolResult> {
    let wanted = Wanted::of(&call).await?;
    let limit = call.given.get("limit").and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
    let found = read::tasks(&call, &wanted, limit.unwrap_or(LIMIT_DEFAULT)).await?;
    let texts = call.texts;
    let zone = wanted.zone.or_else(|| FixedOffset::east_opt(0));
    let (rows, mut lines): (Vec<Value>, Vec<String>) = found.rows.iter().map(|row| told(row, zone)).unzip();
    let detail = said(&wanted, &found, zone, texts).join(" ");
    if !found.rows.is_empty() {
        lines.push(texts.tasks_head(found.total, found.rows.len()));
    }
    lines.push(detail.clone());
    let mut facts = Map::from_iter([("tasks".to_owned(), rows.into()), ("total".to_owned(), found.total.into())]);
    for (key, time) in [("since", wanted.since), ("until", wanted.until)] {
        time.map(|time| facts.insert(key.to_owned(), when::stamp(time).into()));
    }
    if !detail.is_empty() {
        facts.insert("detail".to_owned(), detail.into());
    }
    Ok(Reply::Result(ToolResult {
        text: lines.join("\n").trim_end().to_owned(),
        structured: Some(facts),
        problem: None,
    }))
}

/// What is to be said of the list: which time it is of, that it is empty, what it lacks, how it goes on.
fn said(wanted: &Wanted, found: &Found, zone: Option<FixedOffset>, texts: &Catalogue) -> Vec<String> {
    let (since, until) = (wanted.since.map(when::stamp), wanted.until.map(when::stamp));
    let mut said: Vec<String> = match (since, until) {
        (Some(since), Some(until)) => Some(texts.tasks_between(since, until)),
        (Some(since), None) => Some(texts.tasks_since(since)),
        (None, Some(until)) => Some(texts.tasks_until(until)),
        (None, None) => None,
    }
    .into_iter()
    .collect();
    if found.rows.is_empty() {
        said.push(texts.tasks_none().to_owned());
    }
    let more = found.total - found.rows.len();
    if let Some(last) = found.rows.last().filter(|_| more > 0)
        && let Some(until) = zone.and_then(|zone| when::of_seconds(last.upid.start(), zone))
    {
        said.push(texts.tasks_more(more, when::stamp(until)));
    }
    said.extend(found.notes.iter().cloned());
    if found.hidden > 0 {
        said.push(texts.list_hidden(found.hidden));
    }
    said
}

/// A row for programs and as a line.
fn told(row: &Row, zone: Option<FixedOffset>) -> (Value, String) {
    let upid = &row.upid;
    let start = zone.and_then(|zone| when::of_seconds(upid.start(), zone)).map(when::stamp).unwrap_or_default();
    let mut facts = json!({
        "upid": upid.as_str(), "type": upid.kind(), "node": upid.node().as_str(), "user": upid.user(), "start": start,
        "status": row.status,
    });
    let mut words = vec![start.as_str(), upid.kind()];
    if !upid.id().is_empty() {
        facts["id"] = upid.id().into();
        words.push(upid.id());
    }
    words.extend([upid.node().as_str(), upid.user()]);
    let took = row.seconds().map(|seconds| {
        facts["seconds"] = seconds.into();
        span(seconds)
    });
    words.extend(took.as_deref());
    let line = crate::foreign::line(&words.join(" "), crate::foreign::WORDS).into_owned();
    (facts, format!("{line}: {} ({upid})", row.status))
}
