//! Waiting for what PVE has begun, or handing out a handle with which to ask for it later.

mod untold;

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    args::Waiting,
    call::{CallContext, Step},
    deeds::{self, Deed},
    failure::{self, Failure, after_unknown, without_end},
    guest::{Guest, GuestKind},
    job::Job,
    ops::{self, Current},
    outcome::{LOG_LINES, Outcome, Report, quoted, unchanged},
    say::Catalogue,
    state::Tools,
    tool::Call,
};
use crate::client::{Error, Follow, TaskEnd, TaskOutcome, Trouble};

/// Time between two looks at a guest that HA or a restart is to bring into its state.
const LOOK: Duration = Duration::from_millis(500);
/// How long a VM's start after its reboot is given to show: PVE begins it within a second.
const START_SHOWS: Duration = Duration::from_millis(1500);
/// How much longer than PVE itself is waited for the end of what PVE gives up by itself.
const AFTER_PVE: Duration = Duration::from_secs(10);
/// A task that was not heard of for this long is not said to go on: it is asked for every two seconds.
const SILENT: Duration = Duration::from_secs(5);

/// How far a look at the guest found it.
enum Reached {
    /// In its state.
    Yes(Current),
    /// Off: the task that was to start it again has failed.
    Unstarted(TaskEnd),
    /// Time is up, or the caller no longer waits; what it was doing then, if it could be asked.
    No(Option<Current>),
    /// Gone, or it cannot be asked.
    Lost(Error),
}

/// What waiting gave.
pub(super) enum Waited {
    /// What came of the job.
    Report(Box<Report>),
    /// A handle with which to ask later.
    Handle(String),
}

/// Waits for a job and tells what came of it.
pub(super) async fn wait(call: &Call<'_>, job: &Job, waiting: &Waiting) -> Waited {
    let Call { tools, ctx, texts, .. } = *call;
    if !waiting.wait {
        let sentence = texts.no_wait(job.guest.display(texts), job.deed.word(texts));
        let limit = Duration::ZERO;
        let watch = Watch { heard: Mutex::default(), tools, job, limit, once: true, ctx, texts };
        let mut report = watch.until_when(Report::new(Outcome::Running, sentence)).await;
        report.upid = Some(job.upid.to_string());
        return Waited::Report(Box::new(report));
    }
    let limit = patience(job, waiting);
    // Without a handle to ask with, the task is followed as for any other client.
    if ctx.detach
        && let Ok(handle) = tools.handles().seal(call.tool, job, limit, ctx)
    {
        return Waited::Handle(handle);
    }
    Waited::Report(Box::new(Watch { heard: Mutex::default(), tools, job, limit, once: false, ctx, texts }.run().await))
}

/// How long is waited: where PVE itself gives up after the time that it was given, long enough to hear that.
fn patience(job: &Job, waiting: &Waiting) -> Duration {
    match (job.deed, job.given) {
        (Deed::Shutdown | Deed::Reboot, Some(given)) => Duration::from_secs(given) + AFTER_PVE,
        _ => waiting.timeout(),
    }
}

/// When a task was last heard of, and why not since.
#[derive(Debug, Default)]
pub(super) struct Heard {
    last: Option<Instant>,
    failure: Option<Error>,
}

