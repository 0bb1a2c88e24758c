//! How often something is changed: a program in a loop is told so, whatever tool it calls; reading goes on.

use std::fs;

use proxmox_mcp::demo::Scenario;
use serde_json::{Value, json};

use crate::{
    demo::{Cluster, facts, refused},
    session::Session,
};

fn started(cluster: &Cluster, more: &[(&str, &str)], args: &[&str]) -> Session {
    cluster.start(args, more).legacy("2025-06-18", json!({}))
}

fn set(vmid: u32) -> Value {
    json!({"id": "PUT /nodes/{node}/qemu/{vmid}/config", "arguments": {"vmid": vmid, "onboot": true}})
}

#[test]
fn a_model_in_a_loop_is_told_so_whatever_it_calls() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().unwrap();
    let audit = folder.path().join("audit.jsonl");
    let args = ["--audit-file", audit.to_str().unwrap(), "--toolsets", "all"];
    let mut session = started(&cluster, &[("PROXMOX_MCP_CHANGES_PER_MINUTE", "3")], &args);
    // What is refused, needs nothing sent or is only planned is not counted; what PVE refuses is.
    refused(&session.call("startVM", json!({"vmid": 99_999})), &["99999"]);
    refused(&session.call("deleteVM", json!({"vmid": 110})), &["confirm="]);
    facts(&session.call("startVM", json!({"vmid": 110})));
    facts(&session.call("callApi", set(110)));
    cluster.demo.set_option(110, "lock", Some("backup"));
    refused(&session.call("stopVM", json!({"vmid": 110})), &["backup"]);
    let from = cluster.count();
    for (tool, arguments) in [
        ("startVM", json!({"vmid": 112})),
        ("restartContainer", json!({"vmid": 200})),
        ("deleteVM", json!({"vmid": 112})),
        ("callApi", set(112)),
        ("stopTask", json!({"upid": "UPID:pve1:00000001:00000001:00000001:qmstart:1:root@pam:"})),
    ] {
        let result = session.call(tool, arguments);
        let words = [
            tool,
            "as many calls of this caller that change something were sent within the last minute as",
            "Nothing was changed",
        ];
        refused(&result, &words);
        refused(
            &result,
            &["PROXMOX_MCP_CHANGES_PER_MINUTE allows (3)", "If you are repeating a call, stop", "Tell the user"],
        );
        let told = &result["structuredContent"];
        assert_eq!((&told["outcome"], &told["error"]["kind"]), (&json!("denied"), &json!("limited")), "{told}");
        assert_eq!((&told["limit"], &told["limitOf"]), (&json!(3), &json!("this caller")), "{told}");
        let wait = told["retryAfter"].as_u64().unwrap();
        assert!(
            (1..=60).contains(&wait) && told["detail"].as_str().unwrap().contains(&format!(" in {wait} s")),
            "{told}"
        );
    }
    assert_eq!(cluster.changes_since(from), [""; 0]);
    facts(&session.call("getVM", json!({"vmid": 110})));
    facts(&session.call("listTasks", json!({})));
    session.end();
    let text = fs::read_to_string(&audit).unwrap();
    let denied = text.lines().filter(|line| line.contains("\"rule\":\"PROXMOX_MCP_CHANGES_PER_MINUTE\"")).count();
    assert_eq!(denied, 5, "{text}");
}

#[test]
fn deletions_have_a_limit_of_their_own() {
    let cluster = Cluster::new(Scenario::default());
    let mut session =
        started(&cluster, &[("PROXMOX_MCP_DELETIONS_PER_HOUR", "1"), ("PROXMOX_MCP_CONFIRM", "never")], &[]);
    let backup = json!({"node": "pve1", "storage": "local", "volume": "local:backup/none.vma.zst"});
    let delete = json!({"id": "DELETE /nodes/{node}/storage/{storage}/content/{volume}", "arguments": backup});
    assert_eq!(facts(&session.call("deleteVM", json!({"vmid": 110})))["outcome"], "done");
    let from = cluster.count();
    for (tool, arguments) in [("deleteContainer", json!({"vmid": 203})), ("callApi", delete)] {
        let result = session.call(tool, arguments);
        let words = ["calls of this caller that delete something or cannot be undone", "within the last hour"];
        refused(&result, &words);
        assert_eq!(result["structuredContent"]["rule"], "PROXMOX_MCP_DELETIONS_PER_HOUR");
    }
    assert_eq!(cluster.changes_since(from), [""; 0]);
    facts(&session.call("callApi", set(112)));
    let mut none = started(&cluster, &[("PROXMOX_MCP_DELETIONS_PER_HOUR", "0"), ("PROXMOX_MCP_LANG", "es")], &[]);
    let result = none.call("deleteContainer", json!({"vmid": 203}));
    refused(&result, &["no permite llamadas que ", "borran algo", "Solo una persona"]);
    assert_eq!(result["structuredContent"].get("retryAfter"), None);
}

/// Five an hour, unless somebody says otherwise.
#[test]
fn the_sixth_deletion_of_an_hour_is_held_up() {
    let guests: String = (100..106).map(|vmid| format!("[[guests]]\nvmid = {vmid}\n")).collect();
    let cluster = Cluster::toml(&guests);
    let mut session = started(&cluster, &[("PROXMOX_MCP_CONFIRM", "never")], &[]);
    for vmid in 100..105 {
        assert_eq!(facts(&session.call("deleteVM", json!({"vmid": vmid})))["outcome"], "done");
    }
    refused(&session.call("deleteVM", json!({"vmid": 105})), &["PROXMOX_MCP_DELETIONS_PER_HOUR allows (5)"]);
    assert!(cluster.demo.node_of(105).is_some());
}
