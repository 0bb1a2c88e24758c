//! Following tasks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use proxmox_mcp::{
    client::{Follow, Progress, TaskOutcome, Trouble},
    pve::Upid,
};
use tokio_util::sync::CancellationToken;

use crate::server::{Act, Server, bare, data, error, in_time, reply};

const UPID: &str = "UPID:pve2:0000C530:001C9BEC:5F000000:qmstart:100:mcp@pve!test:";

fn upid() -> Upid {
    UPID.parse().expect("a UPID")
}

fn running() -> Act {
    Act::Reply(data(r#"{"status":"running","pid":50480}"#))
}

fn ended(status: &str) -> Act {
    Act::Reply(data(&format!(r#"{{"status":"stopped","exitstatus":"{status}"}}"#)))
}

/// A task that is seen running so many times and then ends; its log has 30 lines.
async fn task(running_for: usize, exit: &'static str) -> Server {
    let looks = AtomicUsize::new(0);
    Server::start(move |asked| {
        if asked.path.ends_with("/log") {
            return Act::Reply(log(&asked.query));
        }
        match looks.fetch_add(1, Ordering::SeqCst) {
            n if n < running_for => running(),
            _ => ended(exit),
        }
    })
    .await
}

/// A page of a log of 30 lines.
fn log(query: &str) -> Vec<u8> {
    let value = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(name));
        pair.and_then(|v| v.parse::<usize>().ok()).unwrap_or_default()
    };
    let (start, limit) = (value("start="), value("limit="));
    let lines: Vec<_> = (start + 1..=30).take(limit).map(|n| format!(r#"{{"n":{n},"t":"line {n}"}}"#)).collect();
    let body = format!(r#"{{"data":[{}],"total":30}}"#, lines.join(","));
    reply("200 OK", "Content-Type: application/json\r\n", body.as_bytes())
}

#[tokio::test]
async fn a_task_is_followed_to_its_end_under_the_node_in_its_upid() {
    let server = task(3, "OK").await;
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let mut progress = move |_: &_| {
        count.fetch_add(1, Ordering::SeqCst);
    };
    let follow = Follow { progress: Some(&mut progress), log_lines: 5, ..Follow::default() };
    let end = in_time(server.client().follow(&upid(), follow)).await.expect("an end");
    assert_eq!((end.outcome, end.upid.as_str(), end.log.len()), (TaskOutcome::Ok, UPID, 0));
    assert_eq!(seen.load(Ordering::SeqCst), 3);
    assert_eq!(server.lines(), vec![format!("GET /nodes/pve2/tasks/{UPID}/status"); 4]);
}

/// A task whose log grows by twenty lines with each look.
#[tokio::test]
async fn what_the_log_says_of_how_far_a_task_is_is_read_on_request() {
    let looks = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&looks);
    let server = Server::start(move |asked| {
        if !asked.path.ends_with("/log") {
            return if count.fetch_add(1, Ordering::SeqCst) < 3 { running() } else { ended("OK") };
        }
        let start: usize = asked.query.split('&').find_map(|p| p.strip_prefix("start=")?.parse().ok()).unwrap_or(0);
        let written = count.load(Ordering::SeqCst) * 20;
        let line = |n: usize| format!(r#"{{"n":{},"t":"Removing image: {n}% complete..."}}"#, n + 1);
        let lines = (start..written).map(line).collect::<Vec<_>>().join(",");
        let body = format!(r#"{{"data":[{lines}],"total":{written}}}"#);
        Act::Reply(reply("200 OK", "Content-Type: application/json\r\n", body.as_bytes()))
    })
    .await;
    let mut told = Vec::new();
    let mut progress = |step: &Progress| told.push(step.percent);
    let follow = Follow { progress: Some(&mut progress), percent: true, ..Follow::default() };
    let end = in_time(server.client().follow(&upid(), follow)).await.expect("an end");
    assert_eq!(end.outcome, TaskOutcome::Ok);
    assert_eq!(told, [Some(19.0), Some(39.0), Some(59.0)]);
    let queries = server.requests().into_iter().filter(|asked| asked.path.ends_with("/log")).map(|asked| asked.query);
    assert_eq!(queries.collect::<Vec<_>>(), ["limit=50&start=0", "limit=50&start=19", "limit=50&start=39"]);
}

#[tokio::test]
async fn warnings_are_success_and_a_failure_comes_with_the_end_of_the_log() {
    for (exit, outcome) in [
        ("WARNINGS: 1", TaskOutcome::Warnings(1)),
        ("VM is locked (backup)", TaskOutcome::Failed("VM is locked (backup)".to_owned())),
        ("unexpected status", TaskOutcome::Failed("unexpected status".to_owned())),
    ] {
        let server = task(0, exit).await;
        let follow = Follow { log_lines: 4, ..Follow::default() };
        let end = in_time(server.client().follow(&upid(), follow)).await.expect("an end");
        assert_eq!(end.outcome, outcome);
        assert_eq!(end.log, ["line 27", "line 28", "line 29", "line 30"]);
    }
}

#[tokio::test]
async fn a_deadline_and_a_cancellation_end_the_waiting_and_not_the_task() {
    let server = task(usize::MAX, "").await;
    let follow = Follow { deadline: Some(Duration::from_millis(250)), ..Follow::default() };
    let end = in_time(server.client().follow(&upid(), follow)).await.expect("an end");
    assert_eq!(end.outcome, TaskOutcome::StillRunning);

    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    let mut progress = move |_: &_| stop.cancel();
    let follow = Follow { cancel: Some(cancel), progress: Some(&mut progress), ..Follow::default() };
    let end = in_time(server.client().follow(&upid(), follow)).await.expect("an end");
    assert_eq!(end.outcome, TaskOutcome::StillRunning);
    assert!(server.lines().iter().all(|line| line.starts_with("GET ")), "{:?}", server.lines());
}

#[tokio::test]
async fn a_look_that_fails_is_taken_again_and_at_last_given_up() {
    let looks = AtomicUsize::new(0);
    let body = br#"{"data":null,"errors":{"upid":"no such task"},"message":"Parameter verification failed.\n"}"#;
    let unknown = move || Act::Close(reply("400 Parameter verification failed.", "Connection: close\r\n", body));
    let server = Server::start(move |_| match looks.fetch_add(1, Ordering::SeqCst) {
        0 => unknown(),
        1 => bare("596 Broken pipe"),
        _ => ended("OK"),
    })
    .await;
    let end = in_time(server.client().follow(&upid(), Follow::default())).await.expect("an end");
    assert_eq!(end.outcome, TaskOutcome::Ok);

    let server = Server::start(move |_| unknown()).await;
    let said = in_time(server.client().follow(&upid(), Follow::default())).await.expect_err("no such task");
    assert_eq!((said.kind(), server.requests().len()), (Trouble::NotFound, 5));
}

#[tokio::test]
async fn a_task_that_may_not_be_seen_is_an_error_at_once() {
    let server = Server::start(|_| error("403 x", "Permission check failed (/nodes/pve2, Sys.Audit)")).await;
    let said = in_time(server.client().follow(&upid(), Follow::default())).await.expect_err("not allowed");
    assert!(said.to_string().contains("give the user or token Sys.Audit on /nodes/pve2"), "{said}");
    assert_eq!(server.requests().len(), 1);
}