/// One job that is being waited for.
pub(super) struct Watch<'a> {
    /// What was last heard of the task.
    pub heard: Mutex<Heard>,
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
            Err(e) => return self.lost(Some(&e)),
        };
        let mut report = match end.outcome.clone() {
            TaskOutcome::StillRunning => match self.silent() {
                Some(failure) => return self.lost(failure.as_ref()),
                None => Report { task_runs: true, ..self.until_when(self.unfinished()).await },
            },
            TaskOutcome::Failed(reason) => self.failed(&reason, end.log).await,
            TaskOutcome::Ok | TaskOutcome::Warnings(_) => self.ended_well(&end).await,
        };
        report.upid = Some(self.job.upid.to_string());
        report.seconds = Some(self.job.begun.elapsed().as_secs_f64());
        if self.job.deed == Deed::Delete {
            self.tools.directory().forget();
        }
        report
    }

    async fn follow(&self) -> Result<TaskEnd, Error> {
        let stop = self.ctx.cancel.child_token();
        let mut report = |step: &crate::client::Progress| {
            self.step(step.elapsed, step.percent);
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.failure.clone_from(&step.failure);
            if step.failure.is_none() {
                heard.last = Some(Instant::now());
                // A first look that finds it running is the only one.
                if self.once {
                    stop.cancel();
                }
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

    /// Whether the task was not heard of lately, so that nobody can say that it goes on; with the failure of the last
    /// look, if that has ended.
    fn silent(&self) -> Option<Option<Error>> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        // That it was begun was heard, too.
        let lately = heard.last.unwrap_or(self.job.begun).elapsed() < SILENT;
        (!lately || heard.failure.is_some()).then(|| heard.failure.clone())
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
        let restarts = deed == Deed::Reboot && self.job.guest.kind == GuestKind::Vm;
        let status = if passed_on || restarts {
            match self.reached().await {
                Reached::Yes(current) => Ok(current.status),
                Reached::No(last) => return self.not_reached(last, passed_on).await,
                Reached::Unstarted(end) => return self.unstarted(end).await,
                Reached::Lost(e) => return self.lost(Some(&e)),
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
        // Where nobody has looked before, nobody knows whether it was this that brought the guest into its state.
        if passed_on && self.job.was.as_deref().is_none_or(|was| was == deed.state()) {
            return self.asked_of_ha();
        }
        let warnings = match end.outcome {
            TaskOutcome::Warnings(n) => n,
            _ => 0,
        };
        let outcome = if warnings > 0 { Outcome::Warnings } else { Outcome::Done };
        let mut report = Report::new(outcome, deed.done(self.name(), texts));
        if warnings > 0 {
            report = report.note(texts.warned(usize::try_from(warnings).unwrap_or(usize::MAX)));
            report.log = end.log.iter().filter(|line| !line.starts_with("TASK WARNINGS: ")).cloned().collect();
        }
        match status {
            Ok(status) => {
                report.stated = status == deed.state();
                report.status = Some(status);
            }
            Err(e) => report = report.note(after_unknown(&e, texts)),
        }
        report
    }

    /// The guest was in its state already; what has changed, if anything, is what HA is to keep it in.
    fn asked_of_ha(&self) -> Report {
        let (texts, status) = (self.texts, self.job.deed.state());
        let wanted = if status == "running" { "started" } else { "stopped" };
        let before = self.job.wanted.as_deref();
        if before == Some(wanted) && self.job.was.is_some() {
            return unchanged(&self.job.guest, status, texts);
        }
        let text = match (&self.job.was, before) {
            (None, _) => texts.ha_asked_unseen(self.name(), status, wanted),
            (Some(_), Some(before)) => texts.ha_asked(self.name(), status, wanted, before),
            (Some(_), None) => texts.ha_asked_unknown(self.name(), status, wanted),
        };
        let mut report = Report::new(Outcome::Done, text);
        (report.status, report.stated) = (Some(status.to_owned()), true);
        report.facts.insert("haAsked".to_owned(), wanted.into());
        report.facts.insert("haBefore".to_owned(), before.unwrap_or("unknown").into());
        report
    }

    /// The VM went off for its reboot, and the task that was to start it again has failed.
    async fn unstarted(&self, end: TaskEnd) -> Report {
        let (texts, job) = (self.texts, self.job);
        let TaskOutcome::Failed(words) = &end.outcome else { return self.unfinished() };
        let trouble = failure::of_end(words, &job.guest);
        let seen = failure::look(self.tools, &job.guest, trouble, words, None).await;
        let failed = Failure { tools: self.tools, guest: &job.guest, deed: Deed::Start, words, texts };
        let mut report = failed.report(seen).await;
        report.sentence = texts.unstarted(self.name(), quoted(words).to_owned(), end.upid.to_string());
        report.facts.insert("startUpid".to_owned(), end.upid.to_string().into());
        report.log = without_end(end.log, words);
        report
    }

    /// Looks at the guest until it is in its state: not the list of the cluster, which is behind. A guest that HA takes to
    /// another node is followed there, and one that cannot be asked for a while is asked again.
    async fn reached(&self) -> Reached {
        let (mut guest, since) = (self.job.guest.clone(), Instant::now());
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
            let off = last.as_ref().is_some_and(|last| !last.is_up());
            if self.job.deed == Deed::Reboot
                && off
                && since.elapsed() > START_SHOWS
                && let Some(end) = self.failed_start(&guest).await
            {
                return Reached::Unstarted(end);
            }
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

    /// The end of the task that has tried to start the guest since this job began, if it has failed.
    async fn failed_start(&self, guest: &Guest) -> Option<TaskEnd> {
        let client = self.tools.client();
        let upid = deeds::start_since(client, guest, self.job.upid.start()).await?;
        let follow = Follow {
            deadline: Some(self.left().max(LOOK)),
            cancel: Some(self.ctx.cancel.clone()),
            log_lines: LOG_LINES,
            ..Follow::default()
        };
        let end = client.follow(&upid, follow).await.ok()?;
        matches!(end.outcome, TaskOutcome::Failed(_)).then_some(end)
    }

    /// The task failed. "Already running" is no failure to start, if it does run.
    async fn failed(&self, words: &str, log: Vec<String>) -> Report {
        let (deed, guest, texts) = (self.job.deed, &self.job.guest, self.texts);
        let seen = failure::look(self.tools, guest, failure::of_end(words, guest), words, None).await;
        let runs = seen.now.as_ref().is_some_and(|now| now.as_ref().is_ok_and(|now| now.status == "running"));
        if deed == Deed::Start && seen.trouble == Trouble::WrongState && runs {
            return unchanged(guest, "running", texts);
        }
        let mut report = Failure { tools: self.tools, guest, deed, words, texts }.report(seen).await;
        report.log = without_end(log, words);
        report
    }

    /// The real time since the call was sent, in whole seconds.
    fn seconds(&self) -> String {
        format!("{:.0}", self.job.begun.elapsed().as_secs_f64())
    }

    fn name(&self) -> String {
        self.job.guest.display(self.texts)
    }
}
