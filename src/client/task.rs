//! Following a task to its end.

pub(super) mod log;

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Error, Inner, Trouble, transport::Request};
use crate::{api, pve::Upid};

/// How to follow a task.
#[derive(Default)]
pub struct Follow<'a> {
    /// Give up waiting after this time; without it, wait as long as the task takes.
    pub deadline: Option<Duration>,
    /// Stops the waiting, not the task.
    pub cancel: Option<CancellationToken>,
    /// How many of the last log lines to fetch when the task failed or warned. None by default.
    pub log_lines: usize,
    /// Read in the task's log, with each look, how far it is: one more request, for a caller that shows it.
    pub percent: bool,
    /// Called after each look at a running task.
    pub progress: Option<&'a mut (dyn FnMut(&Progress) + Send)>,
}

/// A look at a task that is still running.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Since the following began.
    pub elapsed: Duration,
    /// How often the task was asked for.
    pub polls: u32,
    /// How far the task is, from 0 to 100, where [`Follow::percent`] asked for it and the log says it.
    pub percent: Option<f64>,
    /// Why this look told nothing, where it did not.
    pub failure: Option<Error>,
}

/// How a task ended, or that it has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskOutcome {
    /// It was done.
    Ok,
    /// It was done, with this many warnings.
    Warnings(u32),
    /// It failed; PVE's own words.
    Failed(String),
    /// The deadline passed or the waiting was cancelled; the task goes on.
    StillRunning,
}

/// What following a task found.
#[derive(Clone, Debug)]
pub struct TaskEnd {
    /// The task.
    pub upid: Upid,
    /// How it ended.
    pub outcome: TaskOutcome,
    /// Its last log lines, where they were asked for and the task failed or warned.
    pub log: Vec<String>,
    /// How long it was followed.
    pub duration: Duration,
}

impl TaskOutcome {
    /// Reads PVE's `exitstatus` (pve-common, `UPID.pm`: success is `OK` or `WARNINGS: n`, all else is the error).
    pub fn of_exit(status: &str) -> Self {
        if status == "OK" {
            return Self::Ok;
        }
        match status.strip_prefix("WARNINGS: ").map(str::parse) {
            Some(Ok(n)) => Self::Warnings(n),
            _ => Self::Failed(status.to_owned()),
        }
    }
}

/// Time between the first two looks at a task; it doubles up to [`SLOWEST`].
const FIRST: Duration = Duration::from_millis(100);
/// Each look occupies a worker of the host, so a long task is asked for seldom.
const SLOWEST: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    status: Value,
    #[serde(default)]
    exitstatus: Value,
}

/// How often in a row a look may fail before the following does.
const FAILURES: u32 = 5;
/// A log that cannot be had in this time is done without.
const LOG_PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn follow(inner: &Inner, upid: &Upid, mut follow: Follow<'_>) -> Result<TaskEnd, Error> {
    let begun = Instant::now();
    let following = inner.hosts.counters.follow(upid);
    let cancel = follow.cancel.take().unwrap_or_default();
    let deadline = follow.deadline;
    let meter = follow.percent.then(log::Meter::default);
    let report = |progress: Progress| {
        if let Some(report) = follow.progress.as_mut() {
            report(&progress);
        }
    };
    // A look that is given up half-way is a read that nobody waits for: it does no harm.
    let outcome = tokio::select! {
        biased;
        () = cancel.cancelled() => TaskOutcome::StillRunning,
        () = passed(deadline) => TaskOutcome::StillRunning,
        outcome = watch(inner, upid, begun, meter, report) => outcome?,
    };
    following.ended(&outcome);
    let log = match outcome {
        TaskOutcome::Failed(_) | TaskOutcome::Warnings(_) if follow.log_lines > 0 => {
            let tail = log::tail(inner, upid, follow.log_lines);
            tokio::time::timeout(LOG_PATIENCE, tail).await.unwrap_or_default()
        }
        _ => Vec::new(),
    };
    Ok(TaskEnd { upid: upid.clone(), outcome, log, duration: begun.elapsed() })
}

/// Ends when the deadline has passed; never without one.
async fn passed(deadline: Option<Duration>) {
    match deadline {
        Some(deadline) => tokio::time::sleep(deadline).await,
        None => std::future::pending().await,
    }
}

/// Looks at a task, less and less often, until it has ended.
async fn watch(
    inner: &Inner,
    upid: &Upid,
    begun: Instant,
    mut meter: Option<log::Meter>,
    mut report: impl FnMut(Progress),
) -> Result<TaskOutcome, Error> {
    // Under the node in its UPID: another node says "no such task".
    let request = Request::typed(&api::GetNodesNodeTasksUpidStatus::new(upid.node().clone(), upid.clone()))?;
    let (mut pause, mut polls, mut failures) = (FIRST, 0, 0);
    loop {
        polls += 1;
        let mut failure = None;
        match inner.run(&request).await.and_then(|reply| reply.decode::<Status>()) {
            Ok(status) if status.status == "stopped" => {
                return Ok(TaskOutcome::of_exit(status.exitstatus.as_str().unwrap_or("unexpected status")));
            }
            Ok(_) => failures = 0,
            Err(error) => {
                failures += 1;
                if failures >= FAILURES || !passing(&error) {
                    return Err(error);
                }
                tracing::debug!(%upid, %error, "the task could not be looked at; trying again");
                failure = Some(error);
            }
        }
        let percent = match &mut meter {
            Some(meter) if failure.is_none() => meter.read(inner, upid).await,
            _ => None,
        };
        report(Progress { elapsed: begun.elapsed(), polls, percent, failure });
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(SLOWEST);
    }
}

/// Whether a failure to look at a task may pass: the node does not answer just now, or (another host of the cluster
/// being asked) the task is not known there yet.
fn passing(error: &Error) -> bool {
    matches!(error.kind(), Trouble::Unreachable | Trouble::NodeUnreachable | Trouble::NotFound)
}
