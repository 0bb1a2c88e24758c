//! The hand-written layer: what is exposed to a model, and the rules under which it runs.
//!
//! [`Tools::call`] is the one way in. A door hands it a name, arguments and a [`CallContext`], and translates what
//! comes back; nothing here knows of a protocol. A tool is a value ([`tool::Tool`]), listed in [`registry`]; a call is
//! one too, and goes through one pipeline, whatever the tool.

mod advice;
mod args;
pub mod audit;
mod call;
pub mod caller;
pub mod catalog;
mod check;
mod cluster;
pub mod consent;
mod delete;
mod directory;
mod entry;
mod failure;
mod flight;
mod follow;
mod get;
mod guests;
mod handles;
mod held;
mod lang;
mod lenient;
mod list;
mod ops;
mod outcome;
mod pipeline;
mod plan;
mod policy;
mod power;
mod property;
pub mod registry;
mod resolve;
mod rights;
mod schema;
pub mod seal;
mod shown;
mod strays;
mod table;
mod task;
pub mod tool;
mod verify;
mod whole;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::{Map, Value};

pub use call::{Answered, Ask, CallContext, CallError, Consent, Problem, Question, Reply, Step, ToolResult};
pub use handles::{HANDLE_VALID, TaskState};
pub use lang::{Lang, LangError};
pub use pipeline::Forbidden;
pub use policy::{Policy, Rule, RuleError, rules, tags};
pub use rights::{Rights, required};
pub use strays::strays;
pub use whole::{Reach, ReachError};

use crate::client::{Client, Error};
use audit::{AuditError, AuditLog, Journal};
use caller::Principal;
use consent::{Confirm, Spent};
use directory::Directory;
use flight::Flight;
use handles::Handles;
use lang::{Catalogue, fill};
use seal::Key;
use tool::{Tool, Toolset};

/// The decision on a call that was not carried out.
const DENIED: &str = "denied";

/// The tools of one server. Cheap to clone.
#[derive(Clone)]
pub struct Tools(Arc<Inner>);

struct Inner {
    client: Client,
    directory: Directory,
    options: Options,
    key: Key,
    spent: Spent,
    /// The tasks that were begun here.
    begun: follow::Begun,
    /// What the token may do, and since when that is known.
    rights: Mutex<Option<(Instant, Arc<Rights>)>>,
    /// The look-up of these rights that is under way.
    asking_rights: Flight<Arc<Rights>>,
    /// What writes the audit log, where there is one.
    journal: Option<Journal>,
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
            toolsets: Toolset::DEFAULT.to_vec(),
            reach: Reach::default(),
            show_all: false,
        }
    }
}

/// A tool as a door lists it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The tool.
    pub tool: &'static Tool,
    /// Its title.
    pub title: &'static str,
    /// When to use it and what it will not do.
    pub description: &'static str,
    /// JSON Schema of its arguments.
    pub input: Map<String, Value>,
    /// JSON Schema of its structured results.
    pub output: Map<String, Value>,
}

impl Tools {
    /// Tools that work through `client`.
    pub fn new(client: Client, mut options: Options) -> Self {
        let journal = options.audit.take().map(Journal::new);
        let key = options.key.clone().unwrap_or_else(Key::process);
        let directory = Directory::new(client.clone());
        Self(Arc::new(Inner {
            client,
            directory,
            options,
            key,
            spent: Spent::default(),
            begun: follow::Begun::default(),
            rights: Mutex::default(),
            asking_rights: Flight::default(),
            journal,
        }))
    }

    /// What a model should know that no single tool says.
    pub fn instructions(&self, lang: Lang) -> String {
        let (texts, sets) = (lang.texts(), &self.0.options.toolsets);
        let guests = sets.contains(&Toolset::Guests).then_some(texts.instructions);
        let api = sets.contains(&Toolset::Api).then_some(texts.instructions_api);
        guests.into_iter().chain(api).collect::<Vec<_>>().join(" ")
    }

    /// The tools that a caller can use: those that are not forbidden and that the token has the privileges for on some guest.
    pub async fn list(&self, lang: Lang, caller: Option<&Principal>) -> Vec<Listed> {
        let rights = if self.0.options.show_all { None } else { self.rights().await };
        let usable = |tool: &&Tool| {
            self.may(tool, caller).is_ok() && rights.as_ref().is_none_or(|rights| rights.missing(tool).is_empty())
        };
        registry::of(&self.0.options.toolsets).filter(usable).map(|tool| Self::listed(tool, lang)).collect()
    }

    /// All tools, whether or not they are switched on or can be used here.
    pub fn all(lang: Lang) -> Vec<Listed> {
        registry::all().map(|tool| Self::listed(tool, lang)).collect()
    }

    /// A tool as a door lists it.
    pub fn listed(tool: &'static Tool, lang: Lang) -> Listed {
        let texts = lang.texts();
        Listed {
            tool,
            title: (tool.title)(texts),
            description: (tool.text)(texts),
            input: schema::input(tool, texts),
            output: schema::object((tool.output)()),
        }
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
    async fn why_empty(&self, texts: &Catalogue) -> String {
        let who = self.0.client.settings().auth.who();
        match self.rights().await {
            Some(rights) if rights.on_every_guest("VM.Audit") => texts.list_none.to_owned(),
            Some(rights) if !rights.on_some_guest("VM.Audit") => fill(texts.list_no_right, &[("who", who)]),
            _ => fill(texts.list_maybe_no_right, &[("who", who)]),
        }
    }

    /// The privileges of the credentials, as they were when they were last read. Nothing when PVE could not be asked; then
    /// nothing is hidden.
    async fn rights(&self) -> Option<Arc<Rights>> {
        match self.rights_within(Duration::MAX).await {
            Ok(rights) => Some(rights),
            Err(error) => {
                tracing::warn!(%error, "the privileges could not be read; all tools are offered");
                None
            }
        }
    }

    /// The privileges of the credentials, read again where they are not known since less than `age`.
    async fn rights_within(&self, age: Duration) -> Result<Arc<Rights>, Error> {
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

    fn policy(&self) -> &Policy {
        &self.0.options.policy
    }

    fn reach(&self) -> Reach {
        self.0.options.reach
    }

    fn confirm(&self) -> Confirm {
        self.0.options.confirm
    }

    fn key(&self) -> &Key {
        &self.0.key
    }

    fn spent(&self) -> &Spent {
        &self.0.spent
    }

    fn handles(&self) -> Handles<'_> {
        Handles(&self.0.key)
    }

    fn directory(&self) -> &Directory {
        &self.0.directory
    }
}
