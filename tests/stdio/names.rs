//! A guest by its name, while `/cluster/resources` still tells the names of the last round. The lag of these clusters is
//! an hour, so that no round comes in between.

use proxmox_mcp::{
    api,
    client::{Client, Follow, TaskOutcome},
    pve::Upid,
};
use serde_json::{Value, json};

use crate::{
    demo::{Cluster, facts, refused},
    session::text,
};

const TWINS: &str = "lag = 3600\n[[guests]]\nvmid = 100\nname = 'blue'\n[[guests]]\nvmid = 101\nname = 'green'\n\
    [[guests]]\nvmid = 102\nname = 'up-blue'\nstate = 'running'\n[[guests]]\nvmid = 103\nname = 'up-green'\nstate = 'running'\n\
    [[guests]]\nvmid = 200\nkind = 'lxc'\nname = 'dns'\n[[guests]]\nvmid = 201\nkind = 'lxc'\nname = 'ntp'";

/// The guests of the list by id, as the cluster tells them.
fn listed(cluster: &Cluster) -> Vec<(u64, Option<String>)> {
    let client = Client::new(cluster.demo.settings()).expect("a client");
    let rows = cluster.block_on(async { client.request(&api::GetClusterResources::new()).await.expect("the list") });
    let mut seen: Vec<_> = rows.iter().filter_map(|row| Some((u64::from(row.vmid?.get()), row.name.clone()))).collect();
    seen.sort();
    seen
}

fn create(cluster: &Cluster, vmid: i64, name: &str) {
    finish(cluster, |client| async move {
        let mut p = api::PostNodesNodeQemu::new("pve1".parse().expect("a node"), vmid);
        p.name = Some(name.to_owned());
        client.request(&p).await.expect("a task")
    });
}

fn clone(cluster: &Cluster, from: u32, to: i64, name: &str) {
    finish(cluster, |client| async move {
        let from = u64::from(from).try_into().expect("an id");
        let mut p = api::PostNodesNodeQemuVmidClone::new("pve1".parse().expect("a node"), from, to);
        p.name = Some(name.to_owned());
        client.request(&p).await.expect("a task")
    });
}

fn finish<'a, F: Future<Output = String> + 'a>(cluster: &Cluster, work: impl FnOnce(Client) -> F) {
    let client = Client::new(cluster.demo.settings()).expect("a client");
    cluster.block_on(async {
        let upid: Upid = work(client.clone()).await.parse().expect("a task");
        let end = client.follow(&upid, Follow::default()).await.expect("its end");
        assert_eq!(end.outcome, TaskOutcome::Ok);
    });
}

fn name(cluster: &Cluster, vmid: u32, name: &str) {
    let option = if vmid < 200 { "name" } else { "hostname" };
    assert!(cluster.demo.set_option(vmid, option, Some(name)));
}

#[test]
fn the_list_of_the_cluster_tells_the_names_of_its_last_round() {
    let cluster = Cluster::toml("lag = 10\n[[guests]]\nvmid = 100\nname = 'old'");
    name(&cluster, 100, "new");
    create(&cluster, 420, "newborn");
    assert_eq!(listed(&cluster), [(100, Some("old".to_owned())), (420, None)]);
    cluster.demo.advance(std::time::Duration::from_secs(10));
    assert_eq!(listed(&cluster), [(100, Some("new".to_owned())), (420, Some("newborn".to_owned()))]);
}

