//! Operations: one method of the API that a tool has PVE carry out, with sentences of its own.
//!
//! What is common to them stands here: the guest is found whichever of the two kinds it is of, the request goes through the
//! pipeline of every change (`carry`), and its task is followed and told of. A tool adds what it knows: its request, what
//! would be lost, and what it reads afterwards.

use std::{any::Any, future::Future, pin::Pin, time::Instant};

use serde_json::{Map, Value};

use super::{
    aim,
    allowed::denied,
    call::{Problem, Reply, ToolResult},
    carry::{carry_out, followed},
    change::{Bound, Change, Proposal},
    consent::Confirm,
    guest::{Guest, GuestKind},
    outcome::{self, Outcome, Report, quoted},
    policy::{Asked, Denied},
    profile::Action,
    say::{Lang, capital},
    seal::bind,
    tool::Call,
};
use crate::{
    client::{Client, Error, TaskEnd, TaskOutcome},
    pve::Upid,
    spec::{Call as Request, Risk},
};

/// An operation as its tool declares it.
pub(super) trait Operation: Sync {
    /// What it sees before and needs again afterwards.
    type Seen: Send + Sync + 'static;

    /// The call that asks for it.
    fn call(&self) -> &Call<'_>;

    /// Reads what there is now and says what is to be done. It is made once more after the user has thought about it, so it
    /// sends nothing but questions.
    ///
    /// # Errors
    /// What stands in its way.
    fn prepare(&self) -> impl Future<Output = Result<(Prepared, Self::Seen), ToolResult>> + Send;

    /// Adds to the report what stands there now, whatever became of it: `report.outcome` says. Of what goes on nothing is read.
    fn after(&self, _: &Self::Seen, report: Report) -> impl Future<Output = Report> + Send {
        async { report }
    }

    /// What is told where PVE refused it, or where nobody knows what became of it.
    fn refused(&self, prepared: &Prepared, _: &Self::Seen, e: &Error) -> impl Future<Output = ToolResult> + Send {
        let result = refusal(self.call(), prepared, e);
        async { result }
    }
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// What was seen before, whichever operation it is of.
type Seen = Box<dyn Any + Send + Sync>;

/// The steps of any operation, so that the program has the pipeline once for all of them.
trait Steps: Sync {
    fn asked(&self) -> &Call<'_>;
    fn planned(&self) -> Boxed<'_, Result<(Prepared, Seen), ToolResult>>;
    fn ended<'a>(&'a self, seen: &'a Seen, report: Report) -> Boxed<'a, Report>;
    fn failed<'a>(&'a self, plan: &'a (Prepared, Seen), e: &'a Error) -> Boxed<'a, ToolResult>;
}

impl<O: Operation> Steps for O {
    fn asked(&self) -> &Call<'_> {
        self.call()
    }

    fn planned(&self) -> Boxed<'_, Result<(Prepared, Seen), ToolResult>> {
        Box::pin(async { self.prepare().await.map(|(prepared, seen)| (prepared, Box::new(seen) as Seen)) })
    }

    fn ended<'a>(&'a self, seen: &'a Seen, report: Report) -> Boxed<'a, Report> {
        // It is what this operation saw.
        match seen.downcast_ref::<O::Seen>() {
            Some(seen) => Box::pin(self.after(seen, report)),
            None => Box::pin(async { report }),
        }
    }

    fn failed<'a>(&'a self, (prepared, seen): &'a (Prepared, Seen), e: &'a Error) -> Boxed<'a, ToolResult> {
        match seen.downcast_ref::<O::Seen>() {
            Some(seen) => Box::pin(self.refused(prepared, seen, e)),
            None => Box::pin(async move { refusal(self.call(), prepared, e) }),
        }
    }
}

/// An operation that is ready to be sent.
pub(super) struct Prepared {
    /// What is sent.
    pub request: Request,
    /// What it does, as the subject of a sentence in the caller's language: `creating snapshot x of VM 100 (web)`.
    pub act: String,
    /// The sentence that says that it is done.
    pub done: String,
    /// The worst that it can do; consent is asked for by it.
    pub risk: Risk,
    /// The guest that it is done to.
    pub guest: Option<Guest>,
    /// The plan, line by line: what it would do, and what would be lost.
    pub lines: Vec<String>,
    /// The same for programs; told in the plan alone.
    pub facts: Map<String, Value>,
    /// What is there now, as far as the plan speaks of it: it may not differ when the plan is carried out.
    pub bound: Vec<String>,
    /// What a person at a terminal types who agrees.
    pub word: String,
}

