//! Guests that are no longer what they were when they were looked up: moved, replaced by one of the other kind, tagged
//! since, with the list of the cluster still remembered.

use proxmox_mcp::{
    api,
    client::{Client, Follow, TaskOutcome},
    demo::Scenario,
    pve::{NodeName, Upid, Vmid},
};
use serde_json::json;

use crate::{
    demo::{Cluster, facts, refused},
    session::text,
};

fn node(name: &str) -> NodeName {
    name.parse().expect("a node name")
}

fn vmid(id: u32) -> Vmid {
    u64::from(id).try_into().expect("an id")
}

/// Does what somebody else does to the cluster in the meantime.
impl Cluster {
    fn somebody<F: Future<Output = String>>(&self, work: impl FnOnce(Client) -> F) {
        let client = Client::new(self.demo.settings()).expect("a client");
        self.block_on(async {
            let upid: Upid = work(client.clone()).await.parse().expect("a task");
            let end = client.follow(&upid, Follow::default()).await.expect("its end");
            assert_eq!(end.outcome, TaskOutcome::Ok);
        });
    }

    fn migrate_vm(&self, id: u32, from: &str, to: &str) {
        self.somebody(|client| async move {
            let mut p = api::PostNodesNodeQemuVmidMigrate::new(node(from), vmid(id), to.to_owned());
            p.online = Some(true);
            client.request(&p).await.expect("a task")
        });
        assert_eq!(self.demo.node_of(id).as_deref(), Some(to));
    }

    fn migrate_container(&self, id: u32, from: &str, to: &str) {
        self.somebody(|client| async move {
            let mut p = api::PostNodesNodeLxcVmidMigrate::new(node(from), vmid(id), to.to_owned());
            p.restart = Some(true);
            client.request(&p).await.expect("a task")
        });
        assert_eq!(self.demo.node_of(id).as_deref(), Some(to));
    }
}

#[test]
fn a_guest_that_has_moved_is_found_where_it_is() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.session();
    let mut at = 1;
    for (tool, id, status) in [
        ("getVM", 110, "stopped"),
        ("startVM", 110, "running"),
        ("restartVM", 110, "running"),
        ("stopVM", 110, "stopped"),
        ("getContainer", 203, "stopped"),
        ("startContainer", 203, "running"),
        ("restartContainer", 203, "running"),
        ("stopContainer", 203, "stopped"),
    ] {
        facts(&session.call("listVMs", json!({})));
        let from = cluster.demo.node_of(id).expect("it is there");
        at = at % 3 + 1;
        let to = if from == format!("pve{at}") { format!("pve{}", at % 3 + 1) } else { format!("pve{at}") };
        if tool.ends_with("VM") {
            cluster.migrate_vm(id, &from, &to);
        } else {
            cluster.migrate_container(id, &from, &to);
        }
        cluster.demo.advance(std::time::Duration::from_secs(60));
        let result = session.call(tool, json!({"vmid": id}));
        let facts = facts(&result);
        assert_eq!((&facts["node"], &facts["status"]), (&json!(to), &json!(status)), "{tool}: {}", text(&result));
    }
}

#[test]
fn a_guest_that_has_moved_away_from_the_node_that_was_named_is_left_alone() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.session();
    for tool in ["startVM", "stopVM", "restartVM", "deleteVM", "getVM"] {
        let from = cluster.demo.node_of(110).expect("it is there");
        facts(&session.call("listVMs", json!({})));
        let to = if from == "pve1" { "pve2" } else { "pve1" };
        cluster.migrate_vm(110, &from, to);
        let said = format!("VM 110 (staging) on {to}, not on {from}");
        refused(&session.call(tool, json!({"vmid": 110, "node": from})), &[&said]);
        assert_eq!(cluster.demo.is_running(110), Some(false));
    }
}

#[test]
fn a_plan_does_not_follow_a_guest_to_another_node() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.session();
    let plan = session.call("deleteVM", json!({"vmid": 110}));
    let code = plan["structuredContent"]["confirm"].as_str().expect("a code").to_owned();
    cluster.migrate_vm(110, "pve1", "pve2");
    let again = session.call("deleteVM", json!({"vmid": 110, "confirm": code}));
    refused(&again, &["not for this guest as it is now", "on pve2"]);
    assert!(cluster.demo.node_of(110).is_some());
}

#[test]
fn a_rule_holds_at_the_node_where_the_guest_has_gone() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.start(&["--deny", "node:pve2"], &[]).legacy("2025-06-18", json!({}));
    facts(&session.call("getVM", json!({"vmid": 110})));
    cluster.migrate_vm(110, "pve1", "pve2");
    refused(&session.call("startVM", json!({"vmid": 110})), &["deny node:pve2"]);
    assert_eq!(cluster.demo.is_running(110), Some(false));
}

#[test]
fn an_id_that_has_gone_to_the_other_kind_is_named_as_such() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.start(&[], &[("PROXMOX_MCP_CONFIRM", "never")]).legacy("2025-06-18", json!({}));
    facts(&session.call("getVM", json!({"vmid": 110})));
    cluster.somebody(|client| async move {
        let p = api::DeleteNodesNodeQemuVmid::new(node("pve1"), vmid(110));
        client.request(&p).await.expect("a task")
    });
    cluster.somebody(|client| async move {
        let template = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst".to_owned();
        let mut p = api::PostNodesNodeLxc::new(node("pve1"), template, 110);
        p.hostname = Some("newcomer".to_owned());
        client.request(&p).await.expect("a task")
    });
    for (tool, other) in [
        ("startVM", "startContainer"),
        ("stopVM", "stopContainer"),
        ("restartVM", "restartContainer"),
        ("deleteVM", "deleteContainer"),
    ] {
        let result = session.call(tool, json!({"vmid": 110}));
        refused(&result, &["Container 110 on pve1 is a container, not a VM", other]);
    }
    assert_eq!(cluster.demo.is_running(110), Some(false));
}

#[test]
fn what_protects_a_guest_counts_from_the_moment_that_it_does() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.session();
    let mut never = cluster.start(&[], &[("PROXMOX_MCP_CONFIRM", "never")]).legacy("2025-06-18", json!({}));
    let mut renamed = cluster.session();
    for session in [&mut session, &mut never, &mut renamed] {
        facts(&session.call("getVM", json!({"vmid": 110})));
        facts(&session.call("getContainer", json!({"vmid": 203})));
        facts(&session.call("getVM", json!({"vmid": 100})));
        facts(&session.call("getContainer", json!({"vmid": 200})));
    }
    for id in [100, 110, 200, 203] {
        cluster.demo.set_option(id, "tags", Some("test;mcp-protected"));
    }
    for session in [&mut session, &mut never] {
        for (tool, id) in [
            ("stopVM", 100),
            ("restartVM", 100),
            ("stopContainer", 200),
            ("restartContainer", 200),
            ("deleteVM", 110),
            ("deleteContainer", 203),
        ] {
            refused(&session.call(tool, json!({"vmid": id})), &["protected tag mcp-protected"]);
        }
    }
    assert_eq!((cluster.demo.is_running(100), cluster.demo.is_running(200)), (Some(true), Some(true)));
    // A guest that has got another name is not the one that was meant.
    cluster.demo.set_option(100, "tags", None);
    cluster.demo.set_option(100, "name", Some("shop-new"));
    refused(&renamed.call("stopVM", json!({"name": "shop-web"})), &["100 is named shop-new, not shop-web"]);
    assert_eq!(cluster.demo.is_running(100), Some(true));
}
