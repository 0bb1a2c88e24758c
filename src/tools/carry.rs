//! The last steps of a call that changes something, the same for each: consent, the audit log, sending, and following.

use std::{future::Future, time::Instant};

use super::{
    agree::{Agreed, agree, not_agreed},
    call::{Reply, ToolResult},
    change::Change,
    tool::Call,
};
use crate::client::{Client, Error, Sent};

/// Carries a change out, with consent where it needs that.
pub(super) async fn carry_out<C: Change>(change: &C) -> Result<Reply, ToolResult> {
    let call = change.call();
    let plan = change.plan().await?;
    let mut claimed = Claimed { call, ticket: None };
    if change.asks(&plan) {
        let code = call.given.get("confirm").and_then(serde_json::Value::as_str);
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
    let sent = announced(call, |client| {
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
/// announced. Gives PVE's answer and when it was asked.
///
/// # Errors
/// The answer to a call that cannot be recorded: nothing was sent.
pub(super) async fn announced<T, F: Future<Output = Result<T, Error>>>(
    call: &Call<'_>,
    send: impl FnOnce(Client) -> F,
) -> Result<(Result<T, Error>, Instant), ToolResult> {
    call.entry.intend(call.texts).await?;
    let begun = Instant::now();
    call.entry.sending();
    Ok((send(call.tools.client().until(call.ctx.cancel.clone())).await, begun))
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
