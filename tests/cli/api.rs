//! The whole API from the command line.

use serde_json::Value;

use super::{ends, err, out, run};

#[test]
fn the_whole_api_is_found_explained_and_called() {
    let found = run(&["--demo", "api", "search", "back", "up", "a", "VM", "--limit", "3"]);
    ends(&found, 0);
    assert!(out(&found).contains("post_nodes_node_vzdump") && out(&found).lines().count() == 3, "{}", out(&found));
    let json = run(&["--demo", "api", "search", "back up a VM", "--json", "--risk", "read"]);
    let hits: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert!(
        hits["hits"].as_array().is_some_and(|hits| hits.iter().all(|hit| hit["risk"].to_string().contains("read")))
    );
    let told = run(&["--demo", "api", "describe", "post_nodes_node_qemu_vmid_clone"]);
    assert!(out(&told).contains("newid: integer"), "{}", out(&told));
    let one = run(&["--demo", "api", "describe", "put_nodes_node_qemu_vmid_config", "--parameter", "net0"]);
    assert!(out(&one).starts_with("net[n]: "), "{}", out(&one));
    let name = run(&["--demo", "api", "call", "get_nodes_node_qemu_vmid_config", "vmid=shop-web", "--fields", "name"]);
    assert_eq!(out(&name), "name: shop-web\n");
    let path = run(&["--demo", "api", "call", "GET /nodes/pve1/qemu/100/config", "--json"]);
    let data: Value = serde_json::from_slice(&path.stdout).expect("JSON");
    assert_eq!(data["data"]["name"], "shop-web");
    let set = run(&["--demo", "api", "call", "put_nodes_node_qemu_vmid_config", "vmid=110", "memory=1024"]);
    ends(&set, 0);
    assert!(out(&set).contains("memory: 1024") || out(&set).contains("memory = 1024"), "{}", out(&set));
    let wrong = run(&["--demo", "api", "call", "put_nodes_node_qemu_vmid_config", "vmid=110", "memroy=1"]);
    ends(&wrong, 2);
    assert!(err(&wrong).contains("did you mean memory?"), "{}", err(&wrong));
    ends(&run(&["--demo", "api", "call", "get_nodes", "vmid"]), 2);
    // The plan is typed again with its code.
    let delete = ["api", "call", "delete_nodes_node_qemu_vmid", "vmid=110"];
    let plan = run(&[&["--demo"], &delete[..]].concat());
    ends(&plan, 1);
    let typed = "type within 5 minutes: proxmox-mcp --demo api call delete_nodes_node_qemu_vmid vmid=110 confirm=";
    assert!(err(&plan).contains(typed), "{}", err(&plan));
    let dry = run(&[&["--demo"], &delete[..], &["--dry-run"]].concat());
    ends(&dry, 0);
    assert!(out(&dry).contains("withheld  DELETE /nodes/pve1/qemu/110"), "{}", out(&dry));
    let off = run(&["--demo", "--toolsets", "guests", "api", "call", "get_nodes"]);
    ends(&off, 2);
    assert!(err(&off).contains("no tool callApi"), "{}", err(&off));
}
