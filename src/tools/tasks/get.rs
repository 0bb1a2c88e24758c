//! getTask.

use std::sync::OnceLock;

use chrono::FixedOffset;
use serde_json::{Map, Value, json};

use super::read::{self, Row, Wanted};
use crate::{
    api,
    client::TaskOutcome,
    foreign,
    pve::Upid,
    tools::{
        aim::wrong,
        call::{Problem, Reply, ToolResult},
        check::short,
        failure::without_end,
        outcome::{self, LOG_LINES, log_shown, quoted},
        profile::{Effect, Profile, Toolset},
        schema::{Arguments, flag, text, whole},
        table::span,
        tool::{Call, Tool},
        when,
    },
};

/// Lines at the end of a log among which those are looked for in which PVE names errors.
const LOOKED_AT: usize = 500;
/// Most of these that are told first.
const ERRORS: usize = 5;

pub(crate) static TOOL: Tool = Tool {
    profile: Profile {
        name: "getTask",
        toolset: Toolset::Tasks,
        effect: Effect::Reads,
        calls: &[api::GET_NODES_NODE_TASKS_UPID_STATUS, api::GET_NODES_NODE_TASKS_UPID_LOG, api::GET_NODES_NODE_TASKS],
        needs: &[],
        guests: None,
    },
    title: |texts| texts.get_task_title(),
    text: |texts| texts.get_task(),
    input: |texts| {
        let mut shown = Arguments::of(api::GET_NODES_NODE_TASKS);
        shown.own("upid", text(), "");
        shown.guest();
        shown.own("type", text(), texts.p_task_type());
        shown.own("failed", flag(""), "");
        shown.own("lines", whole(1.0, 200.0, LOG_LINES), "");
        shown.out
    },
    output: || {
        let string = json!({"type": "string"});
        json!({"type": "object", "properties": {"upid": string, "status": string, "detail": string}})
    },
    run: |call| Box::pin(run(call)),
    held: OnceLock::new(),
};

async fn run(call: Call<'_>) -> Result<Reply, ToolResult> {
    let (upid, notes) = match given(&call)? {
        Some(upid) => (upid, Vec::new()),
        None => newest(&call).await?,
    };
    call.tools.task_told(&upid, None, call.texts).await?;
    let client = call.tools.client();
    let status = api::GetNodesNodeTasksUpidStatus::new(upid.node().clone(), upid.clone());
    let (status, log, row) =
        futures_util::join!(client.request(&status), client.log(&upid, LOOKED_AT), read::one(client, &upid));
    let status = status.map_err(|e| outcome::error(&e, call.texts))?;
    let status = if status.status == "stopped" {
        Some(status.exitstatus.unwrap_or_else(|| "unexpected status".to_owned()))
    } else {
        None
    };
    let told = Told { call: &call, upid: &upid, status: status.as_deref(), row: row.as_ref() };
    let log = log.map_err(|e| call.texts.task_no_log(quoted(&e.say(call.texts.errors))));
    Ok(Reply::Result(told.result(log, notes)))
}

/// The task that is named.
fn given(call: &Call<'_>) -> Result<Option<Upid>, ToolResult> {
    let Some(text) = call.given.get("upid").and_then(Value::as_str) else {
        let guest = ["vmid", "name"].iter().any(|key| call.given.contains_key(*key));
        return if guest { Ok(None) } else { Err(wrong(call, call.texts.need_task())) };
    };
    upid(call, text).map(Some)
}

/// Reads a UPID.
///
/// # Errors
/// That it is none.
pub(super) fn upid(call: &Call<'_>, text: &str) -> Result<Upid, ToolResult> {
    let texts = call.texts;
    let bad = |_| wrong(call, &texts.bad_argument("upid", texts.bad_upid(short(&text.into()))));
    text.trim().parse().map_err(bad)
}

/// The newest task of a guest, and what may be missing.
async fn newest(call: &Call<'_>) -> Result<(Upid, Vec<String>), ToolResult> {
    let wanted = Wanted::of(call).await?;
    let found = read::tasks(call, &wanted, 1).await?;
    match found.rows.into_iter().next() {
        Some(row) => Ok((row.upid, found.notes)),
        None => {
            let mut result = ToolResult::problem(Problem::NotFound, call.texts.tasks_none());
            found.notes.iter().for_each(|note| result.add(note));
            if found.hidden > 0 {
                result.add(&call.texts.list_hidden(found.hidden));
            }
            Err(result)
        }
    }
}

