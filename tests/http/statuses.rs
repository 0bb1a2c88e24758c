//! Every status that /openapi.json promises for a route is met, by what leads to it, and no other.

use proxmox_mcp::{
    demo::{
        Fault, Scenario,
        scenario::{Guest, Speed, State, Token},
    },
    spec::Method,
    tools::Options,
};
use serde_json::Value;

use super::harness::{Answer, Running, send, settings, start_with};

/// A guest on the first node.
fn guest(vmid: u32, state: State) -> Guest {
    Guest { vmid, state, ..Guest::default() }
}

/// Guests in each state that matters, by their id.
fn guests() -> Scenario {
    let guests = vec![
        guest(100, State::Stopped),
        guest(101, State::Running),
        Guest { lock: Some("backup".into()), ..guest(102, State::Stopped) },
        Guest { protected: true, ..guest(103, State::Stopped) },
        Guest { fails_to_start: Some("start failed: no space".into()), ..guest(104, State::Stopped) },
        Guest { stubborn: true, ..guest(105, State::Running) },
        guest(106, State::Stopped),
        Guest { template: true, ..guest(107, State::Stopped) },
    ];
    Scenario { guests, ..Scenario::from_toml("").expect("an empty cluster") }
}

async fn serve(scenario: Scenario) -> Running {
    start_with(settings(), Options::default(), scenario).await
}

/// Asks, and checks that the document has the status, the media type and the members of the answer.
async fn ask(server: &Running, method: &str, path: &str, route: &str) -> Answer {
    let answer = send(server.request(method, path)).await;
    let document = server.get("/openapi.json").await.json();
    let operation = &document["paths"][route][method.to_lowercase()];
    let response = &operation["responses"][answer.status.to_string()];
    assert!(response.is_object(), "{method} {route} does not promise {}: {}", answer.status, answer.json());
    let kind = answer.header("content-type");
    let mut schema = &response["content"][kind]["schema"];
    assert!(schema.is_object(), "{method} {route}: {} as {kind} is not promised", answer.status);
    if let Some(name) = schema["$ref"].as_str() {
        schema = document.pointer(name.trim_start_matches('#')).expect("the reference leads somewhere");
    }
    let problems: Vec<_> =
        jsonschema::validator_for(schema).expect("schema").iter_errors(&answer.json()).map(|e| e.to_string()).collect();
    assert!(problems.is_empty(), "{method} {path}: {problems:?}");
    answer
}

fn word(answer: &Answer) -> (u16, String) {
    let body: Value = answer.json();
    let kind = body["type"].as_str().or(body["outcome"].as_str()).unwrap_or_default();
    (answer.status, kind.rsplit(':').next().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn states_of_guests_lead_to_their_statuses() {
    let server = serve(guests()).await;
    for (method, path, route, status, says) in [
        ("POST", "/vms/100/start", "/vms/{vmid}/start", 200, "done"),
        ("POST", "/vms/100/start", "/vms/{vmid}/start", 200, "unchanged"),
        ("POST", "/vms/106/start?wait=false", "/vms/{vmid}/start", 202, "running"),
        ("POST", "/vms/102/start", "/vms/{vmid}/start", 409, "state"),
        ("POST", "/vms/107/start", "/vms/{vmid}/start", 409, "state"),
        ("POST", "/vms/104/start", "/vms/{vmid}/start", 502, "pve-failed"),
        ("POST", "/vms/105/stop?mode=shutdown&timeout=5", "/vms/{vmid}/stop", 502, "pve-failed"),
        ("POST", "/vms/999/stop", "/vms/{vmid}/stop", 404, "not-found"),
        ("POST", "/vms/abc/stop", "/vms/{vmid}/stop", 400, "arguments"),
        ("DELETE", "/vms/101", "/vms/{vmid}", 409, "state"),
        ("DELETE", "/vms/103", "/vms/{vmid}", 409, "state"),
        ("DELETE", "/vms/104", "/vms/{vmid}", 428, "confirm"),
        ("DELETE", "/vms/104?confirm=wrong", "/vms/{vmid}", 428, "confirm"),
        ("GET", "/tasks/UPID:pve1:00000001:00000001:00000001:qmstart:1:root@pam:", "/tasks/{upid}", 404, "not-found"),
    ] {
        let answer = ask(&server, method, path, route).await;
        assert_eq!(word(&answer), (status, says.to_owned()), "{method} {path}: {}", answer.json());
    }
    let plan = ask(&server, "DELETE", "/vms/104", "/vms/{vmid}").await.json();
    let path = format!("/vms/104?confirm={}", plan["confirm"].as_str().expect("a code"));
    assert_eq!(word(&ask(&server, "DELETE", &path, "/vms/{vmid}").await), (200, "done".to_owned()));
    assert_eq!(word(&ask(&server, "DELETE", &path, "/vms/{vmid}").await), (404, "not-found".to_owned()));
}

#[tokio::test]
async fn a_task_that_outlasts_its_wait_goes_on() {
    let server = serve(Scenario { speed: Speed::Real, ..guests() }).await;
    let path = "/vms/105/stop?mode=shutdown&timeout=600";
    let call = async { ask(&server, "POST", path, "/vms/{vmid}/stop").await };
    // The server stops waiting, as it does at the end of a shutdown.
    let give_up = async {
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
        while !server.demo.seen().iter().any(|seen| seen.method == "POST") {
            assert!(tokio::time::Instant::now() < deadline, "the call did not arrive");
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        server.shared.stopping.cancel();
    };
    let (answer, ()) = tokio::join!(call, give_up);
    assert_eq!(word(&answer), (202, "running".to_owned()), "{}", answer.json());
    assert!(answer.json()["upid"].as_str().is_some_and(|upid| upid.starts_with("UPID:")));
}

#[tokio::test]
async fn trouble_with_pve_leads_to_its_statuses() {
    let server = serve(guests()).await;
    ask(&server, "GET", "/vms", "/vms").await;
    server.demo.inject_on(Some(Method::Post), "/status/start", Fault::DropAfter, 1);
    let unanswered = ask(&server, "POST", "/vms/100/start", "/vms/{vmid}/start").await;
    assert_eq!(word(&unanswered), (504, "pve-unanswered".to_owned()), "{}", unanswered.json());
    server.demo.inject_on(Some(Method::Post), "/status/start", Fault::Gateway(595, "Connection refused".into()), 9);
    let unavailable = ask(&server, "POST", "/vms/106/start", "/vms/{vmid}/start").await;
    assert_eq!(word(&unavailable), (502, "pve-unavailable".to_owned()), "{}", unavailable.json());
}

#[tokio::test]
async fn what_pve_forbids_is_told_apart_from_what_we_forbid() {
    let tokens = vec![Token { id: "viewer@pve!http".into(), privsep: false, ..Token::default() }];
    let server = serve(Scenario { tokens, ..Scenario::default() }).await;
    assert_eq!(ask(&server, "GET", "/vms", "/vms").await.status, 200);
    let stopped = server.get("/vms?status=stopped").await.json();
    let path = format!("/vms/{}/start", stopped["guests"][0]["vmid"]);
    let answer = ask(&server, "POST", &path, "/vms/{vmid}/start").await;
    assert_eq!(word(&answer), (403, "pve-forbids".to_owned()), "{}", answer.json());
}
