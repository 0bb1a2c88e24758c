//! Bad input and load: what a real host does, and that the process stays up.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use proxmox_mcp::demo::{self, Demo, Scenario};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// A test that hangs is a failure, however slow the machine is.
const GUARD: Duration = Duration::from_secs(120);

/// A demo whose connections stay open for a minute, so that a slow machine does not look like an idle client.
async fn patient() -> Demo {
    let mut scenario = Scenario::default();
    scenario.connections.idle_ms = 60_000;
    demo::start(scenario).await.unwrap()
}

fn connector(demo: &Demo) -> TlsConnector {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(demo.certificate_pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

async fn connect(demo: &Demo, connector: &TlsConnector) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(demo.addr()).await.unwrap();
    connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap()
}

/// Sends bytes and gives all that comes back until the server closes.
async fn exchange(demo: &Demo, sent: &[u8]) -> String {
    let mut stream = connect(demo, &connector(demo)).await;
    // The server may close before it has read everything.
    let _ = stream.write_all(sent).await;
    let mut answer = Vec::new();
    let _ = timeout(GUARD, stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn authorised(demo: &Demo) -> String {
    let token = demo.token();
    format!("Authorization: PVEAPIToken={}={}\r\n", token.id, token.secret.reveal())
}

fn get(demo: &Demo, extra: &str) -> String {
    format!("GET /api2/json/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{}{extra}\r\n", authorised(demo))
}

async fn still_up(demo: &Demo) {
    let answer = exchange(demo, get(demo, "").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[tokio::test]
async fn too_many_or_too_large_headers_are_not_answered() {
    let mut scenario = Scenario::default();
    scenario.connections.idle_ms = 300;
    let demo = demo::start(scenario).await.unwrap();
    assert_eq!(exchange(&demo, get(&demo, &"X-A: b\r\n".repeat(64)).as_bytes()).await, "");
    assert_eq!(exchange(&demo, get(&demo, &format!("X-A: {}\r\n", "b".repeat(9000))).as_bytes()).await, "");
    assert!(exchange(&demo, get(&demo, &"X-A: b\r\n".repeat(50)).as_bytes()).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_body_of_600_kb_is_refused_and_one_of_512_kib_is_read() {
    let demo = patient().await;
    let post = |length: usize| {
        let head = format!(
            "PUT /api2/json/nodes/pve1/qemu/100/config HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n{}\r\ndescription=",
            authorised(&demo)
        );
        let mut bytes = head.into_bytes();
        bytes.resize(bytes.len() + length - "description=".len(), b'x');
        bytes
    };
    let large = exchange(&demo, &post(600_000)).await;
    assert!(large.starts_with("HTTP/1.1 501 for data too large\r\n"), "{large}");
    assert!(large.ends_with("for data too large"), "{large}");
    let read = exchange(&demo, &post(524_288)).await;
    assert!(read.contains("value may only be 8192 characters long"), "{read}");
}

#[tokio::test]
async fn the_servers_own_answers_are_those_of_pveproxy() {
    let demo = patient().await;
    let who = authorised(&demo);
    let ask = async |request: String| exchange(&demo, request.as_bytes()).await;
    let first = |answer: &str| answer.lines().next().unwrap_or_default().to_owned();
    let head = ask(format!("HEAD /api2/json/version HTTP/1.1\r\n{who}\r\n")).await;
    assert_eq!(first(&head), "HTTP/1.1 501 method 'HEAD' not available");
    assert!(!head.contains("Content-Length"), "{head}");
    let chunked = format!("POST /api2/json/access/ticket HTTP/1.1\r\nTransfer-Encoding: chunked\r\n{who}\r\n0\r\n\r\n");
    assert_eq!(first(&ask(chunked).await), "HTTP/1.1 501 chunked transfer encoding not supported");
    let delete = format!("DELETE /api2/json/nodes/pve1/lxc/200 HTTP/1.1\r\nContent-Length: 2\r\n{who}\r\n{{}}");
    assert_eq!(first(&ask(delete).await), "HTTP/1.1 501 Unexpected content for method 'DELETE'");
    let nobody = ask("GET /api2/json/version HTTP/1.1\r\n\r\n".to_owned()).await;
    assert_eq!(first(&nobody), "HTTP/1.1 401 No ticket");
    assert!(nobody.ends_with("\r\n\r\n") && !nobody.contains("Content-"), "{nobody}");
    let old = ask(format!("GET /api2/json/version HTTP/1.0\r\n{who}\r\n")).await;
    assert!(old.starts_with("HTTP/1.0 200 OK\r\n") && old.contains("\r\nConnection: close\r\n"), "{old}");
}

#[tokio::test]
async fn plain_http_is_sent_to_https() {
    let demo = patient().await;
    let mut stream = TcpStream::connect(demo.addr()).await.unwrap();
    stream.write_all(b"POST /api2/json/access/ticket HTTP/1.1\r\nHost: pve1:8006\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    timeout(GUARD, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 308 Permanent Redirect\r\n"), "{answer}");
    assert!(answer.contains("\r\nLocation: https://pve1:8006/api2/json/access/ticket\r\n"), "{answer}");
}

#[tokio::test]
async fn a_connection_ends_after_its_requests_after_an_error_and_when_it_is_idle() {
    let mut scenario = Scenario::default();
    scenario.connections.idle_ms = 500;
    let demo = demo::start(scenario).await.unwrap();
    let request = get(&demo, "").replace("Connection: close\r\n", "");
    let all = exchange(&demo, request.repeat(120).as_bytes()).await;
    assert_eq!(all.matches("HTTP/1.1 200 OK").count(), 100, "the hundredth answer is the last");
    assert_eq!(all.matches("Connection: Keep-Alive").count(), 99);
    let wrong = request.replace("/version", "/nope");
    let both = exchange(&demo, (wrong + &request).as_bytes()).await;
    assert_eq!(both.matches("HTTP/1.1").count(), 1, "{both}");
    // Nothing is sent: the server closes on its own.
    assert_eq!(exchange(&demo, b"").await, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_connections_at_once_are_all_answered() {
    let demo = Arc::new(patient().await);
    let connector = connector(&demo);
    let request = get(&demo, "");
    let barrier = Arc::new(tokio::sync::Barrier::new(1000));
    let clients = (0..1000).map(|_| {
        let (demo, connector, request, barrier) = (demo.clone(), connector.clone(), request.clone(), barrier.clone());
        tokio::spawn(async move {
            let mut stream = connect(&demo, &connector).await;
            barrier.wait().await;
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            answer.starts_with(b"HTTP/1.1 200 OK")
        })
    });
    let clients: Vec<_> = clients.collect();
    let mut answered = 0;
    for client in clients {
        answered += usize::from(timeout(GUARD, client).await.unwrap().unwrap());
    }
    assert_eq!(answered, 1000);
}

#[tokio::test]
async fn those_who_do_not_read_or_write_do_not_hold_up_others() {
    let scenario = Scenario::large(2000, 4);
    let demo = demo::start(scenario).await.unwrap();
    let connector = connector(&demo);
    let list = get(&demo, "").replace("/version", "/cluster/resources");
    let mut idle = Vec::new();
    for n in 0..50 {
        let mut stream = connect(&demo, &connector).await;
        // Every other one asks for much and reads nothing; the others stop in the middle of a request.
        let sent = if n % 2 == 0 { list.as_bytes() } else { &list.as_bytes()[..40] };
        stream.write_all(sent).await.unwrap();
        idle.push(stream);
    }
    still_up(&demo).await;
    drop(idle);
    still_up(&demo).await;
}

#[tokio::test]
async fn arbitrary_bytes_do_no_harm() {
    let mut scenario = Scenario::default();
    scenario.connections.idle_ms = 200;
    let demo = demo::start(scenario).await.unwrap();
    let connector = connector(&demo);
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let seeds = [
        get(&demo, ""),
        get(&demo, "").replace("GET /api2/json/version", "POST /api2/json/access/ticket"),
        get(&demo, "Content-Length: 30\r\nContent-Type: application/json\r\n")
            .replace("GET /api2/json/version", "PUT /api2/json/nodes/pve1/qemu/100/config")
            + "{\"net0\":\"virtio=,,=,bridge\"}   ",
        get(&demo, "").replace("/version", "/nodes/pve1/tasks/UPID:pve1:0:0:0:a:b:c:/log?start=-1&limit=%"),
        get(&demo, "").replace("/version", "/nodes/pve1/qemu/%31%30%30/%C3%28/\u{fe0f}"),
    ];
    // A panic in a connection would end that connection alone: it is counted where it happens.
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(usize::from(info.location().is_some_and(|l| l.file().contains("src/demo"))), Relaxed);
        usual(info);
    }));
    for round in 0..300 {
        let mut bytes = seeds[round % seeds.len()].clone().into_bytes();
        for _ in 0..=next() % 6 {
            let at = usize::try_from(next()).unwrap_or(0) % bytes.len();
            match next() % 3 {
                0 => bytes[at] = next().to_le_bytes()[0],
                1 => drop(bytes.drain(at..)),
                _ => bytes.insert(at, next().to_le_bytes()[0]),
            }
            bytes.push(b'\n');
        }
        if round % 3 == 0 {
            // Straight at the port, without TLS.
            let mut stream = TcpStream::connect(demo.addr()).await.unwrap();
            let _ = stream.write_all(&bytes).await;
        } else {
            let mut stream = connect(&demo, &connector).await;
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            let mut answer = [0; 512];
            let _ = timeout(GUARD, stream.read(&mut answer)).await.unwrap();
        }
    }
    still_up(&demo).await;
    assert_eq!(PANICS.load(Relaxed), 0);
}

#[tokio::test]
async fn five_thousand_guests_are_listed() {
    let begun = std::time::Instant::now();
    let demo = demo::start(Scenario::large(5000, 32)).await.unwrap();
    eprintln!("5,000 guests on 32 nodes started in {} ms", begun.elapsed().as_millis());
    let request = get(&demo, "").replace("/version", "/cluster/resources?type=vm");
    let answer = exchange(&demo, request.as_bytes()).await;
    assert_eq!(answer.matches("\"vmid\":").count(), 5000);
}
