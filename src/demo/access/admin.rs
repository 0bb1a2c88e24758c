//! Changing who is there and what they may do (pve-access-control: `API2/ACL.pm`, `User.pm`, `Role.pm`, `Group.pm`).

use serde_json::{Value, json};

use super::{Access, Entry, Key, Person, Who, roles};

/// The roles that every PVE has.
const BUILT_IN: [&str; 19] = [
    "Administrator",
    "NoAccess",
    "PVEAdmin",
    "PVEAuditor",
    "PVEDatastoreAdmin",
    "PVEDatastoreUser",
    "PVEMappingAdmin",
    "PVEMappingAuditor",
    "PVEMappingUser",
    "PVEPoolAdmin",
    "PVEPoolUser",
    "PVESDNAdmin",
    "PVESDNUser",
    "PVESysAdmin",
    "PVETemplateUser",
    "PVEUserAdmin",
    "PVEVMAdmin",
    "PVEVMUser",
    "PVERealmAdmin",
];

/// What is to be granted or taken away.
pub(in super::super) struct Grant<'a> {
    pub(in super::super) path: &'a str,
    pub(in super::super) who: Vec<String>,
    pub(in super::super) roles: Vec<&'a str>,
    pub(in super::super) propagate: bool,
    pub(in super::super) delete: bool,
}

impl Access {
    /// What is granted, as far as somebody may see it.
    pub(in super::super) fn acl_rows(&self, who: &Who) -> Vec<Value> {
        let all = self.may(who, "/access", "Sys.Audit");
        let mut rows = Vec::new();
        for (path, entries) in &self.acl {
            if !all && !self.may(who, path, "Permissions.Modify") {
                continue;
            }
            rows.extend(entries.iter().map(|entry| {
                let (kind, id) = match entry.who.strip_prefix('@') {
                    Some(group) => ("group", group),
                    None if entry.who.contains('!') => ("token", entry.who.as_str()),
                    None => ("user", entry.who.as_str()),
                };
                json!({"path": path, "type": kind, "ugid": id, "roleid": entry.role,
                    "propagate": u8::from(entry.propagate)})
            }));
        }
        rows
    }

    /// Grants roles on a path, or takes them away.
    pub(in super::super) fn grant(&mut self, grant: &Grant<'_>) {
        let entries = self.acl.entry(grant.path.to_owned()).or_default();
        for who in &grant.who {
            for role in &grant.roles {
                entries.retain(|entry| entry.who != *who || entry.role != *role);
                if !grant.delete {
                    entries.push(Entry { who: who.clone(), role: (*role).to_owned(), propagate: grant.propagate });
                }
            }
        }
        if entries.is_empty() {
            self.acl.remove(grant.path);
        }
    }

    /// Whether there is such a user, group or token.
    pub(in super::super) fn knows(&self, who: &str) -> bool {
        match who.strip_prefix('@') {
            Some(group) => self.groups.contains_key(group),
            None => self.users.contains_key(who) || self.tokens.contains_key(who),
        }
    }

    /// All roles with their privileges, and whether they are PVE's own.
    pub(in super::super) fn role_rows(&self) -> Vec<(String, Vec<String>, bool)> {
        let own = BUILT_IN.iter().filter_map(|name| Some((*name, roles::built_in(name, &self.release)?)));
        let own = own.map(|(name, privileges)| {
            (name.to_owned(), privileges.into_iter().map(str::to_owned).collect::<Vec<_>>(), true)
        });
        own.chain(self.roles.iter().map(|(name, privileges)| (name.clone(), privileges.clone(), false))).collect()
    }

    /// Makes a role, or changes what is in it.
    pub(in super::super) fn set_role(&mut self, name: &str, privileges: Vec<String>) {
        self.roles.insert(name.to_owned(), privileges);
    }

    /// Removes a role and what was granted with it.
    pub(in super::super) fn drop_role(&mut self, name: &str) -> bool {
        let there = self.roles.remove(name).is_some();
        if there {
            self.forget(|entry| entry.role == name);
        }
        there
    }

    fn forget(&mut self, gone: impl Fn(&Entry) -> bool) {
        for entries in self.acl.values_mut() {
            entries.retain(|entry| !gone(entry));
        }
        self.acl.retain(|_, entries| !entries.is_empty());
    }

    /// Makes a user.
    pub(in super::super) fn add_user(&mut self, id: &str, password: Option<&str>) {
        let password = password.unwrap_or_default().to_owned();
        let person = Person { password, enabled: true, expire: 0, totp: None, webauthn: false, totp_used: 0 };
        self.users.insert(id.to_owned(), person);
    }

    /// Whether a user may log in, from when on no longer, and with which password.
    pub(in super::super) fn set_user(
        &mut self,
        id: &str,
        enabled: Option<bool>,
        expire: Option<u64>,
        password: Option<&str>,
    ) {
        let Some(person) = self.users.get_mut(id) else { return };
        person.enabled = enabled.unwrap_or(person.enabled);
        person.expire = expire.unwrap_or(person.expire);
        if let Some(password) = password {
            password.clone_into(&mut person.password);
        }
    }

    /// Removes a user with its tokens, and what was granted to them.
    pub(in super::super) fn drop_user(&mut self, id: &str) -> bool {
        let tokens = format!("{id}!");
        self.tokens.retain(|token, _| !token.starts_with(&tokens));
        for members in self.groups.values_mut() {
            members.retain(|member| member != id);
        }
        self.forget(|entry| entry.who == id || entry.who.starts_with(&tokens));
        self.users.remove(id).is_some()
    }

    /// A user's tokens: name, until when, and whether it has rights of its own.
    pub(in super::super) fn tokens_of(&self, user: &str) -> Vec<(String, u64, bool)> {
        let own = self.tokens.iter().filter_map(|(id, key)| Some((id.strip_prefix(user)?.strip_prefix('!')?, key)));
        own.map(|(name, key)| (name.to_owned(), key.expire, key.privsep)).collect()
    }

    /// Makes a token, or changes it; its secret stays.
    pub(in super::super) fn set_token(&mut self, id: &str, secret: &str, expire: Option<u64>, privsep: Option<bool>) {
        let key = self.tokens.entry(id.to_owned());
        let key = key.or_insert(Key { secret: secret.to_owned(), privsep: true, expire: 0 });
        key.expire = expire.unwrap_or(key.expire);
        key.privsep = privsep.unwrap_or(key.privsep);
    }

    /// Removes a token.
    pub(in super::super) fn drop_token(&mut self, id: &str) -> bool {
        self.forget(|entry| entry.who == id);
        self.tokens.remove(id).is_some()
    }

    /// The groups with their members.
    pub(in super::super) fn group_rows(&self) -> impl Iterator<Item = (&String, &Vec<String>)> {
        self.groups.iter()
    }

    /// Makes a group.
    pub(in super::super) fn add_group(&mut self, name: &str) {
        self.groups.entry(name.to_owned()).or_default();
    }

    /// Removes a group; its members stay.
    pub(in super::super) fn drop_group(&mut self, name: &str) -> bool {
        let who = format!("@{name}");
        self.forget(|entry| entry.who == who);
        self.groups.remove(name).is_some()
    }

    /// Puts a user into groups, and out of the others unless these are added.
    pub(in super::super) fn set_groups(&mut self, user: &str, groups: &[&str], append: bool) {
        for (name, members) in &mut self.groups {
            let wanted = groups.contains(&name.as_str());
            if !append || wanted {
                members.retain(|member| member != user);
            }
            if wanted {
                members.push(user.to_owned());
            }
        }
    }
}
