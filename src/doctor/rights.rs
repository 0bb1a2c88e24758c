//! Which tools the privileges reach, and what is missing for the others.

use super::{Area, Report, login};
use crate::{
    client::{Auth, Client},
    tools::{self, Policy, Rights, Rule, catalog::ToolSpec, required},
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
pub fn pools(client: &Client, rights: &Rights, separated: Option<bool>, policy: &Policy, report: &mut Report<'_>) {
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
    report.fail(Area::Privileges, what, cure(&client.settings().auth, separated, "Pool.Audit", "/pool"));
}

/// Looks whether the nodes and pools exist that rules name.
pub async fn strays(client: &Client, rights: &Rights, policy: &Policy, report: &mut Report<'_>) {
    if !policy.allow.iter().chain(&policy.deny).any(|rule| matches!(rule, Rule::Node(_) | Rule::Pool(_))) {
        return;
    }
    match tools::strays(client, policy, rights).await {
        Ok(strays) if strays.is_empty() => report.ok(Area::Cluster, "every node and pool that rules name is there"),
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
pub fn examine(
    client: &Client,
    rights: &Rights,
    separated: Option<bool>,
    tools: &[&ToolSpec],
    report: &mut Report<'_>,
) {
    let mut privileges: Vec<_> = tools.iter().flat_map(|tool| required(tool)).collect();
    privileges.sort_unstable();
    privileges.dedup();
    for privilege in privileges {
        let needing: Vec<_> = tools.iter().filter(|t| required(t).contains(&privilege)).map(|t| t.name).collect();
        let needing = if needing.len() == tools.len() { EVERY.to_owned() } else { needing.join(", ") };
        let paths = rights.paths(privilege);
        if rights.on_some_guest(privilege) {
            report.ok(Area::Privileges, format!("{privilege} on {}: {needing}", paths.join(", ")));
            continue;
        }
        let cannot = if needing == EVERY { "no tool can work".to_owned() } else { format!("{needing} cannot work") };
        let what = format!("{privilege} is missing on every guest: {cannot}");
        let cure = cure(&client.settings().auth, separated, privilege, "/vms");
        if privilege == "VM.Audit" {
            report.fail(Area::Privileges, what, cure);
        } else {
            report.warn(Area::Privileges, what, cure);
        }
    }
}

/// The commands that give a privilege, each to be typed as it stands. A token without privilege separation has what its user
/// has, and an entry of its own counts for nothing; one with it has what both have (pve-access-control,
/// `RPCEnvironment.pm`: `permissions`). `separated` is nothing where the host does not show it.
fn cure(auth: &Auth, separated: Option<bool>, privilege: &str, path: &str) -> String {
    let role = format!("MCP-{privilege}");
    let acl = |whom: &str, who: &str| format!("`pveum acl modify {path} {whom} '{who}' --roles {role}`");
    let user = login::user(auth);
    let entry = acl("--users", user);
    let by = match (auth, separated) {
        (Auth::Password { .. }, _) => entry,
        (Auth::Token(_), Some(false)) => {
            format!("{entry}: the token has no privilege separation, so only the entries of its user count")
        }
        (Auth::Token(token), Some(true)) => format!(
            "{entry} and {}: the token has privilege separation, so only what both have counts",
            acl("--tokens", &token.id)
        ),
        (Auth::Token(token), None) => format!(
            "{entry}, and if the token has privilege separation (`pveum user token list {user}` shows it) also {}",
            acl("--tokens", &token.id)
        ),
    };
    format!(
        "on the host: `pveum role add {role} --privs {privilege}`, then {by}; `proxmox-mcp doctor --print-role` prints all lines at once"
    )
}
