//! The hand-written layer: what is exposed to a model, and the rules under which it runs.
//!
//! [`Tools::call`] is the one way in. A door hands it a name, arguments and a [`CallContext`], and translates what
//! comes back; nothing here knows of a protocol.

mod args;
pub mod audit;
mod call;
pub mod catalog;
mod check;
mod cluster;
pub mod consent;
mod delete;
mod directory;
mod entry;
mod failure;
mod flight;
mod get;
mod handles;
mod held;
mod lang;
mod lenient;
mod list;
mod ops;
mod outcome;
mod plan;
mod policy;
mod power;
mod property;
mod resolve;
mod rights;
mod schema;
pub mod seal;
mod shown;
mod strays;
mod table;
mod task;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::{Map, Value};

pub use call::{Answered, Ask, CallContext, CallError, Consent, Problem, Question, Reply, Step, ToolResult};
pub use handles::{HANDLE_VALID, TaskState};
pub use lang::{Lang, LangError};
pub use policy::{Policy, Rule, RuleError, rules, tags};
pub use rights::{Rights, required};
pub use strays::strays;

use crate::client::{Client, Error};
use args::Args;
use audit::{AuditError, AuditLog, Journal};
use catalog::{Action, CATALOG, ToolSpec};
use consent::{Confirm, Spent};
use directory::Directory;
use entry::Entry;
use flight::Flight;
use handles::Handles;
use held::denied;
use lang::{Catalogue, fill};
use policy::Denied;
use resolve::Guest;
use seal::Key;

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
    /// What the token may do, and since when that is known.
    rights: Mutex<Option<(Instant, Arc<Rights>)>>,
    /// The look-up of these rights that is under way.
    asking_rights: Flight<Arc<Rights>>,
    /// What writes the audit log, where there is one.
    journal: Option<Journal>,
}

/// How the tools behave.
#[derive(Debug, Default)]
pub struct Options {
    /// What this server may be used for.
    pub policy: Policy,
    /// Whether deletions need consent.
    pub confirm: Confirm,
    /// What seals confirmation codes and task handles; without one, a key of this process.
    pub key: Option<Key>,
    /// Where calls that change something are recorded.
    pub audit: Option<AuditLog>,
    /// Whether to list tools that the token can use on no guest.
    pub show_all: bool,
}

