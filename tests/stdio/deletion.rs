//! The plan of a deletion is what the deletion does.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    demo::{Cluster, facts, refused},
    session::text,
};

/// Guests that name volumes of every sort: their own, those of others, nobody's, paths of the node.
fn cluster() -> Cluster {
    Cluster::toml(
        r#"
        backup_jobs = [
            { id = "nightly", guests = [100, 105] },
            { id = "all-but", exclude = [100] },
            { id = "other", guests = [105, 1000] },
        ]
        [[guests]]
        vmid = 100
        name = "app"
        state = "running"
        snapshots = [{ name = "before", vmstate = true }, { name = "after" }]
        [guests.config]
        scsi0 = "local-lvm:vm-100-disk-0,size=32G"
        scsi1 = "local-lvm:vm-105-disk-0,size=500G"
        scsi2 = "/dev/disk/by-id/ata-vm-100-disk-1,size=1T"
        scsi3 = "file=/dev/disk/by-id/ata-2,size=1T"
        scsi4 = "nas:105/vm-100-disk-1.qcow2,size=1T"
        sata0 = "nas:100/disk.qcow2,size=1G"
        virtio1 = "local-lvm:base-900-disk-0/vm-100-disk-3,size=8G"
        ide0 = "local:iso/debian.iso,media=cdrom,size=784M"
        ide1 = "none,media=cdrom"
        ide2 = "local-lvm:vm-100-cloudinit,media=cdrom"
        unused0 = "local-lvm:vm-100-disk-7"
        unused1 = "local-lvm:vm-105-disk-9"
        efidisk0 = "local-lvm:vm-100-disk-1,efitype=4m,size=528K"
        tpmstate0 = "local-lvm:vm-100-disk-2,size=4M,version=v2.0"
        vmstate = "local-lvm:vm-100-state-suspend-2025-01-01"
        [guests.pending]
        sata1 = "local-lvm:vm-100-disk-8,size=2G"
        [[guests]]
        vmid = 105
        [[guests]]
        vmid = 200
        kind = "lxc"
        name = "ct"
        [guests.config]
        rootfs = "nas:200/vm-200-disk-0.raw,size=8G"
        mp0 = "/srv/media,mp=/media"
        mp1 = "nas:201/vm-201-disk-1.raw,mp=/shared,size=100G"
        mp2 = "nas:200/vm-200-disk-2.raw,mp=/data,size=100G"
        unused0 = "nas:200/vm-200-disk-3.raw"
        "#,
    )
}

/// The volumes in a list of a plan: what stands after the option.
fn volumes(list: &Value) -> BTreeSet<String> {
    let volume = |told: &Value| told.as_str().expect("text").split(' ').nth(1).expect("a volume").to_owned();
    list.as_array().map(|all| all.iter().map(volume).collect()).unwrap_or_default()
}

fn set(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}

#[test]
fn the_plan_names_exactly_what_is_freed_and_what_stays() {
    let cluster = cluster();
    let mut session = cluster.session();
    for (tool, vmid, stays) in [
        (
            "deleteVM",
            100,
            set(&[
                "/dev/disk/by-id/ata-2",
                "/dev/disk/by-id/ata-vm-100-disk-1",
                "local-lvm:vm-105-disk-0",
                "local-lvm:vm-105-disk-9",
                "local:iso/debian.iso",
                "nas:105/vm-100-disk-1.qcow2",
            ]),
        ),
        ("deleteContainer", 200, set(&["/srv/media", "nas:201/vm-201-disk-1.raw"])),
    ] {
        session.call(if vmid == 100 { "stopVM" } else { "stopContainer" }, json!({"vmid": vmid}));
        let plan = session.call(tool, json!({"vmid": vmid}));
        let said = refused(&plan, &["Disks that are destroyed", "Stays, as it is not its own"]);
        let told = &plan["structuredContent"];
        let (go, stay) = (volumes(&told["disks"]), volumes(&told["stays"]));
        assert!(go.iter().chain(&stay).all(|volume| said.contains(volume.as_str())), "{said}");
        assert_eq!(stay, stays, "{told}");
        let done = session.call(tool, json!({"vmid": vmid, "confirm": told["confirm"]}));
        assert_eq!(facts(&done)["outcome"], "done");
        let ours = |volume: &String| volume.contains(&format!("-{vmid}-")) || volume.contains(&format!(":{vmid}/"));
        let freed: BTreeSet<String> = cluster.demo.freed().into_iter().filter(ours).collect();
        assert_eq!(go, freed, "the plan, and what went");
    }
    assert_eq!(cluster.demo.freed().len(), 10 + 3);
}

#[test]
fn disks_that_are_to_come_or_to_go_with_the_next_start_are_in_the_plan() {
    let cluster = Cluster::toml(
        "[[guests]]\nvmid = 100\nstate = 'stopped'\nconfig = { sata0 = 'local-lvm:vm-100-disk-0' }\n\
         pending = { sata0 = 'local-lvm:vm-100-disk-1', sata1 = 'local-lvm:vm-100-disk-2' }",
    );
    let plan = cluster.session().call("deleteVM", json!({"vmid": 100}));
    let all = ["local-lvm:vm-100-disk-0", "local-lvm:vm-100-disk-1", "local-lvm:vm-100-disk-2"];
    assert_eq!(volumes(&plan["structuredContent"]["disks"]), set(&all), "{plan}");
}

