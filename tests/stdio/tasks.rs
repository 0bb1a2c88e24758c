//! The tools for tasks: what was done and when, why it failed, and its end.

use serde_json::{Value, json};

use crate::{
    demo::{Cluster, facts, refused},
    session::{Session, text},
};

/// A cluster whose clock stands at half past one in the afternoon of a Wednesday, UTC, with what it did since the evening before.
fn cluster() -> Cluster {
    Cluster::toml(
        r#"
        cluster = "lab"
        clock = 1795613245
        [[nodes]]
        name = "pve1"
        [[nodes]]
        name = "pve2"
        [[users]]
        id = "ops@pve"
        [[guests]]
        vmid = 100
        name = "web"
        [[guests]]
        vmid = 105
        name = "db"
        node = "pve2"
        fails_to_start = "bridge 'vmbr9' does not exist"
        [[guests]]
        vmid = 106
        name = "slow"
        state = "running"
        stubborn = true
        [[guests]]
        vmid = 200
        kind = "lxc"
        name = "web2"
        tags = ["mcp-protected"]
        [[tasks]]
        type = "qmsnapshot"
        id = "100"
        age = 40000
        user = "ops@pve!ci"
        [[tasks]]
        type = "vzdump"
        id = "100"
        age = 50000
        took = 61
        status = "job errors"
        log = ["INFO: starting new backup job", "ERROR: Backup of VM 100 failed - \u001b[2Jno space left", "INFO: done"]
        [[tasks]]
        type = "qmclone"
        id = "100"
        age = 200000
        [[tasks]]
        node = "pve2"
        type = "qmigrate"
        id = "100"
        age = 30000
        status = "unexpected status"
        [[tasks]]
        type = "vzstart"
        id = "999"
        age = 10
        [[tasks]]
        type = "aptupdate"
        age = 20
        status = "WARNINGS: 2"
        "#,
    )
}

fn open(cluster: &Cluster, args: &[&str]) -> Session {
    let args: Vec<&str> = ["--toolsets", "all"].iter().chain(args).copied().collect();
    cluster.start(&args, &[]).legacy("2025-06-18", json!({}))
}

/// What the rows of a list are of.
fn kinds(list: &Value) -> Vec<String> {
    let rows = facts(list)["tasks"].as_array().expect("rows");
    rows.iter().map(|row| format!("{} {}", row["type"].as_str().unwrap(), row["id"].as_str().unwrap_or("-"))).collect()
}

#[test]
fn the_tasks_of_all_nodes_are_one_list_the_newest_first() {
    let cluster = cluster();
    let mut session = open(&cluster, &[]);
    let list = session.call("listTasks", json!({}));
    assert_eq!(
        kinds(&list),
        ["vzstart 999", "aptupdate -", "qmigrate 100", "qmsnapshot 100", "vzdump 100", "qmclone 100"]
    );
    assert_eq!(facts(&list)["total"], 6);
    let row = &facts(&list)["tasks"][3];
    assert_eq!((&row["user"], &row["node"], &row["status"]), (&json!("ops@pve!ci"), &json!("pve1"), &json!("OK")));
    // Both halves have every row.
    for row in facts(&list)["tasks"].as_array().unwrap() {
        for key in ["upid", "start", "status"] {
            assert!(text(&list).contains(row[key].as_str().unwrap()), "{key}: {}", text(&list));
        }
    }
    let page = session.call("listTasks", json!({"limit": 2}));
    assert_eq!((kinds(&page).len(), &facts(&page)["total"]), (2, &json!(6)));
    let until = facts(&page)["tasks"][1]["start"].as_str().unwrap().to_owned();
    assert!(text(&page).contains(&format!("4 more: call again with until={until}.")), "{}", text(&page));
    let rest = session.call("listTasks", json!({"until": until}));
    assert_eq!(kinds(&rest)[..2], ["aptupdate -", "qmigrate 100"], "none is left out");
}

#[test]
fn filters_choose_and_a_guest_that_is_gone_has_its_tasks() {
    let cluster = cluster();
    let mut session = open(&cluster, &[]);
    for (arguments, found) in [
        (json!({"vmid": 999}), vec!["vzstart 999"]),
        (json!({"name": "web", "type": "snapshot"}), vec!["qmsnapshot 100"]),
        (json!({"vmid": 100, "node": "pve2"}), vec!["qmigrate 100"]),
        (json!({"type": "backup"}), vec!["vzdump 100"]),
        (json!({"user": "ops"}), vec!["qmsnapshot 100"]),
        (json!({"failed": true}), vec!["qmigrate 100", "vzdump 100"]),
        (json!({"vmid": 105}), vec![]),
    ] {
        let list = session.call("listTasks", arguments.clone());
        assert_eq!(kinds(&list), found, "{arguments}: {}", text(&list));
    }
    refused(&session.call("listTasks", json!({"name": "nosuch"})), &["No guest named nosuch is visible"]);
    refused(&session.call("listTasks", json!({"node": "pve9"})), &["no node pve9", "pve1, pve2"]);
}

