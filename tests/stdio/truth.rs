//! That an answer says what was seen and no more: PVE's words pass through, and a word in them is no cause.

use std::time::{Duration, Instant};

use proxmox_mcp::{
    demo::{Fault, Scenario},
    spec::Method,
};
use serde_json::{Value, json};

use crate::{
    demo::{Cluster, facts, refused},
    session::{Session, text},
};

/// What must not be read out of the words of a failure.
const GUESSES: [&str; 5] = ["no longer exists", "already running;", "clone it", "is locked", "goes on"];

/// A failure with PVE's words, its task, the state afterwards, and nothing guessed.
#[track_caller]
fn failed_so<'a>(result: &'a Value, words: &str, status: &str) -> &'a Value {
    let said = refused(result, &[words, "UPID:"]);
    let ours = said.replace(words, "");
    for guess in GUESSES {
        assert!(!ours.contains(guess), "{guess:?} in {said:?}");
    }
    assert_eq!(said.matches(words).count(), 1, "told once: {said}");
    let facts = &result["structuredContent"];
    assert_eq!((&facts["outcome"], &facts["status"]), (&json!("failed"), &json!(status)), "{said}");
    assert!(facts["detail"].as_str().is_some_and(|detail| detail.contains(words)), "{facts}");
    assert!(facts["upid"].is_string() && facts["seconds"].is_number(), "{facts}");
    assert_eq!(facts["error"]["kind"], "failed", "{facts}");
    facts
}

#[test]
fn a_word_in_the_end_of_a_task_is_no_cause() {
    let causes = [
        ("qemu", "bridge 'vmbr7' does not exist"),
        ("qemu", "volume 'local:iso/debian-13.iso' does not exist"),
        ("qemu", "start failed: pci device '0000:01:00.0' already in use by VMID '110': VM 110 is running"),
        ("qemu", "VM 110 already running"),
        ("qemu", "hookscript said VM is locked (backup)"),
        ("qemu", "unable to create image: 'local:900/base-900-disk-0.qcow2' is a template"),
        ("qemu", "gluster: no quorum"),
        ("qemu", "hostname lookup 'nas' failed - failed to get address info"),
        ("qemu", "can't lock file '/var/lock/pve-manager/pve-storage-nas' - got timeout"),
        ("lxc", "no such logical volume pve/vm-200-disk-0"),
        ("lxc", "directory '/srv/media' does not exist"),
    ];
    let guests = causes.iter().enumerate().map(|(n, (kind, cause))| {
        format!("[[guests]]\nvmid = {}\nkind = '{kind}'\nfails_to_start = \"{cause}\"\n", 500 + n)
    });
    let cluster = Cluster::toml(&guests.collect::<String>());
    let mut session = cluster.session();
    for (n, (kind, cause)) in causes.iter().enumerate() {
        let tool = if *kind == "qemu" { "startVM" } else { "startContainer" };
        failed_so(&session.call(tool, json!({"vmid": 500 + n})), cause, "stopped");
    }
}

#[test]
fn a_container_whose_restart_fails_is_said_to_be_down() {
    let cause = "directory '/srv/media' does not exist";
    let cluster = Cluster::toml(&format!(
        "[[guests]]\nvmid = 200\nkind = 'lxc'\nstate = 'running'\nuptime = 9999\nfails_to_start = \"{cause}\""
    ));
    let result = cluster.session().call("restartContainer", json!({"vmid": 200}));
    failed_so(&result, cause, "stopped");
}

