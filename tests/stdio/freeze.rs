//! The freeze: while a person wants it, nothing is changed, by whatever tool; reading goes on.

use std::{fs, path::Path, process::Command};

use proxmox_mcp::demo::Scenario;
use serde_json::{Value, json};

use crate::{
    demo::{Cluster, facts, refused},
    session::{Session, program, text},
};

/// A server that goes by a file in this folder.
fn session(cluster: &Cluster, file: &Path, more: &[&str]) -> Session {
    let mut args = vec!["--freeze-file", file.to_str().unwrap()];
    args.extend(more);
    cluster.start(&args, &[]).legacy("2025-06-18", json!({}))
}

/// Runs a command of the program on this file; gives what it printed, and whether it ended well.
fn ran(words: &[&str], file: &Path) -> (String, bool) {
    let mut args = words.to_vec();
    args.extend(["--freeze-file", file.to_str().unwrap()]);
    let output = program(&args, &[("USER", "ana")]).output().unwrap();
    (String::from_utf8([output.stdout, output.stderr].concat()).unwrap(), output.status.success())
}

#[test]
fn a_freeze_keeps_every_change_back_until_it_is_lifted() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("frozen");
    let audit = folder.path().join("audit.jsonl");
    let mut session = session(&cluster, &file, &["--audit-file", audit.to_str().unwrap(), "--toolsets", "all"]);
    let plan = session.call("deleteVM", json!({"vmid": 110}));
    let code = plan["structuredContent"]["confirm"].as_str().unwrap().to_owned();
    let (said, good) = ran(&["freeze", "--why", "the storage is being moved"], &file);
    assert!(good && said.contains("Changes are frozen by"), "{said}");

    let from = cluster.count();
    for (tool, arguments) in [
        ("startVM", json!({"vmid": 110})),
        ("stopContainer", json!({"vmid": 200})),
        ("deleteVM", json!({"vmid": 110})),
        ("deleteVM", json!({"vmid": 110, "confirm": code})),
        ("callApi", json!({"id": "PUT /nodes/{node}/qemu/{vmid}/config", "arguments": {"vmid": 110, "onboot": true}})),
    ] {
        let result = session.call(tool, arguments);
        let words = [
            tool,
            "changes are frozen",
            "nothing was changed",
            "ana",
            "the storage is being moved",
            "proxmox-mcp thaw",
        ];
        refused(&result, &words);
        let facts = &result["structuredContent"];
        assert_eq!((&facts["rule"], &facts["frozenWhy"]), (&json!("freeze"), &json!("the storage is being moved")));
        assert!(facts["frozenBy"].as_str().unwrap().starts_with("ana") && facts["frozenAt"].is_string(), "{facts}");
    }
    assert_eq!(cluster.changes_since(from), [""; 0]);
    for (tool, arguments) in [
        ("listVMs", json!({})),
        ("getVM", json!({"vmid": 110})),
        ("callApi", json!({"id": "GET /nodes/{node}/qemu/{vmid}/config", "arguments": {"vmid": 110}})),
    ] {
        facts(&session.call(tool, arguments));
    }
    let (said, good) = ran(&["freeze", "--why", "another reason"], &file);
    assert!(good && said.contains("frozen already") && said.contains("the storage is being moved"), "{said}");
    let (said, good) = ran(&["thaw"], &file);
    assert!(good && said.contains("let through again") && said.contains("ana"), "{said}");
    let (said, good) = ran(&["thaw"], &file);
    assert!(good && said.contains("Nothing was frozen"), "{said}");
    assert_eq!(facts(&session.call("startVM", json!({"vmid": 110})))["outcome"], "done");
    session.end();
    let text = fs::read_to_string(&audit).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kept: Vec<_> = lines.iter().filter(|line| line["rule"] == "freeze").collect();
    assert_eq!(kept.len(), 5, "{text}");
    assert!(kept.iter().all(|line| line["decision"] == "denied"), "{text}");
}

/// Between the plan and the change, a person may freeze: what is about to be sent is not.
#[test]
fn a_freeze_during_a_call_keeps_back_what_it_has_not_sent() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("frozen");
    let args = ["--freeze-file", file.to_str().unwrap()];
    let mut session = cluster.start(&args, &[]).legacy("2025-06-18", json!({"elicitation": {}}));
    let id = session.post("tools/call", json!({"name": "deleteVM", "arguments": {"vmid": 110}}));
    let question = session.receive().expect("a question");
    assert_eq!(question["method"], "elicitation/create", "{question}");
    assert!(ran(&["freeze"], &file).1);
    let from = cluster.count();
    let answer = json!({"action": "accept", "content": {"confirm": true}});
    session.send(&json!({"jsonrpc": "2.0", "id": question["id"], "result": answer}));
    let result = session.answer(id);
    refused(&result["result"], &["changes are frozen", "No reason was given"]);
    assert_eq!(cluster.changes_since(from), [""; 0]);
    assert!(cluster.demo.node_of(110).is_some());
}

#[test]
fn a_place_that_cannot_be_read_freezes() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("frozen");
    fs::create_dir(&file).unwrap();
    let mut session = session(&cluster, &file, &[]);
    refused(
        &session.call("startVM", json!({"vmid": 110})),
        &["cannot be told", "not a regular file", "Nothing was changed"],
    );
    facts(&session.call("getVM", json!({"vmid": 110})));
    let (said, good) = ran(&["thaw"], &file);
    assert!(!good && said.contains("changes stay frozen"), "{said}");
    let (said, _) = ran(&["freeze"], &file);
    assert!(said.contains("frozen already") && said.contains("cannot be read"), "{said}");
    let nowhere = folder.path().join("no folder").join("frozen");
    let (said, good) = ran(&["freeze"], &nowhere);
    assert!(!good && said.contains("nothing is frozen"), "{said}");
    fs::remove_dir(&file).unwrap();
    assert_eq!(facts(&session.call("startVM", json!({"vmid": 110})))["outcome"], "done");
}

#[test]
fn a_reason_of_many_lines_stays_in_one() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("frozen");
    fs::write(&file, "moved\n| VM 110 | deleted |\u{202e}\u{1b}[2J").unwrap();
    let mut session = session(&cluster, &file, &["--lang", "es"]);
    let result = session.call("startVM", json!({"vmid": 110}));
    refused(&result, &["los cambios están congelados", "no dice quién", r"moved\n| VM 110", r"\u{202e}\u{1b}[2J"]);
    assert!(!text(&result).contains('\u{1b}'));
}

#[test]
fn a_signal_freezes_one_process() {
    let cluster = Cluster::new(Scenario::default());
    let (mut one, mut other) = (cluster.session(), cluster.session());
    let sent = Command::new("kill").args(["-s", "USR1", &one.id().to_string()]).status().unwrap();
    assert!(sent.success());
    one.logged("frozen by SIGUSR1");
    refused(&one.call("startVM", json!({"vmid": 110})), &["changes are frozen", "SIGUSR1", "starts it again"]);
    facts(&one.call("getVM", json!({"vmid": 110})));
    assert_eq!(facts(&other.call("startVM", json!({"vmid": 110})))["outcome"], "done");
}
