//! What goes over the wire, and over how many connections.

use std::time::Duration;

use proxmox_mcp::client::{Error, Trouble};

use crate::{
    api::{CONFIG, DESTROY, NODES, STOP, call, list},
    server::{Act, SECRET, Server, data, error, in_time, nodes, reply},
};

#[tokio::test]
async fn a_write_carries_a_form_and_a_delete_carries_a_query_and_no_body() {
    let server = Server::start(|_| Act::Reply(data("null"))).await;
    let client = server.client();
    let mut stop = call(&STOP);
    stop.set("forceStop", true);
    stop.set("timeout", 30i64);
    client.send(stop).await.expect("stopped");
    let mut destroy = call(&DESTROY);
    destroy.set("purge", false);
    destroy.set("note", "a=b&c;d +é/");
    client.send(destroy).await.expect("destroyed");

    let [stop, destroy] = &server.requests()[..] else { panic!("two requests: {:?}", server.lines()) };
    assert_eq!(stop.line(), "POST /nodes/pve1/qemu/100/status/stop");
    assert_eq!((stop.body.as_str(), stop.query.as_str()), ("forceStop=1&timeout=30", ""));
    assert_eq!(stop.headers["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(stop.headers["authorization"], format!("PVEAPIToken=mcp@pve!test={SECRET}"));
    assert_eq!(destroy.line(), "DELETE /nodes/pve1/qemu/100");
    assert_eq!((destroy.query.as_str(), destroy.body.as_str()), ("purge=0&note=a%3Db%26c%3Bd%20%2B%C3%A9%2F", ""));
    for absent in ["content-length", "content-type", "transfer-encoding", "cookie", "csrfpreventiontoken"] {
        assert!(!destroy.headers.contains_key(absent), "{absent}");
    }
}

#[tokio::test]
async fn a_thousand_calls_need_ten_connections_of_a_hundred_requests() {
    let server = Server::start(|asked| {
        let body = br#"{"data":[{"node":"pve1"}]}"#;
        match asked.turn {
            99 => Act::Close(reply("200 OK", "Connection: close\r\n", body)),
            _ => Act::Reply(reply("200 OK", "Connection: Keep-Alive\r\n", body)),
        }
    })
    .await;
    let client = server.client();
    for _ in 0..1000 {
        list(&client).await;
    }
    assert_eq!((server.connections(), server.requests().len()), (10, 1000));
}

#[tokio::test]
async fn a_connection_closed_after_each_reply_costs_a_resumed_handshake_and_no_call() {
    let server = Server::start(|_| {
        // As PVE sends what it proxies.
        let headers = "Connection: close\r\nConnection: Keep-Alive\r\n";
        Act::Close(reply("200 OK", headers, br#"{"data":[{"node":"pve1"}]}"#))
    })
    .await;
    let client = server.client();
    for _ in 0..10 {
        list(&client).await;
    }
    assert_eq!((server.connections(), server.resumed()), (10, 9));
}

#[tokio::test]
async fn an_error_closes_its_connection_and_the_next_call_is_none_the_worse() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/nodes" => Act::Reply(nodes()),
        _ => error("500 VM 100 not running", "VM 100 not running"),
    })
    .await;
    let client = server.client();
    for _ in 0..3 {
        list(&client).await;
        let refused = client.send(call(&STOP)).await.expect_err("refused");
        assert_eq!(refused.kind(), Trouble::WrongState);
    }
    assert_eq!(server.requests().len(), 6);
}

#[tokio::test]
async fn four_requests_at_most_are_in_flight_to_one_host() {
    let server = Server::start(|_| Act::Later(Duration::from_millis(20), nodes())).await;
    let client = server.client();
    let calls = (0..24).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { list(&client).await })
    });
    for call in calls.collect::<Vec<_>>() {
        in_time(call).await.expect("listed");
    }
    assert_eq!((server.busiest(), server.connections()), (4, 4));
}

#[tokio::test]
async fn a_gzipped_reply_is_unpacked_and_a_bomb_is_not_swallowed() {
    let server = Server::start(|asked| {
        let body = match asked.path.as_str() {
            "/nodes" => gzip(br#"{"data":[{"node":"pve1"}]}"#, 1),
            _ => gzip(&[b' '; 1 << 20], 40),
        };
        Act::Reply(reply("200 OK", "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", &body))
    })
    .await;
    let client = server.client();
    list(&client).await;
    assert!(server.requests()[0].headers["accept-encoding"].contains("gzip"));
    let bomb = client.send(call(&CONFIG)).await.expect_err("too great");
    assert!(matches!(bomb, Error::NoReply { .. }) && bomb.to_string().contains("greater than 8 MiB"), "{bomb}");
    assert_eq!(server.requests().len(), 2, "it is not asked for again");
}

fn gzip(block: &[u8], times: usize) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..times {
        encoder.write_all(block).expect("packed");
    }
    encoder.finish().expect("packed")
}

#[tokio::test]
async fn a_reply_has_room_by_what_it_answers_and_its_values_are_counted() {
    let server = Server::start(|asked| {
        let body = match (asked.method.as_str(), asked.path.as_str()) {
            // Four megabytes on the way, some hundred in memory.
            ("GET", "/nodes") => format!("{{\"data\":[{}1]}}", "[],".repeat(1_400_000)),
            ("GET", _) => format!("{{\"data\":{{\"x\":[{}1]}}}}", "1,".repeat(200_000)),
            _ => format!("{{\"data\":\"{}\"}}", "x".repeat(2 << 20)),
        };
        Act::Reply(reply("200 OK", "Content-Type: application/json\r\n", body.as_bytes()))
    })
    .await;
    let client = server.client();
    for endpoint in [&NODES, &CONFIG] {
        let said = client.send(call(endpoint)).await.expect_err("too many").to_string();
        assert!(said.contains("more than 100000 values"), "{said}");
    }
    let said = client.send(call(&STOP)).await.expect_err("too great").to_string();
    assert!(said.contains("greater than 1 MiB") && said.starts_with("nobody knows"), "{said}");
    let refusing = Server::start(|_| {
        let body = format!("{{\"data\":null,\"errors\":[{}1]}}", "[],".repeat(300_000));
        Act::Close(reply("400 Bad", "Content-Type: application/json\r\n", body.as_bytes()))
    })
    .await;
    let said = refusing.client().send(call(&NODES)).await.expect_err("too great").to_string();
    assert!(said.contains("greater than 256 KiB"), "{said}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_token() {
    let elsewhere = Server::start(|_| Act::Reply(nodes())).await;
    let location = format!("Location: https://{}/api2/json/nodes\r\n", elsewhere.host());
    let server = Server::start(move |_| Act::Reply(reply("301 Moved Permanently", &location, b""))).await;
    let said = server.client().send(call(&NODES)).await.expect_err("not followed");
    assert!(matches!(said, Error::NotPve { .. }) && said.to_string().contains("not followed"), "{said}");
    assert_eq!((server.requests().len(), elsewhere.connections()), (1, 0));
}
