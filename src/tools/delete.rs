//! Delete: what stands in the way, what would be destroyed, consent, and then the call.
//!
//! A plan reads the configuration and the live status and sends nothing. What carries a plan out reads the
//! configuration once more, so that nothing is deleted that has changed since. That nothing runs by then is left to PVE,
//! which refuses and changes nothing, except where it was told to stop what runs (`force`): then the live status is read
//! once more, too, and consent is bound to it. Without consent the live status is read: it tells most of what can be in
//! the way.

use std::{
    ops::Deref,
    time::{Duration, Instant},
};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    aim::Aim,
    args::Waiting,
    blocks::{Block, block, report_of},
    call::{Consent, Problem, Question, Reply, ToolResult},
    consent::{self, CodeError, Confirm},
    deeds::{self, Deed, Extent},
    failure::{self, Failure},
    guest::{Guest, GuestKind},
    job::Job,
    ops::{self, Current},
    outcome::{self, Outcome, Report},
    plan::{Plan, flag},
    say::capital,
    seal::{NoRandom, Purpose, bind},
    shown::Shown,
    state::RIGHTS_AGE,
    task::{self, Waited},
};
use crate::client::{Client, Error, Sent, Trouble};
use crate::foreign;

/// How a guest is to be deleted.
#[derive(Deserialize)]
pub(super) struct DeleteArgs {
    #[serde(flatten)]
    extent: Extent,
    #[serde(flatten)]
    waiting: Waiting,
    /// Code that a plan carried.
    confirm: Option<String>,
}

/// Runs the tool.
pub(super) async fn run(aim: &Aim<'_>, guest: Guest, args: &DeleteArgs) -> Result<Reply, ToolResult> {
    let removal = Removal { aim, args };
    if aim.tools.confirm() == Confirm::Never {
        return removal.plainly(guest).await;
    }
    let plan = removal.plan(guest).await?;
    match removal.consent(&plan).await? {
        Consented::Over(reply) => Ok(reply),
        Consented::Delete(made) => removal.execute(plan.guest, made).await,
    }
}

/// What consent has led to.
enum Consented {
    /// The call ends here.
    Over(Reply),
    /// It is carried out; with when the code was made, if it came with one.
    Delete(Option<Duration>),
}

/// One call to delete.
struct Removal<'a> {
    aim: &'a Aim<'a>,
    args: &'a DeleteArgs,
}

impl<'a> Deref for Removal<'a> {
    type Target = Aim<'a>;

    fn deref(&self) -> &Aim<'a> {
        self.aim
    }
}

