//! What users, hosts and clients bring along that is not plain ASCII, not TOTP or not in order.

use proxmox_mcp::{
    demo::{Fault, Scenario},
    spec::Method,
};
use serde_json::json;

use crate::{
    demo::{Cluster, facts, refused},
    session::{Session, program, text},
};

#[test]
fn a_task_of_a_user_of_any_name_is_followed() {
    for user in ["müller@pve", "ops#1@pve", "a?b@pve", "50%@pve", r"dom\ops@pve", "x%2Fy@pve", "日本@pve"] {
        let users = serde_json::to_string(user).expect("JSON");
        let cluster = Cluster::toml(&format!(
            "[[users]]\nid = {users}\npassword = \"pw-of-it\"\n[[acl]]\npath = \"/\"\nwho = {users}\nrole = \"Administrator\"\n\
             [[nodes]]\nname = \"pve1\"\n[[guests]]\nvmid = 100\nnode = \"pve1\"\nname = \"web\"\n"
        ));
        let more = [("PROXMOX_TOKEN", ""), ("PROXMOX_USERNAME", user), ("PROXMOX_PASSWORD", "pw-of-it")];
        let mut session = cluster.start(&[], &more).legacy("2025-06-18", json!({}));
        let result = session.call("startVM", json!({"vmid": 100}));
        assert_eq!(facts(&result)["outcome"], "done", "{user}: {}", text(&result));
        let upid = facts(&result)["upid"].as_str().expect("a task");
        assert!(upid.ends_with(&format!(":{user}:")), "{upid}");
    }
}

#[test]
fn a_reason_in_any_language_reaches_the_user() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.session();
    for reason in ["can't lock file - Datei gesperrt für 10s", "не удалось", "ロックできません"] {
        cluster.demo.inject_on(Some(Method::Post), "/status/start", Fault::Gateway(500, reason.to_owned()), 1);
        refused(&session.call("startVM", json!({"vmid": 110})), &[reason]);
    }
}

#[test]
fn a_user_who_has_only_webauthn_is_told_so() {
    let cluster = Cluster::toml(
        "[[users]]\nid = \"ops@pve\"\npassword = \"pw-of-ops\"\nwebauthn = true\n[[nodes]]\nname = \"pve1\"\n",
    );
    for totp in ["", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"] {
        let mut more = vec![("PROXMOX_TOKEN", ""), ("PROXMOX_USERNAME", "ops@pve"), ("PROXMOX_PASSWORD", "pw-of-ops")];
        if !totp.is_empty() {
            more.push(("PROXMOX_TOTP_SECRET", totp));
        }
        let from = cluster.count();
        let mut session = cluster.start(&[], &more).legacy("2025-06-18", json!({}));
        refused(&session.call("listVMs", json!({})), &["WebAuthn", "recovery", "no TOTP", "PROXMOX_TOKEN"]);
        let asked = cluster.asked_since(from);
        assert!(asked.iter().all(|asked| asked == "POST /access/ticket"), "no code is tried: {asked:?}");
    }
}

#[test]
fn a_first_message_that_opens_nothing_gets_a_plain_sentence() {
    for (method, params) in [
        ("tools/list", json!({})),
        ("resources/list", json!({})),
        ("foo/bar", json!({"x": 1})),
        ("initialize", json!({})),
        ("initialize", json!({"protocolVersion": 7})),
    ] {
        let mut session = Session::start(&["--demo"], &[]);
        let answer = session.request(method, params);
        let said = answer["error"]["message"].as_str().expect("an error");
        assert!(
            said.starts_with(if method == "initialize" { "initialize needs" } else { "send initialize first" }),
            "{said}"
        );
        // It has not closed the door.
        let mut session = session.legacy("2025-06-18", json!({}));
        assert_ne!(session.call("listVMs", json!({}))["isError"], true);
    }
}

#[test]
fn whatever_comes_before_the_opening_the_program_says_nothing_in_rust() {
    let lines = [
        r#"{"jsonrpc":"2.0","id":0,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","id":9,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"server/discover"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
        "not JSON",
        r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
    ];
    for first in 0..lines.len() {
        let mut child = program(&["--demo"], &[])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut input = child.stdin.take().expect("its input");
        let order: Vec<_> = lines[first..].iter().chain(&lines[..first]).copied().collect();
        std::io::Write::write_all(&mut input, (order.join("\n") + "\n").as_bytes()).expect("it reads");
        drop(input);
        let output = child.wait_with_output().expect("it ends");
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{log}");
        assert_eq!(log, "", "after {:?}", lines[first]);
    }
}

#[test]
fn the_log_holds_neither_methods_that_we_lack_nor_confirmation_codes() {
    let cluster = Cluster::new(Scenario::default());
    for level in ["warn", "debug", "trace"] {
        let env = cluster.env();
        let env: Vec<_> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut child = program(&["--log", level], &env)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut input = child.stdin.take().expect("its input");
        let client =
            json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}});
        for message in [
            json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": client}),
            json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
            json!({"jsonrpc": "2.0", "id": 1, "method": "resources/list"}),
            json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
                   "params": {"name": "deleteVM", "arguments": {"vmid": 110, "confirm": "c0de-of-nobody"}}}),
        ] {
            std::io::Write::write_all(&mut input, format!("{message}\n").as_bytes()).expect("it reads");
        }
        drop(input);
        let output = child.wait_with_output().expect("it ends");
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!log.contains("resources/list") && !log.contains("c0de-of-nobody"), "{level}: {log}");
        assert_eq!(log.is_empty(), level == "warn", "{log}");
    }
}
