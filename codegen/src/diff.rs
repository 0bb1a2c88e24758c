//! What changed between two releases of the API, sorted by whom it hurts.
//!
//! The whole tree is compared, after the overlay's corrections. Endpoints are paired by verb and path,
//! everything beneath them by name; text for people is never compared.

mod list;
mod page;
mod print;
mod shape;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::model::{Api, Endpoint, Mark, Method, Param, Permission, Risk};
use crate::{facts, overlay::EndpointAt};
use list::named;
pub use page::page;
use shape::Side;

/// Whom a change hurts. Worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A call that was right is refused, or does something else.
    BreakingForCallers,
    /// A reply no longer fits a type that was made for the old one.
    BreakingForDecoders,
    /// Something is new or freer; what was right stays right.
    Additive,
    /// Neither a caller nor a decoder can tell.
    Noise,
}

impl Class {
    /// All of them, worst first.
    pub const ALL: [Self; 4] = [Self::BreakingForCallers, Self::BreakingForDecoders, Self::Additive, Self::Noise];

    /// Whether something that works stops working.
    pub const fn is_breaking(self) -> bool {
        matches!(self, Self::BreakingForCallers | Self::BreakingForDecoders)
    }

    /// The class as a heading.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BreakingForCallers => "Breaking for callers",
            Self::BreakingForDecoders => "Breaking for decoders",
            Self::Additive => "Additive",
            Self::Noise => "Noise",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One change at one place of one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Whom it hurts.
    pub class: Class,
    /// What kind of change it is, such as `param-added` or `reply-type`.
    pub kind: String,
    /// The endpoint, as `METHOD /path`.
    pub endpoint: String,
    /// Where in the endpoint: `param net[n].bridge`, `reply [].status`; empty for the endpoint itself.
    pub place: String,
    /// What happened, in words.
    pub what: String,
    /// The MCP tools that call the endpoint.
    pub tools: Vec<String>,
}

/// All changes from one release to another, worst first, then by endpoint and place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The older side, as it was named.
    pub old: String,
    /// The newer side, as it was named.
    pub new: String,
    /// The changes.
    pub changes: Vec<Change>,
}

impl Diff {
    /// Compares two releases.
    pub fn between(old: &Api, new: &Api) -> Self {
        let mut changes = Vec::new();
        let (olds, news) = (by_place(old), by_place(new));
        for (at, endpoint) in &olds {
            let mut walk = Walk::new(endpoint, news.get(at).map_or(&endpoint.tools, |e| &e.tools), &mut changes);
            match news.get(at) {
                Some(newer) => walk.endpoint(endpoint, newer),
                None => walk.add(Class::BreakingForCallers, "endpoint-removed", "", "endpoint removed".to_owned()),
            }
        }
        for (at, endpoint) in news.iter().filter(|(at, _)| !olds.contains_key(at)) {
            debug_assert_eq!(at.method, endpoint.method, "the key is the endpoint's own");
            Walk::new(endpoint, &endpoint.tools, &mut changes).add(
                Class::Additive,
                "endpoint-added",
                "",
                "new endpoint".to_owned(),
            );
        }
        changes.sort_by_key(|change| change.class);
        Self { old: old.release.clone(), new: new.release.clone(), changes }
    }

    /// The changes of one class.
    pub fn of(&self, class: Class) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.class == class)
    }

    /// Whether something that works with the old release stops working with the new one.
    pub fn is_breaking(&self) -> bool {
        self.changes.iter().any(|change| change.class.is_breaking())
    }

    /// How many changes there are of each kind.
    pub fn counts(&self) -> BTreeMap<(Class, &str), usize> {
        let mut counts = BTreeMap::new();
        for change in &self.changes {
            *counts.entry((change.class, change.kind.as_str())).or_default() += 1;
        }
        counts
    }
}

fn by_place(api: &Api) -> BTreeMap<EndpointAt, &Endpoint> {
    let at = |e: &Endpoint| EndpointAt { path: e.path.clone(), method: e.method };
    api.endpoints.iter().map(|endpoint| (at(endpoint), endpoint)).collect()
}

/// The walk through one pair of endpoints.
struct Walk<'a> {
    at: (Method, &'a str),
    /// Whether a call of it does what cannot be undone.
    grave: bool,
    tools: &'a [String],
    changes: &'a mut Vec<Change>,
}

impl<'a> Walk<'a> {
    fn new(endpoint: &'a Endpoint, tools: &'a [String], changes: &'a mut Vec<Change>) -> Self {
        let grave = endpoint.is_described() && matches!(endpoint.risk, Risk::Destroy | Risk::Execute | Risk::Admin);
        Self { at: (endpoint.method, &endpoint.path), grave, tools, changes }
    }

    fn add(&mut self, class: Class, kind: &str, place: &str, what: String) {
        let endpoint = format!("{} {}", self.at.0, self.at.1);
        let (kind, place, what) = (kind.to_owned(), facts::visible(place), facts::visible(&what));
        let tools = self.tools.to_vec();
        self.changes.push(Change { class, kind, endpoint, place, what, tools });
    }

