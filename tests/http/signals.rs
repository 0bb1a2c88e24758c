//! `proxmox-mcp serve` as a process: SIGTERM, SIGHUP, TLS from files, what it refuses, its log.

use std::{fs, path::Path};

use proxmox_mcp::demo::{self, Demo, Scenario, scenario::Speed};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::{
    harness::{Answer, STUBBORN, client, followed, send, tokens},
    mcp::initialize,
    process::{Process, command, until},
};

async fn cluster() -> (Demo, tempfile::TempDir) {
    // A task that is to go on for minutes does.
    let scenario = Scenario { speed: Speed::Real, ..Scenario::default() };
    (demo::start(scenario).await.expect("demo"), tempfile::tempdir().expect("folder"))
}

/// Has it shut down, and waits until the task is followed; gives its UPID, too.
async fn long_call(demo: &Demo, request: reqwest::RequestBuilder) -> (JoinHandle<Answer>, String) {
    let call = tokio::spawn(send(request));
    let found = tokio::task::block_in_place(|| until(|| followed(demo)));
    (call, found.expect("the task is followed"))
}

fn shutdown_of_stubborn(process: &Process) -> reqwest::RequestBuilder {
    client().post(format!("{}/vms/{STUBBORN}/stop?mode=shutdown&timeout=600", process.base))
}

/// A message to the MCP endpoint.
fn message(process: &Process, message: &Value) -> reqwest::RequestBuilder {
    client()
        .post(format!("{}/mcp", process.base))
        .header("accept", "application/json, text/event-stream")
        .header("content-type", "application/json")
        .body(message.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_waits_for_calls_under_way() {
    let (demo, home) = cluster().await;
    let mut process = Process::serve(command(&demo, &home), &[]);
    let (call, upid) = long_call(&demo, shutdown_of_stubborn(&process)).await;
    process.signal("TERM");
    process.logged("waiting for calls under way");
    let refused = client().get(format!("{}/livez", process.base)).send().await;
    assert!(refused.is_err(), "nobody listens any more");
    assert!(!call.is_finished(), "the call waits");
    assert!(demo.kill_task(&upid));
    let answer = call.await.expect("task");
    assert_eq!(answer.json()["upid"], upid, "{}", answer.json());
    assert_ne!(answer.status, 202, "its end was waited for");
    assert!(process.end().success());
    process.logged("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_time_is_up_answers_and_log_name_the_task_that_goes_on() {
    let (demo, home) = cluster().await;
    let mut process = Process::serve(command(&demo, &home), &["--grace", "0"]);
    let (call, upid) = long_call(&demo, shutdown_of_stubborn(&process)).await;
    process.signal("TERM");
    let answer = call.await.expect("task");
    assert_eq!((answer.status, &answer.json()["upid"]), (202, &json!(upid)), "{}", answer.json());
    assert!(process.end().success());
    let line = process.logged("this task goes on in PVE");
    assert!(line.contains(&upid), "{line}");
    assert_eq!(demo.is_running(STUBBORN), Some(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_time_is_up_calls_over_mcp_are_answered_too() {
    let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}, "progressToken": "p"});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "stopVM", "_meta": meta,
        "arguments": {"vmid": STUBBORN, "mode": "shutdown", "timeout": 600}}});
    let (demo, home) = cluster().await;
    let mut process = Process::serve(command(&demo, &home), &["--grace", "0"]);
    let request = client()
        .post(format!("{}/mcp", process.base))
        .header("accept", "application/json, text/event-stream")
        .header("content-type", "application/json")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "stopVM")
        .body(message.to_string());
    let (call, upid) = long_call(&demo, request).await;
    process.signal("INT");
    let text = String::from_utf8(call.await.expect("task").body).expect("text");
    let last =
        text.lines().map(|line| line.trim_start_matches("data:").trim()).rfind(|line| line.contains("\"result\""));
    let last: Value = serde_json::from_str(last.unwrap_or_else(|| panic!("no result in {text}"))).expect("JSON");
    let facts = &last["result"]["structuredContent"];
    assert_eq!((&facts["outcome"], &facts["upid"]), (&json!("running"), &json!(upid)), "{last}");
    assert!(process.end().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn when_time_is_up_calls_whose_client_is_gone_are_logged_and_recorded() {
    let (demo, home) = cluster().await;
    let mut process = Process::serve(command(&demo, &home), &["--grace", "0", "--audit-file", "audit.jsonl"]);
    let opened = send(message(&process, &initialize())).await;
    let stop = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "stopVM",
        "arguments": {"vmid": STUBBORN, "mode": "shutdown", "timeout": 600}}});
    let request = message(&process, &stop)
        .header("mcp-session-id", opened.header("mcp-session-id"))
        .header("mcp-protocol-version", "2025-11-25");
    let (call, upid) = long_call(&demo, request).await;
    call.abort();
    // The connection that asks is the only one left.
    let mut numbers = String::new();
    while !numbers.contains("proxmox_mcp_connections 1\n") {
        let answer = send(client().get(format!("{}/metrics", process.base))).await;
        numbers = String::from_utf8(answer.body).expect("text");
    }
    assert!(numbers.contains("proxmox_mcp_requests_in_flight 2\n"), "this one and the call: {numbers}");
    process.signal("TERM");
    assert!(process.end().success());
    let line = process.logged("this task goes on in PVE");
    assert!(line.contains(&upid), "{line}");
    let recorded = fs::read_to_string(home.path().join("audit.jsonl")).expect("audit log");
    assert!(recorded.contains(&upid) && recorded.contains("\"running\""), "{recorded}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sighup_reads_the_tokens_again() {
    let (demo, home) = cluster().await;
    let token = |words: &[&str]| {
        let output = command(&demo, &home).arg("token").args(words).args(["--tokens", "tokens.toml"]).output();
        let output = output.expect("token");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("text");
        text.split_whitespace().find(|word| word.starts_with("pmcp_")).map(str::to_owned)
    };
    let first = token(&["new", "first", "--scope", "read"]).expect("a token");
    let process = Process::serve(command(&demo, &home), &["--tokens", "tokens.toml"]);
    let url = format!("{}/nodes", process.base);
    let status = async |token: &str| send(client().get(&url).bearer_auth(token)).await.status;
    let second = token(&["new", "second", "--scope", "read"]).expect("a token");
    assert_eq!((status(&first).await, status(&second).await), (200, 401));
    token(&["revoke", "first"]);
    assert_eq!(status(&first).await, 200, "nothing changes before the signal");
    process.signal("HUP");
    process.logged("reloaded");
    assert_eq!((status(&first).await, status(&second).await), (401, 200));
    fs::write(home.path().join("tokens.toml"), "no tokens").expect("written");
    process.signal("HUP");
    process.logged("not reloaded");
    assert_eq!(status(&second).await, 401, "of a file that cannot be read nobody knows who was revoked");
    assert!(!process.log().join("\n").contains(&second[5..]), "no token in the log");
}

