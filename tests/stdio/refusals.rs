//! What is refused, and that a refusal sends nothing that was not meant.

use proxmox_mcp::demo::Scenario;
use serde_json::json;

use crate::{
    demo::{Cluster, facts, refused},
    session::{NOBODY, Session, text},
};

#[test]
fn rules_deny_by_name_and_hide_what_nobody_can_use() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.start(&["--read-only"], &[]).legacy("2025-06-18", json!({}));
    let tools = session.request("tools/list", json!({}))["result"]["tools"].clone();
    let names: Vec<&str> = tools.as_array().unwrap().iter().filter_map(|tool| tool["name"].as_str()).collect();
    // What only reads, and callApi, which then does nothing else.
    let read = ["listVMs", "getVM", "listContainers", "getContainer", "searchApi", "describeApi", "callApi"];
    assert!(names.len() == read.len() && read.iter().all(|tool| names.contains(tool)), "{names:?}");
    let from = cluster.count();
    refused(&session.call("startVM", json!({"vmid": 110})), &["--read-only", "Nothing was changed"]);
    assert_eq!(cluster.count(), from);

    let rules = ["--deny", "vmid:110", "--deny", "tag:db", "--deny", "pool:nosuch", "--disable-destructive"];
    let mut session = cluster.start(&rules, &[]).legacy("2025-06-18", json!({}));
    refused(&session.call("getVM", json!({"vmid": 110})), &["deny vmid:110"]);
    refused(&session.call("getVM", json!({"vmid": 101})), &["deny tag:db"]);
    refused(&session.call("stopVM", json!({"vmid": 100})), &["--disable-destructive"]);
    let list = session.call("listVMs", json!({}));
    assert_eq!(facts(&list)["total"], 5);
    assert!(text(&list).contains("2 hidden by the rules"), "{}", text(&list));

    let env = [("PROXMOX_MCP_ALLOW", "pool:shop,node:pve1")];
    let mut session = cluster.start(&[], &env).legacy("2025-06-18", json!({}));
    facts(&session.call("getVM", json!({"vmid": 100})));
    refused(&session.call("getVM", json!({"vmid": 102})), &["allow node:pve1"]);
    refused(&session.call("getVM", json!({"vmid": 110})), &["allow pool:shop"]);
}

#[test]
fn a_protecting_tag_keeps_a_guest() {
    let toml =
        "[[guests]]\nvmid = 100\nstate = 'running'\ntags = ['mcp-protected']\n[[guests]]\nvmid = 101\ntags = ['keep']";
    let cluster = Cluster::toml(toml);
    let mut session = cluster.session();
    for tool in ["stopVM", "restartVM", "deleteVM"] {
        refused(&session.call(tool, json!({"vmid": 100})), &["protected tag mcp-protected"]);
    }
    assert_eq!(cluster.demo.is_running(100), Some(true));
    let mut session = cluster.start(&[], &[("PROXMOX_MCP_PROTECTED_TAG", "keep")]).legacy("2025-06-18", json!({}));
    refused(&session.call("deleteVM", json!({"vmid": 101})), &["protected tag keep"]);
}

#[test]
fn an_unreachable_host_and_a_wrong_token_are_one_clear_sentence() {
    let mut session = Session::start(&[], &NOBODY).legacy("2025-06-18", json!({}));
    refused(&session.call("listVMs", json!({})), &["No connection to 127.0.0.1:1", "PROXMOX_HOST"]);
    let cluster = Cluster::new(Scenario::default());
    let token = "root@pam!demo=00000000-0000-0000-0000-000000000000";
    let mut session = cluster.start(&[], &[("PROXMOX_TOKEN", token)]).legacy("2025-06-18", json!({}));
    let result = session.call("listVMs", json!({}));
    let said = refused(&result, &["login"]);
    assert!(!said.contains("00000000-0000"), "{said}");
}

