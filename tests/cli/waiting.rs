//! Waiting and asking: progress, interruptions, questions at a terminal and in a pipe.

use std::{
    io::Write,
    process::{Output, Stdio},
    time::Duration,
};

use proxmox_mcp::demo::{self, Demo, Scenario};
use serde_json::Value;

use super::{command, ends, err, out, run, settings, slow, terminal::Terminal};

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
