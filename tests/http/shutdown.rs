//! The end: no new work, work under way comes to its end, or says what goes on.

use std::time::Duration;

use proxmox_mcp::{demo::Scenario, server::http::HttpSettings, tools::Options};

use super::harness::{client, send, settings, start, start_with};

#[tokio::test]
async fn calls_under_way_are_answered_and_new_connections_are_not_taken() {
    let server = start().await;
    // A first call fills what is cached, so that the next one is nothing but the wait for its task.
    let list = server.get("/vms?status=stopped").await.json();
    let vmid = list["guests"].as_array().expect("guests").iter().find(|g| g["template"] != true && g["lock"].is_null());
    let vmid = vmid.and_then(|g| g["vmid"].as_u64()).expect("a stopped guest");
    let request = server.request("POST", &format!("/vms/{vmid}/start"));
    let call = tokio::spawn(send(request));
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while !server.demo.seen().iter().any(|s| s.method == "POST") {
        assert!(tokio::time::Instant::now() < deadline, "the call did not arrive");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    server.handle.stop();
    let answer = call.await.expect("task");
    assert_eq!((answer.status, answer.json()["outcome"].as_str()), (200, Some("done")), "{}", answer.json());
    tokio::time::timeout(Duration::from_secs(30), server.ended).await.expect("ends").expect("in good order");
    assert!(client().get(format!("{}/livez", server.base)).send().await.is_err(), "nobody listens");
}

#[tokio::test]
async fn a_call_that_takes_too_long_stops_waiting_and_names_its_task() {
    let grace = Duration::from_millis(50);
    let server = start_with(HttpSettings { grace, ..settings() }, Options::default(), Scenario::default()).await;
    let list = server.get("/vms?status=running&detail=full").await.json();
    let stubborn =
        list["guests"].as_array().expect("guests").iter().find(|g| g["hastate"].is_null() && g["lock"].is_null());
    let vmid = stubborn.and_then(|g| g["vmid"].as_u64()).expect("a running guest");
    // A shutdown that the guest ignores would take minutes.
    server.demo.set_option(u32::try_from(vmid).expect("vmid"), "agent", None);
    let request = server.request("POST", &format!("/vms/{vmid}/stop?mode=shutdown&timeout=600"));
    let call = tokio::spawn(send(request));
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while !server.demo.seen().iter().any(|s| s.method == "POST") {
        assert!(tokio::time::Instant::now() < deadline, "the call did not arrive");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    server.handle.stop();
    let answer = call.await.expect("task");
    assert!(matches!(answer.status, 200 | 202), "{}", answer.json());
    assert!(answer.json()["upid"].as_str().is_some_and(|upid| upid.starts_with("UPID:")), "{}", answer.json());
    tokio::time::timeout(Duration::from_secs(30), server.ended).await.expect("ends").expect("in good order");
}
