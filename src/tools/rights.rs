//! What the token may do: tools that it can use on no guest need not be offered.

use std::collections::BTreeMap;

use crate::{
    api,
    client::{Client, Error},
    pve::NodeName,
    spec::Permission,
};

use super::{guest::Guest, profile::Profile};

/// The effective privileges of the credentials, as `/access/permissions` gives them: path → privilege → whether it
/// also holds below the path.
#[derive(Clone, Debug, Default)]
pub struct Rights(BTreeMap<String, BTreeMap<String, bool>>);

impl Rights {
    /// Reads the privileges of whoever the client logs in as.
    ///
    /// # Errors
    /// When PVE cannot be asked.
    pub async fn read(client: &Client) -> Result<Self, Error> {
        let reply = client.request(&api::GetAccessPermissions::new()).await?;
        Ok(Self::of(&serde_json::to_value(reply).unwrap_or_default()))
    }

    fn of(reply: &serde_json::Value) -> Self {
        let privileges = |value: &serde_json::Value| {
            value
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, flag)| (name.clone(), crate::pve::is_set(flag)))
                .collect()
        };
        Self(reply.as_object().into_iter().flatten().map(|(path, value)| (path.clone(), privileges(value))).collect())
    }

    /// Whether a privilege is held on some guest: on the guest itself, on its pool, or above and handed down.
    pub fn on_some_guest(&self, privilege: &str) -> bool {
        self.0.iter().any(|(path, privileges)| match (path.as_str(), privileges.get(privilege)) {
            (_, None) => false,
            ("/" | "/vms" | "/pool", Some(handed_down)) => *handed_down,
            (path, Some(_)) => path.starts_with("/vms/") || path.starts_with("/pool/"),
        })
    }

    /// Whether a privilege is held on all guests.
    pub fn on_every_guest(&self, privilege: &str) -> bool {
        ["/", "/vms"].iter().any(|path| self.0.get(*path).and_then(|p| p.get(privilege)) == Some(&true))
    }

    /// The paths on which a privilege that reaches guests is held; one that is held for all guests, there alone.
    pub fn paths(&self, privilege: &str) -> Vec<&str> {
        let held = |path: &str| self.0.get(path).and_then(|p| p.get(privilege)).copied();
        if let Some(all) = ["/", "/vms"].into_iter().find(|path| held(path) == Some(true)) {
            return vec![all];
        }
        let guests = |path: &&str| path.starts_with("/vms") || path.starts_with("/pool");
        self.0.keys().map(String::as_str).filter(guests).filter(|path| held(path).is_some()).collect()
    }

    /// Whether this pool, and which guests are in it, is shown: PVE leaves the pool of a guest out where it is not.
    pub fn sees_pool(&self, pool: &str) -> bool {
        let held = |path: &str| self.0.get(path).and_then(|privileges| privileges.get("Pool.Audit")).copied();
        let above = pool.match_indices('/').map(|(at, _)| format!("/pool/{}", &pool[..at]));
        held(&format!("/pool/{pool}")).is_some()
            || ["/", "/pool"].map(str::to_owned).into_iter().chain(above).any(|path| held(&path) == Some(true))
    }

    /// Whether a node may be audited: by what is held on the node itself, and where nothing is said of it, above it.
    pub(super) fn audits(&self, node: &NodeName) -> bool {
        let Permission::Privileges { path, privileges, .. } = &api::GET_NODES_NODE_STATUS.permission else {
            return false;
        };
        let place = Place::of(path, &|_| Some(node.to_string()));
        privileges.iter().all(|privilege| match self.0.get(&place.known) {
            Some(held) => held.contains_key(privilege),
            None => self.may_hold(privilege, &place),
        })
    }

    /// Whether what a tool needs is held on this guest: on the guest itself, and where nothing is said of it, above it or
    /// on its pool.
    pub(super) fn suffice(&self, tool: &Profile, guest: &Guest) -> bool {
        required(tool).into_iter().all(|privilege| self.on(privilege, guest))
    }

    /// Whether a privilege is held on this guest.
    pub(super) fn on(&self, privilege: &str, guest: &Guest) -> bool {
        let held = |path: &str| self.0.get(path).and_then(|privileges| privileges.get(privilege)).copied();
        let own = format!("/vms/{}", guest.vmid);
        let pool = guest.pool.as_ref().is_some_and(|pool| held(&format!("/pool/{pool}")).is_some());
        match self.0.get(&own) {
            Some(privileges) => pool || privileges.contains_key(privilege),
            None => pool || self.on_every_guest(privilege),
        }
    }

    /// What of a permission is surely not held, as `PRIVILEGE on /path`; with what is known of the values in its path. What depends
    /// on more than privileges PVE alone can say, and of that nothing is said here.
    pub(super) fn lacks(&self, permission: &Permission, value: &impl Fn(&str) -> Option<String>) -> Option<String> {
        match permission {
            Permission::Privileges { path, privileges, any, require_param } => {
                if require_param.as_ref().is_some_and(|param| value(param).is_none()) {
                    return None;
                }
                let place = Place::of(path, value);
                let lacking: Vec<&str> = privileges
                    .iter()
                    .map(String::as_str)
                    .filter(|privilege| !self.may_hold(privilege, &place))
                    .collect();
                let lacks = if *any { lacking.len() == privileges.len() } else { !lacking.is_empty() };
                let words = lacking.join(if *any { " or " } else { ", " });
                lacks.then(|| format!("{words} on {}", place.shown))
            }
            Permission::And(parts) => parts.iter().find_map(|part| self.lacks(part, value)),
            Permission::Or(parts) => {
                let all: Option<Vec<String>> = parts.iter().map(|part| self.lacks(part, value)).collect();
                all.filter(|all| !all.is_empty()).map(|all| all.join(" or "))
            }
            _ => None,
        }
    }

    /// Whether a privilege may be held there: on the place itself or below what is not known of it, above it and handed down, or on
    /// a pool, which hands it to guests and storages that only PVE can list.
    fn may_hold(&self, privilege: &str, place: &Place) -> bool {
        let above = |path: &str| path == "/" || place.known == *path || place.known.starts_with(&format!("{path}/"));
        let pooled = matches!(place.known.split('/').nth(1), Some("vms" | "storage"));
        self.0.iter().any(|(path, privileges)| match privileges.get(privilege) {
            None => false,
            Some(_) if pooled && path.starts_with("/pool") => true,
            Some(_) if *path == place.known => true,
            Some(_) if place.open && path.starts_with(&format!("{}/", place.known.trim_end_matches('/'))) => true,
            Some(handed_down) => *handed_down && above(path),
        })
    }

    /// Whether nothing is held anywhere.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(BTreeMap::is_empty)
    }

    /// Those of the privileges that are held on no guest.
    pub fn missing(&self, tool: &Profile) -> Vec<&'static str> {
        required(tool).into_iter().filter(|privilege| !self.on_some_guest(privilege)).collect()
    }
}

