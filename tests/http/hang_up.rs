//! Callers that hang up while the guest is still being looked up: nothing is sent for them any more.

use std::time::Duration;

use proxmox_mcp::{
    demo::{Fault, Scenario},
    tools::{
        Options,
        audit::{AuditLog, Seal},
        consent::Confirm,
    },
};
use serde_json::{Value, json};

use crate::harness::{settings, start_with};

/// Calls that change something, at each way into the server.
fn calls() -> [(&'static str, &'static str, Option<Value>); 4] {
    let mcp = |tool: &str, vmid: u32| {
        Some(json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": tool, "arguments": {"vmid": vmid}, "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
            },
        }}))
    };
    [
        ("POST", "/vms/100/stop", None),
        ("DELETE", "/vms/110", None),
        ("POST", "/mcp", mcp("stopVM", 100)),
        ("POST", "/mcp", mcp("deleteVM", 110)),
    ]
}

#[tokio::test]
async fn what_a_caller_hung_up_on_during_the_look_up_is_never_sent() {
    for (method, path, body) in calls() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("audit.jsonl");
        let audit = Some(AuditLog::open(&log, Seal::plain()).expect("a log"));
        let options = Options { audit, confirm: Confirm::Never, ..Options::default() };
        let server = start_with(settings(), options, Scenario::default()).await;
        server.demo.inject_on(None, "/status/current", Fault::Slow(1_500), u32::MAX);
        let mut request = server.request(method, path).timeout(Duration::from_millis(500));
        if let Some(body) = &body {
            let name = body["params"]["name"].as_str().expect("a name").to_owned();
            request = request
                .header("accept", "application/json, text/event-stream")
                .header("mcp-protocol-version", "2026-07-28")
                .header("mcp-method", "tools/call")
                .header("mcp-name", name)
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        assert!(
            request.send().await.and_then(reqwest::Response::error_for_status).is_err() || body.is_some(),
            "{path}"
        );
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        let seen = server.demo.seen();
        assert!(seen.iter().any(|seen| seen.target.contains("/status/current")), "{method} {path}: {seen:?}");
        assert!(seen.iter().all(|seen| seen.method == "GET"), "{method} {path}: {seen:?}");
        let lines = std::fs::read_to_string(&log).expect("the log");
        let last: Value = serde_json::from_str(lines.lines().last().expect("a line")).expect("a record");
        assert_eq!(last["outcome"], "cancelled", "{method} {path}: {lines}");
    }
}
