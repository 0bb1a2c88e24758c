//! Which tools the privileges reach, and what is missing for the others.

use super::{
    Area, Diagnosis, login,
    role::{ROLE, needed, quoted},
};
use crate::{
    client::{Auth, Client},
    tools::{self, Policy, Rights, Rule, required},
};

/// The pools that rules ask for and that are not shown: PVE leaves the pool of a guest out where it is not, so that no
/// rule on it can be decided.
pub fn hidden_pools<'a>(policy: &'a Policy, rights: &Rights) -> Vec<&'a str> {
    let pools = policy.allow.iter().chain(&policy.deny).filter_map(|rule| match rule {
        Rule::Pool(name) => Some(name.as_str()),
        _ => None,
    });
    let mut hidden: Vec<_> = pools.filter(|pool| !rights.sees_pool(pool)).collect();
    hidden.sort_unstable();
    hidden.dedup();
    hidden
}

/// Looks at whether the pools can be seen that rules ask for.
pub(super) fn pools(
    client: &Client,
    rights: &Rights,
    separated: Option<bool>,
    policy: &Policy,
    report: &mut Diagnosis<'_>,
) {
    if !policy.asks_for_pools() {
        return;
    }
    let hidden = hidden_pools(policy, rights);
    if hidden.is_empty() {
        return report.ok(Area::Privileges, "Pool.Audit on every pool that rules ask for");
    }
    let paths: Vec<_> = hidden.iter().map(|pool| format!("/pool/{pool}")).collect();
    let what = format!(
        "Pool.Audit is missing on {}: rules ask for the pool, PVE does not show it, and what they cannot decide they deny",
        paths.join(", ")
    );
    let cure = cure(&client.settings().auth, separated, "/pool", &needed(&super::tools(policy), true));
    report.fail(Area::Privileges, what, cure);
}

/// Looks whether the nodes, pools and methods exist that rules name.
pub(super) async fn strays(client: &Client, rights: &Rights, policy: &Policy, report: &mut Diagnosis<'_>) {
    if !policy.allow.iter().chain(&policy.deny).any(|rule| matches!(rule, Rule::Node(_) | Rule::Pool(_) | Rule::Api(_)))
    {
        return;
    }
    match tools::strays(client, policy, rights).await {
        Ok(strays) if strays.is_empty() => {
            report.ok(Area::Cluster, "every node, pool and method that rules name is there")
        }
        Ok(strays) => {
            for stray in strays {
                report.warn(Area::Cluster, stray, "correct the rule, or take it out");
            }
        }
        Err(error) => report.warn(Area::Cluster, error.to_string(), "look at the host's log"),
    }
}

const EVERY: &str = "every tool";

/// Looks at the privileges of each tool.
pub(super) fn examine(
    client: &Client,
    rights: &Rights,
    separated: Option<bool>,
    policy: &Policy,
    report: &mut Diagnosis<'_>,
) {
    let tools = super::tools(policy);
    let granting = needed(&tools, policy.asks_for_pools());
    for privilege in needed(&tools, false) {
        let needing: Vec<_> = tools.iter().filter(|t| required(t).contains(&privilege)).map(|t| t.name).collect();
        let needing = if needing.len() == tools.len() { EVERY.to_owned() } else { needing.join(", ") };
        let paths = rights.paths(privilege);
        if rights.on_some_guest(privilege) {
            report.ok(Area::Privileges, format!("{privilege} on {}: {needing}", paths.join(", ")));
            continue;
        }
        let cannot = if needing == EVERY { "no tool can work".to_owned() } else { format!("{needing} cannot work") };
        let what = format!("{privilege} is missing on every guest: {cannot}");
        let cure = cure(&client.settings().auth, separated, "/vms", &granting);
        if privilege == "VM.Audit" {
            report.fail(Area::Privileges, what, cure);
        } else {
            report.warn(Area::Privileges, what, cure);
        }
    }
}

/// The commands that give what the tools need, each to be typed as it stands. `separated` is nothing where the host does not
/// show it.
///
/// The role holds all of it and not what is missing alone: on its path an entry takes the place of those that were inherited
/// from above or came from a group, so that a smaller one would take away what works. A token without privilege separation
/// has what its user has, and an entry of its own counts for nothing; one with it has what both have
/// (pve-access-control, `RPCEnvironment.pm`: `permissions`; `AccessControl.pm`: `roles`).
fn cure(auth: &Auth, separated: Option<bool>, path: &str, privileges: &[&str]) -> String {
    let user = login::user(auth);
    let acl = |whom: &str, who: &str| format!("`pveum acl modify {path} {whom} {} --roles {ROLE}`", quoted(who));
    let of_user = acl("--users", user);
    let by = match (auth, separated) {
        (Auth::Password { .. }, _) => of_user,
        // Who may do everything lacks something through such a token only.
        (Auth::Token(token), _) if user == "root@pam" => format!(
            "{}: the token has privilege separation, so it has only what it is given itself; {user} needs no entry",
            acl("--tokens", &token.id)
        ),
        (Auth::Token(_), Some(false)) => {
            format!("{of_user}: the token has no privilege separation, so only the entries of its user count")
        }
        (Auth::Token(token), Some(true)) => format!(
            "{of_user} and {}: the token has privilege separation, so only what both have counts",
            acl("--tokens", &token.id)
        ),
        (Auth::Token(token), None) => format!(
            "{of_user}, and if the token has privilege separation (`pveum user token list {}` shows it) also {}",
            quoted(user),
            acl("--tokens", &token.id)
        ),
    };
    let privileges = privileges.join(" ");
    format!(
        "on the host: `pveum role add {ROLE} --privs '{privileges}'` (if there is such a role: `pveum role modify {ROLE} --privs \
         '{privileges}'`), then {by}. On {path} this takes the place of what is inherited or comes from a group"
    )
}
