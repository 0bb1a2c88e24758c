//! What is done with a guest, and the calls that have PVE do it: each gives the task that PVE has begun.

use super::{
    guest::{Guest, GuestKind},
    say::Catalogue,
};
use crate::{
    api,
    client::{Client, Error, Unknown, Words},
    pve::{Upid, UpidError},
};

/// What is done with a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Deed {
    Start,
    Stop,
    Shutdown,
    Reboot,
    Reset,
    Delete,
}

impl Deed {
    /// The verb, for sentences.
    pub(super) fn word(self, texts: &Catalogue) -> &'static str {
        match self {
            Self::Start => texts.act_start(),
            Self::Stop => texts.act_stop(),
            Self::Shutdown => texts.act_shutdown(),
            Self::Reboot => texts.act_reboot(),
            Self::Reset => texts.act_reset(),
            Self::Delete => texts.act_delete(),
        }
    }

    /// The verb as PVE has it in its own sentences.
    pub(super) const fn verb(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Shutdown => "shutdown",
            Self::Reboot => "reboot",
            Self::Reset => "reset",
            Self::Delete => "destroy",
        }
    }

    /// The sentence that says that it is done with a guest.
    pub(super) fn done(self, guest: String, texts: &Catalogue) -> String {
        match self {
            Self::Start => texts.done_start(guest),
            Self::Stop => texts.done_stop(guest),
            Self::Shutdown => texts.done_shutdown(guest),
            Self::Reboot => texts.done_reboot(guest),
            Self::Reset => texts.done_reset(guest),
            Self::Delete => texts.done_delete(guest),
        }
    }

    /// The state of the guest when it is done.
    pub(super) const fn state(self) -> &'static str {
        match self {
            Self::Start | Self::Reboot | Self::Reset => "running",
            Self::Stop | Self::Shutdown => "stopped",
            Self::Delete => "deleted",
        }
    }
}

/// How a guest is to be stopped or restarted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ways {
    /// Seconds that PVE gives the guest to go down, where it takes them.
    pub timeout: Option<i64>,
    /// Whether a stop ends a shutdown that is under way.
    pub overrule: Option<bool>,
}

/// Starts, stops or restarts a guest; gives the task. [`Deed::Delete`] is not sent: it needs consent.
pub(super) async fn power(client: &Client, guest: &Guest, deed: Deed, ways: Ways) -> Result<Upid, Error> {
    begun(send_power(client, guest, deed, ways).await, guest, deed)
}

async fn send_power(client: &Client, guest: &Guest, deed: Deed, ways: Ways) -> Result<String, Error> {
    let (node, vmid, timeout) = (guest.node.clone(), guest.vmid, ways.timeout);
    match (guest.kind, deed) {
        // PVE would break a start off after its `timeout`, which nobody wants who only waits no longer.
        (GuestKind::Vm, Deed::Start) => {
            let p = api::PostNodesNodeQemuVmidStatusStart::new(node, vmid);
            client.request(&p).await
        }
        (GuestKind::Vm, Deed::Stop) => {
            let mut p = api::PostNodesNodeQemuVmidStatusStop::new(node, vmid);
            (p.timeout, p.overrule_shutdown) = (timeout, ways.overrule);
            client.request(&p).await
        }
        (GuestKind::Vm, Deed::Shutdown) => {
            let mut p = api::PostNodesNodeQemuVmidStatusShutdown::new(node, vmid);
            p.timeout = timeout;
            client.request(&p).await
        }
        (GuestKind::Vm, Deed::Reboot) => {
            let mut p = api::PostNodesNodeQemuVmidStatusReboot::new(node, vmid);
            p.timeout = timeout;
            client.request(&p).await
        }
        (GuestKind::Vm, Deed::Reset) => {
            let p = api::PostNodesNodeQemuVmidStatusReset::new(node, vmid);
            client.request(&p).await
        }
        (GuestKind::Ct, Deed::Start) => {
            let p = api::PostNodesNodeLxcVmidStatusStart::new(node, vmid);
            client.request(&p).await
        }
        (GuestKind::Ct, Deed::Stop) => {
            let mut p = api::PostNodesNodeLxcVmidStatusStop::new(node, vmid);
            p.overrule_shutdown = ways.overrule;
            client.request(&p).await
        }
        (GuestKind::Ct, Deed::Shutdown) => {
            let mut p = api::PostNodesNodeLxcVmidStatusShutdown::new(node, vmid);
            p.timeout = timeout;
            client.request(&p).await
        }
        // A container knows no reset; the tool for containers does not offer one.
        (GuestKind::Ct, Deed::Reboot | Deed::Reset) => {
            let mut p = api::PostNodesNodeLxcVmidStatusReboot::new(node, vmid);
            p.timeout = timeout;
            client.request(&p).await
        }
        (_, Deed::Delete) => Err(Error::Setup("a deletion is not sent without consent".into())),
    }
}

