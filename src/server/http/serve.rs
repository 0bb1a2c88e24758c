//! The door put together: routes, gate, listener, signals.

use std::{
    future::Future,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Router, middleware, routing::any};
use rmcp::ServerHandler;
use tokio::net::TcpListener;

use super::{
    gate, headers,
    listener::Door,
    mcp::{self, Endpoint, Lacks},
    metrics::Metrics,
    probes::{self, Probes, Upstream},
    repeats, request_id, routes,
    settings::HttpSettings,
    state::{Shared, StartError},
    tls::Identity,
};

/// A server that listens but does not serve yet.
pub struct Server {
    settings: HttpSettings,
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
    identity: Option<Arc<Identity>>,
}

/// Stops a server and has it read its files again.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
    identity: Option<Arc<Identity>>,
}

impl Server {
    /// Checks the settings, reads the files that they name and listens.
    ///
    /// # Errors
    /// The first thing that is wrong, in a sentence that says what to do.
    pub async fn bind(settings: HttpSettings, metrics: Metrics) -> Result<Self, StartError> {
        let (shared, identity) = Shared::new(&settings, metrics)?;
        let failed = |e| StartError::Listen(settings.listen, e);
        let listener = TcpListener::bind(settings.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { settings, listener, address, shared, identity })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its requests share.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Stops it from elsewhere.
    pub fn handle(&self) -> Handle {
        Handle { shared: Arc::clone(&self.shared), identity: self.identity.clone() }
    }

    /// Serves MCP with this handler, the probes, and the routes of the REST door, until it is told to stop and what
    /// was under way has ended.
    pub async fn serve<H>(self, handler: H, lacks: Lacks, upstream: impl Upstream, rest: Router)
    where
        H: ServerHandler + Clone + Sync,
    {
        let Self { settings, listener, shared, identity, .. } = self;
        let endpoint = Arc::new(Endpoint::new(handler, Arc::clone(&shared), &settings, lacks));
        let looked_after = Arc::clone(&endpoint);
        tokio::spawn(async move { looked_after.look_after_sessions().await });
        let telling = tokio::spawn(tell_repeats(Arc::clone(&shared)));
        let app = Router::new()
            .route("/mcp", any(mcp::handle::<H>))
            // The address as people paste it.
            .route("/mcp/", any(mcp::handle::<H>))
            .with_state(endpoint)
            .merge(routes::of_probes(Probes::new(Arc::clone(&shared), upstream.clone())))
            .merge(rest)
            .fallback(probes::no_such_route)
            .method_not_allowed_fallback(probes::no_such_method)
            .layer(middleware::from_fn_with_state(Arc::clone(&shared), gate::gate));
        // What is added last is passed first.
        let app = headers::on_all(app, shared.tls)
            .layer(request_id::answering())
            .layer(request_id::naming())
            .layer(middleware::map_request(request_id::usable_alone));
        let going_on = Box::new(move || upstream.going_on());
        let repeated = Arc::clone(&shared);
        let door = Door { listener, identity, shared, app, settings, going_on };
        door.serve().await;
        // The last minute has not come to its end. Who tells of it must be one: a count that another took and has not
        // written yet would be lost with the process.
        telling.abort();
        let _ = telling.await;
        repeated.repeats.tell_left_out();
    }
}

/// Writes each minute what the log was spared in it, until it is aborted.
async fn tell_repeats(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(repeats::MINUTE).await;
        shared.repeats.tell_left_out();
    }
}

impl Handle {
    /// Takes no new work, lets what is under way end, then stops.
    pub fn stop(&self) {
        self.shared.closing.cancel();
    }

    /// Reads tokens, keys and certificate again, and tells the log what could not be read and what follows from it.
    pub fn reload(&self) {
        let access = self.shared.access.reload().map_err(|e| e.to_string());
        let identity = self.identity.as_ref().map_or(Ok(()), |i| i.reload());
        let identity = identity.map_err(|e| format!("{e}; the certificate read before stays in use"));
        for problem in [access, identity].into_iter().filter_map(Result::err) {
            tracing::error!("not reloaded: {problem}");
        }
        tracing::info!("reloaded");
    }

    /// Stops on SIGTERM and SIGINT, reloads on SIGHUP, then does what `reloaded` does; never ends by itself.
    ///
    /// # Errors
    /// When the system lets no handler be set.
    #[cfg(unix)]
    pub fn signals<F: Future<Output = ()> + Send + 'static>(
        &self,
        reloaded: impl Fn() -> F + Send + 'static,
    ) -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hangup = signal(SignalKind::hangup())?;
        // One after the other: what was read last stays.
        let handle = Arc::new(Mutex::new(self.clone()));
        let stop = self.clone();
        Ok(async move {
            loop {
                tokio::select! {
                    _ = terminate.recv() => stop.stop(),
                    _ = interrupt.recv() => stop.stop(),
                    _ = hangup.recv() => {
                        // Files may lie on a disk that does not answer: neither requests nor SIGTERM wait for it.
                        let handle = Arc::clone(&handle);
                        let reload = move || handle.lock().unwrap_or_else(PoisonError::into_inner).reload();
                        drop(tokio::task::spawn_blocking(reload));
                        drop(tokio::spawn(reloaded()));
                    }
                }
            }
        })
    }
}
