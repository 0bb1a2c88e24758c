//! Who is there, who asks, and what they may do.

mod admin;
mod credentials;
mod login;
mod permissions;
mod roles;
mod ticket;
mod users;

pub(super) use admin::Grant;
pub(super) use login::{Attempt, log_in};
pub(super) use permissions::{capabilities, effective};
pub(super) use users::users_seen;

use std::collections::{BTreeMap, HashMap};

use super::{
    release::Release,
    rng::Rng,
    scenario::{Acl, Scenario, Token, User},
};

/// Someone whose credentials were accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Who {
    /// `name@realm`.
    pub(super) user: String,
    /// The token's name, if one was used.
    pub(super) token: Option<String>,
}

impl Who {
    /// `root@pam` itself, who does what the system does on its own.
    pub(super) fn root() -> Self {
        Self { user: "root@pam".to_owned(), token: None }
    }

    /// `name@realm` or `name@realm!token`.
    pub(super) fn id(&self) -> String {
        match &self.token {
            Some(token) => format!("{}!{token}", self.user),
            None => self.user.clone(),
        }
    }

    /// Whether it is `root@pam` and not a token of theirs.
    pub(super) fn is_root(&self) -> bool {
        self.token.is_none() && self.user == "root@pam"
    }
}

/// A user as the demo keeps one.
#[derive(Debug)]
struct Person {
    password: String,
    enabled: bool,
    expire: u64,
    totp: Option<String>,
    webauthn: bool,
    /// The last step of 30 s whose code was used: a code is good once.
    totp_used: u64,
}

/// A token as the demo keeps one.
#[derive(Debug)]
struct Key {
    secret: String,
    privsep: bool,
    expire: u64,
}

/// One entry of the access control list at one path.
#[derive(Debug)]
struct Entry {
    who: String,
    role: String,
    propagate: bool,
}

/// All that decides about access.
#[derive(Debug)]
pub(super) struct Access {
    users: BTreeMap<String, Person>,
    tokens: BTreeMap<String, Key>,
    groups: BTreeMap<String, Vec<String>>,
    roles: BTreeMap<String, Vec<String>>,
    acl: HashMap<String, Vec<Entry>>,
    pools: BTreeMap<String, Vec<String>>,
    pool_of: HashMap<String, String>,
    pool_comments: BTreeMap<String, String>,
    pub(super) release: Release,
    signing: [u8; 32],
}

impl Access {
    pub(super) fn new(scenario: &Scenario, release: Release, rng: &mut Rng) -> Self {
        let mut signing = [0; 32];
        signing.fill_with(|| rng.next().to_le_bytes()[0]);
        let person = |u: &User| Person {
            password: u.password.clone(),
            enabled: u.enabled,
            expire: u.expire,
            totp: u.totp.clone(),
            webauthn: u.webauthn,
            totp_used: 0,
        };
        let mut key = |t: &Token| Key {
            secret: if t.secret.is_empty() { rng.uuid() } else { t.secret.clone() },
            privsep: t.privsep,
            expire: t.expire,
        };
        let pool_of =
            scenario.pools.iter().flat_map(|(pool, members)| members.iter().map(|m| (m.clone(), pool.clone())));
        Self {
            users: scenario.users.iter().map(|u| (u.id.clone(), person(u))).collect(),
            tokens: scenario.tokens.iter().map(|t| (t.id.clone(), key(t))).collect(),
            groups: scenario.groups.clone(),
            roles: scenario.roles.clone(),
            acl: by_path(&scenario.acl),
            pool_of: pool_of.collect(),
            pools: scenario.pools.clone(),
            pool_comments: BTreeMap::new(),
            release,
            signing,
        }
    }

    /// The secret of a token.
    pub(super) fn token_secret(&self, id: &str) -> Option<&str> {
        self.tokens.get(id).map(|k| k.secret.as_str())
    }

    /// Lets a user in or keeps one out; whether there is such a user.
    pub(super) fn set_enabled(&mut self, user: &str, enabled: bool) -> bool {
        self.users.get_mut(user).map(|p| p.enabled = enabled).is_some()
    }

    /// Replaces what is granted.
    pub(super) fn set_acl(&mut self, acl: &[Acl]) {
        self.acl = by_path(acl);
    }

    /// The users who have a second factor.
    pub(super) fn with_second_factor(&self) -> impl Iterator<Item = &str> {
        self.users.iter().filter(|(_, person)| person.totp.is_some() || person.webauthn).map(|(id, _)| id.as_str())
    }

    /// The pool that a guest or a storage is in.
    pub(super) fn pool_of(&self, member: &str) -> Option<&str> {
        self.pool_of.get(member).map(String::as_str)
    }

    /// Names of all pools.
    pub(super) fn pools(&self) -> impl Iterator<Item = &str> {
        self.pools.keys().map(String::as_str)
    }

    /// Puts a guest into a pool, or takes it out of its own.
    pub(super) fn set_pool(&mut self, member: &str, pool: Option<&str>) {
        if let Some(old) = self.pool_of.remove(member)
            && let Some(members) = self.pools.get_mut(&old)
        {
            members.retain(|m| m != member);
        }
        if let Some(pool) = pool {
            self.pool_of.insert(member.to_owned(), pool.to_owned());
            self.pools.entry(pool.to_owned()).or_default().push(member.to_owned());
        }
    }

    /// The members of a pool.
    pub(super) fn members(&self, pool: &str) -> &[String] {
        self.pools.get(pool).map_or(&[], Vec::as_slice)
    }

    /// What a pool is for.
    pub(super) fn pool_comment(&self, pool: &str) -> Option<&str> {
        self.pool_comments.get(pool).map(String::as_str)
    }

    /// Says what a pool is for.
    pub(super) fn set_pool_comment(&mut self, pool: &str, comment: String) {
        self.pool_comments.insert(pool.to_owned(), comment);
    }

    /// Makes a pool.
    pub(super) fn add_pool(&mut self, pool: &str, comment: Option<String>) {
        self.pools.entry(pool.to_owned()).or_default();
        self.pool_comments.extend(comment.map(|comment| (pool.to_owned(), comment)));
    }

    /// Removes a pool.
    pub(super) fn drop_pool(&mut self, pool: &str) {
        self.pools.remove(pool);
        self.pool_comments.remove(pool);
        self.pool_of.retain(|_, own| own != pool);
    }

    /// Forgets what was granted on a guest, as its removal does.
    pub(super) fn forget_guest(&mut self, vmid: u32) {
        self.acl.remove(&format!("/vms/{vmid}"));
        self.set_pool(&vmid.to_string(), None);
    }
}

fn by_path(acl: &[Acl]) -> HashMap<String, Vec<Entry>> {
    let mut paths: HashMap<String, Vec<Entry>> = HashMap::new();
    for Acl { path, who, role, propagate } in acl.iter().cloned() {
        paths.entry(path).or_default().push(Entry { who, role, propagate });
    }
    paths
}
