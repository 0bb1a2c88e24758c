//! What became of a task whose handle was given out.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{
    call::{CallContext, CallError, ToolResult},
    job::Job,
    outcome::Outcome,
    profile::Profile,
    state::Tools,
    task::Watch,
};
use crate::pve::Upid;

/// What a handle is at the moment.
#[derive(Debug)]
pub enum TaskState {
    /// It goes on.
    Working {
        /// When it began.
        begun: SystemTime,
        /// What is being waited for.
        message: String,
    },
    /// It has ended.
    Ended {
        /// When it began.
        begun: SystemTime,
        /// What came of it.
        result: Box<ToolResult>,
    },
}

impl Tools {
    /// What became of a task whose handle was given out.
    ///
    /// # Errors
    /// [`CallError::UnknownTask`] when the handle is none of ours, too old, was given to another caller, or a rule denies it by now.
    pub async fn task(&self, handle: &str, ctx: &CallContext) -> Result<TaskState, CallError> {
        let texts = ctx.lang.texts();
        let unknown = || CallError::UnknownTask(texts.unknown_task().to_owned());
        let (tool, job, sealed) = self.handles().open_for(handle, ctx).ok_or_else(unknown)?;
        self.still_told(tool, &job, ctx).await?;
        let limit = Duration::from_secs(sealed.limit);
        let begun = UNIX_EPOCH + Duration::from_secs(sealed.begun);
        let report =
            Watch { heard: std::sync::Mutex::default(), tools: self, job: &job, limit, once: true, ctx, texts }
                .run()
                .await;
        // What comes after the PVE task (HA, the second half of a reboot) is waited for as long as the call allowed.
        let follows = report.outcome == Some(Outcome::Running) && report.problem.is_none();
        if report.task_runs || (follows && job.begun.elapsed() < limit) {
            let guest = job.guest.display(texts);
            return Ok(TaskState::Working { begun, message: texts.no_wait(guest.as_str(), job.deed.word(texts)) });
        }
        let mut result = report.result(&job.guest, texts);
        result.show();
        Ok(TaskState::Ended { begun, result: Box::new(result) })
    }

    /// The PVE task behind a handle.
    ///
    /// # Errors
    /// [`CallError::UnknownTask`] when it is none of ours, too old, was given to another caller, or a rule denies it by now.
    pub async fn upid_of(&self, handle: &str, ctx: &CallContext) -> Result<Upid, CallError> {
        let unknown = || CallError::UnknownTask(ctx.lang.texts().unknown_task().to_owned());
        let (tool, job, _) = self.handles().open_for(handle, ctx).ok_or_else(unknown)?;
        self.still_told(tool, &job, ctx).await?;
        Ok(job.upid)
    }

    /// Holds a handle against what the caller may and the rules say by now: it may be a day old, and of another process.
    async fn still_told(&self, tool: &Profile, job: &Job, ctx: &CallContext) -> Result<(), CallError> {
        let texts = ctx.lang.texts();
        if let Some(denied) = ctx.caller.as_ref().and_then(|caller| self.lacks(tool.name, caller)) {
            return Err(CallError::UnknownTask(denied.to_string()));
        }
        let told = self.task_told(&job.upid, Some(&job.guest), texts).await;
        told.map_err(|result| CallError::UnknownTask(result.text))
    }
}