/// Whether a stop of this kind of guest can end a shutdown that is under way, at the release of the connected host.
pub(super) async fn overrules(client: &Client, kind: GuestKind) -> bool {
    let endpoint = kind.either(&api::POST_NODES_NODE_QEMU_VMID_STATUS_STOP, &api::POST_NODES_NODE_LXC_VMID_STATUS_STOP);
    client.has(endpoint, "overrule-shutdown").await
}

/// How far the deletion of a guest goes.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
pub(super) struct Extent {
    /// Whether to remove the guest from backup jobs, replication and HA.
    pub purge: Option<bool>,
    /// Whether to destroy disks that the configuration does not name.
    #[serde(rename = "destroyUnreferencedDisks")]
    pub unreferenced: Option<bool>,
    /// Whether to stop a running container first.
    pub force: Option<bool>,
}

/// Destroys a guest; gives the task.
pub(super) async fn delete(client: &Client, guest: &Guest, extent: &Extent) -> Result<Upid, Error> {
    begun(send_delete(client, guest, extent).await, guest, Deed::Delete)
}

async fn send_delete(client: &Client, guest: &Guest, extent: &Extent) -> Result<String, Error> {
    let (node, vmid) = (guest.node.clone(), guest.vmid);
    match guest.kind {
        GuestKind::Vm => {
            let mut p = api::DeleteNodesNodeQemuVmid::new(node, vmid);
            (p.purge, p.destroy_unreferenced_disks) = (extent.purge, extent.unreferenced);
            client.request(&p).await
        }
        GuestKind::Ct => {
            let mut p = api::DeleteNodesNodeLxcVmid::new(node, vmid);
            (p.purge, p.destroy_unreferenced_disks, p.force) = (extent.purge, extent.unreferenced, extent.force);
            client.request(&p).await
        }
    }
}

/// The task that PVE has begun. Of an answer that names none, or one of another deed, nobody knows what it has led to.
fn begun(reply: Result<String, Error>, guest: &Guest, deed: Deed) -> Result<Upid, Error> {
    let unknown = |what, why| Error::Unknown(Box::new(Unknown { what, why, found: None }));
    match reply {
        Ok(upid) => {
            let upid: Upid =
                upid.parse().map_err(|e: UpidError| unknown("the call".to_owned(), e.to_string().into()))?;
            if is_of(&upid, guest, deed) {
                return Ok(upid);
            }
            let values = [("upid", upid.as_str().into()), ("vmid", guest.vmid.to_string().into())];
            Err(unknown("the call".to_owned(), Words::ours(|p| p.other_task, values)))
        }
        Err(Error::Decode { what, why }) => Err(unknown(what, why)),
        Err(e) => Err(e),
    }
}

