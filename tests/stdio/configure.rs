//! The tools that change how a guest is configured: options, sizes of disks, and where they lie.

use proxmox_mcp::demo::Fault;
use serde_json::json;

use crate::{
    demo::{Cluster, agreed, facts, refused},
    session::text,
};

/// Its storage for more and its guests.
const GUESTS: &str = r#"
[[storage]]
name = "nas"
type = "nfs"
content = "images,rootdir"
shared = true
[[storage]]
name = "nobak"
content = "iso"
[[guests]]
vmid = 100
name = "web"
state = "running"
config = { cores = "2", memory = "2048", scsi0 = "local-lvm:vm-100-disk-0,size=32G", net0 = "virtio=BC:24:11:00:00:01,bridge=vmbr0" }
[[guests]]
vmid = 101
name = "db"
tags = ["b"]
config = { memory = "4096", cipassword = "hush", scsi0 = "local-lvm:vm-101-disk-0,size=8G", ide2 = "none,media=cdrom" }
[[guests]]
vmid = 102
lock = "backup"
config = { scsi0 = "local-lvm:vm-102-disk-0,size=8G" }
[[guests]]
vmid = 103
tags = ["mcp-protected"]
[[guests]]
vmid = 104
snapshots = [{ name = "s1" }]
config = { scsi0 = "local-lvm:vm-104-disk-0,size=8G" }
[[guests]]
vmid = 105
protected = true
config = { scsi0 = "local-lvm:vm-105-disk-0,size=8G" }
[[guests]]
vmid = 200
kind = "lxc"
node = "pve2"
name = "dns"
config = { memory = "512", rootfs = "local-lvm:vm-200-disk-0,size=4G", net0 = "name=eth0,bridge=vmbr0,ip=dhcp" }
[[guests]]
vmid = 201
kind = "lxc"
name = "busy"
state = "running"
config = { memory = "512", rootfs = "local-lvm:vm-201-disk-0,size=4G" }
"#;

fn cluster() -> Cluster {
    Cluster::lab(GUESTS)
}

#[test]
fn options_are_told_as_they_were_as_they_are_and_as_they_will_be() {
    let cluster = cluster();
    let mut session = cluster.open(&[]);
    let from = cluster.count();
    let done = session.call("configureGuest", json!({"vmid": 100, "memory": 4096, "cores": 2, "description": "hi"}));
    assert_eq!(facts(&done)["outcome"], "done");
    for said in [
        "memory: 2048, from the next start on 4096.",
        "description: not set → hi.",
        "cores: 2, as before.",
        "restartVM",
    ] {
        assert!(text(&done).contains(said), "{said}: {}", text(&done));
    }
    let memory =
        facts(&done)["changes"].as_array().unwrap().iter().find(|row| row["option"] == "memory").unwrap().clone();
    assert_eq!(memory, json!({"option": "memory", "before": "2048", "now": "2048", "pending": "4096"}));
    let seen = cluster.demo.seen();
    let put = seen[from..].iter().find(|seen| seen.method == "PUT").expect("sent");
    assert!(put.target.ends_with("/nodes/pve1/qemu/100/config"), "{}", put.target);
    // What waits is what is wanted already; and it can be taken back.
    let from = cluster.count();
    let again = session.call("configureGuest", json!({"vmid": 100, "memory": 4096}));
    assert_eq!((&facts(&again)["outcome"], cluster.changes_since(from).len()), (&json!("unchanged"), 0));
    let back = session.call("configureGuest", json!({"vmid": 100, "options": {"revert": ["memory"]}}));
    assert!(text(&back).contains("memory: 2048; nothing waits any more."), "{}", text(&back));
}

#[test]
fn both_kinds_are_configured_alike_and_what_pve_makes_of_it_is_read_back() {
    let cluster = cluster();
    let mut session = cluster.open(&[]);
    let vm = session.call(
        "configureGuest",
        json!({"name": "db", "tags": "Z, a", "options": {"name": "db2", "net0": "virtio,bridge=vmbr0"}}),
    );
    assert!(text(&vm).contains("tags: b → a;z.") && text(&vm).contains("name: db → db2."), "{}", text(&vm));
    assert!(text(&vm).contains("net0: not set → virtio=BC:24:11:"), "{}", text(&vm));
    let ct = session.call("configureGuest", json!({"vmid": 200, "memory": 1024, "options": {"name": "dns2"}}));
    assert!(text(&ct).contains("hostname: dns → dns2.") && text(&ct).contains("memory: 512 → 1024."), "{}", text(&ct));
    // A new disk takes longer than an answer may: PVE makes a task of it.
    let disk = session.call("configureGuest", json!({"vmid": 101, "options": {"scsi1": "nas:4"}}));
    assert!(facts(&disk)["upid"].as_str().unwrap().contains(":qmconfig:101:"), "{disk}");
    assert!(text(&disk).contains("scsi1: not set → nas:101/vm-101-disk-"), "{}", text(&disk));
}

