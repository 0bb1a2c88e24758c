//! What a command prints, and with which code it ends.

use std::{io::Write, process::Stdio};

use proxmox_mcp::demo::{self};
use serde_json::{Value, json};

use super::{command, ends, err, out, run, settings, slow, strings};

#[test]
fn results_come_as_text_json_table_and_csv() {
    let text = run(&["--demo", "call", "listVMs"]);
    ends(&text, 0);
    assert!(out(&text).contains("shop-web") && out(&text).ends_with("Status may be 10 s old.\n"), "{}", out(&text));
    let json: Value = serde_json::from_slice(&run(&["--demo", "call", "listVMs", "--json"]).stdout).expect("JSON");
    let rows = json["guests"].as_array().expect("guests").len();
    let csv = run(&["--demo", "call", "listVMs", "--csv"]);
    assert!(out(&csv).starts_with("vmid,name,status,node,cpuPercent,cpus,"), "{}", out(&csv));
    let table = run(&["--demo", "call", "listVMs", "--table"]);
    assert!(out(&table).starts_with("VMID  NAME "), "{}", out(&table));
    assert_eq!((out(&csv).lines().count(), out(&table).lines().count()), (rows + 1, rows + 1));
    let one = run(&["--demo", "call", "getVM", "vmid=100", "--table"]);
    assert!(out(&one).contains("\nconfig.net0.bridge "), "{}", out(&one));
    ends(&run(&["--demo", "call", "listVMs", "--csv", "--json"]), 2);
}

