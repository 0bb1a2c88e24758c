//! The generated functions, by kind of guest: the only place of this layer that calls them.

use serde_json::{Map, Value};

use super::{
    guest::{Guest, GuestKind},
    rows::{Beside, Listing, Usual},
    say::Catalogue,
};
use crate::{
    api,
    client::{Client, Error, Reply, Trouble, Unknown, Unread, Words},
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
        self.managed() && self.ha_state() != Some("ignored")
    }

    /// What HA says of it: the state that it keeps it in, or `error`; nothing where HA's services do not run.
    pub(super) fn ha_state(&self) -> Option<&str> {
        self.all.get("ha").and_then(|ha| ha.get("state")).and_then(Value::as_str)
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
        GuestKind::Vm => {
            let call = api::GetNodesNodeQemuVmidStatusCurrent::new(node, vmid).call()?;
            live(&api::GET_NODES_NODE_QEMU_VMID_STATUS_CURRENT, &client.send(call).await?)?
        }
        GuestKind::Ct => {
            let call = api::GetNodesNodeLxcVmidStatusCurrent::new(node, vmid).call()?;
            live(&api::GET_NODES_NODE_LXC_VMID_STATUS_CURRENT, &client.send(call).await?)?
        }
    };
    Ok(Current::of(all))
}

/// A live status that can be read: it says what the guest is doing, and whatever tags it names are text. Rules go by it, and
/// what it fails to say must not open what they close.
fn live(endpoint: &Endpoint, reply: &Reply) -> Result<Map<String, Value>, Error> {
    let all = object(endpoint, reply)?;
    if !all.get("status").is_some_and(Value::is_string) {
        return Err(reply.unlike("the word for the guest's status", all.get("status").unwrap_or(&Value::Null)));
    }
    tagged(reply, all)
}

/// What a guest says of itself, if its tags are a text.
fn tagged(reply: &Reply, all: Map<String, Value>) -> Result<Map<String, Value>, Error> {
    match all.get("tags") {
        None | Some(Value::Null | Value::String(_)) => Ok(all),
        Some(tags) => Err(reply.unlike("the guest's tags", tags)),
    }
}

/// What a guest is doing. PVE says `running` of every VM that has a process; whether the guest in it runs, QEMU says.
/// The cluster's list gives the two in one as well.
fn status(row: &Map<String, Value>) -> &str {
    let text = |key: &str| row.get(key).and_then(Value::as_str);
    let status = text("status").unwrap_or("unknown");
    if status == "running" { text("qmpstatus").unwrap_or(status) } else { status }
}

/// The endpoint whose reply describes the options of a guest's configuration.
pub(super) fn config_endpoint(kind: GuestKind) -> &'static Endpoint {
    match kind {
        GuestKind::Vm => &api::GET_NODES_NODE_QEMU_VMID_CONFIG,
        GuestKind::Ct => &api::GET_NODES_NODE_LXC_VMID_CONFIG,
    }
}

/// Reads a guest's configuration as rows of key, value now and value to come.
pub(super) async fn pending(client: &Client, guest: &Guest) -> Result<Vec<Map<String, Value>>, Error> {
    let (node, vmid) = (guest.node.clone(), guest.vmid);
    let call = match guest.kind {
        GuestKind::Vm => api::GetNodesNodeQemuVmidPending::new(node, vmid).call()?,
        GuestKind::Ct => api::GetNodesNodeLxcVmidPending::new(node, vmid).call()?,
    };
    // As it came: the schema says that every value is text, which it is not.
    rows(&client.send(call).await?)
}

/// Reads the raw `lxc.*` lines of a container, which [`pending`] leaves out; null where it has none.
pub(super) async fn raw_lines(client: &Client, guest: &Guest) -> Result<Value, Error> {
    if guest.kind == GuestKind::Vm {
        return Ok(Value::Null);
    }
    let mut p = api::GetNodesNodeLxcVmidConfig::new(guest.node.clone(), guest.vmid);
    // As it runs: these lines have no pending values.
    p.current = Some(true);
    let data = client.send(p.call()?).await?.value()?;
    Ok(data.get("lxc").cloned().unwrap_or_default())
}

