//! What seals codes cannot be guessed from them.

use std::fs;

use serde_json::{Value, json};

use crate::{
    demo::{Cluster, facts},
    session::{Session, program},
};

/// The program with a password for the demo, and this folder for its state.
fn with_password(cluster: &Cluster, state: &str) -> Session {
    let more = [
        ("PROXMOX_TOKEN", ""),
        ("PROXMOX_AUTH_METHOD", "password"),
        ("PROXMOX_USERNAME", "root@pam"),
        ("PROXMOX_PASSWORD", "demo"),
        ("XDG_STATE_HOME", state),
    ];
    cluster.start(&[], &more).legacy("2025-06-18", json!({}))
}

fn code(plan: &Value) -> String {
    plan["structuredContent"]["confirm"].as_str().expect("a code").to_owned()
}

#[test]
fn a_password_seals_nothing() {
    let cluster = Cluster::toml("[[guests]]\nvmid = 110\n[[guests]]\nvmid = 111");
    let [one, other] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let [one, other] = [&one, &other].map(|folder| folder.path().to_str().expect("text"));
    let plan = code(&with_password(&cluster, one).call("deleteVM", json!({"vmid": 110})));
    // Whoever knows the password has no key with it.
    let refused = with_password(&cluster, other).call("deleteVM", json!({"vmid": 110, "confirm": plan}));
    assert_eq!(refused["structuredContent"]["outcome"], "confirm", "{refused}");
    // The same user on the same machine has.
    let done = with_password(&cluster, one).call("deleteVM", json!({"vmid": 110, "confirm": plan}));
    assert_eq!(facts(&done)["outcome"], "done");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let key = std::path::Path::new(one).join("proxmox-mcp/seal.key");
        assert_eq!(fs::metadata(&key).expect("a key").permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("changed");
        let mut env = cluster.env();
        env.retain(|(name, _)| name != "PROXMOX_TOKEN");
        let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let more = [("PROXMOX_USERNAME", "root@pam"), ("PROXMOX_PASSWORD", "demo"), ("XDG_STATE_HOME", one)];
        let output =
            program(&["call", "listVMs"], &[env, more.to_vec()].concat()).output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("can be used by others than this user"), "{said}");
    }
}

#[test]
fn without_a_place_for_a_key_codes_hold_for_their_process() {
    let cluster = Cluster::toml("[[guests]]\nvmid = 110");
    let mut session = with_password(&cluster, "/proc/no/such/folder");
    session.logged("hold for this process alone");
    let plan = code(&session.call("deleteVM", json!({"vmid": 110})));
    let other = with_password(&cluster, "/proc/no/such/folder").call("deleteVM", json!({"vmid": 110, "confirm": plan}));
    assert_eq!(other["structuredContent"]["outcome"], "confirm", "{other}");
    assert_eq!(facts(&session.call("deleteVM", json!({"vmid": 110, "confirm": plan})))["outcome"], "done");
}

#[test]
fn a_key_that_could_be_guessed_is_refused() {
    let cluster = Cluster::toml("[[guests]]\nvmid = 110");
    let env = cluster.env();
    let mut env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for weak in ["geheim", "geheimgeheimgeheimgeheimgeheimgeheim"] {
        env.push(("PROXMOX_MCP_KEY", weak));
        let output = program(&["call", "listVMs"], &env).output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{said}");
        assert_eq!(said.matches("PROXMOX_MCP_KEY is refused: it could be guessed").count(), 1, "{said}");
        assert!(!said.contains("geheim"), "{said}");
    }
}
