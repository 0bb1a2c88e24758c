//! Tasks: one, its log, lists of them, and their end (pve-manager: `API2/Tasks.pm`).

use serde_json::{Map, Value, json};

use super::{Call, IntoReply as _, nothing};
use crate::{
    demo::{
        reply::{Failure, Outcome, Reply},
        world::Task,
    },
    pve::Upid,
};

/// Entries of a page when nobody says how many.
const PAGE: usize = 50;
/// Tasks of one node in the list of the cluster.
const RECENT: usize = 25;

/// The UPID of the path.
fn upid(call: &Call<'_>) -> Outcome<Upid> {
    let text = call.args.get("upid").unwrap_or_default();
    text.parse().map_err(|_| Failure::param("upid", "unable to parse worker upid"))
}

/// Refuses who did not start the task and may not audit the node.
fn permitted(call: &Call<'_>, upid: &Upid, privilege: &str) -> Outcome<()> {
    if may_see(call, upid.user()) {
        return Ok(());
    }
    let path = format!("/nodes/{}", call.node());
    if call.world.access.may(call.who, &path, privilege) {
        return Ok(());
    }
    Err(Failure::forbidden(&format!("{path}, {privilege}")))
}

/// A user's own tasks are those of their tokens too; a token's are those it started itself.
fn may_see(call: &Call<'_>, owner: &str) -> bool {
    let own = owner == call.who.id();
    own || call.who.token.is_none() && owner.split('!').next() == Some(call.who.user.as_str())
}

/// The task, if it is one of this node.
fn find<'a>(call: &'a Call<'_>, upid: &Upid) -> Option<&'a Task> {
    let node = call.node();
    call.world.tasks.get(upid.as_str()).filter(|t| t.node == node)
}

pub(super) fn index(_: &mut Call<'_>) -> Outcome {
    Ok(json!([{"name": "log"}, {"name": "status"}]).into_reply())
}

pub(super) fn status(call: &mut Call<'_>) -> Outcome {
    let upid = upid(call)?;
    let Some(task) = find(call, &upid).cloned() else { return Err(Failure::param("upid", "no such task")) };
    permitted(call, &upid, "Sys.Audit")?;
    let mut map = described(&task);
    match &task.end {
        None => map.insert("status".to_owned(), json!("running")),
        Some(end) => {
            map.insert("exitstatus".to_owned(), json!(end.status));
            map.insert("status".to_owned(), json!("stopped"))
        }
    };
    Ok(Value::Object(map).into_reply())
}

fn described(task: &Task) -> Map<String, Value> {
    let Value::Object(mut map) = json!({
        "upid": task.upid, "node": task.node, "pid": task.pid, "pstart": task.pstart, "starttime": task.start,
        "type": task.kind, "id": task.id, "user": task.who.user,
    }) else {
        return Map::new();
    };
    if let Some(token) = &task.who.token {
        map.insert("tokenid".to_owned(), json!(token));
    }
    map
}

pub(super) fn log(call: &mut Call<'_>) -> Outcome {
    let upid = upid(call)?;
    let lines = match find(call, &upid) {
        None => vec!["unable to open file - No such file or directory".to_owned()],
        Some(task) if task.log.is_empty() => vec!["no content".to_owned()],
        Some(task) => task.log.clone(),
    };
    if find(call, &upid).is_some() {
        permitted(call, &upid, "Sys.Audit")?;
    }
    let start = size(call, "start", 0);
    let limit = match size(call, "limit", PAGE) {
        0 => usize::MAX,
        n => n,
    };
    let page = lines.iter().enumerate().skip(start).take(limit).map(|(n, t)| json!({"n": n + 1, "t": t}));
    Ok(Reply { data: page.collect::<Vec<_>>().into(), total: Some(lines.len()) })
}

fn size(call: &Call<'_>, name: &str, default: usize) -> usize {
    call.args.number(name).map_or(default, |n| usize::try_from(n).unwrap_or(usize::MAX))
}

