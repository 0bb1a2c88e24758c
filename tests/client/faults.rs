//! Connections that break, replies that never come, answers that are not PVE's.

use std::time::Duration;

use proxmox_mcp::client::{Client, Error, Sent, Trouble};

use crate::{
    api::{NODES, STOP, call, list},
    server::{Act, Server, bare, data, error, in_time, nodes, reply},
};

const STOPPED: &str = r#"{"status":"stopped","vmid":100}"#;
const TASKS: &str = r#"[{"upid":"UPID:pve1:00000001:00000002:5F000000:qmstop:100:mcp@pve!test:","status":"OK"}]"#;

/// Answers what the client asks when it looks a guest up after a write that got no answer.
fn look(path: &str) -> Option<Act> {
    match path {
        "/nodes/pve1/qemu/100/status/current" => Some(Act::Reply(data(STOPPED))),
        "/nodes/pve1/tasks" => Some(Act::Reply(data(TASKS))),
        _ => None,
    }
}

#[tokio::test]
async fn a_read_on_a_connection_that_breaks_is_sent_again_on_a_new_one() {
    let broken: [fn() -> Act; 4] = [
        || Act::Reset(Vec::new()),
        || Act::Close(Vec::new()),
        || Act::Reset(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"data\":[".to_vec()),
        || Act::Close(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"data\":[".to_vec()),
    ];
    for act in broken {
        // The first request goes well; the second, on the same connection, does not.
        let server = Server::start(move |asked| if asked.turn == 1 { act() } else { Act::Reply(nodes()) }).await;
        let client = server.client();
        list(&client).await;
        list(&client).await;
        let requests = server.requests();
        assert_eq!(requests.len(), 3);
        assert_ne!(requests[1].connection, requests[2].connection);
    }
}

