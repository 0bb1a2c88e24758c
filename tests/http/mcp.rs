//! MCP over streamable HTTP: both eras, sessions, malformed messages.

use proxmox_mcp::{demo::Scenario, server::http::HttpSettings, tools::Options};
use serde_json::{Value, json};

use super::harness::{Answer, Running, send, settings, start, start_with, tokens};

/// Sends one message, as a client of the revision 2026-07-28 does.
pub(crate) async fn modern(server: &Running, token: &str, method: &str, params: Value) -> Answer {
    modern_with(server, token, json!({}), method, params).await
}

/// The same from a client that can do this.
pub(crate) async fn modern_with(server: &Running, token: &str, can: Value, method: &str, params: Value) -> Answer {
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
pub(crate) async fn legacy(server: &Running, token: &str, session: &str, message: Value) -> Answer {
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

pub(crate) fn initialize() -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25",
        "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}})
}

/// The message in an answer that is a stream of events.
pub(crate) fn event(answer: &Answer) -> Value {
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
    assert_eq!(listed["result"]["tools"].as_array().map(Vec::len), Some(15));
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
    assert_eq!(listed["result"]["tools"].as_array().map(Vec::len), Some(7), "only what the token may use");
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

/// Sends a message with these headers besides its media type.
async fn said(server: &Running, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let named = headers.iter().any(|(name, _)| *name == "content-type");
    let mut request = server.request("POST", path);
    if !named {
        request = request.header("content-type", "application/json");
    }
    // The client would add `*/*` where nothing is said.
    request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    send(request.body(body.to_owned())).await
}

#[tokio::test]
async fn who_takes_no_stream_is_answered_in_json() {
    let server = start().await;
    let first = initialize().to_string();
    for accept in ["application/json", "*/*", "", "application/json;q=0.9", "text/event-stream;q=0, */*"] {
        let opened = said(&server, "/mcp", &[("accept", accept)], &first).await;
        assert_eq!((opened.status, opened.header("content-type")), (200, "application/json"), "{accept:?}");
        assert_eq!(opened.json()["result"]["protocolVersion"], "2025-11-25", "{accept:?}");
        let session = opened.header("mcp-session-id").to_owned();
        let headers = [("accept", accept), ("mcp-session-id", &*session), ("mcp-protocol-version", "2025-11-25")];
        let listed = said(&server, "/mcp", &headers, r#"{"jsonrpc":"2.0","id":7,"method":"tools/list"}"#).await;
        assert_eq!((listed.status, &listed.json()["id"]), (200, &json!(7)), "{accept:?}");
    }
    for accept in ["application/json, text/event-stream", "application/*, text/*"] {
        let opened = said(&server, "/mcp", &[("accept", accept)], &first).await;
        assert_eq!((opened.status, opened.header("content-type")), (200, "text/event-stream"), "{accept}");
    }
    let refused = said(&server, "/mcp", &[("accept", "text/html")], &first).await;
    assert_eq!((refused.status, refused.word().as_str()), (406, "not-acceptable"));
    let refused = said(&server, "/mcp", &[("content-type", "text/plain")], &first).await;
    assert_eq!((refused.status, refused.word().as_str()), (415, "media-type"));
    // Without the header at all, as no client library sends it.
    let at = server.base.trim_start_matches("http://");
    let mut socket = tokio::net::TcpStream::connect(at).await.expect("connection");
    let head = format!(
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{first}",
        first.len()
    );
    tokio::io::AsyncWriteExt::write_all(&mut socket, head.as_bytes()).await.expect("written");
    let mut answer = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut socket, &mut answer).await.expect("read");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("application/json"), "{answer}");
}

#[tokio::test]
async fn who_takes_no_stream_gets_a_plan_instead_of_a_question() {
    let server = start().await;
    let mut first = initialize();
    first["params"]["capabilities"] = json!({"elicitation": {}});
    let opened = said(&server, "/mcp", &[("accept", "application/json")], &first.to_string()).await;
    let session = opened.header("mcp-session-id").to_owned();
    let headers = [("accept", "*/*"), ("mcp-session-id", &*session), ("mcp-protocol-version", "2025-11-25")];
    let call = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
        "params": {"name": "deleteVM", "arguments": {"vmid": 110}}});
    let plan = said(&server, "/mcp", &headers, &call.to_string()).await.json();
    assert_eq!(plan["result"]["structuredContent"]["outcome"], "confirm", "{plan}");
}

#[tokio::test]
async fn the_address_with_a_slash_is_the_same_and_a_batch_is_refused_as_json_rpc() {
    let server = start().await;
    let both = [("accept", "application/json, text/event-stream")];
    let opened = said(&server, "/mcp/", &both, &initialize().to_string()).await;
    assert_eq!(opened.status, 200);
    let session = opened.header("mcp-session-id").to_owned();
    let ping = r#"{"jsonrpc":"2.0","id":3,"method":"ping"}"#;
    for (batch, within) in [(format!("[{ping}]"), &*session), (format!(" [{ping},{ping}]"), ""), ("[]".to_owned(), "")]
    {
        let mut headers = both.to_vec();
        if !within.is_empty() {
            headers.push(("mcp-session-id", within));
        }
        let refused = said(&server, "/mcp", &headers, &batch).await;
        assert_eq!((refused.status, refused.header("content-type")), (400, "application/json"), "{batch}");
        let error = refused.json();
        assert_eq!((&error["jsonrpc"], &error["id"]), (&json!("2.0"), &Value::Null));
        assert_eq!(error["error"]["code"], -32600, "{error}");
    }
}

#[tokio::test]
async fn a_session_is_closed_as_the_official_sdks_expect() {
    let server = start().await;
    let session = legacy(&server, "", "", initialize()).await.header("mcp-session-id").to_owned();
    let close = async || send(server.request("DELETE", "/mcp").header("mcp-session-id", &session)).await;
    let closed = close().await;
    assert_eq!((closed.status, closed.body.len()), (200, 0));
    assert_eq!(close().await.status, 200, "it is closed, as was asked");
    let ping = json!({"jsonrpc": "2.0", "id": 3, "method": "ping"});
    assert_eq!(legacy(&server, "", &session, ping).await.status, 404);
}

#[tokio::test]
async fn what_every_answer_repeats_has_an_end() {
    let server = start().await;
    let session = legacy(&server, "", "", initialize()).await.header("mcp-session-id").to_owned();
    let long = "x".repeat(257);
    let params = json!({"name": "listVMs", "_meta": {"progressToken": long}});
    for message in [
        json!({"jsonrpc": "2.0", "id": long, "method": "ping"}),
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}),
        json!({"jsonrpc": "2.0", "id": long, "method": "no/such"}),
    ] {
        for session in ["", &session] {
            let refused = legacy(&server, "", session, message.clone()).await;
            assert_eq!((refused.status, refused.json()["error"]["code"].clone()), (400, json!(-32600)));
            let text = refused.json().to_string();
            assert!(text.contains("256 bytes") && text.len() < 300, "{text}");
        }
    }
    let ping = json!({"jsonrpc": "2.0", "id": long[1..], "method": "ping"});
    assert_eq!(event(&legacy(&server, "", &session, ping).await)["id"], long[1..]);
}
