//! The audit record of a call while the call runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Tools, audit::Record};
use crate::pve::Upid;

/// What is to be recorded of a call. A call that is dropped after it has asked PVE for a change is recorded by this, as
/// `interrupted`: nobody is left to say what came of it.
pub(super) struct Entry<'a> {
    tools: &'a Tools,
    open: Mutex<Open>,
}

struct Open {
    /// Taken when the call ends.
    record: Option<Record>,
    /// Whether PVE was asked for a change.
    sent: bool,
}

impl<'a> Entry<'a> {
    pub(super) fn new(tools: &'a Tools, record: Record) -> Self {
        Self { tools, open: Mutex::new(Open { record: Some(record), sent: false }) }
    }

    /// The guest that the call is about.
    pub(super) fn guest(&self, guest: String) {
        if let Some(record) = &mut self.open().record {
            record.guest = Some(guest);
        }
    }

    /// From here on PVE may have changed something.
    pub(super) fn sending(&self) {
        self.open().sent = true;
    }

    /// The task that PVE has begun.
    pub(super) fn begun(&self, upid: &Upid) {
        if let Some(record) = &mut self.open().record {
            record.upid = Some(upid.to_string());
        }
    }

    /// The call has ended; its record, for what came of it to be added.
    pub(super) fn end(self) -> Record {
        self.open().record.take().unwrap_or_default()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        let (sent, record) = {
            let mut open = self.open();
            (open.sent, open.record.take())
        };
        let Some(record) = record.filter(|_| sent) else { return };
        let upid = record.upid.as_deref().unwrap_or("unknown");
        tracing::warn!(tool = record.tool, upid, "a call was interrupted; what it has begun goes on");
        let written = self.tools.write(Record { outcome: Some("interrupted".to_owned()), ..record });
        if let Err(error) = written {
            tracing::error!(%error, "a call could not be recorded");
        }
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
            BACKLOG_MAX, CallContext, DENIED, Options, Tools,
            audit::{AuditLog, Record},
        },
    };

    async fn slow() -> Demo {
        let toml = "speed = 'real'\n[[guests]]\nvmid = 100\nstate = 'running'\nstubborn = true\nuptime = 9999";
        demo::start(Scenario::from_toml(toml).unwrap()).await.unwrap()
    }

    fn tools(demo: &Demo, path: &Path) -> Tools {
        let audit = Some(AuditLog::open(path).unwrap());
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
        let [line] = &lines(&path)[..] else { panic!("one line") };
        assert_eq!((&line["outcome"], &line["decision"]), (&json!("interrupted"), &json!("allowed")));
        assert_eq!(line["guest"], "VM 100 (VM 100) on pve1");
        assert!(line["upid"].as_str().unwrap().contains(":qmshutdown:100:"), "{line}");
    }

    #[tokio::test]
    async fn of_the_records_that_wait_only_denials_are_left_out() {
        let (demo, folder) = (slow().await, tempfile::tempdir().unwrap());
        let tools = tools(&demo, &folder.path().join("audit.jsonl"));
        let record = |decision| Record { decision, ..Record::default() };
        for _ in 0..=BACKLOG_MAX {
            tools.keep(record(DENIED));
        }
        tools.keep(record("allowed"));
        let backlog = tools.0.backlog.lock().unwrap();
        let allowed = backlog.iter().filter(|record| record.decision == "allowed").count();
        assert_eq!((backlog.len(), allowed), (BACKLOG_MAX + 1, 1));
    }

    #[tokio::test]
    async fn one_that_is_dropped_before_anything_was_sent_is_not() {
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
        }
        assert_eq!(lines(&path), Vec::<Value>::new());
    }
}
