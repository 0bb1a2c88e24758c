//! Several hosts of one cluster.

use proxmox_mcp::client::{Client, Error, Sent, Settings, Tls, Trouble};

use crate::{
    api::{NODES, STOP, call, list},
    server::{Act, Server, bare, cluster, data, dead_host, nodes, token},
};

#[tokio::test]
async fn a_host_that_is_down_is_passed_over_and_the_good_one_is_remembered() {
    let good = Server::start(|_| Act::Reply(nodes())).await;
    let dead = dead_host().await;
    let mut settings = good.settings();
    settings.hosts = vec![dead, good.host()];
    let client = Client::new(settings).expect("a client");
    list(&client).await;
    client.send(call(&STOP)).await.expect("a write was surely not sent to the host that is down");
    list(&client).await;
    assert_eq!((good.requests().len(), good.connections()), (3, 1));
}

#[tokio::test]
async fn a_host_that_cannot_reach_the_node_is_left_for_one_that_can() {
    for status in ["595 No route to host", "596 Connection timed out"] {
        let first = Server::start(move |_| bare(status)).await;
        let second = Server::start(|_| Act::Reply(nodes())).await;
        let client = cluster(&[&first, &second]);
        list(&client).await;
        list(&client).await;
        assert_eq!((first.requests().len(), second.requests().len()), (1, 2), "{status}");
    }
}

#[tokio::test]
async fn a_write_goes_to_another_host_only_if_the_first_surely_did_nothing() {
    let refused = Server::start(|_| bare("595 Connection refused")).await;
    let second = Server::start(|_| Act::Reply(data("null"))).await;
    cluster(&[&refused, &second]).send(call(&STOP)).await.expect("the second host");
    assert_eq!((refused.requests().len(), second.requests().len()), (1, 1));

    let timed_out = Server::start(|_| bare("596 Connection timed out")).await;
    let untouched = Server::start(|_| Act::Reply(data("null"))).await;
    let said = cluster(&[&timed_out, &untouched]).send(call(&STOP)).await.expect_err("unknown");
    assert_eq!(said.kind(), Trouble::Unknown);
    assert!(untouched.requests().iter().all(|asked| asked.method == "GET"), "{:?}", untouched.lines());
}

#[tokio::test]
async fn a_host_with_a_wrong_certificate_is_passed_over() {
    let stranger = Server::start(|_| Act::Reply(nodes())).await;
    let good = Server::start(|_| Act::Reply(nodes())).await;
    let client = Client::new(Settings::new(vec![stranger.host(), good.host()], token(), good.pinned()));
    list(&client.expect("a client")).await;
    assert_eq!((stranger.requests().len(), good.requests().len()), (0, 1));
}

#[tokio::test]
async fn when_no_host_can_be_reached_all_are_named() {
    let (one, two) = (dead_host().await, dead_host().await);
    let names = format!("{one}, {two}");
    let client = Client::new(Settings::new(vec![one, two], token(), Tls::AcceptAny)).expect("a client");
    let said = client.send(call(&NODES)).await.expect_err("nobody there");
    assert!(matches!(said, Error::Connect { .. }), "{said:?}");
    assert_eq!((said.kind(), said.sent(), said.retry_safe()), (Trouble::Unreachable, Sent::No, true));
    assert!(said.to_string().contains(&names) && said.to_string().contains("refused"), "{said}");
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_said_to_be_one() {
    let mut host = dead_host().await;
    host.name = "pve1.invalid".to_owned();
    let client = Client::new(Settings::new(vec![host], token(), Tls::System)).expect("a client");
    let said = client.send(call(&NODES)).await.expect_err("no such name").to_string();
    assert!(said.contains("no connection to pve1.invalid:") && said.contains("PROXMOX_HOST"), "{said}");
}

#[test]
fn a_client_without_a_host_is_refused() {
    let said = Client::new(Settings::new(Vec::new(), token(), Tls::System)).expect_err("no host");
    assert!(said.to_string().contains("PROXMOX_HOST"), "{said}");
}
