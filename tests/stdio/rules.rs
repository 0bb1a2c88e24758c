//! Each rule and each switch, at the door: who is denied is told by which rule, and nothing is changed.

use proxmox_mcp::demo::Scenario;
use serde_json::{Value, json};

use crate::{
    demo::{Cluster, facts, refused},
    session::{Session, text},
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

#[test]
fn nothing_more_is_changed_while_the_audit_log_cannot_be_written() {
    // Every write to it fails for want of space.
    let full = std::path::Path::new("/dev/full");
    if !full.exists() {
        eprintln!("there is no /dev/full here");
        return;
    }
    let cluster = Cluster::new(Scenario::default());
    let mut session = started(&cluster, &["--audit-file", "/dev/full"]);
    // The first call is made, for nobody knows before it that it cannot be recorded; it says so.
    let first = session.call("startVM", json!({"vmid": 110}));
    assert_eq!(facts(&first)["outcome"], "done");
    for part in [text(&first), first["structuredContent"]["detail"].as_str().unwrap_or_default()] {
        assert!(part.contains("could not be recorded") && part.contains("/dev/full"), "{part}");
    }
    session.logged("a call could not be recorded");
    let from = cluster.count();
    for (tool, arguments) in [("stopVM", json!({"vmid": 110})), ("deleteContainer", json!({"vmid": 203}))] {
        refused(&session.call(tool, arguments), &[tool, "could not be recorded", "/dev/full", "Nothing was changed"]);
    }
    assert_eq!(cluster.count(), from);
    assert_eq!(facts(&session.call("getVM", json!({"vmid": 110})))["status"], "running", "reading goes on");
}

#[test]
fn the_audit_log_goes_on_when_it_can_be_written_again() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let mut session = started(&cluster, &["--audit-file", path.to_str().expect("text")]);
    facts(&session.call("startVM", json!({"vmid": 110})));
    let whole = std::fs::read_to_string(&path).expect("a line");
    // Somebody tears the last line, as a full disk does.
    std::fs::write(&path, &whole[..whole.len() / 2]).expect("written");
    let torn = session.call("stopVM", json!({"vmid": 110}));
    assert!(text(&torn).contains("cannot be continued"), "{}", text(&torn));
    refused(&session.call("startVM", json!({"vmid": 110})), &["could not be recorded", "audit verify"]);
    std::fs::write(&path, &whole).expect("written");
    assert_eq!(facts(&session.call("startVM", json!({"vmid": 110})))["outcome"], "done");
    session.end();
    let lines = std::fs::read_to_string(&path).expect("lines");
    let told: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
    let tools: Vec<_> = told.iter().map(|line| (line["tool"].clone(), line["decision"].clone())).collect();
    let all = [("startVM", "allowed"), ("stopVM", "allowed"), ("startVM", "denied"), ("startVM", "allowed")];
    assert_eq!(tools, all.map(|(tool, decision)| (json!(tool), json!(decision))), "those that had to wait are there");
    assert_eq!(told[2]["rule"], "audit log");
}

#[test]
fn no_call_is_too_long_for_the_audit_log() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let mut session = started(&cluster, &["--read-only", "--audit-file", path.to_str().expect("text")]);
    let long = "x".repeat(1_100_000);
    for arguments in [json!({"vmid": 110, "x": long}), json!({"vmid": long}), json!({"vmid": vec![1e9; 100_000]})] {
        refused(&session.call("startVM", arguments), &["--read-only"]);
    }
    session.end();
    // The next one goes on with it.
    let mut session = started(&cluster, &["--audit-file", path.to_str().expect("text")]);
    assert_eq!(facts(&session.call("startVM", json!({"vmid": 110})))["outcome"], "done");
    session.end();
    let end = proxmox_mcp::tools::audit::verify(&path).expect("a whole log");
    assert_eq!(end.lines, 4);
    let size = std::fs::metadata(&path).expect("the file").len();
    assert!(size < 4_000, "{size} bytes");
}

#[test]
fn the_record_of_a_task_that_was_handed_out_names_it() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let capabilities = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    let mut session = cluster.start(&["--audit-file", path.to_str().expect("text")], &[]).modern(capabilities);
    assert_eq!(session.call("startVM", json!({"vmid": 110}))["resultType"], "task");
    session.end();
    let line: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect("a line")).expect("a record");
    assert_eq!(line["outcome"], "running");
    assert!(line["upid"].as_str().is_some_and(|upid| upid.contains(":qmstart:110:")), "{line}");
}

#[test]
fn a_rule_that_is_found_late_is_recorded_as_a_denial() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let mut session = started(&cluster, &["--audit-file", path.to_str().expect("text"), "--deny", "tag:late"]);
    facts(&session.call("getVM", json!({"vmid": 100})));
    cluster.demo.set_option(100, "tags", Some("late"));
    refused(&session.call("stopVM", json!({"vmid": 100})), &["deny tag:late"]);
    session.end();
    let line: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect("a line")).expect("a record");
    assert_eq!((&line["decision"], &line["rule"]), (&json!("denied"), &json!("deny tag:late")), "{line}");
    assert_eq!(line["guest"], "VM 100 (shop-web) on pve1");
}
