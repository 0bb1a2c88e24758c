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

/// Requests so far, when what a server asks at its start is among them: whether the node or the pool of a rule is there.
fn settled(cluster: &Cluster, rule: &str) -> usize {
    let before = cluster.asked_since(0).iter().filter(|asked| *asked == "GET /cluster/resources").count();
    let named = rule.starts_with("node:") || rule.starts_with("pool:");
    while named && cluster.asked_since(0).iter().filter(|asked| *asked == "GET /cluster/resources").count() == before {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    cluster.count()
}

#[test]
fn each_deny_rule_denies_and_is_named() {
    let cluster = Cluster::new(Scenario::default());
    for (rule, early) in
        [("tool:stopVM", true), ("vmid:100", true), ("node:pve1", true), ("pool:shop", false), ("tag:web", false)]
    {
        let mut session = started(&cluster, &["--deny", rule]);
        let from = settled(&cluster, rule);
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
    for (switch, left) in [("--read-only", 7), ("--disable-destructive", 9)] {
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

#[test]
fn rules_and_protected_tags_are_separated_by_commas() {
    let cluster = Cluster::new(Scenario::default());
    cluster.demo.set_option(110, "tags", Some("keep;Lab"));
    for (args, env) in [
        (&["--deny", "tag:web,tag:lab"][..], &[][..]),
        (&["--deny", "vmid:100,node:pve2,vmid:110"], &[]),
        (&[], &[("PROXMOX_MCP_DENY", "tag:WEB, tag:lab")]),
        (&[], &[("PROXMOX_MCP_PROTECTED_TAG", "web,keep")]),
        (&[], &[("PROXMOX_MCP_PROTECTED_TAG", "Web; KEEP")]),
    ] {
        let mut session = cluster.start(args, env).legacy("2025-06-18", json!({}));
        for vmid in [100, 110] {
            let said = session.call("stopVM", json!({"vmid": vmid}));
            refused(&said, &["stopVM was not carried out: the rule"]);
            assert!(said["structuredContent"]["rule"].as_str().is_some_and(|rule| !rule.contains(',')), "{said}");
        }
    }
    assert_eq!(changes(&cluster), Vec::<String>::new());
}

#[test]
fn a_rule_on_a_pool_holds_for_the_pools_within_it() {
    let toml = "pools = { shop = [], 'shop/db' = ['100'], shopping = ['101'] }\n[[guests]]\nvmid = 100\nstate = 'running'\n\
                [[guests]]\nvmid = 101\nstate = 'running'";
    let cluster = Cluster::toml(toml);
    let mut session = started(&cluster, &["--deny", "pool:shop"]);
    refused(&session.call("stopVM", json!({"vmid": 100})), &["deny pool:shop"]);
    assert_eq!(facts(&session.call("stopVM", json!({"vmid": 101})))["outcome"], "done");
}

#[test]
fn a_rule_that_can_match_nothing_is_refused_at_the_start() {
    for (option, variable, value, why) in [
        ("--deny", "PROXMOX_MCP_DENY", "tag:prod web", "is not a tag"),
        ("--deny", "PROXMOX_MCP_DENY", "tag:prod,db", "is not tool:NAME"),
        ("--deny", "PROXMOX_MCP_DENY", "node:pve_1", "a node name has letters"),
        ("--deny", "PROXMOX_MCP_DENY", "tag:größe", "is not a tag"),
        ("--allow", "PROXMOX_MCP_ALLOW", "pool:a b", "a pool name has letters"),
        ("--allow", "PROXMOX_MCP_ALLOW", "tool:startvm", "did you mean startVM?"),
        ("", "PROXMOX_MCP_PROTECTED_TAG", "keep out", "is not a tag"),
        ("", "PROXMOX_MCP_PROTECTED_TAG", ",", "it names no tag"),
        ("", "PROXMOX_MCP_DENY", ",", "is not tool:NAME"),
        ("--deny", "PROXMOX_MCP_DENY", "api:storage", "a path begins with /"),
        ("--deny", "PROXMOX_MCP_DENY", "api:PATCH /storage", "GET, POST, PUT and DELETE"),
        ("--allow", "PROXMOX_MCP_ALLOW", "api:/nodes/pve*/qemu", "a whole part of the path"),
    ] {
        let typed = (!option.is_empty()).then(|| crate::session::program(&["--demo", option, value], &[]));
        let set = crate::session::program(&["--demo"], &[(variable, value)]);
        for mut command in typed.into_iter().chain([set]) {
            let output = command.stdin(std::process::Stdio::null()).output().expect("the program");
            let said = String::from_utf8(output.stderr).expect("text");
            assert!(!output.status.success() && said.contains(why), "{value}: {said}");
        }
    }
}

#[test]
fn a_rule_on_a_node_or_a_pool_that_is_not_there_is_told_at_the_start_and_by_doctor() {
    let cluster = Cluster::new(Scenario::default());
    let rules = ["--deny", "node:nosuch,node:PVE1,pool:shop", "--allow", "pool:shp,node:pve1"];
    let told = [
        "the rule deny node:nosuch matches nothing: there is no node nosuch; the nodes are pve1",
        "the rule deny node:PVE1 matches nothing: there is no node PVE1",
        "the rule allow pool:shp matches nothing: there is no pool shp; the pools are",
    ];
    let mut session = started(&cluster, &rules);
    let log: Vec<_> = (0..3).map(|_| session.logged("matches nothing")).collect();
    for what in told {
        assert!(log.iter().any(|line| line.contains(what)), "{what}: {log:?}");
    }
    assert!(
        log.iter().any(|line| line.contains("did you mean pve1?"))
            && log.iter().any(|line| line.contains("did you mean shop?"))
    );
    let env = cluster.env();
    let env: Vec<_> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for (command, out) in [(&["doctor"][..], true), (&["call", "listVMs"], false)] {
        let args: Vec<_> = command.iter().chain(&rules).copied().collect();
        let output = crate::session::program(&args, &env).output().expect("the program");
        let said = String::from_utf8(if out { output.stdout } else { output.stderr }).expect("text");
        for what in told {
            assert!(said.contains(what), "{what}: {said}");
        }
        assert!(!said.contains("pool:shop matches"), "{said}");
    }
    // What is there is told to be there.
    let output = crate::session::program(&["doctor", "--deny", "node:pve1,pool:shop"], &env).output().expect("doctor");
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(said.contains("every node, pool and method that rules name is there"), "{said}");
}

#[test]
fn a_rule_on_methods_holds_for_every_tool_that_may_call_them() {
    let cluster = Cluster::new(Scenario::default());
    let call = |rules: &[&str], id: &str, arguments: serde_json::Value| {
        let mut session = started(&cluster, rules);
        session.call("callApi", json!({"id": id, "arguments": arguments}))
    };
    let deny = &["--deny", "api:DELETE /nodes/*/qemu/*"][..];
    refused(&call(deny, "delete_nodes_node_qemu_vmid", json!({"vmid": 100})), &["deny api:DELETE /nodes/*/qemu/*"]);
    assert_eq!(facts(&call(deny, "get_nodes_node_qemu_vmid_config", json!({"vmid": 100})))["outcome"], "done");
    // What stands in the place of a placeholder counts, too.
    let deny = &["--deny", "api:/nodes/*/qemu/100/*,api:/nodes/pve2/storage"][..];
    refused(&call(deny, "get_nodes_node_qemu_vmid_config", json!({"vmid": 100})), &["deny api:/nodes/*/qemu/100/*"]);
    refused(&call(deny, "get_nodes_node_storage", json!({"node": "pve2"})), &["deny api:/nodes/pve2/storage"]);
    assert_eq!(facts(&call(deny, "get_nodes_node_storage", json!({"node": "pve1"})))["outcome"], "done");
    let allow = &["--allow", "api:/nodes/*/qemu/*"][..];
    assert_eq!(facts(&call(allow, "get_nodes_node_qemu_vmid_config", json!({"vmid": 100})))["outcome"], "done");
    refused(&call(allow, "get_storage", json!({})), &["allow api:/nodes/*/qemu/*"]);
    // A tool with a purpose of its own is closed with the methods that it may call, and is not offered.
    let offered = |rule: &str| {
        let mut session = started(&cluster, &["--toolsets", "guests", "--deny", rule]);
        let list = session.request("tools/list", json!({}));
        let tools = list["result"]["tools"].as_array().expect("tools").clone();
        tools.iter().map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let left = offered("api:DELETE /nodes/*/qemu/*");
    assert!(left.len() == 11 && !left.contains(&"deleteVM".to_owned()), "{left:?}");
    assert_eq!(offered("api:DELETE /nodes/pve1/qemu/*").len(), 12);
    let mut session = started(&cluster, &["--deny", "api:DELETE /nodes/*/qemu/100"]);
    refused(&session.call("deleteVM", json!({"vmid": 100})), &["deny api:DELETE /nodes/*/qemu/100"]);
    assert_eq!(changes(&cluster), Vec::<String>::new());
}

#[test]
fn a_rule_that_no_method_fits_is_told_at_the_start_and_by_doctor() {
    let cluster = Cluster::new(Scenario::default());
    let rules = ["--deny", "api:DELETE /storag/*,api:DELETE /storage/*", "--allow", "api:POST /nodes"];
    let told = [
        "the rule deny api:DELETE /storag/* matches nothing: no method of the API has such a path; did you mean /storage/*?",
        "the rule allow api:POST /nodes matches nothing: no method there is POST; there are GET",
    ];
    let mut session = started(&cluster, &rules);
    let log: Vec<_> = (0..2).map(|_| session.logged("matches nothing")).collect();
    let env = cluster.env();
    let env: Vec<_> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let args: Vec<_> = ["doctor"].iter().chain(&rules).copied().collect();
    let output = crate::session::program(&args, &env).output().expect("the program");
    let said = String::from_utf8(output.stdout).expect("text");
    for what in told {
        assert!(log.iter().any(|line| line.contains(what)), "{what}: {log:?}");
        assert!(said.contains(what), "{what}: {said}");
    }
    assert!(!said.contains("api:DELETE /storage/* matches"), "{said}");
}