impl Prepared {
    /// An operation of this risk on a guest, or on none.
    pub(super) fn new(request: Request, risk: Risk, guest: Option<&Guest>, act: String, done: String) -> Self {
        let word = match guest {
            Some(guest) => guest.name.clone().unwrap_or_else(|| guest.vmid.to_string()),
            None => request.path().rsplit('/').next().unwrap_or_default().to_owned(),
        };
        Self {
            request,
            act,
            done,
            risk,
            guest: guest.cloned(),
            lines: Vec::new(),
            facts: Map::new(),
            bound: Vec::new(),
            word,
        }
    }
}

/// Carries an operation out.
///
/// # Errors
/// What stood in its way, or how it failed.
pub(super) async fn run<O: Operation>(operation: &O) -> Result<Reply, ToolResult> {
    carry_out(&Run(operation)).await
}

/// The guest of a call, of whichever kind it is, held against the rules.
///
/// # Errors
/// What is wrong with the arguments, that there is no such guest, or the rule that denies it.
pub(super) async fn guest(call: &Call<'_>) -> Result<Guest, ToolResult> {
    let (tools, texts) = (call.tools, call.texts);
    let rule = |rule: Denied| denied(call.tool, &rule, texts);
    let target = aim::meant(&call.given, texts).map_err(|why| aim::wrong(call, &why))?;
    tools.policy().before(call.tool, target.node.as_ref().map(|node| node.as_str()), target.vmid).map_err(rule)?;
    tools.seen_pools(call.tool, texts).await?;
    let cluster = tools.directory().recent().await.map_err(|e| outcome::error(&e, texts))?.0;
    let kinds: Vec<GuestKind> = match target.vmid {
        Some(vmid) => cluster.guests.find(vmid).map(|row| row.kind()).into_iter().collect(),
        None => cluster.meant(&target).iter().map(|guest| guest.kind).collect(),
    };
    let action = if call.tool.effect.changes() { Action::Stop } else { Action::Get };
    let find = |kind| tools.find(call.tool.for_guests(kind, action), &target, texts);
    let guest = match kinds[..] {
        [GuestKind::Vm, GuestKind::Ct] | [GuestKind::Ct, GuestKind::Vm] => {
            let found = cluster.meant(&target);
            found.iter().try_for_each(|guest| tools.policy().told(guest).map_err(rule))?;
            let places: Vec<_> = found.iter().map(|guest| texts.candidate(guest.vmid, guest.node.as_str())).collect();
            let name = target.name.as_deref().unwrap_or_default();
            return Err(aim::wrong(call, &texts.name_ambiguous(places.len(), name, places.join(", "))));
        }
        [kind, ..] => find(kind).await?,
        // The list is ten seconds behind, on names more: each kind is asked for it.
        [] => match find(GuestKind::Vm).await {
            Err(unknown) if unknown.problem == Some(Problem::NotFound) => {
                find(GuestKind::Ct).await.map_err(|_| unknown)?
            }
            found => found?,
        },
    };
    tools.policy().guest(call.tool, &guest).map_err(rule)?;
    call.entry.guest(guest.display(Lang::En.texts()));
    Ok(guest)
}

/// PVE's answer to a request that it did not take, or that nobody knows what became of it.
pub(super) fn refusal(call: &Call<'_>, prepared: &Prepared, e: &Error) -> ToolResult {
    let mut result = outcome::of_change(e, call.texts);
    result.text = capital(&call.texts.op_refused(&prepared.act, quoted(&result.text)));
    if let Some(facts) = &mut result.structured {
        facts.insert("detail".to_owned(), result.text.clone().into());
        if let Some(guest) = &prepared.guest {
            guest.tell(facts);
        }
    }
    result
}

/// The result of an operation for its caller.
fn result(call: &Call<'_>, prepared: &Prepared, report: Report) -> ToolResult {
    match &prepared.guest {
        Some(guest) => report.result(guest, call.texts),
        None => report.told(call.texts),
    }
}

/// What became of a request that PVE has taken: its task followed to its end, or done where it is no task.
async fn ended(call: &Call<'_>, prepared: &Prepared, data: &Value, begun: Instant) -> Report {
    let texts = call.texts;
    let Some(upid) = data.as_str().and_then(|text| text.parse::<Upid>().ok()) else {
        return Report::new(Outcome::Done, prepared.done.clone());
    };
    call.entry.begun(&upid, prepared.guest.as_ref());
    let act = capital(&prepared.act);
    let mut report = if call.given.get("wait") == Some(&Value::Bool(false)) {
        Report::new(Outcome::Running, texts.op_begun(act))
    } else {
        let end = followed(call, &upid, begun, &prepared.act).await;
        let mut report = told(call, prepared, end);
        report.seconds = Some(begun.elapsed().as_secs_f64());
        report
    };
    report.upid = Some(upid.to_string());
    report
}

