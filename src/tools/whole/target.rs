//! Whom a call is about: the guest or the node in its path, found where it is not named, and held against the rules.

use serde_json::{Map, Value};

use super::{
    find::Found,
    given::plain,
    lists, risk,
    say::{self, Say},
};
use crate::{
    pve::{Upid, Vmid},
    spec::{Endpoint, Risk},
    tools::{
        allowed::denied,
        call::{Problem, ToolResult},
        directory,
        guest::{Guest, GuestKind, Target},
        outcome,
        policy::{Asked, Denied, Rule},
        profile::Action,
        tool::Call,
    },
};

/// What a call is about.
#[derive(Default)]
pub(super) struct About {
    /// The arguments, with the node and the id that the path needs.
    pub arguments: Map<String, Value>,
    /// The guest, where the path names one.
    pub guest: Option<Guest>,
    /// The guests that lists among the arguments name.
    pub named: Vec<Guest>,
}

/// The kind of guest below which a method stands.
pub(super) fn kind(endpoint: &Endpoint) -> Option<GuestKind> {
    let below = |at: &str| endpoint.path.starts_with(at);
    match () {
        () if below("/nodes/{node}/qemu/{vmid}") => Some(GuestKind::Vm),
        () if below("/nodes/{node}/lxc/{vmid}") => Some(GuestKind::Ct),
        () => None,
    }
}

/// The arguments with those that stood in the path.
///
/// # Errors
/// When one says one thing here and another there.
pub(super) fn in_path(
    call: &Call<'_>,
    found: &Found,
    mut arguments: Map<String, Value>,
) -> Result<Map<String, Value>, ToolResult> {
    for (name, value) in &found.in_path {
        match arguments.get(name) {
            Some(given) if plain(given) != plain(value) => return Err(call.wrong(&say::twice(call, name))),
            _ => drop(arguments.insert(name.clone(), value.clone())),
        }
    }
    Ok(arguments)
}

/// Completes the arguments and holds whom they name against the rules.
///
/// # Errors
/// When nobody can tell who is meant, or a rule denies it.
pub(super) async fn settle(
    call: &Call<'_>,
    endpoint: &'static Endpoint,
    risk: Risk,
    mut arguments: Map<String, Value>,
) -> Result<About, ToolResult> {
    let (tool, policy) = (call.tool, call.tools.policy());
    let rules = |rule: Denied| denied(tool, &rule, call.texts);
    let named = lists::resolved(call, endpoint, &mut arguments).await?;
    if let Some(kind) = kind(endpoint) {
        let guest = of_path(call, endpoint, kind, &arguments).await?;
        policy.guest(tool, &guest).map_err(rules)?;
        let loses = matches!(risk, Risk::Destroy | Risk::Execute) || risk::stops(endpoint, &arguments);
        if loses && let Some(tag) = policy.protected_tags.iter().find(|tag| guest.has_tag(tag)) {
            return Err(rules(Denied(format!("protected tag {tag}"))));
        }
        for other in &named {
            policy.guest(tool, other).map_err(rules)?;
        }
        let arguments = guest.placed(arguments);
        policy.method(asked(endpoint, &arguments)).map_err(rules)?;
        return Ok(About { arguments, guest: Some(guest), named });
    }
    if only_those(endpoint, &arguments, &named) {
        for guest in &named {
            policy.guest(tool, guest).map_err(rules)?;
        }
    } else if let Some(rule) = policy
        .allow
        .iter()
        .chain(&policy.deny)
        .find(|rule| matches!(rule, Rule::Vmid(_) | Rule::Pool(_) | Rule::Tag(_)))
    {
        // Nobody can say which guests such a call shows or touches, so a rule on guests cannot be kept.
        return Err(rules(Denied(say::not_about_one(call, rule))));
    }
    if endpoint.path.starts_with("/nodes/{node}") && !arguments.contains_key("node") {
        arguments.insert("node".to_owned(), node(call, endpoint, &arguments, &named).await?.into());
    }
    let node = arguments.get("node").and_then(Value::as_str).filter(|_| endpoint.path.contains("{node}"));
    if node.is_none()
        && let Some(rule) = policy.allow.iter().chain(&policy.deny).find(|rule| matches!(rule, Rule::Node(_)))
    {
        return Err(rules(Denied(say::not_about_one(call, rule))));
    }
    policy.before(tool, node, None).map_err(rules)?;
    policy.method(asked(endpoint, &arguments)).map_err(rules)?;
    Ok(About { arguments, guest: None, named })
}

