//! What a rule or a token keeps from a caller is told on no route: not by a task, a node, a handle or a refusal.

use proxmox_mcp::{
    client::Client,
    demo::Scenario,
    server::{
        http::{
            HttpSettings,
            tokens::{NewToken, Tokens},
        },
        principal::Scope,
    },
    tools::{CallContext, Options, Policy, Reply, Tools, caller::Principal, seal::Key},
};
use serde_json::{Value, json};

use super::{
    harness::{Running, send, settings, start_with},
    mcp::modern_with,
};

/// Two nodes; 100 and 200 carry a tag, 200 is a container.
const CLUSTER: &str = "[[nodes]]\nname = 'pve1'\n[[nodes]]\nname = 'pve2'\n[[guests]]\nvmid = 100\nname = 'till'\nnode = 'pve1'\nstate = 'stopped'\ntags = ['shop']\n\
    [[guests]]\nvmid = 101\nnode = 'pve1'\nstate = 'stopped'\n[[guests]]\nvmid = 102\nnode = 'pve2'\nstate = 'stopped'\n\
    [[guests]]\nkind = 'lxc'\nvmid = 200\nname = 'vault'\nnode = 'pve1'\nstate = 'stopped'\ntags = ['shop']";

async fn denying(rules: &[&str]) -> Running {
    let deny = rules.iter().map(|rule| rule.parse().expect("a rule")).collect();
    let policy = Policy { deny, ..Policy::default() };
    let options = Options { policy, key: Some(Key::derived("one for both")), ..Options::default() };
    start_with(settings(), options, Scenario::from_toml(CLUSTER).expect("a scenario")).await
}

/// Another process on the same cluster, without rules, with the same key.
fn free(server: &Running) -> Tools {
    let options = Options { key: Some(Key::derived("one for both")), ..Options::default() };
    Tools::new(Client::new(server.demo.settings()).expect("a client"), options)
}

fn arguments(value: &Value) -> serde_json::Map<String, Value> {
    value.as_object().expect("an object").clone()
}

/// Starts a VM by the process without rules: the task.
async fn begun(tools: &Tools, vmid: u32) -> String {
    let reply = tools.call("startVM", &arguments(&json!({"vmid": vmid})), &CallContext::default()).await;
    let Reply::Result(result) = reply.expect("a tool") else { panic!("no result") };
    result.structured.expect("facts")["upid"].as_str().unwrap_or_else(|| panic!("{}", result.text)).to_owned()
}

#[tokio::test]
async fn a_task_of_a_guest_or_node_that_a_rule_denies_is_not_told() {
    for (rules, vmid, other) in [(&["tag:shop"][..], 100, 101), (&["vmid:100"], 100, 101), (&["node:pve2"], 102, 101)] {
        let server = denying(rules).await;
        let tools = free(&server);
        let (denied, open) = (begun(&tools, vmid).await, begun(&tools, other).await);
        let before = server.demo.seen().len();
        let answer = server.get(&format!("/tasks/{denied}")).await;
        assert_eq!((answer.status, answer.word().as_str()), (403, "rule-forbids"), "{rules:?} {}", answer.json());
        assert_eq!(answer.json()["rule"], format!("deny {}", rules[0]), "{}", answer.json());
        let asked = server.demo.seen().split_off(before);
        assert!(asked.iter().all(|seen| !seen.target.contains("UPID")), "the task was not asked for");
        assert_eq!(server.get(&format!("/tasks/{open}")).await.status, 200, "{rules:?}");
        // One that names no guest may concern any.
        let all = open.replace(":101:", "::").replace("qmstart", "vzdump");
        let answer = server.get(&format!("/tasks/{all}")).await;
        assert_eq!(answer.status, if rules == ["node:pve2"] { 404 } else { 403 }, "{rules:?} {}", answer.json());
    }
}

#[tokio::test]
async fn nodes_that_a_rule_denies_are_counted_and_not_named() {
    let server = denying(&["node:pve2"]).await;
    let nodes = server.get("/nodes").await.json();
    assert_eq!((nodes["nodes"].as_array().map(Vec::len), &nodes["hidden"]), (Some(1), &json!(1)), "{nodes}");
    assert!(!nodes.to_string().contains("pve2"), "{nodes}");
}

