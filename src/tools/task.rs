//! Waiting for what PVE has begun, or handing out a handle with which to ask for it later.

use std::time::{Duration, Instant};

use super::{
    Tools,
    args::Args,
    call::{CallContext, Problem, Step},
    catalog::{Kind, ToolSpec},
    delete,
    lang::{Catalogue, fill},
    ops::{self, Current, Deed},
    outcome::{self, LOG_LINES, Outcome, Report},
    power::{self, unchanged},
    resolve::Guest,
};
use crate::{
    client::{Error, Follow, Kind as Trouble, TaskEnd, TaskOutcome},
    pve::Upid,
};

/// Time between two looks at a guest that HA or a restart is to bring into its state.
const LOOK: Duration = Duration::from_millis(500);

/// Something that PVE has begun.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub deed: Deed,
    pub guest: Guest,
    pub upid: Upid,
    pub begun: Instant,
    /// Process id of the guest before, where a restart has to bring another one.
    pub pid: Option<u64>,
    /// What the guest was doing before, where that was looked at.
    pub was: Option<String>,
}

/// How far a look at the guest found it.
enum Reached {
    /// In its state.
    Yes(Current),
    /// Time is up, or the caller no longer waits; what it was doing then, if it could be asked.
    No(Option<Current>),
    /// Gone, or it cannot be asked.
    Lost(Error),
}

/// What waiting gave.
pub(super) enum Waited {
    /// What came of the job.
    Report(Report),
    /// The task found no such guest on the node, as happens when it has moved.
    Missing(Report),
    /// A handle with which to ask later.
    Handle(String),
}

/// Waits for a job and tells what came of it.
pub(super) async fn wait(tools: &Tools, tool: &ToolSpec, job: &Job, args: &Args, ctx: &CallContext) -> Waited {
    let texts = ctx.lang.texts();
    // Without a handle to ask with, the task is followed as for any other client.
    if args.wait
        && ctx.detach
        && let Ok(handle) = tools.handles().seal(tool, job, args.timeout, ctx)
    {
        return Waited::Handle(handle);
    }
    if !args.wait {
        let sentence = fill(texts.no_wait, &[("guest", &job.guest.display(texts)), ("action", job.deed.word(texts))]);
        let mut report = Report::new(Outcome::Running, sentence);
        report.upid = Some(job.upid.to_string());
        return Waited::Report(report);
    }
    let report = Watch { tools, job, limit: args.timeout, once: false, ctx, texts }.run().await;
    // A task that can no longer be asked for was begun all the same: not to be mistaken for this.
    if report.gone { Waited::Missing(report) } else { Waited::Report(report) }
}

/// One job that is being waited for.
pub(super) struct Watch<'a> {
    pub tools: &'a Tools,
    pub job: &'a Job,
    pub limit: Duration,
    /// Look once instead of waiting.
    pub once: bool,
    pub ctx: &'a CallContext,
    pub texts: &'static Catalogue,
}