#[test]
fn a_word_in_a_refusal_is_no_cause() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.start(&[], &[("PROXMOX_MCP_CONFIRM", "never")]).legacy("2025-06-18", json!({}));
    let cause = "unable to activate storage 'nas' - directory '/mnt/pve/nas' does not exist or is unreachable";
    for (tool, vmid, method) in [("startVM", 110, Method::Post), ("deleteVM", 110, Method::Delete)] {
        cluster.demo.inject_on(Some(method), "/qemu/110", Fault::Gateway(500, cause.to_owned()), 1);
        let result = session.call(tool, json!({"vmid": vmid}));
        let said = refused(&result, &[cause, "It is stopped now"]);
        assert!(!said.contains("no longer exists"), "{said}");
        let facts = &result["structuredContent"];
        assert_eq!((&facts["outcome"], &facts["error"]["kind"]), (&json!("failed"), &json!("failed")), "{facts}");
    }
}

#[test]
fn a_deletion_that_fails_for_its_storage_keeps_the_guest() {
    let cause = "storage 'nas' does not exist";
    let cluster = Cluster::toml(&format!("[[guests]]\nvmid = 200\nkind = 'lxc'\nfails_to_delete = \"{cause}\""));
    let mut session = cluster.start(&[], &[("PROXMOX_MCP_CONFIRM", "never")]).legacy("2025-06-18", json!({}));
    failed_so(&session.call("deleteContainer", json!({"vmid": 200})), cause, "stopped");
}

#[test]
fn the_guests_own_file_missing_counts_only_when_the_list_agrees() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.session();
    let words = "Configuration file 'nodes/pve1/qemu-server/110.conf' does not exist";
    cluster.demo.inject_on(Some(Method::Post), "/qemu/110/", Fault::Gateway(500, words.to_owned()), 1);
    let result = session.call("startVM", json!({"vmid": 110}));
    let said = refused(&result, &[words]);
    assert!(!said.contains("no longer exists"), "{said}");
}

#[test]
fn what_was_asked_of_ha_is_told_where_nothing_else_changes() {
    let cluster = Cluster::toml(
        "[[guests]]\nvmid = 100\nstate = 'running'\nha = 'stopped'\n[[guests]]\nvmid = 101\nha = 'started'\n\
         [[guests]]\nvmid = 102\nha = 'started'\nstate = 'running'",
    );
    let mut session = cluster.session();
    for (tool, vmid, asked, before, status) in
        [("startVM", 100, "started", "stopped", "running"), ("stopVM", 101, "stopped", "started", "stopped")]
    {
        let result = session.call(tool, json!({"vmid": vmid}));
        let facts = facts(&result);
        assert_eq!((&facts["outcome"], &facts["status"]), (&json!("done"), &json!(status)), "{facts}");
        assert_eq!((&facts["haAsked"], &facts["haBefore"]), (&json!(asked), &json!(before)), "{facts}");
        let said = text(&result);
        assert!(
            said.contains(&format!("keep it {asked}")) && said.contains(&format!("before, it was to be {before}")),
            "{said}"
        );
    }
    assert_eq!(facts(&session.call("startVM", json!({"vmid": 102})))["outcome"], "unchanged");
    // While HA's services stand still the list does not say that HA has the guest, and nobody has looked before.
    let idle = Cluster::toml("ha_services = false\n[[guests]]\nvmid = 100\nstate = 'running'\nha = 'stopped'");
    let result = idle.session().call("startVM", json!({"vmid": 100}));
    assert_eq!((&facts(&result)["haAsked"], &facts(&result)["haBefore"]), (&json!("started"), &json!("unknown")));
    assert!(!text(&result).contains("was started"), "{}", text(&result));
    // It takes a right to see it.
    let blind = Cluster::toml(
        "[[users]]\nid = 'mcp@pve'\n[[tokens]]\nid = 'mcp@pve!ai'\nprivsep = false\n\
         [[acl]]\nwho = 'mcp@pve'\nrole = 'PVEVMAdmin'\npath = '/vms'\n\
         [[guests]]\nvmid = 100\nstate = 'running'\nha = 'stopped'",
    );
    let result = blind.session().call("startVM", json!({"vmid": 100}));
    assert_eq!((&facts(&result)["haAsked"], &facts(&result)["haBefore"]), (&json!("started"), &json!("unknown")));
    assert!(text(&result).contains("cannot be seen (that takes Sys.Audit on /)"), "{}", text(&result));
}

