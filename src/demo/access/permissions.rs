//! What somebody may do on a path: roles with inheritance, tokens of less right, pools (pve-access-control:
//! `AccessControl.pm`, `RPCEnvironment.pm`).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Access, Entry, Who, roles};

/// Privileges on a path, each with whether it reaches further down.
pub(in super::super) type Privileges = BTreeMap<String, bool>;

impl Access {
    /// What somebody may do on a path.
    pub(in super::super) fn privileges(&self, who: &Who, path: &str) -> Privileges {
        let of_user = self.of_user(&who.user, path);
        let Some(token) = &who.token else { return of_user };
        let id = format!("{}!{token}", who.user);
        if self.tokens.get(&id).is_none_or(|key| !key.privsep) {
            return of_user;
        }
        let own = self.with_pool(&id, path);
        own.into_iter().filter(|(privilege, _)| of_user.contains_key(privilege)).collect()
    }

    /// Whether somebody has one privilege on a path.
    pub(in super::super) fn may(&self, who: &Who, path: &str, privilege: &str) -> bool {
        who.is_root() || self.privileges(who, path).contains_key(privilege)
    }

    fn of_user(&self, user: &str, path: &str) -> Privileges {
        if user == "root@pam" {
            return roles::all(&self.release).into_iter().map(|p| (p.to_owned(), true)).collect();
        }
        self.with_pool(user, path)
    }

    /// Rights from the path itself, and for a guest or storage those from the pool it is in.
    fn with_pool(&self, id: &str, path: &str) -> Privileges {
        let mut granted = self.granted(id, path);
        let member = path.strip_prefix("/vms/").or_else(|| path.strip_prefix("/storage/"));
        if let Some(pool) = member.and_then(|m| self.pool_of(m)) {
            for (role, _) in self.granted(id, &format!("/pool/{pool}")) {
                granted.entry(role).or_insert(false);
            }
        }
        if granted.contains_key("NoAccess") {
            return Privileges::new();
        }
        let mut privileges = Privileges::new();
        for (role, propagate) in granted {
            for privilege in self.role(&role) {
                *privileges.entry(privilege).or_default() |= propagate;
            }
        }
        privileges
    }

    /// The roles on a path: a deeper entry replaces what was inherited, one for the user beats those for groups.
    fn granted(&self, id: &str, path: &str) -> BTreeMap<String, bool> {
        let mut roles = BTreeMap::new();
        for level in levels(path) {
            let Some(entries) = self.acl.get(level) else { continue };
            let reaches = |e: &&Entry| e.propagate || level == path;
            let pick = |wanted: &dyn Fn(&str) -> bool| -> BTreeMap<String, bool> {
                let found = entries.iter().filter(|e| wanted(&e.who)).filter(reaches);
                found.map(|e| (e.role.clone(), e.propagate)).collect()
            };
            let mut here = pick(&|who| who == id);
            if here.is_empty() {
                here = pick(&|who| who.strip_prefix('@').is_some_and(|g| self.in_group(id, g)));
            }
            if !here.is_empty() {
                roles = here;
            }
        }
        roles
    }

    fn in_group(&self, id: &str, group: &str) -> bool {
        self.groups.get(group).is_some_and(|members| members.iter().any(|m| m == id))
    }

    fn role(&self, name: &str) -> Vec<String> {
        match self.roles.get(name) {
            Some(privileges) => privileges.clone(),
            None => {
                let found = roles::built_in(name, &self.release).unwrap_or_default();
                found.into_iter().map(str::to_owned).collect()
            }
        }
    }
}

/// `/`, `/vms`, `/vms/100`.
fn levels(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.char_indices().skip(1).filter(|(_, c)| *c == '/').map(|(at, _)| at);
    let below = (path.len() > 1).then_some(path);
    std::iter::once("/").chain(ends.map(|at| &path[..at])).chain(below)
}

/// Paths that PVE looks at even when nothing is granted there.
const FIXED: [&str; 7] = ["/", "/nodes", "/access/groups", "/vms", "/storage", "/sdn", "/mapping"];

/// What the GUI is told at login: privileges by the area that they are about.
pub(in super::super) fn capabilities(access: &Access, who: &Who) -> Value {
    let mut areas: BTreeMap<&str, Map<String, Value>> =
        ["vms", "access", "storage", "nodes", "sdn", "dc", "mapping"].into_iter().map(|a| (a, Map::new())).collect();
    if !access.release.since(8, 0, 0) {
        areas.remove("mapping");
    }
    for path in FIXED.into_iter().chain(access.acl.keys().map(String::as_str)) {
        let top = path[1..].split('/').next().unwrap_or_default();
        for privilege in access.privileges(who, path).into_keys() {
            for area in areas_of(top, &privilege) {
                if let Some(map) = areas.get_mut(area) {
                    map.insert(privilege.clone(), json!(1));
                }
            }
        }
    }
    json!(areas)
}

