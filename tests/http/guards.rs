//! What must not come in: wrong hosts, origins, credentials, scopes, sizes and rates.

use proxmox_mcp::{
    demo::Scenario,
    server::http::{HttpSettings, limits::Quota},
    tools::Options,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::harness::{Running, STUBBORN, followed, send, settings, soon, start, start_with, tokens};

async fn with(settings: HttpSettings) -> Running {
    start_with(settings, Options::default(), Scenario::default()).await
}

/// Every path, of every kind.
const PATHS: [&str; 8] = ["/", "/health", "/livez", "/vms", "/openapi.json", "/metrics", "/mcp", "/nothing"];

#[tokio::test]
async fn host_and_origin_are_checked_on_every_route() {
    let server = start().await;
    for path in PATHS {
        for (name, value) in [("host", "evil.example"), ("origin", "http://evil.example"), ("origin", "null")] {
            let answer = send(server.request("GET", path).header(name, value)).await;
            assert_eq!((answer.status, answer.word().as_str()), (403, "host-or-origin"), "{path} {name}: {value}");
            assert!(answer.headers.get("access-control-allow-origin").is_none());
        }
    }
    let own = server.base.clone();
    assert_eq!(send(server.request("GET", "/vms").header("origin", own)).await.status, 200);
}

#[tokio::test]
async fn cors_is_for_listed_origins_only() {
    let app = "https://app.example.com";
    let server = with(HttpSettings { origins: vec![app.to_owned()], ..settings() }).await;
    let answer = send(server.request("GET", "/vms").header("origin", app)).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, app));
    let preflight = server.request("OPTIONS", "/mcp").header("origin", app);
    let preflight = send(preflight.header("access-control-request-method", "POST")).await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-methods")), (204, "GET, POST, DELETE"));
    let plain = server.get("/vms").await;
    assert!(plain.headers.get("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn every_answer_tells_browsers_to_make_nothing_of_it() {
    let server = start().await;
    for path in PATHS {
        let answer = server.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
    let given = send(server.request("GET", "/vms/1").header("x-request-id", "trace-7")).await;
    assert_eq!((given.header("x-request-id"), given.word().as_str()), ("trace-7", "arguments"));
}

#[tokio::test]
async fn without_a_good_token_nothing_but_probes_is_open() {
    let folder = tempfile::tempdir().expect("folder");
    let (file, [read, ..]) = tokens(&folder);
    let server = with(HttpSettings { tokens: Some(file.clone()), ..settings() }).await;
    for path in ["/", "/vms", "/tools", "/openapi.json", "/metrics", "/mcp", "/nothing"] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.word().as_str()), (401, "credentials"), "{path}");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"proxmox-mcp\"");
        let wrong = send(server.request("GET", path).bearer_auth("pmcp_wrong")).await;
        assert!(wrong.header("www-authenticate").contains("invalid_token"), "{path}");
    }
    for path in ["/livez", "/readyz", "/health"] {
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
    assert_eq!(send(server.request("GET", "/vms").bearer_auth(&read)).await.status, 200);

    let mut held = proxmox_mcp::server::http::tokens::Tokens::read(&file).expect("tokens");
    held.revoke("read").expect("there");
    held.write(&file).expect("written");
    server.handle.reload();
    assert_eq!(send(server.request("GET", "/vms").bearer_auth(&read)).await.status, 401, "revoked");
}

#[tokio::test]
async fn a_token_does_what_its_scope_says_and_no_more() {
    let folder = tempfile::tempdir().expect("folder");
    let (file, [read, power, all]) = tokens(&folder);
    let server = with(HttpSettings { tokens: Some(file), ..settings() }).await;
    let count = async |token: &str| {
        let tools = send(server.request("GET", "/tools").bearer_auth(token)).await.json();
        tools["tools"].as_array().map(Vec::len)
    };
    assert_eq!([count(&read).await, count(&power).await, count(&all).await], [Some(7), Some(13), Some(15)]);
    let before = server.demo.seen().len();
    for (method, path, token) in [("POST", "/vms/100/start", &read), ("DELETE", "/vms/100", &power)] {
        let answer = send(server.request(method, path).bearer_auth(token)).await;
        assert_eq!((answer.status, answer.word().as_str()), (403, "token-forbids"), "{method} {path}");
        assert!(answer.header("www-authenticate").contains("insufficient_scope"));
    }
    assert_eq!(server.demo.seen().len(), before, "nothing was sent");
}