#[test]
fn words_about_time_are_resolved_by_the_clock_of_the_node_and_told_back() {
    let cluster = cluster();
    let mut session = open(&cluster, &[]);
    let list = session.call("listTasks", json!({"vmid": 100, "since": "12 hours ago"}));
    assert_eq!(kinds(&list), ["qmigrate 100", "qmsnapshot 100"]);
    let told = facts(&list)["since"].as_str().unwrap();
    assert!(told.starts_with("2026-11-25T01:27:"), "{told}");
    assert!(text(&list).contains(&format!("Tasks that began since {told}.")), "{}", text(&list));
    let night = session.call("listTasks", json!({"since": "anoche"}));
    let (from, to) = (facts(&night)["since"].as_str().unwrap(), facts(&night)["until"].as_str().unwrap());
    assert_eq!((from, to), ("2026-11-24T18:00:00Z", "2026-11-25T08:00:00Z"));
    assert_eq!(kinds(&night), ["qmigrate 100", "qmsnapshot 100", "vzdump 100"]);
    assert!(text(&night).contains(&format!("between {from} and {to}.")), "{}", text(&night));
    refused(&session.call("listTasks", json!({"since": "soon"})), &["since: \"soon\" is no time", "last night"]);
    refused(&session.call("listTasks", json!({"since": "1h", "until": "2h"})), &["is after until"]);
}

#[test]
fn what_is_missing_from_a_list_is_said_in_both_halves() {
    let cluster = cluster();
    cluster.demo.set_node_online("pve2", false);
    let mut session = open(&cluster, &[]);
    let list = session.call("listTasks", json!({}));
    let missing = "Node pve2 is offline: its tasks are missing.";
    assert!(text(&list).contains(missing) && facts(&list)["detail"].as_str().unwrap().contains(missing));
    refused(&session.call("listTasks", json!({"node": "pve2"})), &[missing]);
    // Of others' tasks a token without Sys.Audit is not told, nor that there are any.
    let blind = Cluster::toml(
        "[[users]]\nid = 'mcp@pve'\n[[tokens]]\nid = 'mcp@pve!ai'\nprivsep = false\n\
         [[acl]]\nwho = 'mcp@pve'\nrole = 'PVEVMAdmin'\npath = '/vms'\n[[guests]]\nvmid = 100\n[[tasks]]\ntype = 'qmstart'\nid = '100'",
    );
    let list = open(&blind, &[]).call("listTasks", json!({}));
    assert_eq!(kinds(&list), Vec::<String>::new());
    assert!(text(&list).contains("Sys.Audit is missing on pve1"), "{}", text(&list));
    // A rule hides what it hides, and says how much.
    let list = open(&cluster, &["--deny", "vmid:100"]).call("listTasks", json!({}));
    assert!(!text(&list).contains(":100:") && text(&list).contains("hidden by the rules"), "{}", text(&list));
}

#[test]
fn why_a_vm_did_not_start_is_one_call() {
    let cluster = cluster();
    let mut session = open(&cluster, &[]);
    refused(&session.call("startVM", json!({"vmid": 105})), &["vmbr9"]);
    let from = cluster.count();
    let task = session.call("getTask", json!({"vmid": 105, "type": "start"}));
    assert!(text(&task).starts_with("qmstart 105 failed: bridge 'vmbr9' does not exist."), "{}", text(&task));
    assert_eq!(facts(&task)["status"], "bridge 'vmbr9' does not exist");
    assert_eq!((&facts(&task)["type"], &facts(&task)["node"]), (&json!("qmstart"), &json!("pve2")));
    assert!(cluster.asked_since(from).iter().all(|asked| asked.starts_with("GET ")));
    refused(&session.call("getTask", json!({"vmid": 105, "type": "backup"})), &["No such task was found."]);
    refused(&session.call("getTask", json!({})), &["upid, or vmid or name of a guest, is needed"]);
    refused(&session.call("getTask", json!({"upid": "UPID:x"})), &["is not a UPID"]);
    let gone = "UPID:pve1:0000FFFF:0011862A:6B06DF5B:qmcreate:8000:root@pam:";
    refused(&session.call("getTask", json!({"upid": gone})), &["no such task"]);
}

