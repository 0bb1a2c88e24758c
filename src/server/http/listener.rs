//! Connections: accepted, secured, timed and, at the end, closed in good order.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::{
    reserve::{ProbesOnly, Reserve},
    settings::HttpSettings,
    share::Shares,
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
        let places = Arc::new(Semaphore::new(self.settings.connections.clamp(1, Semaphore::MAX_PERMITS)));
        let peers = Shares::new(1);
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
                    let share = peers.take_of(peer(remote.ip()), most);
                    let place = share.and_then(|share| Some((share, Arc::clone(&places).try_acquire_owned().ok()?)));
                    let for_probes = place.is_none();
                    let (identity, shared) = (self.identity.clone(), Arc::clone(&self.shared));
                    let serving = connection(stream, remote, identity, self.app.clone(), shared, for_probes);
                    if for_probes {
                        let over = reserve.enter();
                        open.spawn(async move {
                            let _ended = over.clone().drop_guard();
                            over.run_until_cancelled(tokio::time::timeout(RESERVE_TIME, serving)).await;
                        });
                    } else {
                        open.spawn(async move {
                            serving.await;
                            drop(place);
                        });
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

/// Who is counted as one peer: of IPv6, where a machine has as many addresses as it likes, the network.
fn peer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
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

async fn connection(
    stream: TcpStream,
    remote: SocketAddr,
    identity: Option<Arc<Identity>>,
    app: Router,
    shared: Arc<Shared>,
    for_probes: bool,
) {
    // Without this the second small write of a streamed answer waits for the client's delayed acknowledgement: 40 ms.
    let _ = stream.set_nodelay(true);
    let Ok(local) = stream.local_addr() else { return };
    let peer = Peer { local, remote };
    let stream = Stall::new(stream, WRITE_TIME);
    match identity {
        None => http(stream, peer, app, &shared, for_probes).await,
        Some(identity) => {
            let handshake = TlsAcceptor::from(identity.config()).accept(stream);
            match tokio::time::timeout(HANDSHAKE_TIME, handshake).await {
                Ok(Ok(stream)) => http(stream, peer, app, &shared, for_probes).await,
                Ok(Err(error)) => tracing::debug!(%remote, %error, "TLS handshake failed"),
                Err(_) => tracing::debug!(%remote, "TLS handshake took too long"),
            }
        }
    }
}

async fn http<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    peer: Peer,
    app: Router,
    shared: &Arc<Shared>,
    for_probes: bool,
) {
    let service = app.map_request(move |mut request: http::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(peer);
        if for_probes {
            request.extensions_mut().insert(ProbesOnly);
        }
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(!for_probes)
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_MAX)
        .max_headers(FIELDS_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut connection = std::pin::pin!(connection);
    let _counted = Counted::new(shared);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shared.closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
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
