//! Each rule and each switch, at the door: who is denied is told by which rule, and nothing is changed.

use proxmox_mcp::demo::Scenario;
use serde_json::json;

use crate::{
    demo::{Cluster, facts, refused},
    session::Session,
};

fn started(cluster: &Cluster, args: &[&str]) -> Session {
    cluster.start(args, &[]).legacy("2025-06-18", json!({}))
}

/// Whatever of this may change a guest.
fn changes(cluster: &Cluster) -> Vec<String> {
    let asked = cluster.asked_since(0);
    asked.into_iter().filter(|asked| !asked.starts_with("GET")).collect()
}

#[test]
fn each_deny_rule_denies_and_is_named() {
    let cluster = Cluster::new(Scenario::default());
    for (rule, early) in
        [("tool:stopVM", true), ("vmid:100", true), ("node:pve1", true), ("pool:shop", false), ("tag:web", false)]
    {
        let mut session = started(&cluster, &["--deny", rule]);
        let from = cluster.count();
        let result = session.call("stopVM", json!({"vmid": 100, "node": "pve1"}));
        refused(&result, &[&format!("deny {rule}")]);
        assert_eq!(result["structuredContent"]["rule"], format!("deny {rule}"));
        if early {
            assert_eq!(cluster.count(), from, "{rule} is looked at before anything is sent");
        }
    }
    let mut session = started(&cluster, &["--deny", "vmid:100-150"]);
    refused(&session.call("stopVM", json!({"name": "shop-web"})), &["deny vmid:100-150"]);
    assert_eq!(changes(&cluster), Vec::<String>::new());
}

#[test]
fn each_allow_rule_denies_what_it_does_not_name() {
    let cluster = Cluster::new(Scenario::default());
    for rule in ["tool:getVM", "vmid:110-120", "node:pve2", "pool:nosuch", "tag:test"] {
        let mut session = started(&cluster, &["--allow", rule]);
        refused(&session.call("stopVM", json!({"vmid": 100})), &[&format!("allow {rule}"), "Nothing was changed"]);
    }
    assert_eq!(changes(&cluster), Vec::<String>::new());
    let allowed = ["--allow", "tool:startVM", "--allow", "vmid:110-120", "--allow", "node:pve1", "--allow", "tag:test"];
    let result = started(&cluster, &allowed).call("startVM", json!({"vmid": 110}));
    assert_eq!(facts(&result)["outcome"], "done");
}

#[test]
fn the_switches_leave_only_what_they_say() {
    let cluster = Cluster::new(Scenario::default());
    for (switch, left) in [("--read-only", 4), ("--disable-destructive", 6)] {
        let mut session = started(&cluster, &[switch]);
        let tools = session.request("tools/list", json!({}))["result"]["tools"].clone();
        assert_eq!(tools.as_array().map(Vec::len), Some(left), "{switch}");
        let from = cluster.count();
        for tool in ["stopVM", "restartVM", "deleteVM", "stopContainer", "restartContainer", "deleteContainer"] {
            refused(&session.call(tool, json!({"vmid": 100})), &[switch, tool]);
        }
        assert_eq!(cluster.count(), from, "{switch}: nothing was sent");
    }
}

