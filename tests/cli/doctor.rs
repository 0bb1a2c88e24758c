//! What the doctor says of settings.

use serde_json::Value;

use super::{command, ends, err, out, run, settings, slow};

#[test]
fn the_doctor_ends_with_a_code_for_the_worst_and_gives_json() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scenario = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("written");
        file.to_string_lossy().into_owned()
    };
    let offline = scenario("offline", "cluster = 'c'\n[[nodes]]\nname = 'a'\n[[nodes]]\nname = 'b'\nonline = false\n");
    let quorum = scenario("quorum", "cluster = 'c'\nquorum = false\n[[nodes]]\nname = 'a'\n");
    for (file, code, worst) in [(&offline, 3, "warning"), (&quorum, 1, "failure")] {
        let output = run(&["--demo", "--demo-scenario", file, "doctor", "--json"]);
        ends(&output, code);
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(report["worst"], worst, "{report}");
        let findings = report["findings"].as_array().expect("findings");
        assert!(findings.iter().any(|f| f["level"] == worst && f["cure"].is_string()), "{report}");
        assert!(findings.iter().all(|f| f["area"].is_string() && f["what"].is_string()), "{report}");
    }
    let unset = run(&["doctor"]);
    ends(&unset, 1);
    assert!(out(&unset).starts_with("✗ configuration  PROXMOX_HOST is missing"), "{}", out(&unset));
    let role = run(&["--read-only", "doctor", "--print-role"]);
    assert!(out(&role).starts_with("pveum role add ProxmoxMCP --privs 'VM.Audit'\n"), "{}", out(&role));
}

#[test]
fn the_doctor_names_where_each_setting_came_from() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join(".env"), "PROXMOX_HOST=127.0.0.1:1\n").expect("written");
    let secret = folder.path().join("token");
    std::fs::write(&secret, "mcp@pve!ai=11111111-2222-3333-4444-555555555555\n").expect("written");
    let mut command = command(&["doctor"]);
    command.current_dir(folder.path()).env("PROXMOX_TOKEN_FILE", &secret).env("PROXMOX_CONNECT_TIMEOUT", "1");
    let output = command.output().expect("the program starts");
    ends(&output, 1);
    let text = out(&output);
    assert!(text.contains("PROXMOX_HOST = 127.0.0.1:1, from ") && text.contains(".env"), "{text}");
    assert!(text.contains(&format!("PROXMOX_TOKEN = (secret), from {}", secret.display())), "{text}");
    assert!(text.contains("PROXMOX_CONNECT_TIMEOUT = 1, from the environment"), "{text}");
    assert!(text.contains("✗ tcp"), "{text}");
    assert!(!text.contains("11111111"), "no secret is shown");
}

/// Whether a line names a setting, and not one whose name goes on.
pub(super) fn names(line: &str, setting: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    line.match_indices(setting)
        .any(|(at, _)| !line[..at].ends_with(part) && !line[at + setting.len()..].starts_with(part))
}

/// What stops every other command is what the doctor finds, one verdict a setting, and it looks at the host all the same.
#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_what_stops_the_server_and_says_one_thing_of_each_setting() {
    let demo = slow().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(path("tokens.toml"), "no tokens").expect("written");
    std::fs::write(path("cert.pem"), "no certificate").expect("written");
    let wrong = [
        ("PROXMOX_MCP_CONFIRM", "nevr".to_owned(), "did you mean never?"),
        ("PROXMOX_MCP_LANG", "fr".to_owned(), "the languages are en and es"),
        ("PROXMOX_MCP_AUDIT_FILE", path("missing/audit.jsonl"), "No such file"),
        ("PROXMOX_MCP_TOKENS", path("tokens.toml"), "tokens.toml"),
        ("PROXMOX_MCP_TLS_CERT", path("cert.pem"), "PROXMOX_MCP_TLS_KEY"),
        ("PROXMOX_MCP_DENY", "tag:a b".to_owned(), "not a tag"),
        ("PROXMOX_MCP_PROTECTED_TAG", ",".to_owned(), "names no tag"),
        ("PROXMOX_MCP_READ_ONLY", "flase".to_owned(), "did you mean false?"),
        ("PROXMOX_MCP_KEY", "short".to_owned(), "it could be guessed"),
        ("HTTP_PORT", "70000".to_owned(), "not a whole number"),
        ("PROXMOX_MAX_IN_FLIGHT", "0".to_owned(), "not a whole number"),
        ("PROXMOX_LOG", "loud".to_owned(), "none of off, error"),
        ("PROXMOX_LOG_FORMAT", "jsn".to_owned(), "did you mean json?"),
    ];
    let started = |args: &[&str], wrong: &[(&str, String, &str)]| {
        let mut command = command(args);
        command.envs(settings(&demo)).env("HOME", folder.path()).current_dir(folder.path());
        command.envs(wrong.iter().map(|(name, value, _)| (*name, value.as_str())));
        command.output().expect("the program starts")
    };
    let all = started(&["doctor"], &wrong);
    ends(&all, 1);
    for (name, value, says) in &wrong {
        let named: Vec<_> = out(&all).lines().filter(|line| names(line, name) && !line.contains("→")).collect();
        let [verdict] = named[..] else { panic!("{name}: {named:#?} in {}", out(&all)) };
        assert!(verdict.starts_with('✗') && verdict.contains(says), "{verdict}");
        // Alone, each makes the doctor fail, and the server and every call.
        let one = [(*name, value.clone(), *says)];
        ends(&started(&["doctor"], &one), 1);
        let of_serve = ["PROXMOX_MCP_TOKENS", "PROXMOX_MCP_TLS_CERT"].contains(name);
        for args in [&["serve", "--listen", "127.0.0.1:0"][..], &["call", "listVMs"], &[]] {
            if args.first() == Some(&"serve") || !of_serve {
                let said = started(args, &one);
                ends(&said, 1);
                assert!(err(&said).contains(says), "{args:?} {}", err(&said));
            }
        }
    }
    // All at once, each once.
    let serve = started(&["serve", "--listen", "127.0.0.1:0"], &wrong);
    for (name, _, says) in &wrong {
        assert_eq!(err(&serve).matches(says).count().min(1), 1, "{name} in {}", err(&serve));
        assert_eq!(err(&serve).lines().filter(|line| names(line, name)).count(), 1, "{name} in {}", err(&serve));
    }
    let good = started(&["doctor"], &[("PROXMOX_MCP_CONFIRM", "never".to_owned(), "")]);
    assert!(out(&good).contains("✓ configuration  PROXMOX_MCP_CONFIRM = never"), "{}", out(&good));
}

