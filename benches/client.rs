//! What the client costs: connections, failed calls, handshakes, time over bare hyper. `cargo bench --bench client`
//! prints the numbers that `docs/performance.md` quotes. Everything runs on loopback, over TLS, against a server with
//! the limits of a real pveproxy: 100 requests a connection, 5 seconds idle.

#![allow(clippy::print_stdout, reason = "a benchmark prints its numbers")]

use std::{
    error::Error,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use proxmox_mcp::{
    api,
    client::{Auth, Client, Fingerprint, Host, Secret, Settings, Tls, Token},
    spec::Call,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, TlsConnector, server::TlsStream};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// As pveproxy has them (pve-manager, `pveproxy.pm`; pve-http-server, `AnyEvent.pm`).
const REQUESTS: usize = 100;
const IDLE: Duration = Duration::from_secs(5);

/// How the server behaves.
#[derive(Clone, Copy)]
struct Manner {
    /// Requests that a connection serves.
    requests: usize,
    /// Whether TLS sessions can be resumed.
    resume: bool,
}

struct Server {
    addr: SocketAddr,
    certificate: CertificateDer<'static>,
    connections: Arc<AtomicUsize>,
    resumed: Arc<AtomicUsize>,
}

/// A list of nodes of about the size that a reply of PVE has; `guests` makes it longer.
fn reply(guests: usize) -> String {
    let row = |n: usize| {
        format!(
            r#"{{"id":"node/pve{n}","node":"pve{n}","type":"node","status":"online","level":"","cpu":0.0123456789,"maxcpu":16,"mem":12345678901,"maxmem":67430203392,"disk":9876543210,"maxdisk":100861726720,"uptime":1234567,"ssl_fingerprint":"{}"}}"#,
            "AB:".repeat(31) + "CD"
        )
    };
    let rows: Vec<_> = (1..=guests).map(row).collect();
    format!(r#"{{"data":[{}]}}"#, rows.join(","))
}

impl Server {
    /// Starts a server on a thread of its own.
    fn start(manner: Manner, body: &str) -> Outcome<Self> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let certificate = made.cert.der().clone();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let mut tls = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)?;
        if !manner.resume {
            tls.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
            tls.send_tls13_tickets = 0;
        }
        let (connections, resumed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let head = |end: &str| {
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: {}\r\n\
                 Connection: {end}\r\nServer: pve-api-daemon/3.0\r\n\r\n{body}",
                body.len()
            )
        };
        let replies = Arc::new([head("Keep-Alive").into_bytes(), head("close").into_bytes()]);
        let counts = (Arc::clone(&connections), Arc::clone(&resumed));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::spawn(move || {
            runtime.block_on(accept(listener, TlsAcceptor::from(Arc::new(tls)), manner, counts, replies))
        });
        Ok(Self { addr, certificate, connections, resumed })
    }

    fn client(&self) -> Outcome<Client> {
        let host = Host { name: "localhost".to_owned(), port: self.addr.port() };
        let id = "bench@pve!bench".to_owned();
        let auth = Auth::Token(Token { id, secret: Secret::new("00000000-0000-0000-0000-000000000000") });
        let tls = Tls::Pinned(vec![Fingerprint::of(&self.certificate)]);
        Ok(Client::new(Settings::new(vec![host], auth, tls))?)
    }
}

type Counts = (Arc<AtomicUsize>, Arc<AtomicUsize>);

async fn accept(
    listener: std::net::TcpListener,
    tls: TlsAcceptor,
    manner: Manner,
    counts: Counts,
    replies: Arc<[Vec<u8>; 2]>,
) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, counts, replies) = (tls.clone(), counts.clone(), Arc::clone(&replies));
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let Ok(stream) = tls.accept(stream).await else { return };
            counts.0.fetch_add(1, Ordering::Relaxed);
            let resumed = stream.get_ref().1.handshake_kind() == Some(rustls::HandshakeKind::Resumed);
            counts.1.fetch_add(usize::from(resumed), Ordering::Relaxed);
            serve(stream, manner, &replies).await;
        });
    }
}

async fn serve(mut stream: TlsStream<TcpStream>, manner: Manner, replies: &[Vec<u8>; 2]) {
    let mut buffer = Vec::with_capacity(4096);
    for turn in 1..=manner.requests {
        buffer.clear();
        while !buffer.ends_with(b"\r\n\r\n") {
            match tokio::time::timeout(IDLE, stream.read_buf(&mut buffer)).await {
                Ok(Ok(1..)) => {}
                _ => return,
            }
        }
        let last = turn == manner.requests;
        if stream.write_all(&replies[usize::from(last)]).await.is_err() {
            return;
        }
    }
    let _ = stream.shutdown().await;
}

