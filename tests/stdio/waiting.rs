//! While a task runs: progress, cancelling, handles; and what a reader of Spanish or of one guest gets.

use std::time::Duration;

use proxmox_mcp::demo::Scenario;
use serde_json::{Value, json};

use crate::{
    demo::{Cluster, facts},
    session::{MODERN, text},
};

/// A VM whose shutdown takes as long as a person would wait.
fn slow() -> Cluster {
    Cluster::toml(
        "speed = 'real'\n[[guests]]\nvmid = 100\nname = 'web'\nstate = 'running'\nstubborn = true\nuptime = 9999",
    )
}

fn shutdown(token: Value) -> Value {
    json!({"name": "stopVM", "arguments": {"vmid": 100, "mode": "shutdown"}, "_meta": {"progressToken": token}})
}

#[test]
fn progress_is_told_while_waiting_and_never_after_the_result() {
    let cluster = slow();
    let mut session = cluster.session();
    let id = session.post("tools/call", shutdown(json!("p1")));
    let first = session.receive().expect("progress");
    assert_eq!((&first["method"], &first["params"]["progressToken"]), (&json!("notifications/progress"), &json!("p1")));
    assert!(first["params"]["total"].as_f64().unwrap() > first["params"]["progress"].as_f64().unwrap());
    cluster.demo.advance(Duration::from_secs(120));
    let result = session.answer(id)["result"].clone();
    assert!(text(&result).contains("got timeout"), "{}", text(&result));
    let steps: Vec<_> = session.others.iter().filter_map(|other| other["params"]["progress"].as_f64()).collect();
    assert!(steps.is_sorted(), "{steps:?}");
    let (_, rest) = session.end();
    assert!(rest.len() <= steps.len(), "nothing came after the result: {rest:?}");
}

#[test]
fn cancelling_ends_the_waiting_and_not_the_task() {
    let cluster = slow();
    let mut session = cluster.session();
    let id = session.post("tools/call", shutdown(json!(1)));
    session.receive().expect("progress");
    session.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}));
    let told = session.logged("the caller no longer waits; the task goes on");
    assert!(told.contains(":qmshutdown:100:"), "{told}");
    // The session goes on, and the task does too.
    let result = session.call("getVM", json!({"vmid": 100}));
    assert_eq!(facts(&result)["status"], "running");
    assert!(!cluster.asked_since(0).iter().any(|asked| asked.starts_with("DELETE")));
    let (status, rest) = session.end();
    assert_eq!(status.code(), Some(0));
    assert!(rest.iter().all(|message| message["id"] != id), "a cancelled request has no answer: {rest:?}");
}

