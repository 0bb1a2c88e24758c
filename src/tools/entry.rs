//! The audit record of a call while the call runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::{
    audit::{AuditError, Phase, Record, record::DENIED},
    call::{CallContext, Problem, Reply, ToolResult},
    freeze::kept_back,
    guest::Guest,
    pace::held_up,
    profile::Profile,
    say::Catalogue,
    state::{Inner, Tools},
};
use crate::{foreign, pve::Upid};

/// Most characters of the arguments of a method in a record.
const SHOWN: usize = 500;

/// What is to be recorded of a call. A call that is dropped after it has announced a change is recorded by this: nobody
/// is left to say what came of it.
pub(super) struct Entry<'a> {
    tools: &'a Tools,
    tool: &'static Profile,
    /// For whom, where the door knows.
    identity: Option<String>,
    open: Mutex<Open>,
}

struct Open {
    /// Taken when the call ends; a tool that only looks has none.
    record: Option<Record>,
    stage: Stage,
    changes: bool,
}

/// How far a call has got.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was sent but questions.
    Looking,
    /// The log says that a change is about to be sent.
    Intended,
    /// PVE was asked for it.
    Sent,
}

impl<'a> Entry<'a> {
    pub(super) fn new(
        tools: &'a Tools,
        tool: &'static Profile,
        arguments: impl FnOnce() -> Map<String, Value>,
        ctx: &CallContext,
    ) -> Self {
        // Of what only looks nothing is written, so that nothing is noted.
        let record = tool.effect.may_change().then(|| Record {
            at: Some(crate::clock::now()),
            call: format!("{:016x}", rand::random::<u64>()),
            host: tools.client().settings().hosts.first().map(ToString::to_string).unwrap_or_default(),
            client: ctx.client.clone(),
            session: ctx.session.clone(),
            principal: ctx.caller.as_ref().map(|caller| caller.name.clone()),
            tool: tool.name,
            arguments: arguments(),
            decision: "allowed",
            ..Record::default()
        });
        Self {
            tools,
            tool,
            identity: ctx.identity().map(str::to_owned),
            open: Mutex::new(Open {
                record: record.map(Record::bounded),
                stage: Stage::Looking,
                changes: tool.effect.changes(),
            }),
        }
    }

    /// The call changes something, which it does not say by its tool: what it calls and with what, secrets hidden, is recorded, and
    /// whether it can be is seen now.
    ///
    /// # Errors
    /// Why it could not be recorded.
    pub(super) async fn changes(&self, what: &str, with: &str) -> Result<(), AuditError> {
        {
            let mut open = self.open();
            open.changes = true;
            if let Some(record) = &mut open.record {
                record.arguments.insert("call".to_owned(), what.into());
                record.arguments.insert("arguments".to_owned(), foreign::cut(with, SHOWN).into_owned().into());
            }
        }
        match &self.tools.0.journal {
            Some(journal) => journal.check().await,
            None => Ok(()),
        }
    }

    /// Nothing is changed while changes are frozen, or while as many were sent as may be. It is asked before a call is looked
    /// into, so that nobody is asked to agree to what would not be sent; both are seen to again when it is announced.
    ///
    /// # Errors
    /// The answer to a call that is kept back.
    pub(super) async fn let_through(&self, deletes: bool, texts: &Catalogue) -> Result<(), ToolResult> {
        self.thawed(texts).await?;
        let admitted = self.tools.0.paced.admits(&self.tools.0.options.pace, self.caller(), deletes);
        admitted.map_err(|too| held_up(self.tool, &too, texts))
    }

    async fn thawed(&self, texts: &Catalogue) -> Result<(), ToolResult> {
        let freeze = &self.tools.0.options.freeze;
        let held = freeze.held().await;
        held.map_or(Ok(()), |held| Err(kept_back(self.tool, &held, freeze.file(), texts)))
    }

    fn caller(&self) -> &str {
        self.identity.as_deref().unwrap_or_default()
    }

    /// Whether it changes something.
    pub(super) fn is_change(&self) -> bool {
        self.open().changes
    }

    /// The guest that the call is about.
    pub(super) fn guest(&self, guest: String) {
        if let Some(record) = &mut self.open().record {
            record.guest = Some(guest);
        }
    }

