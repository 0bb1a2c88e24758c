//! Delete: what stands in the way, what would be destroyed, consent, and then the call.
//!
//! A plan reads the configuration and the live status and sends nothing. What carries a plan out reads the
//! configuration once more, so that nothing is deleted that has changed since. That nothing runs by then is left to PVE,
//! which refuses and changes nothing, except where it was told to stop what runs (`force`): then the live status is read
//! once more, too, and consent is bound to it. Without consent the live status is read: it tells most of what can be in
//! the way.

use std::{ops::Deref, time::Instant};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    aim::Aim,
    args::Waiting,
    blocks::{Block, block, report_of},
    call::{Problem, Reply, ToolResult},
    carry::carry_out,
    change::{Bound, Change, Proposal, Saying},
    consent::Confirm,
    deeds::{self, Deed, Extent},
    failure::{self, Failure},
    guest::{Guest, GuestKind},
    job::Job,
    ops::{self, Current},
    outcome::{self, Outcome, Report},
    plan::{Plan, flag},
    say::capital,
    seal::bind,
    shown::Shown,
    state::RIGHTS_AGE,
    task::{self, Waited},
    tool::Call,
};
use crate::{
    client::{Client, Error, Trouble},
    pve::Upid,
};

/// How a guest is to be deleted.
#[derive(Deserialize)]
pub(super) struct DeleteArgs {
    #[serde(flatten)]
    extent: Extent,
    #[serde(flatten)]
    waiting: Waiting,
}

/// Runs the tool.
pub(super) async fn run(aim: &Aim<'_>, guest: Guest, args: &DeleteArgs) -> Result<Reply, ToolResult> {
    carry_out(&Removal { aim, args, guest }).await
}

/// One call to delete.
struct Removal<'a> {
    aim: &'a Aim<'a>,
    args: &'a DeleteArgs,
    /// As it was found.
    guest: Guest,
}

impl<'a> Deref for Removal<'a> {
    type Target = Aim<'a>;

    fn deref(&self) -> &Aim<'a> {
        self.aim
    }
}

