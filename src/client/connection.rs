//! Connections to one host: opened with TLS, kept while they are idle, used again.
//!
//! A PVE host is asked by few callers at once, each waiting for its reply, so that a list of idle connections is all
//! the pool there needs to be.

use std::{
    error::Error as StdError,
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri, header};
use http_body_util::Full;
use hyper::{
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::{client::legacy::connect::HttpConnector, rt::TokioIo};
use rustls::{
    ClientConfig,
    pki_types::{CertificateDer, ServerName},
};
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::{
    Error, Host, Words,
    status_line::{StatusLine, Tapped},
    tls,
    transport::Fault,
};

/// A PVE host closes a connection that was idle for 5 s; a request sent at that moment is lost.
const IDLE: Duration = Duration::from_secs(4);

/// Idle connections that are kept.
const IDLE_MAX: usize = 32;

/// How often the kernel asks whether the host is still there while a reply is waited for, and how often in vain.
const KEEPALIVE: (Duration, u32) = (Duration::from_secs(15), 3);

/// The request side of one connection. A task of its own drives the connection and ends with it.
pub(super) struct Sender {
    requests: SendRequest<Full<Bytes>>,
    line: StatusLine,
}

impl Sender {
    /// Sends a request; a new connection is always ready for one.
    pub(super) async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Fault> {
        self.line.expect();
        self.requests.send_request(request).await.map_err(|e| Fault::Broken(innermost(&e).into()))
    }

    /// The reason phrase of the answer that came last, if it is not the ordinary one of its status.
    pub(super) fn reason(&self, status: http::StatusCode) -> Option<String> {
        self.line.reason(status)
    }
}

/// A new connection, and the certificate that the host showed.
type Opened = (Sender, Option<CertificateDer<'static>>);

/// The connections to one host.
pub(super) struct Connections {
    host: Host,
    connector: HttpConnector,
    tls: TlsConnector,
    server: ServerName<'static>,
    uri: Uri,
    /// For a connection with its TLS handshake.
    limit: Duration,
    /// The one that was used last is at the end.
    idle: Mutex<Vec<(Instant, Sender)>>,
}

impl Connections {
    /// Sets them up; opens none.
    pub(super) fn new(host: &Host, tls: Arc<ClientConfig>, limit: Duration) -> Result<Self, Error> {
        let wrong =
            || Error::Setup(format!("{:?} is no host name or IP address; check PROXMOX_HOST", host.name).into());
        let server = ServerName::try_from(host.name.clone()).map_err(|_| wrong())?;
        let uri = Uri::builder().scheme("https").authority(host.to_string()).path_and_query("/").build();
        let uri = uri.map_err(|_| wrong())?;
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(limit));
        connector.set_keepalive(Some(KEEPALIVE.0));
        connector.set_keepalive_interval(Some(KEEPALIVE.0));
        connector.set_keepalive_retries(Some(KEEPALIVE.1));
        let (host, idle) = (host.clone(), Mutex::default());
        Ok(Self { host, connector, tls: TlsConnector::from(tls), server, uri, limit, idle })
    }

    /// Where they go to.
    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Sends a request over an idle connection, or over a new one if there is none or `anew` asks for one. Opening one can
    /// take long: `asked`, the request as it was asked for, may be called off meanwhile.
    pub(super) async fn send(
        &self,
        mut request: Request<Full<Bytes>>,
        anew: bool,
        asked: &super::transport::Request,
    ) -> Result<(Response<Incoming>, Sender), Fault> {
        while !anew && let Some(mut sender) = self.take() {
            // That it is not ready means that the host has closed it.
            if sender.requests.ready().await.is_err() {
                continue;
            }
            if asked.is_called_off() {
                return Err(Fault::CalledOff);
            }
            sender.line.expect();
            match sender.requests.try_send_request(request).await {
                Ok(response) => return Ok((response, sender)),
                Err(mut error) => match error.take_message() {
                    // The connection was closed before anything of the request was sent.
                    Some(unsent) => request = unsent,
                    None => return Err(Fault::Broken(innermost(error.error()).into())),
                },
            }
        }
        let (mut sender, _) = self.open().await?;
        if asked.is_called_off() {
            return Err(Fault::CalledOff);
        }
        let response = sender.send(request).await?;
        Ok((response, sender))
    }

    /// Opens a connection; gives also the certificate that the host showed.
    pub(super) async fn open(&self) -> Result<Opened, Fault> {
        let late = |_| Fault::Connect { why: Words::ours(|p| p.late_connect, []), timed_out: true };
        // Boxed, because it is rare and the compiler bounds how deep futures may be nested.
        let connecting: Pin<Box<dyn Future<Output = Result<Opened, Fault>> + Send + '_>> = Box::pin(self.connect());
        tokio::time::timeout(self.limit, connecting).await.map_err(late)?
    }

    async fn connect(&self) -> Result<Opened, Fault> {
        let mut connector = self.connector.clone();
        let connected = match poll_fn(|cx| connector.poll_ready(cx)).await {
            Ok(()) => connector.call(self.uri.clone()).await,
            Err(error) => Err(error),
        };
        let stream = connected.map_err(|e| self.unconnected(&e))?;
        let stream = self.tls.connect(self.server.clone(), stream.into_inner()).await;
        let stream = stream.map_err(|e| self.unconnected(&e))?;
        let certificate = stream.get_ref().1.peer_certificates().and_then(|all| all.first()).cloned();
        let line = StatusLine::default();
        let made = http1::handshake(TokioIo::new(Tapped { inner: stream, line: line.clone() })).await;
        let (requests, connection) = made.map_err(|e| self.unconnected(&e))?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::trace!(%error, "a connection ended");
            }
        });
        Ok((Sender { requests, line }, certificate))
    }

    /// Keeps a connection whose reply was read to its end, if the host will take another request over it.
    pub(super) fn keep(&self, sender: Sender, headers: &HeaderMap) {
        let closing =
            |value: &http::HeaderValue| value.as_bytes().to_ascii_lowercase().windows(5).any(|w| w == b"close");
        if sender.requests.is_closed() || headers.get_all(header::CONNECTION).iter().any(closing) {
            return;
        }
        let mut idle = self.lock();
        if idle.len() < IDLE_MAX {
            idle.push((Instant::now(), sender));
        }
    }

    /// The connection that was used last, if it was not idle for too long.
    fn take(&self) -> Option<Sender> {
        let mut idle = self.lock();
        let (since, sender) = idle.pop()?;
        if since.elapsed() < IDLE {
            return Some(sender);
        }
        // The others were idle for longer still.
        idle.clear();
        None
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Instant, Sender)>> {
        // Where a panic unwinds, in debug builds, it cannot leave the list half changed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unconnected(&self, error: &(dyn StdError + 'static)) -> Fault {
        match tls::find_failure(error, &self.host.to_string()) {
            Some(failure) => Fault::Tls(Box::new(failure)),
            None => Fault::Connect { why: innermost(error).into(), timed_out: false },
        }
    }
}

/// The innermost cause of an error: the outer ones repeat one another.
pub(super) fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
