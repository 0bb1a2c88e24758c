//! What a list may say of guests that nobody can ask, of pools that nobody may see, and of names that are new.

use proxmox_mcp::demo::Scenario;
use serde_json::json;

use crate::{
    demo::{Cluster, facts, refused},
    session::text,
};

#[test]
fn guests_of_a_node_that_is_away_are_unknown_whatever_it_said_last() {
    let cluster = Cluster::toml(
        "cluster = 'lab'\n[[nodes]]\nname = 'pve1'\n[[nodes]]\nname = 'pve2'\n\
         [[guests]]\nvmid = 100\nstate = 'running'\n[[guests]]\nvmid = 300\nname = 'far'\nnode = 'pve2'\nstate = 'running'",
    );
    let mut session = cluster.session();
    cluster.demo.set_node_online("pve2", false);
    let list = session.call("listVMs", json!({}));
    let word = "unknown (node pve2 is offline)";
    assert_eq!(facts(&list)["guests"][1]["status"], word, "{}", text(&list));
    for half in [text(&list), facts(&list)["detail"].as_str().expect("a remark")] {
        assert!(half.contains("Node pve2 is offline") && half.contains("10 s old"), "{half}");
    }
    assert!(text(&list).contains(word), "{}", text(&list));
    let running = session.call("listVMs", json!({"status": "running"}));
    assert_eq!(facts(&running)["total"], 1, "{}", text(&running));
    assert_eq!(facts(&session.call("listVMs", json!({"status": "unknown"})))["total"], 1);
    refused(&session.call("getVM", json!({"name": "nosuch"})), &["no guest named nosuch", "Node pve2 is offline"]);
    let from = cluster.count();
    refused(&session.call("startVM", json!({"vmid": 300})), &["its node pve2 is offline", "Nothing was sent"]);
    assert!(cluster.asked_since(from).iter().all(|asked| !asked.contains("/nodes/pve2")));
}

#[test]
fn a_pool_or_tag_that_is_not_there_is_told_apart_from_one_without_guests() {
    let seen =
        Cluster::toml("pools = { shop = ['100'] }\n[[guests]]\nvmid = 100\ntags = ['web']\n[[guests]]\nvmid = 101");
    let mut session = seen.session();
    assert_eq!(facts(&session.call("listVMs", json!({"pool": "shop"})))["total"], 1);
    refused(&session.call("listVMs", json!({"pool": "shpo"})), &["There is no pool shpo; the pools are shop."]);
    let none = session.call("listVMs", json!({"tag": "wbe"}));
    assert!(text(&none).contains("has the tag wbe; the tags are web"), "{}", text(&none));
    refused(&session.call("listVMs", json!({"node": "pve9", "pool": "shop"})), &["There is no node pve9"]);
    let hidden = Cluster::toml(
        "pools = { shop = ['100'] }\n[[users]]\nid = 'mcp@pve'\n[[tokens]]\nid = 'mcp@pve!ai'\nprivsep = false\n\
         [[acl]]\nwho = 'mcp@pve'\nrole = 'PVEVMUser'\npath = '/vms'\n[[guests]]\nvmid = 100",
    );
    let list = hidden.session().call("listVMs", json!({"pool": "shop"}));
    refused(&list, &["Pool.Audit on /pool/shop is missing"]);
}

#[test]
fn a_reply_that_cannot_be_read_is_not_an_empty_one() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.session();
    for body in [r#""x""#, "{}", "[1e999]", "null", "[[]]", "[1,2]", "[null]", r#"[["qemu"]]"#] {
        cluster.demo.inject_on(None, "/cluster/resources", proxmox_mcp::demo::Fault::Raw(body.to_owned()), 1);
        let list = session.call("listVMs", json!({}));
        assert_eq!(list["isError"], true, "{body}: {}", text(&list));
    }
    // Beside rows that can be read, those that cannot are counted: no rows at all, and guests of a kind that is none.
    for odd in ["[]", "7", "null", r#"{"type":"quemu","vmid":9,"node":"pve1"}"#, r#"{"type":7,"vmid":9}"#] {
        let body = format!(r#"[{{"type":"qemu","vmid":700,"node":"pve1","name":"one","status":"stopped"}},{odd}]"#);
        let cluster = Cluster::new(Scenario::default());
        cluster.demo.inject_on(None, "/cluster/resources", proxmox_mcp::demo::Fault::Raw(body), 1);
        let list = cluster.session().call("listVMs", json!({}));
        assert_eq!(facts(&list)["total"], 1, "{odd}: {}", text(&list));
        assert!(text(&list).contains("1 row of Proxmox's list could not be read"), "{odd}: {}", text(&list));
    }
}

