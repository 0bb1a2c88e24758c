//! Start, stop and restart: the call, its task to the end, and what the guest is then.

use std::time::Instant;

use super::{
    Tools,
    args::Args,
    call::{CallContext, Reply, ToolResult},
    catalog::{Action, ToolSpec},
    entry::Entry,
    lang::{Catalogue, fill},
    ops::{self, Current, Deed},
    outcome::{self, Outcome, Report},
    resolve::Guest,
    task::{self, Job, Waited},
};
use crate::client::{Error, Kind as Trouble};

/// What is done by this tool with these arguments.
pub(super) fn deed(tool: &ToolSpec, args: &Args) -> Deed {
    match (tool.action, args.mode.as_deref()) {
        (Action::Stop, Some("shutdown")) => Deed::Shutdown,
        (Action::Stop, _) => Deed::Stop,
        (Action::Restart, Some("reset")) => Deed::Reset,
        (Action::Restart, _) => Deed::Reboot,
        (Action::Delete, _) => Deed::Delete,
        _ => Deed::Start,
    }
}

/// Runs the tool. Where the guest turns out to have moved since it was looked up, once more where it is now.
pub(super) async fn run(
    tools: &Tools,
    tool: &'static ToolSpec,
    guest: Guest,
    args: &Args,
    ctx: &CallContext,
    entry: &Entry<'_>,
) -> Result<Reply, ToolResult> {
    let texts = ctx.lang.texts();
    let mut run = Run { tools, tool, args, guest, deed: deed(tool, args), entry, texts };
    let mut moved = false;
    loop {
        let job = match run.begin().await {
            Err(e) if e.kind() == Trouble::NotFound && !moved => None,
            Err(e) if e.kind() == Trouble::NotFound => return Err(tools.gone(&run.guest, texts)),
            Err(e) => return Err(outcome::error(&e, texts)),
            Ok(Begun::Refused(result)) => return Err(result),
            Ok(Begun::Over(report)) => return Ok(Reply::Result(report.result(&run.guest, texts))),
            Ok(Begun::Job(job)) => Some(job),
        };
        if let Some(job) = job {
            match task::wait(tools, tool, &job, args, ctx).await {
                Waited::Handle(id) => return Ok(Reply::Task(id)),
                Waited::Missing(_) if !moved => {}
                Waited::Report(report) | Waited::Missing(report) => {
                    return Ok(Reply::Result(report.result(&run.guest, texts)));
                }
            }
        }
        run.guest = tools.moved(&run.guest, tool, args, texts).await?;
        moved = true;
    }
}

/// One call on its way.
struct Run<'a> {
    tools: &'a Tools,
    tool: &'static ToolSpec,
    args: &'a Args,
    guest: Guest,
    deed: Deed,
    entry: &'a Entry<'a>,
    texts: &'static Catalogue,
}

/// How far the beginning got.
enum Begun {
    /// All is said already.
    Over(Report),
    /// It is not the guest that the call means, or a rule denies it.
    Refused(ToolResult),
    /// PVE has begun a task.
    Job(Job),
}

impl Run<'_> {
    /// Sends the call, unless the guest is in the wanted state already.
    async fn begin(&mut self) -> Result<Begun, Error> {
        let client = self.tools.client();
        let before = if self.looks_first() { Some(ops::current(client, &self.guest).await?) } else { None };
        if let Some(before) = &before {
            match self.tools.held(&self.guest, &before.all, self.tool, self.args, self.texts) {
                Ok(guest) => self.guest = guest,
                Err(result) => return Ok(Begun::Refused(result)),
            }
            let stopping = matches!(self.deed, Deed::Stop | Deed::Shutdown);
            if stopping && before.status == "stopped" && !before.ha_decides() {
                return Ok(Begun::Over(self.unchanged("stopped")));
            }
        }
        // In this order: what the log announces may still be called off, and what is sent has been announced.
        if let Err(result) = self.entry.intend(self.texts).await {
            return Ok(Begun::Refused(result));
        }
        let begun = Instant::now();
        self.entry.sending();
        match ops::power(client, &self.guest, self.deed).await {
            Ok(upid) => {
                self.entry.begun(&upid);
                Ok(Begun::Job(Job {
                    deed: self.deed,
                    guest: self.guest.clone(),
                    upid,
                    begun,
                    pid: before.as_ref().and_then(|before| before.pid),
                    was: before.map(|before| before.status),
                }))
            }
            Err(e) => self.refused(e, before).await.map(Begun::Over),
        }
    }

    /// Whether the state before has to be known. What takes a guest down goes by the tags that it has now. The task of
    /// stopping a VM that is off ends well and does not say so; that of rebooting one ends when it is off, and only its
    /// process id tells the old one from the new. HA takes every request, needed or not.
    fn looks_first(&self) -> bool {
        match self.deed {
            Deed::Stop | Deed::Shutdown | Deed::Reboot | Deed::Reset => true,
            Deed::Start => self.guest.in_ha(),
            Deed::Delete => false,
        }
    }

    /// PVE refused at once. Being in the wanted state already is no failure; whether it is, the live status says,
    /// since a container that does not exist is "not running" too.
    async fn refused(&self, e: Error, before: Option<Current>) -> Result<Report, Error> {
        let text = e.refusal().map(|refusal| refusal.message.clone()).unwrap_or_default();
        if e.kind() != Trouble::WrongState {
            return Err(e);
        }
        let now = match before {
            // It was seen in the state that PVE complains of.
            Some(before) if before.status != "running" => before,
            _ => ops::current(self.tools.client(), &self.guest).await?,
        };
        let (deed, status) = (self.deed, now.status.as_str());
        let reached = (deed == Deed::Start && status == "running")
            || (matches!(deed, Deed::Stop | Deed::Shutdown) && status == "stopped");
        if reached {
            return Ok(self.unchanged(status));
        }
        let name = self.name();
        let values = [("guest", name.as_str()), ("action", deed.word(self.texts)), ("reason", &text)];
        let mut report = Report::new(Outcome::Failed, fill(self.texts.failed, &values));
        report.problem = Some(super::call::Problem::State);
        report.status = Some(now.status.clone());
        if matches!(deed, Deed::Reboot | Deed::Reset) && status == "stopped" {
            report = report.note(self.texts.advice_not_running);
        }
        if now.is_halted() {
            report = report.note(halted(&self.guest, &now, self.texts));
        }
        Ok(report)
    }

    fn unchanged(&self, status: &str) -> Report {
        unchanged(&self.guest, status, self.texts)
    }

    fn name(&self) -> String {
        self.guest.display(self.texts)
    }
}

/// That a VM's process is there and stands still, and how it goes on.
pub(super) fn halted(guest: &Guest, now: &Current, texts: &Catalogue) -> String {
    let vmid = guest.vmid.to_string();
    fill(texts.halted, &[("status", &now.status), ("vmid", &vmid), ("node", guest.node.as_str())])
}

/// The report that there was nothing to do.
pub(super) fn unchanged(guest: &Guest, status: &str, texts: &Catalogue) -> Report {
    let text = if status == "stopped" { texts.unchanged_stopped } else { texts.unchanged_running };
    let mut report = Report::new(Outcome::Unchanged, fill(text, &[("guest", &guest.display(texts))]));
    report.status = Some(status.to_owned());
    report
}
