//! Consent to a deletion, in each way that a client can give it, and what stands in the way of one.

use proxmox_mcp::demo::Scenario;
use serde_json::{Value, json};

use crate::{
    demo::{Cluster, facts, refused},
    session::{Session, text},
};

fn cluster() -> Cluster {
    Cluster::new(Scenario::default())
}

fn gone(cluster: &Cluster, vmid: u32) -> bool {
    cluster.demo.node_of(vmid).is_none()
}

/// The code of a plan.
fn code(result: &Value) -> String {
    refused(result, &["Nothing was deleted yet"]);
    assert_eq!(result["structuredContent"]["outcome"], "confirm");
    result["structuredContent"]["confirm"].as_str().unwrap().to_owned()
}

#[test]
fn without_a_way_to_ask_a_plan_comes_first_and_its_code_executes_it() {
    let cluster = cluster();
    let mut session = cluster.session();
    for (tool, vmid, name) in [("deleteVM", 110, "staging"), ("deleteContainer", 203, "sandbox")] {
        let plan = session.call(tool, json!({"vmid": vmid}));
        refused(&plan, &[name, "stopped", &format!("vm-{vmid}-disk-0"), "confirm="]);
        assert!(!gone(&cluster, vmid));
        let result = session.call(tool, json!({"vmid": vmid, "confirm": code(&plan)}));
        assert_eq!((&facts(&result)["outcome"], &facts(&result)["status"]), (&json!("done"), &json!("deleted")));
        assert!(gone(&cluster, vmid));
        refused(&session.call(tool, json!({"vmid": vmid, "confirm": code(&plan)})), &["No guest"]);
    }
}

#[test]
fn a_code_is_for_one_guest_as_it_is_with_the_same_options() {
    let cluster = cluster();
    let mut session = cluster.session();
    let plan = code(&session.call("deleteVM", json!({"vmid": 110})));
    for arguments in [
        json!({"vmid": 112, "confirm": plan}),
        json!({"vmid": 110, "confirm": plan, "purge": true}),
        json!({"vmid": 110, "confirm": plan, "destroyUnreferencedDisks": true}),
        json!({"vmid": 110, "confirm": "yes"}),
        json!({"vmid": 110, "confirm": format!("{plan}0")}),
        json!({"vmid": 110, "confirm": ""}),
    ] {
        let result = session.call("deleteVM", arguments);
        refused(&result, &["not for this guest"]);
    }
    cluster.demo.set_option(110, "memory", Some("512"));
    refused(&session.call("deleteVM", json!({"vmid": 110, "confirm": plan})), &["not for this guest as it is now"]);
    assert!(!gone(&cluster, 110) && !gone(&cluster, 112));
    // Another process with the same credentials is a replica: the code is sealed, not remembered.
    let plan = code(&session.call("deleteVM", json!({"vmid": 110})));
    let mut replica = cluster.session();
    assert_eq!(facts(&replica.call("deleteVM", json!({"vmid": 110, "confirm": plan})))["outcome"], "done");
}

#[test]
fn automation_can_do_without() {
    let cluster = cluster();
    let mut session = cluster.start(&[], &[("PROXMOX_MCP_CONFIRM", "never")]).legacy("2025-06-18", json!({}));
    assert_eq!(facts(&session.call("deleteVM", json!({"vmid": 110})))["outcome"], "done");
    assert!(gone(&cluster, 110));
}

/// Calls a tool of an older client that is asked on the way; gives the question and the result.
fn asked(session: &mut Session, vmid: u32, answer: &Value) -> (Value, Value) {
    let id = session.post("tools/call", json!({"name": "deleteVM", "arguments": {"vmid": vmid}}));
    let question = session.receive().expect("a question");
    assert_eq!(question["method"], "elicitation/create", "{question}");
    session.send(&json!({"jsonrpc": "2.0", "id": question["id"], "result": answer}));
    (question, session.answer(id)["result"].clone())
}