    fn endpoint(&mut self, old: &Endpoint, new: &Endpoint) {
        self.params(&old.params, &new.params);
        self.shape(Side::Reply, "reply", &old.returns, &new.returns);
        match (old.nullable, new.nullable) {
            (false, true) => self.reply_presence(Class::BreakingForDecoders, "may now be null"),
            (true, false) => self.reply_presence(Class::Additive, "is no longer null"),
            _ => {}
        }
        if old.permission != new.permission {
            let class =
                if widened(&old.permission, &new.permission) { Class::Additive } else { Class::BreakingForCallers };
            let what = format!("{} → {}", facts::permission(&old.permission), facts::permission(&new.permission));
            self.add(class, "permission", "permission", what);
        }
        if old.condition_text != new.condition_text {
            let what = match (&old.condition_text, &new.condition_text) {
                (None, _) => "PVE now has conditions that it says in prose alone",
                (_, None) => "PVE no longer has conditions that it says in prose alone",
                _ => "what PVE says of it in prose has changed",
            };
            let class = if new.condition_text.is_none() { Class::Additive } else { Class::BreakingForCallers };
            self.add(class, "permission-text", "permission", what.to_owned());
        }
        self.marks(&old.marks, &new.marks);
        match (old.allow_token, new.allow_token) {
            (true, false) => self.token(Class::BreakingForCallers, "API tokens may no longer call it"),
            (false, true) => self.token(Class::Additive, "API tokens may now call it"),
            _ => {}
        }
        match (old.open, new.open) {
            (true, false) => self.open(Class::BreakingForCallers, "parameters that are not named are now refused"),
            (false, true) => self.open(Class::Additive, "parameters that are not named are now taken"),
            _ => {}
        }
        if old.name != new.name {
            self.add(Class::Noise, "name", "", format!("PVE's own name {} → {}", old.name, new.name));
        }
        if (old.protected, &old.proxyto) != (new.protected, &new.proxyto) {
            self.add(Class::Noise, "routing", "", "another daemon or node answers it".to_owned());
        }
    }

    /// The rarer keywords: what narrows a parameter may break a call, the others neither caller nor decoder can tell.
    fn marks(&mut self, old: &[Mark], new: &[Mark]) {
        let narrows = |mark: &Mark| {
            let counts = ["disallow", "maxItems", "minItems", "uniqueItems", "requires", "extends"];
            mark.place.starts_with("parameters") && counts.contains(&mark.keyword.as_str())
        };
        for mark in new.iter().filter(|mark| !old.contains(mark)) {
            let before = old.iter().find(|o| o.place == mark.place && o.keyword == mark.keyword);
            let class = if narrows(mark) { Class::BreakingForCallers } else { Class::Noise };
            let from = before.map_or("none", |before| before.value.as_str());
            self.add(class, "keyword", &mark.place, format!("{} {from} → {}", mark.keyword, mark.value));
        }
        let kept = |mark: &Mark| new.iter().any(|n| n.place == mark.place && n.keyword == mark.keyword);
        for mark in old.iter().filter(|mark| !kept(mark)) {
            let class = if narrows(mark) { Class::Additive } else { Class::Noise };
            self.add(class, "keyword", &mark.place, format!("{} {} → none", mark.keyword, mark.value));
        }
    }

    fn reply_presence(&mut self, class: Class, what: &str) {
        self.add(class, "reply-presence", "reply", what.to_owned());
    }

    fn token(&mut self, class: Class, what: &str) {
        self.add(class, "token", "", what.to_owned());
    }

    fn open(&mut self, class: Class, what: &str) {
        self.add(class, "open", "", what.to_owned());
    }

    fn params(&mut self, old: &[Param], new: &[Param]) {
        for (name, pair) in named(old, new, Param::published) {
            let place = format!("param {name}");
            match pair {
                (Some(old), Some(new)) => self.param(&place, old, new),
                (Some(_), None) => self.add(Class::BreakingForCallers, "param-removed", &place, "removed".to_owned()),
                (None, Some(new)) => self.added(Side::Param, "param", &place, new.optional),
                (None, None) => {}
            }
        }
    }

    fn param(&mut self, place: &str, old: &Param, new: &Param) {
        self.presence(Side::Param, "param", place, old.optional, new.optional);
        match (&old.requires, &new.requires) {
            (old, new) if old == new => {}
            (_, Some(other)) => {
                self.add(Class::BreakingForCallers, "param-requires", place, format!("now only together with {other}"));
            }
            (_, None) => self.add(Class::Additive, "param-requires", place, "now also alone".to_owned()),
        }
        self.shape(Side::Param, place, &old.shape, &new.shape);
    }
}

/// Whether everyone who was allowed still is, as far as that can be told: the same path, and more privileges of which
/// one is enough; or everyone.
fn widened(old: &Permission, new: &Permission) -> bool {
    match (old, new) {
        (_, Permission::World) | (Permission::Root, _) => true,
        (Permission::Other(_) | Permission::World, Permission::AllUsers) => false,
        (_, Permission::AllUsers) => true,
        (
            Permission::Privileges { path: old_path, privileges: olds, any: old_any, require_param: old_param },
            Permission::Privileges { path, privileges, any, require_param },
        ) => {
            let same = old_path == path && old_param == require_param;
            let enough = *any && (*old_any || olds.len() == 1) && olds.iter().all(|p| privileges.contains(p));
            same && enough
        }
        (old, Permission::Or(parts)) => parts.contains(old),
        _ => false,
    }
}
