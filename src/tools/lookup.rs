//! How the guest of a call is found among those of the cluster.

use super::{
    allowed::denied,
    call::{Problem, ToolResult},
    directory::{Cluster, notes},
    failure,
    guest::{Guest, Known as _, Target},
    ops, outcome,
    policy::Policy,
    profile::{Action, GuestTool},
    resolve::{self, pick},
    rows::Row,
    say::Catalogue,
    state::Tools,
};
use crate::client::Error;

impl Tools {
    /// The guest that a call is about, of the tool's kind and on the node that it names, if it names one.
    ///
    /// # Errors
    /// What is wrong with the target, that its node is away, or why PVE could not be asked.
    pub(super) async fn find(&self, tool: GuestTool, target: &Target, texts: &Catalogue) -> Result<Guest, ToolResult> {
        let who = self.client().settings().auth.who();
        let failed = |e: Error| outcome::error(&e, texts);
        let (mut cluster, asked) = self.directory().recent().await.map_err(failed)?;
        let mut found = pick(&cluster.meant(target), tool, target, who, &self.advice(), texts);
        // It may have been made, moved or renamed since, or its node may have come back. A start sends its request without
        // asking the guest's node first, so that the list has to say now whether that is there.
        let unasked = tool.action == Action::Start;
        if !asked && (unasked || found.as_ref().map_or(true, |guest| guest.lost)) {
            cluster = self.directory().fresh().await.map_err(failed)?;
            found = pick(&cluster.meant(target), tool, target, who, &self.advice(), texts);
        }
        if let Some(name) = target.name.as_deref().filter(|_| target.vmid.is_none()) {
            let unsure = tool.effect.changes() && cluster.lacks_names(tool.kind);
            if found.is_err() || unsure {
                found = self.by_live_name(&cluster, tool, target, name, texts).await.unwrap_or(found);
            }
        } else if let (Some(vmid), Err(_)) = (target.vmid, &found)
            && let Some(row) = cluster.guests.find(vmid).filter(|row| !row.lost())
        {
            // The name that it has in the list may be an old one.
            found = self.renewed(&row.guest(), tool, target, texts).await;
        }
        match found {
            Ok(guest) if guest.lost => {
                self.policy().told(&guest).map_err(|rule| denied(&tool, &rule, texts))?;
                Err(failure::of_offline(&guest, "", texts).result(&guest, texts))
            }
            Ok(guest) => Ok(guest),
            Err(result) => Err(incomplete(result, &cluster, self.policy(), texts)),
        }
    }

    /// A guest by the name that its node says it has; nothing when no node has one of that name that the list lacks.
    async fn by_live_name(
        &self,
        cluster: &Cluster,
        tool: GuestTool,
        target: &Target,
        name: &str,
        texts: &Catalogue,
    ) -> Option<Result<Guest, ToolResult>> {
        let (live, silent) = self.directory().on_nodes(cluster, tool.kind, name).await;
        if live.is_empty() {
            return None;
        }
        // What the list alone knows: the pool.
        let listed = |guest: Guest| {
            let known = cluster.guests.find(guest.vmid).filter(|row| row.kind() == guest.kind);
            Guest { pool: known.and_then(|row| row.pool().map(str::to_owned)), ..guest }
        };
        let mut guests: Vec<_> = live.into_iter().map(listed).collect();
        // Of a node that could not be asked the list's word is all there is.
        let unasked = |row: &Row<'_>| row.is_named(name) && (row.lost() || silent.contains(row.node()));
        guests.extend(cluster.guests.iter().filter(unasked).map(Row::guest));
        let who = self.client().settings().auth.who();
        Some(pick(&guests, tool, target, who, &self.advice(), texts))
    }

    /// A guest of the list under the name that it says it has.
    async fn renewed(
        &self,
        guest: &Guest,
        tool: GuestTool,
        target: &Target,
        texts: &Catalogue,
    ) -> Result<Guest, ToolResult> {
        self.policy().told(guest).map_err(|rule| denied(&tool, &rule, texts))?;
        if guest.kind != tool.kind || target.name.is_none() {
            resolve::meant(guest, tool, target, &self.advice(), texts)?;
            return Ok(guest.clone());
        }
        let live = ops::current(self.client(), guest).await.map_err(|e| outcome::error(&e, texts))?;
        let now = guest.renewed(&live.all);
        resolve::meant(&now, tool, target, &self.advice(), texts)?;
        Ok(now)
    }
}

/// What could not be found may be on a node that is away, without its name, or in a row that cannot be read.
fn incomplete(mut result: ToolResult, cluster: &Cluster, policy: &Policy, texts: &Catalogue) -> ToolResult {
    if result.problem == Some(Problem::NotFound) {
        for note in notes(cluster, policy, texts) {
            result.add(&note);
        }
    }
    result
}
