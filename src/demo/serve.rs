//! Connections: TLS, one request after the other, PVE's rules for how long they live.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::{
    Seen,
    clock::Clock,
    dispatch::{self, Answer, Wait},
    fault::{Fault, Faults},
    http::{Framing, Head, HeadError, Reader, Request, Response, write},
    scenario::Connections,
    world::World,
};

/// Greatest body (pve-http-server 5.2.1; before, an eighth of it).
const MAX_BODY: usize = 512 * 1024;
const MAX_BODY_BEFORE: usize = 64 * 1024;
/// Requests that are remembered for [`Demo::seen`](super::Demo::seen).
const REMEMBERED: usize = 10_000;

/// What all connections share.
pub(super) struct Server {
    world: Mutex<World>,
    faults: Mutex<Faults>,
    rules: Mutex<Connections>,
    seen: Mutex<Vec<Seen>>,
    connections: AtomicU64,
    pub(super) clock: Clock,
}

impl Server {
    pub(super) fn new(world: World, rules: Connections, clock: Clock) -> Self {
        Self {
            world: Mutex::new(world),
            faults: Mutex::default(),
            rules: Mutex::new(rules),
            seen: Mutex::default(),
            connections: AtomicU64::new(0),
            clock,
        }
    }

    /// The cluster as it is now.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        let mut world = lock(&self.world);
        world.advance(self.clock.now_ms());
        world
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(super) fn rules(&self) -> MutexGuard<'_, Connections> {
        lock(&self.rules)
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        lock(&self.seen).clone()
    }

    pub(super) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    fn remember(&self, seen: Seen) {
        let mut list = lock(&self.seen);
        if list.len() < REMEMBERED {
            list.push(seen);
        }
    }
}

/// A poisoned lock is a bug of the demo, which still answers.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Accepts connections until told to stop.
pub(super) async fn listen(
    server: Arc<Server>,
    listener: TcpListener,
    tls: TlsAcceptor,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of descriptors, most likely: some will be given back.
                Err(_) => { sleep(Duration::from_millis(20)).await; continue }
            },
            _ = stop.changed() => return,
        };
        server.connections.fetch_add(1, Ordering::Relaxed);
        let (server, tls, mut stop) = (server.clone(), tls.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = connection(&server, stream, tls) => {}
                _ = stop.changed() => {}
            }
        });
    }
}

async fn connection(server: &Server, stream: TcpStream, tls: TlsAcceptor) {
    let _ = stream.set_nodelay(true);
    let idle = idle(server);
    let mut first = [0];
    let peeked = timeout(idle.unwrap_or(Duration::MAX), stream.peek(&mut first)).await;
    match peeked {
        // The first byte of a TLS handshake.
        Ok(Ok(1)) if first[0] == 0x16 => {
            let shaken = timeout(idle.unwrap_or(Duration::MAX), tls.accept(stream)).await;
            if let Ok(Ok(stream)) = shaken {
                requests(server, Reader::new(stream, idle)).await;
            }
        }
        Ok(Ok(1)) => redirect(server, Reader::new(stream, idle)).await,
        _ => {}
    }
}

fn idle(server: &Server) -> Option<Duration> {
    Some(server.rules().idle_ms).filter(|ms| *ms > 0).map(Duration::from_millis)
}

/// Plain HTTP is sent to HTTPS.
async fn redirect(server: &Server, mut reader: Reader<TcpStream>) {
    let Ok(head) = reader.head().await else { return };
    let (status, reason) = if head.method == "GET" { (301, "Moved Permanently") } else { (308, "Permanent Redirect") };
    let host = head.header("host").unwrap_or("localhost:8006");
    let location = format!("https://{host}{}", head.target);
    let response = Response { location: Some(location), ..Response::plain(status, reason, false) };
    let framing = framing(server, Some(&head), false);
    let _ = write(reader.stream(), &response, framing).await;
    let _ = reader.stream().shutdown().await;
}

fn framing(server: &Server, head: Option<&Head>, close: bool) -> Framing {
    let gzip = head.and_then(|h| h.header("accept-encoding")).is_some_and(|e| e.contains("gzip"));
    Framing {
        one_one: head.is_none_or(Head::is_one_one),
        close,
        gzip: gzip && server.rules().compress,
        truncate: false,
        now: server.clock.now(),
    }
}

/// Answers one request after the other.
async fn requests<S: AsyncRead + AsyncWrite + Unpin>(server: &Server, mut reader: Reader<S>) {
    let mut count = 0_u32;
    loop {
        let head = match reader.head().await {
            Ok(head) => head,
            Err(HeadError::Gone) => break,
            Err(HeadError::Ignored) => {
                reader.drain().await;
                break;
            }
            Err(HeadError::Refused(status, reason)) => {
                let legacy = server.world().release.text_in_reason_only();
                let response = Response::plain(status, reason, legacy);
                let _ = write(reader.stream(), &response, framing(server, None, true)).await;
                break;
            }
        };
        count += 1;
        if !one(server, &mut reader, head, count).await {
            break;
        }
    }
    let _ = reader.stream().shutdown().await;
}