#[test]
fn an_older_client_is_asked_within_the_call() {
    let cluster = cluster();
    let mut session = cluster.start(&[], &[]).legacy("2025-06-18", json!({"elicitation": {}}));
    for answer in [
        json!({"action": "decline"}),
        json!({"action": "cancel"}),
        json!({"action": "accept"}),
        json!({"action": "accept", "content": {"confirm": false}}),
        json!({"action": "accept", "content": {"confirm": "yes"}}),
    ] {
        let (_, result) = asked(&mut session, 110, &answer);
        refused(&result, &["was not deleted", "did not agree"]);
        assert!(!gone(&cluster, 110), "{answer}");
    }
    let (question, result) = asked(&mut session, 110, &json!({"action": "accept", "content": {"confirm": true}}));
    let message = question["params"]["message"].as_str().unwrap();
    for word in ["110", "staging", "pve1", "stopped", "vm-110-disk-0"] {
        assert!(message.contains(word), "{word} is not in {message}");
    }
    assert_eq!(question["params"]["requestedSchema"]["properties"]["confirm"]["type"], "boolean");
    assert_eq!(facts(&result)["outcome"], "done");
    assert!(gone(&cluster, 110));
}

#[test]
fn a_modern_client_repeats_the_call_with_the_answer() {
    let cluster = cluster();
    let mut session = cluster.start(&[], &[]).modern(json!({"elicitation": {"form": {}}}));
    let arguments = json!({"vmid": 110});
    let first = session.call("deleteVM", arguments.clone());
    assert_eq!(first["resultType"], "input_required", "{first}");
    assert_eq!(first["inputRequests"]["confirm"]["method"], "elicitation/create");
    let state = first["requestState"].clone();
    let mut again = |arguments: &Value, state: &Value, answer: Value| {
        let params = json!({"name": "deleteVM", "arguments": arguments, "requestState": state, "inputResponses": {"confirm": answer}});
        session.request("tools/call", params)["result"].clone()
    };
    let yes = json!({"action": "accept", "content": {"confirm": true}});
    // The state is the client's to forge: another guest, other options or rubbish only bring the question back.
    for (arguments, state) in [
        (json!({"vmid": 112}), state.clone()),
        (json!({"vmid": 110, "purge": true}), state.clone()),
        (json!({"vmid": 110}), json!("x")),
    ] {
        assert_eq!(again(&arguments, &state, yes.clone())["resultType"], "input_required", "{arguments} {state}");
    }
    refused(&again(&arguments, &state, json!({"action": "decline"})), &["did not agree"]);
    assert!(!gone(&cluster, 110) && !gone(&cluster, 112));
    let result = again(&arguments, &state, yes);
    assert_eq!(facts(&result)["outcome"], "done");
    assert!(gone(&cluster, 110));
}

#[test]
fn what_stands_in_the_way_is_named_with_its_cure_and_nothing_is_sent() {
    let cluster = cluster();
    let mut session = cluster.session();
    for (tool, vmid, by, cure) in [
        ("deleteVM", 100, "running", "stopVM"),
        ("deleteVM", 101, "protected", "option protection"),
        ("deleteVM", 102, "ha", "purge=true"),
        ("deleteContainer", 200, "running", "force=true"),
        ("deleteContainer", 202, "locked", "pct unlock 202"),
    ] {
        let result = session.call(tool, json!({"vmid": vmid}));
        refused(&result, &["cannot be deleted now", cure]);
        let blocks = result["structuredContent"]["blockedBy"].as_array().unwrap();
        assert!(blocks.contains(&json!(by)), "{vmid}: {blocks:?}");
    }
    let template = session.call("deleteVM", json!({"vmid": 900}));
    refused(&template, &["It is a template"]);
    assert!(!cluster.asked_since(0).iter().any(|asked| asked.starts_with("DELETE")));
    // Force is the caller's own word for a running container; the plan says what it does.
    let plan = session.call("deleteContainer", json!({"vmid": 200, "force": true}));
    refused(&plan, &["stopped first"]);
    let result = session.call("deleteContainer", json!({"vmid": 200, "force": true, "confirm": code(&plan)}));
    assert_eq!(facts(&result)["outcome"], "done", "{}", text(&result));
    assert!(gone(&cluster, 200));
}
