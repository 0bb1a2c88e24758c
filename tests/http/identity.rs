//! Consent, handles and sessions belong to whom they were given: to one token, not to its name.

use std::{path::Path, time::Duration};

use proxmox_mcp::{
    demo::Scenario,
    server::{
        http::{
            HttpSettings,
            tokens::{NewToken, Tokens},
        },
        principal::Scope,
    },
    tools::Options,
};
use serde_json::{Value, json};

use super::{
    harness::{Answer, Running, send, settings, start_with},
    mcp::{event, initialize, legacy, modern_with},
};

const VMID: u32 = 110;

/// Gives the name to a new token; whoever bore it before bears it no longer.
fn renew(file: &Path) -> String {
    let mut tokens = Tokens::read_or_none(file).expect("the file");
    let _ = tokens.revoke("ci");
    let new = NewToken { name: "ci".to_owned(), scope: Scope::All, tools: None, expires: None };
    let token = tokens.add(new, chrono::Utc::now()).expect("a token");
    tokens.write(file).expect("written");
    token
}

async fn start(file: &Path) -> Running {
    let settings = HttpSettings { tokens: Some(file.to_owned()), ..settings() };
    start_with(settings, Options::default(), Scenario::default()).await
}

async fn delete_by_rest(server: &Running, token: &str, confirm: &str) -> Answer {
    send(server.request("DELETE", &format!("/vms/{VMID}?confirm={confirm}")).bearer_auth(token)).await
}

/// Asks to delete, as a client that can put a question to its user; with what it brings back.
async fn ask(server: &Running, token: &str, answer: Option<(&Value, &str)>) -> Value {
    let mut params = json!({"name": "deleteVM", "arguments": {"vmid": VMID}});
    if let Some((state, action)) = answer {
        params["requestState"] = state.clone();
        params["inputResponses"] = json!({"confirm": {"action": action, "content": {"confirm": true}}});
    }
    modern_with(server, token, json!({"elicitation": {"form": {}}}), "tools/call", params).await.json()["result"]
        .clone()
}

fn there(server: &Running) -> bool {
    server.demo.node_of(VMID).is_some()
}

#[tokio::test]
async fn the_state_of_a_question_is_no_code() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("tokens.toml");
    let token = renew(&file);
    let server = start(&file).await;
    let state = ask(&server, &token, None).await["requestState"].clone();
    let code = state.as_str().expect("a state");
    // Brought back as a code, before and after the user has declined.
    let refused = delete_by_rest(&server, &token, code).await;
    assert_eq!((refused.status, there(&server)), (428, true), "{}", refused.json());
    let plan = refused.json()["confirm"].as_str().expect("a code").to_owned();
    let declined = ask(&server, &token, Some((&state, "decline"))).await;
    assert_eq!(declined["structuredContent"]["outcome"], "declined", "{declined}");
    let refused = delete_by_rest(&server, &token, code).await;
    assert_eq!((refused.status, there(&server)), (428, true));
    // A code is no answer to a question, and the decline has spent this one, too.
    let asked = ask(&server, &token, Some((&json!(plan), "accept"))).await;
    assert_eq!((&asked["resultType"], there(&server)), (&json!("input_required"), true), "{asked}");
    let spent = delete_by_rest(&server, &token, &plan).await;
    assert_eq!((spent.status, there(&server)), (428, true), "{}", spent.json());
    assert_eq!(spent.json()["outcome"], "declined", "{}", spent.json());
    // What is shown anew can be agreed to.
    let code = delete_by_rest(&server, &token, "").await.json()["confirm"].as_str().expect("a code").to_owned();
    assert_eq!((delete_by_rest(&server, &token, &code).await.status, there(&server)), (200, false));
}

#[tokio::test]
async fn a_new_token_of_the_same_name_is_another_caller() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("tokens.toml");
    let old = renew(&file);
    let server = start(&file).await;
    let state = ask(&server, &old, None).await["requestState"].clone();
    let code = delete_by_rest(&server, &old, "").await.json()["confirm"].as_str().expect("a code").to_owned();
    let opened = legacy(&server, &old, "", initialize()).await;
    let session = opened.header("mcp-session-id").to_owned();
    assert_eq!(event(&opened)["id"], 1);
    let tasks = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    let call = json!({"name": "startVM", "arguments": {"vmid": VMID}});
    let task = modern_with(&server, &old, tasks.clone(), "tools/call", call).await.json();
    let handle = task["result"]["taskId"].clone();
    assert!(handle.is_string(), "{task}");
    let new = renew(&file);
    server.shared.access.reload().expect("reloaded");
    assert_eq!(delete_by_rest(&server, &old, &code).await.status, 401, "revoked");
    // The start has to have ended: a stop that comes before it would find nothing to do.
    let get = json!({"name": "getVM", "arguments": {"vmid": VMID}});
    for _ in 0..100 {
        let seen = modern_with(&server, &new, json!({}), "tools/call", get.clone()).await.json();
        if seen["result"]["structuredContent"]["status"] == "running" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let stop = json!({"name": "stopVM", "arguments": {"vmid": VMID}});
    modern_with(&server, &new, json!({}), "tools/call", stop).await;
    let answered = ask(&server, &new, Some((&state, "accept"))).await;
    assert_eq!((&answered["resultType"], there(&server)), (&json!("input_required"), true), "{answered}");
    let refused = delete_by_rest(&server, &new, &code).await;
    assert_eq!((refused.status, there(&server)), (428, true), "{}", refused.json());
    let list = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"});
    assert_eq!(legacy(&server, &new, &session, list).await.status, 404, "the session of the old one");
    let got = modern_with(&server, &new, tasks, "tasks/get", json!({"taskId": handle})).await.json();
    assert_eq!(got["error"]["code"], -32602, "{got}");
}
