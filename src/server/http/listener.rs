//! Connections: accepted, secured, timed and, at the end, closed in good order.

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::{
    connections::{Connection, Connections},
    reserve::{ProbesOnly, Reserve},
    settings::HttpSettings,
    stall::Stall,
    state::Shared,
    tls::Identity,
};

/// How long the head of a request may take to arrive; also how long a connection may be idle.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long a TLS handshake may take.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// How long a client may leave an answer unread before the connection is dropped.
const WRITE_TIME: Duration = Duration::from_secs(30);
/// Greatest head of a request, in bytes; beyond it the answer is 431.
pub(super) const HEAD_MAX: usize = 32 * 1024;
/// Most header fields in a request.
const FIELDS_MAX: usize = 100;
/// Pause after a failed accept, for example when the process has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long a connection for probes alone may take, from its beginning to its end.
const RESERVE_TIME: Duration = Duration::from_secs(5);
/// How long answers may take to leave once nothing is under way any more.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The two ends of a connection; in the extensions of each of its requests.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Our end.
    pub local: SocketAddr,
    /// The other end: the client, or the proxy in front.
    pub remote: SocketAddr,
}

/// A listener and all that its connections need.
pub struct Door {
    /// Where connections come in.
    pub listener: TcpListener,
    /// Certificate and key, if this server ends TLS itself.
    pub identity: Option<Arc<Identity>>,
    /// What all requests share.
    pub shared: Arc<Shared>,
    /// The routes, with the gate before them.
    pub app: Router,
    /// How many connections at one time, and how long calls under way may go on after closing time.
    pub settings: HttpSettings,
    /// What goes on in PVE when the waiting ends.
    pub going_on: Box<dyn Fn() -> Vec<String> + Send + Sync>,
}

impl Door {
    /// Serves until [`Shared::closing`] is cancelled and what was under way has ended.
    pub async fn serve(self) {
        let connections = Connections::new(self.settings.connections);
        let reserve = Reserve::default();
        let open = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = self.shared.closing.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, remote)) => {
                    let most = self.settings.connections_each(remote.ip());
                    let seat = connections.enter(remote.ip(), most);
                    let connection = seat.as_ref().map(|seat| Arc::clone(&seat.connection));
                    let (identity, shared) = (self.identity.clone(), Arc::clone(&self.shared));
                    let serving = serve(stream, remote, identity, self.app.clone(), shared, connection);
                    match seat {
                        Some(seat) => drop(open.spawn(async move {
                            serving.await;
                            drop(seat);
                        })),
                        None => {
                            let over = reserve.enter();
                            open.spawn(async move {
                                let _ended = over.clone().drop_guard();
                                over.run_until_cancelled(tokio::time::timeout(RESERVE_TIME, serving)).await;
                            });
                        }
                    }
                }
                Err(error) => {
                    if self.shared.repeats.tells("accept") {
                        tracing::warn!(%error, "a connection could not be accepted");
                    }
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(self.listener);
        drain(&self.shared, self.settings.grace, &open, &*self.going_on).await;
    }
}

/// Lets calls under way come to their end, for so long; then cancels the rest.
async fn drain(shared: &Shared, grace: Duration, open: &TaskTracker, going_on: &(dyn Fn() -> Vec<String> + Sync)) {
    shared.calls.close();
    open.close();
    let waiting = shared.metrics.in_flight.get();
    if waiting > 0 {
        tracing::info!(waiting, seconds = grace.as_secs(), "closing; waiting for calls under way");
    }
    if tokio::time::timeout(grace, shared.calls.wait()).await.is_err() {
        let waiting = shared.metrics.in_flight.get();
        tracing::warn!(waiting, "time is up; calls under way stop waiting");
        for upid in going_on() {
            tracing::warn!(%upid, "this task goes on in PVE");
        }
    }
    // Calls that still wait answer with the task that goes on.
    shared.stopping.cancel();
    let _ = tokio::time::timeout(LAST_WORDS, shared.calls.wait()).await;
    // Ends streams on which nothing was under way, and what has not answered even now.
    shared.ended.cancel();
    let _ = tokio::time::timeout(LAST_WORDS, open.wait()).await;
    tracing::info!("closed");
}

/// Serves one connection; one without a place is for probes alone.
async fn serve(
    stream: TcpStream,
    remote: SocketAddr,
    identity: Option<Arc<Identity>>,
    app: Router,
    shared: Arc<Shared>,
    connection: Option<Arc<Connection>>,
) {
    // Without this the second small write of a streamed answer waits for the client's delayed acknowledgement: 40 ms.
    let _ = stream.set_nodelay(true);
    let Ok(local) = stream.local_addr() else { return };
    let peer = Peer { local, remote };
    let stream = Stall::new(stream, WRITE_TIME);
    match identity {
        None => http(stream, peer, app, &shared, connection).await,
        Some(identity) => {
            let handshake = TlsAcceptor::from(identity.config()).accept(stream);
            let handshake = tokio::time::timeout(HANDSHAKE_TIME, handshake);
            match or_cut(connection.as_deref(), handshake).await {
                Some(Ok(Ok(stream))) => http(stream, peer, app, &shared, connection).await,
                Some(Ok(Err(error))) => tracing::debug!(%remote, %error, "TLS handshake failed"),
                Some(Err(_)) => tracing::debug!(%remote, "TLS handshake took too long"),
                None => tracing::debug!(%remote, "makes room for another connection"),
            }
        }
    }
}

/// What comes of this; nothing when the connection is to make room for another one.
async fn or_cut<T>(connection: Option<&Connection>, doing: impl Future<Output = T>) -> Option<T> {
    let Some(connection) = connection else { return Some(doing.await) };
    tokio::select! {
        done = doing => Some(done),
        () = connection.cut() => None,
    }
}

async fn http<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    peer: Peer,
    app: Router,
    shared: &Arc<Shared>,
    connection: Option<Arc<Connection>>,
) {
    let own = connection.clone();
    let service = app.map_request(move |mut request: http::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(peer);
        match &own {
            Some(own) => drop(request.extensions_mut().insert(Arc::clone(own))),
            None => drop(request.extensions_mut().insert(ProbesOnly)),
        }
        request
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(connection.is_some())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_MAX)
        .max_headers(FIELDS_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut serving = std::pin::pin!(serving);
    let _counted = Counted::new(shared);
    let ended = tokio::select! {
        ended = or_cut(connection.as_deref(), serving.as_mut()) => ended,
        () = shared.closing.cancelled() => {
            serving.as_mut().graceful_shutdown();
            Some(serving.as_mut().await)
        }
    };
    let ended = match ended {
        // It rested when it was chosen; what has come in since is answered.
        None if connection.is_some_and(|connection| connection.is_known()) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
        None => return tracing::debug!(remote = %peer.remote, "makes room for another connection"),
        Some(ended) => ended,
    };
    if let Err(error) = ended {
        tracing::debug!(remote = %peer.remote, %error, "connection ended");
    }
}

/// A connection among the numbers, until this is dropped.
struct Counted<'a>(&'a Shared);

impl<'a> Counted<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.metrics.connections.inc();
        Self(shared)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.metrics.connections.dec();
    }
}