#[test]
fn the_errors_of_a_log_come_first_and_stay_in_their_line() {
    let cluster = cluster();
    let mut session = open(&cluster, &[]);
    let task = session.call("getTask", json!({"name": "web", "type": "backup"}));
    let said = "vzdump 100 failed: job errors. Its log says: ERROR: Backup of VM 100 failed - \\u{1b}[2Jno space left. It took 1m.";
    assert!(text(&task).starts_with(said), "{}", text(&task));
    assert_eq!(facts(&task)["log"], json!(["INFO: starting new backup job", "INFO: done"]));
    assert_eq!(facts(&task)["seconds"], 61);
    let upid = facts(&task)["upid"].clone();
    let again = session.call("getTask", json!({"upid": upid, "lines": 1}));
    assert_eq!(facts(&again)["log"], json!(["INFO: done"]));
    let killed = session.call("getTask", json!({"vmid": 100, "failed": true}));
    assert!(text(&killed).starts_with("qmigrate 100 failed: unexpected status."), "{}", text(&killed));
}

#[test]
fn a_running_task_is_aborted_and_its_end_told() {
    let cluster =
        Cluster::toml("speed = 'real'\n[[guests]]\nvmid = 106\nstate = 'running'\nstubborn = true\nuptime = 9999");
    let mut session = open(&cluster, &[]);
    let began = session.call("stopVM", json!({"vmid": 106, "mode": "shutdown", "wait": false}));
    let upid = facts(&began)["upid"].clone();
    let task = session.call("getTask", json!({"upid": upid}));
    assert!(text(&task).starts_with("qmshutdown 106 is running."), "{}", text(&task));
    assert_eq!(facts(&task)["status"], "running");
    assert_eq!(facts(&session.call("listTasks", json!({})))["tasks"][0]["status"], "running");
    let stopped = session.call("stopTask", json!({"upid": upid}));
    assert!(
        text(&stopped).starts_with("qmshutdown 106 was aborted and has ended: received interrupt."),
        "{}",
        text(&stopped)
    );
    assert_eq!((&facts(&stopped)["outcome"], cluster.demo.is_running(106)), (&json!("done"), Some(true)));
    let from = cluster.count();
    let again = session.call("stopTask", json!({"upid": upid}));
    assert_eq!(facts(&again)["outcome"], "unchanged");
    assert!(text(&again).contains("had ended already (received interrupt): nothing was sent."), "{}", text(&again));
    assert!(cluster.asked_since(from).iter().all(|asked| asked.starts_with("GET ")));
}

#[test]
fn what_pve_or_a_rule_refuses_is_said() {
    let cluster = Cluster::toml(
        "speed = 'real'\n[[users]]\nid = 'mcp@pve'\n[[users]]\nid = 'ops@pve'\n\
         [[tokens]]\nid = 'mcp@pve!ai'\nprivsep = false\n[[tokens]]\nid = 'ops@pve!ci'\nprivsep = false\n\
         [[acl]]\nwho = 'mcp@pve'\nrole = 'PVEAuditor'\npath = '/'\n[[acl]]\nwho = 'ops@pve'\nrole = 'PVEAdmin'\npath = '/'\n\
         [[guests]]\nvmid = 100\nstate = 'running'\nstubborn = true\n[[guests]]\nvmid = 200\nkind = 'lxc'\ntags = ['mcp-protected']",
    );
    let token = format!("ops@pve!ci={}", cluster.demo.secret("ops@pve!ci").expect("its secret"));
    let mut ops = cluster.start(&[], &[("PROXMOX_TOKEN", &token)]).legacy("2025-06-18", json!({}));
    let began = ops.call("stopVM", json!({"vmid": 100, "mode": "shutdown", "wait": false}));
    let upid = facts(&began)["upid"].clone();
    let mut session = open(&cluster, &[]);
    let refusal = session.call("stopTask", json!({"upid": upid}));
    refused(&refusal, &["Sys.Modify", "/nodes/pve1"]);
    assert_eq!(refusal["structuredContent"]["error"]["kind"], "permission");
    assert!(text(&session.call("getTask", json!({"upid": upid}))).contains("is running"), "nothing was stopped");
    refused(&session.call("stopTask", json!({})), &["upid is needed"]);
    let other = "UPID:pve1:0000FFFF:0011862A:6B06DF5B:vzdump:200:root@pam:";
    refused(&session.call("stopTask", json!({"upid": other})), &["protected tag mcp-protected"]);
    refused(&open(&cluster, &["--read-only"]).call("stopTask", json!({"upid": upid})), &["--read-only"]);
    refused(&open(&cluster, &["--deny", "vmid:100"]).call("getTask", json!({"upid": upid})), &["deny vmid:100"]);
}