/// How a task ended, that it goes on, or that nobody knows.
fn told(call: &Call<'_>, prepared: &Prepared, end: Result<TaskEnd, Error>) -> Report {
    let (texts, act) = (call.texts, capital(&prepared.act));
    let failed = |outcome, problem, sentence| Report { problem: Some(problem), ..Report::new(outcome, sentence) };
    let end = match end {
        Ok(end) => end,
        Err(e) => {
            let reason = e.say(texts.errors);
            return failed(Outcome::Unknown, Problem::Unanswered, texts.op_lost(act, quoted(&reason)));
        }
    };
    match end.outcome {
        TaskOutcome::Ok => Report::new(Outcome::Done, prepared.done.clone()),
        TaskOutcome::Warnings(n) => {
            let warned = texts.warned(usize::try_from(n).unwrap_or(usize::MAX));
            Report { log: end.log, ..Report::new(Outcome::Warnings, prepared.done.clone()).note(warned) }
        }
        TaskOutcome::Failed(words) => {
            let shown = crate::foreign::line(quoted(&words), crate::foreign::WORDS).into_owned();
            let report = failed(Outcome::Failed, Problem::Failed, texts.op_failed(act, shown));
            Report { log: super::failure::without_end(end.log, &words), ..report }
        }
        TaskOutcome::StillRunning => {
            Report { task_runs: true, ..Report::new(Outcome::Running, texts.op_runs(act, end.duration.as_secs())) }
        }
    }
}

/// An operation as the pipeline takes it.
struct Run<'a>(&'a dyn Steps);

impl Change for Run<'_> {
    type Plan = (Prepared, Seen);
    type Answer = Value;

    fn call(&self) -> &Call<'_> {
        self.0.asked()
    }

    fn asks(&self, (plan, _): &(Prepared, Seen)) -> bool {
        self.call().tools.confirm() != Confirm::Never && plan.risk.asks()
    }

    fn deletes(&self, (plan, _): &(Prepared, Seen)) -> bool {
        plan.risk == Risk::Destroy
    }

    fn guest<'a>(&'a self, (plan, _): &'a (Prepared, Seen)) -> Option<&'a Guest> {
        plan.guest.as_ref()
    }

    async fn plan(&self) -> Result<(Prepared, Seen), ToolResult> {
        let plan = self.0.planned().await?;
        let (call, request) = (self.call(), &plan.0.request);
        // What the rules say of the method counts whichever tool calls it.
        let asked = Asked::of(request.endpoint, |name| request.segment(name));
        call.tools.policy().method(asked).map_err(|rule| denied(call.tool, &rule, call.texts))?;
        call.tools.client().admits(request).await.map_err(|e| outcome::error(&e, call.texts))?;
        Ok(plan)
    }

    fn bound(&self, (plan, _): &(Prepared, Seen)) -> Bound {
        let subject = match &plan.guest {
            Some(guest) => guest.vmid.to_string(),
            None => plan.request.path().to_owned(),
        };
        let call = self.call();
        let method = plan.request.method().to_string();
        let mut parts = vec![call.tool.name, &method, plan.request.path(), call.caller()];
        parts.extend(plan.request.params().iter().flat_map(|(name, value)| [name.as_ref(), value.as_str()]));
        parts.extend(plan.bound.iter().map(String::as_str));
        Bound { subject, word: plan.word.clone(), to: bind(&parts) }
    }

    async fn proposal(&self, (plan, _): &(Prepared, Seen)) -> Result<Proposal, ToolResult> {
        Ok(Proposal { lines: plan.lines.clone(), facts: plan.facts.clone() })
    }

    async fn send(&self, client: &Client, (plan, _): &(Prepared, Seen)) -> Result<Value, Error> {
        Ok(client.send(plan.request.clone()).await?.value().unwrap_or_default())
    }

    async fn follow(&self, (plan, seen): (Prepared, Seen), data: Value, begun: Instant) -> Result<Reply, ToolResult> {
        let call = self.call();
        let mut report = ended(call, &plan, &data, begun).await;
        // It may have made, moved or renamed a guest.
        call.tools.directory().forget();
        if report.outcome != Some(Outcome::Running) {
            report = self.0.ended(&seen, report).await;
        }
        Ok(Reply::Result(result(call, &plan, report)))
    }

    async fn failed(&self, plan: &(Prepared, Seen), e: &Error) -> ToolResult {
        self.0.failed(plan, e).await
    }
}
