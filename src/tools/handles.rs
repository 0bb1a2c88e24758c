//! Handles of tasks: what a caller that does not wait is given, and comes back with.
//!
//! A handle is the job itself, sealed: no process has to remember it, so that any replica, and the same server after a
//! restart, can say what came of it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{
    Tools,
    call::{CallContext, CallError, ToolResult},
    catalog::{self, ToolSpec},
    lang::fill,
    ops::Deed,
    outcome::Outcome,
    resolve::Guest,
    seal::{self, Key, NoRandom, Purpose},
    task::{Job, Watch},
};
use crate::pve::Upid;

/// Bytes of the tag that a handle carries.
const TAG: usize = 16;

/// How long a handle can be asked about: PVE itself forgets old tasks.
pub const HANDLE_VALID: Duration = Duration::from_secs(24 * 3600);

/// A sealed job.
#[derive(Serialize, Deserialize)]
struct Sealed {
    tool: String,
    deed: Deed,
    vmid: u64,
    node: String,
    name: Option<String>,
    upid: String,
    /// The tag of who was given it, and who alone may ask; nobody where the door knows nobody.
    caller: Option<String>,
    /// Seconds since 1970.
    begun: u64,
    pid: Option<u64>,
    was: Option<String>,
    #[serde(default)]
    wanted: Option<String>,
    #[serde(default)]
    given: Option<u64>,
    /// By which rules know the guest, where it is gone by then.
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    pool: Option<String>,
    /// Seconds after which what follows the PVE task is no longer waited for.
    limit: u64,
}

/// Seals and opens handles: the job in base64, a full stop, its tag.
pub(super) struct Handles<'a>(pub &'a Key);

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

impl Handles<'_> {
    /// A handle for whoever made the call.
    ///
    /// # Errors
    /// When there is no key for want of random numbers.
    pub(super) fn seal(
        &self,
        tool: &ToolSpec,
        job: &Job,
        limit: Duration,
        ctx: &CallContext,
    ) -> Result<String, NoRandom> {
        let sealed = Sealed {
            tool: tool.name.to_owned(),
            deed: job.deed,
            vmid: job.guest.vmid.get().into(),
            node: job.guest.node.to_string(),
            name: job.guest.name.clone(),
            upid: job.upid.to_string(),
            caller: self.caller(ctx)?,
            begun: seal::now().as_secs(),
            pid: job.pid,
            was: job.was.clone(),
            wanted: job.wanted.clone(),
            given: job.given,
            tags: job.guest.tags.clone(),
            pool: job.guest.pool.clone(),
            limit: limit.as_secs(),
        };
        let job = serde_json::to_vec(&sealed).unwrap_or_default();
        let tag = self.0.tag(Purpose::Task, &[&job])?;
        Ok(format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(job), BASE64_URL_SAFE_NO_PAD.encode(&tag[..TAG])))
    }

    /// The tag of a caller: the handle is the client's to read, and who is meant is not.
    fn caller(&self, ctx: &CallContext) -> Result<Option<String>, NoRandom> {
        let tag = |who: &str| self.0.tag(Purpose::Caller, &[who.as_bytes()]);
        Ok(ctx.identity().map(tag).transpose()?.map(|tag| BASE64_URL_SAFE_NO_PAD.encode(&tag[..TAG])))
    }

    /// The task behind a handle, if it is one of ours, whoever was given it.
    pub(super) fn upid(&self, handle: &str) -> Option<Upid> {
        self.open(handle).map(|(_, job, _)| job.upid)
    }

    /// Opens a handle for whoever makes this call.
    fn open_for(&self, handle: &str, ctx: &CallContext) -> Option<(&'static ToolSpec, Job, Sealed)> {
        let (tool, job, sealed) = self.open(handle)?;
        (self.caller(ctx).ok()? == sealed.caller).then_some((tool, job, sealed))
    }

    fn open(&self, handle: &str) -> Option<(&'static ToolSpec, Job, Sealed)> {
        let (job, tag) = handle.split_once('.')?;
        let [job, tag] = [job, tag].map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
        let (job, tag) = (job?, tag.filter(|tag| tag.len() == TAG)?);
        if !self.0.holds(Purpose::Task, &[&job], &tag) {
            return None;
        }
        let sealed: Sealed = serde_json::from_slice(&job).ok()?;
        let tool = catalog::by_name(&sealed.tool)?;
        let guest = Guest {
            vmid: sealed.vmid.try_into().ok()?,
            kind: tool.kind,
            node: sealed.node.parse().ok()?,
            name: sealed.name.clone(),
            tags: sealed.tags.clone(),
            pool: sealed.pool.clone(),
            lost: false,
            row: serde_json::Map::new(),
        };
        let elapsed = Duration::from_secs(seal::now().as_secs().saturating_sub(sealed.begun));
        if elapsed > HANDLE_VALID {
            return None;
        }
        let begun = Instant::now().checked_sub(elapsed).unwrap_or_else(Instant::now);
        let (upid, was, wanted) = (sealed.upid.parse().ok()?, sealed.was.clone(), sealed.wanted.clone());
        let (deed, pid, given) = (sealed.deed, sealed.pid, sealed.given);
        let job = Job { deed, guest, upid, begun, pid, was, wanted, given };
        Some((tool, job, sealed))
    }
}

