//! Which tools the privileges reach, and what is missing for the others.

use super::{Area, Report, login};
use crate::{
    client::{Auth, Client},
    tools::{Rights, catalog::ToolSpec, required},
};

/// Looks at the privileges of each tool.
pub fn examine(client: &Client, rights: &Rights, tools: &[&ToolSpec], report: &mut Report<'_>) {
    let mut privileges: Vec<_> = tools.iter().flat_map(|tool| required(tool)).collect();
    privileges.sort_unstable();
    privileges.dedup();
    for privilege in privileges {
        let needing: Vec<_> = tools.iter().filter(|t| required(t).contains(&privilege)).map(|t| t.name).collect();
        let needing = if needing.len() == tools.len() { "every tool".to_owned() } else { needing.join(", ") };
        let paths = rights.paths(privilege);
        if rights.on_some_guest(privilege) {
            report.ok(Area::Privileges, format!("{privilege} on {}: {needing}", paths.join(", ")));
            continue;
        }
        let what = format!("{privilege} is missing on every guest: {needing} cannot work");
        let cure = cure(&client.settings().auth, privilege, rights);
        if privilege == "VM.Audit" {
            report.fail(Area::Privileges, what, cure);
        } else {
            report.warn(Area::Privileges, what, cure);
        }
    }
}

fn cure(auth: &Auth, privilege: &str, rights: &Rights) -> String {
    let whom = match auth {
        Auth::Token(token) => format!("`pveum acl modify /vms --tokens '{}' --roles …`", token.id),
        Auth::Password { username, .. } => format!("`pveum acl modify /vms --users {username} --roles …`"),
    };
    let separated = match auth {
        // The usual mistake: a token has nothing of its user's unless it is given it too.
        Auth::Token(_) if rights.is_empty() => format!(
            "; the token has no privilege at all: one with privilege separation needs its own entries, besides those \
             of {}",
            login::user(auth)
        ),
        Auth::Token(_) => format!("; a token has at most the privileges of its user, {}", login::user(auth)),
        Auth::Password { .. } => String::new(),
    };
    format!("give a role with {privilege} by {whom} (`proxmox-mcp doctor --print-role` prints all lines){separated}")
}