    /// Has the log say, before PVE is asked for a change, that it will be, and counts the call. The line is on the disk when
    /// this returns. A call that asks PVE for more than one change is announced and counted once.
    ///
    /// # Errors
    /// The answer to a call that is kept back or cannot be recorded: nothing may be sent.
    pub(super) async fn intend(&self, deletes: bool, texts: &Catalogue) -> Result<(), ToolResult> {
        self.thawed(texts).await?;
        if self.open().stage != Stage::Looking {
            return Ok(());
        }
        let Inner { paced, journal, options, .. } = &*self.tools.0;
        let counted = paced.count(&options.pace, self.caller(), deletes);
        let ticket = counted.map_err(|too| held_up(self.tool, &too, texts))?;
        let record = {
            let mut open = self.open();
            open.stage = Stage::Intended;
            open.record.clone().unwrap_or_default()
        };
        let Some(journal) = journal else { return Ok(()) };
        let written = journal.intent(Record { at: None, phase: Phase::Intent, ..record }.bounded()).await;
        written.map_err(|error| {
            paced.take_back(ticket);
            unrecorded(self.tool, &error, texts)
        })
    }

    /// Ends when the caller has gone before PVE was asked for a change; never where it was.
    pub(super) async fn unsent(&self, cancel: &CancellationToken) {
        cancel.cancelled().await;
        if self.open().stage == Stage::Sent {
            std::future::pending::<()>().await;
        }
    }

    /// From here on PVE may have changed something.
    pub(super) fn sending(&self) {
        self.open().stage = Stage::Sent;
    }

    /// The task that PVE has begun.
    pub(super) fn begun(&self, upid: &Upid, guest: Option<&Guest>) {
        self.tools.0.begun.note(upid, self.identity.as_deref(), guest);
        if let Some(record) = &mut self.open().record {
            record.upid = Some(upid.to_string());
        }
    }

