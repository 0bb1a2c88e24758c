//! What a rule or a token keeps from a caller is told on no route: not by a task, a node, a handle or a refusal.

use proxmox_mcp::{
    client::Client,
    demo::{Fault, Scenario},
    server::{
        http::{
            HttpSettings,
            tokens::{NewToken, Tokens},
        },
        principal::Scope,
    },
    tools::{CallContext, Options, Policy, Reply, Tools, Toolset, caller::Principal, seal::Key},
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

/// Two nodes and a third that is away, pools within each other, guests of one name.
const HIDING: &str = "pools = { shop = ['100'], 'vault/deep' = ['102'] }\n[[nodes]]\nname = 'pve1'\n[[nodes]]\nname = 'hushnode'\n\
    [[nodes]]\nname = 'hushaway'\nonline = false\n\
    [[guests]]\nvmid = 100\nname = 'twin'\nnode = 'pve1'\nstate = 'stopped'\ntags = ['open']\n\
    [[guests]]\nvmid = 102\nname = 'twin'\nnode = 'hushnode'\nstate = 'stopped'\ntags = ['hushtag']\n\
    [[guests]]\nvmid = 103\nname = 'hushname'\nnode = 'hushnode'\nstate = 'stopped'\ntags = ['hushtag']\n\
    [[guests]]\nkind = 'lxc'\nvmid = 206\nname = 'hushname'\nnode = 'hushnode'\ntags = ['hushtag']\n\
    [[guests]]\nkind = 'lxc'\nvmid = 205\nname = 'hushname'\nnode = 'hushaway'\ntags = ['hushtag']";

/// Calls whose answers name, by way of help, what there is.
fn curious() -> Vec<(&'static str, Value)> {
    vec![
        ("listVMs", json!({})),
        ("listContainers", json!({"detail": "full"})),
        ("listVMs", json!({"node": "nowhere"})),
        ("listVMs", json!({"pool": "vualt"})),
        ("listVMs", json!({"tag": "hushtga"})),
        ("getVM", json!({"name": "twin"})),
        ("getVM", json!({"name": "twni"})),
        ("getVM", json!({"vmid": 102})),
        ("getVM", json!({"vmid": 102, "name": "other"})),
        ("getVM", json!({"vmid": 102, "node": "pve1"})),
        ("getVM", json!({"vmid": 103, "name": "twin"})),
        ("getVM", json!({"vmid": 205})),
        ("getContainer", json!({"vmid": 205})),
        ("getContainer", json!({"vmid": 103})),
        ("stopVM", json!({"vmid": 103, "node": "pve1"})),
        ("startContainer", json!({"name": "hushname"})),
        ("deleteVM", json!({"name": "twin"})),
        ("callApi", json!({"id": "GET /nodes/{node}/status"})),
        ("callApi", json!({"id": "GET /nodes/{node}/qemu/{vmid}/config", "arguments": {"vmid": 102}})),
        ("callApi", json!({"id": "GET /nodes/{node}/qemu/{vmid}/config", "arguments": {"vmid": "twin"}})),
        ("callApi", json!({"id": "GET /nodes/{node}/lxc/{vmid}/config", "arguments": {"vmid": 103}})),
        ("callApi", json!({"id": "GET /nodes/{node}/lxc/{vmid}/config", "arguments": {"vmid": 205, "node": "pve1"}})),
        ("callApi", json!({"id": "GET /nodes/{node}/qemu/{vmid}/config", "arguments": {"vmid": 103, "node": "pve1"}})),
        ("searchApi", json!({"query": "hushnode hushtag"})),
        ("listTasks", json!({})),
        ("listTasks", json!({"node": "hushaway"})),
        ("listTasks", json!({"name": "hushname"})),
        ("listTasks", json!({"vmid": 103, "since": "1h"})),
        ("getTask", json!({"vmid": 102})),
        ("getTask", json!({"upid": "UPID:hushnode:0000C530:001C9BEC:5F000000:qmstart:103:root@pam:"})),
        ("stopTask", json!({"upid": "UPID:hushaway:0000C530:001C9BEC:5F000000:qmstart:205:root@pam:"})),
        ("listSnapshots", json!({"name": "hushname"})),
        ("listSnapshots", json!({"vmid": 205})),
        ("createSnapshot", json!({"vmid": 103, "snapshot": "s1"})),
        ("rollbackSnapshot", json!({"vmid": 102, "snapshot": "s1"})),
        ("deleteSnapshot", json!({"name": "twin", "snapshot": "s1"})),
        ("configureGuest", json!({"name": "hushname", "cores": 1})),
        ("configureGuest", json!({"name": "twin", "cores": 1})),
        ("configureGuest", json!({"vmid": 205, "cores": 1})),
        ("resizeDisk", json!({"vmid": 103, "disk": "scsi0", "size": "+1G"})),
        ("moveDisk", json!({"vmid": 102, "disk": "scsi0", "storage": "local"})),
    ]
}

#[tokio::test]
async fn no_sentence_names_what_a_rule_hides() {
    for rules in
        [&["node:hushnode", "node:hushaway", "pool:vault"][..], &["tag:hushtag", "node:hushaway", "pool:vault"]]
    {
        let deny = rules.iter().map(|rule| rule.parse().expect("a rule")).collect();
        let policy = Policy { deny, ..Policy::default() };
        let options = Options { policy, toolsets: Toolset::ALL.to_vec(), ..Options::default() };
        let server = start_with(settings(), options, Scenario::from_toml(HIDING).expect("a scenario")).await;
        let hidden: &[&str] = if rules[0].starts_with("node") {
            &["hushnode", "hushaway", "hushname", "hushtag\"", "deep"]
        } else {
            &["hushaway", "hushname", "deep"]
        };
        for (tool, arguments) in curious() {
            let answer =
                modern_with(&server, "", json!({}), "tools/call", json!({"name": tool, "arguments": arguments}));
            let answer = answer.await.json();
            let mut said = answer["result"].to_string();
            assert!(answer["result"].is_object(), "{tool} {arguments}: {answer}");
            // What the caller wrote may be repeated, and a rule is named that denies.
            for own in arguments.as_object().expect("an object").values().filter_map(Value::as_str) {
                said = said.replace(own, "");
            }
            for rule in rules {
                said = said.replace(&format!("deny {rule}"), "").replace(rule, "");
            }
            for word in hidden {
                assert!(!said.contains(word), "{rules:?} {tool} {arguments} tells {word}: {said}");
            }
        }
        let nodes = server.get("/nodes").await.json().to_string();
        assert!(!nodes.contains("hushaway"), "{nodes}");
    }
}

#[tokio::test]
async fn the_names_of_tools_are_those_that_the_caller_may_use() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("tokens.toml");
    let mut made = Tokens::default();
    let tools = Some(["listVMs".to_owned(), "stopVM".to_owned()].into());
    let token = made.add(NewToken { name: "some".into(), scope: Scope::All, tools, expires: None }, chrono::Utc::now());
    let token = token.expect("token");
    made.write(&file).expect("written");
    let policy = Policy { deny: vec!["tool:stopVM".parse().expect("a rule")], ..Policy::default() };
    let http = HttpSettings { tokens: Some(file), ..settings() };
    let options = Options { policy, ..Options::default() };
    let server = start_with(http, options, Scenario::from_toml(CLUSTER).expect("a scenario")).await;
    for name in ["stopVMs", "deleteVMs", "nothing"] {
        let called = json!({"name": name, "arguments": {}});
        let said = modern_with(&server, &token, json!({}), "tools/call", called).await.json();
        let said = said["error"]["message"].as_str().unwrap_or_else(|| panic!("{said}")).replace(name, "");
        assert!(!said.contains("stopVM") && !said.contains("deleteVM") && !said.contains("getVM"), "{said}");
        assert!(said.contains("listVMs"), "{said}");
    }
}

#[tokio::test]
async fn a_secret_that_comes_back_is_masked_in_every_answer() {
    let server = start_with(settings(), Options::default(), Scenario::from_toml(CLUSTER).expect("a scenario")).await;
    let secret = server.demo.token().secret.reveal().to_owned();
    for echo in [Fault::Gateway(500, format!("I got PVEAPIToken={secret}")), Fault::Data(secret.clone())] {
        server.demo.inject_on(None, "/api2/json/", echo, u32::MAX);
        for (method, path) in
            [("GET", "/vms"), ("GET", "/vms/100"), ("POST", "/vms/100/start"), ("GET", "/nodes"), ("GET", "/readyz")]
        {
            let answer = send(server.request(method, path)).await;
            assert!(!String::from_utf8_lossy(&answer.body).contains(&secret), "{path}");
        }
        server.demo.clear_faults();
    }
}