impl Removal<'_> {
    /// Deletes without consent.
    async fn plainly(&self, guest: Guest) -> Result<Reply, ToolResult> {
        let read = |client: Client, guest: Guest| async move { ops::current(&client, &guest).await };
        let (guest, live) = self.at(guest, read).await?;
        let guest = self.held(&guest, &live.all)?;
        self.may_delete(&guest).await?;
        match self.blocked(&guest, &live, &Map::new()) {
            Some(report) => Ok(Reply::Result(report.result(&guest, self.texts))),
            None => self.execute(guest, None).await,
        }
    }

    /// Reads how the guest is configured, where it is now.
    async fn plan(&self, guest: Guest) -> Result<Plan, ToolResult> {
        let read = |client: Client, guest: Guest| async move { ops::pending(&client, &guest).await };
        let (guest, rows) = self.at(guest, read).await?;
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

    /// Whether PVE is told to stop what runs.
    fn forced(&self) -> bool {
        self.tool.kind == GuestKind::Ct && self.args.extent.force == Some(true)
    }

    async fn current(&self, guest: &Guest) -> Result<Current, ToolResult> {
        ops::current(self.tools.client(), guest).await.map_err(|e| outcome::error(&e, self.texts))
    }

    /// Obtains consent to a plan.
    async fn consent(&self, plan: &Plan) -> Result<Consented, ToolResult> {
        if let Some(code) = self.args.confirm.as_deref() {
            let why = match self.open(Purpose::Code, code, plan) {
                Ok(made) => return Ok(Consented::Delete(Some(made))),
                Err(CodeError::Expired) => self.texts.code_expired(),
                Err(CodeError::Wrong) => self.texts.code_wrong(),
            };
            return self.propose(plan, |shown| self.offer(plan, shown, Some(why))).await;
        }
        match &self.ctx.consent {
            Consent::Code | Consent::Typed(_) => self.propose(plan, |shown| self.offer(plan, shown, None)).await,
            Consent::Ask(ask) => {
                let shown = match self.shown(plan).await? {
                    Ok(shown) => shown,
                    Err(over) => return Ok(over),
                };
                match ask.ask(self.question(plan, &shown)?).await {
                    Ok(true) => self.unchanged_since(plan).await,
                    Ok(false) => Err(self.declined(&plan.guest)),
                    Err(reason) => {
                        let guest = plan.guest.display(self.texts);
                        Err(self.not_agreed(&plan.guest, self.texts.consent_failed(guest.as_str(), &reason)))
                    }
                }
            }
            Consent::Repeat(Some(answered)) if !answered.agreed => Err(self.declined(&plan.guest)),
            Consent::Repeat(answered) => {
                let open = |state: &str| self.open(Purpose::Question, state, plan).ok();
                let made = answered.as_ref().and_then(|answered| open(&answered.state));
                let spent = |made| self.tools.spent().is_spent(plan.guest.vmid, self.caller(), made);
                match made.filter(|made| !spent(*made)) {
                    Some(made) => Ok(Consented::Delete(Some(made))),
                    // One that answers another question, or too late, or that was declined before, is asked again.
                    None => self.propose(plan, |shown| self.question(plan, shown).map(Reply::Question)).await,
                }
            }
        }
    }

    /// Ends the call with a proposal, or with what stands in its way.
    async fn propose(
        &self,
        plan: &Plan,
        reply: impl Fn(&Shown) -> Result<Reply, ToolResult>,
    ) -> Result<Consented, ToolResult> {
        match self.shown(plan).await? {
            Ok(shown) => reply(&shown).map(Consented::Over),
            Err(over) => Ok(over),
        }
    }

    /// What is shown; or the end of the call, where something stands in the way.
    async fn shown(&self, plan: &Plan) -> Result<Result<Shown, Consented>, ToolResult> {
        let live = match &plan.live {
            Some(live) => live.clone(),
            None => self.current(&plan.guest).await?,
        };
        // No plan and no cure for a caller who will be refused anyway.
        self.may_delete(&plan.guest).await?;
        let over = |report: Report| Ok(Err(Consented::Over(Reply::Result(report.result(&plan.guest, self.texts)))));
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
        Ok(Ok(Shown { volumes: plan.volumes(&around), live, around }))
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

    /// The user may have thought about it for minutes: what is deleted is what was shown.
    async fn unchanged_since(&self, plan: &Plan) -> Result<Consented, ToolResult> {
        let now = self.plan(plan.guest.clone()).await?;
        if self.bound(&now) == self.bound(plan) {
            return Ok(Consented::Delete(None));
        }
        let guest = plan.guest.display(self.texts);
        Err(self.not_agreed(&plan.guest, self.texts.consent_changed(&guest)))
    }

    /// Has PVE delete it.
    async fn execute(&self, guest: Guest, made: Option<Duration>) -> Result<Reply, ToolResult> {
        let spent = self.tools.spent();
        let Some(ticket) = spent.claim(guest.vmid, self.caller(), made) else {
            return Err(self.not_agreed(&guest, self.texts.code_spent().to_owned()));
        };
        if let Err(result) = self.entry.intend(self.texts).await {
            spent.release(ticket);
            return Err(result);
        }
        let begun = Instant::now();
        self.entry.sending();
        let upid =
            match deeds::delete(&self.tools.client().until(self.ctx.cancel.clone()), &guest, &self.args.extent).await {
                Ok(upid) => upid,
                Err(e) => {
                    // What PVE has refused has not been carried out. Of any other answer nobody knows.
                    if e.refusal().is_some() || matches!(e, Error::Login { .. }) || e.sent() == Sent::No {
                        spent.release(ticket);
                    }
                    return Err(self.refused(&guest, &e).await);
                }
            };
        self.entry.begun(&upid, Some(&guest));
        let job = Job { deed: Deed::Delete, guest, upid, begun, pid: None, was: None, wanted: None, given: None };
        Ok(match task::wait(self.aim, &job, &self.args.waiting).await {
            Waited::Handle(id) => Reply::Task(id),
            Waited::Report(report) => Reply::Result(report.result(&job.guest, self.texts)),
        })
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

    /// What was shown to this caller before is no longer agreed to, whatever is brought back of it.
    fn declined(&self, guest: &Guest) -> ToolResult {
        self.tools.spent().decline(guest.vmid, self.caller());
        self.not_agreed(guest, self.texts.consent_declined(guest.display(self.texts)))
    }

    fn not_agreed(&self, guest: &Guest, text: String) -> ToolResult {
        let mut report = Report::new(Outcome::Declined, text);
        report.problem = Some(Problem::Consent);
        report.result(guest, self.texts)
    }

    /// When a code, or the state of a question, was made, if it is for this plan.
    fn open(&self, purpose: Purpose, code: &str, plan: &Plan) -> Result<Duration, CodeError> {
        consent::check(self.tools.key(), purpose, code, &self.bound(plan))
    }

    fn seal(&self, purpose: Purpose, plan: &Plan) -> Result<String, ToolResult> {
        let unsealed = |e: NoRandom| {
            ToolResult::problem(Problem::Failed, self.texts.no_seal(plan.guest.display(self.texts), e.to_string()))
        };
        consent::code(self.tools.key(), purpose, &self.bound(plan)).map_err(unsealed)
    }

    /// Who calls: not by a name, which somebody else may have tomorrow.
    fn caller(&self) -> &str {
        self.ctx.identity().unwrap_or_default()
    }

    /// What consent is bound to: this guest with this configuration, these options, this caller; and whether it runs,
    /// where PVE would stop it.
    fn bound(&self, plan: &Plan) -> String {
        let flag = |option: Option<bool>| if option == Some(true) { "1" } else { "0" };
        bind(&[
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
        ])
    }

    fn question(&self, plan: &Plan, shown: &Shown) -> Result<Question, ToolResult> {
        // It goes to the user by another way than the call's answer.
        let mut lines = shown.lines(plan, &self.args.extent, self.forced(), self.texts).join("\n");
        foreign::text(&mut lines);
        let field = self.texts.consent_field(plan.guest.within(self.texts));
        let word = plan.guest.name.clone().unwrap_or_else(|| plan.guest.vmid.to_string());
        let shown = foreign::line(&word, foreign::NAME).into_owned();
        Ok(Question {
            plan: lines,
            title: self.texts.consent_title().to_owned(),
            prompt: self.texts.consent_typed(&field, &shown),
            field,
            word,
            state: self.seal(Purpose::Question, plan)?,
        })
    }

    /// The plan with its code, as a result that is no success.
    fn offer(&self, plan: &Plan, shown: &Shown, first: Option<&str>) -> Result<Reply, ToolResult> {
        let texts = self.texts;
        let code = self.seal(Purpose::Code, plan)?;
        let mut sentence = first.map_or(String::new(), |first| format!("{first}\n"));
        sentence += &shown.lines(plan, &self.args.extent, self.forced(), self.texts).join("\n");
        let (ask, how) = match &self.ctx.consent {
            Consent::Typed(command) => (texts.plan_typed(), format!("{command} confirm={code}")),
            _ => (texts.plan_ask(), texts.plan_code(self.tool.name, &code)),
        };
        let mut report = Report::new(Outcome::Confirm, format!("{sentence}\n{ask}")).note(how);
        report.problem = Some(Problem::Consent);
        report.facts.insert("confirm".to_owned(), code.into());
        report.facts.extend(shown.facts());
        Ok(Reply::Result(report.result(&plan.guest, texts)))
    }
}
