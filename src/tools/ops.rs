//! The generated functions, by kind of guest: the only place of this layer that calls them.

use serde_json::{Map, Value};

use super::{args::Args, catalog::Kind, lang::Catalogue, resolve::Guest};
use crate::{
    api,
    client::{Client, Error, Unknown},
    pve::{NodeName, Upid, UpidError, bool_or_int},
    spec::Endpoint,
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
            Self::Start => texts.act_start,
            Self::Stop => texts.act_stop,
            Self::Shutdown => texts.act_shutdown,
            Self::Reboot => texts.act_reboot,
            Self::Reset => texts.act_reset,
            Self::Delete => texts.act_delete,
        }
    }

    /// The sentence that says that it is done.
    pub(super) fn done(self, texts: &Catalogue) -> &'static str {
        match self {
            Self::Start => texts.done_start,
            Self::Stop => texts.done_stop,
            Self::Shutdown => texts.done_shutdown,
            Self::Reboot => texts.done_reboot,
            Self::Reset => texts.done_reset,
            Self::Delete => texts.done_delete,
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

/// The live status of a guest.
#[derive(Clone, Debug)]
pub(super) struct Current {
    /// `running` or `stopped`; of a VM whose process is there and stands still, QEMU's own word, such as `paused`.
    pub status: String,
    /// Process id of the running guest; another one after a restart.
    pub pid: Option<u64>,
    /// Everything that PVE says, booleans and numbers as what they are.
    pub all: Map<String, Value>,
}

impl Current {
    /// From what PVE says of a guest.
    pub(super) fn of(all: Map<String, Value>) -> Self {
        Self { status: status(&all).to_owned(), pid: all.get("pid").and_then(Value::as_u64), all }
    }

    /// Whether it is an HA resource.
    pub(super) fn managed(&self) -> bool {
        let managed = self.all.get("ha").and_then(|ha| ha.get("managed"));
        managed.is_some_and(|flag| bool_or_int(flag).ok().flatten() == Some(true))
    }

    /// Whether HA starts and stops it. A resource that HA is told to ignore is started and stopped as any other guest.
    pub(super) fn ha_decides(&self) -> bool {
        let state = self.all.get("ha").and_then(|ha| ha.get("state")).and_then(Value::as_str);
        self.managed() && state != Some("ignored")
    }

    /// Whether it takes up its node: it runs, or its process is there and stands still.
    pub(super) fn is_up(&self) -> bool {
        !matches!(self.status.as_str(), "stopped" | "unknown")
    }

    /// Whether its process is there and stands still.
    pub(super) fn is_halted(&self) -> bool {
        self.is_up() && self.status != "running"
    }

    /// A text of it.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.all.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A number of it.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        self.all.get(key).and_then(Value::as_f64)
    }
}

/// Reads a guest's live status.
pub(super) async fn current(client: &Client, guest: &Guest) -> Result<Current, Error> {
    let (node, vmid) = (guest.node.clone(), guest.vmid);
    let all = match guest.kind {
        Kind::Vm => {
            let call = api::GetNodesNodeQemuVmidStatusCurrent::new(node, vmid).call()?;
            object(&api::GET_NODES_NODE_QEMU_VMID_STATUS_CURRENT, client.send(call).await?.value())
        }
        Kind::Ct => {
            let call = api::GetNodesNodeLxcVmidStatusCurrent::new(node, vmid).call()?;
            object(&api::GET_NODES_NODE_LXC_VMID_STATUS_CURRENT, client.send(call).await?.value())
        }
    };
    Ok(Current::of(all))
}

/// What a guest is doing. PVE says `running` of every VM that has a process; whether the guest in it runs, QEMU says.
/// The cluster's list gives the two in one as well.
fn status(row: &Map<String, Value>) -> &str {
    let text = |key: &str| row.get(key).and_then(Value::as_str);
    let status = text("status").unwrap_or("unknown");
    if status == "running" { text("qmpstatus").unwrap_or(status) } else { status }
}

/// The endpoint whose reply describes the options of a guest's configuration.
pub(super) fn config_endpoint(kind: Kind) -> &'static Endpoint {
    match kind {
        Kind::Vm => &api::GET_NODES_NODE_QEMU_VMID_CONFIG,
        Kind::Ct => &api::GET_NODES_NODE_LXC_VMID_CONFIG,
    }
}

/// Reads a guest's configuration as rows of key, value now and value to come.
pub(super) async fn pending(client: &Client, guest: &Guest) -> Result<Vec<Map<String, Value>>, Error> {
    let (node, vmid) = (guest.node.clone(), guest.vmid);
    let call = match guest.kind {
        Kind::Vm => api::GetNodesNodeQemuVmidPending::new(node, vmid).call()?,
        Kind::Ct => api::GetNodesNodeLxcVmidPending::new(node, vmid).call()?,
    };
    // As it came: the schema says that every value is text, which it is not.
    Ok(rows(client.send(call).await?.value()))
}