/// Writes a certificate of its own authority for loopback, and its key.
fn certify(folder: &Path) -> reqwest::Certificate {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("made");
    fs::write(folder.join("cert.pem"), made.cert.pem()).expect("written");
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).expect("written");
    reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).expect("certificate")
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_served_from_files_that_sighup_reads_again() {
    let (demo, home) = cluster().await;
    let old = certify(home.path());
    let process = Process::serve(command(&demo, &home), &["--tls-cert", "cert.pem", "--tls-key", "key.pem"]);
    let trusting = |root: reqwest::Certificate| {
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder().no_proxy().tls_certs_only([root]).build().expect("client")
    };
    let url = format!("{}/vms?limit=1", process.base);
    let answer = send(trusting(old.clone()).get(&url)).await;
    assert_eq!((answer.status, answer.header("strict-transport-security")), (200, "max-age=31536000"));
    let plain = client().get(url.replace("https", "http")).send().await;
    assert!(plain.is_err(), "nothing but TLS");
    let new = certify(home.path());
    process.signal("HUP");
    process.logged("reloaded");
    assert_eq!(send(trusting(new).get(&url)).await.status, 200);
    assert!(trusting(old).get(&url).send().await.is_err(), "the old certificate is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_refuses_to_be_open_by_mistake() {
    let (demo, home) = cluster().await;
    certify(home.path());
    let made = command(&demo, &home).args(["token", "new", "a", "--scope", "all", "--tokens", "tokens.toml"]).status();
    assert!(made.expect("token").success());
    for (arguments, says) in [
        (&["--listen", "0.0.0.0:0"][..], "without credentials"),
        (&["--listen", "[::]:0", "--tls-cert", "cert.pem", "--tls-key", "key.pem"], "without credentials"),
        (&["--listen", "0.0.0.0:0", "--tokens", "tokens.toml"], "without TLS"),
        (&["--tls-cert", "cert.pem"], "--tls-key"),
        (&["--tls-cert", "cert.pem", "--tls-key", "cert.pem"], "holds no private key"),
        (&["--tokens", "none.toml"], "none.toml"),
    ] {
        let output = command(&demo, &home).arg("serve").args(arguments).output().expect("the program runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && error.contains(says), "{arguments:?}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_cannot_fill_the_log_with_warnings() {
    let (demo, home) = cluster().await;
    let mut process = Process::serve(command(&demo, &home), &[]);
    let session = send(message(&process, &initialize())).await.header("mcp-session-id").to_owned();
    let resume = client().get(format!("{}/mcp", process.base)).header("accept", "text/event-stream");
    let resume = resume.header("mcp-session-id", session).header("mcp-protocol-version", "2025-11-25");
    assert_eq!(send(resume.header("last-event-id", "7/99")).await.status, 200, "there is nothing to resume");
    process.signal("TERM");
    assert!(process.end().success());
    process.logged("closed");
    let told: Vec<_> = process.log().iter().filter(|line| line.contains("rmcp")).cloned().collect();
    assert!(told.is_empty(), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_credentials_cannot_fill_the_log_with_refusals() {
    const REFUSED: usize = 5_000;
    let (demo, home) = cluster().await;
    let (file, _) = tokens(&home);
    let file = file.to_str().expect("a path").to_owned();
    let mut process = Process::serve(command(&demo, &home), &["--tokens", &file, "--log-format", "json"]);
    let http = client();
    for i in 0..REFUSED {
        let request = http.get(format!("{}/vms", process.base));
        // Wrong hosts and no credentials; after a while there are too many, which is a third kind.
        let request = if i % 2 == 0 { request.header("host", "evil.example") } else { request };
        assert!([401, 403, 429].contains(&send(request).await.status));
    }
    process.signal("TERM");
    assert!(process.end().success());
    process.logged("closed");
    let lines = process.log().clone();
    let bytes: usize = lines.iter().map(String::len).sum();
    let answered = lines.iter().filter(|line| line.contains("answered")).count();
    let count = |line: &String| {
        let (_, rest) = line.split_once("\"message\":\"")?;
        rest.split_once(" more such lines")?.0.parse::<usize>().ok()
    };
    let left_out: usize = lines.iter().filter_map(count).sum();
    assert_eq!(answered + left_out, REFUSED, "every one is written or counted");
    // Of three kinds 60 a minute, in the two or three minutes that this may take on a slow machine.
    assert!(answered <= 3 * 60 * 4 && bytes < 400 * 1024, "{answered} lines, {bytes} B");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_line_of_the_log_is_json_and_carries_the_name_of_its_request() {
    let (demo, home) = cluster().await;
    let mut process = Process::serve(command(&demo, &home), &["--log-format", "json"]);
    let names = ["trace-1", "trace-2"];
    let rest = client().get(format!("{}/vms/1", process.base)).header("x-request-id", names[0]);
    assert_eq!(send(rest).await.json()["request_id"], names[0]);
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "listVMs", "_meta":
        {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}}});
    let mcp = client().post(format!("{}/mcp", process.base)).header("x-request-id", names[1]);
    let mcp = mcp.header("accept", "application/json, text/event-stream").header("content-type", "application/json");
    let mcp = mcp.header("mcp-protocol-version", "2026-07-28").header("mcp-method", "tools/call");
    assert_eq!(send(mcp.header("mcp-name", "listVMs").body(message.to_string())).await.status, 200);
    process.signal("TERM");
    assert!(process.end().success());
    process.logged("closed");
    let lines: Vec<Value> =
        process.log().iter().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect();
    for name in names {
        let of_request = |message: &str| {
            let with_name =
                |line: &&Value| line["spans"].as_array().is_some_and(|s| s.iter().any(|s| s["request_id"] == name));
            lines.iter().filter(with_name).filter(|line| line["message"] == message).count()
        };
        assert_eq!((of_request("called"), of_request("answered")), (1, 1), "{name}: {lines:#?}");
    }
    let in_no_request = ["listening", "closing", "closed", "no credentials are asked for"];
    for line in lines.iter().filter(|line| line["spans"].is_null()) {
        let message = line["message"].as_str().unwrap_or_default();
        assert!(in_no_request.iter().any(|start| message.starts_with(start)), "{line}");
    }
}

fn start(process: &Process, vmid: u32) -> reqwest::RequestBuilder {
    client().post(format!("{}/vms/{vmid}/start", process.base))
}

/// What `audit verify` says of these files in this folder.
fn verified(demo: &Demo, home: &tempfile::TempDir, files: &[&str]) -> (bool, String) {
    let output = command(demo, home).args(["audit", "verify"]).args(files).output().expect("audit verify");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).expect("text"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_log_that_is_rotated_stops_changes_until_sighup_goes_on_with_its_chain() {
    let demo = demo::start(Scenario::default()).await.expect("demo");
    let home = tempfile::tempdir().expect("folder");
    let process = Process::serve(command(&demo, &home), &["--audit-file", "audit.jsonl"]);
    let [log, old] = ["audit.jsonl", "audit.jsonl.1"].map(|name| home.path().join(name));
    assert_eq!(send(start(&process, 110)).await.json()["outcome"], "done");
    let rotations: [(&str, &dyn Fn()); 3] = [
        ("moved away", &|| fs::rename(&log, &old).expect("moved")),
        ("copied and emptied", &|| {
            fs::copy(&log, home.path().join("audit.jsonl.2")).expect("copied");
            fs::write(&log, "").expect("emptied");
        }),
        ("removed", &|| fs::remove_file(&log).expect("removed")),
    ];
    for (how, rotate) in rotations {
        rotate();
        let from = demo.seen().len();
        let stop = client().post(format!("{}/vms/110/stop", process.base));
        let refused = send(stop).await;
        let said = refused.json().to_string();
        assert!(
            refused.status >= 400 && said.contains("SIGHUP") && said.contains("could not be recorded"),
            "{how}: {said}"
        );
        assert_eq!(demo.seen().len(), from, "{how}: nothing was asked");
        assert!(!verified(&demo, &home, &["audit.jsonl"]).0, "{how}: it is not said to be whole");
        process.signal("HUP");
        until(|| fs::metadata(&log).is_ok_and(|file| file.len() > 0).then_some(())).expect("a new file");
        assert!(send(start(&process, 110)).await.status < 400, "{how}");
        let (whole, said) = verified(&demo, &home, &["audit.jsonl"]);
        assert!(!whole && said.contains("of an earlier file"), "{how}: {said}");
    }
    let (whole, said) = verified(&demo, &home, &["audit.jsonl.1", "audit.jsonl.2"]);
    assert!(whole, "{said}");
    let (whole, said) = verified(&demo, &home, &["audit.jsonl.1", "audit.jsonl"]);
    assert!(!whole && said.contains("a line before it is missing"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_log_that_another_process_has_locked_holds_up_changes_alone() {
    let demo = demo::start(Scenario::default()).await.expect("demo");
    let home = tempfile::tempdir().expect("folder");
    let mut process = Process::serve(command(&demo, &home), &["--audit-file", "audit.jsonl"]);
    let other = fs::File::open(home.path().join("audit.jsonl")).expect("the log");
    other.lock().expect("locked");
    // More than there are threads.
    let calls: Vec<_> = (0..12).map(|_| tokio::spawn(send(start(&process, 110)))).collect();
    let probe = send(client().get(format!("{}/livez", process.base))).await;
    assert_eq!(probe.status, 200);
    for call in calls {
        let refused = call.await.expect("task");
        assert!(refused.status >= 400, "{}", refused.json());
        let said = refused.json().to_string();
        assert!(said.contains("has held the lock") || said.contains("could be written"), "{said}");
    }
    let sent = demo.seen().iter().filter(|seen| seen.method == "POST").count();
    assert_eq!(sent, 0, "nothing was changed");
    process.signal("TERM");
    assert!(process.end().success());
    drop(other);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_have_become_pipes_hold_up_nothing() {
    let (demo, home) = cluster().await;
    let output =
        command(&demo, &home).args(["token", "new", "first", "--scope", "all", "--tokens", "tokens.toml"]).output();
    let token = String::from_utf8(output.expect("token").stdout).expect("text").trim().to_owned();
    let mut process =
        Process::serve(command(&demo, &home), &["--tokens", "tokens.toml", "--audit-file", "audit.jsonl"]);
    let piped = |name: &str| {
        fs::remove_file(home.path().join(name)).expect("removed");
        let made = std::process::Command::new("mkfifo").arg(home.path().join(name)).status().expect("mkfifo");
        assert!(made.success());
    };
    piped("audit.jsonl");
    process.signal("HUP");
    process.logged("the audit log was not opened anew");
    let refused = send(start(&process, 110).bearer_auth(&token)).await;
    assert!(refused.json().to_string().contains("could not be recorded"), "{}", refused.json());
    piped("tokens.toml");
    process.signal("HUP");
    let line = process.logged("not reloaded");
    assert!(line.contains("not a regular file") && line.contains("no token lets anybody in"), "{line}");
    assert_eq!(send(client().get(format!("{}/livez", process.base))).await.status, 200);
    assert_eq!(send(client().get(format!("{}/nodes", process.base)).bearer_auth(&token)).await.status, 401);
    process.signal("TERM");
    assert!(process.end().success());
}