/// What is known of a task.
struct Told<'a, 'c> {
    call: &'a Call<'c>,
    upid: &'a Upid,
    /// PVE's words on how it ended, if it has.
    status: Option<&'a str>,
    row: Option<&'a Row>,
}

impl Told<'_, '_> {
    /// All of it, the cause first.
    fn result(&self, log: Result<Vec<String>, String>, notes: Vec<String>) -> ToolResult {
        let (texts, upid) = (self.call.texts, self.upid);
        let words = self.status.map(|words| foreign::line(words, foreign::WORDS).into_owned());
        let failed = words.as_deref().filter(|words| matches!(TaskOutcome::of_exit(words), TaskOutcome::Failed(_)));
        let name = name(upid);
        let mut said = vec![match (&words, failed) {
            (Some(_), Some(cause)) => texts.task_failed(&name, quoted(cause)),
            (Some(words), None) => texts.task_ended(&name, quoted(words)),
            (None, _) => texts.task_runs(&name),
        }];
        let (lines, unread) = match log {
            Ok(lines) => (lines, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        let errors = errors(&lines, words.as_deref().unwrap_or_default());
        if !errors.is_empty() {
            said.push(texts.task_errors(quoted(&errors.join("; "))));
        }
        let mut facts = Map::new();
        let mut put = |key: &str, value: Value| facts.insert(key.to_owned(), value);
        put("upid", upid.as_str().into());
        put("type", upid.kind().into());
        put("id", upid.id().into());
        put("node", upid.node().as_str().into());
        put("user", upid.user().into());
        put("status", words.as_deref().unwrap_or("running").into());
        if let Some(seconds) = self.seconds() {
            put("seconds", seconds.into());
            said.push(if words.is_some() {
                texts.task_took(span(seconds))
            } else {
                texts.task_runs_since(span(seconds))
            });
        }
        if let Some(start) = FixedOffset::east_opt(0).and_then(|zone| when::of_seconds(upid.start(), zone)) {
            let start = when::stamp(start);
            put("start", start.as_str().into());
            said.push(texts.task_began(start, upid.user(), upid.node()));
        }
        said.push(texts.task_id(upid));
        said.extend(unread.into_iter().chain(notes));
        let most = self.call.given.get("lines").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let shown = without_end(lines, words.as_deref().unwrap_or_default());
        let rest: Vec<String> = log_shown(&shown).into_iter().filter(|line| !errors.contains(line)).collect();
        let tail: Vec<String> = rest[rest.len().saturating_sub(most.unwrap_or(LOG_LINES))..].to_vec();
        let detail = said.join(" ");
        let mut text = detail.clone();
        if !tail.is_empty() {
            text = format!("{text}\n{}\n{}", texts.log_lines(), tail.join("\n"));
        }
        put("detail", detail.into());
        put("log", tail.into());
        ToolResult { text, structured: Some(facts), problem: None }
    }

    /// How many seconds it took, or has taken so far.
    fn seconds(&self) -> Option<u64> {
        match self.status {
            Some(_) => self.row.and_then(Row::seconds),
            None => u64::try_from(crate::clock::now().timestamp()).ok()?.checked_sub(self.upid.start()),
        }
    }
}

/// What a task is called in a sentence: PVE's word for what it does, and for whom.
pub(super) fn name(upid: &Upid) -> String {
    format!("{} {}", upid.kind(), upid.id()).trim_end().to_owned()
}

/// The lines that PVE itself marks as errors or warnings, but for what the end of the task says, too.
fn errors(lines: &[String], words: &str) -> Vec<String> {
    let marked = lines.iter().filter(|line| line.starts_with("ERROR: ") || line.starts_with("WARN: "));
    let fresh = marked.filter(|line| !line.ends_with(words.trim()) || words.is_empty());
    let mut all: Vec<String> = fresh.map(|line| foreign::line(line, foreign::LOG_LINE).into_owned()).collect();
    all.dedup();
    all.truncate(ERRORS);
    all
}