#[test]
fn a_pool_that_the_token_may_not_see_cannot_be_denied_in_part() {
    let toml = "pools = { shop = ['100'] }\n[[users]]\nid = 'mcp@pve'\n[[tokens]]\nid = 'mcp@pve!ai'\nprivsep = false\n\
        [[acl]]\nwho = 'mcp@pve'\nrole = 'PVEVMAdmin'\npath = '/vms'\n\
        [[guests]]\nvmid = 100\nstate = 'running'\n[[guests]]\nvmid = 101";
    let cluster = Cluster::toml(toml);
    let mut session = started(&cluster, &["--deny", "pool:shop"]);
    for (tool, arguments) in [("stopVM", json!({"vmid": 100})), ("getVM", json!({"vmid": 101})), ("listVMs", json!({}))]
    {
        refused(&session.call(tool, arguments), &["deny pool:shop", "Pool.Audit on /pool/shop is missing"]);
    }
    assert_eq!(cluster.demo.is_running(100), Some(true));
    let mut session = started(&cluster, &["--deny", "pool:shop"]);
    cluster.demo.inject_on(
        None,
        "/access/permissions",
        proxmox_mcp::demo::Fault::Gateway(595, "No route to host".into()),
        99,
    );
    let down = session.call("getVM", json!({"vmid": 101}));
    assert!(!refused(&down, &["No route to host"]).contains("Pool.Audit"), "what is not known is not said");
    let seeing = format!("{toml}\n[[acl]]\nwho = 'mcp@pve'\nrole = 'PVEPoolUser'\npath = '/pool/shop'");
    let cluster = Cluster::toml(&seeing);
    let mut session = started(&cluster, &["--deny", "pool:shop"]);
    let result = session.call("stopVM", json!({"vmid": 100}));
    refused(&result, &["deny pool:shop denies"]);
    assert_eq!(facts(&session.call("startVM", json!({"vmid": 101})))["outcome"], "done");
}

/// Texts that try to be more than they are.
fn hostile() -> Vec<String> {
    let long = "a".repeat(10_000);
    let texts = [
        "pve1/qemu/102/status/stop#",
        "..",
        "../..",
        "%2e%2e",
        "pve1%2Fqemu%2F102",
        "pve1\u{0}",
        "pve1\r\nX: y",
        "pve1?x=1",
        "pve1;x",
        "pvé1",
        "",
        &long,
    ];
    texts.map(str::to_owned).to_vec()
}

#[test]
fn no_text_of_a_call_reaches_the_network() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.session();
    let from = cluster.count();
    for text in hostile().into_iter().filter(|text| !text.is_empty()) {
        for tool in [
            "getVM",
            "startVM",
            "stopVM",
            "restartVM",
            "deleteVM",
            "getContainer",
            "startContainer",
            "stopContainer",
            "restartContainer",
            "deleteContainer",
        ] {
            let refusal = refused(&session.call(tool, json!({"name": text})), &[tool]).len();
            assert!(refusal < 250, "{tool}");
            refused(&session.call(tool, json!({"vmid": 100, "node": text})), &["node"]);
            refused(&session.call(tool, json!({"vmid": text})), &["vmid"]);
            refused(&session.call(tool, json!({"vmid": 100, "node": format!(" {text}")})), &["is not a node name"]);
        }
        for tool in ["listVMs", "listContainers"] {
            for argument in ["node", "name", "tag", "pool", "status", "cursor", "detail"] {
                refused(&session.call(tool, json!({argument: text})), &[argument]);
            }
        }
        refused(&session.call("stopVM", json!({"vmid": 100, "mode": text})), &["mode"]);
        refused(&session.call("restartVM", json!({"vmid": 100, "mode": text})), &["mode"]);
    }
    for arguments in [
        json!({"vmid": -100}),
        json!({"vmid": [100]}),
        json!({"vmid": {"id": 100}}),
        json!({"vmid": 1e300}),
        json!({"vmid": "100/../101"}),
        json!({"vmid": 100, "skiplock": 1}),
        json!({}),
    ] {
        refused(&session.call("stopVM", arguments), &["stopVM was not called"]);
    }
    // An empty text says nothing: no guest, no mode, no filter.
    for tool in ["startVM", "stopContainer", "deleteVM"] {
        refused(&session.call(tool, json!({"vmid": "", "name": "", "node": ""})), &["vmid: \"\""]);
        refused(&session.call(tool, json!({"name": "", "node": ""})), &["vmid or name is needed"]);
    }
    assert_eq!(cluster.count(), from, "none of them reached the network");
    // A code is compared, too; what comes of it is a new plan.
    for text in hostile().into_iter().filter(|text| !text.is_empty()) {
        refused(&session.call("deleteVM", json!({"vmid": 110, "confirm": text})), &["not for this guest"]);
    }
    let sent = cluster.asked_since(from);
    assert!(sent.iter().all(|asked| asked.starts_with("GET ") && !asked.contains('%')), "{sent:?}");
}
