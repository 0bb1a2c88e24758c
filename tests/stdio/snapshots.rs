//! The tools for snapshots: the tree, taking one, going back, deleting one, and what Proxmox VE refuses.

use proxmox_mcp::demo::Fault;
use serde_json::{Value, json};

use crate::{
    demo::{Cluster, agreed, facts, refused},
    session::text,
};

/// Its guests.
const GUESTS: &str = r#"
[[guests]]
vmid = 100
name = "web"
state = "running"
snapshots = [{ name = "old", age = 200000, description = "before the move" }, { name = "ram", age = 3600, vmstate = true }]
config = { memory = "2048", scsi0 = "local-lvm:vm-100-disk-0,size=32G" }
[[guests]]
vmid = 101
name = "db"
config = { scsi0 = "local-lvm:vm-101-disk-0,size=8G" }
[[guests]]
vmid = 102
lock = "backup"
snapshots = [{ name = "s1" }]
[[guests]]
vmid = 103
tags = ["mcp-protected"]
snapshots = [{ name = "s1" }]
[[guests]]
vmid = 104
template = true
[[guests]]
vmid = 105
name = "raw"
config = { scsi0 = "local:105/vm-105-disk-0.raw,size=8G" }
[[guests]]
vmid = 200
kind = "lxc"
node = "pve2"
name = "dns"
config = { rootfs = "local-lvm:vm-200-disk-0,size=4G" }
"#;

