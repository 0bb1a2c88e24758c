//! Start, stop and restart: the call, its task to the end, and what the guest is then.

use std::ops::Deref;

use super::{
    aim::Aim,
    args::Waiting,
    call::{Reply, ToolResult},
    carry::announced,
    deeds::{self, Deed, Ways},
    failure::{self, Failure},
    guest::Guest,
    job::Job,
    ops::{self, Current},
    outcome::{self, Report, cancelled, in_error, unchanged, unknown},
    task::{self, Waited},
};
use crate::client::{Error, Trouble};

/// Runs a tool that does this. Where the guest turns out to have moved since it was looked up, once more where it is now.
pub(super) async fn run(
    aim: &Aim<'_>,
    guest: Guest,
    deed: Deed,
    waiting: &Waiting,
    overrule: Option<bool>,
) -> Result<Reply, ToolResult> {
    let mut run = Run { aim, guest, deed, given: waiting.given, overrule };
    let mut followed = false;
    loop {
        let report = match run.begin().await? {
            Begun::Over(report) => report,
            Begun::Job(job) => match task::wait(aim, &job, waiting).await {
                Waited::Handle(id) => return Ok(Reply::Task(id)),
                Waited::Report(report) => *report,
            },
        };
        match &report.moved {
            Some(now) if !followed => {
                run.guest = aim.meant_there(now.clone())?;
                followed = true;
            }
            _ => return Ok(Reply::Result(report.result(&run.guest, aim.texts))),
        }
    }
}

/// One call on its way.
struct Run<'a> {
    aim: &'a Aim<'a>,
    guest: Guest,
    deed: Deed,
    /// How many seconds PVE is to give the guest.
    given: Option<u64>,
    /// Whether a stop is to end a shutdown that is under way.
    overrule: Option<bool>,
}

impl<'a> Deref for Run<'a> {
    type Target = Aim<'a>;

    fn deref(&self) -> &Aim<'a> {
        self.aim
    }
}

/// How far the beginning got.
enum Begun {
    /// All is said already.
    Over(Report),
    /// PVE has begun a task.
    Job(Job),
}

impl Run<'_> {
    /// Sends the call, unless the guest is in the wanted state already.
    async fn begin(&mut self) -> Result<Begun, ToolResult> {
        let before = match self.before().await {
            Ok(before) => before,
            Err(e) => return self.refused(e, None).await.map(Begun::Over),
        };
        if let Some(before) = &before {
            self.guest = self.held(&self.guest, &before.all)?;
            let stopping = matches!(self.deed, Deed::Stop | Deed::Shutdown);
            if stopping && before.status == "stopped" && !before.ha_decides() {
                return Ok(Begun::Over(unchanged(&self.guest, "stopped", self.texts)));
            }
            if before.ha_decides()
                && matches!(self.deed, Deed::Start | Deed::Stop | Deed::Shutdown)
                && let Some(report) = in_error(self.tools, &self.guest, Some(before), self.texts).await
            {
                return Ok(Begun::Over(report.note(self.texts.nothing_sent())));
            }
        }
        let wanted = async {
            match before.as_ref().is_some_and(Current::ha_decides) {
                true => ops::wanted_by_ha(self.tools.client(), &self.guest).await,
                false => None,
            }
        };
        let (ways, wanted) = futures_util::join!(self.ways(before.as_ref()), wanted);
        let (guest, deed) = (&self.guest, self.deed);
        let sent = announced(self.aim, false, |client| async move { deeds::power(&client, guest, deed, ways).await });
        let (answer, begun) = sent.await?;
        match answer {
            Ok(upid) => {
                self.entry.begun(&upid, Some(&self.guest));
                Ok(Begun::Job(Job {
                    deed: self.deed,
                    guest: self.guest.clone(),
                    upid,
                    begun,
                    pid: before.as_ref().and_then(|before| before.pid),
                    wanted,
                    was: before.map(|before| before.status),
                    given: self.given,
                }))
            }
            Err(e) => self.refused(e, before).await.map(Begun::Over),
        }
    }

    /// The state before, where it has to be known. What takes a guest down goes by the tags that it has now. The task of
    /// stopping a VM that is off ends well and does not say so; that of rebooting one ends when it is off, and only its
    /// process id tells the old one from the new. HA takes every request, needed or not.
    async fn before(&self) -> Result<Option<Current>, Error> {
        let needed = match self.deed {
            Deed::Stop | Deed::Shutdown | Deed::Reboot | Deed::Reset => true,
            // A name is that of ten seconds ago until the guest has said it itself.
            Deed::Start => self.guest.in_ha() || self.target.name.is_some(),
            Deed::Delete => false,
        };
        if !needed {
            return Ok(None);
        }
        let current = ops::current(self.tools.client(), &self.guest);
        failure::unless_offline(self.tools, &self.guest, current).await.map(Some)
    }

    /// What PVE is told besides. HA knows no overruling; where the caller asks for it all the same, PVE says so.
    async fn ways(&self, before: Option<&Current>) -> Ways {
        let timeout = self.given.and_then(|seconds| i64::try_from(seconds).ok());
        if self.deed != Deed::Stop {
            return Ways { timeout, overrule: None };
        }
        let overrule = match self.overrule {
            Some(false) => None,
            None if before.is_some_and(Current::ha_decides) => None,
            given => (given.is_some() || deeds::overrules(self.tools.client(), self.guest.kind).await).then_some(true),
        };
        Ways { timeout, overrule }
    }

    /// PVE refused at once, or nobody knows what it did. Being in the wanted state already is no failure; whether it is,
    /// the live status says, since a container that does not exist is "not running" too.
    async fn refused(&self, e: Error, before: Option<Current>) -> Result<Report, ToolResult> {
        let (tools, guest, deed, texts) = (self.tools, &self.guest, self.deed, self.texts);
        if matches!(e, Error::CalledOff { .. }) {
            return Ok(cancelled(guest, deed, texts));
        }
        if matches!(e, Error::Unknown(_)) {
            return Ok(unknown(&e, texts));
        }
        if let Some(report) = failure::offline(tools, guest, &e, texts).await {
            return Ok(report);
        }
        let Some(refusal) = e.refusal() else { return Err(outcome::error(&e, texts)) };
        let by_pve = !matches!(e.kind(), Trouble::Permission { .. } | Trouble::Parameter | Trouble::TooOld);
        if !by_pve || e.kind() == Trouble::NodeUnreachable {
            return Err(outcome::error(&e, texts));
        }
        let seen = failure::look(tools, guest, e.kind(), &refusal.message, before).await;
        let status = seen.now.as_ref().and_then(|now| now.as_ref().ok()).map(|now| now.status.clone());
        if let Some(status) = status.filter(|status| seen.trouble == Trouble::WrongState && status == deed.state())
            && matches!(deed, Deed::Start | Deed::Stop | Deed::Shutdown)
        {
            return Ok(unchanged(guest, &status, texts));
        }
        Ok(Failure { tools, guest, deed, words: &refusal.message, texts }.report(seen).await)
    }
}