#[test]
fn an_empty_list_is_not_said_to_mean_that_there_is_nothing() {
    let mut scenario = Scenario::default();
    let blind = "[[guests]]\nvmid = 1000\n[[tokens]]\nid = 'nobody@pve!mcp'\n[[users]]\nid = 'nobody@pve'\n";
    let read = Scenario::from_toml(blind).unwrap();
    scenario.users.extend(read.users.into_iter().filter(|user| user.id == "nobody@pve"));
    scenario.tokens = read.tokens;
    let cluster = Cluster::new(scenario);
    let mut session = cluster.session();
    for tool in ["listVMs", "listContainers"] {
        let result = session.call(tool, json!({}));
        assert_eq!(facts(&result)["total"], 0);
        assert!(text(&result).contains("nobody@pve!mcp has VM.Audit on no path"), "{}", text(&result));
    }
    refused(&session.call("getVM", json!({"vmid": 100})), &["VM.Audit on /vms/100 is missing"]);
    // Without being told otherwise, tools that it can use on no guest are not even listed; those for the whole API ask for
    // the rights of each method.
    let mut session = cluster.start(&[], &[("PROXMOX_MCP_SHOW_ALL", "false")]).legacy("2025-06-18", json!({}));
    let listed = session.request("tools/list", json!({}))["result"]["tools"].clone();
    let names: Vec<&str> = listed.as_array().unwrap().iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert_eq!(names, ["searchApi", "describeApi", "callApi"]);
}

#[test]
fn arguments_as_models_write_them_are_taken_where_they_mean_one_thing() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.session();
    let first = session.call("listVMs", json!({"limit": "2"}));
    assert_eq!((&facts(&first)["cursor"], text(&first).contains("cursor 101")), (&json!("101"), true));
    // The number that the text of the list proposes, and the text that its facts have.
    for cursor in [json!(101), json!("101"), json!(101.0)] {
        let next = session.call("listVMs", json!({"limit": 2, "cursor": cursor}));
        assert_eq!(facts(&next)["guests"][0]["vmid"], 102, "{cursor}");
    }
    let empty = json!({"node": "", "status": "", "tag": "", "pool": "", "name": "", "cursor": "", "limit": null});
    assert_eq!(facts(&session.call("listVMs", empty)), facts(&session.call("listVMs", json!({}))));
    refused(&session.call("getVM", json!({"name": 2024})), &["2024"]);
    let started = session.call("startVM", json!({"vmid": "110", "timeout": "60", "wait": "true"}));
    assert_eq!(facts(&started)["outcome"], "done");
}

#[test]
fn an_argument_that_no_tool_has_stops_what_changes_something() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.session();
    let from = cluster.count();
    refused(&session.call("stopVM", json!({"vmid": 100, "grace": 60})), &["there is no argument \"grace\""]);
    let mistyped = session.call("deleteVM", json!({"vmId": 110}));
    refused(&mistyped, &["\"vmId\"; did you mean vmid?"]);
    assert!(text(&mistyped).ends_with('?') && !mistyped.to_string().contains("?."), "{mistyped}");
    refused(&session.call("listVMs", json!({"state": "running"})), &["\"state\"; did you mean status?"]);
    refused(&session.call("restartContainer", json!({"vmid": 200, "mode": "reset"})), &["no argument \"mode\"."]);
    assert_eq!(cluster.count(), from);
    let n8n = json!({"vmid": 100, "sessionId": "a", "action": "sendMessage", "chatInput": "hi", "toolCallId": "c"});
    assert_eq!(facts(&session.call("getVM", n8n)), facts(&session.call("getVM", json!({"vmid": 100}))));
    // Whoever reads the text and whoever reads the facts are told the same.
    let odd = session.call("getVM", json!({"vmid": 100, "because": "x"}));
    for half in [text(&odd).to_owned(), facts(&odd)["detail"].to_string().replace("\\\"", "\"")] {
        assert!(half.contains("getVM has no argument \"because\"; it made no difference."), "{half}");
    }
}

#[test]
fn a_schema_says_whether_a_tool_takes_what_it_does_not_know() {
    let cluster = Cluster::new(Scenario::default());
    let tools = cluster.session().request("tools/list", json!({}))["result"]["tools"].clone();
    for tool in tools.as_array().unwrap() {
        let reads = tool["annotations"]["readOnlyHint"] == true;
        assert_eq!(tool["inputSchema"]["additionalProperties"] == false, !reads, "{}", tool["name"]);
    }
}
