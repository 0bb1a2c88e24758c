//! Waiting for what PVE has begun, or handing out a handle with which to ask for it later.

use std::time::{Duration, Instant};

use super::{
    Tools,
    args::Args,
    call::{CallContext, Problem, Step},
    catalog::{Kind, ToolSpec},
    lang::{Catalogue, fill},
    ops::{self, Current, Deed},
    outcome::{self, LOG_LINES, Outcome, Report},
    power::unchanged,
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
}

/// How far a look at the guest found it.
enum Reached {
    /// In its state.
    Yes(Current),
    /// Time is up, or the caller no longer waits.
    No,
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
    if !args.wait {
        let sentence = fill(texts.no_wait, &[("guest", &job.guest.display(texts)), ("action", job.deed.word(texts))]);
        let mut report = Report::new(Outcome::Running, sentence);
        report.upid = Some(job.upid.to_string());
        return Waited::Report(report);
    }
    if ctx.detach {
        return Waited::Handle(tools.handles().seal(tool, job, args.timeout));
    }
    let report = Watch { tools, job, limit: args.timeout, once: false, ctx, texts }.run().await;
    match report.problem {
        Some(Problem::NotFound) => Waited::Missing(report),
        _ => Waited::Report(report),
    }
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
                Reached::No if passed_on && !self.ctx.cancel.is_cancelled() => return self.with_ha(),
                Reached::No => return self.unfinished(),
                Reached::Lost(e) => Err(e),
            }
        } else if matches!(deed, Deed::Stop | Deed::Shutdown | Deed::Delete) && self.job.guest.kind == Kind::Vm
            || deed == Deed::Delete
        {
            // The task's own word: it ends well only when the guest is off, or gone.
            Ok(deed.state().to_owned())
        } else {
            ops::current(self.tools.client(), &self.job.guest).await.map(|current| current.status)
        };
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
            Err(e) => report = report.note(fill(texts.after_unknown, &[("reason", &e.to_string())])),
        }
        report
    }

    /// Looks at the guest until it is in its state: not the list of the cluster, which is behind.
    async fn reached(&self) -> Reached {
        let mut guest = self.job.guest.clone();
        loop {
            match ops::current(self.tools.client(), &guest).await {
                Ok(current) if self.is_there(&current) => return Reached::Yes(current),
                Ok(_) => {}
                // HA may start it on another node.
                Err(e) if e.kind() == Trouble::NotFound => match self.tools.directory().again(&guest).await {
                    Ok(Some(now)) => guest = now,
                    Ok(None) => return Reached::Lost(e),
                    Err(e) => return Reached::Lost(e),
                },
                Err(e) => return Reached::Lost(e),
            }
            let left = self.left();
            if left.is_zero() || self.ctx.cancel.is_cancelled() {
                return Reached::No;
            }
            self.step(self.job.begun.elapsed(), None);
            tokio::select! {
                () = tokio::time::sleep(LOOK.min(left)) => {}
                () = self.ctx.cancel.cancelled() => return Reached::No,
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

    /// The task failed. "Already running" is no failure to start.
    async fn failed(&self, reason: &str, log: Vec<String>) -> Report {
        let (deed, texts) = (self.job.deed, self.texts);
        let kind = Trouble::of_text(reason);
        if kind == Trouble::WrongState && deed == Deed::Start && reason.contains("already running") {
            return unchanged(&self.job.guest, "running", texts);
        }
        let values = [("guest", self.name()), ("action", deed.word(texts).to_owned()), ("reason", reason.to_owned())];
        let values: Vec<_> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let mut report = Report::new(Outcome::Failed, fill(texts.failed, &values));
        report.problem = Some(match outcome::problem(&kind) {
            Problem::Arguments | Problem::Unavailable | Problem::Unanswered => Problem::Failed,
            other => other,
        });
        report.log = log;
        if kind == Trouble::NotFound {
            let list = super::catalog::tool(self.job.guest.kind, super::catalog::Action::List).name;
            return report.note(fill(texts.gone, &[("guest", &self.name()), ("list", list)]));
        }
        if let Some(advice) = self.advice(&kind, reason) {
            report = report.note(advice);
        }
        match ops::current(self.tools.client(), &self.job.guest).await {
            Ok(current) => report.status = Some(current.status),
            Err(e) => report = report.note(fill(texts.after_unknown, &[("reason", &e.to_string())])),
        }
        report
    }

    fn advice(&self, kind: &Trouble, reason: &str) -> Option<String> {
        let texts = self.texts;
        let ignored = reason.contains("got timeout") || reason.contains("container did not stop");
        match (kind, self.job.deed) {
            (Trouble::Other, Deed::Shutdown | Deed::Reboot) if ignored => Some(texts.advice_still_booting.to_owned()),
            (Trouble::Other, Deed::Delete) if reason.contains("linked clone") => Some(texts.linked_clones.to_owned()),
            _ => kind.advice().map(|advice| super::resolve::capital(&advice) + "."),
        }
    }

    fn unfinished(&self) -> Report {
        let (texts, name, action) = (self.texts, self.name(), self.job.deed.word(self.texts));
        if self.ctx.cancel.is_cancelled() {
            tracing::info!(upid = %self.job.upid, "the caller no longer waits; the task goes on");
            return Report::new(Outcome::Running, fill(texts.cancelled, &[("guest", &name), ("action", action)]));
        }
        let seconds = self.limit.as_secs().to_string();
        let values = [("guest", name.as_str()), ("action", action), ("seconds", &seconds)];
        Report::new(Outcome::Running, fill(texts.running, &values))
    }

    fn with_ha(&self) -> Report {
        let seconds = self.limit.as_secs().to_string();
        let name = self.name();
        let values = [("guest", name.as_str()), ("action", self.job.deed.word(self.texts)), ("seconds", &seconds)];
        Report::new(Outcome::Running, fill(self.texts.running_ha, &values))
    }

    /// The task was begun and can no longer be asked for.
    fn lost(&self, e: &Error) -> Report {
        let mut report = self.unfinished().note(fill(self.texts.after_unknown, &[("reason", &e.to_string())]));
        report.problem = Some(outcome::problem(&e.kind()));
        report.upid = Some(self.job.upid.to_string());
        report
    }

    fn name(&self) -> String {
        self.job.guest.display(self.texts)
    }
}
