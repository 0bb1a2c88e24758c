//! What is asked of PVE about guests and what stands around them, by kind of guest.

use serde_json::{Map, Value};

use super::{
    guest::{Guest, GuestKind},
    rows::{Beside, Listing, Usual},
};
use crate::{
    api,
    client::{Client, Error, Reply, Trouble, Unread},
    pve::{NodeName, is_set},
    spec::Endpoint,
};

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
        managed.is_some_and(is_set)
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
    kind.either(&api::GET_NODES_NODE_QEMU_VMID_CONFIG, &api::GET_NODES_NODE_LXC_VMID_CONFIG)
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
    let mut rows = snapshot_rows(client, guest).await?;
    rows.retain(|row| row.get("name").and_then(Value::as_str) != Some("current"));
    Ok(rows)
}

/// Reads a guest's snapshots; the row `current` is of its present state.
pub(super) async fn snapshot_rows(client: &Client, guest: &Guest) -> Result<Vec<Map<String, Value>>, Error> {
    let (node, vmid) = (guest.node.clone(), guest.vmid);
    let (endpoint, call) = match guest.kind {
        GuestKind::Vm => {
            (&api::GET_NODES_NODE_QEMU_VMID_SNAPSHOT, api::GetNodesNodeQemuVmidSnapshot::new(node, vmid).call()?)
        }
        GuestKind::Ct => {
            (&api::GET_NODES_NODE_LXC_VMID_SNAPSHOT, api::GetNodesNodeLxcVmidSnapshot::new(node, vmid).call()?)
        }
    };
    listed(endpoint, &client.send(call).await?)
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

/// Whether the cluster has quorum; nothing where the token may not see that, or the host stands alone.
pub(super) async fn quorate(client: &Client) -> Option<bool> {
    let rows = client.request(&api::GetClusterStatus::new()).await.ok()?;
    rows.into_iter().find(|row| row.r#type == "cluster").and_then(|row| row.quorate)
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
