//! Advice that was tried: no sentence names a tool that would be refused.

use serde_json::json;

use crate::{demo::Cluster, session::text};

const TOOLS: [&str; 12] = [
    "listVMs",
    "getVM",
    "startVM",
    "stopVM",
    "restartVM",
    "deleteVM",
    "listContainers",
    "getContainer",
    "startContainer",
    "stopContainer",
    "restartContainer",
    "deleteContainer",
];

const GUESTS: &str = "[[guests]]\nvmid = 100\nname = 'web'\nstate = 'running'\n[[guests]]\nvmid = 101\nname = 'off'\n\
    [[guests]]\nvmid = 102\nname = 'tpl'\ntemplate = true\n[[guests]]\nvmid = 103\nname = 'lck'\nlock = 'backup'\nstate = 'running'\n\
    [[guests]]\nvmid = 104\nname = 'deaf'\nstate = 'running'\nstubborn = true\nuptime = 9999\n\
    [[guests]]\nvmid = 105\nname = 'mgd'\nstate = 'running'\nha = 'started'\n\
    [[guests]]\nvmid = 200\nkind = 'lxc'\nname = 'ct'\nstate = 'running'\n\
    [[guests]]\nvmid = 201\nkind = 'lxc'\nname = 'idle'\n";

/// Every tool on every guest, and on some that are not there; what a text says must not be a call of one that is closed.
fn held(cluster: &Cluster, args: &[&str], env: &[(&str, &str)], closed: &[&str]) {
    let mut session = cluster.start(args, env).legacy("2025-06-18", json!({}));
    let ids = [100, 101, 102, 103, 104, 105, 200, 201, 999].map(|vmid| json!({"vmid": vmid}));
    let named = [json!({"name": "nosuch"}), json!({"name": "ct"}), json!({"vmid": 100, "node": "pve9"}), json!({})];
    for tool in TOOLS.iter().filter(|tool| !closed.contains(tool) && !tool.starts_with("list")) {
        for target in ids.iter().chain(&named) {
            let mut target = target.clone();
            if !tool.starts_with("get") {
                target["timeout"] = json!(2);
            }
            let result = session.call(tool, target.clone());
            let said = text(&result);
            for other in closed {
                // `startVM` is part of `restartVM`.
                let words = said.split(|c: char| !c.is_ascii_alphanumeric());
                assert!(words.into_iter().all(|word| word != *other), "{args:?} {tool} {target} names {other}: {said}");
            }
        }
    }
}

#[test]
fn no_sentence_names_a_tool_that_a_rule_denies() {
    let cluster = Cluster::toml(GUESTS);
    for pair in ["start", "stop", "restart", "delete", "get"] {
        let closed = [format!("{pair}VM"), format!("{pair}Container")];
        let rules = closed.iter().map(|tool| format!("tool:{tool}")).collect::<Vec<_>>().join(",");
        let closed: Vec<&str> = closed.iter().map(String::as_str).collect();
        held(&cluster, &["--deny", &rules], &[], &closed);
    }
    held(&cluster, &["--deny", "tool:listVMs,tool:listContainers"], &[], &["listVMs", "listContainers"]);
    let destroys: Vec<&str> = TOOLS
        .into_iter()
        .filter(|tool| ["stop", "restart", "delete"].iter().any(|deed| tool.starts_with(deed)))
        .collect();
    held(&cluster, &["--disable-destructive"], &[], &destroys);
    let changes: Vec<&str> = destroys.iter().copied().chain(["startVM", "startContainer"]).collect();
    held(&cluster, &["--read-only"], &[], &changes);
}

#[test]
fn no_sentence_names_a_tool_that_the_token_lacks_the_privilege_for() {
    let cluster = Cluster::toml(&format!(
        "[roles]\nLooks = ['VM.Audit', 'VM.Allocate']\n[[users]]\nid = 'mcp@pve'\n[[tokens]]\nid = 'mcp@pve!ai'\nprivsep = false\n\
         [[acl]]\nwho = 'mcp@pve'\nrole = 'Looks'\npath = '/vms'\n{GUESTS}"
    ));
    let power = ["startVM", "stopVM", "restartVM", "startContainer", "stopContainer", "restartContainer"];
    held(&cluster, &[], &[("PROXMOX_MCP_SHOW_ALL", "false")], &power);
}