/// The privileges that a tool needs on its guest, from the permissions that the schema states.
pub fn required(tool: &Profile) -> Vec<&'static str> {
    if tool.needs.is_empty() && tool.guests.is_none() {
        // What is needed depends on what is asked for, or PVE filters by privilege what it gives.
        return Vec::new();
    }
    let mut all = vec!["VM.Audit"];
    // The look-up of a guest, which every tool needs, is open to everyone and filtered by VM.Audit.
    for id in tool.needs {
        collect(&id.endpoint().permission, &mut all);
    }
    all
}

fn collect(permission: &'static Permission, all: &mut Vec<&'static str>) {
    match permission {
        Permission::Privileges { path, privileges, any: false, require_param: None } if path.starts_with("/vms/") => {
            let new: Vec<_> = privileges.iter().map(String::as_str).filter(|p| !all.contains(p)).collect();
            all.extend(new);
        }
        Permission::And(parts) => parts.iter().for_each(|part| collect(part, all)),
        // One of several, or a check that depends on parameters: cannot be said beforehand.
        _ => {}
    }
}

/// Where a privilege is asked for.
struct Place {
    /// The path as far as it is known.
    known: String,
    /// Whether it goes on.
    open: bool,
    /// The whole path, with placeholders.
    shown: String,
}