fn names(list: &Value) -> Vec<&str> {
    facts(list)["snapshots"].as_array().expect("rows").iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[test]
fn snapshots_are_a_tree_with_ages_and_the_size_of_their_memory() {
    let cluster = Cluster::lab(GUESTS);
    let mut session = cluster.open(&[]);
    let list = session.call("listSnapshots", json!({"name": "web"}));
    assert_eq!((names(&list), &facts(&list)["current"]), (vec!["old", "ram"], &json!("ram")));
    let (old, ram) = (&facts(&list)["snapshots"][0], &facts(&list)["snapshots"][1]);
    assert_eq!((&old["age"], &old["description"]), (&json!("2d7h"), &json!("before the move")));
    assert_eq!((&ram["parent"], &ram["ram"], &ram["age"]), (&json!("old"), &json!(true), &json!("1h0m")));
    let lines: Vec<&str> = text(&list).lines().collect();
    assert_eq!(lines[0], "VM 100 (web) on pve1 has 2 snapshots:");
    assert!(lines[1].starts_with("old 20") && lines[1].ends_with("2d7h ago: before the move"), "{lines:?}");
    assert!(lines[2].starts_with("  ram 20") && lines[2].contains(" RAM"), "{lines:?}");
    assert_eq!(lines[3], "    (now)");
    let none = session.call("listSnapshots", json!({"vmid": 200}));
    assert_eq!((text(&none), names(&none).len()), ("Container 200 (dns) on pve2 has no snapshot.", 0));
}

#[test]
fn one_is_taken_of_either_kind_and_read_back() {
    let cluster = Cluster::lab(GUESTS);
    let mut session = cluster.open(&[]);
    let done =
        session.call("createSnapshot", json!({"vmid": 101, "snapshot": "s1", "description": "first", "ram": true}));
    assert_eq!(facts(&done)["outcome"], "done");
    assert!(text(&done).starts_with("Snapshot s1 of VM 101 (db) on pve1 was taken."), "{}", text(&done));
    assert!(text(&done).contains("It holds no RAM: the VM was not running."), "{}", text(&done));
    assert_eq!((&facts(&done)["snapshot"]["name"], &facts(&done)["snapshot"]["ram"]), (&json!("s1"), &json!(false)));
    let running = session.call("createSnapshot", json!({"vmid": 100, "snapshot": "live", "ram": true}));
    assert_eq!(facts(&running)["snapshot"]["ram"], true, "{}", text(&running));
    let container = session.call("createSnapshot", json!({"name": "dns", "snapshot": "c1"}));
    assert!(text(&container).contains("container 200 (dns) on pve2 was taken"), "{}", text(&container));
    let from = cluster.count();
    refused(&session.call("createSnapshot", json!({"vmid": 200, "snapshot": "c2", "ram": true})), &["holds no memory"]);
    refused(&session.call("createSnapshot", json!({"vmid": 101, "snapshot": "1bad name"})), &["invalid"]);
    refused(&session.call("createSnapshot", json!({"vmid": 101})), &["snapshot, its name, is needed"]);
    assert_eq!(cluster.changes_since(from), Vec::<String>::new());
}

#[test]
fn what_pve_refuses_to_take_is_told_in_its_words_with_what_is_there_now() {
    let cluster = Cluster::lab(GUESTS);
    let mut session = cluster.open(&[]);
    for (arguments, said) in [
        (
            json!({"vmid": 105, "snapshot": "s1"}),
            &["failed: snapshot feature is not available.", "There is no snapshot s1 now."][..],
        ),
        (
            json!({"vmid": 100, "snapshot": "old"}),
            &["snapshot name 'old' already used", "There is snapshot old, taken 20"],
        ),
        (
            json!({"vmid": 102, "snapshot": "s2"}),
            &["VM is locked (backup)", "has the lock backup now", "There is no snapshot s2 now."],
        ),
        (json!({"vmid": 104, "snapshot": "s1"}), &["you can't take a snapshot if it's a template"]),
        (json!({"vmid": 101, "snapshot": "current"}), &["unable to use snapshot name 'current' (reserved name)"]),
        (json!({"vmid": 999, "snapshot": "s1"}), &["No guest 999 is visible"]),
    ] {
        refused(&session.call("createSnapshot", arguments), said);
    }
    let token = format!("look@pve!ai={}", cluster.demo.secret("look@pve!ai").expect("its secret"));
    let mut look = cluster.start(&["--toolsets", "all"], &[("PROXMOX_TOKEN", &token)]).legacy("2025-06-18", json!({}));
    refused(&look.call("createSnapshot", json!({"vmid": 101, "snapshot": "s1"})), &["VM.Snapshot"]);
    assert_eq!(names(&look.call("listSnapshots", json!({"vmid": 100}))), ["old", "ram"]);
}

#[test]
fn going_back_names_what_is_lost_and_whether_the_guest_starts() {
    let cluster = Cluster::lab(GUESTS);
    let mut session = cluster.open(&[]);
    let from = cluster.count();
    let plan = session.call("rollbackSnapshot", json!({"vmid": 100, "snapshot": "old"}));
    refused(
        &plan,
        &[
            "This puts VM 100 (web) on pve1 back to snapshot old, taken 20",
            "in the last 2d7h.",
            "Taken after it: ram.",
            "It is running and is switched off",
            "Afterwards it is off; start=true starts it.",
        ],
    );
    assert_eq!(plan["structuredContent"]["later"], json!(["ram"]));
    assert_eq!(cluster.changes_since(from), Vec::<String>::new());
    let (_, done) = agreed(&mut session, "rollbackSnapshot", json!({"vmid": 100, "snapshot": "old", "start": true}));
    assert_eq!((&facts(&done)["outcome"], &facts(&done)["status"]), (&json!("done"), &json!("running")));
    assert!(text(&done).starts_with("VM 100 (web) on pve1 was put back to snapshot old."), "{}", text(&done));
    let list = session.call("listSnapshots", json!({"vmid": 100}));
    assert_eq!((names(&list).len(), &facts(&list)["current"]), (2, &json!("old")), "the later one is kept");
    let (plan, done) = agreed(&mut session, "rollbackSnapshot", json!({"vmid": 100, "snapshot": "ram"}));
    assert!(text(&plan).contains("Afterwards it runs, from the RAM"), "{}", text(&plan));
    assert_eq!(facts(&done)["status"], "running");
}

#[test]
fn a_plan_that_is_stale_is_not_carried_out_and_refusals_are_told() {
    let cluster = Cluster::lab(GUESTS);
    let mut session = cluster.open(&[]);
    let mut arguments = json!({"vmid": 101, "snapshot": "s1"});
    session.call("createSnapshot", arguments.clone());
    let plan = session.call("rollbackSnapshot", arguments.clone());
    session.call("createSnapshot", json!({"vmid": 101, "snapshot": "s2"}));
    arguments["confirm"] = plan["structuredContent"]["confirm"].clone();
    let from = cluster.count();
    refused(&session.call("rollbackSnapshot", arguments), &["Nothing was sent yet.", "Taken after it: s2."]);
    assert_eq!(cluster.changes_since(from), Vec::<String>::new());
    refused(
        &session.call("rollbackSnapshot", json!({"vmid": 101, "snapshot": "nope"})),
        &["has no snapshot \"nope\"; there is s1, s2."],
    );
    refused(&session.call("rollbackSnapshot", json!({"vmid": 200, "snapshot": "nope"})), &["it has none at all"]);
    refused(
        &session.call("rollbackSnapshot", json!({"vmid": 103, "snapshot": "s1"})),
        &["protected tag mcp-protected"],
    );
    let (_, locked) = agreed(&mut session, "rollbackSnapshot", json!({"vmid": 102, "snapshot": "s1"}));
    refused(&locked, &["Rolling VM 102", "VM is locked (backup)", "has the lock backup now"]);
    refused(
        &cluster.open(&["--read-only"]).call("rollbackSnapshot", json!({"vmid": 101, "snapshot": "s1"})),
        &["--read-only"],
    );
}

#[test]
fn one_is_deleted_with_consent_and_the_others_stay() {
    let cluster = Cluster::lab(GUESTS);
    let mut session = cluster.open(&[]);
    let (plan, done) = agreed(&mut session, "deleteSnapshot", json!({"vmid": 100, "snapshot": "old"}));
    assert!(
        text(&plan).contains("This deletes snapshot old, taken 20")
            && text(&plan).contains("The guest stays as it is.")
    );
    assert_eq!(facts(&done)["outcome"], "done");
    assert!(text(&done).contains("1 snapshot is left."), "{}", text(&done));
    let list = session.call("listSnapshots", json!({"vmid": 100}));
    assert_eq!((names(&list), &facts(&list)["snapshots"][0]["parent"]), (vec!["ram"], &Value::Null));
    refused(
        &session.call("deleteSnapshot", json!({"vmid": 100, "snapshot": "old"})),
        &["has no snapshot \"old\"; there is ram."],
    );
    let (_, locked) = agreed(&mut session, "deleteSnapshot", json!({"vmid": 102, "snapshot": "s1"}));
    refused(&locked, &["VM is locked (backup)", "There is snapshot s1, taken 20"]);
    let (plan, forced) = agreed(&mut session, "deleteSnapshot", json!({"vmid": 102, "snapshot": "s1", "force": true}));
    assert!(text(&plan).contains("in spite of a lock"), "{}", text(&plan));
    assert_eq!(facts(&forced)["outcome"], "done");
}

#[test]
fn of_a_call_without_an_answer_it_is_told_what_is_there() {
    let cluster = Cluster::lab(GUESTS);
    cluster.demo.inject_on(Some(proxmox_mcp::spec::Method::Post), "/qemu/101/snapshot", Fault::DropAfter, 1);
    let mut session = cluster.open(&[]);
    let lost = session.call("createSnapshot", json!({"vmid": 101, "snapshot": "s1"}));
    assert_eq!(lost["structuredContent"]["outcome"], "unknown", "{}", text(&lost));
    refused(&lost, &["There is", "snapshot s1"]);
}
