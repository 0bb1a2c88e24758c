//! What became of a call, each outcome on both kinds of guest, and that nothing else than needed was asked.

use std::time::Duration;

use proxmox_mcp::{
    demo::{Fault, Scenario},
    spec::Method,
};
use serde_json::json;

use crate::{
    demo::{Cluster, facts, refused},
    session::text,
};

/// Long enough for any guest of the demo to boot.
const BOOTED: Duration = Duration::from_secs(60);

fn cluster() -> Cluster {
    Cluster::new(Scenario::default())
}

#[test]
fn a_power_call_says_what_pve_said_and_the_state_after() {
    let cluster = cluster();
    let mut session = cluster.session();
    for (kind, stopped) in [("VM", 110), ("Container", 203)] {
        for (verb, status) in [("start", "running"), ("restart", "running"), ("stop", "stopped")] {
            let result = session.call(&format!("{verb}{kind}"), json!({"vmid": stopped}));
            let facts = facts(&result);
            assert_eq!((&facts["outcome"], &facts["status"]), (&json!("done"), &json!(status)), "{verb}{kind}");
            assert!(facts["upid"].as_str().unwrap().starts_with("UPID:"));
            assert!(facts["seconds"].is_number());
            assert_eq!(cluster.demo.is_running(stopped), Some(status == "running"));
            // A guest that is still booting ignores a request to reboot.
            cluster.demo.advance(BOOTED);
        }
    }
}

#[test]
fn a_task_that_is_lost_is_no_guest_that_is_lost() {
    let cluster = cluster();
    for (tool, id) in [("stopVM", 100), ("restartContainer", 200)] {
        let mut session = cluster.session();
        let from = cluster.count();
        cluster.demo.inject_on(Some(Method::Get), "/tasks/", Fault::Gateway(500, "no such task".to_owned()), 5);
        let result = session.call(tool, json!({"vmid": id}));
        let said = refused(&result, &["no such task"]);
        assert!(!said.contains("no longer exists"), "{said}");
        assert!(result["structuredContent"]["upid"].as_str().is_some_and(|upid| upid.contains(&format!(":{id}:"))));
        let sent = cluster.asked_since(from).iter().filter(|asked| asked.starts_with("POST")).count();
        assert_eq!(sent, 1, "{tool} is sent once");
    }
}

#[test]
fn the_status_after_a_reset_is_read_after_it() {
    let cluster = cluster();
    let mut session = cluster.session();
    facts(&session.call("listVMs", json!({})));
    let from = cluster.count();
    let result = session.call("restartVM", json!({"vmid": 100, "mode": "reset"}));
    assert_eq!(facts(&result)["status"], "running");
    let mut asked = cluster.asked_since(from);
    asked.retain(|asked| asked.contains("/qemu/100/status/"));
    let path = "/nodes/pve1/qemu/100/status";
    assert_eq!(asked, [format!("GET {path}/current"), format!("POST {path}/reset"), format!("GET {path}/current")]);
}

#[test]
fn what_is_in_its_state_already_is_unchanged() {
    let cluster = cluster();
    let mut session = cluster.session();
    for (tool, vmid, status) in [
        ("startVM", 100, "running"),
        ("startContainer", 200, "running"),
        ("stopVM", 110, "stopped"),
        ("stopContainer", 203, "stopped"),
    ] {
        let result = session.call(tool, json!({"vmid": vmid}));
        let facts = facts(&result);
        assert_eq!((&facts["outcome"], &facts["status"]), (&json!("unchanged"), &json!(status)), "{tool}");
    }
    // The list of the cluster still says the opposite; it is not what decides.
    session.call("stopVM", json!({"vmid": 100}));
    let again = session.call("stopVM", json!({"vmid": 100}));
    assert_eq!(facts(&again)["outcome"], "unchanged");
    let started = session.call("startVM", json!({"vmid": 100}));
    assert_eq!(facts(&started)["outcome"], "done");
}

#[test]
fn a_failed_task_is_a_failure_with_its_cause_and_log() {
    let cluster = cluster();
    let mut session = cluster.session();
    let result = session.call("startVM", json!({"vmid": 112}));
    refused(&result, &["QEMU exited with code 1", "It is stopped now"]);
    assert_eq!(result["structuredContent"]["outcome"], "failed");
    assert!(!result.to_string().contains("TASK ERROR"), "the cause is told once: {result}");
    assert!(!text(&result).contains("start failed: start failed"), "{}", text(&result));
    refused(&session.call("startContainer", json!({"vmid": 202})), &["CT is locked (backup)", "lock (backup) is gone"]);
    refused(&session.call("startVM", json!({"vmid": 900})), &["if it's a template", "clone it"]);
    refused(&session.call("restartVM", json!({"vmid": 110})), &["not running", "Start it with startVM instead"]);
    refused(
        &session.call("restartContainer", json!({"vmid": 203})),
        &["not running", "Start it with startContainer instead"],
    );
}