/// Whether a call on many touches the guests that it names and no others. `startall` takes locks off others as well.
fn only_those(endpoint: &Endpoint, arguments: &Map<String, Value>, named: &[Guest]) -> bool {
    let listed = ["vms", "vmid"].iter().find_map(|name| arguments.get(*name)).map(lists::items).unwrap_or_default();
    endpoint.many
        && !endpoint.path.ends_with("/startall")
        && !["all", "pool"].iter().any(|name| arguments.contains_key(*name))
        && !listed.is_empty()
        && listed.iter().all(|id| named.iter().any(|guest| guest.vmid.to_string() == *id))
}

/// The node of a call that leaves it out: that of the task or of the guests that it names, or the only one that there is.
async fn node(
    call: &Call<'_>,
    endpoint: &Endpoint,
    arguments: &Map<String, Value>,
    named: &[Guest],
) -> Result<String, ToolResult> {
    let task = arguments.get("upid").and_then(Value::as_str).and_then(|text| text.parse::<Upid>().ok());
    if let Some(task) = task.filter(|_| endpoint.path.contains("{upid}")) {
        return Ok(task.node().to_string());
    }
    match named {
        [] => only_node(call).await,
        [first, others @ ..] if others.iter().all(|guest| guest.node == first.node) => Ok(first.node.to_string()),
        several => {
            let places: Vec<_> = several.iter().map(|guest| format!("{} ({})", guest.vmid, guest.node)).collect();
            Err(call.wrong(&say::several_nodes(call, &places.join(", "))))
        }
    }
}

/// What the rules on methods are held against.
pub(super) fn asked(endpoint: &Endpoint, arguments: &Map<String, Value>) -> Asked {
    Asked::of(endpoint, |name| arguments.get(name).map(plain))
}

/// The guest of the path: by its id or its name, on whatever node it is.
async fn of_path(
    call: &Call<'_>,
    endpoint: &Endpoint,
    kind: GuestKind,
    arguments: &Map<String, Value>,
) -> Result<Guest, ToolResult> {
    let Some(given) = arguments.get("vmid").map(plain).filter(|given| !given.is_empty()) else {
        return Err(call.wrong(&say::no_guest(call)));
    };
    let node = arguments.get("node").map(plain).filter(|node| !node.is_empty());
    let node = node.map(|node| node.parse().map_err(|_| call.wrong(&say::bad_node(call, &node)))).transpose()?;
    let target = match given.parse::<Vmid>() {
        Ok(vmid) => Target { vmid: Some(vmid), name: None, node },
        Err(_) => Target { vmid: None, name: Some(given.clone()), node },
    };
    let cluster = call.tools.directory().recent().await.map_err(|e| outcome::error(&e, call.texts))?.0;
    let there = target.vmid.and_then(|vmid| cluster.guests.find(vmid));
    if let Some(row) = &there {
        call.tools.policy().told(row).map_err(|rule| denied(call.tool, &rule, call.texts))?;
    }
    if let Some(other) = there.filter(|row| row.kind() != kind) {
        return Err(ToolResult::problem(Problem::NotFound, say::other_kind(call, &other.guest(), endpoint)));
    }
    let action = if endpoint.risk == Risk::Read { Action::Get } else { Action::Stop };
    let tool = call.tools.for_guests(kind, action).unwrap_or_else(|| call.tool.for_guests(kind, action));
    call.tools.find(tool, &target, call.texts).await
}

/// The one node of a cluster that has one.
async fn only_node(call: &Call<'_>) -> Result<String, ToolResult> {
    let cluster = call.tools.directory().recent().await.map_err(|e| outcome::error(&e, call.texts))?.0;
    match &cluster.nodes[..] {
        [(node, _)] => Ok(node.to_string()),
        nodes => {
            let may = |name: &str| call.tools.policy().names_node(name);
            let names = directory::named(nodes.iter().map(|(node, _)| node.as_str()), may, call.texts);
            Err(call.wrong(&say::no_node(call, names.as_deref().unwrap_or("-"))))
        }
    }
}