#[tokio::test]
async fn a_read_that_never_gets_a_whole_reply_fails_after_four_attempts() {
    let server = Server::start(|_| Act::Close(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_vec())).await;
    let said = server.client().send(call(&NODES)).await.expect_err("no reply");
    assert!(matches!(said, Error::NoReply { .. }), "{said:?}");
    assert_eq!((said.sent(), said.retry_safe()), (Sent::Unanswered, true));
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_write_without_an_answer_is_looked_up_and_not_sent_again() {
    let silent: [fn() -> Act; 5] = [
        || Act::Reset(Vec::new()),
        || Act::Close(Vec::new()),
        || Act::Reset(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"data\":".to_vec()),
        || bare("596 Connection timed out"),
        || bare("595 Connection timed out"),
    ];
    for act in silent {
        let server = Server::start(move |asked| look(&asked.path).unwrap_or_else(act)).await;
        let said = server.client().send(call(&STOP)).await.expect_err("unknown");
        assert_eq!((said.kind(), said.sent(), said.retry_safe()), (Trouble::Unknown, Sent::Unanswered, false));
        let text = said.to_string();
        assert!(text.contains("guest 100 is stopped and its newest task is UPID:pve1:"), "{text}");
        assert_eq!(server.count("POST /nodes/pve1/qemu/100/status/stop"), 1);
    }
}

#[tokio::test]
async fn a_write_that_times_out_is_unknown_too_and_a_read_is_no_reply() {
    let server = Server::start(|asked| look(&asked.path).unwrap_or(Act::Hang)).await;
    let mut settings = server.settings();
    settings.timeouts.request = Duration::from_millis(300);
    let client = Client::new(settings).expect("a client");
    let write = in_time(client.send(call(&STOP))).await.expect_err("unknown");
    assert_eq!(write.kind(), Trouble::Unknown);
    assert!(write.to_string().contains("guest 100 is stopped"), "{write}");
    let read = in_time(client.send(call(&NODES))).await.expect_err("no reply");
    assert!(matches!(read, Error::NoReply { .. }), "{read:?}");
    assert_eq!(server.count("GET /nodes"), 1, "what took too long once is not waited for again");
}

#[tokio::test]
async fn a_write_that_was_surely_not_carried_out_is_sent_again() {
    for refusal in ["595 Connection refused", "500 got no worker upid - start worker failed"] {
        let server = Server::start(move |asked| match asked.connection {
            0 => bare(refusal),
            _ => Act::Reply(data("null")),
        })
        .await;
        server.client().send(call(&STOP)).await.expect("the second attempt");
        assert_eq!(server.requests().len(), 2, "{refusal}");
    }
}

#[tokio::test]
async fn reads_are_sent_again_when_the_node_does_not_answer() {
    for status in ["595 No route to host", "596 Broken pipe", "597 x", "599 Too many redirections"] {
        let server = Server::start(move |asked| match asked.connection {
            0 => bare(status),
            _ => Act::Reply(nodes()),
        })
        .await;
        list(&server.client()).await;
        assert_eq!(server.requests().len(), 2, "{status}");
    }
}

#[tokio::test]
async fn a_node_that_stays_away_is_named_as_such() {
    let server = Server::start(|_| bare("595 No route to host")).await;
    let said = server.client().send(call(&NODES)).await.expect_err("unreachable");
    assert_eq!(said.kind(), Trouble::NodeUnreachable);
    assert!(said.to_string().contains("No route to host (HTTP 595)"), "{said}");
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_page_of_html_is_no_list() {
    let page = b"<html><head><title>Portal</title></head><body>Please log in</body></html>";
    let server = Server::start(move |_| Act::Reply(reply("200 OK", "Content-Type: text/html\r\n", page))).await;
    let client = server.client();
    let said = client.send(call(&NODES)).await.expect_err("no list");
    assert!(matches!(said, Error::NotPve { .. }), "{said:?}");
    let text = said.to_string();
    assert!(text.contains("text/html") && text.contains("Please log in") && text.contains("PROXMOX_HOST"), "{text}");
    // The same page after a write: whether the write passed the proxy is anybody's guess.
    assert_eq!(client.send(call(&STOP)).await.expect_err("unknown").kind(), Trouble::Unknown);
}

/// What proxies, firewalls and networks of delivery answer on their own; none of it tells what PVE did.
const FOREIGN: [(&str, &str, &str); 12] = [
    ("502 Bad Gateway", "Content-Type: text/html\r\n", "<html><body><h1>502 Bad Gateway</h1></body></html>"),
    ("503 Service Unavailable", "Content-Type: text/plain\r\n", "upstream connect error or disconnect/reset"),
    ("504 Gateway Time-out", "Content-Type: application/json\r\n", r#"{"data":null,"message":"timeout"}"#),
    ("522 Origin Connection Time-out", "", ""),
    ("500 Internal Server Error", "Content-Type: text/html\r\n", "<html>oops</html>"),
    ("500 Internal Server Error", "", ""),
    ("403 Forbidden", "", "<!DOCTYPE html><html>blocked</html>"),
    ("401 Unauthorized", "Content-Type: text/html\r\nWWW-Authenticate: Basic realm=\"x\"\r\n", "<html>401</html>"),
    ("401 Unauthorized", "WWW-Authenticate: Negotiate\r\n", ""),
    ("404 Not Found", "Content-Type: application/json\r\n", r#"{"message":"no Route matched with those values"}"#),
    ("302 Found", "Location: https://sso.example.com/\r\n", ""),
    ("204 No Content", "", ""),
];

#[tokio::test]
async fn answers_that_are_not_pves_tell_nothing_about_a_write_and_are_named_at_a_read() {
    for (status, headers, body) in FOREIGN {
        let server = Server::start(move |asked| {
            let answer = reply(status, &format!("{headers}Connection: close\r\n"), body.as_bytes());
            look(&asked.path).unwrap_or(Act::Close(answer))
        })
        .await;
        let client = server.client();
        let write = client.send(call(&STOP)).await.expect_err("nobody knows");
        assert_eq!(
            (write.kind(), write.sent(), write.retry_safe()),
            (Trouble::Unknown, Sent::Unanswered, false),
            "{status}"
        );
        let text = write.to_string();
        assert!(text.contains("guest 100 is stopped"), "{text}");
        assert_eq!(server.count("POST /nodes/pve1/qemu/100/status/stop"), 1, "{status}");
        let read = client.send(call(&NODES)).await.expect_err("no list");
        assert!(matches!(read, Error::NotPve { .. }), "{read:?}");
        assert_eq!(server.count("GET /nodes"), 1, "{status}");
    }
}

#[tokio::test]
async fn a_ticket_is_not_given_up_for_what_a_proxy_says() {
    let page = b"<html>401 Authorization Required</html>";
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/access/ticket" => Act::Reply(data(r#"{"ticket":"PVE:ops@pve:6553F100::sig","CSRFPreventionToken":"x"}"#)),
        _ => Act::Reply(reply("401 Unauthorized", "Content-Type: text/html\r\n", page)),
    })
    .await;
    let mut settings = server.settings();
    settings.auth = proxmox_mcp::client::Auth::Password {
        username: "ops@pve".to_owned(),
        password: proxmox_mcp::client::Secret::new("pw"),
        totp: None,
    };
    let said = Client::new(settings).expect("a client").send(call(&NODES)).await.expect_err("refused").to_string();
    assert!(
        said.contains("refusal by something in front of PVE") && said.contains("401 Authorization Required"),
        "{said}"
    );
    assert_eq!(server.lines(), ["POST /access/ticket", "GET /nodes"]);
}

#[tokio::test]
async fn a_read_that_one_hosts_proxy_answered_is_tried_at_the_other() {
    let page = b"<html>503</html>";
    let broken =
        Server::start(move |_| Act::Reply(reply("503 Service Unavailable", "Content-Type: text/html\r\n", page))).await;
    let good = Server::start(|_| Act::Reply(nodes())).await;
    let client = crate::server::cluster(&[&broken, &good]);
    list(&client).await;
    list(&client).await;
    assert_eq!((broken.count("GET /nodes"), good.count("GET /nodes")), (1, 2));
}

#[tokio::test]
async fn replies_that_are_cut_or_odd_never_panic() {
    for body in ["", "{", "null", "[]", "{\"data\":", "{\"data\":[1,2", "\u{feff}{}", "{\"data\":1e999}"] {
        let server =
            Server::start(move |_| Act::Reply(reply("200 OK", "Content-Type: application/json\r\n", body.as_bytes())))
                .await;
        let client = server.client();
        let got = client.send(call(&NODES)).await.and_then(|reply| reply.decode::<Vec<serde_json::Value>>());
        assert!(got.is_err(), "{body}");
    }
    let server = Server::start(|_| error("500 x", "x")).await;
    assert!(server.client().send(call(&NODES)).await.is_err());
}