#[test]
fn those_who_ask_at_once_share_one_request() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.session();
    // Long enough for all to have asked before there is an answer.
    cluster.demo.inject_on(None, "/cluster/resources", proxmox_mcp::demo::Fault::Slow(2_000), 1);
    let from = cluster.count();
    let asked: Vec<_> =
        (0..32).map(|_| session.post("tools/call", json!({"name": "listVMs", "arguments": {}}))).collect();
    let answers: Vec<_> = asked.into_iter().map(|id| session.answer(id)["result"].clone()).collect();
    assert!(answers.iter().all(|answer| facts(answer) == facts(&answers[0])));
    let lists = cluster.asked_since(from).into_iter().filter(|asked| asked.contains("resources")).count();
    assert_eq!(lists, 1);
}

#[test]
fn lists_are_sorted_by_use_page_by_page_and_templates_are_picked_out() {
    let cluster = Cluster::toml(
        "cluster = 'lab'\n[[nodes]]\nname = 'pve1'\n[[nodes]]\nname = 'pve2'\n\
         [[guests]]\nvmid = 100\nstate = 'running'\n[[guests]]\nvmid = 101\n[[guests]]\nvmid = 102\nstate = 'running'\n\
         [[guests]]\nvmid = 103\ntemplate = true\n[[guests]]\nvmid = 104\nstate = 'running'\n\
         [[guests]]\nvmid = 105\nnode = 'pve2'\nstate = 'running'",
    );
    cluster.demo.set_node_online("pve2", false);
    let mut session = cluster.session();
    let mut rows = |arguments| facts(&session.call("listVMs", arguments))["guests"].as_array().expect("rows").clone();
    for (sort, key) in [("cpu", "cpuPercent"), ("memory", "memUsedMiB")] {
        let all = rows(json!({"sort": sort}));
        let used: Vec<_> = all.iter().map(|row| row[key].as_f64().unwrap_or(-1.0)).collect();
        assert_eq!(all.len(), 6);
        assert!(used.is_sorted_by(|a, b| a >= b) && used[2] > used[3], "{sort}: {used:?}");
        let ids = |rows: &[serde_json::Value]| rows.iter().map(|row| row["vmid"].as_u64()).collect::<Vec<_>>();
        // Of those of which nothing is known the order is that of their ids; the node of the last is away.
        assert_eq!(ids(&all)[3..], [Some(101), Some(103), Some(105)], "{sort}");
        let mut pages = rows(json!({"sort": sort, "limit": 4}));
        pages.extend(rows(json!({"sort": sort, "limit": 4, "cursor": pages[3]["vmid"].to_string()})));
        assert_eq!(ids(&pages), ids(&all), "{sort}");
    }
    let count = |rows: Vec<serde_json::Value>| rows.iter().filter(|row| row["template"] == true).count();
    assert_eq!((rows(json!({"template": true})).len(), count(rows(json!({"template": true})))), (1, 1));
    assert_eq!((rows(json!({"template": "false"})).len(), count(rows(json!({"template": false})))), (5, 0));
    refused(
        &session.call("listVMs", json!({"sort": "mem"})),
        &["sort: \"mem\" is not one of cpu, memory; did you mean memory?"],
    );
}

#[test]
fn a_node_that_went_offline_since_the_list_was_read_gets_no_request() {
    let toml = "cluster = 'lab'\n[[nodes]]\nname = 'pve1'\n[[nodes]]\nname = 'pve2'\n\
        [[guests]]\nvmid = 300\nname = 'far'\nnode = 'pve2'\n[[guests]]\nvmid = 301\nnode = 'pve2'\nstate = 'running'\n\
        [[guests]]\nvmid = 400\nkind = 'lxc'\nnode = 'pve2'\n";
    for arguments in [json!({"vmid": 300}), json!({"name": "far"})] {
        let cluster = Cluster::toml(toml);
        let mut session = cluster.session();
        session.call("listVMs", json!({}));
        cluster.demo.set_node_online("pve2", false);
        let from = cluster.count();
        refused(&session.call("startVM", arguments), &["its node pve2 is offline", "Nothing was sent"]);
        refused(
            &session.call("startContainer", json!({"vmid": 400})),
            &["its node pve2 is offline", "Nothing was sent"],
        );
        refused(&session.call("stopVM", json!({"vmid": 301})), &["pve2 is offline", "Nothing was sent"]);
        assert!(
            cluster.asked_since(from).iter().all(|asked| asked.starts_with("GET ")),
            "{:?}",
            cluster.asked_since(from)
        );
    }
}
