//! The audit log at the door: what it tells of each call, and that nothing is changed that it cannot tell.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use proxmox_mcp::{
    demo::Scenario,
    tools::audit::{AuditLog, Phase, Record, Seal},
};
use serde_json::{Value, json};

use crate::{
    demo::{Cluster, facts, refused},
    session::{Session, program, text},
};

fn started(cluster: &Cluster, args: &[&str]) -> Session {
    cluster.start(args, &[]).legacy("2025-06-18", json!({}))
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("the log");
    text.lines().map(|line| serde_json::from_str(line).expect("a record")).collect()
}

/// `audit verify` of these files, with these further arguments.
fn verify(files: &[&Path], more: &[&str], env: &[(&str, &str)]) -> Output {
    let files = files.iter().map(|path| path.to_str().expect("text"));
    let args: Vec<_> = ["audit", "verify"].into_iter().chain(files).chain(more.iter().copied()).collect();
    program(&args, env).output().expect("the program")
}

/// What it says of a log that it finds whole.
fn verified(files: &[&Path], env: &[(&str, &str)]) -> String {
    let output = verify(files, &[], env);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// What it says of one that it does not.
fn broken(files: &[&Path], more: &[&str], env: &[(&str, &str)]) -> String {
    let output = verify(files, more, env);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).expect("text")
}

/// Whatever of this may change a guest.
fn changes(cluster: &Cluster) -> Vec<String> {
    let asked = cluster.asked_since(0);
    asked.into_iter().filter(|asked| !asked.starts_with("GET")).collect()
}

/// The program with files that can grow to so many blocks of 512 bytes, as on a disk that is full.
fn on_a_full_disk(cluster: &Cluster, blocks: u32, args: &[&str]) -> Session {
    let env = cluster.env();
    let env: Vec<_> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let plain = program(args, &env);
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("trap '' XFSZ; ulimit -S -f {blocks}; exec \"$0\" \"$@\""));
    command.arg(plain.get_program()).args(plain.get_args());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.current_dir(std::env::temp_dir());
    Session::of(command).legacy("2025-06-18", json!({}))
}

#[test]
fn the_audit_log_tells_every_change_allowed_or_denied() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let args = ["--audit-file", path.to_str().unwrap(), "--deny", "vmid:101"];
    let mut session = cluster.start(&args, &[]).legacy("2025-06-18", json!({}));
    session.call("listVMs", json!({}));
    session.call("startVM", json!({"vmid": 110}));
    session.call("stopVM", json!({"vmid": 101}));
    session.call("deleteVM", json!({"vmid": 112, "confirm": "not-a-code"}));
    session.end();
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = &lines(&path)[1..];
    let told: Vec<_> = lines.iter().map(|l| (l["tool"].clone(), l["decision"].clone(), l["outcome"].clone())).collect();
    assert_eq!(
        told,
        [
            (json!("startVM"), json!("allowed"), json!(null)),
            (json!("startVM"), json!("allowed"), json!("done")),
            (json!("stopVM"), json!("denied"), json!("denied")),
            (json!("deleteVM"), json!("allowed"), json!("confirm")),
        ]
    );
    assert_eq!(lines[0]["client"], "test 1");
    assert_eq!(lines[0]["host"], format!("127.0.0.1:{}", cluster.demo.addr().port()));
    assert_eq!((&lines[0]["phase"], &lines[1]["phase"]), (&json!("intent"), &json!("result")));
    assert_eq!((&lines[0]["call"], &lines[0]["guest"]), (&lines[1]["call"], &lines[1]["guest"]));
    assert!(lines[1]["upid"].as_str().unwrap().starts_with("UPID:"));
    assert_eq!(lines[2]["rule"], "deny vmid:101");
    assert!(!text.contains("not-a-code"));
    assert!(lines[2]["reason"].as_str().is_some_and(|why| why.contains("deny vmid:101")), "{}", lines[2]);
    assert!(verified(&[&path], &[]).starts_with("5 lines, unbroken, unkeyed"));
    std::fs::write(&path, text.replacen("denied", "allowed", 1)).unwrap();
    assert!(broken(&[&path], &[], &[]).contains("line 4"));
}

#[test]
fn the_audit_log_tells_why_a_call_failed_and_no_code() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    cluster.demo.set_option(110, "lock", Some("backup"));
    let mut session = started(&cluster, &["--audit-file", path.to_str().unwrap()]);
    refused(&session.call("startVM", json!({"vmid": 110})), &["backup"]);
    let plan = session.call("deleteContainer", json!({"vmid": 203}));
    let code = plan["structuredContent"]["confirm"].as_str().expect("a code").to_owned();
    session.end();
    let all = lines(&path);
    assert!(all[2]["reason"].as_str().is_some_and(|why| why.contains("backup")), "{}", all[2]);
    assert!(!std::fs::read_to_string(&path).unwrap().contains(&code));
}

