//! The last steps of a call that changes something, the same for each: consent, the audit log, sending, and following.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    agree::{Agreed, agree, not_agreed},
    call::{Reply, Step, ToolResult},
    change::Change,
    outcome::LOG_LINES,
    schema::TIMEOUT_DEFAULT,
    tool::Call,
};
use crate::{
    client::{Client, Error, Follow, Progress, Sent, TaskEnd, TaskOutcome},
    pve::Upid,
};

/// Carries a change out, with consent where it needs that.
pub(super) async fn carry_out<C: Change>(change: &C) -> Result<Reply, ToolResult> {
    let call = change.call();
    let plan = change.plan().await?;
    let mut claimed = Claimed { call, ticket: None };
    if change.asks(&plan) {
        let code = call.given.get("confirm").and_then(Value::as_str);
        let made = match agree(change, &plan, code).await? {
            Agreed::Over(reply) => return Ok(reply),
            Agreed::Yes(made) => made,
        };
        claimed.ticket = call.tools.spent().claim(change.bound(&plan).subject, call.caller(), made);
        if claimed.ticket.is_none() {
            return Err(not_agreed(change, &plan, call.texts.code_spent().to_owned()));
        }
    } else {
        change.ready(&plan).await?;
    }
    let sent = announced(call, change.deletes(&plan), |client| {
        let plan = &plan;
        async move { change.send(&client, plan).await }
    });
    match sent.await.inspect_err(|_| claimed.release())? {
        (Ok(answer), begun) => change.follow(plan, answer, begun).await,
        (Err(e), _) => {
            // What PVE has refused has not been carried out. Of any other answer nobody knows.
            if e.refusal().is_some() || matches!(e, Error::Login { .. }) || e.sent() == Sent::No {
                claimed.release();
            }
            Err(change.failed(&plan, &e).await)
        }
    }
}

/// Sends what changes something: what the log announces before may still be called off, and what is sent has been
/// announced and counted, among the deletions if it `deletes`. Gives PVE's answer and when it was asked.
///
/// # Errors
/// The answer to a call that is kept back or cannot be recorded: nothing was sent.
pub(super) async fn announced<T, F: Future<Output = Result<T, Error>>>(
    call: &Call<'_>,
    deletes: bool,
    send: impl FnOnce(Client) -> F,
) -> Result<(Result<T, Error>, Instant), ToolResult> {
    call.entry.intend(deletes, call.texts).await?;
    let begun = Instant::now();
    call.entry.sending();
    Ok((send(call.tools.client().until(call.ctx.cancel.clone())).await, begun))
}

/// Follows a task to its end, for as long as the call has to give, and tells the caller of its steps under this name.
///
/// # Errors
/// Why nobody knows what became of it: also of one that ran when it was last heard of, and could not be asked any more.
pub(super) async fn followed(call: &Call<'_>, upid: &Upid, begun: Instant, name: &str) -> Result<TaskEnd, Error> {
    let limit = Duration::from_secs(call.given.get("timeout").and_then(Value::as_u64).unwrap_or(TIMEOUT_DEFAULT));
    let mut failure = None;
    let mut progress = |step: &Progress| {
        failure.clone_from(&step.failure);
        if let Some(steps) = &call.ctx.progress {
            let message = name.to_owned();
            let _ = steps.send(Step { elapsed: step.elapsed, limit, message, percent: step.percent });
        }
    };
    let follow = Follow {
        deadline: Some(limit.saturating_sub(begun.elapsed())),
        cancel: Some(call.ctx.cancel.clone()),
        log_lines: LOG_LINES,
        percent: call.ctx.percent,
        progress: Some(&mut progress),
    };
    let end = call.tools.client().follow(upid, follow).await?;
    match (&end.outcome, failure) {
        (TaskOutcome::StillRunning, Some(e)) => Err(e),
        _ => Ok(end),
    }
}

/// The consent that a change has used, to be given back where nothing was changed.
struct Claimed<'a> {
    call: &'a Call<'a>,
    ticket: Option<u64>,
}

impl Claimed<'_> {
    fn release(&self) {
        if let Some(ticket) = self.ticket {
            self.call.tools.spent().release(ticket);
        }
    }
}
