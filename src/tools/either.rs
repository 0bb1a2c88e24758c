//! The guest of a tool that serves both kinds: which one is meant, by its id or by its name, and so of which kind it is.

use super::{
    aim::wrong,
    allowed::denied,
    call::{Problem, ToolResult},
    directory::{self, Cluster},
    guest::{Guest, GuestKind, Target},
    outcome,
    say::capital,
    tool::Call,
};

/// The guest that a target means, if there is one that may be told of. By its id none need be there any more; a name that
/// nobody has is refused.
///
/// # Errors
/// That no guest, or more than one, has the name; the rule that denies it; or why PVE could not be asked.
pub(super) async fn meant(call: &Call<'_>, target: &Target) -> Result<Option<Guest>, ToolResult> {
    let (tools, texts) = (call.tools, call.texts);
    let rule = |rule| denied(call.tool, &rule, texts);
    let cluster = tools.directory().recent().await.map_err(|e| outcome::error(&e, texts))?.0;
    let mut found = cluster.meant(target);
    if target.vmid.is_none()
        && found.is_empty()
        && let Some(name) = target.name.as_deref()
    {
        found = live(call, &cluster, name).await;
    }
    for guest in &found {
        tools.policy().told(guest).map_err(rule)?;
    }
    match (&found[..], target.name.as_deref()) {
        ([], Some(name)) if target.vmid.is_none() => {
            let text = texts.name_unknown(name, tools.client().settings().auth.who());
            let mut result = ToolResult::problem(Problem::NotFound, format!("{}.", capital(&text)));
            directory::notes(&cluster, tools.policy(), texts).iter().for_each(|note| result.add(note));
            Err(result)
        }
        ([_, _, ..], Some(name)) => {
            let places: Vec<_> = found.iter().map(|guest| texts.candidate(guest.vmid, guest.node.as_str())).collect();
            Err(wrong(call, &texts.name_ambiguous(found.len(), name, places.join(", "))))
        }
        ([guest], Some(name))
            if target.vmid.is_some() && !guest.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name)) =>
        {
            let own = guest.name.as_deref().unwrap_or(texts.unnamed());
            Err(wrong(call, &texts.name_vmid_differ(guest.vmid, own, name)))
        }
        _ => Ok(found.pop()),
    }
}

/// The guests that have a name by what their nodes say: the cluster's list is ten seconds behind.
async fn live(call: &Call<'_>, cluster: &Cluster, name: &str) -> Vec<Guest> {
    let directory = call.tools.directory();
    let kind = |kind: GuestKind| directory.on_nodes(cluster, kind, name);
    let (vms, containers) = futures_util::join!(kind(GuestKind::Vm), kind(GuestKind::Ct));
    vms.0.into_iter().chain(containers.0).collect()
}
