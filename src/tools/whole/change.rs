//! A call that changes something: agreed to where its risk asks for it, sent, and followed or read back.

use std::time::Instant;

use super::{
    after, follow,
    given::plain,
    plan::{Agreed, Plan, not_agreed},
    risk,
    target::About,
};
use crate::{
    client::{Error, Sent},
    pve::Upid,
    spec::{Call as Request, Endpoint, Risk},
    tools::{
        allowed::denied,
        call::{Problem, Reply, ToolResult},
        consent::Confirm,
        guest::{Guest, Known as _},
        outcome::{self, Outcome},
        policy::Denied,
        rows::Row,
        tool::Call,
    },
};

/// Carries it out.
pub(super) async fn run(
    call: &Call<'_>,
    endpoint: &'static Endpoint,
    risk: Risk,
    about: &About,
    request: Request,
) -> Result<Reply, ToolResult> {
    let guests = touched(call, endpoint, about).await?;
    protected(call, endpoint, risk, about, &guests)?;
    let many = risk::asks_always(endpoint) && (guests.len() != 1 || about.named.len() != 1);
    let mut ticket = None;
    if (many || risk::asks(risk)) && call.tools.confirm() != Confirm::Never {
        let names: Vec<String> = guests.iter().map(|guest| guest.within(call.texts)).collect();
        let plan = Plan::read(call, endpoint, risk, about, &request, &names).await;
        let made = match plan.agree(call).await? {
            Agreed::Over(reply) => return Ok(reply),
            Agreed::Yes(made) => made,
            Agreed::Asked => {
                // The user may have thought about it for minutes.
                let names: Vec<String> =
                    touched(call, endpoint, about).await?.iter().map(|guest| guest.within(call.texts)).collect();
                Plan::read(call, endpoint, risk, about, &request, &names).await.unchanged_since(&plan, call)?;
                None
            }
        };
        let caller = call.ctx.identity().unwrap_or_default();
        ticket = call.tools.spent().claim(&plan.subject, caller, made);
        if ticket.is_none() {
            return Err(not_agreed(call.texts.code_spent().to_owned()));
        }
    }
    let back = |e: ToolResult| {
        if let Some(ticket) = ticket {
            call.tools.spent().release(ticket);
        }
        e
    };
    call.entry.intend(call.texts).await.map_err(back)?;
    let begun = Instant::now();
    call.entry.sending();
    let client = call.tools.client().until(call.ctx.cancel.clone());
    match client.send(request).await {
        Ok(reply) => {
            let data = reply.value().unwrap_or_default();
            match data.as_str().and_then(|text| text.parse::<Upid>().ok()) {
                Some(upid) => Ok(Reply::Result(follow::task(call, endpoint, about, &upid, begun).await)),
                None => Ok(Reply::Result(after::done(call, endpoint, about, data).await)),
            }
        }
        Err(e) => {
            let refused = e.refusal().is_some() || e.sent() == Sent::No;
            let result = failed(call, &e);
            Err(if refused { back(result) } else { result })
        }
    }
}

/// PVE refused, or nobody knows.
fn failed(call: &Call<'_>, e: &Error) -> ToolResult {
    let mut result = outcome::error(e, call.texts);
    if matches!(e, Error::CalledOff { .. }) {
        result.problem = Some(Problem::Cancelled);
    }
    if matches!(e, Error::Unknown(_))
        && let Some(facts) = &mut result.structured
    {
        result.problem = Some(Problem::Unanswered);
        facts.insert("outcome".to_owned(), Outcome::Unknown.as_str().into());
    }
    result
}

/// The guests that a call on many touches: those that it names, or all that it could mean.
async fn touched(call: &Call<'_>, endpoint: &Endpoint, about: &About) -> Result<Vec<Guest>, ToolResult> {
    let power = endpoint.at() == "POST /nodes/{node}/status";
    // Of HA the guest is named as `vm:100`, or by the number alone.
    if let Some(sid) = about.arguments.get("sid").map(plain) {
        let id = sid.rsplit(':').next().unwrap_or_default().to_owned();
        let cluster = call.tools.directory().fresh().await.map_err(|e| outcome::error(&e, call.texts))?;
        return Ok(cluster.guests.iter().filter(|row| row.vmid().to_string() == id).map(Row::guest).collect());
    }
    if !risk::asks_always(endpoint) && !power {
        return Ok(about.named.clone());
    }
    let cluster = call.tools.directory().fresh().await.map_err(|e| outcome::error(&e, call.texts))?;
    let text = |name: &str| about.arguments.get(name).map(plain);
    let node = text("node").filter(|_| endpoint.path.contains("{node}"));
    let excluded: Vec<String> = about.arguments.get("exclude").map(super::lists::items).unwrap_or_default();
    // It takes the locks of backups off every guest of the node, whichever it is told to start.
    let all = endpoint.path.ends_with("/startall") || power || about.named.is_empty();
    let meant = cluster.guests.iter().filter(|row| {
        let named = all || about.named.iter().any(|named| named.vmid == row.vmid());
        let there = node.as_ref().is_none_or(|node| row.node().as_str() == node);
        let pool = text("pool").is_none_or(|pool| row.pool() == Some(pool.as_str()));
        let runs = !power || row.status() == "running";
        named && there && pool && runs && !excluded.contains(&row.vmid().to_string())
    });
    Ok(meant.map(Row::guest).collect())
}

/// A guest that a tag protects is not stopped in company either.
fn protected(
    call: &Call<'_>,
    endpoint: &Endpoint,
    risk: Risk,
    about: &About,
    guests: &[Guest],
) -> Result<(), ToolResult> {
    // Backups that are pruned are none of the guest itself.
    let destroys = risk == Risk::Destroy && about.guest.is_none() && !endpoint.many;
    let stops = risk::stops(endpoint, &about.arguments) || destroys;
    let tags = &call.tools.policy().protected_tags;
    for guest in guests.iter().filter(|_| stops) {
        if let Some(tag) = tags.iter().find(|tag| guest.has_tag(tag)) {
            let rule = Denied(format!("protected tag {tag} ({})", guest.within(call.texts)));
            return Err(denied(call.tool, &rule, call.texts));
        }
    }
    Ok(())
}
