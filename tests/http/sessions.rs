//! Sessions of the older revisions: questions in a call, answers that are picked up later, cancellation, streams.

use std::time::Duration;

use proxmox_mcp::{
    demo::{Fault, Scenario, scenario::Speed},
    server::http::HttpSettings,
    tools::{
        Options,
        audit::{AuditLog, Seal},
        consent,
    },
};
use reqwest::Response;
use serde_json::{Value, json};

use super::{
    harness::{Running, STUBBORN, followed, send, settings, soon, start, start_with, tokens},
    mcp::{initialize, legacy},
};

/// A client in a session that can be asked.
struct Client<'a> {
    server: &'a Running,
    session: String,
}

/// The events of an answer, as they come.
struct Events {
    response: Response,
    text: String,
}

impl<'a> Client<'a> {
    async fn open(server: &'a Running) -> Self {
        let mut message = initialize();
        message["params"]["capabilities"] = json!({"elicitation": {}});
        let session = legacy(server, "", "", message).await.header("mcp-session-id").to_owned();
        assert!(!session.is_empty());
        Self { server, session }
    }

    fn request(&self, method: &str) -> reqwest::RequestBuilder {
        let request = self.server.request(method, "/mcp").header("accept", "application/json, text/event-stream");
        request.header("mcp-session-id", &self.session).header("mcp-protocol-version", "2025-11-25")
    }

    async fn stream(&self, request: reqwest::RequestBuilder) -> Events {
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        Events { response, text: String::new() }
    }

    async fn post(&self, message: Value) -> Events {
        self.stream(self.request("POST").header("content-type", "application/json").body(message.to_string())).await
    }

    async fn delete_guest(&self, id: u64, vmid: u64) -> Events {
        let params = json!({"name": "deleteVM", "arguments": {"vmid": vmid}});
        self.post(json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})).await
    }

    async fn say(&self, message: Value) {
        assert_eq!(legacy(self.server, "", &self.session, message).await.status, 202);
    }

    async fn answer(&self, question: &Value, action: &str) {
        let result = json!({"action": action, "content": {"confirm": action == "accept"}});
        self.say(json!({"jsonrpc": "2.0", "id": question["id"], "result": result})).await;
    }

    async fn resume(&self, after: &str) -> Events {
        self.stream(self.request("GET").header("last-event-id", after)).await
    }

    async fn ping(&self) -> u16 {
        legacy(self.server, "", &self.session, json!({"jsonrpc": "2.0", "id": 9, "method": "ping"})).await.status
    }
}

impl Events {
    /// The next message and the id of its event; nothing at the end. Events without a message are passed over.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                let id = field("id:").unwrap_or_default().to_owned();
                let message = field("data:").and_then(|data| serde_json::from_str(data).ok());
                self.text = rest.to_owned();
                if let Some(message) = message {
                    return Some((id, message));
                }
            }
            let chunk = self.response.chunk().await.expect("a whole stream")?;
            self.text.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }

    async fn question(&mut self) -> (String, Value) {
        let (id, question) = self.next().await.expect("a question");
        assert_eq!(question["method"], "elicitation/create", "{question}");
        (id, question)
    }

    async fn result(&mut self) -> Value {
        let (_, message) = self.next().await.expect("a result");
        assert!(self.next().await.is_none(), "the stream ends with the result");
        message
    }
}

/// Guests that are stopped and that nothing forbids to delete.
async fn stopped(server: &Running) -> Vec<u64> {
    let list = server.get("/vms?status=stopped&detail=full").await.json();
    let free = |g: &&Value| g["lock"].is_null() && g["template"] != true && g["hastate"].is_null();
    let ids = |all: &Vec<Value>| all.iter().filter(free).filter_map(|g| g["vmid"].as_u64()).collect();
    list["guests"].as_array().map(ids).unwrap_or_default()
}

fn there(server: &Running, vmid: u64) -> bool {
    server.demo.is_running(u32::try_from(vmid).expect("vmid")).is_some()
}

#[tokio::test]
async fn questions_of_calls_in_one_session_do_not_mix() {
    let server = start().await;
    let client = Client::open(&server).await;
    let guests = stopped(&server).await;
    let (one, two) = (guests[0], guests[guests.len() - 1]);
    let mut first = client.delete_guest(1, one).await;
    let mut second = client.delete_guest(2, two).await;
    let ((_, about_first), (_, about_second)) = (first.question().await, second.question().await);
    assert_ne!(one, two, "the demo has two guests that can be deleted");
    assert_ne!(about_first["id"], about_second["id"]);
    client.answer(&about_second, "accept").await;
    let done = second.result().await;
    assert_eq!((&done["id"], &done["result"]["structuredContent"]["outcome"]), (&json!(2), &json!("done")), "{done}");
    client.answer(&about_first, "decline").await;
    let kept = first.result().await;
    assert_eq!(kept["id"], 1);
    assert_ne!(kept["result"]["structuredContent"]["outcome"], "done", "{kept}");
    assert_eq!((there(&server, one), there(&server, two)), (true, false));
}