impl Place {
    fn of(path: &str, value: &impl Fn(&str) -> Option<String>) -> Self {
        let (mut known, mut open, mut shown) = (String::new(), false, String::new());
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            let part = name.map_or_else(|| Some(part.to_owned()), value);
            open |= part.is_none();
            let text = part.unwrap_or_else(|| format!("{{{}}}", name.unwrap_or_default()));
            shown += &format!("/{text}");
            if !open {
                known += &format!("/{text}");
            }
        }
        let root = |text: String| if text.is_empty() { "/".to_owned() } else { text };
        Self { known: root(known), open, shown: root(shown) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::registry::by_name;

    #[test]
    fn privileges_come_from_the_schema() {
        let needs = |name| required(by_name(name).unwrap());
        assert_eq!(needs("listVMs"), ["VM.Audit"]);
        assert_eq!(needs("getContainer"), ["VM.Audit"]);
        assert_eq!(needs("stopVM"), ["VM.Audit", "VM.PowerMgmt"]);
        assert_eq!(needs("deleteContainer"), ["VM.Audit", "VM.Allocate"]);
    }

    #[test]
    fn a_pool_is_seen_by_its_own_privilege_or_by_one_from_above() {
        let sees = |rights: serde_json::Value, pool: &str| Rights::of(&rights).sees_pool(pool);
        for path in ["/", "/pool", "/pool/a"] {
            assert!(sees(serde_json::json!({path: {"Pool.Audit": 1}}), "a/b"), "{path}");
            assert!(!sees(serde_json::json!({path: {"Pool.Audit": 0}}), "a/b"), "{path}");
        }
        assert!(sees(serde_json::json!({"/pool/a/b": {"Pool.Audit": 0}}), "a/b"));
        assert!(!sees(serde_json::json!({"/pool/a": {"VM.Audit": 1}, "/pool/b": {"Pool.Audit": 1}}), "a"));
    }

    #[test]
    fn what_is_surely_lacking_is_said_and_nothing_else() {
        let rights = Rights::of(&serde_json::json!({
            "/": {"Sys.Audit": 1}, "/vms/100": {"VM.Backup": 0}, "/storage": {"Datastore.Audit": 1}, "/pool/p": {"VM.Clone": 1},
        }));
        let privileges = |path: &str, names: &[&str], any| Permission::Privileges {
            path: path.to_owned(),
            privileges: names.iter().map(|name| (*name).to_owned()).collect(),
            any,
            require_param: None,
        };
        let of = |permission: &Permission, values: &[(&str, &str)]| {
            rights.lacks(permission, &|name| values.iter().find(|(own, _)| *own == name).map(|(_, v)| (*v).to_owned()))
        };
        let backup = privileges("/vms/{vmid}", &["VM.Backup"], false);
        assert_eq!(of(&backup, &[]), None, "it is held on some guest");
        assert_eq!(of(&backup, &[("vmid", "100")]), None);
        assert_eq!(of(&backup, &[("vmid", "101")]).as_deref(), Some("VM.Backup on /vms/101"));
        assert_eq!(
            of(&privileges("/vms/{vmid}", &["VM.Clone"], false), &[("vmid", "101")]),
            None,
            "a pool may hold it"
        );
        let allocate = privileges("/storage/{storage}", &["Datastore.Audit", "Datastore.Allocate"], false);
        assert_eq!(of(&allocate, &[]).as_deref(), Some("Datastore.Allocate on /storage/{storage}"));
        assert_eq!(of(&privileges("/storage/{storage}", &["Datastore.Audit", "x"], true), &[("storage", "a")]), None);
        assert_eq!(of(&privileges("/nodes/{node}", &["Sys.Audit"], false), &[("node", "a")]), None);
        let both = Permission::And(vec![backup.clone(), allocate.clone()]);
        assert_eq!(of(&both, &[]).as_deref(), Some("Datastore.Allocate on /storage/{storage}"));
        assert_eq!(of(&Permission::Or(vec![allocate.clone(), Permission::Other("x".into())]), &[]), None);
        assert!(of(&Permission::Or(vec![allocate.clone(), allocate]), &[]).is_some_and(|said| said.contains(" or ")));
        assert_eq!(of(&Permission::AllUsers, &[]), None);
    }

    #[test]
    fn a_privilege_counts_where_it_reaches_a_guest() {
        let rights = Rights::of(&serde_json::json!({
            "/": {"VM.Audit": 0, "Sys.Audit": 1}, "/storage": {"VM.Allocate": 1}, "/vms": {"VM.Console": 1, "VM.Clone": 0},
            "/vms/100": {"VM.PowerMgmt": 0}, "/pool/p": {"VM.Backup": "1"},
        }));
        for (privilege, held) in [
            ("VM.Audit", false),
            ("Sys.Audit", true),
            ("VM.Allocate", false),
            ("VM.Console", true),
            ("VM.Clone", false),
            ("VM.PowerMgmt", true),
            ("VM.Backup", true),
            ("VM.Migrate", false),
        ] {
            assert_eq!(rights.on_some_guest(privilege), held, "{privilege}");
        }
        assert_eq!(rights.missing(by_name("startVM").unwrap()), ["VM.Audit"]);
    }
}