impl Tools {
    /// What became of a task whose handle was given out.
    ///
    /// # Errors
    /// [`CallError::UnknownTask`] when the handle is none of ours, too old, was given to another caller, or a rule denies it by now.
    pub async fn task(&self, handle: &str, ctx: &CallContext) -> Result<TaskState, CallError> {
        let texts = ctx.lang.texts();
        let unknown = || CallError::UnknownTask(texts.unknown_task.to_owned());
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
            let values = [("guest", guest.as_str()), ("action", job.deed.word(texts))];
            return Ok(TaskState::Working { begun, message: fill(texts.no_wait, &values) });
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
        let unknown = || CallError::UnknownTask(ctx.lang.texts().unknown_task.to_owned());
        let (tool, job, _) = self.handles().open_for(handle, ctx).ok_or_else(unknown)?;
        self.still_told(tool, &job, ctx).await?;
        Ok(job.upid)
    }

    /// Holds a handle against what the caller may and the rules say by now: it may be a day old, and of another process.
    async fn still_told(&self, tool: &ToolSpec, job: &Job, ctx: &CallContext) -> Result<(), CallError> {
        let texts = ctx.lang.texts();
        if let Some(denied) = ctx.caller.as_ref().and_then(|caller| self.lacks(tool.name, caller)) {
            return Err(CallError::UnknownTask(denied.to_string()));
        }
        let told = self.task_told(&job.upid, Some(&job.guest), texts).await;
        told.map_err(|result| CallError::UnknownTask(result.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::{caller::Principal, catalog::Kind};

    #[test]
    fn a_handle_opens_with_its_key_and_for_its_caller_alone() {
        let key = Key::derived("a");
        let handles = Handles(&key);
        let guest = Guest {
            vmid: "100".parse().unwrap(),
            kind: Kind::Vm,
            node: "pve1".parse().unwrap(),
            name: Some("web".to_owned()),
            tags: Vec::new(),
            pool: None,
            lost: false,
            row: serde_json::Map::new(),
        };
        let upid = "UPID:pve1:0000C530:001C9BEC:5F000000:qmstart:100:root@pam:".parse().unwrap();
        let job = Job {
            deed: Deed::Reboot,
            guest,
            upid,
            begun: Instant::now(),
            pid: Some(7),
            was: None,
            wanted: None,
            given: None,
        };
        let caller = |name: &str| CallContext {
            caller: Some(Principal { identity: name.to_owned(), ..Principal::local() }),
            ..CallContext::default()
        };
        let tool = catalog::by_name("restartVM").unwrap();
        let handle = handles.seal(tool, &job, Duration::from_secs(45), &caller("anna")).unwrap();
        let (tool, opened, _) = handles.open(&handle).unwrap();
        assert_eq!((tool.name, opened.pid, opened.upid.as_str()), ("restartVM", Some(7), job.upid.as_str()));
        assert!(Handles(&Key::derived("b")).open(&handle).is_none());
        assert!(!handle.contains("anna") && handles.open(handle.split_once('.').unwrap().0).is_none());
        assert!(handles.open(&format!("{handle}A")).is_none() && handles.open(&format!("A{handle}")).is_none());
        assert!(handles.open("rubbish").is_none());
        assert!(handles.open_for(&handle, &caller("anna")).is_some());
        assert!(handles.open_for(&handle, &caller("bert")).is_none());
        assert!(handles.open_for(&handle, &CallContext::default()).is_none(), "nor for nobody");
    }
}