/// Of several wrong parts of one setting each is named; what a sentence only advises or resembles keeps its own verdict.
#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_part_is_named_and_a_good_setting_keeps_its_verdict() {
    let demo = slow().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let started = |args: &[&str], wrong: &[(&str, &str)]| {
        let mut command = command(args);
        command.envs(settings(&demo)).env("HOME", folder.path()).current_dir(folder.path());
        command.envs(wrong.iter().copied()).output().expect("the program starts")
    };
    let rules = [
        ("PROXMOX_MCP_DENY", "tol:x,nod:pve1,vmid:9-1,tag:prod,tool:startvm,tol:x"),
        ("PROXMOX_MCP_PROTECTED_TAG", "a b;good;c d"),
    ];
    for args in [&["call", "listVMs"][..], &["doctor"], &[]] {
        let output = started(args, &rules);
        ends(&output, 1);
        let said = if args == ["doctor"] { out(&output) } else { err(&output) };
        for wrong in ["\"tol:x\"", "\"nod:pve1\"", "\"vmid:9-1\"", "\"tool:startvm\"", "\"a b\"", "\"c d\""] {
            assert_eq!(said.matches(wrong).count(), 1, "{wrong} in {said}");
        }
        assert!(!said.contains("tag:prod") && !said.contains("good"), "{said}");
    }
    let output = started(&["doctor"], &[("PROXMOX_MCP_READ_ONLY", "true"), ("PROXMOX_MCP_READONLY", "true")]);
    ends(&output, 1);
    assert!(out(&output).contains("✓ configuration  PROXMOX_MCP_READ_ONLY = true"), "{}", out(&output));
    let output = started(&["doctor"], &[("PROXMOX_HOST", "root@pve1")]);
    ends(&output, 1);
    assert!(out(&output).contains("✓ configuration  PROXMOX_TOKEN = (secret)"), "{}", out(&output));
    assert!(out(&output).contains("→ correct it in the environment"), "{}", out(&output));
}

/// A variable that an option takes the place of is not called good: nobody looked at it.
#[test]
fn the_doctor_gives_no_verdict_on_a_variable_that_an_option_overrules() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("audit.jsonl");
    let file = file.to_str().expect("UTF-8");
    let options = ["--lang", "es", "--log", "error", "--log-format", "json", "--audit-file", file];
    let mut doctor = command(&[&["--demo", "doctor"][..], &options].concat());
    doctor.env("HOME", folder.path()).env("PROXMOX_MCP_LANG", "fr").env("PROXMOX_MCP_AUDIT_FILE", "/none/audit.jsonl");
    let output =
        doctor.env("PROXMOX_LOG", "loud").env("PROXMOX_LOG_FORMAT", "xml").output().expect("the program starts");
    ends(&output, 0);
    for (name, option) in [("LANG", "lang"), ("AUDIT_FILE", "audit-file")]
        .map(|(n, o)| (format!("PROXMOX_MCP_{n}"), o))
        .into_iter()
        .chain([("LOG", "log"), ("LOG_FORMAT", "log-format")].map(|(n, o)| (format!("PROXMOX_{n}"), o)))
    {
        let said = out(&output);
        let named: Vec<_> = said.lines().filter(|line| names(line, &name)).collect();
        let [verdict] = named[..] else { panic!("{name}: {named:#?} in {said}") };
        assert!(verdict.starts_with('–') && verdict.ends_with(&format!("--{option} takes its place")), "{verdict}");
    }
}
