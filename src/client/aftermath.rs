//! After a write that got no answer: look, and tell what is there. Nothing is repeated.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::{About, Error, Inner, Reply, Unknown, Words, transport::Request};
use crate::{
    api,
    pve::{NodeName, Vmid},
};

/// How long looking may take; whoever did not answer the write may not answer this either.
const PATIENCE: Duration = Duration::from_secs(10);

/// Adds to an unknown outcome what can be found out about the guest.
pub(super) async fn look(inner: &Inner, request: &Request, mut unknown: Box<Unknown>) -> Error {
    if let Some(guest) = About::of_path(&request.path) {
        let found = tokio::time::timeout(PATIENCE, found(inner, &guest)).await;
        unknown.found = found.unwrap_or_default();
    }
    Error::Unknown(unknown)
}

/// The calls that look at the guest and at its newest task.
fn looks(guest: &About<'_>) -> Option<(Request, Request)> {
    let (node, vmid) = (guest.node.parse::<NodeName>().ok()?, guest.vmid.parse::<Vmid>().ok()?);
    let status = match guest.kind {
        "qemu" => Request::typed(&api::GetNodesNodeQemuVmidStatusCurrent::new(node.clone(), vmid)),
        _ => Request::typed(&api::GetNodesNodeLxcVmidStatusCurrent::new(node.clone(), vmid)),
    };
    let tasks = api::GetNodesNodeTasks::new(node).vmid(i64::from(vmid.get())).source("all".to_owned()).limit(1);
    Some((status.ok()?, Request::typed(&tasks).ok()?))
}

async fn found(inner: &Inner, guest: &About<'_>) -> Option<Words> {
    let About { node, vmid, .. } = guest;
    let (status, tasks) = looks(guest)?;
    let state = match ask(inner, &status).await {
        Ok(reply) => match reply.value().ok()?.get("status").and_then(Value::as_str) {
            Some(state) => Words::ours(|p| p.found_state, [("vmid", (*vmid).into()), ("state", state.into())]),
            None => return None,
        },
        Err(Error::Refused(refusal)) if refusal.kind == super::Trouble::NotFound => {
            Words::ours(|p| p.found_nothing, [("vmid", (*vmid).into()), ("node", (*node).into())])
        }
        Err(_) => return None,
    };
    match newest(inner, &tasks).await {
        Some((upid, status)) => {
            let status = status.map_or_else(|| Words::ours(|p| p.task_running, []), Words::from);
            Some(Words::ours(|p| p.found_task, [("found", state), ("upid", upid.into()), ("status", status)]))
        }
        None => Some(state),
    }
}

async fn newest(inner: &Inner, request: &Request) -> Option<(String, Option<String>)> {
    #[derive(Deserialize)]
    struct Task {
        upid: String,
        #[serde(default, deserialize_with = "crate::pve::text")]
        status: Option<String>,
    }
    let tasks: Vec<Task> = ask(inner, request).await.ok()?.decode().ok()?;
    let task = tasks.into_iter().next()?;
    Some((task.upid, task.status))
}

async fn ask(inner: &Inner, request: &Request) -> Result<Reply, Error> {
    Reply::read(request, inner.authorised(request).await?)
}
