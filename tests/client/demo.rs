//! The client against the in-process PVE, which answers by the rules of a real one.

use std::{sync::Arc, time::Duration};

use proxmox_mcp::{
    api,
    client::{About, Auth, Client, Clock, Follow, Secret, Sent, Settings, TaskOutcome, Trouble},
    demo::{self, Daemon, Demo, Fault, Scenario},
    pve::{NodeName, Vmid},
    spec::Method,
};

use crate::server::in_time;

fn node(name: &str) -> NodeName {
    name.parse().expect("a node name")
}

fn vmid(n: u64) -> Vmid {
    Vmid::try_from(n).expect("a VMID")
}

async fn start(scenario: Scenario) -> Arc<Demo> {
    Arc::new(demo::start(scenario).await.expect("a demo"))
}

/// A client that logs in with a password and goes by the demo's clock.
fn with_password(demo: &Arc<Demo>, username: &str, password: &str, totp: Option<&str>) -> Client {
    let (username, password) = (username.to_owned(), Secret::new(password));
    let auth = Auth::Password { username, password, totp: totp.map(Secret::new) };
    let clock = Arc::clone(demo);
    let settings = Settings { clock: Clock::new(move || clock.now()), ..demo.settings_with(auth) };
    Client::new(settings).expect("a client")
}

fn logins(demo: &Demo) -> usize {
    demo.seen().iter().filter(|seen| seen.target.contains("/access/ticket")).count()
}

async fn nodes(client: &Client) -> Vec<String> {
    let rows = client.request(&api::GetNodes::new()).await.expect("the nodes");
    rows.into_iter().map(|row| row.node.to_string()).collect()
}

#[tokio::test]
async fn a_guest_is_started_and_its_task_followed() {
    let demo = start(Scenario::default()).await;
    let client = Client::new(demo.settings()).expect("a client");
    assert_eq!(nodes(&client).await.len(), 3);
    let call = api::PostNodesNodeQemuVmidStatusStart::new(node("pve1"), vmid(110));
    let upid = client.request(&call).await.expect("a task");
    let upid = upid.parse().expect("a UPID");
    let end = in_time(client.follow(&upid, Follow::default())).await.expect("an end");
    assert_eq!((end.outcome, demo.is_running(110)), (TaskOutcome::Ok, Some(true)));

    let again = client.request(&call).await.expect("a task");
    let follow = Follow { log_lines: 5, ..Follow::default() };
    let end = in_time(client.follow(&again.parse().expect("a UPID"), follow)).await.expect("an end");
    let TaskOutcome::Failed(why) = end.outcome else { panic!("{:?}", end.outcome) };
    assert_eq!(
        (Trouble::of_text(&why, Some(About { node: "pve1", kind: "qemu", vmid: "110" })), why.as_str()),
        (Trouble::WrongState, "VM 110 already running")
    );
    assert!(end.log.last().is_some_and(|line| line.contains("already running")), "{:?}", end.log);
}

#[tokio::test]
async fn tickets_are_renewed_by_the_clock_and_survive_their_end() {
    let demo = start(Scenario::default()).await;
    let client = with_password(&demo, "root@pam", "demo", None);
    nodes(&client).await;
    for (minutes, expected) in [(50, 1), (11, 2), (59, 2), (5, 3), (200, 4)] {
        demo.advance(Duration::from_secs(minutes * 60));
        nodes(&client).await;
        assert_eq!(logins(&demo), expected, "after another {minutes} minutes");
    }
    assert!(demo.seen().iter().all(|seen| seen.status == 200), "nobody was refused");
}

#[tokio::test]
async fn a_user_who_is_shut_out_gets_a_clear_error() {
    let demo = start(Scenario::default()).await;
    let client = with_password(&demo, "viewer@pve", "demo-viewer", None);
    nodes(&client).await;
    demo.set_user_enabled("viewer@pve", false);
    let said = client.request(&api::GetNodes::new()).await.err().expect("shut out");
    assert_eq!(said.kind(), Trouble::Login);
    assert!(said.to_string().contains("PROXMOX_USERNAME"), "{said}");
}