/// A tool as a door lists it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The tool.
    pub spec: &'static ToolSpec,
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
            rights: Mutex::default(),
            asking_rights: Flight::default(),
            journal,
        }))
    }

    /// What a model should know that no single tool says.
    pub fn instructions(lang: Lang) -> &'static str {
        lang.texts().instructions
    }

    /// The tools that can be used: those that no rule forbids and that the token has the privileges for on some guest.
    pub async fn list(&self, lang: Lang) -> Vec<Listed> {
        let rights = if self.0.options.show_all { None } else { self.rights().await };
        let usable = |tool: &&ToolSpec| {
            self.policy().tool(tool).is_ok() && rights.as_ref().is_none_or(|rights| rights.missing(tool).is_empty())
        };
        CATALOG.iter().filter(usable).map(|tool| listed(tool, lang)).collect()
    }

    /// All twelve tools, whether or not they can be used here.
    pub fn all(lang: Lang) -> Vec<Listed> {
        CATALOG.iter().map(|tool| listed(tool, lang)).collect()
    }

    /// Calls a tool.
    ///
    /// # Errors
    /// [`CallError::UnknownTool`]. Everything else that goes wrong is a result that says so.
    pub async fn call(
        &self,
        name: &str,
        arguments: &Map<String, Value>,
        ctx: &CallContext,
    ) -> Result<Reply, CallError> {
        let texts = ctx.lang.texts();
        let Some(tool) = catalog::by_name(name) else {
            let names: Vec<_> = CATALOG.iter().map(|tool| tool.name).collect();
            let name = crate::foreign::line(name, 64);
            let values = [("tool", &*name), ("tools", &names.join(", "))];
            return Err(CallError::UnknownTool(fill(texts.unknown_tool, &values)));
        };
        let entry = Entry::new(self, tool, arguments, ctx);
        let changes = tool.action.changes();
        // Boxed, because the compiler bounds how deep futures may be nested, and each door adds its own around it.
        let decided = match self.writable(tool, texts).await {
            Err(result) => Err(result),
            Ok(()) => tokio::select! {
                biased;
                decided = Box::pin(self.decide(tool, arguments, ctx, &entry)) => decided,
                () = entry.unsent(&ctx.cancel), if changes => {
                    Err(ToolResult::problem(Problem::Cancelled, fill(texts.call_off, &[("tool", tool.name)])))
                }
            },
        };
        let mut reply = decided.unwrap_or_else(Reply::Result);
        if let Reply::Result(result) = &mut reply {
            result.complete();
        }
        if changes && let Err(error) = entry.end(&reply).await {
            tracing::error!(%error, "a call could not be recorded");
            if let Reply::Result(result) = &mut reply
                && !entry::is_unrecorded(result)
            {
                result.add(&fill(texts.unrecorded, &[("reason", &error.say(texts))]));
            }
        }
        reply.show();
        Ok(reply)
    }

    /// Holds the call against arguments and rules, finds the guest, and runs it.
    async fn decide(
        &self,
        tool: &'static ToolSpec,
        arguments: &Map<String, Value>,
        ctx: &CallContext,
        entry: &Entry<'_>,
    ) -> Result<Reply, ToolResult> {
        let texts = ctx.lang.texts();
        let denied = |rule: Denied| denied(tool, &rule, texts);
        if let Some(rule) = &ctx.denied {
            return Err(denied(Denied(rule.clone())));
        }
        self.policy().tool(tool).map_err(denied)?;
        let args = args::read(tool, arguments, texts).map_err(|why| ToolResult::problem(Problem::Arguments, why))?;
        let (node, vmid) = (args.target.node.as_ref().map(|node| node.as_str()), args.target.vmid);
        self.policy().before(tool, node, vmid).map_err(denied)?;
        self.seen_pools(tool, texts).await?;
        let mut reply = self.found(tool, &args, ctx, entry).await?;
        if !args.passed_over.is_empty()
            && let Reply::Result(result) = &mut reply
        {
            result.add(&fill(texts.passed_over, &[("tool", tool.name), ("names", &args.passed_over.join(", "))]));
        }
        Ok(reply)
    }

    /// Finds the guest, unless it is a list that is asked for, and runs the call.
    async fn found(
        &self,
        tool: &'static ToolSpec,
        args: &Args,
        ctx: &CallContext,
        entry: &Entry<'_>,
    ) -> Result<Reply, ToolResult> {
        let texts = ctx.lang.texts();
        let denied = |rule: Denied| denied(tool, &rule, texts);
        if tool.action == Action::List {
            return list::run(self, tool, args, ctx).await.map(Reply::Result);
        }
        let guest = self.find(tool, &args.target, texts).await?;
        self.policy().guest(tool, &guest).map_err(denied)?;
        entry.guest(guest.display(Lang::En.texts()));
        self.run(tool, guest, args, ctx, entry).await
    }

    async fn run(
        &self,
        tool: &'static ToolSpec,
        guest: Guest,
        args: &Args,
        ctx: &CallContext,
        entry: &Entry<'_>,
    ) -> Result<Reply, ToolResult> {
        match tool.action {
            Action::List => list::run(self, tool, args, ctx).await.map(Reply::Result),
            Action::Get => get::run(self, tool, guest, args, ctx).await.map(Reply::Result),
            Action::Start | Action::Stop | Action::Restart => power::run(self, tool, guest, args, ctx, entry).await,
            Action::Delete => delete::run(self, tool, guest, args, ctx, entry).await,
        }
    }

    /// Whether a call of this tool could be recorded: one that changes something is not begun otherwise.
    async fn writable(&self, tool: &ToolSpec, texts: &Catalogue) -> Result<(), ToolResult> {
        match &self.0.journal {
            Some(journal) if tool.action.changes() => {
                journal.check().await.map_err(|error| entry::unrecorded(tool, &error, texts))
            }
            _ => Ok(()),
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

fn listed(spec: &'static ToolSpec, lang: Lang) -> Listed {
    let texts = lang.texts();
    Listed {
        spec,
        title: (spec.title)(texts),
        description: (spec.text)(texts),
        input: schema::input(spec, texts),
        output: schema::output(spec),
    }
}