#[tokio::test]
async fn an_answer_waits_for_a_client_that_lost_its_connection() {
    let server = start().await;
    let client = Client::open(&server).await;
    let vmid = stopped(&server).await[0];
    let mut call = client.delete_guest(1, vmid).await;
    let (event, question) = call.question().await;
    drop(call);
    client.answer(&question, "accept").await;
    let mut resumed = client.resume(&event).await;
    let done = resumed.result().await;
    assert_eq!(done["result"]["structuredContent"]["outcome"], "done", "{done}");
    for over in [event.as_str(), "7/99", "x/y"] {
        assert!(client.resume(over).await.next().await.is_none(), "{over}: nothing, and no error to come back for");
    }
}

#[tokio::test]
async fn a_question_that_nobody_answers_ends_its_call() {
    let server = start().await;
    let client = Client::open(&server).await;
    let vmid = stopped(&server).await[0];
    let mut call = client.delete_guest(1, vmid).await;
    let (_, question) = call.question().await;
    tokio::time::pause();
    tokio::time::advance(consent::VALID).await;
    tokio::time::resume();
    let (_, taken_back) = call.next().await.expect("a message");
    assert_eq!(taken_back["method"], "notifications/cancelled", "{taken_back}");
    assert_eq!(taken_back["params"]["requestId"], question["id"]);
    let kept = call.result().await;
    assert_eq!(kept["result"]["isError"], true, "{kept}");
    assert!(kept.to_string().contains("no answer within 300 s"), "{kept}");
    client.answer(&question, "accept").await;
    assert_eq!(client.ping().await, 200);
    assert!(there(&server, vmid), "an answer that comes too late does nothing");
}

#[tokio::test]
async fn a_cancelled_call_has_no_answer() {
    let server = start().await;
    let client = Client::open(&server).await;
    let vmid = stopped(&server).await[0];
    let mut call = client.delete_guest(5, vmid).await;
    let (_, question) = call.question().await;
    client.say(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 5}})).await;
    assert!(call.next().await.is_none());
    client.answer(&question, "accept").await;
    assert!(there(&server, vmid), "an answer that comes too late does nothing");
    assert_eq!(client.ping().await, 200);
}

#[tokio::test]
async fn a_call_whose_client_is_gone_keeps_its_place_and_is_waited_for() {
    let scenario = Scenario { speed: Speed::Real, ..Scenario::default() };
    let folder = tempfile::tempdir().expect("folder");
    let audit = folder.path().join("audit.jsonl");
    let options =
        Options { audit: Some(AuditLog::open(&audit, Seal::plain()).expect("audit log")), ..Options::default() };
    let server = start_with(settings(), options, scenario).await;
    let client = Client::open(&server).await;
    let arguments = json!({"vmid": STUBBORN, "mode": "shutdown", "timeout": 600});
    let params = json!({"name": "stopVM", "arguments": arguments});
    let call = client.post(json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})).await;
    let upid = soon(|| followed(&server.demo)).await;
    drop(call);
    let Running { demo, handle, shared, ended, http, .. } = server;
    drop(http);
    soon(|| (shared.metrics.connections.get() == 0).then_some(())).await;
    assert_eq!((shared.metrics.in_flight.get(), shared.calls.len()), (1, 1), "the call goes on");
    handle.stop();
    assert!(demo.kill_task(&upid));
    ended.await.expect("in good order");
    assert_eq!((shared.metrics.in_flight.get(), shared.calls.len()), (0, 0));
    let recorded = std::fs::read_to_string(&audit).expect("audit log");
    assert!(recorded.contains(&upid), "{recorded}");
}

#[tokio::test]
async fn there_are_only_so_many_sessions_and_each_keeps_only_so_much() {
    let server = start_with(HttpSettings { sessions: 1, ..settings() }, Options::default(), Scenario::default()).await;
    let mut message = initialize();
    message["params"]["clientInfo"]["name"] = "x".repeat(500_000).into();
    let opened = legacy(&server, "", "", message).await;
    let client = Client { server: &server, session: opened.header("mcp-session-id").to_owned() };
    assert_eq!(
        (opened.status, client.ping().await),
        (200, 200),
        "what it says of itself is not kept, but it may come in"
    );
    let refused = legacy(&server, "", "", initialize()).await;
    assert_eq!((refused.status, refused.word().as_str(), refused.header("retry-after")), (429, "too-many", "5"));
    assert!(matches!(send(client.request("DELETE")).await.status, 200..=204));
    assert_eq!(legacy(&server, "", "", initialize()).await.status, 200);
}