#[test]
fn what_ha_has_given_up_is_not_asked_for() {
    let cluster =
        Cluster::toml("[[guests]]\nvmid = 103\nha = 'error'\n[[guests]]\nvmid = 203\nkind = 'lxc'\nha = 'error'");
    let mut session = cluster.session();
    for (tool, vmid, sid) in [("startVM", 103, "vm:103"), ("startContainer", 203, "ct:203"), ("stopVM", 103, "vm:103")]
    {
        let result = session.call(tool, json!({"vmid": vmid}));
        refused(&result, &["state error", &format!("ha-manager set {sid} --state disabled"), "Nothing was sent"]);
        let facts = &result["structuredContent"];
        assert_eq!((&facts["outcome"], &facts["haState"]), (&json!("failed"), &json!("error")), "{facts}");
    }
    assert!(!cluster.asked_since(0).iter().any(|asked| asked.starts_with("POST")));
}

#[test]
fn a_host_that_falls_silent_is_not_said_to_go_on() {
    for (lang, unknown) in [("en", "nobody knows what became of"), ("es", "nadie sabe qué fue")] {
        let cluster =
            Cluster::toml("speed = 'real'\n[[guests]]\nvmid = 100\nstate = 'running'\nstubborn = true\nuptime = 9999");
        let mut session = cluster.start(&["--lang", lang], &[]).legacy("2025-06-18", json!({}));
        let fault = Fault::Gateway(595, "No route to host".to_owned());
        cluster.demo.inject_on(Some(Method::Get), "/tasks/", fault, u32::MAX);
        let begun = Instant::now();
        let result = session.call("stopVM", json!({"vmid": 100, "mode": "shutdown"}));
        let said =
            refused(&result, &[unknown, "No route to host", "UTC", "pvesh get '/nodes/pve1/tasks/UPID:", "getVM"]);
        assert!(!said.contains("goes on") && !said.contains("75 s"), "{said}");
        let facts = &result["structuredContent"];
        assert_eq!((&facts["outcome"], &facts["error"]["kind"]), (&json!("unknown"), &json!("unanswered")), "{facts}");
        assert!(facts["upid"].as_str().is_some_and(|upid| upid.contains(":qmshutdown:100:")));
        let seconds = facts["seconds"].as_f64().expect("seconds");
        assert!(seconds <= begun.elapsed().as_secs_f64() + 0.1, "real seconds: {seconds}");
    }
}

#[test]
fn the_time_that_the_caller_gives_is_the_time_that_pve_gives() {
    let cluster =
        Cluster::toml("speed = 'real'\n[[guests]]\nvmid = 100\nstate = 'running'\nstubborn = true\nuptime = 9999");
    let result = cluster.session().call("stopVM", json!({"vmid": 100, "mode": "shutdown", "timeout": 1}));
    refused(&result, &["got timeout", "It is running now"]);
    assert_eq!(result["structuredContent"]["outcome"], "failed");
}

#[test]
fn until_when_pve_waits_is_told_of_what_is_not_waited_for() {
    let cluster = Cluster::toml(
        "speed = 'real'\n[[guests]]\nvmid = 100\nstate = 'running'\nstubborn = true\nuptime = 9999\n\
         config = { startup = 'order=1,down=180' }\n[[guests]]\nvmid = 101\nstate = 'running'\nstubborn = true\nuptime = 9999",
    );
    let mut session = cluster.session();
    for (vmid, arguments, gives) in [
        (100, json!({"vmid": 100, "mode": "shutdown", "wait": false}), 180),
        (101, json!({"vmid": 101, "mode": "shutdown", "wait": false}), 60),
        (101, json!({"vmid": 101, "mode": "shutdown", "wait": false, "timeout": 300}), 300),
    ] {
        let result = session.call("stopVM", arguments);
        let facts = facts(&result);
        let upid: proxmox_mcp::pve::Upid = facts["upid"].as_str().expect("a task").parse().expect("a task");
        let until = chrono::DateTime::from_timestamp(i64::try_from(upid.start()).expect("a time") + gives, 0);
        let until = until.expect("a time").to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        assert_eq!(facts["pveWaitsUntil"], until, "{vmid}");
        assert!(text(&result).contains("Proxmox itself waits for the guest until"), "{}", text(&result));
    }
}