#[test]
fn closing_an_http_response_ends_the_waiting_and_not_the_task() {
    use std::io::{BufRead, BufReader, Write};
    let cluster = slow();
    let mut door = cluster.start(&["serve", "--listen", "127.0.0.1:0"], &[]);
    let line = door.logged("listening");
    let address = line.split("address=").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("an address");
    let mut params = shutdown(json!("p1"));
    let meta = params["_meta"].as_object_mut().expect("an object");
    meta.insert("io.modelcontextprotocol/protocolVersion".to_owned(), json!(MODERN));
    meta.insert("io.modelcontextprotocol/clientCapabilities".to_owned(), json!({}));
    meta.insert("io.modelcontextprotocol/clientInfo".to_owned(), json!({"name": "test", "version": "1"}));
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string();
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    write!(
        stream,
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAccept: application/json, text/event-stream\r\n\
         Content-Type: application/json\r\nMCP-Protocol-Version: {MODERN}\r\nMcp-Method: tools/call\r\n\
         Mcp-Name: stopVM\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("sent");
    let mut lines = BufReader::new(&stream).lines().map(|line| line.expect("a line"));
    assert!(lines.any(|line| line.contains("notifications/progress")), "progress while it waits");
    drop(lines);
    drop(stream);
    let told = door.logged("the caller no longer waits; the task goes on");
    assert!(told.contains(":qmshutdown:100:"), "{told}");
    assert_eq!(cluster.demo.is_running(100), Some(true));
    assert!(!cluster.asked_since(0).iter().any(|asked| asked.starts_with("DELETE")));
}

#[test]
fn the_end_of_input_ends_a_wait_with_the_truth() {
    let cluster = slow();
    let mut session = cluster.session();
    let id = session.post("tools/call", shutdown(json!(1)));
    session.receive().expect("progress");
    let (status, rest) = session.end();
    assert_eq!(status.code(), Some(0));
    let answer = rest.iter().find(|message| message["id"] == id).expect("the answer");
    assert_eq!(answer["result"]["structuredContent"]["outcome"], "running");
}

#[test]
fn a_client_that_takes_tasks_gets_one_that_any_replica_knows() {
    let cluster = slow();
    let capabilities = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    let mut session = cluster.start(&[], &[]).modern(capabilities.clone());
    let task = session.call("stopVM", json!({"vmid": 100, "mode": "shutdown"}));
    assert_eq!((&task["resultType"], &task["status"]), (&json!("task"), &json!("working")), "{task}");
    let handle = json!({"taskId": task["taskId"]});
    let state = session.request("tasks/get", handle.clone())["result"].clone();
    assert_eq!(state["status"], "working", "{state}");
    assert!(session.request("tasks/cancel", handle.clone()).get("result").is_some());
    let told = session.logged("a client no longer waits for its task; the task goes on");
    assert!(told.contains(":qmshutdown:100:"), "{told}");
    assert!(!cluster.asked_since(0).iter().any(|asked| asked.starts_with("DELETE")));
    cluster.demo.advance(Duration::from_secs(120));
    let mut replica = cluster.start(&[], &[]).modern(capabilities);
    for session in [&mut session, &mut replica] {
        let state = session.request("tasks/get", handle.clone())["result"].clone();
        assert_eq!(state["status"], "completed", "{state}");
        assert_eq!(state["result"]["isError"], true);
        assert_eq!(state["result"]["structuredContent"]["outcome"], "failed");
    }
    let answer = replica.request("tasks/get", json!({"taskId": "rs1.forged.forged"}));
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    // What does not wait is no task: reads answer at once.
    assert_eq!(facts(&replica.call("getVM", json!({"vmid": 100})))["vmid"], 100);
}

#[test]
fn a_client_of_this_year_without_tasks_simply_waits() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.start(&[], &[]).modern(json!({}));
    let result = session.call("startVM", json!({"vmid": 110}));
    assert_eq!((&facts(&result)["outcome"], &result["resultType"]), (&json!("done"), &json!("complete")));
    assert_eq!(session.request("tasks/get", json!({"taskId": "x"}))["error"]["code"], -32021);
}

#[test]
fn one_guest_is_told_with_its_parts_its_pending_changes_and_without_its_secrets() {
    let cluster = Cluster::toml(
        "[[guests]]\nvmid = 100\nname = 'web'\nstate = 'running'\nconfig = { memory = '2048', cipassword = 'geheim', \
         net0 = 'virtio=BC:24:11:00:00:01,bridge=vmbr0', description = 'a note' }\npending = { memory = '4096' }",
    );
    let mut session = cluster.session();
    let result = session.call("getVM", json!({"vmid": 100}));
    let facts = facts(&result);
    assert_eq!((&facts["name"], &facts["status"], &facts["node"]), (&json!("web"), &json!("running"), &json!("pve1")));
    assert_eq!(facts["config"]["net0"], json!({"model": "virtio", "macaddr": "BC:24:11:00:00:01", "bridge": "vmbr0"}));
    assert_eq!(facts["pending"]["memory"]["value"]["current"], 4096);
    assert_eq!(facts["config"]["cipassword"], "**********");
    assert!(!result.to_string().contains("geheim"));
    assert!(text(&result).contains("memory: 4096 (now 2048)"), "{}", text(&result));
    assert!(facts["live"].get("netin").is_none());
    let full = session.call("getVM", json!({"vmid": 100, "detail": "full"}));
    assert!(crate::demo::facts(&full)["live"]["netin"].is_number());
    assert!(crate::demo::facts(&full)["config"]["digest"].is_string());
}