/// Reads a guest's snapshots, without the row for its present state.
pub(super) async fn snapshots(client: &Client, guest: &Guest) -> Result<Vec<Map<String, Value>>, Error> {
    let (node, vmid) = (guest.node.clone(), guest.vmid);
    let (endpoint, call) = match guest.kind {
        GuestKind::Vm => {
            (&api::GET_NODES_NODE_QEMU_VMID_SNAPSHOT, api::GetNodesNodeQemuVmidSnapshot::new(node, vmid).call()?)
        }
        GuestKind::Ct => {
            (&api::GET_NODES_NODE_LXC_VMID_SNAPSHOT, api::GetNodesNodeLxcVmidSnapshot::new(node, vmid).call()?)
        }
    };
    let mut rows = listed(endpoint, &client.send(call).await?)?;
    rows.retain(|row| row.get("name").and_then(Value::as_str) != Some("current"));
    Ok(rows)
}

/// Reads which volume holds the memory of a VM's snapshot, if one does.
pub(super) async fn snapshot_state(client: &Client, guest: &Guest, name: &str) -> Result<Option<String>, Error> {
    let p = api::GetNodesNodeQemuVmidSnapshotSnapnameConfig::new(guest.node.clone(), guest.vmid, name.to_owned());
    let data = client.send(p.call()?).await?.value()?;
    Ok(data.get("vmstate").and_then(Value::as_str).map(str::to_owned))
}

/// Lists the backup jobs of the cluster.
pub(super) async fn backup_jobs(client: &Client) -> Result<Vec<Map<String, Value>>, Error> {
    let call = api::GetClusterBackup::new().call()?;
    listed(&api::GET_CLUSTER_BACKUP, &client.send(call).await?)
}

/// Lists the replication jobs that the token may see.
pub(super) async fn replication_jobs(client: &Client) -> Result<Vec<Map<String, Value>>, Error> {
    let call = api::GetClusterReplication::new().call()?;
    listed(&api::GET_CLUSTER_REPLICATION, &client.send(call).await?)
}

/// The id under which HA has a guest.
pub(super) fn sid(guest: &Guest) -> String {
    format!("{}:{}", if guest.kind == GuestKind::Vm { "vm" } else { "ct" }, guest.vmid)
}

/// Lists the rules of HA, of which there are none before PVE 9.0.
pub(super) async fn ha_rules(client: &Client) -> Result<Vec<Map<String, Value>>, Error> {
    let sent = client.send(api::GetClusterHaRules::new().call()?).await;
    match sent {
        Ok(reply) => listed(&api::GET_CLUSTER_HA_RULES, &reply),
        Err(e) if e.kind() == Trouble::TooOld => Ok(Vec::new()),
        Err(e) => Err(e),
    }
}

/// The state that HA was asked to keep a guest in, where the token may see it. What HA makes of it at the moment, which the
/// guest's own status tells, can be another.
pub(super) async fn wanted_by_ha(client: &Client, guest: &Guest) -> Option<String> {
    let sid = sid(guest);
    let call = api::GetClusterHaStatusCurrent::new().call().ok()?;
    let rows = listed(&api::GET_CLUSTER_HA_STATUS_CURRENT, &client.send(call).await.ok()?).ok()?;
    let row = rows.into_iter().find(|row| row.get("sid").is_some_and(|of| *of == *sid))?;
    row.get("request_state").and_then(Value::as_str).map(str::to_owned)
}

/// A list of which some rows may be of no use.
pub(super) struct Rows {
    /// Those that are objects.
    pub rows: Vec<Map<String, Value>>,
    /// How many are not.
    pub odd: usize,
}

/// Lists what the cluster has: guests, and beside them the nodes that they are on and the pools that the token may see.
/// With a `type` it would be guests alone, and of those on a node that is away it says for minutes that they run.
pub(super) async fn resources(client: &Client) -> Result<(Listing, Beside), Error> {
    let answer = client.list(api::GetClusterResources::new().call()?).await?;
    list(&api::GET_CLUSTER_RESOURCES, answer, None)
}