#[test]
fn a_stop_ends_a_shutdown_that_is_under_way() {
    let cluster = Cluster::toml(
        "speed = 'real'\n[[guests]]\nvmid = 100\nstate = 'running'\nstubborn = true\nuptime = 9999\n\
         [[guests]]\nvmid = 200\nkind = 'lxc'\nstate = 'running'\nstubborn = true\nuptime = 9999",
    );
    let mut session = cluster.session();
    for (tool, vmid) in [("stopVM", 100), ("stopContainer", 200)] {
        facts(&session.call(tool, json!({"vmid": vmid, "mode": "shutdown", "wait": false})));
        let result = session.call(tool, json!({"vmid": vmid}));
        assert_eq!(facts(&result)["outcome"], "done", "{}", text(&result));
        assert!(facts(&result)["seconds"].as_f64().is_some_and(|seconds| seconds < 9.0), "{}", text(&result));
    }
}

#[test]
fn an_old_host_is_not_told_what_it_does_not_know() {
    let cluster = Cluster::toml("release = '7.4-3'\n[[guests]]\nvmid = 100\nstate = 'running'\nuptime = 9999");
    let mut session = cluster.session();
    assert_eq!(facts(&session.call("stopVM", json!({"vmid": 100})))["outcome"], "done");
    facts(&session.call("startVM", json!({"vmid": 100})));
    let asked = session.call("stopVM", json!({"vmid": 100, "overruleShutdown": true}));
    refused(&asked, &["overrule-shutdown", "PVE 7.4"]);
    assert_eq!(asked["structuredContent"]["error"]["kind"], "too-old");
}

#[test]
fn a_task_of_something_else_is_not_believed() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.start(&[], &[("PROXMOX_MCP_CONFIRM", "never")]).legacy("2025-06-18", json!({}));
    let upid =
        |node: &str, kind: &str, id: u32| format!("UPID:{node}:0000C530:001C9BEC:5F000000:{kind}:{id}:root@pam:");
    for (tool, vmid, path, answer) in [
        ("stopVM", 100, "/qemu/100/status/stop", upid("pve1", "vzdump", 999)),
        ("stopVM", 100, "/qemu/100/status/stop", upid("pve1", "qmstop", 101)),
        ("stopVM", 100, "/qemu/100/status/stop", upid("pve2", "qmstop", 100)),
        ("stopVM", 100, "/qemu/100/status/stop", upid("pve1", "qmstart", 100)),
        ("startVM", 110, "/qemu/110/status/start", upid("pve1", "qmstop", 110)),
        ("deleteVM", 110, "/qemu/110", upid("pve1", "qmdestroy", 100)),
    ] {
        let method = if tool == "deleteVM" { Method::Delete } else { Method::Post };
        cluster.demo.inject_on(Some(method), path, Fault::Data(answer.clone()), 1);
        let result = session.call(tool, json!({"vmid": vmid}));
        refused(&result, &["obody knows whether", &answer]);
        let facts = &result["structuredContent"];
        assert_eq!((&facts["outcome"], &facts["error"]["kind"]), (&json!("unknown"), &json!("unanswered")), "{facts}");
    }
}

