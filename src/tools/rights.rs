//! What the token may do: tools that it can use on no guest need not be offered.

use std::collections::BTreeMap;

use crate::{
    api,
    client::{Client, Error},
    spec::Permission,
};

use super::{
    guest::Guest,
    profile::{Profile, Toolset},
};

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
        let holds = |flag: &serde_json::Value| crate::pve::bool_or_int(flag.clone()).ok().flatten() == Some(true);
        let privileges = |value: &serde_json::Value| {
            value.as_object().into_iter().flatten().map(|(name, flag)| (name.clone(), holds(flag))).collect()
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
    if tool.toolset == Toolset::Api {
        // What is needed depends on the method that is called.
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