/// The areas in which a privilege on a path below `top` counts.
fn areas_of(top: &str, privilege: &str) -> Vec<&'static str> {
    let family = privilege.split('.').next().unwrap_or_default();
    let modify = privilege == "Permissions.Modify";
    match top {
        "" if family == "SDN" || ["Sys.Audit", "Sys.Modify"].contains(&privilege) => vec!["dc"],
        "nodes" if family == "Sys" || modify => vec!["nodes"],
        "access" if family == "User" || family == "Group" || modify => vec!["access"],
        "vms" if family == "VM" || modify => vec!["vms"],
        "storage" if family == "Datastore" || modify => vec!["storage"],
        "sdn" if family == "SDN" || modify => vec!["sdn"],
        "mapping" if family == "Mapping" || modify => vec!["mapping"],
        "pool" if modify => vec!["vms", "storage"],
        "pool" if family == "VM" => vec!["vms"],
        "pool" if family == "Datastore" => vec!["storage"],
        _ => vec![],
    }
}

/// The answer of `/access/permissions`: every path on which somebody has a right, with 1 where it reaches further down.
pub(in super::super) fn effective(access: &Access, who: &Who, only: Option<&str>) -> Value {
    // All but `/mapping`, as a real host lists them.
    let fixed = FIXED.into_iter().filter(|path| *path != "/mapping");
    let listed = ["/access", "/pool"].into_iter().chain(fixed).map(str::to_owned);
    let granted = access.acl.keys().cloned();
    let member =
        |name: &str| if name.parse::<u32>().is_ok() { format!("/vms/{name}") } else { format!("/storage/{name}") };
    let pools = access.pool_of.keys().map(|name| member(name));
    let mut paths: Vec<String> = match only {
        Some(path) => vec![path.to_owned()],
        None => listed.chain(granted).chain(pools).collect(),
    };
    paths.sort();
    paths.dedup();
    let mut answer = Map::new();
    for path in paths {
        let privileges = access.privileges(who, &path);
        if !privileges.is_empty() || only.is_some() {
            let flags = privileges.into_iter().map(|(p, propagate)| (p, json!(u8::from(propagate))));
            answer.insert(path, Value::Object(flags.collect()));
        }
    }
    Value::Object(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::{Scenario, release::Release, rng::Rng};

    fn access() -> Access {
        let scenario = Scenario::from_toml(
            r#"
            users = [{ id = "a@pve" }, { id = "b@pve" }]
            groups = { ops = ["b@pve"] }
            pools = { web = ["100"] }
            tokens = [{ id = "a@pve!sep" }, { id = "a@pve!full", privsep = false }]
            acl = [
                { who = "a@pve", role = "PVEAuditor" },
                { path = "/vms/101", who = "a@pve", role = "PVEVMAdmin" },
                { path = "/vms/102", who = "a@pve", role = "NoAccess" },
                { path = "/pool/web", who = "@ops", role = "PVEVMUser" },
                { path = "/vms", who = "a@pve!sep", role = "PVEVMAdmin" },
                { path = "/vms/103", who = "b@pve", role = "PVEAuditor", propagate = false },
            ]
            "#,
        );
        Access::new(&scenario.unwrap(), Release::new("9.2.11"), &mut Rng::new(1))
    }

    fn who(id: &str) -> Who {
        let (user, token) = id.split_once('!').map_or((id, None), |(u, t)| (u, Some(t.to_owned())));
        Who { user: user.to_owned(), token }
    }

    #[test]
    fn a_deeper_entry_replaces_what_was_inherited() {
        let access = access();
        assert!(access.may(&who("a@pve"), "/vms/100", "VM.Audit"));
        assert!(!access.may(&who("a@pve"), "/vms/100", "VM.PowerMgmt"));
        assert!(access.may(&who("a@pve"), "/vms/101", "VM.PowerMgmt"));
        assert!(!access.may(&who("a@pve"), "/vms/101", "Sys.Audit"));
        assert!(!access.may(&who("a@pve"), "/vms/102", "VM.Audit"));
    }

    #[test]
    fn a_token_has_at_most_what_its_user_has() {
        let access = access();
        assert!(access.may(&who("a@pve!full"), "/vms/101", "VM.PowerMgmt"));
        assert!(access.may(&who("a@pve!sep"), "/vms/100", "VM.Audit"));
        assert!(!access.may(&who("a@pve!sep"), "/vms/100", "VM.PowerMgmt"));
        assert!(!access.may(&who("a@pve!sep"), "/nodes/pve1", "Sys.Audit"));
        assert!(access.may(&who("root@pam!x"), "/vms/100", "VM.Allocate"));
    }

    #[test]
    fn pools_and_groups_grant() {
        let access = access();
        assert!(access.may(&who("b@pve"), "/vms/100", "VM.PowerMgmt"));
        assert!(!access.may(&who("b@pve"), "/vms/101", "VM.PowerMgmt"));
        assert!(access.may(&who("b@pve"), "/vms/103", "VM.Audit"));
        assert_eq!(effective(&access, &who("b@pve"), None)["/vms/103"]["VM.Audit"], 0);
        let root = capabilities(&access, &Who::root());
        assert_eq!(root["access"], json!({"Group.Allocate": 1, "User.Modify": 1, "Permissions.Modify": 1}));
    }

    #[test]
    fn levels_go_from_the_root_to_the_object() {
        assert_eq!(levels("/").collect::<Vec<_>>(), ["/"]);
        assert_eq!(levels("/vms/100").collect::<Vec<_>>(), ["/", "/vms", "/vms/100"]);
    }
}
