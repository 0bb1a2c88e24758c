//! REST: each route of the table, and each status.

use std::collections::BTreeSet;

use proxmox_mcp::{
    demo::Scenario,
    tools::{Options, Policy},
};
use serde_json::{Value, json};

use super::harness::{Running, send, settings, start, start_with};

fn guests(body: &Value) -> Vec<Value> {
    body["guests"].as_array().cloned().unwrap_or_default()
}

/// A guest of the demo that is in this state and that nothing forbids to touch.
async fn pick(server: &Running, base: &str, status: &str) -> u64 {
    let list = server.get(&format!("{base}?status={status}&detail=full")).await.json();
    let free = |g: &&Value| g["lock"].is_null() && g["template"] != true && g["hastate"].is_null();
    let quiet = |g: &&Value| !g["name"].as_str().unwrap_or_default().contains("stubborn");
    guests(&list).iter().filter(free).find(quiet).and_then(|g| g["vmid"].as_u64()).unwrap_or_else(|| panic!("{list}"))
}

#[tokio::test]
async fn arguments_in_the_wrong_place_are_refused_not_read_past() {
    let server = start().await;
    let vmid = pick(&server, "/vms", "running").await;
    let is_running = || server.demo.is_running(u32::try_from(vmid).expect("vmid"));
    for body in ["{\"mode\": \"shutdown\"}", "mode=shutdown"] {
        let answer = send(server.request("POST", &format!("/vms/{vmid}/stop")).body(body)).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.json()["detail"].as_str().is_some_and(|said| said.contains("POST /tools/stopVM")));
        assert_eq!(is_running(), Some(true), "{body}");
    }
    let request = server.request("POST", "/tools/stopVM?mode=shutdown").body(json!({"vmid": vmid}).to_string());
    assert_eq!(send(request).await.status, 400);
    assert_eq!(is_running(), Some(true));
    // Clients that send an empty object with every POST have said nothing.
    assert_eq!(send(server.request("POST", &format!("/vms/{vmid}/stop")).body("{}")).await.status, 200);
}

#[tokio::test]
async fn both_kinds_of_guest_are_listed_shown_and_run() {
    let server = start().await;
    for base in ["/vms", "/containers"] {
        let list = server.get(base).await;
        assert_eq!(list.status, 200);
        let all = guests(&list.json());
        assert!(!all.is_empty(), "{base}");
        let node = all[0]["node"].as_str().expect("node");
        let on_node = guests(&server.get(&format!("{base}?node={node}")).await.json());
        assert!(!on_node.is_empty() && on_node.iter().all(|g| g["node"] == node), "{on_node:?}");
        let one = server.get(&format!("{base}/{}", all[0]["vmid"])).await;
        assert_eq!((one.status, &one.json()["vmid"]), (200, &all[0]["vmid"]));

        let stopped = pick(&server, base, "stopped").await;
        let started = server.post(&format!("{base}/{stopped}/start")).await;
        assert_eq!((started.status, &started.json()["outcome"]), (200, &json!("done")), "{}", started.json());
        assert_eq!(server.demo.is_running(u32::try_from(stopped).expect("vmid")), Some(true));
        let upid = started.json()["upid"].as_str().expect("upid").to_owned();
        let task = server.get(&format!("/tasks/{upid}")).await;
        assert_eq!((task.status, &task.json()["outcome"]), (200, &json!("done")), "{}", task.json());

        let again = server
            .post(&format!("{base}/{stopped}/start?node={}", started.json()["node"].as_str().expect("node")))
            .await;
        assert_eq!((again.status, &again.json()["outcome"]), (200, &json!("unchanged")));
        let restarted = server.post(&format!("{base}/{stopped}/restart")).await;
        assert_eq!((restarted.status, &restarted.json()["outcome"]), (200, &json!("done")), "{}", restarted.json());
        let ended = server.post(&format!("{base}/{stopped}/stop")).await;
        assert_eq!((ended.status, &ended.json()["status"]), (200, &json!("stopped")), "{}", ended.json());
    }
}

#[tokio::test]
async fn a_call_that_does_not_wait_is_accepted_and_can_be_followed() {
    let server = start().await;
    let vmid = pick(&server, "/vms", "stopped").await;
    let answer = server.post(&format!("/vms/{vmid}/start?wait=false")).await;
    assert_eq!((answer.status, &answer.json()["outcome"]), (202, &json!("running")), "{}", answer.json());
    let upid = answer.json()["upid"].as_str().expect("upid").to_owned();
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let task = server.get(&format!("/tasks/{}", upid.replace(':', "%3A"))).await.json();
        if task["outcome"] == "done" {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "{task}");
    }
}