#[tokio::test]
async fn a_second_factor_is_answered() {
    let mut scenario = Scenario::default();
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    for user in &mut scenario.users {
        user.totp = Some(secret.to_owned());
    }
    let demo = start(scenario).await;
    nodes(&with_password(&demo, "root@pam", "demo", Some(secret))).await;
    let said = with_password(&demo, "root@pam", "demo", None);
    let said = said.request(&api::GetNodes::new()).await.err().expect("no second factor");
    assert!(said.to_string().contains("PROXMOX_TOTP_SECRET"), "{said}");
}

#[tokio::test]
async fn what_pve_refuses_is_told_in_its_words_by_old_and_new_releases() {
    for release in ["7.4-20", "8.3.0", "9.2.11"] {
        let demo = start(Scenario { release: release.to_owned(), ..Scenario::default() }).await;
        let client = Client::new(demo.settings()).expect("a client");
        let call = api::DeleteNodesNodeQemuVmid::new(node("pve2"), vmid(101));
        let said = client.request(&call).await.expect_err("protected");
        assert_eq!(said.kind(), Trouble::Protected, "{release}: {said}");
        let viewer = with_password(&demo, "viewer@pve", "demo-viewer", None);
        let call = api::PostNodesNodeQemuVmidStatusStop::new(node("pve1"), vmid(100));
        let said = viewer.request(&call).await.expect_err("not allowed");
        let expected = (Some("/vms/100".to_owned()), Some("VM.PowerMgmt".to_owned()));
        assert_eq!(said.kind(), Trouble::Permission { path: expected.0, privilege: expected.1 }, "{release}: {said}");
    }
}

#[tokio::test]
async fn an_old_host_is_not_sent_what_it_does_not_know() {
    let demo = start(Scenario { release: "7.4-20".to_owned(), ..Scenario::default() }).await;
    let client = Client::new(demo.settings()).expect("a client");
    let mut call = api::PostNodesNodeQemuVmidStatusStop::new(node("pve1"), vmid(100));
    call.overrule_shutdown = Some(true);
    let said = client.request(&call).await.expect_err("too old");
    assert_eq!((said.kind(), said.sent()), (Trouble::TooOld, Sent::No));
    assert!(said.to_string().contains("overrule-shutdown"), "{said}");
    assert!(demo.seen().iter().all(|seen| seen.target.ends_with("/version")));
}

#[tokio::test]
async fn a_write_to_a_silent_worker_is_unknown_and_not_repeated() {
    let demo = start(Scenario::default()).await;
    let client = Client::new(demo.settings()).expect("a client");
    demo.inject_on(Some(Method::Post), "/status/stop", Fault::TimeOut, 1);
    let call = api::PostNodesNodeQemuVmidStatusStop::new(node("pve1"), vmid(100));
    let said = client.request(&call).await.expect_err("unknown");
    assert_eq!(said.kind(), Trouble::Unknown);
    assert!(said.to_string().contains("guest 100 is ") && said.to_string().contains("qmstop:100:"), "{said}");
    let stops = demo.seen().iter().filter(|seen| seen.target.contains("/status/stop")).count();
    assert_eq!(stops, 1);
}

#[tokio::test]
async fn reads_go_on_where_connections_break_and_workers_are_away() {
    let demo = start(Scenario::default()).await;
    let client = Client::new(demo.settings()).expect("a client");
    for fault in [Fault::Drop, Fault::DropAfter, Fault::Truncate, Fault::Gateway(599, "Too many redirections".into())] {
        demo.inject(fault, 2);
        assert_eq!(nodes(&client).await.len(), 3);
    }
    demo.set_daemon(Daemon::Down);
    let call = api::GetNodesNodeQemu::new(node("pve1"));
    let said = client.request(&call).await.err().expect("no worker");
    assert_eq!(said.kind(), Trouble::NodeUnreachable);
    demo.set_daemon(Daemon::Up);
    assert!(!client.request(&call).await.expect("guests").is_empty());
}
