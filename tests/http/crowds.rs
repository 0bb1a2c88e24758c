//! Who takes more than a share: of connections, from however many addresses, of streams, and of bytes that nobody reads.

use proxmox_mcp::{demo::Scenario, server::http::HttpSettings, tools::Options};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    harness::{Running, send, settings, soon, start_with, tokens},
    mcp::{initialize, legacy},
};

async fn with(settings: HttpSettings) -> Running {
    start_with(settings, Options::default(), Scenario::default()).await
}

/// A connection from this address of the machine.
async fn connected(server: &Running, from: &str) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().expect("socket");
    socket.bind(format!("{from}:0").parse().expect("address")).expect("an address of this machine");
    let address = server.base.trim_start_matches("http://").parse().expect("address");
    socket.connect(address).await.expect("connection")
}

/// Asks for a path over a connection of its own, from this address of the machine: the answer to its end.
async fn asked_from(server: &Running, from: &str, path: &str, token: &str) -> String {
    let mut socket = connected(server, from).await;
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.expect("written");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("answer");
    answer
}

/// Whether a silent connection has been closed by the server.
fn is_closed(socket: &TcpStream) -> bool {
    !matches!(socket.try_read(&mut [0; 1]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
}

/// Takes so many connections from this address, each with a call that waits for its user.
async fn held(server: &Running, from: &str, count: usize) -> Vec<reqwest::Response> {
    let from: std::net::IpAddr = from.parse().expect("address");
    let http = reqwest::Client::builder().no_proxy().local_address(from).build().expect("a client");
    let mut open = initialize();
    open["params"]["capabilities"] = json!({"elicitation": {}});
    let opening = http.post(format!("{}/mcp", server.base)).header("content-type", "application/json");
    let opening = send(opening.header("accept", "application/json, text/event-stream").body(open.to_string())).await;
    let session = opening.header("mcp-session-id").to_owned();
    let params = json!({"name": "deleteVM", "arguments": {"vmid": 110}});
    let mut held = Vec::new();
    for id in 1..=count {
        let message = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
        let request = http.post(format!("{}/mcp", server.base)).body(message.to_string());
        let request = request.header("accept", "application/json, text/event-stream");
        let request = request.header("content-type", "application/json").header("mcp-session-id", &session);
        let mut call = request.header("mcp-protocol-version", "2025-11-25").send().await.expect("an answer");
        let mut text = String::new();
        while !text.contains("elicitation/create") {
            let chunk = call.chunk().await.expect("a stream").unwrap_or_else(|| panic!("no question: {text}"));
            text.push_str(&String::from_utf8_lossy(&chunk));
        }
        held.push(call);
    }
    held
}

/// Whether all of these are still open.
async fn all_wait(held: &mut [reqwest::Response]) -> bool {
    for call in held {
        // What comes is at most a sign of life.
        let ends = async { while matches!(call.chunk().await, Ok(Some(_))) {} };
        if tokio::time::timeout(std::time::Duration::from_millis(5), ends).await.is_ok() {
            return false;
        }
    }
    true
}

#[tokio::test]
async fn one_address_takes_not_all_connections() {
    let server = with(HttpSettings { connections: 8, ..settings() }).await;
    let mut working = held(&server, "127.0.0.1", 7).await;
    let answer = asked_from(&server, "127.0.0.1", "/vms", "").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 1"), "{answer}");
    assert!(answer.contains(":connections\""), "{answer}");
    for path in ["/livez", "/readyz", "/health"] {
        assert!(asked_from(&server, "127.0.0.1", path, "").await.starts_with("HTTP/1.1 200"), "{path}");
    }
    assert!(asked_from(&server, "127.0.0.2", "/vms", "").await.starts_with("HTTP/1.1 200"), "others have theirs");
    assert!(all_wait(&mut working).await, "who works makes no room");
}

#[tokio::test]
async fn connections_that_are_silent_make_room_for_who_comes_with_a_token() {
    let folder = tempfile::tempdir().expect("folder");
    let (file, [read, ..]) = tokens(&folder);
    let server = with(HttpSettings { connections: 16, tokens: Some(file), ..settings() }).await;
    // One that has shown its token, and then rests; one that is being answered.
    let mut resting = connected(&server, "127.0.0.9").await;
    let request = format!("GET /tools HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {read}\r\n\r\n");
    resting.write_all(request.as_bytes()).await.expect("written");
    let mut start = [0u8; 12];
    resting.read_exact(&mut start).await.expect("answer");
    assert_eq!(&start, b"HTTP/1.1 200");
    let mut silent = Vec::new();
    for round in 0..25 {
        for from in 1..=4 {
            let mut socket = connected(&server, &format!("127.0.0.{from}")).await;
            // Some have begun a head that never ends, some are refused and stay.
            if round % 3 == 0 {
                socket.write_all(b"GET /vms HTTP/1.1\r\nhost: loc").await.expect("written");
            } else if round % 3 == 1 {
                let _ = socket.write_all(b"GET /vms HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
            }
            silent.push(socket);
        }
        for from in ["127.0.0.1", "127.0.0.5"] {
            let answer = asked_from(&server, from, "/tools", &read).await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{from}, round {round}: {answer}");
            let answer = asked_from(&server, from, "/livez", "").await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{from}, round {round}: {answer}");
        }
    }
    // Those that made room are gone in a moment.
    soon(|| (server.shared.metrics.connections.get() <= 16 + 16).then_some(())).await;
    resting.write_all(request.as_bytes()).await.expect("it is still there");
    soon(|| (server.shared.metrics.connections.get() <= 16).then_some(())).await;
    assert!(!is_closed(&resting) || resting.read(&mut [0; 4096]).await.is_ok_and(|n| n > 0), "who is known stays");
    drop((silent, resting));
    soon(|| (server.shared.metrics.connections.get() == 0).then_some(())).await;
}

#[tokio::test]
async fn who_holds_every_connection_holds_up_no_probe() {
    let server = with(HttpSettings { connections: 4, ..settings() }).await;
    let mut working = held(&server, "127.0.0.1", 3).await;
    working.extend(held(&server, "127.0.0.2", 1).await);
    // More than there are places for probes, too.
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(connected(&server, "127.0.0.3").await);
    }
    for path in ["/livez", "/readyz", "/health"] {
        for from in ["127.0.0.1", "127.0.0.2", "127.0.0.4"] {
            let answer = asked_from(&server, from, path, "").await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{from} {path}: {answer}");
        }
    }
    assert!(asked_from(&server, "127.0.0.4", "/tools", "").await.starts_with("HTTP/1.1 503"));
    // Those that made room are gone in a moment.
    soon(|| (server.shared.metrics.connections.get() <= 4 + 16).then_some(())).await;
    assert!(all_wait(&mut working).await);
}

#[tokio::test]
async fn streams_leave_connections_to_others() {
    let folder = tempfile::tempdir().expect("folder");
    let (file, [read, power, all]) = tokens(&folder);
    let server = with(HttpSettings { connections: 16, tokens: Some(file), ..settings() }).await;
    let mut open = Vec::new();
    for token in [&read, &power, &all] {
        let opened = legacy(&server, token, "", initialize()).await;
        let session = opened.header("mcp-session-id").to_owned();
        for number in 0..4 {
            let stream = server.http.get(format!("{}/mcp", server.base)).bearer_auth(token);
            let stream = stream.header("mcp-session-id", &session).header("accept", "text/event-stream");
            let stream = stream.header("mcp-protocol-version", "2025-11-25").send().await.expect("an answer");
            let expected = if number < 2 { 200 } else { 429 };
            assert_eq!(stream.status().as_u16(), expected, "each has an eighth of the connections");
            open.push(stream);
        }
    }
    assert_eq!(send(server.request("GET", "/tools").bearer_auth(&read)).await.status, 200);
}

#[tokio::test]
async fn answers_that_nobody_reads_are_bounded_in_bytes_for_each_caller() {
    const MOST: usize = 1024 * 1024;
    let folder = tempfile::tempdir().expect("folder");
    let (file, [read, power, _]) = tokens(&folder);
    let server = with(HttpSettings { unread: MOST, tokens: Some(file), ..settings() }).await;
    let size = send(server.request("GET", "/openapi.json").bearer_auth(&read)).await.body.len();
    assert!(size > 20_000, "an answer of {size} B");
    // As many as the system holds for a connection, and then some that the server has to hold.
    let request = format!("GET /openapi.json HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {read}\r\n\r\n");
    let unsent = &server.shared.metrics.unsent;
    let mut unread = Vec::new();
    let full = i64::try_from(MOST / 4 - size).expect("a number");
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
    while unsent.get() < full {
        let socket = tokio::net::TcpSocket::new_v4().expect("socket");
        socket.set_recv_buffer_size(4096).expect("a small one");
        let address = server.base.trim_start_matches("http://").parse().expect("address");
        let mut socket = socket.connect(address).await.expect("connection");
        // The server reads no more requests than it can answer.
        let _ = socket.try_write(request.repeat(400).as_bytes());
        let before = unsent.get();
        for _ in 0..200 {
            if unsent.get() > before {
                break;
            }
            let _ = socket.try_write(request.as_bytes());
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let _ = socket.flush().await;
        unread.push(socket);
        assert!(tokio::time::Instant::now() < deadline, "{} B wait of {} connections", unsent.get(), unread.len());
    }
    for _ in 0..20 {
        let most = i64::try_from(MOST / 4 + 16 * 1024 * 64).expect("a number");
        assert!(unsent.get() <= most, "{} B", unsent.get());
        let answer = send(server.request("GET", "/openapi.json").bearer_auth(&read)).await;
        assert!([429, 503].contains(&answer.status), "{}", answer.status);
        assert_eq!((answer.word().as_str(), answer.header("retry-after")), ("unread", "1"));
    }
    assert_eq!(
        send(server.request("GET", "/openapi.json").bearer_auth(&power)).await.status,
        200,
        "others have theirs"
    );
    drop(unread);
    soon(|| (unsent.get() == 0).then_some(())).await;
    assert_eq!(send(server.request("GET", "/openapi.json").bearer_auth(&read)).await.status, 200);
    let text = String::from_utf8(send(server.request("GET", "/metrics").bearer_auth(&power)).await.body).expect("text");
    assert!(text.contains("proxmox_mcp_unsent_bytes"), "{text}");
}