#[tokio::test]
async fn a_deletion_needs_the_code_of_its_plan() {
    let server = start().await;
    for base in ["/vms", "/containers"] {
        let vmid = pick(&server, base, "stopped").await;
        let plan = server.delete(&format!("{base}/{vmid}")).await;
        assert_eq!((plan.status, plan.word().as_str()), (428, "confirm"));
        let code = plan.json()["confirm"].as_str().expect("code").to_owned();
        let wrong = server.delete(&format!("{base}/{vmid}?confirm=1-2")).await;
        assert_eq!(wrong.status, 428);
        assert!(server.demo.is_running(u32::try_from(vmid).expect("vmid")).is_some(), "still there");
        let done = server.delete(&format!("{base}/{vmid}?confirm={code}")).await;
        assert_eq!((done.status, &done.json()["outcome"]), (200, &json!("done")), "{}", done.json());
        assert!(server.demo.is_running(u32::try_from(vmid).expect("vmid")).is_none(), "gone");
        let replay = server.delete(&format!("{base}/{vmid}?confirm={code}")).await;
        assert_eq!(replay.word(), "not-found", "a code opens nothing twice");
    }
}

#[tokio::test]
async fn what_is_wrong_has_its_status_and_sends_nothing() {
    let server = start().await;
    let running = pick(&server, "/vms", "running").await;
    for (method, path, status, word) in [
        ("GET", "/vms/abc".to_owned(), 400, "arguments"),
        ("GET", "/vms/99".to_owned(), 400, "arguments"),
        ("GET", "/vms/999999".to_owned(), 404, "not-found"),
        ("GET", format!("/containers/{running}"), 404, "not-found"),
        ("GET", format!("/vms/{running}?node=nowhere"), 404, "not-found"),
        ("GET", format!("/vms/{running}?color=red"), 400, "arguments"),
        ("GET", "/vms?limit=0".to_owned(), 400, "arguments"),
        ("DELETE", format!("/vms/{running}"), 409, "state"),
        ("POST", "/tools/dropTables".to_owned(), 404, "no-tool"),
        ("GET", "/tasks/UPID".to_owned(), 400, "arguments"),
        ("GET", "/nothing".to_owned(), 404, "no-route"),
        ("PUT", "/vms".to_owned(), 405, "no-method"),
    ] {
        let answer = send(server.request(method, &path)).await;
        assert_eq!((answer.status, answer.word().as_str()), (status, word), "{method} {path}: {}", answer.json());
    }
    let before = server.demo.seen().len();
    for node in ["pve1%2Fqemu%2F102%2Fstatus%2Fstop%23", "..", "%252e%252e", "pve1%00", &"x".repeat(7000)] {
        let answer = server.post(&format!("/vms/{running}/stop?node={node}")).await;
        assert_eq!((answer.status, answer.word().as_str()), (400, "arguments"), "{node}");
    }
    assert_eq!(server.demo.seen().len(), before, "nothing was sent");
}

#[tokio::test]
async fn any_tool_can_be_called_with_json() {
    let server = start().await;
    let call =
        async |name: &str, body: &'static str| send(server.request("POST", &format!("/tools/{name}")).body(body)).await;
    assert_eq!(call("listVMs", "{\"limit\": 1}").await.json()["guests"].as_array().map(Vec::len), Some(1));
    assert_eq!(call("listVMs", "").await.status, 200);
    for bad in ["[]", "{", "{\"limit\": \"many\"}", "{\"state\": \"running\"}"] {
        assert_eq!(call("listVMs", bad).await.word(), "arguments", "{bad}");
    }
    let tools = server.get("/tools").await.json();
    let names: Vec<_> = tools["tools"]
        .as_array()
        .expect("tools")
        .iter()
        .map(|t| t["name"].as_str().unwrap_or("?").to_owned())
        .collect();
    assert_eq!(names.len(), 15, "{names:?}");
}

#[tokio::test]
async fn the_cluster_and_the_server_tell_about_themselves() {
    let server = start().await;
    let nodes = server.get("/nodes").await.json();
    assert_eq!(nodes["nodes"].as_array().map(Vec::len), Some(3));
    assert_eq!(server.get("/").await.json()["name"], "proxmox-mcp");
    let info = server.get("/server/info").await.json();
    assert!(info["protocolVersions"].as_array().is_some_and(|v| v.contains(&json!("2026-07-28"))), "{info}");
    let openapi = server.get("/openapi.json").await.json();
    let routes = server.get("/").await.json()["endpoints"].as_array().map(Vec::len);
    let operations =
        openapi["paths"].as_object().expect("paths").values().map(|p| p.as_object().map_or(0, |o| o.len()));
    assert_eq!(routes, Some(operations.sum()));
    assert_eq!(openapi["openapi"], "3.1.0");
}

