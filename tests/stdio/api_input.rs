//! callApi and what is wrong with a call: one clear answer with all that is wrong, and nothing sent. What a caller may write
//! instead of what PVE takes is understood.

use serde_json::{Value, json};

use crate::{
    demo::{Cluster, facts, refused},
    session::{Session, text},
};

fn cluster() -> Cluster {
    Cluster::toml(
        "cluster = 'lab'\npools = { shop = ['100'] }\n[[nodes]]\nname = 'pve1'\n[[nodes]]\nname = 'pve2'\n\
         [[guests]]\nvmid = 100\nname = 'web'\nstate = 'running'\n[[guests]]\nvmid = 101\nname = 'db'\nnode = 'pve2'\n\
         [[guests]]\nvmid = 102\nname = 'kept'\nstate = 'running'\ntags = ['mcp-protected']\n\
         [[guests]]\nvmid = 103\nname = 'twin'\n[[guests]]\nvmid = 104\nname = 'twin'\n\
         [[guests]]\nvmid = 200\nkind = 'lxc'\nname = 'ct'",
    )
}

fn open(cluster: &Cluster, args: &[&str], env: &[(&str, &str)]) -> Session {
    cluster.start(args, env).legacy("2025-06-18", json!({}))
}

fn call(session: &mut Session, id: &str, arguments: Value) -> Value {
    session.call("callApi", json!({"id": id, "arguments": arguments}))
}

