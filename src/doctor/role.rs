//! The recipe for credentials with the least privileges.

use crate::{
    client::Auth,
    tools::{required, tool::Tool},
};

/// User and token of the recipe when none are configured.
const EXAMPLE: (&str, &str) = ("mcp@pve", "ai");

/// The role that holds what the tools need.
pub(super) const ROLE: &str = "ProxmoxMCP";

/// The `pveum` lines that make a role with exactly the privileges of these tools, and a user and token that have it.
/// Rules on `pools` need to see which guests are in which.
pub fn recipe(tools: &[&Tool], pools: bool, auth: Option<&Auth>) -> String {
    let privileges = needed(tools, pools);
    let (user, token) = match auth {
        Some(Auth::Token(token)) => token.id.rsplit_once('!').unwrap_or(EXAMPLE),
        Some(Auth::Password { username, .. }) => (username.as_str(), EXAMPLE.1),
        None => EXAMPLE,
    };
    // root may do everything; somebody who is to have the least has to be another.
    let (user, token) = if user == "root@pam" { EXAMPLE } else { (user, token) };
    let paths: &[&str] = if pools { &["/vms", "/pool"] } else { &["/vms"] };
    let grant = |whom: &str| -> String {
        paths.iter().map(|path| format!("pveum acl modify {path} {whom} --roles {ROLE}\n")).collect()
    };
    format!(
        "pveum role add {ROLE} --privs '{}'\n\
         pveum user add {} --comment 'proxmox-mcp'\n{}\
         pveum user token add {} {} --privsep 1\n{}",
        privileges.join(" "),
        quoted(user),
        grant(&format!("--users {}", quoted(user))),
        quoted(user),
        quoted(token),
        grant(&format!("--tokens {}", quoted(&format!("{user}!{token}")))),
    )
}

/// The privileges that these tools need; rules on `pools` need to see which guests are in which.
pub(super) fn needed(tools: &[&Tool], pools: bool) -> Vec<&'static str> {
    let mut privileges: Vec<_> = tools.iter().flat_map(|tool| required(tool)).collect();
    privileges.extend(pools.then_some("Pool.Audit"));
    privileges.sort_unstable();
    privileges.dedup();
    privileges
}

/// A word for the shell: `!` and whatever else a name may hold lose their meaning.
pub(super) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::{Secret, Token},
        tools::{Action, registry},
    };

    #[test]
    fn the_page_shows_what_the_command_prints() {
        let all: Vec<_> = registry::guests().collect();
        assert!(include_str!("../../docs/authentication.md").contains(&recipe(&all, false, None)));
    }

    #[test]
    fn the_role_has_the_privileges_of_the_tools_that_are_on() {
        let readers: Vec<_> = registry::guests().filter(|t| !t.effect.changes()).collect();
        assert!(recipe(&readers, false, None).starts_with("pveum role add ProxmoxMCP --privs 'VM.Audit'\n"));
        let power: Vec<_> = registry::guests().filter(|t| t.action() != Some(Action::Delete)).collect();
        assert!(recipe(&power, false, None).contains("--privs 'VM.Audit VM.PowerMgmt'\n"));
    }

    #[test]
    fn rules_on_pools_see_pools() {
        let text = recipe(&[registry::by_name("listVMs").unwrap()], true, None);
        assert!(text.starts_with("pveum role add ProxmoxMCP --privs 'Pool.Audit VM.Audit'\n"), "{text}");
        assert_eq!(text.matches("pveum acl modify /pool --").count(), 2, "{text}");
    }

    #[test]
    fn names_are_those_that_are_configured_and_mean_nothing_to_a_shell() {
        let auth = Auth::Token(Token { id: "o'b;$x@pve!it".to_owned(), secret: Secret::new("s") });
        let text = recipe(&[registry::by_name("listVMs").unwrap()], false, Some(&auth));
        assert!(text.contains(r"--tokens 'o'\''b;$x@pve!it' --roles"), "{text}");
        let root = Auth::Token(Token { id: "root@pam!it".to_owned(), secret: Secret::new("s") });
        assert_eq!(
            recipe(&[registry::by_name("listVMs").unwrap()], false, Some(&root)),
            recipe(&[registry::by_name("listVMs").unwrap()], false, None)
        );
    }
}