impl Change for Removal<'_> {
    type Plan = Plan;
    type Answer = Upid;

    fn call(&self) -> &Call<'_> {
        self.aim
    }

    /// Reads how the guest is configured, where it is now; where nobody is asked, what it is doing alone, which tells most of
    /// what can be in the way.
    async fn plan(&self) -> Result<Plan, ToolResult> {
        if self.tools.confirm() == Confirm::Never {
            let read = |client: Client, guest: Guest| async move { ops::current(&client, &guest).await };
            let (guest, live) = self.at(self.guest.clone(), read).await?;
            let guest = self.held(&guest, &live.all)?;
            let mut plan = Plan::of(guest, Vec::new());
            plan.live = Some(live);
            return Ok(plan);
        }
        let read = |client: Client, guest: Guest| async move { ops::pending(&client, &guest).await };
        let (guest, rows) = self.at(self.guest.clone(), read).await?;
        let mut plan = Plan::of(guest, rows);
        plan.guest = self.held(&plan.guest, &plan.config)?;
        if plan.digest.is_empty() {
            let text = self.texts.no_digest(plan.guest.display(self.texts));
            return Err(ToolResult::problem(Problem::Unavailable, text));
        }
        if self.forced() {
            plan.live = Some(self.current(&plan.guest).await?);
        }
        Ok(plan)
    }

    /// This guest with this configuration, these options, this caller; and whether it runs, where PVE would stop it.
    fn bound(&self, plan: &Plan) -> Bound {
        let flag = |option: Option<bool>| if option == Some(true) { "1" } else { "0" };
        let to = bind(&[
            self.tool.name,
            &plan.guest.vmid.to_string(),
            plan.guest.node.as_str(),
            &plan.digest,
            flag(self.args.extent.purge),
            flag(self.args.extent.unreferenced),
            flag(self.args.extent.force),
            flag(plan.live.as_ref().map(Current::is_up)),
            self.caller(),
            // A guest that is restored in the place of this one may have its configuration to the letter.
            plan.text("vmgenid"),
            plan.text("meta"),
        ]);
        let word = plan.guest.name.clone().unwrap_or_else(|| plan.guest.vmid.to_string());
        Bound { subject: plan.guest.vmid.to_string(), word, to }
    }

    fn guest<'a>(&'a self, plan: &'a Plan) -> Option<&'a Guest> {
        Some(&plan.guest)
    }

    async fn ready(&self, plan: &Plan) -> Result<(), ToolResult> {
        self.may_delete(&plan.guest).await?;
        match plan.live.as_ref().and_then(|live| self.blocked(&plan.guest, live, &plan.config)) {
            Some(report) => Err(report.result(&plan.guest, self.texts)),
            None => Ok(()),
        }
    }

    async fn proposal(&self, plan: &Plan) -> Result<Proposal, ToolResult> {
        let live = match &plan.live {
            Some(live) => live.clone(),
            None => self.current(&plan.guest).await?,
        };
        // No plan and no cure for a caller who will be refused anyway.
        self.may_delete(&plan.guest).await?;
        let over = |report: Report| Err(report.result(&plan.guest, self.texts));
        if let Some(report) = self.blocked(&plan.guest, &live, &plan.config) {
            return over(report);
        }
        let around = plan.around(self.tools.client()).await.map_err(|e| outcome::error(&e, self.texts))?;
        if self.args.extent.purge != Some(true) && around.replications.as_ref().is_ok_and(|jobs| !jobs.is_empty()) {
            return over(self.report_blocked(
                &plan.guest,
                &live,
                vec![("replicated", self.texts.block_replicated().to_owned())],
            ));
        }
        let shown = Shown { volumes: plan.volumes(&around), live, around };
        let lines = shown.lines(plan, &self.args.extent, self.forced(), self.texts);
        Ok(Proposal { lines, facts: shown.facts() })
    }

    fn say(&self, plan: &Plan, saying: Saying<'_>) -> String {
        let (texts, guest) = (self.texts, &plan.guest);
        match saying {
            Saying::Ask => texts.delete_ask().to_owned(),
            Saying::Typed => texts.delete_typed().to_owned(),
            Saying::Title => texts.delete_title().to_owned(),
            Saying::Field => texts.delete_field(guest.within(texts)),
            Saying::Prompt(word) => texts.delete_prompt(texts.delete_field(guest.within(texts)), word),
            Saying::Declined => texts.delete_declined(guest.display(texts)),
            Saying::NotAsked(reason) => texts.delete_not_asked(guest.display(texts), reason),
            Saying::Changed => texts.delete_changed(guest.display(texts)),
            Saying::Unsealed(e) => texts.delete_no_seal(guest.display(texts), e),
        }
    }

    async fn send(&self, client: &Client, plan: &Plan) -> Result<Upid, Error> {
        deeds::delete(client, &plan.guest, &self.args.extent).await
    }

    async fn follow(&self, plan: Plan, upid: Upid, begun: Instant) -> Result<Reply, ToolResult> {
        self.entry.begun(&upid, Some(&plan.guest));
        let (deed, guest) = (Deed::Delete, plan.guest);
        let job = Job { deed, guest, upid, begun, pid: None, was: None, wanted: None, given: None };
        Ok(match task::wait(self.aim, &job, &self.args.waiting).await {
            Waited::Handle(id) => Reply::Task(id),
            Waited::Report(report) => Reply::Result(report.result(&job.guest, self.texts)),
        })
    }

    async fn failed(&self, plan: &Plan, e: &Error) -> ToolResult {
        self.refused(&plan.guest, e).await
    }
}