#[test]
fn what_a_change_loses_is_agreed_to_first() {
    let cluster = cluster();
    let mut session = cluster.open(&[]);
    let from = cluster.count();
    let arguments = json!({"vmid": 101, "options": {"delete": "scsi0"}});
    let plan = session.call("configureGuest", arguments.clone());
    let said = refused(&plan, &["scsi0 is taken out; its disk is kept as unused: local-lvm:vm-101-disk-0", "confirm="]);
    assert!(!said.contains("no other call brings back"), "its data stays: {said}");
    assert_eq!(cluster.changes_since(from), Vec::<String>::new());
    let (_, done) = agreed(&mut session, "configureGuest", arguments);
    assert!(text(&done).contains("unused0: not set → local-lvm:vm-101-disk-0."), "{}", text(&done));
    let (plan, done) = agreed(&mut session, "configureGuest", json!({"vmid": 101, "options": {"delete": "unused0"}}));
    refused(&plan, &["unused0 is erased with its data: local-lvm:vm-101-disk-0", "no other call brings back"]);
    assert_eq!(facts(&done)["outcome"], "done");
    // A disk of another guest is not taken for granted, nor a password that nobody can read.
    let other = json!({"vmid": 101, "options": {"scsi3": "local-lvm:vm-104-disk-0"}});
    refused(&session.call("configureGuest", other), &["which is a disk of guest 104"]);
    let password = session.call("configureGuest", json!({"vmid": 101, "options": {"delete": "cipassword"}}));
    refused(&password, &["cipassword goes, and nobody can read what it was"]);
    // What has changed since the plan was shown makes its code worthless.
    let arguments = json!({"vmid": 104, "options": {"delete": "scsi0"}});
    let plan = session.call("configureGuest", arguments.clone());
    cluster.demo.set_option(104, "cores", Some("3"));
    let mut stale = arguments;
    stale["confirm"] = plan["structuredContent"]["confirm"].clone();
    refused(&session.call("configureGuest", stale), &["is not for this guest as it is now"]);
}

#[test]
fn passwords_and_keys_are_neither_shown_nor_recorded() {
    let cluster = cluster();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit.jsonl");
    let args = ["--toolsets", "all", "--audit-file", log.to_str().unwrap()];
    let mut session = cluster.start(&args, &[]).legacy("2025-06-18", json!({}));
    let key = "ssh-ed25519 AAAAhushhush someone@home";
    let options = json!({"cipassword": "hush hush", "ciuser": "ops", "sshkeys": key, "ipconfig0": "ip=dhcp"});
    let done = session.call("configureGuest", json!({"vmid": 101, "options": options}));
    assert!(text(&done).contains("ciuser: not set → ops.") && !done.to_string().contains("hush"), "{done}");
    let written = std::fs::read_to_string(&log).unwrap();
    assert!(written.contains("configureGuest") && written.contains("ciuser") && !written.contains("hush"), "{written}");
    // PVE got them as it wants them.
    let dump = json!({"id": "GET /nodes/{node}/qemu/{vmid}/config", "arguments": {"vmid": 101}});
    assert!(!session.call("callApi", dump).to_string().contains("hush"));
}