#[test]
fn a_guest_that_ignores_a_shutdown_is_not_reported_as_off() {
    let cluster = cluster();
    let mut session = cluster.session();
    let result = session.call("stopVM", json!({"vmid": 111, "mode": "shutdown"}));
    refused(&result, &["got timeout", "stopVM with mode stop turns it off"]);
    assert_eq!(result["structuredContent"]["status"], "running");
    let result = session.call("stopVM", json!({"vmid": 111}));
    assert_eq!(facts(&result)["outcome"], "done");
}

#[test]
fn warnings_are_done_and_are_shown() {
    let cluster = Cluster::toml(
        "[[guests]]\nvmid = 100\nstart_warnings = ['no medium']\n[[guests]]\nvmid = 200\nkind = 'lxc'\nstart_warnings = ['old']",
    );
    let mut session = cluster.session();
    for (tool, vmid) in [("startVM", 100), ("startContainer", 200)] {
        let result = session.call(tool, json!({"vmid": vmid}));
        let facts = facts(&result);
        assert_eq!((&facts["outcome"], &facts["status"]), (&json!("warnings"), &json!("running")), "{tool}");
        assert!(text(&result).contains("1 warning") && text(&result).contains("WARN"), "{}", text(&result));
    }
}

#[test]
fn a_deadline_gives_running_with_the_task_to_follow_up() {
    let cluster = Cluster::toml("speed = 'real'\n[[guests]]\nvmid = 100\nstate = 'running'\nstubborn = true");
    let mut session = cluster.session();
    // The stop has to wait for the lock that the shutdown holds.
    facts(&session.call("stopVM", json!({"vmid": 100, "mode": "shutdown", "wait": false})));
    let result = session.call("stopVM", json!({"vmid": 100, "overruleShutdown": false, "timeout": 1}));
    assert_eq!(facts(&result)["outcome"], "running");
    assert!(facts(&result)["upid"].as_str().unwrap().contains(":qmstop:100:"));
    assert!(text(&result).contains("not finished after 1 s"), "{}", text(&result));
    cluster.demo.advance(Duration::from_secs(600));
    let result = session.call("stopVM", json!({"vmid": 100, "wait": false}));
    assert_eq!(facts(&result)["outcome"], "running");
    assert!(text(&result).contains("was not waited for"));
}

#[test]
fn ha_is_followed_at_the_guest() {
    let scenario = "[[guests]]\nvmid = 100\nha = 'stopped'\n[[guests]]\nvmid = 101\nha = 'started'\nstate = 'running'";
    let cluster = Cluster::toml(scenario);
    let mut session = cluster.session();
    let result = session.call("startVM", json!({"vmid": 100}));
    assert_eq!((&facts(&result)["outcome"], &facts(&result)["status"]), (&json!("done"), &json!("running")));
    assert!(facts(&result)["upid"].as_str().unwrap().contains(":hastart:"));
    assert_eq!(cluster.demo.is_running(100), Some(true));
    let nobody = Cluster::toml(&format!("ha_services = false\n{scenario}"));
    let mut session = nobody.session();
    let result = session.call("stopVM", json!({"vmid": 101, "timeout": 1}));
    assert_eq!(facts(&result)["outcome"], "running", "{}", text(&result));
    assert!(text(&result).contains("managed by HA"));
    assert_eq!(nobody.demo.is_running(101), Some(true));
}

#[test]
fn the_wrong_kind_the_wrong_node_and_the_unknown_are_named() {
    let cluster = cluster();
    let mut session = cluster.session();
    refused(&session.call("startVM", json!({"vmid": 200})), &["Container 200 (dns)", "use startContainer"]);
    refused(&session.call("getContainer", json!({"vmid": 100})), &["VM 100 (shop-web)", "use getVM"]);
    refused(&session.call("stopVM", json!({"vmid": 100, "node": "pve2"})), &["on pve1, not on pve2"]);
    refused(&session.call("stopVM", json!({"vmid": 999})), &["No guest 999", "VM.Audit on /vms/999", "listVMs"]);
    refused(&session.call("stopVM", json!({"name": "nosuch"})), &["nosuch"]);
    assert_eq!(facts(&session.call("getVM", json!({"name": "shop-web"})))["vmid"], 100);
    assert_eq!(facts(&session.call("getVM", json!({"vmid": "100", "node": "pve1"})))["vmid"], 100);
}

