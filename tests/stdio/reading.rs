//! What a guest's configuration and status say, in the text and in the facts alike.

use proxmox_mcp::{api, client::Client};
use serde_json::{Value, json};

use crate::{
    demo::{Cluster, facts},
    session::text,
};

/// Both halves of what a tool says of a guest.
fn read(cluster: &Cluster, tool: &str, arguments: Value) -> (String, Value) {
    let result = cluster.session().call(tool, arguments);
    (text(&result).to_owned(), facts(&result).clone())
}

#[test]
fn the_raw_lines_of_a_container_are_shown_and_their_environment_is_masked() {
    let cluster = Cluster::toml(
        r#"
        [[guests]]
        vmid = 200
        kind = "lxc"
        name = "gpu"
        state = "running"
        [guests.config]
        "lxc.mount.entry" = ["/dev/dri dev/dri none bind,optional,create=dir", "/srv srv none bind"]
        "lxc.cgroup2.devices.allow" = "c 226:* rwm"
        "lxc.cap.drop" = ""
        "lxc.environment" = "TOKEN=geheim"
        "lxc.environment.runtime" = "PASSWORD=geheim"
        [[guests]]
        vmid = 201
        kind = "lxc"
        "#,
    );
    for arguments in [json!({"vmid": 200}), json!({"vmid": 200, "detail": "full"})] {
        let (text, facts) = read(&cluster, "getContainer", arguments);
        for line in [
            "lxc.mount.entry: /dev/dri dev/dri none bind,optional,create=dir",
            "lxc.mount.entry: /srv srv none bind",
            "lxc.cgroup2.devices.allow: c 226:* rwm",
            "lxc.cap.drop:",
            "lxc.environment: **********",
            "lxc.environment.runtime: **********",
        ] {
            assert!(text.lines().any(|have| have == line), "{line:?} is not in {text}");
        }
        let pairs = facts["config"]["lxc"].as_array().expect("pairs");
        assert_eq!(pairs.len(), 6, "{facts}");
        assert!(pairs.contains(&json!(["lxc.cgroup2.devices.allow", "c 226:* rwm"])), "{facts}");
        assert!(pairs.contains(&json!(["lxc.environment.runtime", "**********"])), "{facts}");
        assert!(!text.contains("geheim") && !facts.to_string().contains("geheim"));
    }
    let (text, facts) = read(&cluster, "getContainer", json!({"vmid": 201}));
    assert!(!text.contains("lxc.") && facts["config"].get("lxc").is_none(), "{text}");
    // As the host: what is pending does not name them.
    let client = Client::new(cluster.demo.settings()).unwrap();
    let rows = cluster.block_on(async {
        let call =
            api::GetNodesNodeLxcVmidPending::new("pve1".parse().unwrap(), "200".parse().unwrap()).call().unwrap();
        client.send(call).await.unwrap().value().unwrap()
    });
    assert!(!rows.to_string().contains("lxc."), "{rows}");
}

#[test]
fn property_strings_come_as_objects_numbers_as_numbers_and_flags_as_booleans() {
    let cluster = Cluster::toml(
        r#"
        [[guests]]
        vmid = 100
        name = "web"
        state = "running"
        ha = "started"
        [guests.config]
        cores = 1
        cpu = "host,flags=+aes,hidden=1"
        boot = "order=scsi0;net0"
        hostpci0 = "0000:01:00,pcie=1"
        startup = "order=2,up=10"
        smbios1 = "uuid=dc056064-3e57-4568-8c5a-d642a3f5daae"
        ipconfig0 = "ip=192.0.2.9/24,gw=192.0.2.1"
        rng0 = "source=/dev/urandom,max_bytes=1024"
        watchdog = "model=i6300esb,action=reset"
        cicustom = "user=local:snippets/u.yml"
        "#,
    );
    let (_, full) = read(&cluster, "getVM", json!({"vmid": 100, "detail": "full"}));
    let expected = json!({
        "cpu": {"cputype": "host", "flags": "+aes", "hidden": true},
        "boot": {"order": "scsi0;net0"},
        "hostpci0": {"host": "0000:01:00", "pcie": true},
        "startup": {"order": 2, "up": 10},
        "smbios1": {"uuid": "dc056064-3e57-4568-8c5a-d642a3f5daae"},
        "ipconfig0": {"ip": "192.0.2.9/24", "gw": "192.0.2.1"},
        "rng0": {"source": "/dev/urandom", "max_bytes": 1024},
        "watchdog": {"model": "i6300esb", "action": "reset"},
        "cicustom": {"user": "local:snippets/u.yml"},
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&full["config"][key], value, "{key}");
    }
    assert_eq!(full["live"]["cpus"].to_string(), "1");
    assert_eq!(full["live"]["ha"]["managed"], true, "{full}");
    let listed = read(&cluster, "listVMs", json!({"node": "pve1", "detail": "full"})).1;
    assert_eq!(listed["guests"][0]["cpus"].to_string(), "1", "{listed}");
}

#[test]
fn a_forced_removal_that_is_pending_is_told() {
    let cluster = Cluster::toml(
        r#"
        [[guests]]
        vmid = 100
        state = "running"
        config = { sata0 = "local:100/vm-100-disk-0.qcow2,size=1G", sata1 = "local:100/vm-100-disk-1.qcow2,size=1G" }
        "#,
    );
    let client = Client::new(cluster.demo.settings()).unwrap();
    for (disk, force) in [("sata0", true), ("sata1", false)] {
        cluster.block_on(async {
            let mut p = api::PutNodesNodeQemuVmidConfig::new("pve1".parse().unwrap(), "100".parse().unwrap());
            (p.delete, p.force) = (Some(disk.to_owned()), Some(force));
            client.request(&p).await.unwrap();
        });
    }
    let (text, facts) = read(&cluster, "getVM", json!({"vmid": 100}));
    assert_eq!(facts["pending"], json!({"sata0": {"delete": true, "force": true}, "sata1": {"delete": true}}));
    assert!(text.contains("sata0: to be removed by force") && text.contains("sata1: to be removed (now"), "{text}");
}