#[test]
fn a_log_with_a_key_is_not_forged_without_it() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().unwrap();
    let (path, plain) = (folder.path().join("audit.jsonl"), folder.path().join("plain.jsonl"));
    let key = [("PROXMOX_MCP_KEY", "an unguessable key of some length, 32")];
    for (path, env) in [(&path, &key[..]), (&plain, &[])] {
        let args = ["--read-only", "--audit-file", path.to_str().unwrap()];
        let mut session = cluster.start(&args, env).legacy("2025-06-18", json!({}));
        refused(&session.call("startVM", json!({"vmid": 110})), &["--read-only"]);
        session.end();
    }
    let said = verified(&[&path], &key);
    assert!(said.starts_with("2 lines, unbroken, sealed with the key"), "{said}");
    let known = said.split_once("--known ").expect("the line to note").1.trim().to_owned();
    assert_eq!(verify(&[&path], &["--known", &known], &key).status.code(), Some(0));
    assert!(broken(&[&path], &[], &[]).contains("set PROXMOX_MCP_KEY"));
    assert!(
        broken(&[&path], &[], &[("PROXMOX_MCP_KEY", "another key that nobody can guess")]).contains("is another one")
    );
    // A log that anybody can make is no match for the key: it is told, and the exit code tells it.
    let forged = verify(&[&plain], &[], &key);
    assert_eq!(forged.status.code(), Some(3));
    assert!(String::from_utf8(forged.stderr).unwrap().contains("unkeyed"));
    // The end is cut off.
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.lines().next().unwrap().to_owned() + "\n").unwrap();
    assert!(broken(&[&path], &["--known", &known], &key).contains("its end was cut off"));
    assert!(broken(&[&plain], &["--known", &known], &[]).contains("line 2"));
}

#[test]
fn what_was_sent_before_a_sudden_end_is_in_the_log() {
    let toml = "speed = 'real'\n[[guests]]\nvmid = 100\nname = 'web'\nstate = 'running'\nstubborn = true";
    let cluster = Cluster::toml(toml);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let mut session = started(&cluster, &["--audit-file", path.to_str().unwrap()]);
    session.post("tools/call", json!({"name": "stopVM", "arguments": {"vmid": 100, "mode": "shutdown"}}));
    while changes(&cluster).is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    // SIGKILL: nothing is left to do.
    session.kill();
    let [_, intent] = &lines(&path)[..] else { panic!("a head and the intent") };
    assert_eq!(
        (&intent["phase"], &intent["tool"], &intent["outcome"]),
        (&json!("intent"), &json!("stopVM"), &json!(null))
    );
    let said = verified(&[&path], &[]);
    assert!(said.contains("stopVM on VM 100 (web) on pve1 was about to be sent") && said.contains("line 2"), "{said}");
}

#[test]
fn what_stands_in_a_log_moves_no_cursor() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let mut log = AuditLog::open(&path, Seal::plain()).unwrap();
    let guest = Some("VM 1 (\u{1b}[2Jweb\n9 lines, unbroken\u{202e})".to_owned());
    log.append(&Record { phase: Phase::Intent, call: "a".to_owned(), guest, tool: "stopVM", ..Record::default() })
        .unwrap();
    let said = verified(&[&path], &[]);
    assert!(said.contains(r"VM 1 (\u{1b}[2Jweb\n9 lines, unbroken\u{202e})"), "{said:?}");
    assert_eq!(said.lines().count(), 3, "{said}");
}

#[cfg(unix)]
#[test]
fn nothing_is_changed_on_a_full_disk_until_there_is_room() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let mut session = on_a_full_disk(&cluster, 1, &["--audit-file", path.to_str().unwrap()]);
    for (tool, arguments) in [("startVM", json!({"vmid": 110})), ("stopVM", json!({"vmid": 100}))] {
        let refusal = session.call(tool, arguments);
        refused(&refusal, &[tool, "could not be recorded", "audit.jsonl", "Nothing was changed"]);
        assert_eq!(refusal["structuredContent"]["rule"], "audit log");
    }
    assert_eq!(changes(&cluster), Vec::<String>::new(), "not even the first one is free");
    assert_eq!(lines(&path).len(), 1, "and half a line is taken back");
    assert_eq!(facts(&session.call("getVM", json!({"vmid": 110})))["status"], "stopped", "reading goes on");
    let room = Command::new("prlimit").arg("--fsize=unlimited").arg("--pid").arg(session.id().to_string()).status();
    if !room.is_ok_and(|status| status.success()) {
        eprintln!("there is no prlimit here");
        return;
    }
    assert_eq!(facts(&session.call("startVM", json!({"vmid": 110})))["outcome"], "done");
    session.end();
    let told: Vec<_> = lines(&path).iter().skip(1).map(|l| (l["tool"].clone(), l["decision"].clone())).collect();
    let all = [("startVM", "denied"), ("stopVM", "denied"), ("startVM", "allowed"), ("startVM", "allowed")];
    assert_eq!(told, all.map(|(tool, decision)| (json!(tool), json!(decision))), "those that had to wait are there");
    assert!(verified(&[&path], &[]).starts_with("5 lines, unbroken"));
}

