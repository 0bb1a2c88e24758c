//! Following a task to its end.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Client, Error, transport::Request};
use crate::pve::Upid;

/// How to follow a task.
#[derive(Default)]
pub struct Follow<'a> {
    /// Give up waiting after this time; without it, wait as long as the task takes.
    pub deadline: Option<Duration>,
    /// Stops the waiting, not the task.
    pub cancel: Option<CancellationToken>,
    /// How many of the last log lines to fetch when the task failed or warned. None by default.
    pub log_lines: usize,
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

pub(super) async fn follow(client: &Client, upid: &Upid, mut follow: Follow<'_>) -> Result<TaskEnd, Error> {
    let begun = Instant::now();
    let cancel = follow.cancel.take().unwrap_or_default();
    let mut pause = FIRST;
    let mut polls = 0;
    let outcome = loop {
        let status: Status = client.run(&Request::task(upid, "status", &[])).await?.decode()?;
        polls += 1;
        if status.status == "stopped" {
            break TaskOutcome::of_exit(status.exitstatus.as_str().unwrap_or("unexpected status"));
        }
        let elapsed = begun.elapsed();
        if let Some(report) = follow.progress.as_mut() {
            report(&Progress { elapsed, polls });
        }
        let left = follow.deadline.map_or(pause, |d| d.saturating_sub(elapsed));
        if left.is_zero() || cancel.is_cancelled() {
            break TaskOutcome::StillRunning;
        }
        tokio::select! {
            () = tokio::time::sleep(pause.min(left)) => {}
            () = cancel.cancelled() => break TaskOutcome::StillRunning,
        }
        pause = (pause * 2).min(SLOWEST);
    };
    let log = match outcome {
        TaskOutcome::Failed(_) | TaskOutcome::Warnings(_) => tail(client, upid, follow.log_lines).await,
        _ => Vec::new(),
    };
    Ok(TaskEnd { upid: upid.clone(), outcome, log, duration: begun.elapsed() })
}

/// The last lines of a task's log. A log that cannot be read is no reason to lose how the task ended.
async fn tail(client: &Client, upid: &Upid, lines: usize) -> Vec<String> {
    #[derive(Deserialize)]
    struct Line {
        #[serde(default)]
        t: String,
    }
    if lines == 0 {
        return Vec::new();
    }
    let page = async |start: u64| -> Result<(Vec<Line>, u64), Error> {
        let params = [("start", start.to_string()), ("limit", lines.to_string())];
        let reply = client.run(&Request::task(upid, "log", &params)).await?;
        Ok((reply.decode()?, reply.total().unwrap_or(0)))
    };
    let first = page(0).await;
    let all = match first {
        Ok((_, total)) if total > lines as u64 => page(total - lines as u64).await,
        other => other,
    };
    match all {
        Ok((lines, _)) => lines.into_iter().map(|l| l.t).collect(),
        Err(error) => {
            tracing::debug!(%upid, %error, "the task's log could not be read");
            Vec::new()
        }
    }
}
