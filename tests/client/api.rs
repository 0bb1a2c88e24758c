//! A few calls of the generated tables.

use proxmox_mcp::{
    api,
    client::{Client, Reply},
    spec::{Call, Endpoint},
};

pub(crate) use api::{
    DELETE_NODES_NODE_QEMU_VMID as DESTROY, GET_NODES as NODES, GET_NODES_NODE_LXC_VMID_MIGRATE as NEW,
    GET_NODES_NODE_QEMU_VMID_CONFIG as CONFIG, POST_NODES_NODE_QEMU_VMID_STATUS_STOP as STOP,
};

/// A call of a guest's endpoint, or of one without a path parameter.
pub(crate) fn call(endpoint: &'static Endpoint) -> Call {
    let segments = [("node", "pve1".to_owned()), ("vmid", "100".to_owned())];
    Call::new(endpoint, &segments).expect("segments that can stand in a path")
}

/// Lists the nodes and checks that the list arrived.
pub(crate) async fn list(client: &Client) {
    let reply = client.send(call(&NODES)).await.expect("a list");
    assert_eq!(names(&reply), ["pve1"]);
}

/// The names in a list of nodes.
pub(crate) fn names(reply: &Reply) -> Vec<String> {
    let value = reply.value().unwrap();
    let rows = value.as_array().cloned().unwrap_or_default();
    rows.iter().filter_map(|row| row["node"].as_str()).map(str::to_owned).collect()
}