impl Watch<'_> {
    /// Waits until the job has ended or the time is up.
    pub(super) async fn run(&self) -> Report {
        let end = match self.follow().await {
            Ok(end) => end,
            Err(e) => return self.lost(&e),
        };
        let mut report = match end.outcome.clone() {
            TaskOutcome::StillRunning => Report { task_runs: true, ..self.unfinished() },
            TaskOutcome::Failed(reason) => self.failed(&reason, end.log).await,
            TaskOutcome::Ok | TaskOutcome::Warnings(_) => self.ended_well(&end).await,
        };
        report.upid = Some(self.job.upid.to_string());
        report.seconds = Some(self.job.begun.elapsed().as_secs_f64());
        if self.job.deed == Deed::Delete {
            self.tools.directory().forget().await;
        }
        report
    }

    async fn follow(&self) -> Result<TaskEnd, Error> {
        let stop = self.ctx.cancel.child_token();
        let mut report = |step: &crate::client::Progress| {
            self.step(step.elapsed, step.percent);
            // A first look that finds it running is the only one.
            if self.once {
                stop.cancel();
            }
        };
        let follow = Follow {
            deadline: (!self.once).then(|| self.left()),
            cancel: Some(stop.clone()),
            log_lines: LOG_LINES,
            percent: self.ctx.percent,
            progress: Some(&mut report),
        };
        self.tools.client().follow(&self.job.upid, follow).await
    }

    /// What is left of the time to wait.
    fn left(&self) -> Duration {
        if self.once { Duration::ZERO } else { self.limit.saturating_sub(self.job.begun.elapsed()) }
    }

    fn step(&self, elapsed: Duration, percent: Option<f64>) {
        if let Some(progress) = &self.ctx.progress {
            let message = format!("{} {}", self.job.deed.word(self.texts), self.job.guest.vmid);
            // A caller that has gone is noticed elsewhere.
            let _ = progress.send(Step { elapsed, limit: self.limit, message, percent });
        }
    }

    /// The task ended well. That is the end, except where it only passed the request on (HA) or ends before the
    /// guest runs again (reboot of a VM).
    async fn ended_well(&self, end: &TaskEnd) -> Report {
        let (deed, texts) = (self.job.deed, self.texts);
        let passed_on = matches!(self.job.upid.kind(), "hastart" | "hastop");
        let restarts = deed == Deed::Reboot && self.job.guest.kind == Kind::Vm;
        let status = if passed_on || restarts {
            match self.reached().await {
                Reached::Yes(current) => Ok(current.status),
                Reached::No(last) => return self.not_reached(last, passed_on),
                Reached::Lost(e) => return self.lost(&e),
            }
        } else {
            match deed {
                // A VM can stand still after these: started to wait, or held before the reset.
                Deed::Start | Deed::Reset => {
                    ops::current(self.tools.client(), &self.job.guest).await.map(|current| current.status)
                }
                // The task's own word: it ends well only when the guest is off, or gone, or (a container) up again.
                _ => Ok(deed.state().to_owned()),
            }
        };
        if passed_on && self.job.was.as_deref() == Some(deed.state()) {
            return unchanged(&self.job.guest, deed.state(), texts);
        }
        let warnings = match end.outcome {
            TaskOutcome::Warnings(n) => n,
            _ => 0,
        };
        let outcome = if warnings > 0 { Outcome::Warnings } else { Outcome::Done };
        let mut report = Report::new(outcome, fill(deed.done(texts), &[("guest", &self.name())]));
        if warnings > 0 {
            report = report.note(fill(texts.warned, &[("count", &warnings.to_string())]));
            report.log = end.log.clone();
        }
        match status {
            Ok(status) => report.status = Some(status),
            Err(e) => report = report.note(self.after_unknown(&e)),
        }
        report
    }

    /// Looks at the guest until it is in its state: not the list of the cluster, which is behind. A guest that HA takes to
    /// another node is followed there, and one that cannot be asked for a while is asked again.
    async fn reached(&self) -> Reached {
        let mut guest = self.job.guest.clone();
        loop {
            let last = match ops::current(self.tools.client(), &guest).await {
                Ok(current) if self.is_there(&current) => return Reached::Yes(current),
                Ok(current) => Some(current),
                Err(e) if e.kind() == Trouble::NotFound => match self.tools.directory().again(&guest).await {
                    Ok(Some(now)) if now.kind == guest.kind => {
                        guest = now;
                        None
                    }
                    Ok(_) => return Reached::Lost(e),
                    Err(e) => return Reached::Lost(e),
                },
                Err(e) if matches!(e.kind(), Trouble::Unreachable | Trouble::NodeUnreachable) => None,
                Err(e) => return Reached::Lost(e),
            };
            let left = self.left();
            if left.is_zero() || self.ctx.cancel.is_cancelled() {
                return Reached::No(last);
            }
            self.step(self.job.begun.elapsed(), None);
            tokio::select! {
                () = tokio::time::sleep(LOOK.min(left)) => {}
                () = self.ctx.cancel.cancelled() => return Reached::No(last),
            }
        }
    }

    fn is_there(&self, current: &Current) -> bool {
        let restarted = match (self.job.deed, self.job.pid) {
            (Deed::Reboot, Some(old)) => current.pid.is_some_and(|pid| pid != old),
            _ => true,
        };
        current.status == self.job.deed.state() && restarted
    }

    /// The task failed. "Already running" is no failure to start, unless the guest in the process stands still.
    async fn failed(&self, reason: &str, log: Vec<String>) -> Report {
        let (deed, guest, texts) = (self.job.deed, &self.job.guest, self.texts);
        let kind = Trouble::of_text(reason);
        let gone = kind == Trouble::NotFound;
        let now = if gone { None } else { Some(ops::current(self.tools.client(), guest).await) };
        // A VM that stands still under a lock, such as one that is backed up, does so for a reason.
        let halted = now.as_ref().and_then(|now| now.as_ref().ok());
        let halted = halted.filter(|now| kind == Trouble::WrongState && deed != Deed::Delete && now.is_halted());
        let running = kind == Trouble::WrongState && deed == Deed::Start && reason.contains("already running");
        if running && halted.is_none() {
            return unchanged(guest, "running", texts);
        }
        let name = self.name();
        let values = [("guest", name.as_str()), ("action", deed.word(texts)), ("reason", reason)];
        let mut report = Report::new(Outcome::Failed, fill(texts.failed, &values));
        report.problem = Some(match outcome::problem(&kind) {
            Problem::Arguments | Problem::Unavailable | Problem::Unanswered => Problem::Failed,
            other => other,
        });
        report.log = log;
        if gone {
            report.gone = true;
            let list = super::catalog::tool(guest.kind, super::catalog::Action::List).name;
            return report.note(fill(texts.gone, &[("guest", &self.name()), ("list", list)]));
        }
        if let Some(now) = halted {
            report = report.note(power::halted(guest, now, texts));
        } else if let Some(advice) = self.advice(&kind, reason, &mut report) {
            report = report.note(advice);
        }
        match now {
            Some(Ok(current)) => report.status = Some(current.status),
            Some(Err(e)) => report = report.note(self.after_unknown(&e)),
            None => {}
        }
        report
    }

    /// What to do about a failure. What keeps PVE from deleting a guest is named among the facts, too.
    fn advice(&self, kind: &Trouble, reason: &str, report: &mut Report) -> Option<String> {
        let texts = self.texts;
        if self.job.deed == Deed::Delete
            && let Some((word, cure)) = delete::block(kind, reason, &self.job.guest, texts)
        {
            report.facts.insert("blockedBy".to_owned(), vec![word].into());
            return Some(cure);
        }
        let ignored = reason.contains("got timeout") || reason.contains("container did not stop");
        match (kind, self.job.deed) {
            (Trouble::Other, Deed::Shutdown | Deed::Reboot) if ignored => Some(texts.advice_still_booting.to_owned()),
            (Trouble::Template, _) => Some(texts.advice_template.to_owned()),
            (Trouble::Busy, Deed::Stop) => Some(texts.advice_stop_busy.to_owned()),
            _ => kind.advice().map(|advice| super::resolve::capital(&advice.say(texts.errors)) + "."),
        }
    }

    fn after_unknown(&self, e: &Error) -> String {
        fill(self.texts.after_unknown, &[("reason", &e.say(self.texts.errors))])
    }

    fn unfinished(&self) -> Report {
        let (texts, name, action) = (self.texts, self.name(), self.job.deed.word(self.texts));
        if self.ctx.cancel.is_cancelled() {
            // Seen by default: something changes that nobody follows any more.
            tracing::warn!(upid = %self.job.upid, "the caller no longer waits; the task goes on");
            return Report::new(Outcome::Running, fill(texts.cancelled, &[("guest", &name), ("action", action)]));
        }
        let seconds = self.limit.as_secs().to_string();
        let values = [("guest", name.as_str()), ("action", action), ("seconds", &seconds)];
        Report::new(Outcome::Running, fill(texts.running, &values))
    }

    /// The task has ended, and the guest is not in its state when the time is up.
    fn not_reached(&self, last: Option<Current>, passed_on: bool) -> Report {
        let cancelled = self.ctx.cancel.is_cancelled();
        let mut report = if passed_on && !cancelled { self.with_ha() } else { self.unfinished() };
        if self.job.deed == Deed::Reboot && last.as_ref().is_some_and(|last| last.status == "stopped") {
            report = report.note(self.texts.advice_not_up);
        }
        report.status = last.map(|last| last.status);
        report
    }

    fn with_ha(&self) -> Report {
        let seconds = self.limit.as_secs().to_string();
        let name = self.name();
        let values = [("guest", name.as_str()), ("action", self.job.deed.word(self.texts)), ("seconds", &seconds)];
        Report::new(Outcome::Running, fill(self.texts.running_ha, &values))
    }

    /// The task was begun and can no longer be asked for.
    fn lost(&self, e: &Error) -> Report {
        let mut report = self.unfinished().note(self.after_unknown(e));
        report.problem = Some(outcome::problem(&e.kind()));
        report.upid = Some(self.job.upid.to_string());
        report
    }

    fn name(&self) -> String {
        self.job.guest.display(self.texts)
    }
}
