//! Callers that hang up while the guest is still being looked up: nothing is sent for them any more.

use proxmox_mcp::{
    demo::{Fault, Scenario},
    tools::{
        Options,
        audit::{AuditLog, Seal},
        consent::Confirm,
    },
};
use serde_json::{Value, json};

use crate::harness::{settings, soon, start_with};

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
        server.demo.inject_on(None, "/status/current", Fault::Hold, u32::MAX);
        let mut request = server.request(method, path);
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
        // An answer that is a stream has begun by then.
        let calling = tokio::spawn(async move { request.send().await?.bytes().await });
        soon(|| (server.demo.held() > 0).then_some(())).await;
        calling.abort();
        let last = soon(|| {
            let lines = std::fs::read_to_string(&log).expect("the log");
            let last: Value = serde_json::from_str(lines.lines().last()?).expect("a record");
            (last["phase"] == "result" || !last["outcome"].is_null()).then_some(last)
        })
        .await;
        assert_eq!(last["outcome"], "cancelled", "{method} {path}: {last}");
        // The host answers only now.
        server.demo.clear_faults();
        let answered = |seen: &[proxmox_mcp::demo::Seen]| seen.iter().any(|s| s.target.contains("/status/current"));
        soon(|| answered(&server.demo.seen()).then_some(())).await;
        server.handle.stop();
        server.ended.await.expect("in good order");
        let seen = server.demo.seen();
        assert!(seen.iter().all(|seen| seen.method == "GET"), "{method} {path}: {seen:?}");
    }
}