#[tokio::test]
async fn a_body_is_at_most_a_mebibyte() {
    let server = start().await;
    let body = vec![b' '; 1024 * 1024 + 1];
    for path in ["/tools/listVMs", "/mcp"] {
        let answer = send(server.request("POST", path).body(body.clone())).await;
        assert_eq!((answer.status, answer.word().as_str()), (413, "too-long"), "{path}");
    }
    assert_eq!(send(server.request("POST", "/tools/listVMs").body(body[1..].to_vec())).await.status, 200);
    // Without a length in front, the limit holds while the body arrives.
    let mut socket = TcpStream::connect(server.base.trim_start_matches("http://")).await.expect("connection");
    let head = "POST /tools/listVMs HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n";
    socket.write_all(head.as_bytes()).await.expect("written");
    let chunk = [b"10000\r\n".as_slice(), &vec![b' '; 0x10000], b"\r\n"].concat();
    for _ in 0..17 {
        if socket.write_all(&chunk).await.is_err() {
            break;
        }
    }
    let mut start = [0u8; 12];
    socket.read_exact(&mut start).await.expect("answer");
    assert_eq!(&start, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_head_that_is_too_long_or_no_http_ends_the_connection_not_the_server() {
    let server = start().await;
    let many = (0..120).map(|i| format!("x-{i}: y\r\n")).collect::<String>();
    let long = format!("GET /{} HTTP/1.1\r\nhost: localhost\r\n\r\n", "a".repeat(70_000));
    for (text, status) in [
        (format!("GET /livez HTTP/1.1\r\nhost: localhost\r\n{many}\r\n"), "431"),
        (long, "4"),
        ("\x16\x03\x01\x02\x00\x01".to_owned(), "400"),
        ("GET / HTTP/9.9\r\n\r\n".to_owned(), ""),
    ] {
        let mut socket = TcpStream::connect(server.base.trim_start_matches("http://")).await.expect("connection");
        // The server may close before it has read all.
        let _ = socket.write_all(text.as_bytes()).await;
        let _ = socket.shutdown().await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
    assert_eq!(server.get("/livez").await.status, 200);
}

#[tokio::test]
async fn a_request_that_does_not_arrive_is_given_up() {
    let server = start().await;
    let at = server.base.trim_start_matches("http://");
    let (mut body, mut head) = (TcpStream::connect(at).await.expect("one"), TcpStream::connect(at).await.expect("two"));
    // From here on the clock jumps to whatever is waited for.
    tokio::time::pause();
    let begun = b"POST /tools/listVMs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n{";
    body.write_all(begun).await.expect("written");
    head.write_all(b"GET /livez HTTP/1.1\r\nhost: loc").await.expect("written");
    let mut start = [0u8; 12];
    body.read_exact(&mut start).await.expect("an answer");
    assert_eq!(&start, b"HTTP/1.1 408");
    let mut rest = Vec::new();
    let _ = head.read_to_end(&mut rest).await;
    assert!(!String::from_utf8_lossy(&rest).contains(" 200 "), "closed without having been answered");
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let quota = Quota { per_second: 0.1, burst: 3, concurrent: 100 };
    let folder = tempfile::tempdir().expect("folder");
    let (file, [read, power, _]) = tokens(&folder);
    let server = with(HttpSettings { quota, tokens: Some(file), ..settings() }).await;
    let get = async |token: &str| send(server.request("GET", "/tools").bearer_auth(token)).await;
    for _ in 0..3 {
        assert_eq!(get(&read).await.status, 200);
    }
    let limited = get(&read).await;
    assert_eq!((limited.status, limited.word().as_str()), (429, "too-many"));
    let wait: u64 = limited.header("retry-after").parse().expect("seconds");
    assert!((1..=10).contains(&wait), "{wait}");
    assert_eq!(get(&power).await.status, 200, "another caller has its own");
    for _ in 0..3 {
        assert_eq!(get("pmcp_wrong").await.status, 401);
    }
    assert_eq!(get("pmcp_wrong").await.status, 429, "so is guessing");
}

#[tokio::test]
async fn too_much_at_once_is_turned_away() {
    let quota = Quota { per_second: 0.0, burst: 1, concurrent: 1 };
    let server = with(HttpSettings { quota, ..settings() }).await;
    // A body that does not arrive holds no place.
    let mut slow = TcpStream::connect(server.base.trim_start_matches("http://")).await.expect("connection");
    let head = "POST /tools/listVMs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{";
    slow.write_all(head.as_bytes()).await.expect("written");
    assert_eq!(server.get("/tools").await.status, 200);
    // A call that waits does.
    let waits = server.request("POST", &format!("/vms/{STUBBORN}/stop?mode=shutdown&timeout=600"));
    let waiting = tokio::spawn(send(waits));
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let answer = server.get("/tools").await;
        if answer.status == 429 {
            assert_eq!((answer.header("retry-after"), answer.word().as_str()), ("1", "too-many"));
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "never busy");
    }
    assert_eq!(server.get("/livez").await.status, 200, "probes pass");
    waiting.abort();
}

#[tokio::test]
async fn one_token_has_a_share_and_its_waiting_calls_end_when_it_is_revoked() {
    let quota = Quota { per_second: 0.0, burst: 1, concurrent: 4 };
    let folder = tempfile::tempdir().expect("folder");
    let (file, [read, power, _]) = tokens(&folder);
    let server = with(HttpSettings { quota, tokens: Some(file.clone()), ..settings() }).await;
    let path = format!("/vms/{STUBBORN}/stop?mode=shutdown&timeout=3600");
    let waiting = tokio::spawn(send(server.request("POST", &path).bearer_auth(&power)));
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    while send(server.request("GET", "/tools").bearer_auth(&power)).await.status != 429 {
        assert!(tokio::time::Instant::now() < deadline, "its share has no end");
    }
    assert_eq!(send(server.request("GET", "/tools").bearer_auth(&read)).await.status, 200, "others have theirs");
    soon(|| followed(&server.demo)).await;
    let mut held = proxmox_mcp::server::http::tokens::Tokens::read(&file).expect("tokens");
    held.revoke("power").expect("there");
    held.write(&file).expect("written");
    server.handle.reload();
    let ended =
        tokio::time::timeout(std::time::Duration::from_secs(30), waiting).await.expect("it ends").expect("sent");
    assert!([200, 202].contains(&ended.status), "{}", String::from_utf8_lossy(&ended.body));
}

#[tokio::test]
async fn a_token_for_some_tools_reads_nothing_besides() {
    use proxmox_mcp::server::{
        http::tokens::{NewToken, Tokens},
        principal::Scope,
    };
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("tokens.toml");
    let mut made = Tokens::default();
    let tools = Some(["listVMs".to_owned()].into());
    let new = NewToken { name: "lists".into(), scope: Scope::All, tools, expires: None };
    let token = made.add(new, chrono::Utc::now()).expect("token");
    made.write(&file).expect("written");
    let server = with(HttpSettings { tokens: Some(file), ..settings() }).await;
    let before = server.demo.seen().len();
    let task = "/tasks/UPID:pve1:0000C350:0001E240:665F0F00:qmstart:110:root@pam:";
    for path in ["/nodes", "/metrics", task] {
        let answer = send(server.request("GET", path).bearer_auth(&token)).await;
        assert_eq!((answer.status, answer.word().as_str()), (403, "token-forbids"), "{path}");
    }
    assert_eq!(server.demo.seen().len(), before, "nothing was sent");
    assert_eq!(send(server.request("GET", "/vms").bearer_auth(&token)).await.status, 200);
}

#[tokio::test]
async fn what_is_no_text_too_long_or_no_page_is_refused_as_documented() {
    let server = start().await;
    for path in ["/vms/%ff", "/containers/%ff", "/tasks/%ff"] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.word().as_str()), (400, "arguments"), "{path}");
    }
    assert_eq!(server.post("/tools/%ff").await.word(), "arguments");
    let with = async |length: usize| send(server.request("GET", "/vms").header("x-pad", "a".repeat(length))).await;
    assert_eq!(with(30 * 1024).await.status, 200);
    assert_eq!(with(33 * 1024).await.status, 431);
    for origin in ["javascript://127.0.0.1", "ftp://127.0.0.1", "file://127.0.0.1"] {
        let host = server.base.trim_start_matches("http://127.0.0.1");
        let answer = send(server.request("GET", "/vms").header("origin", format!("{origin}{host}"))).await;
        assert_eq!((answer.status, answer.word().as_str()), (403, "host-or-origin"), "{origin}");
    }
}