#[test]
fn arguments_come_as_pairs_and_as_json_on_standard_input() {
    let mut child = command(&["--demo", "call", "getVM", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(br#"{"name": "shop-db"}"#).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    ends(&output, 0);
    let facts: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&facts["vmid"], &facts["node"]), (&json!(101), &json!("pve2")));
    for (words, complaint) in [
        (&["vmid"][..], "is not KEY=VALUE"),
        (&["vmid=100", "vmid=101"], "vmid is given twice"),
        (&["-"], "standard input is not a JSON object"),
    ] {
        let output = run(&[&["--demo", "call", "getVM"], words].concat());
        ends(&output, 2);
        assert!(err(&output).contains(complaint) && err(&output).lines().count() == 1, "{}", err(&output));
    }
    for words in [&["vmid=abc"][..], &["vmid=100", "nodes=pve1"], &[]] {
        ends(&run(&[&["--demo", "call", "getVM"], words].concat()), 2);
    }
    ends(&run(&["--demo", "call", "getVM", "vmid=4242"]), 1);
    let unknown = run(&["--demo", "call", "startVm", "vmid=100"]);
    ends(&unknown, 2);
    assert!(err(&unknown).contains("There is no tool startVm; the tools are listVMs, "), "{}", err(&unknown));
}

#[test]
fn a_dry_run_shows_what_would_be_sent_and_sends_no_change() {
    let output = run(&["--demo", "call", "stopVM", "vmid=100", "mode=shutdown", "--dry-run"]);
    ends(&output, 0);
    let lines: Vec<&str> = out(&output).lines().collect();
    assert!(
        lines.last().is_some_and(|l| l.starts_with("withheld  POST /nodes/pve1/qemu/100/status/shutdown")),
        "{lines:?}"
    );
    assert!(lines[..lines.len() - 1].iter().all(|l| l.starts_with("sent      GET ")), "{lines:?}");
    let output = run(&["--demo", "call", "deleteVM", "vmid=110", "--dry-run", "--json"]);
    let requests: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let last = requests.as_array().and_then(|all| all.last()).expect("requests");
    assert_eq!((&last["request"], &last["sent"]), (&json!("DELETE /nodes/pve1/qemu/110"), &json!(false)));
    // It ends before it comes to a change, and says why.
    let output = run(&["--demo", "call", "deleteVM", "vmid=101", "--dry-run"]);
    ends(&output, 1);
    assert!(err(&output).contains("It is running: stop it first"), "{}", err(&output));
}

#[test]
fn tools_are_listed_without_a_host_and_without_an_answer() {
    let without = run(&["tools"]);
    ends(&without, 0);
    assert!(
        out(&without).starts_with("TOOL ")
            && out(&without).contains("  WHAT IT DOES ")
            && !out(&without).contains("STATE")
    );
    assert_eq!(out(&without).lines().count(), 16);
    let why = "whether the token has these privileges could not be asked: PROXMOX_HOST is missing";
    assert!(err(&without).contains(why) && err(&without).lines().count() == 1, "{}", err(&without));
    let mut unreachable = command(&["tools", "--json"]);
    unreachable.env("PROXMOX_HOST", "127.0.0.1:1").env("PROXMOX_TOKEN", "a@pve!b=11111111-2222-3333-4444-555555555555");
    let unreachable = unreachable.output().expect("the program starts");
    ends(&unreachable, 0);
    let rows: Value = serde_json::from_slice(&unreachable.stdout).expect("JSON");
    assert_eq!((rows.as_array().map(Vec::len), &rows[0]["missing"]), (Some(15), &Value::Null));
    assert!(err(&unreachable).contains("could not be asked: ") && err(&unreachable).lines().count() == 1);
    let demo = run(&["--demo", "--read-only", "tools"]);
    assert!(out(&demo).contains("  granted\n") && out(&demo).contains("  denied by --read-only\n"), "{}", out(&demo));
}

#[test]
fn a_right_on_some_guests_is_told_with_its_place_and_a_hidden_pool_with_its_privilege() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("scenario.toml");
    let toml = "[[nodes]]\nname = 'a'\n[[users]]\nid = 'mcp@pve'\npassword = 'x'\n[[tokens]]\nid = 'mcp@pve!ai'\n\
        privsep = false\n[roles]\nSee = ['VM.Audit']\nAct = ['VM.PowerMgmt']\n\
        [[acl]]\npath = '/vms'\nwho = 'mcp@pve'\nrole = 'See'\n[[acl]]\npath = '/vms/100'\nwho = 'mcp@pve'\nrole = 'Act'\n";
    std::fs::write(&file, toml).expect("written");
    let file = file.to_string_lossy().into_owned();
    let listed = run(&["--demo", "--demo-scenario", &file, "tools"]);
    ends(&listed, 0);
    assert!(out(&listed).contains("  granted only: VM.PowerMgmt on /vms/100\n"), "{}", out(&listed));
    assert!(out(&listed).contains("  missing VM.Allocate\n"), "{}", out(&listed));
    let pools = run(&["--demo", "--demo-scenario", &file, "--allow", "pool:prod", "tools"]);
    assert!(out(&pools).contains("  missing Pool.Audit on /pool/prod, which rules need\n"), "{}", out(&pools));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_wait_is_told_how_to_follow() {
    let demo = slow().await;
    let mut command = command(&["call", "stopVM", "vmid=100", "mode=shutdown", "wait=false"]);
    command.envs(settings(&demo));
    let output = command.output().expect("the program starts");
    ends(&output, 4);
    assert!(err(&output).contains("`pvesh get '/nodes/pve1/tasks/UPID:pve1:"), "{}", err(&output));
}

/// The first cells of the rows of a table in a page, by the beginning of its head.
fn column(page: &str, head: &str) -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = std::fs::read_to_string(path).expect("the page");
    let rows = text.lines().skip_while(|line| !line.starts_with(&format!("| {head} |"))).skip(2);
    let cell = |line: &str| line.split('|').nth(1).unwrap_or_default().trim().to_owned();
    rows.take_while(|line| line.starts_with('|')).map(cell).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_codes_are_those_of_the_table_in_the_pages() {
    let demo = slow().await;
    let called = |args: &[&str]| {
        let mut command = command(&[&["call"], args].concat());
        command.envs(settings(&demo)).output().expect("the program starts").status.code().expect("a code")
    };
    // Any certificate is accepted: a warning and nothing worse.
    let warned = || {
        let mut command = command(&["doctor"]);
        command.envs(settings(&demo)).env_remove("PROXMOX_FINGERPRINT").env("PROXMOX_REJECT_UNAUTHORIZED", "false");
        command.output().expect("the program starts").status.code().expect("a code")
    };
    let seen = [
        called(&["getVM", "vmid=100"]),
        called(&["getVM", "vmid=999"]),
        called(&["getVM", "colour=red"]),
        warned(),
        called(&["stopVM", "vmid=100", "mode=shutdown", "wait=false"]),
    ];
    assert_eq!(seen, [0, 1, 2, 3, 4]);
    // The last is Ctrl-C, for which there is a test at a terminal.
    let codes: Vec<String> = seen.iter().chain(&[130]).map(ToString::to_string).collect();
    for (page, head) in [("docs/tools.md", "exit code"), ("docs/es/tools.md", "código de salida")] {
        assert_eq!(column(page, head), codes, "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_owners_write_does_nothing_to_a_terminal_or_a_spreadsheet() {
    let demo = demo::start(strings::scenario()).await.expect("the demo starts");
    let settings = settings(&demo);
    let call = |args: &str| {
        let args: Vec<&str> = std::iter::once("call").chain(args.split(' ')).collect();
        let output = command(&args).envs(settings.iter().map(|(n, v)| (*n, v.as_str()))).output().expect("it runs");
        for shown in [out(&output), err(&output)] {
            // In cells quoted as one and beneath their name, notes may have lines of their own.
            let own_lines = args.contains(&"--csv") || args.contains(&"--table");
            let wrong = if own_lines { strings::unfit(shown) } else { strings::wrong(shown) };
            assert_eq!(wrong, None, "{args:?}: {shown:.800}");
            assert!(
                !shown.lines().any(|line| line.starts_with(strings::FORGED)) || args.contains(&"--csv"),
                "{shown:.800}"
            );
        }
        if args.contains(&"--csv") {
            no_formula(out(&output));
        }
        if args.contains(&"--json") {
            let facts = serde_json::from_str(out(&output)).expect("JSON");
            assert_eq!(strings::wrong_in(&facts), None, "{args:?}");
        }
    };
    for args in ["listVMs", "listVMs --table", "listVMs --csv detail=full", "listContainers --csv", "listVMs --json"] {
        call(args);
    }
    for vmid in 100..100 + strings::strings().len() {
        for args in ["getVM --table", "getVM --csv"] {
            call(&format!("{args} vmid={vmid}"));
        }
    }
}

/// Reads comma-separated values as a spreadsheet does, and looks at how each cell begins.
#[track_caller]
fn no_formula(csv: &str) {
    let (mut cell, mut quoted, mut cells) = (String::new(), false, Vec::new());
    for c in csv.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' | ';' | '\n' if !quoted => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    for cell in cells {
        let formula = cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
        assert!(!formula || cell.parse::<f64>().is_ok(), "a spreadsheet would run {cell:?}");
    }
}

/// `startVM` is part of `restartVM`, and another tool.
#[test]
fn the_name_of_a_tool_filters_the_surface_by_that_tool_alone() {
    let names = |filter: &str| {
        let output = run(&["surface", filter, "--json"]);
        ends(&output, 0);
        let surface: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let endpoints = surface["endpoints"].as_array().expect("endpoints").clone();
        endpoints.into_iter().map(|endpoint| endpoint["tools"].clone()).collect::<Vec<_>>()
    };
    for tool in ["startVM", "STARTVM", "startContainer"] {
        let found = names(tool);
        let calls = |tools: &Value| {
            tools
                .as_array()
                .is_some_and(|all| all.iter().any(|t| t.as_str().is_some_and(|t| t.eq_ignore_ascii_case(tool))))
        };
        assert_eq!(found.len(), 9, "{tool}");
        assert!(found.iter().all(calls), "{tool}: {found:?}");
    }
    assert!(names("VM.PowerMgmt").len() > 10);
    ends(&run(&["surface", "artVM"]), 1);
    let slip = run(&["surface", "strtVM"]);
    ends(&slip, 1);
    assert!(err(&slip).contains("did you mean startVM?"), "{}", err(&slip));
}