/// Whatever was asked beyond looking at what there is: the lists by which guests are found, and the token's privileges.
fn sent(cluster: &Cluster, from: usize) -> Vec<String> {
    let looks = ["GET /cluster/resources", "GET /access/permissions", "GET /version"];
    let asked = cluster.asked_since(from).into_iter();
    asked.filter(|asked| !looks.iter().any(|look| asked == look)).collect()
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn all_that_is_wrong_is_said_at_once_and_nothing_is_sent() {
    let cluster = cluster();
    let mut session = open(&cluster, &[], &[]);
    let from = cluster.count();
    for (id, arguments, says) in [
        // An unknown id, and a path that is not exact.
        ("get_nodes_node_qemuu", json!({}), &["There is no method", "ids most like it: get_nodes_node_qemu,"][..]),
        ("GET /nodes/pve1/qemux/100", json!({}), &["There is no method"]),
        // Several at once, and what was probably meant.
        (
            "put_nodes_node_qemu_vmid_config",
            json!({"memroy": 1, "cores": 0, "net0": "virtoi", "ostype": "l2"}),
            &[
                "memroy is no parameter of it; did you mean memory?",
                "cores: value must have a minimum value of 1",
                "net0: ",
                "ostype: value 'l2' does not have a value in the enumeration",
                "did you mean l24?",
                "vmid is missing",
            ],
        ),
        ("put_nodes_node_qemu_vmid_config", json!({"vmid": [1], "memory": 1}), &["vmid: "]),
        ("get_nodes_node_storage", json!({"node": "a/../b"}), &["node: ", "invalid format"]),
        // A body where PVE takes a query.
        (
            "get_nodes_node_tasks",
            json!({"node": "pve1", "body": {"limit": 3}}),
            &["takes no body here", "directly into arguments"],
        ),
        ("get_nodes_node_tasks", json!({"node": "pve1", "query": {"limit": 3}}), &["directly into arguments"]),
        // What would lead to another path.
        ("get_storage_storage", json!({"storage": "../x"}), &["storage: "]),
        ("get_pools_poolid", json!({"poolid": "a?b"}), &["poolid: "]),
        ("delete_cluster_ha_resources_sid", json!({"sid": "vm:1/../../x"}), &[]),
        (
            "delete_nodes_node_storage_storage_content_volume",
            json!({"node": "pve1", "storage": "local", "volume": "local:iso/../../../x"}),
            &["volume: "],
        ),
        (
            "delete_nodes_node_storage_storage_content_volume",
            json!({"node": "pve1", "storage": "local", "volume": "local:iso/x%2Fy"}),
            &["volume: "],
        ),
        // A megabyte.
        (
            "put_nodes_node_qemu_vmid_config",
            json!({"vmid": 100, "description": "x".repeat(1 << 20)}),
            &["description: "],
        ),
        ("get_nodes_node_tasks", json!({"node": "pve1", ("x".repeat(1 << 20)): "y"}), &["is no parameter of it"]),
        (
            "post_nodes_node_qemu",
            json!({"node": "pve1", "vmid": 300, "args": "x".repeat(1 << 20)}),
            &["PROXMOX_MCP_API=all"],
        ),
        // Names of nobody, and of several.
        ("post_nodes_node_vzdump", json!({"vmid": "nosuch", "remove": 0}), &["no guest named nosuch"]),
        (
            "post_nodes_node_vzdump",
            json!({"vmid": ["web", "twin"], "remove": 0}),
            &["Several guests are named twin: 103, 104"],
        ),
        (
            "post_nodes_node_vzdump",
            json!({"vmid": ["web", "db"], "remove": 0}),
            &["several nodes: 100 (pve1), 101 (pve2)"],
        ),
    ] {
        let reply = call(&mut session, id, arguments);
        let said = refused(&reply, says);
        assert!(said.len() < 1_500, "{id}: {} characters", said.len());
        assert_eq!(sent(&cluster, from), Vec::<String>::new(), "{id}");
    }
    // Text that is no object, and a cursor that is none.
    for (arguments, says) in [
        (json!({"id": "get_nodes", "arguments": "vmid 100"}), "arguments"),
        (json!({"id": "get_nodes", "arguments": 7}), "arguments"),
        (json!({"id": "get_nodes", "cursor": "next"}), "is no cursor"),
        (json!({"id": 7}), "There is no method"),
        (json!({}), "There is no method"),
    ] {
        refused(&session.call("callApi", arguments), &[says]);
    }
    assert_eq!(sent(&cluster, from), Vec::<String>::new());
}

#[test]
fn what_a_caller_may_write_is_understood() {
    let cluster = cluster();
    let mut session = open(&cluster, &[], &[]);
    // A path with values, arguments as text.
    let path = session.call("callApi", json!({"id": "GET /nodes/pve2/qemu/101/config", "arguments": "{}"}));
    assert_eq!(facts(&path)["data"]["name"], "db", "{}", text(&path));
    // Several ids where PVE takes a list, by number or name, and the node is theirs.
    let from = cluster.count();
    for vmid in [json!([100, "web"]), json!("100,web"), json!("WEB"), json!(100)] {
        let backup =
            call(&mut session, "post_nodes_node_vzdump", json!({"vmid": vmid, "remove": false, "storage": "local"}));
        assert_ne!(backup["isError"], true, "{vmid}: {}", text(&backup));
    }
    let backups = sent(&cluster, from).iter().filter(|asked| *asked == "POST /nodes/pve1/vzdump").count();
    assert_eq!(backups, 4, "{:?}", sent(&cluster, from));
    // The node of a task stands in its id.
    let start = call(&mut session, "post_nodes_node_qemu_vmid_status_start", json!({"vmid": "db"}));
    let upid = facts(&start)["upid"].as_str().expect("a task").to_owned();
    let status = call(&mut session, "get_nodes_node_tasks_upid_status", json!({"upid": upid}));
    assert_eq!(facts(&status)["data"]["type"], "qmstart", "{}", text(&status));
    // Fields that there are none of are said to be none.
    let fields = session.call("callApi", json!({"id": "get_nodes", "fields": "node,colour"}));
    assert!(text(&fields).contains("Nothing here has colour; there are "), "{}", text(&fields));
}

#[test]
fn what_the_token_has_no_right_for_is_not_sent() {
    let cluster = Cluster::toml(
        "[[nodes]]\nname = 'pve1'\n[[users]]\nid = 'mcp@pve'\npassword = 'x'\n[[tokens]]\nid = 'mcp@pve!ai'\nprivsep = false\n\
         [roles]\nSee = ['VM.Audit', 'VM.PowerMgmt']\n[[acl]]\npath = '/vms'\nwho = 'mcp@pve'\nrole = 'See'\n[[guests]]\nvmid = 100\nname = 'web'",
    );
    let mut session = open(&cluster, &[], &[]);
    let from = cluster.count();
    let denied = call(&mut session, "post_nodes_node_qemu_vmid_clone", json!({"vmid": 100, "newid": 300}));
    refused(&denied, &["The token lacks VM.Clone on /vms/100", "Nothing was sent"]);
    assert_eq!(denied["structuredContent"]["error"]["kind"], "permission");
    assert!(sent(&cluster, from).iter().all(|asked| asked.starts_with("GET ")), "{:?}", sent(&cluster, from));
    let hits = session.call("searchApi", json!({"query": "clone a virtual machine"}));
    let hits = facts(&hits)["hits"].as_array().expect("hits").clone();
    let clone = hits.iter().find(|hit| hit["id"] == "post_nodes_node_qemu_vmid_clone").expect("it is found");
    assert!(clone["closed"].as_str().is_some_and(|why| why.contains("lacks VM.Clone")), "{clone}");
    let told = session.call("describeApi", json!({"id": "post_nodes_node_qemu_vmid_clone"}));
    assert!(text(&told).contains("The token lacks VM.Clone on /vms/{vmid}"), "{}", text(&told));
    assert_eq!(
        facts(&call(&mut session, "post_nodes_node_qemu_vmid_status_start", json!({"vmid": 100})))["outcome"],
        "done"
    );
}

#[test]
fn a_parameter_of_another_release_is_not_sent() {
    let cluster = Cluster::toml("release = '8.4.1'\n[[nodes]]\nname = 'pve1'\n[[guests]]\nvmid = 100\nname = 'web'");
    let mut session = open(&cluster, &[], &[]);
    let from = cluster.count();
    let newer = call(&mut session, "put_nodes_node_qemu_vmid_config", json!({"vmid": 100, "allow-ksm": true}));
    refused(&newer, &["allow-ksm", "8.4"]);
    assert_eq!(sent(&cluster, from).iter().filter(|asked| !asked.starts_with("GET ")).count(), 0);
    let whole = call(&mut session, "get_cluster_bulk_action", json!({}));
    refused(&whole, &["8.4"]);
}

#[test]
fn a_protected_guest_is_not_stopped_in_company() {
    let cluster = cluster();
    let from = cluster.count();
    let mut session = open(&cluster, &[], &[("PROXMOX_MCP_API", "all")]);
    for (id, arguments) in [
        ("post_nodes_node_stopall", json!({"node": "pve1"})),
        ("post_nodes_node_stopall", json!({"node": "pve1", "vms": "100,kept"})),
        ("post_cluster_bulk_action_guest_shutdown", json!({})),
        ("post_nodes_node_status", json!({"node": "pve1", "command": "reboot"})),
        ("post_nodes_node_vzdump", json!({"vmid": 102, "mode": "stop", "remove": 0})),
        ("put_cluster_ha_resources_sid", json!({"sid": "vm:102", "state": "stopped"})),
    ] {
        refused(&call(&mut session, id, arguments), &["protected tag mcp-protected", "VM 102 (kept) on pve1"]);
    }
    // Starting one takes nothing from it.
    let start = call(&mut session, "post_nodes_node_qemu_vmid_status_start", json!({"vmid": 102}));
    assert!(!text(&start).contains("protected tag"), "{}", text(&start));
    let writes: Vec<String> = sent(&cluster, from).into_iter().filter(|asked| !asked.starts_with("GET ")).collect();
    assert!(writes.iter().all(|asked| asked.ends_with("/status/start")), "{writes:?}");
}

#[test]
fn a_plan_names_the_guests_and_what_would_be_lost() {
    let cluster = cluster();
    let from = cluster.count();
    let mut session = open(&cluster, &["--disable-destructive"], &[("PROXMOX_MCP_API", "all")]);
    // Whatever its arguments say, this one takes locks off every guest of the node.
    let start = call(&mut session, "post_nodes_node_startall", json!({"node": "pve1", "vms": "100"}));
    refused(&start, &["Guests that it touches (5)", "VM 103 (twin)", "container 200 (ct)"]);
    let bulk = call(&mut session, "post_cluster_bulk_action_guest_start", json!({"vms": ["web", 101]}));
    refused(&bulk, &["Guests that it touches (2): VM 100 (web) on pve1, VM 101 (db) on pve2"]);
    refused(&call(&mut session, "post_cluster_bulk_action_guest_start", json!({})), &["Guests that it touches (6)"]);
    refused(&call(&mut session, "post_nodes_node_stopall", json!({"node": "pve2"})), &["--disable-destructive"]);
    let mut session = open(&cluster, &[], &[("PROXMOX_MCP_API", "all"), ("PROXMOX_MCP_PROTECTED_TAG", "nobody")]);
    let reboot = call(&mut session, "post_nodes_node_status", json!({"node": "pve1", "command": "reboot"}));
    refused(&reboot, &["Guests that it touches (2): VM 100 (web) on pve1, VM 102 (kept) on pve1", "command=reboot"]);
    let pool = call(&mut session, "delete_pools_poolid", json!({"poolid": "shop"}));
    refused(&pool, &["DELETE /pools/shop", "no other call brings back"]);
    let option = call(&mut session, "put_nodes_node_qemu_vmid_config", json!({"vmid": 100, "delete": "name"}));
    refused(&option, &["What it takes away or changes: name = web"]);
    let writes: Vec<String> = sent(&cluster, from).into_iter().filter(|asked| !asked.starts_with("GET ")).collect();
    assert_eq!(writes, Vec::<String>::new());
}

#[test]
fn rules_are_held_where_methods_are_found_explained_and_called() {
    let cluster = cluster();
    let mut session = open(&cluster, &["--deny", "api:DELETE /nodes/*/qemu/*"], &[]);
    let told = session.call("describeApi", json!({"id": "delete_nodes_node_qemu_vmid"}));
    assert!(text(&told).contains("Denied here: deny api:DELETE /nodes/*/qemu/*."), "{}", text(&told));
    let hits = session.call("searchApi", json!({"query": "delete a virtual machine"}));
    let hits = facts(&hits)["hits"].as_array().expect("hits").clone();
    let hit = hits.iter().find(|hit| hit["id"] == "delete_nodes_node_qemu_vmid").expect("it is found");
    assert!(hit["closed"].as_str().is_some_and(|why| why.contains("deny api:DELETE")), "{hit}");
    refused(&call(&mut session, "delete_nodes_node_qemu_vmid", json!({"vmid": 100})), &["deny api:DELETE"]);
    // A rule on guests is kept where a call on many names them.
    let mut session = open(&cluster, &["--deny", "tag:mcp-protected,vmid:101"], &[]);
    let one = call(&mut session, "post_nodes_node_vzdump", json!({"vmid": "web", "remove": 0, "storage": "local"}));
    assert_ne!(one["isError"], true, "{}", text(&one));
    refused(&call(&mut session, "post_nodes_node_vzdump", json!({"vmid": "db", "remove": 0})), &["deny vmid:101"]);
    refused(
        &call(&mut session, "post_nodes_node_vzdump", json!({"node": "pve2", "all": 1, "remove": 0})),
        &["not about one guest"],
    );
}