#[test]
fn what_would_be_refused_is_not_advised() {
    // Stubborn guests whose stop a rule forbids, that are locked, or that the token may not touch.
    let toml = "[[guests]]\nvmid = 100\nstate = 'running'\nstubborn = true\nuptime = 9999\n[[guests]]\nvmid = 110\n\
        [[guests]]\nvmid = 111\nlock = 'backup'\n[[guests]]\nvmid = 900\ntemplate = true\n\
        [[guests]]\nvmid = 200\nkind = 'lxc'\nstate = 'running'\nstubborn = true\nuptime = 9999";
    let cluster = Cluster::toml(toml);
    let mut session = cluster.session();
    let said = session.call("restartVM", json!({"vmid": 100}));
    refused(&said, &["got timeout", "restartVM with mode reset restarts it at once"]);
    assert!(!text(&said).contains("mode stop"), "{}", text(&said));
    for vmid in [111, 900] {
        let said = session.call("restartVM", json!({"vmid": vmid}));
        assert!(!refused(&said, &["not running"]).contains("startVM"), "{}", text(&said));
    }
    let mut denied =
        cluster.start(&["--deny", "tool:stopVM", "--deny", "tool:startVM"], &[]).legacy("2025-06-18", json!({}));
    let said = denied.call("restartVM", json!({"vmid": 110}));
    assert!(!refused(&said, &["not running"]).contains("startVM"), "{}", text(&said));
}

#[test]
fn nobody_is_told_how_to_clear_the_way_for_what_the_token_may_not_do() {
    let cluster = Cluster::toml(
        "[[users]]\nid = 'ops@pve'\n[[tokens]]\nid = 'ops@pve!ai'\nprivsep = false\n[[acl]]\nwho = 'ops@pve'\npath = '/'\n\
         role = 'PVEVMUser'\n[[guests]]\nvmid = 100\nstate = 'running'\n[[guests]]\nvmid = 101",
    );
    let mut session = cluster.session();
    for vmid in [100, 101] {
        let result = session.call("deleteVM", json!({"vmid": vmid}));
        let said = refused(&result, &[&format!("VM.Allocate on /vms/{vmid}"), "Nothing was sent"]);
        assert!(!said.contains("stopVM") && !said.contains("confirm="), "{said}");
        assert_eq!(result["structuredContent"]["error"]["kind"], "permission");
    }
}

#[test]
fn a_missing_quorum_is_named_in_every_refusal_that_it_causes() {
    let cluster = Cluster::toml(
        "cluster = 'lab'\nquorum = false\n[[nodes]]\nname = 'pve1'\n[[nodes]]\nname = 'pve2'\nonline = false\n\
         [[guests]]\nvmid = 100\n[[guests]]\nvmid = 200\nkind = 'lxc'",
    );
    let mut session = cluster.start(&[], &[("PROXMOX_MCP_CONFIRM", "never")]).legacy("2025-06-18", json!({}));
    for (tool, vmid) in [("startVM", 100), ("startContainer", 200), ("deleteVM", 100), ("deleteContainer", 200)] {
        let result = session.call(tool, json!({"vmid": vmid}));
        refused(&result, &["no quorum"]);
        assert_eq!(result["structuredContent"]["error"]["kind"], "no-quorum", "{}", text(&result));
    }
}

#[test]
fn a_guest_on_an_offline_node_is_named_with_it_and_nothing_is_sent() {
    let cluster = Cluster::toml(
        "cluster = 'lab'\n[[nodes]]\nname = 'pve1'\n[[nodes]]\nname = 'pve2'\nonline = false\n\
         [[guests]]\nvmid = 102\nnode = 'pve2'\nname = 'far'\n[[guests]]\nvmid = 202\nkind = 'lxc'\nnode = 'pve2'\nname = 'ct'",
    );
    let mut session = cluster.session();
    for (tool, vmid) in [
        ("startVM", 102),
        ("stopVM", 102),
        ("restartVM", 102),
        ("getVM", 102),
        ("deleteVM", 102),
        ("startContainer", 202),
        ("stopContainer", 202),
    ] {
        let result = session.call(tool, json!({"vmid": vmid}));
        refused(&result, &[&vmid.to_string(), "its node pve2 is offline", "Nothing was sent"]);
        assert_eq!(result["structuredContent"]["error"]["kind"], "node-unreachable", "{tool}");
    }
}

