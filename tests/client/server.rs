//! A server whose every byte the test decides: TLS on loopback, HTTP/1.1 read by hand, one closure that says what to
//! do with each request.

use std::{
    collections::HashMap,
    future::Future,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use proxmox_mcp::client::{Auth, Client, Fingerprint, Host, Secret, Settings, Tls, Token};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// The secret of the token that tests use.
pub(crate) const SECRET: &str = "5ec2e7aa-0000-4000-8000-c0ffee123456";

/// What to do with a request.
pub(crate) enum Act {
    /// Send these bytes and go on.
    Reply(Vec<u8>),
    /// Send these bytes after a while and go on.
    Later(Duration, Vec<u8>),
    /// Send these bytes and close the connection in the ordinary way.
    Close(Vec<u8>),
    /// Send these bytes and break the connection.
    Reset(Vec<u8>),
    /// Say nothing, ever.
    Hang,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Which connection it came on, from 0.
    pub connection: usize,
    /// Which request of that connection it is, from 0.
    pub turn: usize,
    pub method: String,
    /// Below `/api2/json`, without the query.
    pub path: String,
    pub query: String,
    /// By lower-case name.
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Asked {
    /// Verb and path.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

#[derive(Default)]
struct Seen {
    requests: Vec<Asked>,
    connections: usize,
    resumed: usize,
    busy: usize,
    busiest: usize,
}

/// A running server; it ends when dropped.
pub(crate) struct Server {
    addr: SocketAddr,
    certificate: Vec<u8>,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Script = Arc<dyn Fn(&Asked) -> Act + Send + Sync>;

impl Server {
    /// Starts a server with a certificate for `localhost` that it signed itself.
    pub(crate) async fn start(script: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        Self::with_certificate(made.cert.der().clone(), key, script).await
    }

    /// Starts a server with this certificate.
    pub(crate) async fn with_certificate(
        certificate: CertificateDer<'static>,
        key: PrivateKeyDer<'static>,
        script: impl Fn(&Asked) -> Act + Send + Sync + 'static,
    ) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .expect("a usable certificate");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let seen = Arc::new(Mutex::new(Seen::default()));
        let accept = accept(listener, TlsAcceptor::from(Arc::new(config)), Arc::clone(&seen), Arc::new(script));
        Self { addr, certificate: certificate.to_vec(), seen, task: tokio::spawn(accept) }
    }

    fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&lock(&self.seen))
    }

    /// All requests so far, as `GET /nodes`.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen(|s| s.requests.iter().map(Asked::line).collect())
    }

    /// How many requests there were with this verb and path.
    pub(crate) fn count(&self, line: &str) -> usize {
        self.lines().iter().filter(|l| *l == line).count()
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Asked> {
        self.seen(|s| s.requests.clone())
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.seen(|s| s.connections)
    }

    /// How many of them resumed an earlier TLS session.
    pub(crate) fn resumed(&self) -> usize {
        self.seen(|s| s.resumed)
    }

    /// How many requests were being answered at the same time, at most.
    pub(crate) fn busiest(&self) -> usize {
        self.seen(|s| s.busiest)
    }

    /// Its certificate.
    pub(crate) fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Where it listens.
    pub(crate) fn host(&self) -> Host {
        Host { name: "localhost".to_owned(), port: self.addr.port() }
    }

    /// Trust in its certificate alone.
    pub(crate) fn pinned(&self) -> Tls {
        Tls::Pinned(vec![Fingerprint::of(&self.certificate)])
    }

    /// Settings for this server, with a token.
    pub(crate) fn settings(&self) -> Settings {
        Settings::new(vec![self.host()], token(), self.pinned())
    }

    /// A client of this server, with a token.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.settings()).expect("a client")
    }
}

/// A client of all these servers.
pub(crate) fn cluster(servers: &[&Server]) -> Client {
    let pins = servers.iter().map(|s| Fingerprint::of(&s.certificate)).collect();
    let hosts = servers.iter().map(|s| s.host()).collect();
    Client::new(Settings::new(hosts, token(), Tls::Pinned(pins))).expect("a client")
}

/// A login by token.
pub(crate) fn token() -> Auth {
    Auth::Token(Token { id: "mcp@pve!test".to_owned(), secret: Secret::new(SECRET) })
}

/// A port on which nobody listens.
pub(crate) async fn dead_host() -> Host {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    Host { name: "localhost".to_owned(), port }
}

/// Fails a test that hangs, long after it should have ended.
pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("the test to end")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, seen: Arc<Mutex<Seen>>, script: Script) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, seen, script) = (tls.clone(), Arc::clone(&seen), Arc::clone(&script));
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else { return };
            let connection = {
                let mut seen = lock(&seen);
                seen.connections += 1;
                let kind = stream.get_ref().1.handshake_kind();
                seen.resumed += usize::from(kind == Some(rustls::HandshakeKind::Resumed));
                seen.connections - 1
            };
            serve(stream, connection, &seen, &script).await;
        });
    }
}

async fn serve(mut stream: TlsStream<TcpStream>, connection: usize, seen: &Mutex<Seen>, script: &Script) {
    let mut turn = 0;
    while let Some(asked) = read(&mut stream, connection, turn).await {
        turn += 1;
        {
            let mut seen = lock(seen);
            seen.requests.push(asked.clone());
            seen.busy += 1;
            seen.busiest = seen.busiest.max(seen.busy);
        }
        let act = script(&asked);
        if let Act::Later(pause, _) = &act {
            tokio::time::sleep(*pause).await;
        }
        lock(seen).busy -= 1;
        let (bytes, end) = match act {
            Act::Reply(bytes) | Act::Later(_, bytes) => (bytes, None),
            Act::Close(bytes) => (bytes, Some(false)),
            Act::Reset(bytes) => (bytes, Some(true)),
            Act::Hang => return std::future::pending().await,
        };
        if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        match end {
            None => {}
            Some(false) => return drop(stream.shutdown().await),
            Some(true) => return stream.get_ref().0.set_zero_linger().unwrap_or_default(),
        }
    }
}

/// Reads one request; nothing when the client is gone.
async fn read(stream: &mut TlsStream<TcpStream>, connection: usize, turn: usize) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?);
    let headers: HashMap<_, _> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").and_then(|v| v.parse().ok()).unwrap_or(0);
    while bytes.len() < head + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8_lossy(&bytes[head + 4..]).into_owned();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = path.strip_prefix("/api2/json").unwrap_or(path).to_owned();
    Some(Asked { connection, turn, method, path, query: query.to_owned(), headers, body })
}

/// A whole reply with a status line, header lines and a body.
pub(crate) fn reply(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A 200 with this JSON as `data`.
pub(crate) fn data(json: &str) -> Vec<u8> {
    let body = format!("{{\"data\":{json}}}");
    reply("200 OK", "Content-Type: application/json;charset=UTF-8\r\n", body.as_bytes())
}

/// The list of nodes that [`super::api::list`] expects.
pub(crate) fn nodes() -> Vec<u8> {
    data(r#"[{"node":"pve1","status":"online"}]"#)
}

/// An error as PVE 9 sends it, connection closed.
pub(crate) fn error(status: &str, message: &str) -> Act {
    let body = format!("{{\"data\":null,\"message\":\"{message}\\n\"}}");
    let headers = "Content-Type: application/json;charset=UTF-8\r\nConnection: close\r\n";
    Act::Close(reply(status, headers, body.as_bytes()))
}

/// An error without a body, as PVE sends 401 and 595 to 599, connection closed.
pub(crate) fn bare(status: &str) -> Act {
    Act::Close(reply(status, "Connection: close\r\n", b""))
}
