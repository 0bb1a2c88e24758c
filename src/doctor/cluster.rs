//! Quorum, nodes, and how many guests can be seen.

use super::{Area, Diagnosis};
use crate::{
    api,
    client::{Client, Trouble},
    tools::Rights,
};

/// Looks at the cluster.
pub(super) async fn examine(client: &Client, rights: &Rights, report: &mut Diagnosis<'_>) {
    quorum(client, report).await;
    nodes(client, report).await;
    guests(client, rights, report).await;
}

async fn quorum(client: &Client, report: &mut Diagnosis<'_>) {
    let entries = match client.request(&api::GetClusterStatus::new()).await {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), Trouble::Permission { .. }) => {
            let what = "quorum is not shown: that takes Sys.Audit on /, which no tool needs";
            return report.skipped(Area::Cluster, what);
        }
        Err(error) => return report.warn(Area::Cluster, error.to_string(), "look at the host's log"),
    };
    let Some(cluster) = entries.iter().find(|entry| entry.r#type == "cluster") else {
        return report.ok(Area::Cluster, "a single host, no cluster");
    };
    let name = cluster.name.as_deref().unwrap_or("the cluster");
    match cluster.quorate {
        Some(false) => report.fail(
            Area::Cluster,
            format!("{name} has no quorum: starts and deletes fail"),
            "bring the other nodes back; `pvecm status` on a node shows who is missing",
        ),
        _ => report.ok(Area::Cluster, format!("{name} is quorate")),
    }
}

async fn nodes(client: &Client, report: &mut Diagnosis<'_>) {
    let mut nodes = match client.request(&api::GetNodes::new()).await {
        Ok(nodes) => nodes,
        Err(error) => return report.warn(Area::Cluster, error.to_string(), "look at the host's log"),
    };
    nodes.sort_by(|a, b| a.node.as_str().cmp(b.node.as_str()));
    let (online, offline): (Vec<_>, Vec<_>) = nodes.iter().partition(|node| node.status == "online");
    let names = |nodes: &[&api::GetNodesReplyItem]| {
        nodes.iter().map(|node| node.node.to_string()).collect::<Vec<_>>().join(", ")
    };
    if !online.is_empty() {
        report.ok(Area::Cluster, format!("online: {}", names(&online)));
    }
    if !offline.is_empty() {
        report.warn(
            Area::Cluster,
            format!("not online: {}; its guests cannot be managed", names(&offline)),
            "start the node, or look at `systemctl status pve-cluster corosync` on it",
        );
    }
}

async fn guests(client: &Client, rights: &Rights, report: &mut Diagnosis<'_>) {
    let mut query = api::GetClusterResources::new();
    query.r#type = Some("vm".to_owned());
    match client.request(&query).await {
        // PVE leaves out what may not be seen, without a word.
        Ok(guests) if guests.is_empty() && !rights.on_some_guest("VM.Audit") => {}
        Ok(guests) => report.ok(
            Area::Cluster,
            match guests.len() {
                1 => "1 guest can be seen".to_owned(),
                count => format!("{count} guests can be seen"),
            },
        ),
        Err(error) => report.warn(Area::Cluster, error.to_string(), "look at the host's log"),
    }
}