/// Whether a task is of this deed: of its kind, for this guest, on its node.
fn is_of(upid: &Upid, guest: &Guest, deed: Deed) -> bool {
    let kinds: &[&str] = match (guest.kind, deed) {
        (GuestKind::Vm, Deed::Start) => &["qmstart", "hastart"],
        (GuestKind::Vm, Deed::Stop) => &["qmstop", "hastop"],
        (GuestKind::Vm, Deed::Shutdown) => &["qmshutdown", "qmstop", "hastop"],
        (GuestKind::Vm, Deed::Reboot) => &["qmreboot"],
        (GuestKind::Vm, Deed::Reset) => &["qmreset"],
        (GuestKind::Vm, Deed::Delete) => &["qmdestroy"],
        (GuestKind::Ct, Deed::Start) => &["vzstart", "hastart"],
        (GuestKind::Ct, Deed::Stop) => &["vzstop", "hastop"],
        (GuestKind::Ct, Deed::Shutdown) => &["vzshutdown", "hastop"],
        (GuestKind::Ct, Deed::Reboot | Deed::Reset) => &["vzreboot"],
        (GuestKind::Ct, Deed::Delete) => &["vzdestroy"],
    };
    *upid.node() == guest.node && upid.id() == guest.vmid.to_string() && kinds.contains(&upid.kind())
}

/// The newest task that has tried to start a guest since then, if the token may see it: what starts a VM again after a
/// reboot, or on behalf of HA, is a task of `root@pam`.
pub(super) async fn start_since(client: &Client, guest: &Guest, since: u64) -> Option<Upid> {
    let mut p = api::GetNodesNodeTasks::new(guest.node.clone());
    (p.vmid, p.since, p.limit) = (Some(guest.vmid.get().into()), i64::try_from(since).ok(), Some(1));
    p.source = Some("all".to_owned());
    p.typefilter = Some(if guest.kind == GuestKind::Vm { "qmstart" } else { "vzstart" }.to_owned());
    let rows = client.request(&p).await.ok()?;
    let upid: Upid = rows.first()?.upid.parse().ok()?;
    (upid.start() >= since && is_of(&upid, guest, Deed::Start)).then_some(upid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{Sent, Trouble};

    fn guest(kind: GuestKind) -> Guest {
        let row = serde_json::json!({"vmid": 100, "node": "pve1"});
        Guest::of_row(row.as_object().cloned().unwrap_or_default(), Some(kind), None).unwrap()
    }

    #[test]
    fn of_an_answer_without_a_task_nobody_knows() {
        let decode = Error::Decode { what: "DELETE /nodes/pve1/qemu/100".to_owned(), why: "null".into() };
        for reply in [Ok("deleted".to_owned()), Ok(String::new()), Err(decode)] {
            let said = begun(reply, &guest(GuestKind::Vm), Deed::Stop).unwrap_err();
            assert_eq!((said.kind(), said.sent(), said.retry_safe()), (Trouble::Unknown, Sent::Unanswered, false));
            assert!(said.to_string().contains("nobody knows whether"), "{said}");
        }
        let upid = "UPID:pve1:0000C530:001C9BEC:5F000000:qmstop:100:root@pam:";
        assert_eq!(begun(Ok(upid.to_owned()), &guest(GuestKind::Vm), Deed::Stop).unwrap().as_str(), upid);
    }

    #[test]
    fn a_task_of_another_deed_is_not_believed() {
        let upid =
            |node: &str, kind: &str, id: &str| format!("UPID:{node}:0000C530:001C9BEC:5F000000:{kind}:{id}:a@pve:");
        for (kind, deed, task) in [
            (GuestKind::Vm, Deed::Start, "qmstart"),
            (GuestKind::Vm, Deed::Start, "hastart"),
            (GuestKind::Vm, Deed::Shutdown, "hastop"),
            (GuestKind::Vm, Deed::Delete, "qmdestroy"),
            (GuestKind::Ct, Deed::Stop, "vzstop"),
            (GuestKind::Ct, Deed::Reboot, "vzreboot"),
            (GuestKind::Ct, Deed::Delete, "vzdestroy"),
        ] {
            assert!(begun(Ok(upid("pve1", task, "100")), &guest(kind), deed).is_ok(), "{task}");
            let others = [("pve2", task, "100"), ("pve1", task, "101"), ("pve1", task, ""), ("pve1", "vzdump", "100")];
            for (node, task, id) in others {
                let said = begun(Ok(upid(node, task, id)), &guest(kind), deed).unwrap_err();
                assert_eq!(said.kind(), Trouble::Unknown, "{node} {task} {id}");
            }
        }
    }
}