/// Reads the raw `lxc.*` lines of a container, which [`pending`] leaves out; null where it has none.
pub(super) async fn raw_lines(client: &Client, guest: &Guest) -> Result<Value, Error> {
    if guest.kind == Kind::Vm {
        return Ok(Value::Null);
    }
    let mut p = api::GetNodesNodeLxcVmidConfig::new(guest.node.clone(), guest.vmid);
    // As it runs: these lines have no pending values.
    p.current = Some(true);
    let data = client.send(p.call()?).await?.value();
    Ok(data.get("lxc").cloned().unwrap_or_default())
}

/// Reads a guest's snapshots, without the row for its present state.
pub(super) async fn snapshots(client: &Client, guest: &Guest) -> Result<Vec<Map<String, Value>>, Error> {
    let (node, vmid) = (guest.node.clone(), guest.vmid);
    let (endpoint, call) = match guest.kind {
        Kind::Vm => {
            (&api::GET_NODES_NODE_QEMU_VMID_SNAPSHOT, api::GetNodesNodeQemuVmidSnapshot::new(node, vmid).call()?)
        }
        Kind::Ct => (&api::GET_NODES_NODE_LXC_VMID_SNAPSHOT, api::GetNodesNodeLxcVmidSnapshot::new(node, vmid).call()?),
    };
    let mut rows = listed(endpoint, client.send(call).await?.value());
    rows.retain(|row| row.get("name").and_then(Value::as_str) != Some("current"));
    Ok(rows)
}

/// Reads which volume holds the memory of a VM's snapshot, if one does.
pub(super) async fn snapshot_state(client: &Client, guest: &Guest, name: &str) -> Result<Option<String>, Error> {
    let p = api::GetNodesNodeQemuVmidSnapshotSnapnameConfig::new(guest.node.clone(), guest.vmid, name.to_owned());
    let data = client.send(p.call()?).await?.value();
    Ok(data.get("vmstate").and_then(Value::as_str).map(str::to_owned))
}

/// Lists the backup jobs of the cluster.
pub(super) async fn backup_jobs(client: &Client) -> Result<Vec<Map<String, Value>>, Error> {
    let call = api::GetClusterBackup::new().call()?;
    Ok(listed(&api::GET_CLUSTER_BACKUP, client.send(call).await?.value()))
}

/// Lists the replication jobs that the token may see.
pub(super) async fn replication_jobs(client: &Client) -> Result<Vec<Map<String, Value>>, Error> {
    let call = api::GetClusterReplication::new().call()?;
    Ok(listed(&api::GET_CLUSTER_REPLICATION, client.send(call).await?.value()))
}

/// Lists the guests of the cluster.
pub(super) async fn resources(client: &Client) -> Result<Vec<Map<String, Value>>, Error> {
    let mut p = api::GetClusterResources::new();
    p.r#type = Some("vm".to_owned());
    Ok(listed(&api::GET_CLUSTER_RESOURCES, client.send(p.call()?).await?.value()))
}

/// Lists the guests of one kind on one node.
pub(super) async fn on_node(client: &Client, kind: Kind, node: &NodeName) -> Result<Vec<Map<String, Value>>, Error> {
    let (endpoint, call) = match kind {
        Kind::Vm => {
            let mut p = api::GetNodesNodeQemu::new(node.clone());
            p.full = Some(true);
            (&api::GET_NODES_NODE_QEMU, p.call()?)
        }
        Kind::Ct => (&api::GET_NODES_NODE_LXC, api::GetNodesNodeLxc::new(node.clone()).call()?),
    };
    let mut rows = listed(endpoint, client.send(call).await?.value());
    for row in &mut rows {
        let status = Value::from(status(row));
        row.insert("status".to_owned(), status);
    }
    Ok(rows)
}

/// Starts, stops or restarts a guest; gives the task. [`Deed::Delete`] is not sent: it needs consent.
pub(super) async fn power(client: &Client, guest: &Guest, deed: Deed) -> Result<Upid, Error> {
    begun(send_power(client, guest, deed).await)
}

