//! The commands as a person at a terminal and a program in a pipe see them.

#![cfg(unix)]

#[path = "hostile/strings.rs"]
mod strings;
#[path = "cli/terminal.rs"]
mod terminal;

use std::{
    io::Write,
    process::{Command, Output, Stdio},
    time::Duration,
};

use proxmox_mcp::demo::{self, Demo, Scenario};
use serde_json::{Value, json};
use terminal::Terminal;

const PROGRAM: &str = env!("CARGO_BIN_EXE_proxmox-mcp");

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().args(args).stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    command(args).output().expect("the program starts")
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("text")
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("text")
}

#[track_caller]
fn ends(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}{}", out(output), err(output));
}

/// A cluster on which a VM takes its time to shut down, and another lies in Ceph.
async fn slow() -> Demo {
    let toml = "speed = 'real'\n[[storage]]\nname = 'ceph'\ntype = 'rbd'\ncontent = 'images'\n\
        [[guests]]\nvmid = 100\nname = 'web'\nstate = 'running'\nstubborn = true\nuptime = 9999\n\
        [[guests]]\nvmid = 101\nname = 'db'\nconfig = { scsi0 = 'ceph:vm-101-disk-0,size=32G' }\n";
    demo::start(Scenario::from_toml(toml).expect("a scenario")).await.expect("the demo starts")
}

fn settings(demo: &Demo) -> Vec<(&'static str, String)> {
    vec![
        ("PROXMOX_HOST", demo.addr().to_string()),
        ("PROXMOX_FINGERPRINT", demo.fingerprint().to_string()),
        ("PROXMOX_TOKEN", format!("{}={}", demo.token().id, demo.token().secret.reveal())),
        ("TERM", "xterm".to_owned()),
    ]
}

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

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_shows_a_spinner_and_the_tasks_own_percentage() {
    let demo = slow().await;
    let mut env = settings(&demo);
    env.push(("PROXMOX_MCP_CONFIRM", "never".to_owned()));
    let mut terminal = Terminal::start(&["call", "deleteVM", "vmid=101"], &env);
    terminal.until("delete 101  ");
    demo.advance(Duration::from_secs(2));
    let shown = terminal.until(" %  ");
    assert!(shown.contains(['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']), "{shown:?}");
    demo.advance(Duration::from_secs(30));
    let (rest, code) = terminal.end();
    assert_eq!(code, Some(0), "{rest:?}");
    let last = rest.rsplit("\r\u{1b}[K").next().unwrap_or_default();
    assert!(
        last.starts_with("VM 101 (db) on ") && last.contains("was deleted"),
        "the line is gone at the end: {rest:?}"
    );
}