#[tokio::test]
async fn one_token_does_not_take_all_sessions() {
    let folder = tempfile::tempdir().expect("folder");
    let (path, [one, other, _]) = tokens(&folder);
    let settings = HttpSettings { sessions: 20, tokens: Some(path), ..settings() };
    let server = start_with(settings, Options::default(), Scenario::default()).await;
    let open = async |token: &str| legacy(&server, token, "", initialize()).await;
    assert_eq!((open(&one).await.status, open(&one).await.status), (200, 200));
    assert_eq!(open(&one).await.word(), "too-many");
    let opened = open(&other).await;
    assert_eq!(opened.status, 200);
    let close = server.request("DELETE", "/mcp").header("mcp-protocol-version", "2025-11-25");
    let close = close.header("mcp-session-id", opened.header("mcp-session-id")).bearer_auth(&other);
    assert!(matches!(send(close).await.status, 200..=204));
    assert_eq!((open(&other).await.status, open(&other).await.status, open(&other).await.status), (200, 200, 429));
}

#[tokio::test]
async fn an_open_stream_keeps_its_session_and_ends_with_it() {
    let session_idle = Duration::from_millis(200);
    let server = start_with(HttpSettings { session_idle, ..settings() }, Options::default(), Scenario::default()).await;
    let client = Client::open(&server).await;
    let mut stream = client.stream(client.request("GET")).await;
    tokio::time::sleep(3 * session_idle).await;
    assert_eq!(client.ping().await, 200, "not idle");
    assert!(matches!(send(client.request("DELETE")).await.status, 200..=204));
    assert!(stream.next().await.is_none());
    assert_eq!(client.ping().await, 404);
}

#[tokio::test]
async fn a_stream_ends_when_its_token_is_revoked() {
    let folder = tempfile::tempdir().expect("folder");
    let (file, [read, power, _]) = tokens(&folder);
    let with = HttpSettings { tokens: Some(file.clone()), ..settings() };
    let server = start_with(with, Options::default(), Scenario::default()).await;
    let open = async |token: &str| {
        let session = legacy(&server, token, "", initialize()).await.header("mcp-session-id").to_owned();
        let client = Client { server: &server, session };
        client.stream(client.request("GET").bearer_auth(token)).await.response
    };
    let (mut revoked, mut other) = (open(&read).await, open(&power).await);
    let mut held = proxmox_mcp::server::http::tokens::Tokens::read(&file).expect("tokens");
    held.revoke("read").expect("there");
    held.write(&file).expect("written");
    server.handle.reload();
    let to_its_end = async { while revoked.chunk().await.expect("in good order").is_some() {} };
    tokio::time::timeout(Duration::from_secs(30), to_its_end).await.expect("the stream ends");
    // What the other one is still sent is at most a sign of life.
    let waits = async { while other.chunk().await.expect("open").is_some() {} };
    assert!(tokio::time::timeout(Duration::from_millis(50), waits).await.is_err(), "that of another token stays");
}

/// A cluster whose list takes a while.
fn crowded() -> Scenario {
    let guest = |i: u32| format!("[[guests]]\nvmid = {}\nnode = 'pve1'\nname = 'n-{i}'\n", 1000 + i);
    let guests: String = (0..600).map(guest).collect();
    Scenario::from_toml(&format!("[[nodes]]\nname = 'pve1'\n{guests}")).expect("a scenario")
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_reads_are_kept_up_to_so_many_bytes_for_a_session_and_a_caller() {
    const KIB: i64 = 1024;
    let small = HttpSettings { unread: 8 * 1024 * 1024, ..settings() };
    let server = start_with(small, Options::default(), crowded()).await;
    let (kept, under_way) = (&server.shared.metrics.unread, &server.shared.metrics.in_flight);
    let params = json!({"name": "listVMs", "arguments": {"detail": "full", "limit": 500}});
    let list = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params});
    let mut sessions = Vec::new();
    for count in 1..=5 {
        let client = Client::open(&server).await;
        for _ in 0..5 {
            server.demo.inject_on(None, "/cluster/resources", Fault::Slow(50), 1);
            // Whoever hangs up as soon as the answer begins has read none of it.
            drop(client.post(list.clone()).await);
            soon(|| {
                let most = 1024.min(count * 256) * KIB;
                assert!(kept.get() <= most, "{} B of {count} sessions", kept.get());
                (under_way.get() == 0).then_some(())
            })
            .await;
        }
        sessions.push(client);
    }
    soon(|| (kept.get() > 512 * KIB).then_some(())).await;
    let mut dropped = 0;
    for number in 1..=5 {
        dropped += usize::from(sessions[0].resume(&format!("0/{number}")).await.next().await.is_none());
    }
    assert!((1..5).contains(&dropped), "{dropped}: the oldest made room, as after their time");
    let read = sessions[4].post(list).await.result().await;
    let guests = read["result"]["structuredContent"]["guests"].as_array().map_or(0, Vec::len);
    assert!(guests > 0, "who reads gets the answer, whatever else is kept: {read}");
    for client in &sessions {
        assert!(matches!(send(client.request("DELETE")).await.status, 200..=204));
    }
    soon(|| (kept.get() == 0).then_some(())).await;
    assert_eq!(server.number("proxmox_mcp_unread_bytes").await, 0.0);
}
