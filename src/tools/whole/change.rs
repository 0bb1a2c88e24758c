//! A call that changes something: agreed to where its risk asks for it, sent, and followed or read back.

use std::time::Instant;

use serde_json::Value;

use super::{after, follow, given::plain, plan::Plan, risk, target::About};
use crate::{
    client::{Client, Error},
    pve::Upid,
    spec::{Call as Request, Endpoint, Risk},
    tools::{
        allowed::denied,
        call::{Reply, ToolResult},
        carry::carry_out,
        change::{Bound, Change, Proposal},
        consent::Confirm,
        guest::{Guest, Known as _},
        outcome,
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
    carry_out(&Changing { call, endpoint, risk, about, request }).await
}

/// One call of a method that changes something.
struct Changing<'a, 'c> {
    call: &'a Call<'c>,
    endpoint: &'static Endpoint,
    risk: Risk,
    about: &'a About,
    request: Request,
}

impl Change for Changing<'_, '_> {
    /// Nothing where no consent is needed.
    type Plan = Option<Plan>;
    type Answer = Value;

    fn call(&self) -> &Call<'_> {
        self.call
    }

    fn asks(&self, plan: &Option<Plan>) -> bool {
        plan.is_some()
    }

    fn deletes(&self, _: &Option<Plan>) -> bool {
        risk::deletes(self.endpoint, self.risk)
    }

    async fn plan(&self) -> Result<Option<Plan>, ToolResult> {
        let Self { call, endpoint, risk, about, request } = self;
        let guests = touched(call, endpoint, about).await?;
        protected(call, endpoint, *risk, about, &guests)?;
        let many = risk::asks_always(endpoint) && (guests.len() != 1 || about.named.len() != 1);
        if !(many || risk.asks()) || call.tools.confirm() == Confirm::Never {
            return Ok(None);
        }
        let names: Vec<String> = guests.iter().map(|guest| guest.within(call.texts)).collect();
        Ok(Some(Plan::read(call, endpoint, *risk, about, request, &names).await))
    }

    fn bound(&self, plan: &Option<Plan>) -> Bound {
        plan.as_ref().map(|plan| plan.bound.clone()).unwrap_or_default()
    }

    async fn proposal(&self, plan: &Option<Plan>) -> Result<Proposal, ToolResult> {
        let lines = plan.as_ref().map(|plan| plan.lines.clone()).unwrap_or_default();
        Ok(Proposal { lines, ..Proposal::default() })
    }

    async fn send(&self, client: &Client, _: &Option<Plan>) -> Result<Value, Error> {
        Ok(client.send(self.request.clone()).await?.value().unwrap_or_default())
    }

    async fn follow(&self, _: Option<Plan>, data: Value, begun: Instant) -> Result<Reply, ToolResult> {
        let Self { call, endpoint, about, .. } = self;
        Ok(Reply::Result(match data.as_str().and_then(|text| text.parse::<Upid>().ok()) {
            Some(upid) => follow::task(call, endpoint, about, &upid, begun).await,
            None => after::done(call, endpoint, about, data).await,
        }))
    }

    async fn failed(&self, _: &Option<Plan>, e: &Error) -> ToolResult {
        outcome::of_change(e, self.call.texts)
    }
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
