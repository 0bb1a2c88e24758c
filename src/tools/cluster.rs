//! What the doors serve beside the tools: the nodes, a task by its id, and whether calls would work at all.

use serde_json::{Map, Value, json};

use super::{
    call::{Problem, ToolResult},
    outcome,
    say::Lang,
    state::Tools,
};
use crate::{
    api,
    client::{Counts, Error, TaskOutcome},
    foreign,
    pve::Upid,
};

impl Tools {
    /// The nodes of the cluster with their state: `{"nodes": [{"node", "status", …}]}`, and in `hidden` how many a rule hides.
    ///
    /// # Errors
    /// The result that says why they cannot be had.
    pub async fn nodes(&self) -> Result<Map<String, Value>, ToolResult> {
        let failed = |e: Error| outcome::error(&e, Lang::En.texts());
        let mut rows = self.client().request(&api::GetNodes::new()).await.map_err(failed)?;
        rows.sort_by(|a, b| a.node.cmp(&b.node));
        let all = rows.len();
        rows.retain(|row| self.node_told(&row.node));
        let hidden = all - rows.len();
        let nodes: Vec<_> = rows
            .into_iter()
            .map(|row| {
                let facts = [
                    ("node", Some(json!(row.node.as_str()))),
                    ("status", Some(json!(row.status))),
                    ("cpu", row.cpu.map(Value::from)),
                    ("cpus", row.maxcpu.map(Value::from)),
                    ("memMiB", row.mem.map(|n| json!(n >> 20))),
                    ("maxMemMiB", row.maxmem.map(|n| json!(n >> 20))),
                    ("upSec", row.uptime.map(Value::from)),
                ];
                facts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect::<Map<_, _>>()
            })
            .collect();
        let mut facts = Map::from_iter([("nodes".to_owned(), json!(nodes))]);
        if hidden > 0 {
            facts.insert("hidden".to_owned(), json!(hidden));
        }
        Ok(facts)
    }

    /// How a task stands: `{"upid", "node", "type", "status": "running"|"stopped", "outcome", …}`. `outcome` is
    /// `running`, `done`, `warnings` or `failed`, and `detail` has PVE's own words for a failure.
    ///
    /// # Errors
    /// The result that says why it cannot be had: the text is no task id, a rule denies its node or its guest, PVE does not
    /// know the task, or cannot be asked.
    pub async fn task_of_pve(&self, upid: &str) -> Result<Map<String, Value>, ToolResult> {
        let upid: Upid =
            upid.parse().map_err(|e: crate::pve::UpidError| ToolResult::problem(Problem::Arguments, e.to_string()))?;
        self.task_told(&upid, None, Lang::En.texts()).await?;
        let node = upid.node().clone();
        let call = api::GetNodesNodeTasksUpidStatus::new(node.clone(), upid.clone());
        let row = self.client().request(&call).await.map_err(|e| outcome::error(&e, Lang::En.texts()))?;
        let status = row.status;
        let end = row.exitstatus.as_deref().filter(|_| status == "stopped").map(TaskOutcome::of_exit);
        let (outcome, detail) = match &end {
            Some(TaskOutcome::Ok) => ("done", None),
            Some(TaskOutcome::Warnings(n)) => ("warnings", Some(format!("{n} warnings"))),
            Some(TaskOutcome::Failed(why)) => ("failed", Some(why.clone())),
            Some(TaskOutcome::StillRunning) | None => ("running", None),
        };
        let facts = [
            ("upid", Some(json!(upid.to_string()))),
            ("node", Some(json!(node.as_str()))),
            ("type", Some(json!(row.r#type))),
            ("user", row.user.map(Value::from)),
            ("started", row.starttime.map(Value::from)),
            ("status", Some(json!(status))),
            ("outcome", Some(json!(outcome))),
            ("detail", detail.map(Value::from)),
        ];
        let mut facts = facts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
        foreign::facts(&mut facts);
        Ok(facts)
    }

    /// Asks PVE something that needs a valid login.
    ///
    /// # Errors
    /// Why calls would not work at the moment.
    pub async fn ready(&self) -> Result<(), Error> {
        self.client().request(&api::GetVersion::new()).await.map(drop)
    }

    /// What the client has done so far, for metrics.
    pub fn counts(&self) -> Counts {
        self.client().counts()
    }
}
