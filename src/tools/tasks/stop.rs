//! stopTask.

use std::{sync::OnceLock, time::Instant};

use serde_json::{Map, Value};

use super::get;
use crate::{
    api,
    client::TaskOutcome,
    foreign,
    pve::{Upid, Vmid},
    tools::{
        aim::wrong,
        allowed::denied,
        call::{Problem, Reply, ToolResult},
        carry::{announced, followed},
        guest::Guest,
        ops,
        outcome::{self, Outcome, log_shown, quoted},
        policy::Denied,
        profile::{Effect, Profile, Toolset},
        rows::Row,
        say::Lang,
        schema::{Arguments, TIMEOUT_DEFAULT, report as output, text, whole},
        tool::{Call, Tool},
    },
};

pub(crate) static TOOL: Tool = Tool {
    profile: Profile {
        name: "stopTask",
        toolset: Toolset::Tasks,
        effect: Effect::Changes { destructive: true, idempotent: true },
        calls: &[api::DELETE_NODES_NODE_TASKS_UPID, api::GET_NODES_NODE_TASKS_UPID_STATUS],
        // Who has begun a task may end it without Sys.Modify on its node.
        needs: &[],
        guests: None,
    },
    title: |texts| texts.stop_task_title(),
    text: |texts| texts.stop_task(),
    input: |_| {
        let mut shown = Arguments::of(api::DELETE_NODES_NODE_TASKS_UPID);
        shown.own("upid", text(), "");
        shown.own("timeout", whole(1.0, 3600.0, TIMEOUT_DEFAULT), "");
        shown.out
    },
    output,
    run: |call| Box::pin(run(call)),
    held: OnceLock::new(),
};

async fn run(call: Call<'_>) -> Result<Reply, ToolResult> {
    let (tools, texts) = (call.tools, call.texts);
    let given = call.given.get("upid").and_then(Value::as_str);
    let upid = get::upid(&call, given.ok_or_else(|| wrong(&call, texts.need_upid()))?)?;
    tools.task_told(&upid, None, texts).await?;
    let guest = guest(&call, &upid).await?;
    let name = get::name(&upid);
    let status = api::GetNodesNodeTasksUpidStatus::new(upid.node().clone(), upid.clone());
    let now = tools.client().request(&status).await.map_err(|e| outcome::error(&e, texts))?;
    if now.status == "stopped" {
        let words = now.exitstatus.unwrap_or_default();
        let said = vec![texts.task_over_already(&name, quoted(&words)), texts.task_id(&upid)];
        return Ok(Reply::Result(told(&upid, Outcome::Unchanged, None, said, Vec::new())));
    }
    let stop = api::DeleteNodesNodeTasksUpid::new(upid.node().clone(), upid.clone());
    let (sent, begun) = announced(&call, false, |client| async move { client.request(&stop).await }).await?;
    sent.map_err(|e| outcome::of_change(&e, texts))?;
    Ok(Reply::Result(ended(&call, &upid, guest.as_ref(), begun).await))
}

/// The guest that a task is about, if it is there, held against the rules.
async fn guest(call: &Call<'_>, upid: &Upid) -> Result<Option<Guest>, ToolResult> {
    let Ok(vmid) = upid.id().parse::<Vmid>() else { return Ok(None) };
    let cluster = call.tools.directory().recent().await.map_err(|e| outcome::error(&e, call.texts))?.0;
    let Some(guest) = cluster.guests.find(vmid).map(Row::guest) else { return Ok(None) };
    let rule = |rule: Denied| denied(call.tool, &rule, call.texts);
    call.tools.policy().guest(call.tool, &guest).map_err(rule)?;
    call.entry.guest(guest.display(Lang::En.texts()));
    Ok(Some(guest))
}

/// Waits for the end of the task and tells of it.
async fn ended(call: &Call<'_>, upid: &Upid, guest: Option<&Guest>, begun: Instant) -> ToolResult {
    let (texts, name) = (call.texts, get::name(upid));
    let end = followed(call, upid, begun, &name).await;
    let (outcome, problem, sentence) = match end.as_ref().map(|end| &end.outcome) {
        Err(e) => {
            let sentence = texts.task_stop_unseen(&name, quoted(&e.say(texts.errors)));
            (Outcome::Unknown, Some(Problem::Unanswered), sentence)
        }
        Ok(TaskOutcome::StillRunning) => {
            (Outcome::Running, None, texts.task_stop_asked(&name, begun.elapsed().as_secs()))
        }
        Ok(TaskOutcome::Failed(words)) => {
            let words = foreign::line(quoted(words), foreign::WORDS).into_owned();
            (Outcome::Done, None, texts.task_stopped(&name, words))
        }
        Ok(TaskOutcome::Ok) => (Outcome::Unchanged, None, texts.task_outran(&name, "OK")),
        Ok(TaskOutcome::Warnings(n)) => (Outcome::Unchanged, None, texts.task_outran(&name, format!("WARNINGS: {n}"))),
    };
    let mut said = vec![sentence];
    if outcome == Outcome::Done
        && let Some(guest) = guest
        && let Ok(now) = ops::current(call.tools.client(), guest).await
        && let Some(lock) = now.text("lock")
    {
        said.push(texts.task_left_lock(guest.display(texts), lock));
    }
    said.push(texts.task_id(upid));
    told(upid, outcome, problem, said, end.map(|end| end.log).unwrap_or_default())
}

fn told(upid: &Upid, outcome: Outcome, problem: Option<Problem>, said: Vec<String>, log: Vec<String>) -> ToolResult {
    let detail = said.join(" ");
    let mut facts = Map::from_iter([
        ("outcome".to_owned(), Value::from(outcome.as_str())),
        ("upid".to_owned(), upid.as_str().into()),
        ("detail".to_owned(), detail.clone().into()),
    ]);
    let log = log_shown(&log);
    let mut text = detail;
    if !log.is_empty() {
        text = format!("{text}\n{}", log.join("\n"));
        facts.insert("log".to_owned(), log.into());
    }
    ToolResult { text, structured: Some(facts), problem }
}