#[test]
fn lists_filter_and_page() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.session();
    let mut ids = |arguments: Value| -> Vec<u64> {
        let result = session.call("listVMs", arguments);
        facts(&result)["guests"].as_array().unwrap().iter().map(|guest| guest["vmid"].as_u64().unwrap()).collect()
    };
    assert_eq!(ids(json!({})), [100, 101, 102, 110, 111, 112, 900]);
    assert_eq!(ids(json!({"node": "pve3"})), [111, 112]);
    assert_eq!(ids(json!({"tag": "prod"})), [100, 101, 102]);
    assert_eq!(ids(json!({"pool": "shop", "node": "pve2"})), [101, 102]);
    assert_eq!(ids(json!({"name": "SHOP-", "status": "running"})), [100, 101, 102]);
    assert_eq!(ids(json!({"status": "stopped"})), [110, 112, 900]);
    assert_eq!(ids(json!({"limit": 3})), [100, 101, 102]);
    assert_eq!(ids(json!({"limit": 3, "cursor": "102"})), [110, 111, 112]);
    assert_eq!(ids(json!({"tag": "nosuch"})), Vec::<u64>::new());
    let page = session.call("listVMs", json!({"limit": 5}));
    assert_eq!((&facts(&page)["cursor"], &facts(&page)["total"]), (&json!("111"), &json!(7)));
    assert!(text(&page).contains("2 more"));
}

/// Most bytes of a guest in the text of a list and in its structured part.
const TEXT: usize = 70;
const LEAN: usize = 155;

#[test]
fn lists_are_lean_in_both_languages() {
    let cluster = Cluster::new(Scenario::default());
    for lang in ["en", "es"] {
        let mut session = cluster.start(&["--lang", lang], &[]).legacy("2025-06-18", json!({}));
        for tool in ["listVMs", "listContainers"] {
            let result = session.call(tool, json!({}));
            let rows = facts(&result)["guests"].as_array().unwrap().len();
            let (lean, shown) = (facts(&result)["guests"].to_string().len(), text(&result).len());
            // Two lines stand around the guests: the heads and how many there are.
            assert!(lean <= LEAN * rows && shown <= TEXT * (rows + 2), "{tool} {lang}: {lean} and {shown} bytes");
        }
    }
}

#[test]
fn a_long_list_is_capped_and_its_pages_are_whole() {
    let cluster = Cluster::new(Scenario::large(700, 5));
    for (lang, more) in [("en", "more: call again with cursor"), ("es", "más: llama otra vez con cursor")] {
        let mut session = cluster.start(&["--lang", lang], &[]).legacy("2025-06-18", json!({}));
        for (tool, count) in [("listVMs", 467), ("listContainers", 233)] {
            for (detail, pages) in [(json!({}), 1), (json!({"detail": "full"}), 2)] {
                let (mut seen, mut replies) = (Vec::new(), 0);
                let mut arguments = detail.clone();
                arguments["limit"] = json!(500);
                loop {
                    let result = session.call(tool, arguments.clone());
                    let (facts, shown) = (facts(&result), text(&result));
                    let rows = facts["guests"].as_array().unwrap();
                    seen.extend(rows.iter().map(|row| row["vmid"].as_u64().unwrap()));
                    replies += 1;
                    assert!(facts["guests"].to_string().len() <= 41_000 && result.to_string().len() < 100_000);
                    assert_eq!(facts["total"], count);
                    let left = count - seen.len();
                    let Some(cursor) = facts["cursor"].as_str() else {
                        assert_eq!(left, 0, "{tool}");
                        break;
                    };
                    assert!(shown.contains(&format!("{left} {more} {cursor}")), "{shown}");
                    assert!(rows.len() > 20, "a page is not tiny");
                    arguments["cursor"] = json!(cursor);
                }
                assert!(replies >= pages, "{tool} {detail}: {replies} replies");
                assert!(seen.is_sorted() && seen.len() == count && seen.windows(2).all(|two| two[0] < two[1]));
            }
        }
    }
}

#[test]
fn a_reader_of_spanish_reads_spanish() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.start(&["--lang", "es"], &[]).legacy("2025-06-18", json!({}));
    let list = session.call("listVMs", json!({}));
    assert!(text(&list).contains("NOMBRE") && text(&list).contains("7 de 7 VM"), "{}", text(&list));
    let result = session.call("startVM", json!({"vmid": 110}));
    assert!(text(&result).contains("arranque completado"), "{}", text(&result));
    let result = session.call("startVM", json!({"vmid": "abc"}));
    assert!(text(&result).contains("no es un número entero"), "{}", text(&result));
}
