//! The client: one funnel, [`Client::send`], through which every call to Proxmox VE goes, and [`Client::follow`],
//! which waits for a task.
//!
//! What a long-lived process needs lives beneath it, one concern a module: connections (`transport`), trust (`tls`),
//! tickets (`auth` without IO, `session` with it), repeating (`retry`), releases (`release`), tasks (`task`), and an
//! [`Error`] that says whether the request left the machine, whether it may be repeated and what to do.

mod aftermath;
mod auth;
mod connection;
mod counts;
mod deliver;
mod error;
mod greeting;
mod mask;
mod origin;
mod rehearsal;
mod release;
mod reply;
mod retry;
mod session;
mod settings;
mod status_line;
mod task;
mod tls;
mod transport;

use std::{fmt, sync::Arc};

pub use counts::Counts;
pub use error::{About, ENGLISH, Error, Phrases, Refusal, Sent, Trouble, Unknown, Words};
#[cfg(feature = "server")]
pub(crate) use error::{ended, told};
pub use greeting::{Greeting, Realm, greet};
pub use rehearsal::{Rehearsal, Rehearsed};
pub use release::Release;
pub use reply::{Reply, Unread};
pub use settings::{Auth, Clock, Host, Secret, Settings, Timeouts, Tls, Token};
pub use task::{Follow, Progress, TaskEnd, TaskOutcome};
pub use tls::{Fingerprint, FingerprintError, Presented, TlsFailure};

use tokio_util::sync::CancellationToken;

use crate::{
    pve::Upid,
    spec::{self, Call},
};
use deliver::Hosts;
use release::{Known, unknown};
use session::Session;
use transport::{Answer, Request};

/// A connection to one cluster. Cheap to clone; all clones share connections, ticket and limits.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    /// Cancelled when whoever uses this clone no longer wants anything changed.
    called_off: Option<CancellationToken>,
}

struct Inner {
    settings: Settings,
    hosts: Hosts,
    session: Session,
    /// One a host.
    releases: Vec<Known>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client. Contacts nobody; reads the CA file, if there is one.
    ///
    /// # Errors
    /// [`Error::Setup`] when the settings cannot be used: no host, an unreadable CA file.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        if settings.hosts.is_empty() {
            return Err(Error::Setup("no Proxmox VE host is given; set PROXMOX_HOST".into()));
        }
        let hosts = Hosts::new(&settings)?;
        let session = Session::new(&settings);
        let releases = settings.hosts.iter().map(|_| unknown()).collect();
        Ok(Self { inner: Arc::new(Inner { settings, hosts, session, releases }), called_off: None })
    }

    /// A clone that sends nothing that changes something once `called_off` is cancelled; looked at immediately before each
    /// such request goes out.
    pub fn until(&self, called_off: CancellationToken) -> Self {
        Self { called_off: Some(called_off), ..self.clone() }
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Sends one call and gives the reply of a PVE that carried it out (or, for a call that only starts a task,
    /// accepted it).
    ///
    /// # Errors
    /// See [`Error`]: every variant says whether the call can have had an effect.
    pub async fn send(&self, call: Call) -> Result<Reply, Error> {
        release::gate(&self.inner, &call).await?;
        let request = Request { called_off: self.called_off.clone(), ..Request::of(&call) };
        self.inner.run(&request).await
    }

    /// Whether the host is of a release that knows the call and all its parameters; what it does not know is not sent.
    ///
    /// # Errors
    /// What the host lacks.
    pub async fn admits(&self, call: &Call) -> Result<(), Error> {
        release::gate(&self.inner, call).await
    }

    /// Sends a call that reads a list and gives the answer as it came, for a reader that goes through it once.
    ///
    /// # Errors
    /// As [`Client::send`], as far as there is no answer.
    pub async fn list(&self, call: Call) -> Result<Unread, Error> {
        release::gate(&self.inner, &call).await?;
        let request = Request::of(&call);
        let answer = self.inner.answered(&request).await?;
        Ok(Unread { request, answer })
    }

    /// Sends typed parameters and gives the typed reply.
    ///
    /// # Errors
    /// As [`Client::send`], and when a value cannot stand in the path or the reply is of another shape.
    pub async fn request<R: spec::Request>(&self, request: &R) -> Result<R::Reply, Error> {
        self.send(request.call()?).await?.decode().map(spec::Answer::of)
    }

    /// The release of the connected host, asked once an hour; nothing when it does not say.
    pub async fn release(&self) -> Option<Release> {
        release::host(&self.inner).await
    }

    /// Whether the connected host's release has a parameter; not where it cannot be told.
    pub async fn has(&self, endpoint: &crate::spec::Endpoint, param: &str) -> bool {
        release::has(&self.inner, endpoint, param).await
    }

    /// What this client and its clones have done so far.
    pub fn counts(&self) -> Counts {
        self.inner.hosts.counters.read()
    }

    /// Follows a task to its end.
    ///
    /// # Errors
    /// When the task cannot be asked for; a task that failed is no error but [`TaskOutcome::Failed`].
    pub async fn follow(&self, upid: &Upid, follow: Follow<'_>) -> Result<TaskEnd, Error> {
        task::follow(&self.inner, upid, follow).await
    }

    /// Reads the last `lines` of a task's log.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn log(&self, upid: &Upid, lines: usize) -> Result<Vec<String>, Error> {
        task::log::last(&self.inner, upid, lines).await
    }
}

impl Inner {
    /// Sends a call of the client's own, for which the release of the host does not count.
    async fn ask<R: spec::Request>(&self, request: &R) -> Result<R::Reply, Error> {
        self.run(&Request::typed(request)?).await?.decode().map(spec::Answer::of)
    }

    /// Sends a request; of a write that got no answer, tells what became of the guest.
    async fn run(&self, request: &Request) -> Result<Reply, Error> {
        let reply = match self.answered(request).await {
            Ok(answer) => Reply::read(request, answer),
            Err(error) => Err(error),
        };
        match reply {
            Err(Error::Unknown(unknown)) => Err(aftermath::look(self, request, unknown).await),
            reply => reply,
        }
    }

    /// Sends a request, unless it is rehearsed.
    async fn answered(&self, request: &Request) -> Result<Answer, Error> {
        if let Some(rehearsal) = &self.settings.rehearsal {
            rehearsal.admit(request)?;
        }
        self.authorised(request).await
    }

    /// Sends a request with credentials; a ticket that PVE refuses is replaced once.
    async fn authorised(&self, request: &Request) -> Result<Answer, Error> {
        let first = self.session.credentials(&self.hosts, request.method, None).await?;
        let answer = self.hosts.deliver(request, &first.headers).await?;
        if !answer.refuses_login() {
            return Ok(answer);
        }
        let answer = match first.generation {
            None => answer,
            refused => {
                let second = self.session.credentials(&self.hosts, request.method, refused).await?;
                self.hosts.deliver(request, &second.headers).await?
            }
        };
        if !answer.refuses_login() {
            return Ok(answer);
        }
        Err(self.session.refused(error::message(&answer, None)))
    }
}