async fn call(client: &Client) -> Outcome<()> {
    let reply = client.send(Call::new(&api::GET_NODES, &[])?).await?;
    reply.decode::<Vec<api::GetNodesReplyItem>>()?;
    Ok(())
}

/// Calls one after another; how many failed.
async fn sequence(client: &Client, calls: usize) -> usize {
    let mut failed = 0;
    for _ in 0..calls {
        failed += usize::from(call(client).await.is_err());
    }
    failed
}

async fn connections() -> Outcome<()> {
    let server = Server::start(Manner { requests: REQUESTS, resume: true }, &reply(3))?;
    let failed = sequence(&server.client()?, 1000).await;
    println!("1000 calls in a row: {} connections, {failed} failed", server.connections.load(Ordering::Relaxed));
    Ok(())
}

/// Many clients at once, each with pauses about the moment at which the server closes an idle connection.
async fn pauses() -> Outcome<()> {
    let server = Server::start(Manner { requests: REQUESTS, resume: true }, &reply(3))?;
    let (clients, rounds) = (40u32, 5);
    let mut running = Vec::new();
    for n in 0..clients {
        let client = server.client()?;
        let pause = Duration::from_millis(4900) + Duration::from_millis(200) * n / (clients - 1);
        running.push(tokio::spawn(async move {
            let mut failed = sequence(&client, 1).await;
            for _ in 0..rounds {
                tokio::time::sleep(pause).await;
                failed += sequence(&client, 1).await;
            }
            failed
        }));
    }
    let mut failed = 0;
    for client in running {
        failed += client.await?;
    }
    println!("{} calls, pauses of 4.9 to 5.1 s between them: {failed} failed", clients * (rounds + 1));
    Ok(())
}

/// What a call costs when each needs a connection, as with replies that PVE proxies.
async fn handshakes() -> Outcome<()> {
    for resume in [false, true] {
        let server = Server::start(Manner { requests: 1, resume }, &reply(3))?;
        let client = server.client()?;
        sequence(&client, 20).await;
        let mut times = Vec::new();
        for _ in 0..500 {
            let begun = Instant::now();
            call(&client).await?;
            times.push(begun.elapsed());
        }
        let (all, resumed) = (server.connections.load(Ordering::Relaxed), server.resumed.load(Ordering::Relaxed));
        println!("a connection a call, {resumed} of {all} resumed: {:?} at the median", median(&mut times));
    }
    Ok(())
}

/// A connection by hyper alone, with the same TLS.
async fn bare(server: &Server) -> Outcome<SendRequest<Empty<Bytes>>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(server.certificate.clone())?;
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(server.addr).await?;
    stream.set_nodelay(true)?;
    let stream = TlsConnector::from(Arc::new(tls)).connect("localhost".try_into()?, stream).await?;
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn get(sender: &mut SendRequest<Empty<Bytes>>) -> Outcome<Bytes> {
    sender.ready().await?;
    let token = "PVEAPIToken=bench@pve!bench=00000000-0000-0000-0000-000000000000";
    let request = hyper::Request::get("/api2/json/nodes")
        .header("host", "localhost")
        .header("accept-encoding", "gzip")
        .header("authorization", token)
        .body(Empty::new())?;
    Ok(sender.send_request(request).await?.into_body().collect().await?.to_bytes())
}

/// A call by the client, decoded, beside a GET of the same bytes by hyper alone; turn by turn, so that what else the
/// machine does falls on both.
async fn overhead() -> Outcome<()> {
    for nodes in [3, 100] {
        let body = reply(nodes);
        let server = Server::start(Manner { requests: usize::MAX, resume: true }, &body)?;
        let client = server.client()?;
        let mut sender = bare(&server).await?;
        let (mut ours, mut theirs, mut raw) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..5500 {
            let begun = Instant::now();
            get(&mut sender).await?;
            let one = begun.elapsed();
            let begun = Instant::now();
            client.send(Call::new(&api::GET_NODES, &[])?).await?;
            let two = begun.elapsed();
            let begun = Instant::now();
            call(&client).await?;
            let three = begun.elapsed();
            if round >= 500 {
                theirs.push(one);
                raw.push(two);
                ours.push(three);
            }
        }
        let (theirs, raw, ours) = (median(&mut theirs), median(&mut raw), median(&mut ours));
        let percent = |time: Duration| (time.as_secs_f64() / theirs.as_secs_f64() - 1.0) * 100.0;
        println!(
            "a reply of {} bytes, at the median: hyper alone {theirs:?}; the client {raw:?} ({:+.0} %), decoded {ours:?} ({:+.0} %)",
            body.len(),
            percent(raw),
            percent(ours)
        );
    }
    Ok(())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn main() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        connections().await?;
        handshakes().await?;
        overhead().await?;
        pauses().await
    })
}