#[test]
fn an_offline_node_that_lets_requests_hang_is_not_waited_for() {
    let cluster = Cluster::toml(
        "cluster = 'lab'\n[[nodes]]\nname = 'pve1'\n[[nodes]]\nname = 'pve2'\nonline = false\n\
         [[guests]]\nvmid = 102\nnode = 'pve2'\nname = 'far'",
    );
    cluster.demo.inject_on(None, "/qemu/102/", Fault::Slow(15_000), u32::MAX);
    let mut session = cluster.session();
    for tool in ["stopVM", "restartVM", "getVM", "deleteVM"] {
        let begun = Instant::now();
        refused(
            &session.call(tool, json!({"vmid": 102})),
            &["VM 102 ", "its node pve2 is offline", "Nothing was sent"],
        );
        assert!(begun.elapsed() < Duration::from_secs(10), "{tool} waited for it");
    }
}

#[test]
fn every_result_of_every_tool_has_an_outcome_and_every_failure_its_kind() {
    let kinds = kinds();
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.session();
    let mut held = 0;
    let mut hold = |tool: &str, result: &Value| {
        let facts = &result["structuredContent"];
        assert!(facts["outcome"].is_string(), "{tool}: {result}");
        if result["isError"] == true {
            let kind = facts["error"]["kind"].as_str().unwrap_or_else(|| panic!("{tool}: no kind in {result}"));
            assert!(kinds.contains(&kind.to_owned()), "{tool}: {kind} is not in the page");
            assert!(facts["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{tool}: {result}");
            held += 1;
        }
    };
    for (kind, there, other) in [("VM", 110, 200), ("Container", 203, 100)] {
        for verb in ["get", "start", "stop", "restart", "delete"] {
            let tool = format!("{verb}{kind}");
            for arguments in [
                json!({"vmid": there}),
                json!({"vmid": other}),
                json!({"vmid": 999}),
                json!({"name": "nosuch"}),
                json!({"vmid": there, "node": "pve9"}),
                json!({"vmid": "x"}),
                json!({}),
            ] {
                hold(&tool, &session.call(&tool, arguments));
            }
        }
        let list = format!("list{kind}s");
        for arguments in [json!({}), json!({"node": "pve9"}), json!({"limit": 0}), json!({"tag": "nosuch"})] {
            hold(&list, &session.call(&list, arguments));
        }
    }
    // PVE that refuses, answers with something else, or not at all.
    for fault in [
        Fault::Gateway(595, "No route to host".to_owned()),
        Fault::Gateway(403, "Permission check failed (/vms/100, VM.Audit)".to_owned()),
        Fault::Gateway(500, "odd".to_owned()),
        Fault::Html,
        Fault::Drop,
        Fault::Data("odd".to_owned()),
    ] {
        for tool in ["listVMs", "getVM", "startVM", "stopVM", "restartVM", "deleteVM"] {
            let arguments = if tool == "listVMs" { json!({}) } else { json!({"vmid": 100}) };
            cluster.demo.inject_on(None, "", fault.clone(), u32::MAX);
            let result = session.call(tool, arguments);
            cluster.demo.clear_faults();
            hold(tool, &result);
        }
    }
    let mut rules = cluster.start(&["--read-only"], &[]).legacy("2025-06-18", json!({}));
    hold("startVM", &rules.call("startVM", json!({"vmid": 110})));
    assert!(held > 40, "{held}");
}

/// The kinds of failure that the page lists.
fn kinds() -> Vec<String> {
    let page = include_str!("../../docs/tools.md");
    let rows = page.lines().skip_while(|line| !line.starts_with("| `error.kind` |")).skip(2);
    rows.map_while(|line| Some(line.strip_prefix("| `")?.split('`').next()?.to_owned())).collect()
}

/// A cluster whose host hangs when this is asked for, for far longer than a test runs.
fn hanging(path: &str) -> Cluster {
    let cluster = Cluster::toml(
        "[[guests]]\nvmid = 100\nname = 'web'\nstate = 'running'\nuptime = 9999\n[[guests]]\nvmid = 110\n\
         [[guests]]\nvmid = 200\nkind = 'lxc'\nstate = 'running'\nuptime = 9999",
    );
    cluster.demo.inject_on(None, path, Fault::Hold, u32::MAX);
    cluster
}

#[test]
fn what_is_cancelled_during_the_look_up_is_never_sent_and_recorded_so() {
    for (tool, vmid, path) in [
        ("stopVM", 100, "/cluster/resources"),
        ("stopVM", 100, "/status/current"),
        ("startVM", 110, "/cluster/resources"),
        ("restartVM", 100, "/status/current"),
        ("stopContainer", 200, "/status/current"),
        ("deleteVM", 110, "/status/current"),
        ("deleteVM", 110, "/cluster/resources"),
        ("stopVM", 100, "/version"),
    ] {
        let cluster = hanging(path);
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("audit.jsonl");
        let file = log.to_str().expect("text");
        let mut session =
            cluster.start(&["--audit-file", file], &[("PROXMOX_MCP_CONFIRM", "never")]).legacy("2025-06-18", json!({}));
        let id = session.post("tools/call", json!({"name": tool, "arguments": {"vmid": vmid}}));
        cancelled(&cluster, session, id, tool, &log);
    }
}

/// Cancels a call whose look-up the host holds, lets the host answer, and reads the record.
#[track_caller]
fn cancelled(cluster: &Cluster, mut session: Session, id: u64, tool: &str, log: &std::path::Path) {
    until(|| cluster.demo.held() > 0);
    session.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}));
    let last = || {
        let lines = std::fs::read_to_string(log).expect("the log");
        serde_json::from_str::<Value>(lines.lines().last().expect("a line")).unwrap_or_default()
    };
    until(|| last()["outcome"] == "cancelled");
    cluster.demo.clear_faults();
    // It is still served, and so would have been what the call had left to do.
    assert_ne!(session.call("listVMs", json!({}))["isError"], true);
    session.end();
    let asked = cluster.asked_since(0);
    assert!(!asked.iter().any(|asked| !asked.starts_with("GET")), "{tool}: {asked:?}");
    let last = last();
    assert_eq!(last["tool"], tool, "{last}");
    assert!(last["reason"].as_str().is_some_and(|reason| reason.contains("nothing was sent")), "{last}");
}

#[track_caller]
fn until(mut there: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !there() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it did not come");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_deletion_that_is_confirmed_and_then_cancelled_is_never_sent_and_recorded_so() {
    for (tool, kind, vmid) in [("deleteVM", "qemu", 110), ("deleteContainer", "lxc", 210)] {
        let cluster = Cluster::toml("[[guests]]\nvmid = 110\n[[guests]]\nvmid = 210\nkind = 'lxc'");
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("audit.jsonl");
        let file = log.to_str().expect("text");
        let mut session = cluster.start(&["--audit-file", file], &[]).legacy("2025-06-18", json!({}));
        let plan = session.call(tool, json!({"vmid": vmid}));
        let code = plan["structuredContent"]["confirm"].as_str().expect("a code").to_owned();
        // Between the code and the deletion the guest is looked at once more.
        cluster.demo.inject_on(None, &format!("/{kind}/{vmid}/"), Fault::Hold, u32::MAX);
        let call = json!({"name": tool, "arguments": {"vmid": vmid, "confirm": code}});
        let id = session.post("tools/call", call);
        cancelled(&cluster, session, id, tool, &log);
        assert!(cluster.demo.node_of(vmid).is_some());
    }
}
