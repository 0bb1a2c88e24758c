//! Text that others wrote, over standard input and output: results in both halves, failed tasks, plans and questions.

use proxmox_mcp::demo::Fault;
use serde_json::{Value, json};

use crate::{
    demo::Cluster,
    session::text,
    strings::{scenario, strings, wrong, wrong_in},
};

#[track_caller]
fn harmless(tool: &str, hostile: &str, result: &Value) {
    let short: String = hostile.chars().take(40).collect();
    if let Some(wrong) = wrong(text(result)).or_else(|| wrong_in(&result["structuredContent"])) {
        panic!("{tool} of {short:?}: {wrong}: {:.600}", result.to_string());
    }
}

#[test]
fn what_owners_write_reaches_a_model_as_escapes_and_has_an_end() {
    let cluster = Cluster::new(scenario());
    let mut session = cluster.session();
    for arguments in [json!({}), json!({"detail": "full"})] {
        harmless("listVMs", "", &session.call("listVMs", arguments.clone()));
        harmless("listContainers", "", &session.call("listContainers", arguments));
    }
    for (n, hostile) in strings().into_iter().enumerate() {
        let (vm, ct) = (json!({"vmid": 100 + n}), json!({"vmid": 200 + n}));
        for (tool, arguments) in [
            ("getVM", vm.clone()),
            ("getContainer", ct.clone()),
            ("startVM", vm.clone()),
            ("deleteVM", vm.clone()),
            ("deleteContainer", ct.clone()),
            ("getVM", json!({"name": hostile})),
            ("startVM", ct.clone()),
        ] {
            harmless(tool, &hostile, &session.call(tool, arguments));
        }
    }
}

#[test]
fn a_question_about_a_deletion_forges_nothing() {
    let cluster = Cluster::new(scenario());
    let mut session = cluster.start(&[], &[]).legacy("2025-06-18", json!({"elicitation": {}}));
    for (n, hostile) in strings().into_iter().enumerate() {
        let id = session.post("tools/call", json!({"name": "deleteVM", "arguments": {"vmid": 100 + n}}));
        let question = session.receive().expect("a question");
        assert_eq!(question["method"], "elicitation/create", "{question}");
        let plan = question["params"]["message"].as_str().expect("a plan");
        assert_eq!(wrong(plan), None, "{plan}");
        assert_eq!(wrong_in(&question["params"]["requestedSchema"]), None, "{question}");
        session.send(&json!({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "decline"}}));
        harmless("deleteVM", &hostile, &session.answer(id)["result"]);
    }
}

#[test]
fn requests_under_way_are_bounded_and_every_one_is_answered() {
    let cluster = Cluster::new(scenario());
    let mut session = cluster.start(&[], &[]).legacy("2025-06-18", json!({"elicitation": {}}));
    // Each of these waits for its question to be answered.
    let deletions: Vec<_> =
        (0..256).map(|_| session.post("tools/call", json!({"name": "deleteVM", "arguments": {"vmid": 100}}))).collect();
    let refused = session.request("tools/list", json!({}));
    assert!(refused["error"]["message"].as_str().is_some_and(|why| why.contains("under way")), "{refused}");
    let pings: Vec<_> = (0..1000).map(|_| session.post("ping", json!({}))).collect();
    for id in pings {
        assert!(session.answer(id)["result"].is_object());
    }
    for id in deletions {
        session.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}));
    }
    let list = session.request("tools/list", json!({}));
    assert!(list["result"]["tools"].is_array(), "{list}");
}

#[test]
fn what_every_answer_repeats_has_an_end() {
    let cluster = Cluster::new(scenario());
    let long = "x".repeat(257);
    // Before the session is open, too.
    for mut session in [cluster.start(&[], &[]), cluster.session()] {
        for message in [
            json!({"jsonrpc": "2.0", "id": long, "method": "ping"}),
            json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                "params": {"name": "listVMs", "arguments": {}, "_meta": {"progressToken": long}}}),
        ] {
            session.send(&message);
            let refused = session.receive().expect("an answer");
            assert_eq!((&refused["error"]["code"], &refused["id"]), (&json!(-32600), &Value::Null), "{refused}");
            let why = refused["error"]["message"].as_str().expect("a sentence");
            assert!(why.contains("256 bytes") && refused.to_string().len() < 300, "{refused}");
        }
        session.send(&json!({"jsonrpc": "2.0", "id": long[1..], "method": "ping"}));
        assert_eq!(session.receive().expect("an answer")["id"], long[1..], "as long as may be");
    }
}

/// A host, or something in front of it, that shows what it was sent.
#[test]
fn a_secret_that_comes_back_is_masked_at_every_door() {
    let cluster = Cluster::new(scenario());
    let secret = cluster.demo.token().secret.reveal().to_owned();
    let echoes = [
        Fault::Gateway(500, format!("I got PVEAPIToken=root@pam!demo={secret}")),
        Fault::Gateway(401, format!("no ticket in Authorization: {secret}")),
        Fault::Raw(format!("[{{\"type\":\"qemu\",\"vmid\":100,\"node\":\"pve1\",\"name\":\"{secret}\"}}]")),
        Fault::Data(secret.clone()),
    ];
    for echo in echoes {
        let inject = || cluster.demo.inject_on(None, "/api2/json/", echo.clone(), u32::MAX);
        let mut session = cluster.session();
        inject();
        let mut said = Vec::new();
        for (tool, arguments) in [("listVMs", json!({"detail": "full"})), ("getVM", json!({"vmid": 100}))] {
            said.push(session.call(tool, arguments).to_string());
        }
        let env = cluster.env();
        let mut env: Vec<_> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        env.push(("PROXMOX_LOG", "trace"));
        for words in [&["call", "listVMs"][..], &["call", "stopVM", "vmid=100"], &["doctor"]] {
            let output = crate::session::program(words, &env).output().expect("the program");
            said.push(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned());
        }
        for text in said {
            assert!(!text.contains(&secret), "{echo:?}: {text}");
        }
        cluster.demo.clear_faults();
    }
}