#[test]
fn snapshots_and_the_jobs_that_go_on_naming_it_are_in_the_plan() {
    let cluster = cluster();
    let mut session = cluster.session();
    session.call("stopVM", json!({"vmid": 100}));
    let plan = session.call("deleteVM", json!({"vmid": 100}));
    refused(
        &plan,
        &[
            "Snapshots that go with it (2): before, after",
            "vmstate@before local-lvm:vm-100-state-before",
            "Backup jobs that go on naming it, unless purge is given: all-but, nightly",
        ],
    );
    let told = &plan["structuredContent"];
    assert_eq!(told["snapshots"], json!(["before", "after"]));
    assert_eq!(told["backupJobs"], json!(["all-but", "nightly"]));
    let purge = session.call("deleteVM", json!({"vmid": 100, "purge": true}));
    let said = refused(&purge, &["Backup jobs that it is taken out of: all-but, nightly"]);
    assert!(!said.contains("go on naming"), "{said}");
    let mut spanish = cluster.start(&["--lang", "es"], &[]).legacy("2025-06-18", json!({}));
    refused(&spanish.call("deleteVM", json!({"vmid": 100})), &["Instantáneas que se van con él (2): before, after"]);
    // Nothing is told twice: the guest is named with its node in the first line.
    let lines: Vec<&str> = text(&plan).lines().collect();
    let said: BTreeSet<&str> = lines.iter().copied().collect();
    assert_eq!((said.len(), text(&plan).matches("pve1").count()), (lines.len(), 1), "{}", text(&plan));
    // A guest with none of it is told nothing of it.
    let plain = session.call("deleteVM", json!({"vmid": 105}));
    assert!(!text(&plain).contains("Snapshots") && text(&plain).contains("other"), "{}", text(&plain));
}

#[test]
fn jobs_that_the_token_may_not_see_are_said_to_be_unknown() {
    let cluster = Cluster::toml(
        "[[users]]\nid = 'mcp@pve'\n[[tokens]]\nid = 'mcp@pve!ai'\nprivsep = false\n\
         [[acl]]\nwho = 'mcp@pve'\nrole = 'PVEVMAdmin'\npath = '/vms'\n\
         [[guests]]\nvmid = 100\nconfig = { scsi0 = 'local-lvm:vm-100-disk-0' }",
    );
    let mut session = cluster.session();
    let plan = session.call("deleteVM", json!({"vmid": 100}));
    refused(&plan, &["Whether backup jobs name it is not known", "Sys.Audit", "Nothing was deleted yet"]);
    let done = session.call("deleteVM", json!({"vmid": 100, "confirm": plan["structuredContent"]["confirm"]}));
    assert_eq!(facts(&done)["outcome"], "done");
}

#[test]
fn a_guest_that_is_replicated_is_not_offered_for_deletion() {
    let cluster = Cluster::toml("replicated = [100]\n[[guests]]\nvmid = 100\n[[guests]]\nvmid = 101");
    let mut session = cluster.session();
    let before = cluster.count();
    let result = session.call("deleteVM", json!({"vmid": 100}));
    refused(&result, &["cannot be deleted now", "It is replicated", "purge=true"]);
    assert_eq!(result["structuredContent"]["blockedBy"], json!(["replicated"]));
    assert!(cluster.asked_since(before).iter().all(|asked| asked.starts_with("GET")));
    let plan = session.call("deleteVM", json!({"vmid": 100, "purge": true}));
    refused(&plan, &["Replication jobs that are removed: 100-0"]);
    assert_eq!(plan["structuredContent"]["replicationJobs"], json!(["100-0"]));
    refused(&session.call("deleteVM", json!({"vmid": 101})), &["Nothing was deleted yet"]);
}

#[test]
fn the_plan_names_the_rules_of_ha_that_name_the_guest() {
    let toml = "[ha_rules]\nnear = 'vm:100,ct:200'\nfar = 'ct:100, vm:1000'\n[[guests]]\nvmid = 100\n";
    let cluster = Cluster::toml(toml);
    let plan = cluster.session().call("deleteVM", json!({"vmid": 100}));
    refused(&plan, &["Rules of HA that name it: near\n"]);
    assert_eq!(plan["structuredContent"]["haRules"], json!(["near"]));
    // It takes a right to see them; before PVE 9.0 there were none.
    let blind = Cluster::toml(&format!(
        "[[users]]\nid = 'mcp@pve'\n[[tokens]]\nid = 'mcp@pve!ai'\nprivsep = false\n\
         [[acl]]\nwho = 'mcp@pve'\nrole = 'PVEVMAdmin'\npath = '/vms'\n{toml}"
    ));
    let plan = blind.session().call("deleteVM", json!({"vmid": 100}));
    refused(&plan, &["Whether rules of HA name it is not known: "]);
    let old = Cluster::toml("release = '8.4.1'\n[[guests]]\nvmid = 100\n");
    let plan = old.session().call("deleteVM", json!({"vmid": 100}));
    let said = refused(&plan, &["Nothing was deleted yet"]);
    assert!(!said.contains("HA"), "{said}");
}
