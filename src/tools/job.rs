//! A task that a call has begun for a guest, and its handle: what a caller that does not wait is given, and comes back with.
//!
//! A handle is the job itself, sealed: no process has to remember it, so that any replica, and the same server after a
//! restart, can say what came of it.

use std::time::{Duration, Instant};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{
    call::CallContext,
    deeds::Deed,
    guest::Guest,
    profile::Profile,
    seal::{self, Key, NoRandom, Purpose},
    state::Tools,
};
use crate::pve::Upid;

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
    /// What HA made of it before, where HA manages it.
    pub wanted: Option<String>,
    /// Seconds that PVE was told to give the guest.
    pub given: Option<u64>,
}

/// Bytes of the tag that a handle carries.
const TAG: usize = 16;

/// How long a handle can be asked about: PVE itself forgets old tasks.
pub const HANDLE_VALID: Duration = Duration::from_secs(24 * 3600);

/// A sealed job.
#[derive(Serialize, Deserialize)]
pub(super) struct Sealed {
    tool: String,
    deed: Deed,
    vmid: u64,
    node: String,
    name: Option<String>,
    upid: String,
    /// The tag of who was given it, and who alone may ask; nobody where the door knows nobody.
    caller: Option<String>,
    /// Seconds since 1970.
    pub begun: u64,
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
    pub limit: u64,
}

/// Seals and opens handles: the job in base64, a full stop, its tag.
pub(super) struct Handles<'a> {
    /// What seals them.
    pub key: &'a Key,
    /// The tools whose calls they can be of.
    pub tools: &'a [&'static Profile],
}

impl Handles<'_> {
    /// A handle for whoever made the call.
    ///
    /// # Errors
    /// When there is no key for want of random numbers.
    pub(super) fn seal(
        &self,
        tool: &Profile,
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
        let tag = self.key.tag(Purpose::Task, &[&job])?;
        Ok(format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(job), BASE64_URL_SAFE_NO_PAD.encode(&tag[..TAG])))
    }

    /// The tag of a caller: the handle is the client's to read, and who is meant is not.
    fn caller(&self, ctx: &CallContext) -> Result<Option<String>, NoRandom> {
        let tag = |who: &str| self.key.tag(Purpose::Caller, &[who.as_bytes()]);
        Ok(ctx.identity().map(tag).transpose()?.map(|tag| BASE64_URL_SAFE_NO_PAD.encode(&tag[..TAG])))
    }

    /// The task behind a handle, if it is one of ours, whoever was given it.
    pub(super) fn upid(&self, handle: &str) -> Option<Upid> {
        self.open(handle).map(|(_, job, _)| job.upid)
    }

    /// Opens a handle for whoever makes this call.
    pub(super) fn open_for(&self, handle: &str, ctx: &CallContext) -> Option<(&'static Profile, Job, Sealed)> {
        let (tool, job, sealed) = self.open(handle)?;
        (self.caller(ctx).ok()? == sealed.caller).then_some((tool, job, sealed))
    }

    fn open(&self, handle: &str) -> Option<(&'static Profile, Job, Sealed)> {
        let (job, tag) = handle.split_once('.')?;
        let [job, tag] = [job, tag].map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
        let (job, tag) = (job?, tag.filter(|tag| tag.len() == TAG)?);
        if !self.key.holds(Purpose::Task, &[&job], &tag) {
            return None;
        }
        let sealed: Sealed = serde_json::from_slice(&job).ok()?;
        let tool = *self.tools.iter().find(|tool| tool.name == sealed.tool)?;
        let guest = Guest {
            vmid: sealed.vmid.try_into().ok()?,
            kind: tool.guests?.0,
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
    pub(super) fn handles(&self) -> Handles<'_> {
        Handles { key: self.key(), tools: self.profiles() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::{caller::Principal, guest::GuestKind, registry};

    #[test]
    fn a_handle_opens_with_its_key_and_for_its_caller_alone() {
        let key = Key::derived("a");
        let tools: Vec<_> = registry::all().map(|tool| &tool.profile).collect();
        let handles = Handles { key: &key, tools: &tools };
        let guest = Guest {
            vmid: "100".parse().unwrap(),
            kind: GuestKind::Vm,
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
        let tool = registry::by_name("restartVM").unwrap();
        let handle = handles.seal(tool, &job, Duration::from_secs(45), &caller("anna")).unwrap();
        let (tool, opened, _) = handles.open(&handle).unwrap();
        assert_eq!((tool.name, opened.pid, opened.upid.as_str()), ("restartVM", Some(7), job.upid.as_str()));
        assert!(Handles { key: &Key::derived("b"), tools: &tools }.open(&handle).is_none());
        assert!(!handle.contains("anna") && handles.open(handle.split_once('.').unwrap().0).is_none());
        assert!(handles.open(&format!("{handle}A")).is_none() && handles.open(&format!("A{handle}")).is_none());
        assert!(handles.open("rubbish").is_none());
        assert!(handles.open_for(&handle, &caller("anna")).is_some());
        assert!(handles.open_for(&handle, &caller("bert")).is_none());
        assert!(handles.open_for(&handle, &CallContext::default()).is_none(), "nor for nobody");
    }
}