#[tokio::test]
async fn a_handle_is_held_against_the_rules_of_now() {
    for (rule, vmid) in [("tag:shop", 100), ("vmid:100", 100), ("node:pve2", 102), ("tool:startVM", 101)] {
        let server = denying(&[rule]).await;
        let context = CallContext { caller: Some(Principal::local()), detach: true, ..CallContext::default() };
        let reply = free(&server).call("startVM", &arguments(&json!({"vmid": vmid})), &context).await;
        let Ok(Reply::Task(handle)) = reply else { panic!("no task: {reply:?}") };
        let tasks = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
        for method in ["tasks/get", "tasks/cancel"] {
            let answer = modern_with(&server, "", tasks.clone(), method, json!({"taskId": handle})).await.json();
            if rule.starts_with("tool:") {
                // What was begun may be followed: the rule is on beginning more of it.
                assert!(answer["result"].is_object(), "{method} {answer}");
            } else {
                let said = answer["error"]["message"].as_str().unwrap_or_else(|| panic!("{rule} {method} {answer}"));
                assert!(said.contains(&format!("deny {rule}")), "{said}");
            }
        }
    }
}

#[tokio::test]
async fn why_a_denied_guest_is_not_meant_does_not_tell_what_it_is() {
    let server = denying(&["tag:shop"]).await;
    for (path, body) in [
        ("/tools/getVM", json!({"vmid": 200})),
        ("/tools/getContainer", json!({"vmid": 100})),
        ("/tools/getVM", json!({"name": "vault"})),
    ] {
        let answer =
            send(server.request("POST", path).header("content-type", "application/json").body(body.to_string())).await;
        assert_eq!((answer.status, answer.word().as_str()), (403, "rule-forbids"), "{path} {body} {}", answer.json());
        let said = answer.json().to_string();
        assert!(!said.contains("till") && !said.contains("container 'vault'") && !said.contains("pve1"), "{said}");
    }
}

#[tokio::test]
async fn a_token_for_some_tools_follows_what_was_begun_for_it() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("tokens.toml");
    let mut made = Tokens::default();
    let [one, other] = ["one", "other"].map(|name| {
        let tools = Some(["startVM".to_owned()].into());
        let new = NewToken { name: name.into(), scope: Scope::All, tools, expires: None };
        made.add(new, chrono::Utc::now()).expect("token")
    });
    made.write(&file).expect("written");
    let http = HttpSettings { tokens: Some(file), ..settings() };
    let server = start_with(http, Options::default(), Scenario::from_toml(CLUSTER).expect("a scenario")).await;
    let started = send(server.request("POST", "/vms/101/start?wait=false").bearer_auth(&one)).await;
    let upid = started.json()["upid"].as_str().unwrap_or_else(|| panic!("{}", started.json())).to_owned();
    let strange = begun(&free(&server), 102).await;
    for (token, upid, status) in [(&one, &upid, 200), (&other, &upid, 403), (&one, &strange, 403)] {
        let answer = send(server.request("GET", &format!("/tasks/{upid}")).bearer_auth(token)).await;
        assert_eq!(answer.status, status, "{}", answer.json());
    }
}

#[tokio::test]
async fn a_caller_is_not_advised_to_use_a_tool_that_its_token_lacks() {
    let scenario = "[[guests]]\nvmid = 100\nstate = 'running'\n[[guests]]\nkind = 'lxc'\nvmid = 200";
    let server = start_with(settings(), Options::default(), Scenario::from_toml(scenario).expect("a scenario")).await;
    let tools = free(&server);
    let own = |names: &[&str]| {
        let tools = names.iter().map(|name| (*name).to_owned()).collect();
        let caller = Principal { tools: Some(tools), ..Principal::local() };
        CallContext { caller: Some(caller), ..CallContext::default() }
    };
    for (allowed, target, advised, bare) in [
        (&["deleteVM", "stopVM"][..], json!({"vmid": 100}), "stopVM", "stop it first"),
        (&["deleteVM", "listVMs"], json!({"vmid": 999}), "listVMs", "No guest 999 is visible"),
        (&["deleteVM", "deleteContainer"], json!({"vmid": 200}), "use deleteContainer", "is a container, not a VM"),
    ] {
        for (context, says) in [(own(allowed), true), (own(&["deleteVM"]), false)] {
            let reply = tools.call("deleteVM", &arguments(&target), &context).await;
            let Reply::Result(result) = reply.expect("a tool") else { panic!("no result") };
            assert!(result.text.contains(bare), "{}", result.text);
            assert_eq!(result.text.contains(advised), says, "{}", result.text);
        }
    }
}
