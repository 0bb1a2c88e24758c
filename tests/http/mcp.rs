//! MCP over streamable HTTP: both eras, sessions, malformed messages.

use proxmox_mcp::{demo::Scenario, server::http::HttpSettings, tools::Options};
use serde_json::{Value, json};

use super::harness::{Answer, Running, send, settings, start, start_with, tokens};

/// Sends one message, as a client of the revision 2026-07-28 does.
pub async fn modern(server: &Running, token: &str, method: &str, params: Value) -> Answer {
    modern_with(server, token, json!({}), method, params).await
}

/// The same from a client that can do this.
pub async fn modern_with(server: &Running, token: &str, can: Value, method: &str, params: Value) -> Answer {
    let mut params = params;
    params["_meta"] = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": can,
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"}});
    let mut request = server
        .request("POST", "/mcp")
        .header("accept", "application/json, text/event-stream")
        .header("content-type", "application/json")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", method);
    if let Some(name) = params["name"].as_str().or_else(|| params["taskId"].as_str()) {
        request = request.header("mcp-name", name);
    }
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    send(request.body(message.to_string())).await
}

/// Sends one message of the revision 2025-11-25, within a session if there is one.
pub async fn legacy(server: &Running, token: &str, session: &str, message: Value) -> Answer {
    let mut request = server
        .request("POST", "/mcp")
        .header("accept", "application/json, text/event-stream")
        .header("content-type", "application/json");
    if !session.is_empty() {
        request = request.header("mcp-session-id", session).header("mcp-protocol-version", "2025-11-25");
    }
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    send(request.body(message.to_string())).await
}

pub fn initialize() -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25",
        "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}})
}

/// The message in an answer that is a stream of events.
pub fn event(answer: &Answer) -> Value {
    let text = String::from_utf8_lossy(&answer.body);
    let data = text.lines().filter_map(|l| l.strip_prefix("data:")).map(str::trim).rfind(|d| d.starts_with('{'));
    serde_json::from_str(data.unwrap_or_else(|| panic!("no event in {text}"))).expect("JSON")
}

#[tokio::test]
async fn the_new_revision_needs_no_session() {
    let server = start().await;
    let discovered = modern(&server, "", "server/discover", json!({})).await;
    assert_eq!(discovered.status, 200);
    assert!(discovered.headers.get("mcp-session-id").is_none());
    assert!(
        discovered.json()["result"]["supportedVersions"].as_array().is_some_and(|v| v.contains(&json!("2026-07-28")))
    );
    let listed = modern(&server, "", "tools/list", json!({})).await.json();
    assert_eq!(listed["result"]["tools"].as_array().map(Vec::len), Some(12));
    let called = modern(&server, "", "tools/call", json!({"name": "listVMs", "arguments": {"limit": 1}})).await.json();
    assert_eq!(called["result"]["structuredContent"]["guests"].as_array().map(Vec::len), Some(1), "{called}");
    let failed = modern(&server, "", "tools/call", json!({"name": "getVM", "arguments": {"vmid": 1}})).await;
    let failure = failed.json();
    assert_eq!(failure["result"]["isError"], true, "{failure}");
    assert_eq!(failure["result"]["_meta"]["io.github.proxmox-mcp/requestId"], failed.header("x-request-id"));
    assert_eq!(server.number("proxmox_mcp_tool_calls_total{tool=\"listVMs\",outcome=\"done\"}").await, 1.0);
}

#[tokio::test]
async fn the_old_revision_has_sessions_that_belong_to_their_caller() {
    let folder = tempfile::tempdir().expect("folder");
    let (file, [read, power, _]) = tokens(&folder);
    let server =
        start_with(HttpSettings { tokens: Some(file), ..settings() }, Options::default(), Scenario::default()).await;
    let opened = legacy(&server, &read, "", initialize()).await;
    assert_eq!(opened.status, 200);
    assert_eq!(event(&opened)["result"]["protocolVersion"], "2025-11-25");
    let session = opened.header("mcp-session-id").to_owned();
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(legacy(&server, &read, &session, ready).await.status, 202);
    let list = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"});
    let listed = event(&legacy(&server, &read, &session, list.clone()).await);
    assert_eq!(listed["result"]["tools"].as_array().map(Vec::len), Some(4), "only what the token may use");
    assert_eq!(legacy(&server, &power, &session, list.clone()).await.status, 404, "another caller's session");
    let (id, _) = session.rsplit_once('.').expect("sealed");
    assert_eq!(legacy(&server, &read, id, list.clone()).await.status, 404, "an id without its proof");
    let denied = json!({"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "startVM", "arguments": {"vmid": 100}}});
    let denied = event(&legacy(&server, &read, &session, denied).await);
    assert_eq!(denied["result"]["isError"], true, "{denied}");
    let close = server.request("DELETE", "/mcp").header("mcp-session-id", &session).bearer_auth(&read);
    assert!(matches!(send(close.header("mcp-protocol-version", "2025-11-25")).await.status, 200..=204));
    assert_eq!(legacy(&server, &read, &session, list).await.status, 404, "closed");
}

#[tokio::test]
async fn a_session_that_is_idle_is_closed() {
    let session_idle = std::time::Duration::from_millis(200);
    let server = start_with(HttpSettings { session_idle, ..settings() }, Options::default(), Scenario::default()).await;
    let opened = legacy(&server, "", "", initialize()).await;
    let session = opened.header("mcp-session-id").to_owned();
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    let ping = json!({"jsonrpc": "2.0", "id": 2, "method": "ping"});
    loop {
        tokio::time::sleep(2 * session_idle).await;
        if legacy(&server, "", &session, ping.clone()).await.status == 404 {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "never closed");
    }
}

#[tokio::test]
async fn malformed_messages_get_the_protocols_own_errors() {
    let server = start().await;
    let code = |answer: Answer| (answer.status, answer.json()["error"]["code"].as_i64());
    let broken = server.request("POST", "/mcp").header("accept", "application/json, text/event-stream");
    let broken = send(broken.header("content-type", "application/json").body("{\"jsonrpc\"")).await;
    assert_eq!(code(broken), (400, Some(-32700)));
    assert_eq!(modern(&server, "", "tools/call", json!({"name": "dropTables"})).await.json()["error"]["code"], -32602);
    let malformed = modern(&server, "", "tools/call", json!({"name": "getVM", "arguments": []})).await;
    assert_eq!(malformed.json()["error"]["code"], -32602, "{}", malformed.json());
    assert_eq!(code(modern(&server, "", "no/such", json!({})).await), (404, Some(-32601)));
    let before = server.demo.seen().len();
    modern(&server, "", "tools/call", json!({"name": "stopVM", "arguments": {"vmid": 100, "node": "../../x"}})).await;
    assert_eq!(server.demo.seen().len(), before, "nothing was sent");
}
