//! What the calls of one server share: its settings, the client, and what is known of the cluster for a moment.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    audit::{AuditError, AuditLog, Journal},
    begun::Begun,
    consent::{Confirm, Spent},
    directory::Directory,
    flight::Flight,
    freeze::Freeze,
    guest::GuestKind,
    pace::{Pace, Paced},
    policy::Policy,
    profile::{Action, GuestTool, Profile, Toolset},
    rights::Rights,
    say::Catalogue,
    seal::Key,
    whole::reach::Reach,
};
use crate::client::{Client, Error};

/// For how long it is taken for granted what the token may see and do.
pub(super) const RIGHTS_AGE: Duration = Duration::from_secs(60);

/// The tools of one server. Cheap to clone.
#[derive(Clone)]
pub struct Tools(pub(super) Arc<Inner>);

pub(super) struct Inner {
    client: Client,
    directory: Directory,
    pub options: Options,
    /// The profiles of all tools: which tool may be named in a sentence is looked up here.
    profiles: Vec<&'static Profile>,
    key: Key,
    spent: Spent,
    /// The tasks that were begun here.
    pub begun: Begun,
    /// What the token may do, and since when that is known.
    pub rights: Mutex<Option<(Instant, Arc<Rights>)>>,
    /// The look-up of these rights that is under way.
    asking_rights: Flight<Arc<Rights>>,
    /// What writes the audit log, where there is one.
    pub journal: Option<Journal>,
    /// The calls of the last hour that have changed something.
    pub paced: Paced,
}

/// How the tools behave.
#[derive(Debug)]
pub struct Options {
    /// What this server may be used for.
    pub policy: Policy,
    /// Whether deletions need consent.
    pub confirm: Confirm,
    /// What seals confirmation codes and task handles; without one, a key of this process.
    pub key: Option<Key>,
    /// Where calls that change something are recorded.
    pub audit: Option<AuditLog>,
    /// What keeps all changes back while a person wants it.
    pub freeze: Freeze,
    /// How often something may be changed.
    pub pace: Pace,
    /// The sets of tools that are switched on.
    pub toolsets: Vec<Toolset>,
    /// How much of the API is reached.
    pub reach: Reach,
    /// Whether to list tools that the token can use on no guest.
    pub show_all: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            confirm: Confirm::default(),
            key: None,
            audit: None,
            freeze: Freeze::default(),
            pace: Pace::default(),
            toolsets: Toolset::DEFAULT.to_vec(),
            reach: Reach::default(),
            show_all: false,
        }
    }
}

impl Tools {
    /// Tools with these profiles, which work through `client`.
    pub(super) fn with(client: Client, mut options: Options, profiles: Vec<&'static Profile>) -> Self {
        let journal = options.audit.take().map(Journal::new);
        let key = options.key.clone().unwrap_or_else(Key::process);
        let directory = Directory::new(client.clone());
        Self(Arc::new(Inner {
            client,
            directory,
            options,
            profiles,
            key,
            spent: Spent::default(),
            begun: Begun::default(),
            rights: Mutex::default(),
            asking_rights: Flight::default(),
            journal,
            paced: Paced::default(),
        }))
    }

    /// The profile of the tool of this name.
    pub(super) fn profile(&self, name: &str) -> Option<&'static Profile> {
        self.0.profiles.iter().copied().find(|profile| profile.name == name)
    }

    /// The tool that does this with guests of this kind.
    pub(super) fn for_guests(&self, kind: GuestKind, action: Action) -> Option<GuestTool> {
        let found = self.0.profiles.iter().copied().find(|profile| profile.guests == Some((kind, action)));
        found.map(|profile| profile.for_guests(kind, action))
    }

    /// The profiles of all tools.
    pub(super) fn profiles(&self) -> &[&'static Profile] {
        &self.0.profiles
    }

    /// Keeps all changes back until the process ends.
    pub fn freeze(&self) {
        self.0.options.freeze.here();
        tracing::warn!("changes are frozen by SIGUSR1, until this process is started again");
    }

    /// Has the audit log go on in the file that lies at its path now, with the chain of the one written so far.
    ///
    /// # Errors
    /// Why it cannot; then nothing is changed until it can.
    pub async fn reopen_audit(&self) -> Result<(), AuditError> {
        match &self.0.journal {
            Some(journal) => journal.reopen().await,
            None => Ok(()),
        }
    }

    /// Waits until all that has been done so far is recorded, or cannot be.
    pub async fn recorded(&self) {
        if let Some(journal) = &self.0.journal
            && let Err(error) = journal.check().await
        {
            tracing::error!(%error, "the audit log may lack the last calls");
        }
    }

    /// Why a list is empty: PVE shows no guest to whoever may see none, without saying so.
    pub(super) async fn why_empty(&self, texts: &Catalogue) -> String {
        let who = self.0.client.settings().auth.who();
        match self.rights().await {
            Some(rights) if rights.on_every_guest("VM.Audit") => texts.list_none().to_owned(),
            Some(rights) if !rights.on_some_guest("VM.Audit") => texts.list_no_right(who),
            _ => texts.list_maybe_no_right(who),
        }
    }

    /// The privileges of the credentials, as they were when they were last read. Nothing when PVE could not be asked; then
    /// nothing is hidden.
    pub(super) async fn rights(&self) -> Option<Arc<Rights>> {
        match self.rights_within(Duration::MAX).await {
            Ok(rights) => Some(rights),
            Err(error) => {
                tracing::warn!(%error, "the privileges could not be read; all tools are offered");
                None
            }
        }
    }

    /// The privileges of the credentials, read again where they are not known since less than `age`.
    pub(super) async fn rights_within(&self, age: Duration) -> Result<Arc<Rights>, Error> {
        let known = || self.0.rights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, rights)) = &*known()
            && since.elapsed() < age
        {
            return Ok(rights.clone());
        }
        let (since, client) = (Instant::now(), self.0.client.clone());
        let ask = || async move { Ok(Arc::new(Rights::read(&client).await?)) };
        let rights = self.0.asking_rights.join(ask).await?;
        *known() = Some((since, rights.clone()));
        Ok(rights)
    }

    /// The client that all calls go through.
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    pub(super) fn policy(&self) -> &Policy {
        &self.0.options.policy
    }

    pub(super) fn reach(&self) -> Reach {
        self.0.options.reach
    }

    pub(super) fn confirm(&self) -> Confirm {
        self.0.options.confirm
    }

    pub(super) fn key(&self) -> &Key {
        &self.0.key
    }

    pub(super) fn spent(&self) -> &Spent {
        &self.0.spent
    }

    pub(super) fn directory(&self) -> &Directory {
        &self.0.directory
    }
}
