//! The client: one funnel, [`Client::send`], through which every call to Proxmox VE goes, and [`Client::follow`],
//! which waits for a task.
//!
//! What a long-lived process needs lives beneath it, one concern a module: connections (`transport`), trust (`tls`),
//! tickets (`auth` without IO, `session` with it), repeating (`retry`), releases (`release`), tasks (`task`), and an
//! [`Error`] that says whether the request left the machine, whether it may be repeated and what to do.

mod error;
mod reply;
mod settings;
mod task;
mod tls;
mod transport;

use std::{fmt, sync::Arc};

pub use error::{Error, Kind, Refusal, Sent, Unknown};
pub use reply::Reply;
pub use settings::{Auth, Clock, Host, Secret, Settings, Timeouts, Tls, Token};
pub use task::{Follow, Progress, TaskEnd, TaskOutcome};
pub use tls::{Fingerprint, Presented, TlsFailure};

use crate::{pve::Upid, spec::Call};
use transport::{Request, Transport};

/// A connection to one cluster. Cheap to clone; all clones share connections, ticket and limits.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    settings: Settings,
    transport: Transport,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client. Contacts nobody; reads the CA file, if there is one.
    ///
    /// # Errors
    /// [`Error::Setup`] when the settings cannot be used: no host, an unreadable CA file.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        if settings.hosts.is_empty() {
            return Err(Error::Setup("no Proxmox VE host is given; set PROXMOX_HOST".to_owned()));
        }
        let transport = Transport::new(&settings)?;
        Ok(Self(Arc::new(Inner { settings, transport })))
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Sends one call and gives the reply of a PVE that carried it out (or, for a call that only starts a task,
    /// accepted it).
    ///
    /// # Errors
    /// See [`Error`]: every variant says whether the call can have had an effect.
    pub async fn send(&self, call: Call) -> Result<Reply, Error> {
        let request = Request::of(&call);
        self.run(&request).await
    }

    /// Follows a task to its end.
    ///
    /// # Errors
    /// When the task cannot be asked for; a task that failed is no error but [`TaskOutcome::Failed`].
    pub async fn follow(&self, upid: &Upid, follow: Follow<'_>) -> Result<TaskEnd, Error> {
        task::follow(self, upid, follow).await
    }

    async fn run(&self, request: &Request) -> Result<Reply, Error> {
        let answer = self.0.transport.exchange(request, &self.0.settings).await?;
        Reply::read(request, answer)
    }
}