/// A task that is over stays over; one that runs is interrupted.
pub(super) fn stop(call: &mut Call<'_>) -> Outcome {
    let upid = upid(call)?;
    let Some(task) = find(call, &upid) else { return Err(Failure::param("upid", "no such task")) };
    // wget is told apart from its task.
    let what = if task.kind == "download" { "download failed: received interrupt" } else { "received interrupt" };
    permitted(call, &upid, "Sys.Modify")?;
    call.world.finish(upid.as_str(), Err(what.to_owned()));
    nothing()
}

/// Tasks of one node, newest first: those that are over, unless the running ones are asked for.
pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let node = call.node();
    let audit = call.world.access.may(call.who, &format!("/nodes/{node}"), "Sys.Audit");
    let source = call.args.get("source").unwrap_or("archive");
    let states = call.args.list("statusfilter");
    let asked = |task: &&Task| {
        let vmid = call.args.get("vmid").is_none_or(|v| v == task.id);
        let kind = call.args.get("typefilter").is_none_or(|t| t == task.kind);
        let user = call.args.get("userfilter").is_none_or(|u| task.who.id().contains(u));
        let since = call.args.number("since").is_none_or(|s| task.start >= s);
        let until = call.args.number("until").is_none_or(|u| task.start <= u);
        let class = class(task);
        let state = states.is_empty() || states.iter().any(|s| s.eq_ignore_ascii_case(class));
        let errors = !call.args.flag("errors") || class == "error";
        vmid && kind && user && since && until && state && errors
    };
    let there = |task: &&Task| match source {
        "active" => task.end.is_none(),
        "all" => true,
        _ => task.end.is_some(),
    };
    let order = call.world.task_order.iter().rev().filter_map(|upid| call.world.tasks.get(upid));
    let seen = order.filter(|t| t.node == node && (audit || may_see(call, &t.who.id())));
    let found: Vec<&Task> = seen.filter(there).filter(asked).collect();
    let page = found.iter().skip(size(call, "start", 0)).take(size(call, "limit", PAGE));
    let rows: Vec<Value> = page.map(|t| row(t)).collect();
    Ok(Reply { data: rows.into(), total: Some(found.len()) })
}

/// How a task counts for `statusfilter`.
fn class(task: &Task) -> &'static str {
    match task.end.as_ref().map(|e| e.status.as_str()) {
        None | Some("unexpected status") => "unknown",
        Some("OK") => "ok",
        Some(status) if status.starts_with("WARNINGS: ") => "warning",
        Some(_) => "error",
    }
}

fn row(task: &Task) -> Value {
    let mut map = described(task);
    match &task.end {
        Some(end) => {
            map.insert("endtime".to_owned(), json!(end.time));
            map.insert("status".to_owned(), json!(end.status))
        }
        // Of one that runs the list has the user as the task names it.
        None => {
            map.remove("tokenid");
            map.insert("user".to_owned(), json!(task.who.id()));
            map.insert("saved".to_owned(), json!("0"));
            map.insert("status".to_owned(), json!("RUNNING"))
        }
    };
    Value::Object(map)
}

/// Recent tasks of all nodes. A token without the right to audit sees none, not even its own: PVE compares the owner
/// without the token's name.
pub(super) fn of_cluster(call: &mut Call<'_>) -> Outcome {
    let world = &*call.world;
    let audit = world.access.may(call.who, "/", "Sys.Audit");
    let mut rows = Vec::new();
    for host in &world.hosts {
        let here = world.task_order.iter().rev().filter_map(|upid| world.tasks.get(upid));
        let here = here.filter(|t| t.node == host.node.name);
        for task in here.filter(|t| audit || t.who.user == call.who.id()).take(RECENT) {
            let mut map = described(task);
            map.remove("pstart");
            map.insert("saved".to_owned(), json!(if task.end.is_some() { "1" } else { "0" }));
            if let Some(end) = &task.end {
                map.remove("pid");
                map.insert("endtime".to_owned(), json!(end.time));
                map.insert("status".to_owned(), json!(end.status));
            }
            rows.push(Value::Object(map));
        }
    }
    Ok(rows.into_reply())
}