impl Removal<'_> {
    /// Whether PVE is told to stop what runs.
    fn forced(&self) -> bool {
        self.tool.kind == GuestKind::Ct && self.args.extent.force == Some(true)
    }

    async fn current(&self, guest: &Guest) -> Result<Current, ToolResult> {
        ops::current(self.tools.client(), guest).await.map_err(|e| outcome::error(&e, self.texts))
    }

    /// That the token lacks the privilege to delete the guest, where that is known.
    async fn may_delete(&self, guest: &Guest) -> Result<(), ToolResult> {
        match self.tools.rights_within(RIGHTS_AGE).await {
            Ok(rights) if !rights.on("VM.Allocate", guest) => {
                let who = self.tools.client().settings().auth.who();
                let mut report = Report::new(
                    Outcome::Failed,
                    self.texts.may_not_delete(guest.display(self.texts), who.to_owned(), guest.vmid.to_string()),
                );
                report.problem = Some(Problem::Permission);
                Err(report.result(guest, self.texts))
            }
            _ => Ok(()),
        }
    }

    /// What keeps PVE from deleting it, and how to lift each.
    fn blocked(&self, guest: &Guest, live: &Current, config: &Map<String, Value>) -> Option<Report> {
        let mut troubles = Vec::new();
        // PVE deletes a VM that is suspended to disk in spite of its lock (qemu-server: check_lock in destroy).
        if let Some(lock) = live.text("lock").filter(|lock| !(guest.kind == GuestKind::Vm && *lock == "suspended")) {
            troubles.push(Trouble::Locked(lock.to_owned()));
        }
        if flag(config, "protection") {
            troubles.push(Trouble::Protected);
        }
        if live.managed() && self.args.extent.purge != Some(true) {
            troubles.push(Trouble::Managed);
        }
        if live.is_up() && !self.forced() {
            troubles.push(Trouble::WrongState);
        }
        if troubles.is_empty() {
            return None;
        }
        let blocks =
            troubles.iter().filter_map(|trouble| block(trouble, "", guest, &self.tools.advice(), self.texts)).collect();
        Some(self.report_blocked(guest, live, blocks))
    }

    fn report_blocked(&self, guest: &Guest, live: &Current, blocks: Vec<Block>) -> Report {
        let head = self.texts.block_head(guest.display(self.texts));
        // That it runs is one of the reasons where it is one at all.
        let stated = blocks.iter().any(|(word, _)| *word == "running");
        Report { status: Some(live.status.clone()), stated, ..report_of(head, blocks) }
    }

    /// PVE's refusal, which has changed nothing, with the cure for what stands in the way; or that nobody knows.
    async fn refused(&self, guest: &Guest, e: &Error) -> ToolResult {
        let (tools, texts) = (self.tools, self.texts);
        match e {
            Error::CalledOff { .. } => return outcome::cancelled(guest, Deed::Delete, texts).result(guest, texts),
            Error::Unknown(_) => return outcome::unknown(e, texts).result(guest, texts),
            _ => {}
        }
        if let Some(report) = failure::offline(tools, guest, e, texts).await {
            return report.result(guest, texts);
        }
        let Some(refusal) = e.refusal() else { return outcome::error(e, texts) };
        if matches!(refusal.kind, Trouble::Permission { .. } | Trouble::Parameter | Trouble::NodeUnreachable) {
            return outcome::error(e, texts);
        }
        let seen = failure::look(tools, guest, refusal.kind.clone(), &refusal.message, None).await;
        if let Some(block) = block(&seen.trouble, &refusal.message, guest, &tools.advice(), texts) {
            let name = guest.display(texts);
            // What is in the way PVE has just said; the cure is what is left to say.
            let cure = block.1.split_once(": ").map(|(_, cure)| capital(cure));
            let block = (block.0, cure.unwrap_or(block.1));
            return report_of(texts.block_refused(name.as_str(), outcome::quoted(&refusal.message)), vec![block])
                .result(guest, texts);
        }
        let failed = Failure { tools, guest, deed: Deed::Delete, words: &refusal.message, texts };
        failed.report(seen).await.result(guest, texts)
    }
}