#[tokio::test]
async fn starts_that_wait_for_an_hour_leave_other_tokens_theirs() {
    let quota = Quota { per_second: 0.0, burst: 1, concurrent: 8 };
    let folder = tempfile::tempdir().expect("folder");
    let (file, [read, power, all]) = tokens(&folder);
    let server = with(HttpSettings { quota, tokens: Some(file), ..settings() }).await;
    // The task of the start is asked after for as long as the host is silent about it.
    server.demo.inject_on(None, "/status/start", proxmox_mcp::demo::Fault::Slow(20_000), u32::MAX);
    let stopped = send(server.request("GET", "/vms?status=stopped").bearer_auth(&all)).await.json();
    let vmid = stopped["guests"][0]["vmid"].as_u64().expect("a stopped guest");
    let start = || send(server.request("POST", &format!("/vms/{vmid}/start?timeout=3600")).bearer_auth(&power));
    let waiting: Vec<_> = (0..2).map(|_| tokio::spawn(start())).collect();
    soon(|| (server.shared.metrics.in_flight.get() == 2).then_some(())).await;
    for _ in 0..20 {
        let answer = start().await;
        assert_eq!((answer.status, answer.word().as_str()), (429, "too-many"), "beyond its share");
    }
    assert_eq!(send(server.request("GET", "/vms").bearer_auth(&read)).await.status, 200, "others are served");
    assert_eq!(send(server.request("GET", "/livez")).await.status, 200);
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn whoever_needs_no_credentials_writes_so_many_lines_of_log_and_the_others_are_counted() {
    let folder = tempfile::tempdir().expect("folder");
    let (file, _) = tokens(&folder);
    let server = with(HttpSettings { tokens: Some(file), ..settings() }).await;
    for _ in 0..100 {
        assert_eq!(server.get("/vms").await.status, 401);
        assert_eq!(server.get("/livez").await.status, 200);
        assert_eq!(send(server.request("GET", "/vms").header("host", "evil.example")).await.status, 403);
    }
    let mut left_out = server.shared.repeats.left_out();
    left_out.sort();
    let expected = ["/livez", "credentials", "host-or-origin"].map(|kind| (kind.to_owned(), 40));
    assert_eq!(left_out, expected);
}