#[test]
fn a_guest_that_has_gone_since_it_was_looked_up_is_said_to_be_gone() {
    let cluster = cluster();
    let (mut session, mut other) = (cluster.session(), cluster.start(&[], &[("PROXMOX_MCP_CONFIRM", "never")]));
    session.call("getVM", json!({"vmid": 110}));
    session.call("getContainer", json!({"vmid": 203}));
    other = other.legacy("2025-06-18", json!({}));
    facts(&other.call("deleteVM", json!({"vmid": 110})));
    facts(&other.call("deleteContainer", json!({"vmid": 203})));
    for (tool, vmid) in [
        ("getVM", 110),
        ("startVM", 110),
        ("stopVM", 110),
        ("restartVM", 110),
        ("deleteVM", 110),
        ("startContainer", 203),
        ("stopContainer", 203),
        ("restartContainer", 203),
        ("getContainer", 203),
        ("deleteContainer", 203),
    ] {
        let result = session.call(tool, json!({"vmid": vmid}));
        let said = refused(&result, &[]);
        assert!(said.contains("no longer exists") || said.contains("No guest"), "{tool}: {said}");
    }
}

#[test]
fn a_call_asks_for_nothing_else_than_it_needs() {
    let cluster = cluster();
    let mut session = cluster.session();
    session.call("listVMs", json!({}));
    let current = |vmid: u32, kind: &str| {
        format!("GET /nodes/{}/{kind}/{vmid}/status/current", cluster.demo.node_of(vmid).unwrap())
    };
    let post = |vmid: u32, kind: &str, leaf: &str| {
        format!("POST /nodes/{}/{kind}/{vmid}/status/{leaf}", cluster.demo.node_of(vmid).unwrap())
    };
    // The first call looks the guest up afresh only when the last list is older than ten seconds.
    for (tool, vmid, mut expected) in [
        ("startVM", 110, vec![post(110, "qemu", "start"), current(110, "qemu")]),
        ("startVM", 110, vec![post(110, "qemu", "start"), current(110, "qemu")]),
        ("stopVM", 110, vec![current(110, "qemu"), post(110, "qemu", "stop")]),
        ("stopVM", 110, vec![current(110, "qemu")]),
        ("startContainer", 203, vec![post(203, "lxc", "start"), current(203, "lxc")]),
        ("startContainer", 203, vec![post(203, "lxc", "start"), current(203, "lxc")]),
        ("restartContainer", 203, vec![current(203, "lxc"), post(203, "lxc", "reboot")]),
        ("stopContainer", 203, vec![current(203, "lxc"), post(203, "lxc", "stop")]),
        ("stopContainer", 203, vec![current(203, "lxc")]),
        // Whether a start may be advised goes by the privileges, which are remembered for a minute.
        (
            "restartContainer",
            203,
            vec![current(203, "lxc"), post(203, "lxc", "reboot"), "GET /access/permissions".to_owned()],
        ),
        ("restartVM", 110, vec![current(110, "qemu"), post(110, "qemu", "reboot")]),
        ("getVM", 100, vec![current(100, "qemu"), "GET /nodes/pve1/qemu/100/pending".to_owned()]),
    ] {
        let from = cluster.count();
        session.call(tool, json!({"vmid": vmid}));
        cluster.demo.advance(BOOTED);
        let mut asked = cluster.asked_since(from);
        asked.retain(|asked| !asked.contains("/cluster/resources") && asked != "GET /version");
        if tool == "getVM" {
            // At once, in whichever order they arrive.
            asked.sort();
            expected.sort();
        }
        assert_eq!(asked, expected, "{tool}");
    }
    let asked = cluster.asked_since(0);
    let versions = asked.iter().filter(|asked| asked.contains("/version")).count();
    assert!(versions <= 1, "the release is asked for once a process: {asked:?}");
}