#[test]
fn pve_may_refuse_what_it_has_written_already_and_the_answer_says_so() {
    let cluster = cluster();
    let mut session = cluster.open(&[]);
    let options = json!({"net0": "name=eth0,bridge=vmbr77,ip=dhcp"});
    let bridge = session.call("configureGuest", json!({"vmid": 200, "memory": 1024, "options": options}));
    refused(
        &bridge,
        &["bridge 'vmbr77' does not exist", "All the same Proxmox has changed this:", "memory: 512 → 1024."],
    );
    let rows = bridge["structuredContent"]["changes"].as_array().unwrap();
    assert!(
        rows.iter().any(|row| row["option"] == "net0" && row["now"].as_str().unwrap().contains("vmbr77")),
        "{bridge}"
    );
    for (arguments, words) in [
        (json!({"vmid": 102, "cores": 1}), "VM is locked (backup)"),
        (json!({"vmid": 101, "options": {"boot": "order=scsi9"}}), "invalid bootorder: device 'scsi9' does not exist"),
        (
            json!({"vmid": 101, "options": {"serial0": "/dev/ttyS0"}}),
            "only root can modify 'serial0' config for real devices",
        ),
        (json!({"vmid": 101, "options": {"hostpci0": "0000:01:00"}}), "only root can set 'hostpci0' config"),
        (json!({"vmid": 101, "options": {"scsi1": "nosuch:4"}}), "storage 'nosuch' does not exist"),
        (json!({"vmid": 200, "options": {"unprivileged": false}}), "unable to modify read-only option: 'unprivileged'"),
        (json!({"vmid": 200, "options": {"features": "keyctl=1"}}), "only allowed for root@pam"),
    ] {
        let result = session.call("configureGuest", arguments.clone());
        refused(&result, &[words, "A look at it shows that nothing of it was changed."]);
    }
    let (_, result) = agreed(&mut session, "configureGuest", json!({"vmid": 105, "options": {"delete": "scsi0"}}));
    refused(&result, &["can't remove drive 'scsi0' - protection mode enabled"]);
    // Somebody else was faster.
    let from = cluster.count();
    let digest = "0000000000000000000000000000000000000000";
    for (vmid, words) in
        [(101, "checksum mismatch (file change by other user?)"), (200, "detected modified configuration")]
    {
        refused(
            &session.call("configureGuest", json!({"vmid": vmid, "cores": 3, "options": {"digest": digest}})),
            &[words],
        );
    }
    assert_eq!(cluster.changes_since(from).len(), 2);
    let token = format!("look@pve!ai={}", cluster.demo.secret("look@pve!ai").expect("its secret"));
    let mut auditor =
        cluster.start(&["--toolsets", "all"], &[("PROXMOX_TOKEN", &token)]).legacy("2025-06-18", json!({}));
    let result = auditor.call("configureGuest", json!({"vmid": 101, "cores": 3}));
    refused(&result, &["VM.Config"]);
    assert_eq!(result["structuredContent"]["error"]["kind"], "permission");
}

#[test]
fn what_cannot_be_is_said_before_anything_is_sent() {
    let cluster = cluster();
    let mut session = cluster.open(&[]);
    let from = cluster.count();
    for (arguments, words) in [
        (json!({"vmid": 101}), vec!["nothing to change was given"]),
        (json!({"memory": 512}), vec!["vmid or name is needed"]),
        (json!({"vmid": 101, "options": {"coress": 2, "memory": "1"}}), vec!["did you mean cores?", "memory"]),
        (json!({"vmid": 200, "options": {"cpu": "host"}}), vec!["cpu is no parameter of it"]),
        (json!({"vmid": 101, "cores": 2, "options": {"cores": 4}}), vec!["cores is given twice"]),
        (json!({"vmid": 101, "options": {"node": "pve2"}}), vec!["node is no option"]),
        (
            json!({"vmid": 101, "options": {"hookscript": "local:snippets/x"}}),
            vec!["hookscript", "PROXMOX_MCP_API=all"],
        ),
        (json!({"vmid": 101, "options": {"args": "-x"}}), vec!["args has the node run"]),
        (json!({"vmid": 103, "cores": 2}), vec!["protected tag mcp-protected"]),
        (json!({"vmid": 999, "cores": 2}), vec!["999"]),
    ] {
        refused(&session.call("configureGuest", arguments), &words);
    }
    refused(&cluster.open(&["--read-only"]).call("configureGuest", json!({"vmid": 101, "cores": 2})), &["--read-only"]);
    let denied = cluster.open(&["--deny", "api:PUT /nodes/*/qemu/*/config"]);
    refused(&{ denied }.call("configureGuest", json!({"vmid": 101, "cores": 2})), &["deny api:PUT"]);
    assert_eq!(cluster.changes_since(from), Vec::<String>::new());
}

#[test]
fn an_answer_that_does_not_come_is_looked_into() {
    let cluster = cluster();
    let mut session = cluster.open(&[]);
    cluster.demo.inject_on(None, "/qemu/101/config", Fault::DropAfter, 1);
    let lost = session.call("configureGuest", json!({"vmid": 101, "cores": 4}));
    refused(&lost, &["All the same Proxmox has changed this:", "cores: not set → 4."]);
    assert_eq!(lost["structuredContent"]["outcome"], "unknown");
}