/// The router and the document are made of one table; this holds that neither knows more than the other.
#[tokio::test]
async fn each_route_answers_and_each_is_described() {
    let server = start().await;
    let document = server.get("/openapi.json").await.json();
    let listed = server.get("/").await.json();
    let listed = listed["endpoints"].as_array().expect("endpoints").iter().filter_map(Value::as_str);
    let listed: Vec<_> = listed.map(|each| each.split_once(' ').expect("a method and a path")).collect();
    assert!(listed.len() > 20, "{listed:?}");
    for (method, route) in &listed {
        let operation = &document["paths"][route][method.to_lowercase()];
        assert!(operation["operationId"].is_string(), "{method} {route} is not described");
        let path = route.replace("{vmid}", "99").replace("{upid}", "UPID").replace("{name}", "noTool");
        let answer = send(server.request(method, &path)).await;
        let promised = &operation["responses"][answer.status.to_string()];
        assert!(promised.is_object(), "{method} {route} answers {}", answer.status);
        let none = ["no-route", "no-method"];
        assert!(answer.status < 400 || !none.contains(&answer.word().as_str()), "{method} {route} is not served");
        // What the router takes here, by its own word.
        let refused = send(server.request("PUT", &path)).await;
        assert_eq!((refused.status, refused.word().as_str()), (405, "no-method"), "{route}");
        let taken: BTreeSet<_> = refused.header("allow").split(',').filter(|method| *method != "HEAD").collect();
        let told = listed.iter().filter(|(_, other)| other == route).map(|(method, _)| *method).collect();
        assert_eq!(taken, told, "{route}");
    }
}

#[tokio::test]
async fn the_rules_of_the_server_and_those_of_pve_are_told_apart() {
    let policy = Policy { read_only: true, ..Policy::default() };
    let options = Options { policy, ..Options::default() };
    let server = start_with(settings(), options, Scenario::default()).await;
    let vmid = pick(&server, "/vms", "stopped").await;
    let denied = server.post(&format!("/vms/{vmid}/start")).await;
    assert_eq!((denied.status, denied.word().as_str()), (403, "rule-forbids"));
    assert!(denied.json()["detail"].as_str().is_some_and(|d| d.contains("--read-only")), "{}", denied.json());
}

#[tokio::test]
async fn probes_follow_pve_and_numbers_count() {
    let server = start().await;
    assert_eq!(server.get("/livez").await.status, 200);
    assert_eq!(server.get("/readyz").await.status, 200);
    assert_eq!(server.get("/health").await.json()["proxmox"], "connected");
    let vmid = pick(&server, "/vms", "stopped").await;
    server.post(&format!("/vms/{vmid}/start")).await;
    server.get("/vms/1").await;
    assert_eq!(server.number("proxmox_mcp_tool_calls_total{tool=\"startVM\",outcome=\"done\"}").await, 1.0);
    assert_eq!(server.number("proxmox_mcp_tool_calls_total{tool=\"getVM\",outcome=\"arguments\"}").await, 1.0);
    assert_eq!(server.number("proxmox_mcp_pve_tasks_total{outcome=\"ok\"}").await, 1.0);
    assert!(server.number("proxmox_mcp_pve_requests_total{status=\"200\"}").await >= 4.0);
    assert_eq!(server.number("proxmox_mcp_tool_call_duration_seconds_count{tool=\"startVM\"}").await, 1.0);
    assert_eq!(server.number("proxmox_mcp_pve_logins_total{result=\"failed\"}").await, 0.0);
    assert!(server.number("proxmox_mcp_connections").await >= 1.0);
    assert_eq!(server.number("proxmox_mcp_pve_tasks_followed").await, 0.0);
    let route = "proxmox_mcp_http_requests_total{route=\"/vms/{vmid}\",method=\"GET\",status=\"400\"}";
    assert_eq!(server.number(route).await, 1.0);
}

#[tokio::test]
async fn a_login_that_pve_refuses_is_not_ready() {
    let server = start().await;
    assert!(server.demo.set_user_enabled("root@pam", false));
    let answer = server.get("/readyz").await;
    assert_eq!((answer.status, answer.word().as_str()), (503, "not-ready"), "{}", answer.json());
    // Whoever asks needs no credentials: which host, which user and why is for the log.
    let mut told = answer.json();
    told.as_object_mut().expect("a problem").remove("request_id");
    let detail = "calls to Proxmox VE would not work; the log of this server says why";
    let expected = json!({"type": told["type"], "title": "Not ready", "status": 503, "detail": detail});
    assert_eq!(told, expected);
    let health = server.get("/health").await.json();
    assert_eq!(health, json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "proxmox": "unreachable"}));
    assert_eq!(server.get("/livez").await.status, 200);
}

#[tokio::test]
async fn a_cluster_that_is_gone_is_a_bad_gateway() {
    let server = start().await;
    server.get("/vms").await;
    let Running { demo, base, http, .. } = server;
    demo.shutdown().await;
    let get = async |path: &str| send(http.get(format!("{base}{path}"))).await;
    assert_eq!(get("/vms/101?node=pve1").await.status, 502);
    assert_eq!(get("/readyz").await.status, 503);
    assert_eq!(get("/livez").await.status, 200);
    assert_eq!(get("/health").await.json()["proxmox"], "unreachable");
}