    /// The call has ended; has the log say what came of it.
    ///
    /// # Errors
    /// Why it could not be written. It is kept until it can be, and until then nothing more is changed.
    pub(super) async fn end(self, reply: &Reply) -> Result<(), AuditError> {
        if let Reply::Result(result) = reply {
            // Also what PVE or HA has begun on its own account in the course of the call.
            let told = result.structured.as_ref().and_then(|facts| facts.get("upid")).and_then(Value::as_str);
            if let Some(upid) = told.and_then(|upid| upid.parse().ok()) {
                self.tools.0.begun.note(&upid, self.identity.as_deref(), None);
            }
        }
        let record = self.open().record.take();
        let (Some(mut record), Some(journal)) = (record, &self.tools.0.journal) else { return Ok(()) };
        match reply {
            Reply::Result(result) => told(&mut record, result),
            Reply::Question(_) => record.outcome = Some("asked".to_owned()),
            Reply::Task(handle) => {
                record.outcome = Some("running".to_owned());
                record.upid = self.tools.handles().upid(handle).map(|upid| upid.to_string());
            }
        }
        journal.result(record.bounded()).await
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a result tells of its call.
fn told(record: &mut Record, result: &ToolResult) {
    let facts = result.structured.as_ref();
    let fact = |key: &str| facts.and_then(|facts| facts.get(key)).and_then(Value::as_str).map(str::to_owned);
    record.outcome = fact("outcome").or_else(|| result.problem.map(|problem| format!("{problem:?}").to_lowercase()));
    record.upid = fact("upid").or_else(|| record.upid.take());
    if matches!(result.problem, Some(Problem::Denied | Problem::Limited)) {
        record.decision = DENIED;
        record.rule = fact("rule");
    }
    // The plan of a deletion carries the code that consents to it.
    if result.problem.is_some() && fact("confirm").is_none() {
        record.reason = fact("detail").or_else(|| Some(result.text.clone()));
    }
}

/// The rule that denies a call that cannot be recorded.
const RULE: &str = "audit log";

/// Whether a result is the answer to a call that could not be recorded.
pub(super) fn is_unrecorded(result: &ToolResult) -> bool {
    result.structured.as_ref().is_some_and(|facts| facts.get("rule").is_some_and(|rule| rule == RULE))
}

/// The answer to a call that is not carried out because it cannot be recorded.
pub(super) fn unrecorded(tool: &Profile, error: &AuditError, texts: &Catalogue) -> ToolResult {
    let text = texts.denied_unrecorded(tool.name, error.say(texts));
    let facts = [("rule", RULE), ("detail", text.as_str())];
    let facts = facts.map(|(key, value)| (key.to_owned(), Value::from(value)));
    ToolResult { structured: Some(Map::from_iter(facts)), ..ToolResult::problem(Problem::Denied, text) }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        let (stage, record, changes) = {
            let mut open = self.open();
            (open.stage, open.record.take(), open.changes)
        };
        let (Some(record), Some(journal)) = (record, &self.tools.0.journal) else { return };
        let outcome = match stage {
            Stage::Looking if !changes => return,
            Stage::Looking | Stage::Intended => "cancelled",
            Stage::Sent => "interrupted",
        };
        if stage == Stage::Sent {
            let upid = record.upid.as_deref().unwrap_or("unknown");
            tracing::warn!(tool = record.tool, upid, "a call was interrupted; what it has begun goes on");
        }
        journal.note(Record { outcome: Some(outcome.to_owned()), ..record }.bounded());
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use crate::{
        client::Client,
        demo::{self, Demo, Scenario},
        tools::{
            CallContext, Options, Tools,
            audit::{AuditLog, Seal},
        },
    };

    async fn slow() -> Demo {
        let toml = "speed = 'real'\n[[guests]]\nvmid = 100\nstate = 'running'\nstubborn = true\nuptime = 9999";
        demo::start(Scenario::from_toml(toml).unwrap()).await.unwrap()
    }

    fn tools(demo: &Demo, path: &Path) -> Tools {
        let audit = Some(AuditLog::open(path, Seal::plain()).unwrap());
        Tools::new(Client::new(demo.settings()).unwrap(), Options { audit, ..Options::default() })
    }

    fn lines(path: &Path) -> Vec<Value> {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[tokio::test]
    async fn a_call_that_is_dropped_while_it_waits_is_recorded() {
        let (demo, folder) = (slow().await, tempfile::tempdir().unwrap());
        let path = folder.path().join("audit.jsonl");
        let tools = tools(&demo, &path);
        let (progress, mut steps) = tokio::sync::mpsc::unbounded_channel();
        let ctx = CallContext { progress: Some(progress), ..CallContext::default() };
        let arguments = json!({"vmid": 100, "mode": "shutdown"});
        tokio::select! {
            reply = tools.call("stopVM", arguments.as_object().unwrap(), &ctx) => panic!("it has ended: {reply:?}"),
            step = steps.recv() => assert!(step.is_some()),
        }
        // Its line is written by a thread.
        tools.recorded().await;
        let [_, intent, line] = &lines(&path)[..] else { panic!("a head and two lines") };
        assert_eq!((&intent["phase"], &intent["call"]), (&json!("intent"), &line["call"]));
        assert_eq!((&line["outcome"], &line["decision"]), (&json!("interrupted"), &json!("allowed")));
        assert_eq!(line["guest"], "VM 100 (VM 100) on pve1");
        assert!(line["upid"].as_str().unwrap().contains(":qmshutdown:100:"), "{line}");
    }

    #[tokio::test]
    async fn one_that_is_dropped_before_anything_was_sent_is_recorded_as_cancelled() {
        let (demo, folder) = (slow().await, tempfile::tempdir().unwrap());
        let path = folder.path().join("audit.jsonl");
        demo.inject_on(None, "/status/current", demo::Fault::Slow(60_000), 9);
        let arguments = json!({"vmid": 100});
        for tool in ["getVM", "stopVM"] {
            // The guest is looked up, then its status is waited for.
            let (tools, ctx, from) = (tools(&demo, &path), CallContext::default(), demo.seen().len());
            let looked_up = || demo.seen()[from..].iter().any(|seen| seen.target.contains("/cluster/resources"));
            tokio::select! {
                reply = tools.call(tool, arguments.as_object().unwrap(), &ctx) => panic!("it has ended: {reply:?}"),
                () = async { while !looked_up() { tokio::task::yield_now().await } } => {}
            }
            tools.recorded().await;
        }
        let [_, line] = &lines(&path)[..] else { panic!("a head and a line: what only reads is not recorded") };
        assert_eq!((&line["tool"], &line["outcome"]), (&json!("stopVM"), &json!("cancelled")));
        assert!(!demo.seen().iter().any(|seen| seen.method != "GET"));
    }
}
