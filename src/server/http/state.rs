//! What all requests share.

use std::sync::Arc;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    access::{Access, AccessError},
    budget::Budget,
    guard::{Guard, GuardError},
    limits::Limits,
    metrics::Metrics,
    repeats::Repeats,
    settings::{HttpSettings, Unsafe},
    tls::{Identity, TlsError},
};

/// Why the door cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings would leave it open by mistake.
    #[error(transparent)]
    Unsafe(#[from] Unsafe),
    /// A host or origin is not one.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// Tokens or keys cannot be used.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address cannot be listened at.
    #[error("cannot listen at {0}: {1}")]
    Listen(std::net::SocketAddr, std::io::Error),
}

/// What all requests share.
#[derive(Debug)]
pub struct Shared {
    /// Who comes in.
    pub access: Access,
    /// Host and Origin.
    pub guard: Guard,
    /// How much at a time.
    pub limits: Limits,
    /// Bytes of answers that wait to be read.
    pub unsent: Budget,
    /// What is counted.
    pub metrics: Metrics,
    /// Log lines that anybody can cause.
    pub repeats: Repeats,
    /// Requests under way, for the shutdown to wait for.
    pub calls: TaskTracker,
    /// Whether this server itself ends TLS.
    pub tls: bool,
    /// Cancelled when no new work is taken.
    pub closing: CancellationToken,
    /// Cancelled when calls under way are to stop waiting, and to say what goes on without them.
    pub stopping: CancellationToken,
    /// Cancelled when nothing is answered any more: ends streams and sessions.
    pub ended: CancellationToken,
}

impl Shared {
    /// Reads all that the settings name.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn new(settings: &HttpSettings, metrics: Metrics) -> Result<(Arc<Self>, Option<Arc<Identity>>), StartError> {
        settings.check()?;
        let identity = settings.tls.as_ref().map(|(cert, key)| Identity::read(cert, key)).transpose()?;
        let shared = Self {
            access: Access::new(settings)?,
            guard: Guard::new(&settings.hosts, &settings.origins)?,
            limits: Limits::new(settings.quota, settings.requests_each(), settings.streams()),
            unsent: Budget::new(settings.unread_each(), settings.unread, metrics.unsent.clone()),
            metrics,
            repeats: Repeats::default(),
            calls: TaskTracker::new(),
            tls: identity.is_some(),
            closing: CancellationToken::new(),
            stopping: CancellationToken::new(),
            ended: CancellationToken::new(),
        };
        Ok((Arc::new(shared), identity.map(Arc::new)))
    }
}
