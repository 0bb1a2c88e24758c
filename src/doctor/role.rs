//! The recipe for credentials with the least privileges.

use crate::{
    client::Auth,
    tools::{catalog::ToolSpec, required},
};

/// User and token of the recipe when none are configured.
const EXAMPLE: (&str, &str) = ("mcp@pve", "ai");

/// The `pveum` lines that make a role with exactly the privileges of these tools, and a user and token that have it.
pub fn recipe(tools: &[&ToolSpec], auth: Option<&Auth>) -> String {
    let mut privileges: Vec<_> = tools.iter().flat_map(|tool| required(tool)).collect();
    privileges.sort_unstable();
    privileges.dedup();
    let (user, token) = match auth {
        Some(Auth::Token(token)) => token.id.rsplit_once('!').unwrap_or(EXAMPLE),
        Some(Auth::Password { username, .. }) => (username.as_str(), EXAMPLE.1),
        None => EXAMPLE,
    };
    // root may do everything; somebody who is to have the least has to be another.
    let (user, token) = if user == "root@pam" { EXAMPLE } else { (user, token) };
    let (role, plain, user) = ("ProxmoxMCP", user, quoted(user));
    format!(
        "pveum role add {role} --privs '{}'\n\
         pveum user add {user} --comment 'proxmox-mcp'\n\
         pveum acl modify /vms --users {user} --roles {role}\n\
         pveum user token add {user} {} --privsep 1\n\
         pveum acl modify /vms --tokens {} --roles {role}\n",
        privileges.join(" "),
        quoted(token),
        quoted(&format!("{plain}!{token}")),
    )
}

/// A word for the shell: `!` and whatever else a name may hold lose their meaning.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::{Secret, Token},
        tools::catalog::{Action, CATALOG},
    };

    #[test]
    fn the_page_shows_what_the_command_prints() {
        let all: Vec<_> = CATALOG.iter().collect();
        assert!(include_str!("../../docs/authentication.md").contains(&recipe(&all, None)));
    }

    #[test]
    fn the_role_has_the_privileges_of_the_tools_that_are_on() {
        let readers: Vec<_> = CATALOG.iter().filter(|t| !t.action.changes()).collect();
        assert!(recipe(&readers, None).starts_with("pveum role add ProxmoxMCP --privs 'VM.Audit'\n"));
        let power: Vec<_> = CATALOG.iter().filter(|t| t.action != Action::Delete).collect();
        assert!(recipe(&power, None).contains("--privs 'VM.Audit VM.PowerMgmt'\n"));
    }

    #[test]
    fn names_are_those_that_are_configured_and_mean_nothing_to_a_shell() {
        let auth = Auth::Token(Token { id: "o'b;$x@pve!it".to_owned(), secret: Secret::new("s") });
        let text = recipe(&[&CATALOG[0]], Some(&auth));
        assert!(text.contains(r"--tokens 'o'\''b;$x@pve!it' --roles"), "{text}");
        let root = Auth::Token(Token { id: "root@pam!it".to_owned(), secret: Secret::new("s") });
        assert_eq!(recipe(&[&CATALOG[0]], Some(&root)), recipe(&[&CATALOG[0]], None));
    }
}
