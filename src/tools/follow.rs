//! Who may follow a task of PVE: the rules hold for what a task tells of a guest or a node as they hold for these, and a
//! token for some tools follows what was begun for it.

use super::{
    call::{Problem, ToolResult},
    caller::{self, Principal},
    directory::Cluster,
    guest::Guest,
    outcome,
    policy::Denied,
    rows::Row,
    say::Catalogue,
    state::Tools,
};
use crate::pve::{NodeName, Upid, Vmid};

impl Tools {
    /// Whether a caller may read this task: a token for some tools reads those alone that were begun for it.
    ///
    /// # Errors
    /// What forbids it.
    pub fn may_follow(&self, upid: &str, caller: &Principal) -> Result<(), caller::NotGranted> {
        let own = || self.0.begun.of(upid, |one| one.identity.as_deref() == Some(caller.identity.as_str()));
        if caller.tools.is_none() || own() == Some(true) {
            return Ok(());
        }
        Err(caller::NotGranted::Task { name: caller.name.clone() })
    }

    /// Holds a task against the rules on nodes and guests. Of a guest that is gone it is known what it was when the task was
    /// begun; a task of which nobody knows whom it concerns is not told where rules are about guests.
    ///
    /// # Errors
    /// The rule that denies it, or why it cannot be told whether one does.
    pub(super) async fn task_told(
        &self,
        upid: &Upid,
        was: Option<&Guest>,
        texts: &Catalogue,
    ) -> Result<(), ToolResult> {
        let refuse = |rule: &Denied| refused(rule, texts);
        let vmid = upid.id().parse::<Vmid>().ok();
        let policy = self.policy();
        policy.place(upid.node(), vmid).map_err(|rule| refuse(&rule))?;
        if !policy.is_about_guests() {
            return Ok(());
        }
        let Some(vmid) = vmid else {
            return Err(refuse(&Denied("on guests, and it does not say of which it is".to_owned())));
        };
        if !policy.asks_for_guests() {
            return Ok(());
        }
        if let Some(rule) = self.unseen_pool(texts).await? {
            return Err(refuse(&rule));
        }
        let cluster = self.directory().fresh().await.map_err(|e| outcome::error(&e, texts))?;
        self.guest_told(upid, vmid, was, &cluster).map_err(|rule| refuse(&rule))
    }

    /// Whether the rules on nodes and guests let a task of a list be told, by what the cluster's list says of its guest. That the
    /// pools are seen that rules deny has to be known before.
    ///
    /// # Errors
    /// The rule that denies it.
    pub(super) fn task_shown(&self, upid: &Upid, cluster: &Cluster) -> Result<(), Denied> {
        let (policy, vmid) = (self.policy(), upid.id().parse::<Vmid>().ok());
        policy.place(upid.node(), vmid)?;
        match vmid {
            _ if !policy.is_about_guests() => Ok(()),
            None => Err(Denied("on guests, and it does not say of which it is".to_owned())),
            Some(vmid) if policy.asks_for_guests() => self.guest_told(upid, vmid, None, cluster),
            Some(_) => Ok(()),
        }
    }

    /// Holds the guest of a task against the rules: as it is, as it was when the task was followed, or as it was when the task was
    /// begun here.
    fn guest_told(&self, upid: &Upid, vmid: Vmid, was: Option<&Guest>, cluster: &Cluster) -> Result<(), Denied> {
        let there = cluster.guests.find(vmid).map(Row::guest);
        let known = there
            .or_else(|| was.cloned())
            .or_else(|| self.0.begun.of(upid.as_str(), |one| one.guest.clone()).flatten());
        let Some(guest) = known else { return Err(Denied("on guests, and its guest is gone".to_owned())) };
        self.policy().told(&guest)
    }

    /// Whether a node may be told of.
    pub(super) fn node_told(&self, node: &NodeName) -> bool {
        self.policy().names_node(node.as_str())
    }
}

fn refused(rule: &Denied, texts: &Catalogue) -> ToolResult {
    let text = texts.denied_task(&rule.0);
    let mut result = ToolResult::problem(Problem::Denied, text);
    result.structured.get_or_insert_default().insert("rule".to_owned(), rule.0.clone().into());
    result
}