#[test]
fn a_pipe_sees_neither_progress_nor_colours() {
    let mut command = command(&["--demo", "call", "deleteVM", "vmid=110"]);
    let output = command.env("PROXMOX_MCP_CONFIRM", "never").env("TERM", "xterm").output().expect("it starts");
    ends(&output, 0);
    assert_eq!((out(&output).lines().count(), err(&output)), (1, ""));
    assert!(!out(&output).contains(['\r', '\u{1b}']));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_wait_says_how_to_follow_the_task() {
    let demo = slow().await;
    let mut terminal = Terminal::start(&["call", "stopVM", "vmid=100", "mode=shutdown"], &settings(&demo));
    terminal.until("shutdown 100  ");
    terminal.type_in("\u{3}");
    let (rest, code) = terminal.end();
    assert_eq!(code, Some(4), "{rest:?}");
    assert!(rest.contains("the waiting was cancelled; shutdown goes on in Proxmox"), "{rest:?}");
    let lines: Vec<_> = rest.lines().filter(|line| line.contains("goes on")).collect();
    assert_eq!(lines.len(), 1, "one line says what goes on and how to follow it: {rest:?}");
    assert!(!rest.contains("WARN"), "the log repeats nothing: {rest:?}");
    let follow =
        rest.split("`pvesh get '").nth(1).and_then(|r| r.split("'` tells how it ends").next()).expect("how to follow");
    assert!(follow.starts_with("/nodes/pve1/tasks/UPID:pve1:") && follow.ends_with("!demo:/status"), "{follow}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_interrupted_during_the_look_up_is_never_sent() {
    let demo = slow().await;
    demo.inject_on(None, "/status/current", demo::Fault::Slow(1_500), u32::MAX);
    let mut terminal = Terminal::start(&["call", "stopVM", "vmid=100"], &settings(&demo));
    while !demo.seen().iter().any(|seen| seen.target.contains("/cluster/resources")) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    terminal.type_in("\u{3}");
    let (rest, code) = terminal.end();
    assert_eq!(code, Some(130), "{rest:?}");
    assert!(rest.contains("stopVM was cancelled; nothing was sent"), "{rest:?}");
    tokio::time::sleep(Duration::from_millis(2_000)).await;
    assert!(demo.seen().iter().all(|seen| seen.method == "GET"), "{:?}", demo.seen());
}

#[test]
fn a_terminal_is_asked_before_a_deletion() {
    let answers =
        [("no\n", Some(1), "not deleted"), ("yes\n", Some(1), "not deleted"), ("staging\n", Some(0), "was deleted")];
    for (answer, code, word) in answers {
        let mut terminal =
            Terminal::start(&["--demo", "call", "deleteVM", "vmid=110"], &[("TERM", "xterm".to_owned())]);
        let question = terminal.until("type staging: ");
        assert!(question.contains("VM 110 (staging)") && question.contains("local-lvm:vm-110-disk-0"), "{question:?}");
        terminal.type_in(answer);
        let (rest, end) = terminal.end();
        assert_eq!(end, code, "{rest:?}");
        assert!(rest.to_lowercase().contains(word), "{rest:?}");
    }
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let shown = |env: &[(&str, String)]| Terminal::start(&["--demo", "doctor"], env).end();
    let (colours, code) = shown(&[("TERM", "xterm".to_owned())]);
    assert!(colours.contains("\u{1b}[32m✓\u{1b}[0m"), "{colours:?}");
    assert_eq!(code, Some(0), "{colours}");
    let (plain, _) = shown(&[("TERM", "xterm".to_owned()), ("NO_COLOR", "1".to_owned())]);
    assert!(plain.contains("✓ login") && !plain.contains('\u{1b}'), "{plain:?}");
    assert!(!out(&run(&["--demo", "doctor"])).contains('\u{1b}'));
    let help = run(&["--help"]);
    assert!(
        !out(&help).contains('\u{1b}') && out(&help).contains("  4  call: what was begun goes on"),
        "{}",
        out(&help)
    );
}

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

#[test]
fn bash_completes_what_the_program_says() {
    let script = run(&["completions", "bash"]);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("script");
    std::fs::write(&file, &script.stdout).expect("written");
    let line = r#". "$1"; COMP_LINE="proxmox-mcp call stopVM vmid=100 mode=s"; COMP_POINT=${#COMP_LINE}
        _proxmox_mcp; echo "${COMPREPLY[*]}""#;
    let path = format!("{}:/usr/bin:/bin", std::path::Path::new(PROGRAM).parent().expect("its folder").display());
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", line, "bash"]).arg(&file).env("PATH", path);
    let output = bash.output().expect("bash");
    assert_eq!(out(&output), "shutdown stop\n", "{}", err(&output));
    for shell in ["zsh", "fish"] {
        assert!(out(&run(&["completions", shell])).contains("proxmox-mcp __complete -- "), "{shell}");
    }
}

#[test]
fn a_filter_of_the_log_that_is_none_is_named_by_where_it_was_given() {
    let typed = run(&["--log", "x=y=z", "--demo", "tools"]);
    ends(&typed, 2);
    assert!(err(&typed).contains("--log \"x=y=z\""), "{}", err(&typed));
    let set = command(&["--demo", "tools"]).env("PROXMOX_LOG", "x=y=z").output().expect("the program starts");
    ends(&set, 1);
    assert!(err(&set).contains("PROXMOX_LOG=\"x=y=z\"") && !err(&set).contains("--log"), "{}", err(&set));
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

#[test]
fn complaints_name_what_was_typed() {
    let french = run(&["--lang", "fr", "tools"]);
    ends(&french, 2);
    assert!(err(&french).contains("--lang") && !err(&french).contains("PROXMOX_MCP_LANG"), "{}", err(&french));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("tokens.toml").to_string_lossy().into_owned();
    let none = run(&["token", "list", "--tokens", &file]);
    ends(&none, 0);
    assert!(out(&none).is_empty() && err(&none).contains(&format!("there is no token in {file}")), "{}", err(&none));
    let mut mistyped = command(&["--demo", "tools"]);
    let mistyped = mistyped.env("PROXMOX_MCP_READONLY", "true").output().expect("the program starts");
    ends(&mistyped, 1);
    assert!(err(&mistyped).contains("did you mean PROXMOX_MCP_READ_ONLY?"), "{}", err(&mistyped));
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

#[test]
fn days_of_a_token_that_lead_nowhere_are_refused_and_leave_no_file() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("tokens.toml");
    let path = file.to_string_lossy().into_owned();
    for (days, says) in [("0", "nobody could use"), ("3000000", "year 9999"), ("4294967295", "year 9999")] {
        let refused = run(&["token", "new", "a", "--scope", "read", "--days", days, "--tokens", &path]);
        ends(&refused, 2);
        assert!(err(&refused).contains(says) && !file.exists(), "{}", err(&refused));
    }
    ends(&run(&["token", "new", "a", "--scope", "read", "--days", "30", "--tokens", &path]), 0);
    ends(&run(&["token", "list", "--tokens", &path]), 0);
}

/// Whether a line names a setting, and not one whose name goes on.
fn names(line: &str, setting: &str) -> bool {
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

#[test]
fn a_word_that_is_no_level_is_no_filter_of_the_log() {
    for (filter, says) in [
        ("loud", "\"loud\" is none of off, error, warn, info, debug, trace"),
        ("dbug", "did you mean debug?"),
        ("proxmox_mcp=loud", "\"loud\" is none of"),
        ("info,hyper", "\"hyper\" is none of"),
    ] {
        let typed = run(&["--log", filter, "--demo", "tools"]);
        ends(&typed, 2);
        assert!(err(&typed).contains(says), "{}", err(&typed));
    }
    for filter in ["warn", "off", "proxmox_mcp=debug,hyper=error", "INFO", "proxmox_mcp::client"] {
        ends(&run(&["--log", filter, "--demo", "tools"]), 0);
    }
}

/// What people write into `.env`, into files of secrets and into `docker --env-file`.
#[test]
fn settings_as_people_write_them_are_read_or_refused_with_the_place() {
    let secret = "11111111-2222-3333-4444-555555555555";
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("token");
    let file = file.to_str().expect("UTF-8");
    for (dotenv, token, environment, says) in [
        ("PROXMOX_PASSWORD=Secret$9x\n", "", &[][..], "line 1: PROXMOX_PASSWORD has a $"),
        ("A=1\nPROXMOX_PASSWORD=pa$$word$HOME\n", "", &[], "line 2: PROXMOX_PASSWORD has a $"),
        ("HTTP_PORT=1\nPROXMOX_PASSWORD='open\n", "", &[], "line 2: PROXMOX_PASSWORD has a quote that is not closed"),
        ("\u{feff}PROXMOX_PORT=x\n", "", &[], "PROXMOX_PORT: \"x\""),
        ("PROXMOX_VERIFY_SSL=false\n", "", &[], "here it is PROXMOX_REJECT_UNAUTHORIZED"),
        ("", "\"mcp@pve!ai=SECRET\"\n", &[("PROXMOX_TOKEN_FILE", file)], "PROXMOX_TOKEN has quotes round it"),
        (
            "",
            "",
            &[("PROXMOX_TOKEN", "'mcp@pve!ai=SECRET'")],
            "PROXMOX_TOKEN has quotes round it, from the environment",
        ),
        ("", "", &[("PROXMOX_TOKEN_ID", "mcp@pve!ai"), ("PROXMOX_TOKEN_SECRET", "SECRET")], "here it is PROXMOX_TOKEN"),
        ("", "", &[("PROXMOX_URL", "https://pve1:8006")], "here it is PROXMOX_HOST"),
        ("", "", &[("PROXMOX_USER", "ops@pve")], "here it is PROXMOX_USERNAME"),
    ] {
        std::fs::write(folder.path().join(".env"), dotenv).expect("written");
        std::fs::write(file, token.replace("SECRET", secret)).expect("written");
        let mut command = command(&["call", "listVMs"]);
        command.current_dir(folder.path()).env("HOME", folder.path());
        command.envs(environment.iter().map(|(name, value)| (*name, value.replace("SECRET", secret))));
        let output = command.output().expect("the program starts");
        ends(&output, 1);
        assert!(err(&output).contains(says) && !err(&output).contains(secret), "{says} in {}", err(&output));
    }
    // With a mark at its beginning a file is read all the same: what is wrong is the host alone.
    std::fs::write(folder.path().join(".env"), "\u{feff}PROXMOX_HOST=a/b\n").expect("written");
    std::fs::write(file, format!("\u{feff}mcp@pve!ai={secret}\n")).expect("written");
    let mut command = command(&["call", "listVMs"]);
    let output =
        command.current_dir(folder.path()).env("PROXMOX_TOKEN_FILE", file).output().expect("the program starts");
    assert_eq!(err(&output).lines().count(), 1, "{}", err(&output));
    assert!(err(&output).contains("PROXMOX_HOST: \"a/b\" is more than a host"), "{}", err(&output));
}

/// What a command says to this on its standard input.
fn called_with(demo: &Demo, args: &[&str], input: &[u8]) -> Output {
    let mut command = command(args);
    command.envs(settings(demo)).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(input).expect("it reads");
    child.wait_with_output().expect("it ends")
}

/// Nobody can be asked in a pipe: it gets the command that carries the plan out.
#[tokio::test(flavor = "multi_thread")]
async fn a_piped_deletion_prints_the_command_to_type() {
    let demo = demo::start(Scenario::from_toml("[[guests]]\nvmid = 101\nname = 'db'\n").expect("a scenario"))
        .await
        .expect("the demo");
    let called = |args: &[&str]| {
        let mut command = command(args);
        command.envs(settings(&demo)).output().expect("the program starts")
    };
    let plan = called(&["call", "deleteVM", "vmid=101", "timeout=60", "--json"]);
    ends(&plan, 1);
    let said = err(&plan);
    assert!(!said.contains("Ask the user") && !said.contains("call deleteVM again"), "{said}");
    let line = said.lines().find_map(|line| Some(&line[line.find("proxmox-mcp call ")?..])).expect("a command");
    assert!(line.starts_with("proxmox-mcp call deleteVM vmid=101 timeout=60 --json confirm="), "{line}");
    let words: Vec<_> = line.split(' ').skip(1).collect();
    let piped =
        called_with(&demo, &["call", "deleteVM", "-", "--json"], br#"{"vmid": 101, "timeout": 60, "purge": null}"#);
    let typed = "proxmox-mcp call deleteVM --json timeout=60 vmid=101 confirm=";
    assert!(err(&piped).contains(typed), "what came by the pipe is typed out: {}", err(&piped));
    let done = called(&words);
    ends(&done, 0);
    assert_eq!(serde_json::from_slice::<Value>(&done.stdout).expect("JSON")["outcome"], "done");
}

/// One Ctrl-C answers the question, as one line and with nothing deleted.
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_question_says_so_in_one_line() {
    let demo = slow().await;
    let mut terminal = Terminal::start(&["call", "deleteVM", "vmid=101"], &settings(&demo));
    terminal.until("type db: ");
    terminal.type_in("\u{3}");
    let (rest, code) = terminal.end();
    assert_eq!(code, Some(130), "{rest:?}");
    let lines: Vec<_> = rest.lines().filter(|line| line.contains("proxmox-mcp: ")).collect();
    assert_eq!(lines.len(), 1, "{rest:?}");
    assert!(lines[0].contains("deleteVM was cancelled; nothing was sent"), "{rest:?}");
    assert!(demo.seen().iter().all(|seen| seen.method == "GET"), "{:?}", demo.seen());
}

#[test]
fn whatever_only_looks_ends_with_one_line_too() {
    // A host that takes the connection and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let env = [
        ("PROXMOX_HOST", silent.local_addr().expect("its address").to_string()),
        ("PROXMOX_TOKEN", "mcp@pve!ai=11111111-2222-3333-4444-555555555555".to_owned()),
        ("TERM", "xterm".to_owned()),
    ];
    for args in [&["doctor"][..], &["tools"]] {
        let mut terminal = Terminal::start(args, &env);
        let _connection = silent.accept().expect("it connects");
        std::thread::sleep(Duration::from_millis(200));
        terminal.type_in("\u{3}");
        let (rest, code) = terminal.end();
        assert_eq!(code, Some(130), "{args:?}: {rest:?}");
        let said = "proxmox-mcp: interrupted before there was an answer; nothing was changed";
        assert_eq!(rest.matches(said).count(), 1, "{args:?}: {rest:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_read_says_so_in_one_line() {
    let demo = slow().await;
    demo.inject_on(None, "/status/current", demo::Fault::Slow(60_000), u32::MAX);
    let mut terminal = Terminal::start(&["call", "getVM", "vmid=100"], &settings(&demo));
    while !demo.seen().iter().any(|seen| seen.target.contains("/cluster/resources")) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    terminal.type_in("\u{3}");
    let (rest, code) = terminal.end();
    assert_eq!(code, Some(130), "{rest:?}");
    let lines: Vec<_> = rest.lines().filter(|line| line.contains("proxmox-mcp: ")).collect();
    assert_eq!(lines.len(), 1, "{rest:?}");
    assert!(lines[0].ends_with("interrupted before there was an answer; nothing was changed"), "{rest:?}");
}

#[test]
fn started_bare_at_a_terminal_it_says_what_it_waits_for() {
    let mut terminal = Terminal::start(&["--demo"], &[("TERM", "xterm".to_owned())]);
    let shown = terminal.until("proxmox-mcp --help");
    assert!(shown.contains("waits for a client to open it"), "{shown:?}");
    terminal.type_in("\u{4}");
    assert_eq!(terminal.end().1, Some(0));
    // A client is told nothing: standard error of a pipe stays empty.
    let piped = run(&["--demo"]);
    ends(&piped, 0);
    assert_eq!((out(&piped), err(&piped)), ("", ""));
}

#[test]
fn serve_prints_its_addresses() {
    let mut command = command(&["--demo", "serve", "--listen", "127.0.0.1:0"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program starts");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("its output")));
    let mut line = || lines.next().expect("a line").expect("text");
    let (mcp, rest) = (line(), line());
    child.kill().expect("it ends");
    child.wait().expect("it ends");
    assert!(mcp.starts_with("MCP   http://127.0.0.1:") && mcp.ends_with("/mcp"), "{mcp}");
    let base = mcp.trim_start_matches("MCP   ").trim_end_matches("/mcp");
    assert_eq!(rest, format!("REST  {base}/  (described by {base}/openapi.json)"));
}

#[test]
fn slips_of_the_pen_are_answered_with_what_was_meant() {
    for (args, meant) in [
        (&["call", "startVm", "vmid=100"][..], "Did you mean startVM?"),
        (&["call", "lisVMs"], "Did you mean listVMs?"),
        (&["call", "listVMs", "status=runing"], "did you mean running?"),
        (&["call", "stopVM", "vmid=100", "mode=shutdwon"], "did you mean shutdown?"),
        (&["call", "stopVM", "vmdi=100"], "did you mean vmid?"),
        (&["--deny", "tol:stopVM", "tools"], "did you mean tool?"),
        (&["--deny", "tool:stopvm", "tools"], "did you mean stopVM?"),
        (
            &["token", "new", "a", "--scope", "read", "--tools", "lisVMs", "--tokens", "/nonexistent/t"],
            "did you mean listVMs?",
        ),
        (&["--demo-speed", "rael", "tools"], "did you mean real?"),
        (&["token", "new", "a", "--scope", "raed", "--tokens", "/nonexistent/t"], "did you mean read?"),
        (&["doctr"], "'doctor'"),
        (&["call", "--jsn"], "'--json'"),
    ] {
        let output = run(&[&["--demo"], args].concat());
        ends(&output, 2);
        assert!(err(&output).contains(meant), "{args:?}: {}", err(&output));
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

/// Each setting is declared once, and what it can be with it: whatever else is refused, by the doctor and by every start.
#[tokio::test(flavor = "multi_thread")]
async fn each_setting_takes_what_it_is_declared_to_take_and_nothing_else() {
    use proxmox_mcp::config::{DEFINITIONS, Value};
    let demo = slow().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let started = |args: &[&str], set: &[(&str, String)]| {
        let mut command = command(args);
        command.envs(settings(&demo)).env("HOME", folder.path()).current_dir(folder.path());
        command.envs(set.iter().map(|(name, value)| (*name, value.as_str()))).output().expect("the program starts")
    };
    let wrong: Vec<_> = DEFINITIONS
        .iter()
        .filter_map(|d| match d.value {
            Value::Switch => Some((d.name, "flase".to_owned(), "did you mean false?".to_owned())),
            Value::Whole(least, most) => {
                Some((d.name, (most + 1).to_string(), format!("is not a whole number from {least} to {most}")))
            }
            Value::Word(words) => Some((d.name, format!("{}x", words[0]), format!("did you mean {}?", words[0]))),
            Value::Text => None,
        })
        .collect();
    assert!(wrong.len() > 10, "{wrong:?}");
    let set: Vec<_> = wrong.iter().map(|(name, value, _)| (*name, value.clone())).collect();
    for (args, told) in
        [(&["doctor"][..], "✗"), (&["call", "listVMs"], ""), (&["serve", "--listen", "127.0.0.1:0"], ""), (&[], "")]
    {
        let output = started(args, &set);
        ends(&output, 1);
        let said = if told.is_empty() { err(&output) } else { out(&output) };
        for (name, _, says) in &wrong {
            let named: Vec<_> = said.lines().filter(|line| names(line, name)).collect();
            let [verdict] = named[..] else { panic!("{args:?}: {name}: {named:#?} in {said}") };
            assert!(verdict.contains(says.as_str()) && verdict.starts_with(told), "{args:?}: {verdict}");
        }
    }
    // Every word and both ends of every range are taken; the addresses and the trust are those of the demo.
    let others = ["PROXMOX_PORT", "PROXMOX_REJECT_UNAUTHORIZED", "PROXMOX_AUTH_METHOD"];
    for last in [false, true] {
        let good = DEFINITIONS.iter().filter(|d| !others.contains(&d.name)).filter_map(|d| match d.value {
            Value::Switch => Some((d.name, last.to_string())),
            Value::Whole(least, most) => Some((d.name, if last { most } else { least }.to_string())),
            Value::Word(words) => words.get(usize::from(last)).map(|word| (d.name, (*word).to_owned())),
            Value::Text => None,
        });
        let output = started(&["doctor"], &good.collect::<Vec<_>>());
        assert!(!out(&output).contains("✗ configuration"), "{}", out(&output));
    }
}

/// An empty variable counts as not given, wherever it is read.
#[test]
fn an_empty_variable_of_a_file_is_as_good_as_none() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut empty = command(&["--demo", "token", "list"]);
    empty.env("HOME", folder.path()).env("PROXMOX_MCP_TOKENS", "");
    ends(&empty.output().expect("the program starts"), 0);
    let mut half = command(&["--demo", "serve", "--listen", "127.0.0.1:0"]);
    half.env("HOME", folder.path()).env("PROXMOX_MCP_TLS_CERT", "").env("PROXMOX_MCP_TLS_KEY", "/none/key.pem");
    let output = half.output().expect("the program starts");
    ends(&output, 1);
    assert!(
        err(&output).contains("PROXMOX_MCP_TLS_KEY is set without its certificate (--tls-cert, PROXMOX_MCP_TLS_CERT)"),
        "{}",
        err(&output)
    );
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