/// Lists the guests of one kind on one node.
pub(super) async fn on_node(client: &Client, kind: GuestKind, node: &NodeName) -> Result<Listing, Error> {
    let (endpoint, call) = match kind {
        GuestKind::Vm => {
            let mut p = api::GetNodesNodeQemu::new(node.clone());
            p.full = Some(true);
            (&api::GET_NODES_NODE_QEMU, p.call()?)
        }
        GuestKind::Ct => (&api::GET_NODES_NODE_LXC, api::GetNodesNodeLxc::new(node.clone()).call()?),
    };
    list(endpoint, client.list(call).await?, Some((kind, node.clone()))).map(|(list, _)| list)
}

/// Reads the answer to one of these.
pub(super) fn list(endpoint: &'static Endpoint, answer: Unread, usual: Usual) -> Result<(Listing, Beside), Error> {
    match answer.once(|text, most| Listing::read(endpoint, text, most, usual.clone())) {
        Ok((text, making)) => Ok(making.made(text, 0)),
        Err(answer) => {
            // What cannot be read at one go, such as a name that is no UTF-8, is read as values, and those are.
            let reply = answer.read()?;
            let list = some(endpoint, &reply)?;
            let text = Endpoint::rewritten(&list.rows);
            let making = Listing::read(endpoint, &text, usize::MAX, usual);
            Ok(making.ok_or_else(|| reply.unlike("a list", &Value::Null))?.made(text, list.odd))
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
    let endpoint = match kind {
        GuestKind::Vm => &api::POST_NODES_NODE_QEMU_VMID_STATUS_STOP,
        GuestKind::Ct => &api::POST_NODES_NODE_LXC_VMID_STATUS_STOP,
    };
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

/// Whether the cluster has quorum; nothing where the token may not see that, or the host stands alone.
pub(super) async fn quorate(client: &Client) -> Option<bool> {
    let rows = client.request(&api::GetClusterStatus::new()).await.ok()?;
    rows.into_iter().find(|row| row.r#type == "cluster").and_then(|row| row.quorate)
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

/// The object of a reply.
fn object(endpoint: &Endpoint, reply: &Reply) -> Result<Map<String, Value>, Error> {
    let data = reply.value()?;
    if !data.is_object() {
        return Err(reply.unlike("an object", &data));
    }
    match endpoint.plain(data) {
        Value::Object(map) => Ok(map),
        other => Err(reply.unlike("an object", &other)),
    }
}

/// The rows of a reply, each of which counts.
fn listed(endpoint: &Endpoint, reply: &Reply) -> Result<Vec<Map<String, Value>>, Error> {
    let data = reply.value()?;
    // What is no row is left out where numbers and texts are read, and each counts here.
    if let Value::Array(all) = &data
        && let Some(row) = all.iter().find(|row| !row.is_object())
    {
        return Err(reply.unlike("a row", row));
    }
    each(reply, plain(endpoint, data))
}

/// The rows of a reply as they came, each of which counts.
fn rows(reply: &Reply) -> Result<Vec<Map<String, Value>>, Error> {
    each(reply, reply.value()?)
}

/// The rows of a reply that can be used, and how many cannot: an odd one must not hide all others. A list of odd ones alone
/// is none that is empty.
pub(super) fn some(endpoint: &Endpoint, reply: &Reply) -> Result<Rows, Error> {
    let data = reply.value()?;
    let Value::Array(all) = &data else { return Err(reply.unlike("a list", &data)) };
    let count = all.len();
    if let Some(first) = all.first()
        && !all.iter().any(Value::is_object)
    {
        return Err(reply.unlike("a row", first));
    }
    let Value::Array(all) = plain(endpoint, data) else { return Ok(Rows { rows: Vec::new(), odd: count }) };
    let rows: Vec<_> = all.into_iter().filter_map(as_object).collect();
    Ok(Rows { odd: count - rows.len(), rows })
}

/// A list with numbers and booleans as what they are.
fn plain(endpoint: &Endpoint, data: Value) -> Value {
    if !data.is_array() {
        return data;
    }
    match endpoint.plain(data) {
        Value::Object(mut map) => map.remove("data").unwrap_or_default(),
        other => other,
    }
}

fn each(reply: &Reply, data: Value) -> Result<Vec<Map<String, Value>>, Error> {
    let Value::Array(all) = data else { return Err(reply.unlike("a list", &data)) };
    all.into_iter().map(|row| as_object(row.clone()).ok_or_else(|| reply.unlike("a row", &row))).collect()
}

fn as_object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(map) => Some(map),
        _ => None,
    }
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