#[cfg(unix)]
#[test]
fn a_result_that_finds_no_room_is_told_and_stops_what_follows() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    // Head and intent fit, the result does not.
    let mut session = on_a_full_disk(&cluster, 2, &["--audit-file", path.to_str().unwrap()]);
    let first = session.call("startVM", json!({"vmid": 110}));
    assert_eq!(facts(&first)["outcome"], "done");
    for part in [text(&first), first["structuredContent"]["detail"].as_str().unwrap_or_default()] {
        assert!(part.contains("could not be recorded") && part.contains("audit.jsonl"), "{part}");
    }
    session.logged("a call could not be recorded");
    let from = cluster.count();
    refused(&session.call("stopVM", json!({"vmid": 110})), &["could not be recorded", "Nothing was changed"]);
    assert_eq!(cluster.count(), from);
    session.end();
    let said = verified(&[&path], &[]);
    assert!(said.contains("startVM on VM 110") && said.contains("2 lines, unbroken"), "{said}");
}

#[test]
fn a_log_that_was_torn_or_emptied_is_not_continued_until_it_is_whole() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let mut session = started(&cluster, &["--audit-file", path.to_str().expect("text")]);
    facts(&session.call("startVM", json!({"vmid": 110})));
    let whole = std::fs::read_to_string(&path).expect("lines");
    let sent = changes(&cluster).len();
    for damage in [&whole[..whole.len() / 2], "", &whole.replace("\"seq\":1,", "")] {
        std::fs::write(&path, damage).expect("written");
        let said = session.call("stopVM", json!({"vmid": 110}));
        refused(&said, &["could not be recorded", "no longer holds line 3", "SIGHUP", "Nothing was changed"]);
    }
    std::fs::write(&path, format!("{whole}{{\"seq\":4")).expect("written");
    refused(&session.call("stopVM", json!({"vmid": 110})), &["cannot be continued", "audit verify"]);
    assert_eq!(changes(&cluster).len(), sent);
    std::fs::write(&path, &whole).expect("written");
    assert_eq!(facts(&session.call("stopVM", json!({"vmid": 110})))["outcome"], "done");
    session.end();
    let denied = lines(&path).iter().filter(|line| line["rule"] == "audit log").count();
    assert_eq!(denied, 4, "those that had to wait are there");
    verified(&[&path], &[]);
}

#[cfg(unix)]
#[test]
fn a_log_that_is_no_file_is_refused_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    for path in [pipe.as_path(), folder.path(), Path::new("/dev/null")] {
        let args = ["--demo", "--audit-file", path.to_str().expect("text")];
        let output = program(&args, &[]).stdin(Stdio::null()).output().expect("the program");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("is not a regular file") || said.contains("a folder"), "{said}");
    }
}

#[test]
fn no_call_is_too_long_for_the_audit_log() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let mut session = started(&cluster, &["--read-only", "--audit-file", path.to_str().expect("text")]);
    let long = "x".repeat(1_100_000);
    for arguments in [json!({"vmid": 110, "x": long}), json!({"vmid": long}), json!({"vmid": vec![1e9; 100_000]})] {
        refused(&session.call("startVM", arguments), &["--read-only"]);
    }
    session.end();
    // The next one goes on with it.
    let mut session = started(&cluster, &["--audit-file", path.to_str().expect("text")]);
    assert_eq!(facts(&session.call("startVM", json!({"vmid": 110})))["outcome"], "done");
    session.end();
    assert!(verified(&[&path], &[]).starts_with("6 lines, unbroken"));
    let size = std::fs::metadata(&path).expect("the file").len();
    assert!(size < 6_000, "{size} bytes");
}

#[test]
fn the_record_of_a_task_that_was_handed_out_names_it() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let capabilities = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    let mut session = cluster.start(&["--audit-file", path.to_str().expect("text")], &[]).modern(capabilities);
    assert_eq!(session.call("startVM", json!({"vmid": 110}))["resultType"], "task");
    session.end();
    let line = lines(&path).pop().expect("a line");
    assert_eq!(line["outcome"], "running");
    assert!(line["upid"].as_str().is_some_and(|upid| upid.contains(":qmstart:110:")), "{line}");
}

#[test]
fn a_rule_that_is_found_late_is_recorded_as_a_denial() {
    let cluster = Cluster::new(Scenario::default());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let mut session = started(&cluster, &["--audit-file", path.to_str().expect("text"), "--deny", "tag:late"]);
    facts(&session.call("getVM", json!({"vmid": 100})));
    cluster.demo.set_option(100, "tags", Some("late"));
    refused(&session.call("stopVM", json!({"vmid": 100})), &["deny tag:late"]);
    session.end();
    let [_, line] = &lines(&path)[..] else { panic!("a head and one line") };
    assert_eq!((&line["decision"], &line["rule"]), (&json!("denied"), &json!("deny tag:late")), "{line}");
    assert_eq!(line["guest"], "VM 100 (shop-web) on pve1");
}