#[test]
fn of_two_guests_that_have_swapped_names_none_is_touched() {
    let cluster = Cluster::toml(TWINS);
    let mut warm = cluster.session();
    facts(&warm.call("listVMs", json!({})));
    for (a, b) in [(100, 101), (102, 103), (200, 201)] {
        let (of_a, of_b) = match a {
            100 => ("blue", "green"),
            102 => ("up-blue", "up-green"),
            _ => ("dns", "ntp"),
        };
        name(&cluster, a, of_b);
        name(&cluster, b, of_a);
    }
    let mut cold = cluster.start(&[], &[("PROXMOX_MCP_CONFIRM", "never")]).legacy("2025-06-18", json!({}));
    for (tool, arguments, said) in [
        ("startVM", json!({"name": "blue"}), "100 is named green, not blue"),
        ("startVM", json!({"name": "green", "vmid": 101}), "101 is named blue, not green"),
        ("stopVM", json!({"name": "up-blue"}), "102 is named up-green, not up-blue"),
        ("stopVM", json!({"name": "up-green", "mode": "stop"}), "103 is named up-blue, not up-green"),
        ("restartVM", json!({"name": "up-green"}), "103 is named up-blue, not up-green"),
        ("deleteVM", json!({"name": "blue"}), "100 is named green, not blue"),
        ("startContainer", json!({"name": "dns"}), "200 is named ntp, not dns"),
        ("deleteContainer", json!({"name": "ntp"}), "201 is named dns, not ntp"),
    ] {
        for session in [&mut warm, &mut cold] {
            let from = cluster.count();
            refused(&session.call(tool, arguments.clone()), &[said]);
            let asked = cluster.asked_since(from);
            assert!(asked.iter().all(|asked| asked.starts_with("GET ")), "{tool} {arguments}: {asked:?}");
        }
    }
    assert_eq!((cluster.demo.is_running(100), cluster.demo.is_running(101)), (Some(false), Some(false)));
    assert_eq!((cluster.demo.is_running(102), cluster.demo.is_running(103)), (Some(true), Some(true)));
    assert_eq!(cluster.demo.freed(), Vec::<String>::new());
}

#[test]
fn a_guest_that_was_just_made_cloned_or_renamed_is_found_by_its_name() {
    let cluster = Cluster::toml(TWINS);
    let mut session = cluster.session();
    facts(&session.call("listVMs", json!({})));
    create(&cluster, 420, "newborn");
    clone(&cluster, 100, 421, "twin");
    name(&cluster, 101, "red");
    name(&cluster, 200, "resolver");
    for (tool, by, vmid) in [
        ("startVM", "newborn", 420),
        ("startVM", "twin", 421),
        ("getVM", "twin", 421),
        ("startVM", "red", 101),
        ("restartVM", "red", 101),
        ("stopVM", "newborn", 420),
        ("getContainer", "resolver", 200),
        ("startContainer", "RESOLVER", 200),
    ] {
        let result = session.call(tool, json!({"name": by}));
        assert_eq!(facts(&result)["vmid"], vmid, "{tool} {by}: {}", text(&result));
    }
    refused(&session.call("startVM", json!({"name": "green"})), &["101 is named red, not green"]);
    refused(&session.call("startVM", json!({"name": "nosuch"})), &["no guest named nosuch"]);
}

#[test]
fn an_id_with_a_name_is_held_against_the_name_that_the_guest_has_now() {
    let cluster = Cluster::toml(TWINS);
    let mut session = cluster.session();
    facts(&session.call("listVMs", json!({})));
    create(&cluster, 420, "newborn");
    name(&cluster, 101, "red");
    let call = |tool: &str, vmid: u32, name: &str| (tool.to_owned(), json!({"vmid": vmid, "name": name}));
    for (tool, arguments) in [
        call("getVM", 420, "newborn"),
        call("startVM", 420, "newborn"),
        call("startVM", 101, "red"),
        call("getVM", 101, "red"),
    ] {
        let result: Value = session.call(&tool, arguments.clone());
        assert_eq!(facts(&result)["vmid"], arguments["vmid"], "{}", text(&result));
    }
    let from = cluster.count();
    refused(&session.call("stopVM", json!({"vmid": 101, "name": "green"})), &["101 is named red, not green"]);
    refused(&session.call("startVM", json!({"vmid": 420, "name": "old"})), &["420 is named newborn, not old"]);
    refused(&session.call("deleteVM", json!({"vmid": 420, "name": "old"})), &["420 is named newborn, not old"]);
    assert!(cluster.asked_since(from).iter().all(|asked| asked.starts_with("GET ")));
}

#[test]
fn a_list_in_which_nothing_matches_says_how_old_it_may_be() {
    let cluster = Cluster::toml(TWINS);
    let mut session = cluster.session();
    for filter in [json!({"tag": "none"}), json!({"name": "nosuch"}), json!({"status": "paused"})] {
        let result = session.call("listVMs", filter.clone());
        if result["isError"] != true {
            assert!(text(&result).contains("10 s old"), "{filter}: {}", text(&result));
        }
    }
    let result = session.call("listVMs", json!({"status": "paused"}));
    assert!(text(&result).contains("10 s old"), "{}", text(&result));
    facts(&result);
}