/// Answers one request; whether the connection goes on.
async fn one<S: AsyncRead + AsyncWrite + Unpin>(
    server: &Server,
    reader: &mut Reader<S>,
    head: Head,
    count: u32,
) -> bool {
    let fault = server.faults().hit(&head.method, &head.target);
    match &fault {
        Some(Fault::Drop) => return false,
        Some(Fault::Slow(ms)) => sleep(Duration::from_millis(*ms)).await,
        Some(Fault::Hold) => {
            let mut held = server.faults().hold();
            // Nothing is ever sent: it ends with its sender.
            while held.changed().await.is_ok() {}
        }
        _ => {}
    }
    let Some((head, answer, read_all)) = asked(server, reader, head, fault.as_ref()).await else { return false };
    server.remember(Seen {
        method: head.method.clone(),
        target: head.target.clone(),
        who: answer.who.clone(),
        status: answer.response.status,
    });
    if fault == Some(Fault::DropAfter) {
        return false;
    }
    wait(server, answer.wait).await;
    let truncate = fault == Some(Fault::Truncate);
    let close = truncate || !read_all || closes(server, &head, &answer.response, count);
    let framing = Framing { truncate, ..framing(server, Some(&head), close) };
    // One who does not read is let go after the idle time.
    let written = match idle(server) {
        Some(idle) => timeout(idle, write(reader.stream(), &answer.response, framing)).await.unwrap_or(Ok(())),
        None => write(reader.stream(), &answer.response, framing).await,
    };
    if written.is_ok() && !read_all {
        // Closing with a body unread would reset the connection and could take the answer with it.
        let _ = reader.stream().shutdown().await;
        reader.drain().await;
    }
    written.is_ok() && !close
}

/// The answer to a request, and whether its body was read; nothing when the client is gone.
async fn asked<S: AsyncRead + AsyncWrite + Unpin>(
    server: &Server,
    reader: &mut Reader<S>,
    head: Head,
    fault: Option<&Fault>,
) -> Option<(Head, Answer, bool)> {
    let limit = if server.world().release.since(8, 4, 0) { MAX_BODY } else { MAX_BODY_BEFORE };
    let early = dispatch::before_body(&server.world(), &head, limit);
    let who = match early {
        Err(answer) => return Some((head, answer, false)),
        Ok(who) => who,
    };
    let body = reader.body(dispatch::length(&head)).await.ok()?;
    let request = Request { head, body };
    let answer = match fault {
        Some(Fault::Html) => dispatch::proxy_page(502).into(),
        Some(Fault::Proxy { status, passed_on: false }) => dispatch::proxy_page(*status).into(),
        Some(Fault::Gateway(status, reason)) => Response::bare(*status, reason.as_str()).into(),
        Some(Fault::Data(data)) => Response::data(data).into(),
        Some(Fault::Raw(data)) => Response::raw(data).into(),
        Some(Fault::NoWorker) => no_worker(server),
        _ => {
            let daemon = server.faults().daemon;
            dispatch::answer(&mut server.world(), daemon, &request, who.as_ref())
        }
    };
    let answer = match fault {
        Some(Fault::TimeOut) => {
            let response = Response::bare(596, "Connection timed out");
            Answer { response, wait: Wait::Silence, ..answer }
        }
        Some(Fault::Proxy { status, passed_on: true }) => Answer { response: dispatch::proxy_page(*status), ..answer },
        _ => answer,
    };
    Some((request.head, answer, true))
}

fn no_worker(server: &Server) -> Answer {
    let legacy = server.world().release.text_in_reason_only();
    Response::plain(500, "got no worker upid - start worker failed\n", legacy).into()
}

fn closes(server: &Server, head: &Head, response: &Response, count: u32) -> bool {
    let rules = server.rules();
    let worn = rules.requests > 0 && count >= rules.requests;
    // Without a length only the end of the connection ends the answer.
    let endless = response.has_no_length();
    worn || endless || !head.keep_alive() || rules.close_on_error && response.status >= 400
}

async fn wait(server: &Server, why: Wait) {
    let ms = {
        let rules = server.rules();
        match why {
            Wait::No => 0,
            Wait::Refused => rules.auth_delay_ms,
            Wait::Unreachable => rules.unreachable_ms,
            Wait::Silence => rules.silence_ms,
        }
    };
    if ms > 0 {
        sleep(Duration::from_millis(ms)).await;
    }
}