#[test]
fn a_disk_grows_and_never_shrinks() {
    let cluster = cluster();
    let mut session = cluster.open(&[]);
    let done = session.call("resizeDisk", json!({"vmid": 100, "disk": "scsi0", "size": "+8G"}));
    assert!(text(&done).contains("Its size: 32G → 40G.") && text(&done).contains("within the VM"), "{}", text(&done));
    assert_eq!(facts(&done)["size"], json!({"before": "32G", "now": "40G"}));
    let ct = session.call("resizeDisk", json!({"name": "dns", "disk": "rootfs", "size": "5G"}));
    assert!(text(&ct).contains("Its size: 4G → 5G.") && !text(&ct).contains("within the VM"), "{}", text(&ct));
    let from = cluster.count();
    for (arguments, words) in [
        (json!({"vmid": 100, "disk": "scsi0", "size": "16G"}), "40G, and 16G is less: Proxmox does not shrink disks."),
        (json!({"vmid": 200, "disk": "rootfs", "size": "100M"}), "5G, and 100M is less"),
        (json!({"vmid": 100, "disk": "scsi9", "size": "+1G"}), "there are scsi0"),
        (json!({"vmid": 100, "size": "+1G"}), "disk is needed; there are scsi0"),
        (json!({"vmid": 100, "disk": "scsi0", "size": "big"}), "\"big\" is no size"),
        (json!({"vmid": 100, "disk": "scsi0", "size": "-1G"}), "is no size"),
        (json!({"vmid": 100, "disk": "scsi0"}), "size is needed"),
    ] {
        refused(&session.call("resizeDisk", arguments), &[words]);
    }
    let same = session.call("resizeDisk", json!({"vmid": 100, "disk": "scsi0", "size": "40G"}));
    assert_eq!((&facts(&same)["outcome"], cluster.changes_since(from).len()), (&json!("unchanged"), 0));
    // What PVE refuses itself.
    for (arguments, words) in [
        (json!({"vmid": 102, "disk": "scsi0", "size": "+1G"}), "VM is locked (backup)"),
        (json!({"vmid": 101, "disk": "ide2", "size": "+1M"}), "you can't resize a cdrom"),
        (json!({"vmid": 101, "disk": "scsi0", "size": "9999999T"}), "failed: exit code 1"),
    ] {
        let result = session.call("resizeDisk", arguments);
        assert_eq!(result["structuredContent"]["outcome"], "failed");
        refused(&result, &[words]);
    }
}

#[test]
fn a_moved_disk_leaves_its_source_unless_the_user_agrees() {
    let cluster = cluster();
    let mut session = cluster.open(&[]);
    let kept = session.call("moveDisk", json!({"vmid": 101, "disk": "scsi0", "storage": "nas"}));
    assert!(text(&kept).contains("The source is kept as unused0: local-lvm:vm-101-disk-0."), "{}", text(&kept));
    assert!(facts(&kept)["volume"].as_str().unwrap().starts_with("nas:101/"), "{kept}");
    let from = cluster.count();
    let arguments = json!({"vmid": 101, "disk": "scsi0", "storage": "local-lvm", "deleteSource": true});
    refused(&session.call("moveDisk", arguments.clone()), &["the source is deleted: nas:101/", "brings back"]);
    assert_eq!(cluster.changes_since(from), Vec::<String>::new());
    let (_, gone) = agreed(&mut session, "moveDisk", arguments);
    assert!(text(&gone).contains("The guest no longer has the source: nas:101/"), "{}", text(&gone));
    assert!(cluster.demo.freed().iter().any(|volume| volume.starts_with("nas:101/")));
    let ct = session.call("moveDisk", json!({"vmid": 200, "disk": "rootfs", "storage": "nas"}));
    assert!(text(&ct).contains("The source is kept as unused0: local-lvm:vm-200-disk-0."), "{}", text(&ct));
    for (arguments, words) in [
        (
            json!({"vmid": 101, "disk": "scsi0", "storage": "local-lvm"}),
            "you can't move to the same storage with same format",
        ),
        (json!({"vmid": 101, "disk": "scsi0", "storage": "nosuch"}), "storage 'nosuch' does not exist"),
        (json!({"vmid": 101, "disk": "scsi0", "storage": "nobak"}), "storage 'nobak' does not support vm images"),
        (json!({"vmid": 102, "disk": "scsi0", "storage": "nas"}), "VM is locked (backup)"),
        (json!({"vmid": 201, "disk": "rootfs", "storage": "nas"}), "cannot move volumes of a running container"),
        (json!({"vmid": 101, "disk": "scsi7", "storage": "nas"}), "there are ide2, scsi0"),
        (json!({"vmid": 200, "disk": "rootfs", "storage": "nas", "format": "raw"}), "format is no parameter of it"),
        (json!({"vmid": 101, "disk": "scsi0"}), "storage is needed"),
    ] {
        refused(&session.call("moveDisk", arguments), &[words]);
    }
    let begun = session.call("moveDisk", json!({"vmid": 100, "disk": "scsi0", "storage": "nas", "wait": false}));
    assert_eq!(facts(&begun)["outcome"], "running");
}

#[test]
fn a_source_that_a_snapshot_needs_is_kept_by_pve() {
    let cluster = cluster();
    let snapshot =
        json!({"id": "POST /nodes/{node}/qemu/{vmid}/snapshot", "arguments": {"vmid": 101, "snapname": "before"}});
    let mut session = cluster.open(&[]);
    facts(&session.call("callApi", snapshot));
    let arguments = json!({"vmid": 101, "disk": "scsi0", "storage": "nas", "deleteSource": true});
    let (_, result) = agreed(&mut session, "moveDisk", arguments);
    refused(&result, &["you can't move a disk with snapshots and delete the source"]);
}
