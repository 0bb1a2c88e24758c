//! The protocol itself: both eras, every way of ending, every malformed message.

use serde_json::{Value, json};

use crate::session::{NOBODY, Session, program};

fn session() -> Session {
    Session::start(&[], &NOBODY)
}

fn legacy() -> Session {
    session().legacy("2025-06-18", json!({}))
}

#[test]
fn the_end_of_input_is_a_good_end_at_every_stage() {
    let at_once = session();
    let mut after_ping = session();
    after_ping.request("ping", json!({}));
    let mut after_probe = session().modern(json!({}));
    after_probe.request("server/discover", json!({}));
    let mut after_list = legacy();
    after_list.request("tools/list", json!({}));
    let mut in_a_call = legacy();
    in_a_call.post("tools/call", json!({"name": "listVMs", "arguments": {}}));
    let mut after_modern_call = session().modern(json!({}));
    after_modern_call.call("listVMs", json!({}));
    for (stage, session) in [
        ("before anything", at_once),
        ("after a ping", after_ping),
        ("after a probe", after_probe),
        ("after initialize", legacy()),
        ("after a list", after_list),
        ("within a call", in_a_call),
        ("after a modern call", after_modern_call),
    ] {
        let (status, _) = session.end();
        assert_eq!(status.code(), Some(0), "{stage}");
    }
}

#[test]
fn a_notification_as_the_first_message_is_passed_over() {
    let mut session = session();
    session.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    session.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}}));
    session.send(&json!({"jsonrpc": "2.0", "id": 9, "result": {}}));
    let (status, rest) = session.legacy("2025-11-25", json!({})).end();
    assert_eq!(status.code(), Some(0));
    assert_eq!(rest, Vec::<Value>::new());
}

#[test]
fn both_eras_name_the_server_and_give_instructions() {
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut session = session();
        let client = json!({"name": "test", "version": "1"});
        let params = json!({"protocolVersion": version, "capabilities": {}, "clientInfo": client});
        let answer = session.request("initialize", params)["result"].clone();
        assert_eq!(answer["protocolVersion"], version);
        assert_eq!(answer["serverInfo"]["name"], "proxmox-mcp");
        assert!(answer["instructions"].as_str().unwrap().len() < 2048, "some clients cut them there");
    }
    let mut session = session().modern(json!({}));
    let answer = session.request("server/discover", json!({}))["result"].clone();
    assert!(answer["supportedVersions"].as_array().unwrap().contains(&json!("2026-07-28")), "{answer}");
    assert_eq!(answer["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "proxmox-mcp");
    assert!(answer["instructions"].as_str().unwrap().contains("listVMs"));
    assert!(answer["capabilities"].get("logging").is_none() && answer["capabilities"].get("resources").is_none());
}

#[test]
fn a_modern_list_says_how_long_it_holds() {
    let mut session = session().modern(json!({}));
    let result = session.request("tools/list", json!({}))["result"].clone();
    assert_eq!(result["resultType"], "complete");
    assert!(result["ttlMs"].as_u64().unwrap() > 0);
    assert!(result["cacheScope"].is_string());
    let older = legacy().request("tools/list", json!({}))["result"].clone();
    assert!(older.get("resultType").is_none(), "older clients do not know it");
    assert_eq!(older["tools"], result["tools"]);
}

#[test]
fn malformed_calls_are_wrong_parameters() {
    let mut session = legacy();
    for params in [json!({}), json!({"name": 7}), json!({"name": "listVMs", "arguments": [1]})] {
        let answer = session.request("tools/call", params.clone());
        assert_eq!(answer["error"]["code"], -32602, "{params}: {answer}");
    }
    // What is no object is no request at all; the answer can name none.
    session.post("tools/call", json!("x"));
    assert_eq!(session.receive().unwrap()["error"]["code"], -32600);
    let answer = session.request("tools/call", json!({"name": "rebootVM", "arguments": {}}));
    assert_eq!(answer["error"]["code"], -32602);
    let sentence = answer["error"]["message"].as_str().unwrap();
    assert!(sentence.contains("rebootVM") && sentence.contains("restartVM"), "{sentence}");
    let answer = session.request("no/such/method", json!({}));
    assert_eq!(answer["error"]["code"], -32601);
}

#[test]
fn lines_that_are_no_messages_do_not_end_the_session() {
    let mut session = legacy();
    for line in
        ["", "{", "null", "\u{1}", "[]", r#"{"jsonrpc":"2.0"}"#, "not json at all", r#"{"jsonrpc":"1.0","id":1}"#]
    {
        session.send_text(line);
    }
    let answer = session.request("tools/list", json!({}));
    assert_eq!(answer["result"]["tools"].as_array().unwrap().len(), 15);
    let (status, _) = session.end();
    assert_eq!(status.code(), Some(0));
}

#[test]
fn an_unknown_version_is_answered_with_those_we_speak() {
    let mut session = session();
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2099-01-01",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    });
    let answer = session.request("tools/list", json!({"_meta": meta}));
    assert_eq!(answer["error"]["code"], -32022, "{answer}");
    assert!(answer["error"]["data"]["supported"].as_array().is_some_and(|versions| !versions.is_empty()));
}

#[test]
fn what_is_wrong_with_the_settings_is_said_on_standard_error_alone() {
    let output = program(&[], &[]).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("PROXMOX_HOST"), "{said}");
}

#[test]
fn every_result_of_the_newer_protocol_says_who_answers() {
    let who = |result: &Value| result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"].clone();
    let cluster = crate::demo::Cluster::new(proxmox_mcp::demo::Scenario::default());
    let capabilities = json!({"elicitation": {"form": {}}, "extensions": {"io.modelcontextprotocol/tasks": {}}});
    let mut session = cluster.start(&[], &[]).modern(capabilities);
    let task = session.call("startVM", json!({"vmid": 110}));
    let results = [
        session.request("tools/list", json!({}))["result"].clone(),
        session.call("listVMs", json!({})),
        session.call("getVM", json!({"vmid": 999})),
        session.call("deleteVM", json!({"vmid": 112})),
        session.request("tasks/get", json!({"taskId": task["taskId"]}))["result"].clone(),
        task,
    ];
    for result in results {
        assert_eq!(who(&result), "proxmox-mcp", "{result}");
    }
    let mut older = cluster.session();
    assert_eq!(who(&older.call("listVMs", json!({}))), Value::Null, "older clients were told at the beginning");
}