#[test]
fn a_vm_whose_process_stands_still_is_not_said_to_run() {
    let cluster = Cluster::toml("[[guests]]\nvmid = 100\nname = 'web'\nstate = 'paused'");
    let mut session = cluster.session();
    let result = session.call("startVM", json!({"vmid": 100}));
    refused(&result, &["VM 100 already running", "It is paused, not running", "qm resume 100"]);
    assert_eq!(result["structuredContent"]["status"], "paused");
    let result = session.call("stopVM", json!({"vmid": 100, "mode": "shutdown"}));
    refused(&result, &["qm resume 100"]);
    refused(&session.call("deleteVM", json!({"vmid": 100})), &["stop it first with stopVM"]);
    let read = session.call("getVM", json!({"vmid": 100}));
    assert_eq!(facts(&read)["status"], "paused");
    assert!(text(&read).starts_with("VM 100 (web) on pve1: paused"), "{}", text(&read));
    assert_eq!(facts(&session.call("stopVM", json!({"vmid": 100})))["outcome"], "done");
}

#[test]
fn what_ha_is_asked_for_in_vain_is_unchanged_and_what_it_ignores_is_not_asked_of_it() {
    let scenario = "[[guests]]\nvmid = 100\nha = 'started'\nstate = 'running'\n[[guests]]\nvmid = 101\nha = 'stopped'\n\
        [[guests]]\nvmid = 102\nha = 'ignored'\n[[guests]]\nvmid = 200\nkind = 'lxc'\nha = 'stopped'";
    let cluster = Cluster::toml(scenario);
    let mut session = cluster.session();
    for (tool, vmid, status) in [
        ("startVM", 100, "running"),
        ("stopVM", 101, "stopped"),
        ("stopVM", 102, "stopped"),
        ("stopContainer", 200, "stopped"),
    ] {
        let result = session.call(tool, json!({"vmid": vmid}));
        let facts = facts(&result);
        assert_eq!((&facts["outcome"], &facts["status"]), (&json!("unchanged"), &json!(status)), "{tool} {vmid}");
    }
    assert!(!cluster.asked_since(0).iter().any(|asked| asked.contains("POST") && asked.contains("/102/")));
    let started = session.call("startVM", json!({"vmid": 102}));
    assert!(facts(&started)["upid"].as_str().is_some_and(|upid| upid.contains(":qmstart:")));
}

#[test]
fn a_vm_that_does_not_come_up_after_a_reboot_is_not_said_to_run() {
    let cluster = Cluster::toml("[[guests]]\nvmid = 100\nstate = 'running'\nuptime = 9999\nfails_to_start = true");
    let mut session = cluster.session();
    let result = session.call("restartVM", json!({"vmid": 100, "timeout": 5}));
    refused(&result, &["went off for the reboot and is down", "QEMU exited with code 1", ":qmstart:100:root@pam:"]);
    let facts = &result["structuredContent"];
    assert_eq!((&facts["outcome"], &facts["status"]), (&json!("failed"), &json!("stopped")));
    assert!(facts["upid"].as_str().is_some_and(|upid| upid.contains(":qmreboot:100:")));
    assert!(facts["startUpid"].as_str().is_some_and(|upid| upid.contains(":qmstart:100:root@pam:")));
}

#[test]
fn what_cannot_be_looked_at_any_more_is_not_said_to_be_done() {
    let cluster = Cluster::toml(
        "speed = 'real'\n[[nodes]]\nname = 'pve1'\n[[nodes]]\nname = 'pve2'\n[[guests]]\nvmid = 100\nnode = 'pve2'\nha = 'stopped'\n\
         [[guests]]\nvmid = 101\nstate = 'running'\nuptime = 9999\nnode = 'pve2'",
    );
    let mut session = cluster.session();
    let status = proxmox_mcp::spec::Method::Get;
    for (tool, id) in [("startVM", 100), ("restartVM", 101)] {
        session.call("listVMs", json!({}));
        // The status before is read; the one after is not to be had. The demo's clock stands nearly still until then.
        let fault = proxmox_mcp::demo::Fault::Gateway(595, "No route to host".to_owned());
        let task = session.post("tools/call", json!({"name": tool, "arguments": {"vmid": id, "timeout": 3}}));
        while !cluster.asked_since(0).iter().any(|asked| asked.starts_with("POST") && asked.contains(&id.to_string())) {
            std::thread::yield_now();
        }
        cluster.demo.inject_on(Some(status), "/status/current", fault, u32::MAX);
        cluster.demo.advance(Duration::from_secs(120));
        let result = session.answer(task)["result"].clone();
        assert_eq!(result["structuredContent"]["outcome"], "unknown", "{tool}: {}", text(&result));
        assert!(!text(&result).contains("goes on"), "{}", text(&result));
        cluster.demo.clear_faults();
    }
}