async fn send_power(client: &Client, guest: &Guest, deed: Deed) -> Result<String, Error> {
    let (node, vmid) = (guest.node.clone(), guest.vmid);
    match (guest.kind, deed) {
        (Kind::Vm, Deed::Start) => {
            let p = api::PostNodesNodeQemuVmidStatusStart::new(node, vmid);
            api::post_nodes_node_qemu_vmid_status_start(client, &p).await
        }
        (Kind::Vm, Deed::Stop) => {
            let p = api::PostNodesNodeQemuVmidStatusStop::new(node, vmid);
            api::post_nodes_node_qemu_vmid_status_stop(client, &p).await
        }
        (Kind::Vm, Deed::Shutdown) => {
            let p = api::PostNodesNodeQemuVmidStatusShutdown::new(node, vmid);
            api::post_nodes_node_qemu_vmid_status_shutdown(client, &p).await
        }
        (Kind::Vm, Deed::Reboot) => {
            let p = api::PostNodesNodeQemuVmidStatusReboot::new(node, vmid);
            api::post_nodes_node_qemu_vmid_status_reboot(client, &p).await
        }
        (Kind::Vm, Deed::Reset) => {
            let p = api::PostNodesNodeQemuVmidStatusReset::new(node, vmid);
            api::post_nodes_node_qemu_vmid_status_reset(client, &p).await
        }
        (Kind::Ct, Deed::Start) => {
            let p = api::PostNodesNodeLxcVmidStatusStart::new(node, vmid);
            api::post_nodes_node_lxc_vmid_status_start(client, &p).await
        }
        (Kind::Ct, Deed::Stop) => {
            let p = api::PostNodesNodeLxcVmidStatusStop::new(node, vmid);
            api::post_nodes_node_lxc_vmid_status_stop(client, &p).await
        }
        (Kind::Ct, Deed::Shutdown) => {
            let p = api::PostNodesNodeLxcVmidStatusShutdown::new(node, vmid);
            api::post_nodes_node_lxc_vmid_status_shutdown(client, &p).await
        }
        // A container knows no reset; the tool for containers does not offer one.
        (Kind::Ct, Deed::Reboot | Deed::Reset) => {
            let p = api::PostNodesNodeLxcVmidStatusReboot::new(node, vmid);
            api::post_nodes_node_lxc_vmid_status_reboot(client, &p).await
        }
        (_, Deed::Delete) => Err(Error::Setup("a deletion is not sent without consent".into())),
    }
}

/// Destroys a guest; gives the task.
pub(super) async fn delete(client: &Client, guest: &Guest, args: &Args) -> Result<Upid, Error> {
    begun(send_delete(client, guest, args).await)
}

async fn send_delete(client: &Client, guest: &Guest, args: &Args) -> Result<String, Error> {
    let (node, vmid) = (guest.node.clone(), guest.vmid);
    match guest.kind {
        Kind::Vm => {
            let mut p = api::DeleteNodesNodeQemuVmid::new(node, vmid);
            (p.purge, p.destroy_unreferenced_disks) = (args.purge, args.unreferenced);
            api::delete_nodes_node_qemu_vmid(client, &p).await
        }
        Kind::Ct => {
            let mut p = api::DeleteNodesNodeLxcVmid::new(node, vmid);
            (p.purge, p.destroy_unreferenced_disks, p.force) = (args.purge, args.unreferenced, args.force);
            api::delete_nodes_node_lxc_vmid(client, &p).await
        }
    }
}

/// The task that PVE has begun. Of an answer that names none nobody knows what it has led to.
fn begun(reply: Result<String, Error>) -> Result<Upid, Error> {
    let unknown = |what, why| Error::Unknown(Box::new(Unknown { what, why, found: None }));
    match reply {
        Ok(upid) => upid.parse().map_err(|e: UpidError| unknown("the call".to_owned(), e.to_string().into())),
        Err(Error::Decode { what, why }) => Err(unknown(what, why)),
        Err(e) => Err(e),
    }
}

fn object(endpoint: &Endpoint, data: Value) -> Map<String, Value> {
    match endpoint.plain(data) {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn listed(endpoint: &Endpoint, data: Value) -> Vec<Map<String, Value>> {
    match endpoint.plain(data) {
        Value::Object(mut map) => rows(map.remove("data").unwrap_or_default()),
        _ => Vec::new(),
    }
}

pub(super) fn rows(data: Value) -> Vec<Map<String, Value>> {
    let row = |value| match value {
        Value::Object(map) => Some(map),
        _ => None,
    };
    match data {
        Value::Array(rows) => rows.into_iter().filter_map(row).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{Kind as Trouble, Sent};

    #[test]
    fn of_an_answer_without_a_task_nobody_knows() {
        let decode = Error::Decode { what: "DELETE /nodes/pve1/qemu/100".to_owned(), why: "null".into() };
        for reply in [Ok("deleted".to_owned()), Ok(String::new()), Err(decode)] {
            let said = begun(reply).unwrap_err();
            assert_eq!((said.kind(), said.sent(), said.retry_safe()), (Trouble::Unknown, Sent::Unanswered, false));
            assert!(said.to_string().contains("nobody knows whether"), "{said}");
        }
        let upid = "UPID:pve1:0000C530:001C9BEC:5F000000:qmstop:100:root@pam:";
        assert_eq!(begun(Ok(upid.to_owned())).unwrap().as_str(), upid);
    }
}
