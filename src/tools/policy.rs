//! What this server may be used for, whoever asks: rules that are looked at before anything is sent.
//!
//! A rule is `subject:value`, such as `tool:stopVM`, `node:pve1`, `vmid:100-199`, `pool:prod`, `tag:lab` or
//! `api:DELETE /storage/*`. What a deny rule matches is denied. Where there are allow rules on a subject, one of them must
//! match. A denial names its rule.

mod methods;
pub(super) mod read;

use std::ops::RangeInclusive;

use super::{
    guest::{Guest, Known},
    profile::Profile,
};
use crate::pve::{NodeName, Vmid};
pub(super) use methods::Asked;
pub(super) use methods::Methods;
use methods::any;

/// The rules of one server.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Nothing that changes anything is allowed.
    pub read_only: bool,
    /// Nothing that stops, restarts or deletes a guest is allowed.
    pub no_destructive: bool,
    /// A guest with one of these tags is never stopped, restarted or deleted.
    pub protected_tags: Vec<String>,
    /// Allow rules.
    pub allow: Vec<Rule>,
    /// Deny rules.
    pub deny: Vec<Rule>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            read_only: false,
            no_destructive: false,
            protected_tags: vec!["mcp-protected".to_owned()],
            allow: Vec::new(),
            deny: Vec::new(),
        }
    }
}

/// What a rule matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A tool by name.
    Tool(String),
    /// Guests on a node.
    Node(String),
    /// Guests with these ids.
    Vmid(RangeInclusive<u32>),
    /// Guests in a pool.
    Pool(String),
    /// Guests with a tag.
    Tag(String),
    /// Methods of the API, whatever tool calls them.
    Api(Methods),
}

/// A text that is no rule, or one on something that cannot be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rule {rule:?} {why}")]
pub struct RuleError {
    pub(super) rule: String,
    pub(super) why: String,
}

/// The rule that denies a call, as its operator wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Denied(pub String);

/// What is known of a call when the rules are looked at. A rule on something unknown waits until it is known.
#[derive(Clone, Copy, Debug, Default)]
struct Facts<'a> {
    tool: Option<&'a str>,
    node: Option<&'a str>,
    vmid: Option<u32>,
    /// Pool and tags, known once the guest is.
    guest: Option<&'a dyn Known>,
    /// The methods of the API that the call is or may come to; none where they are no question.
    asked: &'a [Asked],
}

/// Whether this pool is that one or lies within it. What is granted on a pool holds for those within it, too.
pub(super) fn lies_in(pool: &str, outer: &str) -> bool {
    pool.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Rule {
    /// Whether it matches; nothing when what it is about is not known.
    fn matches(&self, facts: &Facts<'_>) -> Option<bool> {
        match self {
            Self::Tool(name) => facts.tool.map(|tool| tool == name),
            Self::Node(name) => facts.node.map(|node| node == name),
            Self::Vmid(range) => facts.vmid.map(|vmid| range.contains(&vmid)),
            Self::Pool(name) => facts.guest.map(|guest| guest.pool().is_some_and(|pool| lies_in(pool, name))),
            Self::Tag(name) => facts.guest.map(|guest| guest.has_tag(name)),
            Self::Api(methods) => any(facts.asked.iter().map(|asked| methods.matches(asked))),
        }
    }
}

impl Policy {
    /// Whether a tool may be used at all; without it the tool is not listed.
    ///
    /// # Errors
    /// The rule that denies it.
    pub fn tool(&self, tool: &Profile) -> Result<(), Denied> {
        if self.read_only && tool.effect.changes() {
            return Err(Denied("--read-only".to_owned()));
        }
        if self.no_destructive && tool.effect.destructive() {
            return Err(Denied("--disable-destructive".to_owned()));
        }
        self.rules(&Facts { tool: Some(tool.name), asked: &self.asked(tool, None, None), ..Facts::default() })
    }

    /// What a tool may come to call, where a rule asks for that.
    fn asked(&self, tool: &Profile, node: Option<&str>, vmid: Option<Vmid>) -> Vec<Asked> {
        if !self.is_about_methods() {
            return Vec::new();
        }
        let value = |name: &str| match name {
            "node" => node.map(str::to_owned),
            "vmid" => vmid.map(|vmid| vmid.to_string()),
            _ => None,
        };
        tool.calls.iter().map(|id| Asked::of(id.endpoint(), value)).collect()
    }

    /// Whether a method of the API may be called, whatever tool does it.
    ///
    /// # Errors
    /// The rule that denies it.
    pub(super) fn method(&self, asked: Asked) -> Result<(), Denied> {
        self.rules(&Facts { asked: &[asked], ..Facts::default() })
    }

    /// Whether a rule is about methods of the API.
    pub(super) fn is_about_methods(&self) -> bool {
        self.allow.iter().chain(&self.deny).any(|rule| matches!(rule, Rule::Api(_)))
    }

    /// One sentence on each rule that no method of the API can fit.
    pub(super) fn idle(&self) -> Vec<String> {
        let told = |(kind, rule): (&str, &Rule)| match rule {
            Rule::Api(methods) => methods.idle().map(|why| format!("the rule {kind} {rule} matches nothing: {why}")),
            _ => None,
        };
        let allow = self.allow.iter().map(|rule| ("allow", rule));
        allow.chain(self.deny.iter().map(|rule| ("deny", rule))).filter_map(told).collect()
    }

    /// What can be said before the guest has been looked up.
    ///
    /// # Errors
    /// The rule that denies it.
    pub fn before(&self, tool: &Profile, node: Option<&str>, vmid: Option<Vmid>) -> Result<(), Denied> {
        self.tool(tool)?;
        let asked = self.asked(tool, node, vmid);
        self.rules(&Facts { tool: Some(tool.name), node, vmid: vmid.map(Vmid::get), guest: None, asked: &asked })
    }

    /// Whether a tool may be used on this guest.
    ///
    /// # Errors
    /// The rule that denies it.
    pub fn guest(&self, tool: &Profile, guest: &Guest) -> Result<(), Denied> {
        if tool.effect.destructive()
            && let Some(tag) = self.protected_tags.iter().find(|tag| guest.has_tag(tag))
        {
            return Err(Denied(format!("protected tag {tag}")));
        }
        let asked = self.asked(tool, Some(guest.node.as_str()), Some(guest.vmid));
        self.rules(&Facts {
            tool: Some(tool.name),
            node: Some(guest.node.as_str()),
            vmid: Some(guest.vmid.get()),
            guest: Some(guest),
            asked: &asked,
        })
    }

    /// Whether a guest may be shown in a list.
    pub(super) fn shows(&self, guest: &dyn Known) -> bool {
        self.told(guest).is_ok()
    }

    /// What the rules say of a node, or of a guest there of which the id alone is known; the tool aside.
    ///
    /// # Errors
    /// The rule that denies it.
    pub(super) fn place(&self, node: &NodeName, vmid: Option<Vmid>) -> Result<(), Denied> {
        self.rules(&Facts { node: Some(node.as_str()), vmid: vmid.map(Vmid::get), ..Facts::default() })
    }

    /// What the rules say of telling about a guest.
    ///
    /// # Errors
    /// The rule that denies it.
    pub(super) fn told(&self, guest: &dyn Known) -> Result<(), Denied> {
        self.rules(&Facts {
            node: Some(guest.node().as_str()),
            vmid: Some(guest.vmid().get()),
            guest: Some(guest),
            ..Facts::default()
        })
    }

    /// Whether a rule is about some guests.
    pub(super) fn is_about_guests(&self) -> bool {
        let mut rules = self.allow.iter().chain(&self.deny);
        rules.any(|rule| matches!(rule, Rule::Vmid(_) | Rule::Pool(_) | Rule::Tag(_)))
    }

    /// Whether a rule is about more of a guest than its id and the node of a task, where it may no longer be.
    pub(super) fn asks_for_guests(&self) -> bool {
        let mut rules = self.allow.iter().chain(&self.deny);
        rules.any(|rule| matches!(rule, Rule::Node(_) | Rule::Pool(_) | Rule::Tag(_)))
    }

    /// The pools whose guests are denied.
    pub(super) fn denied_pools(&self) -> impl Iterator<Item = &str> {
        self.deny.iter().filter_map(|rule| match rule {
            Rule::Pool(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether a node may be named.
    pub(super) fn names_node(&self, node: &str) -> bool {
        self.rules(&Facts { node: Some(node), ..Facts::default() }).is_ok()
    }

    /// Whether a pool may be named: no rule on pools hides its guests.
    pub(super) fn names_pool(&self, pool: &str) -> bool {
        let on_pools = |rules: &[Rule]| -> Vec<bool> {
            let fits = |rule: &Rule| matches!(rule, Rule::Pool(name) if lies_in(pool, name));
            rules.iter().filter(|rule| matches!(rule, Rule::Pool(_))).map(fits).collect()
        };
        let allowed = on_pools(&self.allow);
        !on_pools(&self.deny).contains(&true) && (allowed.is_empty() || allowed.contains(&true))
    }

    /// The nodes and pools that rules name: each with its rule.
    pub(super) fn places(&self) -> impl Iterator<Item = (&Rule, String)> {
        let allow = self.allow.iter().map(|rule| (rule, format!("allow {rule}")));
        let deny = self.deny.iter().map(|rule| (rule, format!("deny {rule}")));
        allow.chain(deny).filter(|(rule, _)| matches!(rule, Rule::Node(_) | Rule::Pool(_)))
    }

    /// Whether a rule asks for the pool of a guest, which not every list names.
    pub fn asks_for_pools(&self) -> bool {
        self.allow.iter().chain(&self.deny).any(|rule| matches!(rule, Rule::Pool(_)))
    }

    fn rules(&self, facts: &Facts<'_>) -> Result<(), Denied> {
        if let Some(rule) = self.deny.iter().find(|rule| rule.matches(facts) == Some(true)) {
            return Err(Denied(format!("deny {rule}")));
        }
        for rule in &self.allow {
            let same = |other: &&Rule| std::mem::discriminant(*other) == std::mem::discriminant(rule);
            let group: Vec<_> = self.allow.iter().filter(same).collect();
            // A rule about something not yet known neither allows nor denies. Of several methods each must be allowed.
            let barred = |facts: &Facts<'_>| group.iter().all(|rule| rule.matches(facts) == Some(false));
            let one_by_one = || facts.asked.chunks(1).any(|asked| barred(&Facts { asked, ..*facts }));
            if if matches!(rule, Rule::Api(_)) { one_by_one() } else { barred(facts) } {
                let text: Vec<_> = group.iter().map(ToString::to_string).collect();
                return Err(Denied(format!("allow {}", text.join(","))));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tools::registry::{by_name, guests};

    fn guest() -> Guest {
        let row = json!({"type": "qemu", "vmid": 105, "node": "pve1", "name": "db", "pool": "prod", "tags": "sql;Lab"});
        Guest::of_row(row.as_object().unwrap().clone(), None, None).unwrap()
    }

    fn rules(allow: &[&str], deny: &[&str]) -> Policy {
        let read = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Policy { allow: read(allow), deny: read(deny), ..Policy::default() }
    }

    fn denied(policy: &Policy, tool: &str) -> Option<String> {
        let tool = by_name(tool).unwrap();
        policy.guest(tool, &guest()).err().map(|denied| denied.0)
    }

    #[test]
    fn rules_are_read_as_they_print_and_rubbish_is_named() {
        for text in ["tool:stopVM", "node:pve1", "vmid:100-199", "vmid:100", "pool:prod", "tag:lab"] {
            assert_eq!(text.parse::<Rule>().unwrap().to_string(), text);
        }
        for text in ["", "stopVM", "tool:bootVM", "vmid:5", "vmid:200-100", "vmid:a-b", "tag:", "host:a", "node"] {
            let said = text.parse::<Rule>().unwrap_err().to_string();
            assert!(said.contains(&format!("{text:?}")), "{said}");
        }
    }

    #[test]
    fn a_rule_on_what_pve_cannot_have_is_refused() {
        for (text, why) in [
            ("tag:prod web", "not a tag"),
            ("tag:prod,tag:db", "not a tag"),
            ("tag:größe", "not a tag"),
            ("node:pve1,node:pve2", "letters, digits and hyphens"),
            ("node:pve_1", "letters, digits and hyphens"),
            ("node:*", "letters, digits and hyphens"),
            ("pool:a b", "between its levels"),
            ("tool:stopvm", "did you mean stopVM?"),
            ("tool:*", "there are listVMs"),
        ] {
            let said = text.parse::<Rule>().unwrap_err().to_string();
            assert!(said.contains(&format!("{text:?}")) && said.contains(why), "{said}");
        }
        let read = read::rules(" tag:prod, tag:db,vmid:100-110 ,").unwrap();
        assert_eq!(read.iter().map(ToString::to_string).collect::<Vec<_>>(), ["tag:prod", "tag:db", "vmid:100-110"]);
        assert!(read::rules(" , ").is_err() && read::rules("tag:prod,db").is_err());
        assert_eq!(read::tags("keep, Prod;db").unwrap(), ["keep", "Prod", "db"]);
        assert!(read::tags(",").is_err() && read::tags("keep out").is_err());
    }

    #[test]
    fn each_subject_denies_and_the_denial_names_the_rule() {
        for rule in ["tool:stopVM", "node:pve1", "vmid:100-105", "pool:prod", "tag:lab"] {
            assert_eq!(denied(&rules(&[], &[rule]), "stopVM"), Some(format!("deny {rule}")));
            assert_eq!(denied(&rules(&[rule], &[]), "stopVM"), None, "{rule} allows it");
        }
        for rule in ["tool:stopContainer", "node:pve2", "vmid:106-200", "pool:test", "tag:web"] {
            assert_eq!(denied(&rules(&[], &[rule]), "stopVM"), None);
            assert_eq!(denied(&rules(&[rule], &[]), "stopVM"), Some(format!("allow {rule}")));
        }
    }

    #[test]
    fn a_pool_is_meant_with_those_within_it() {
        for (pool, inside) in
            [("prod", true), ("prod/db", true), ("prod/db/a", true), ("prod2", false), ("a/prod", false)]
        {
            let row = json!({"type": "qemu", "vmid": 105, "node": "pve1", "name": "db", "pool": pool});
            let guest = Guest::of_row(row.as_object().unwrap().clone(), None, None).unwrap();
            let tool = by_name("stopVM").unwrap();
            assert_eq!(rules(&[], &["pool:prod"]).guest(tool, &guest).is_err(), inside, "{pool}");
            assert_eq!(rules(&["pool:prod"], &[]).guest(tool, &guest).is_ok(), inside, "{pool}");
        }
    }

    #[test]
    fn deny_wins_and_every_subject_with_allow_rules_must_match() {
        assert_eq!(denied(&rules(&["node:pve1"], &["tag:sql"]), "getVM"), Some("deny tag:sql".to_owned()));
        assert_eq!(denied(&rules(&["vmid:100", "vmid:105", "node:pve1"], &[]), "getVM"), None);
        assert_eq!(denied(&rules(&["vmid:105", "node:pve2"], &[]), "getVM"), Some("allow node:pve2".to_owned()));
    }

    #[test]
    fn what_is_not_known_yet_neither_allows_nor_denies() {
        let (tool, vmid) = (by_name("stopVM").unwrap(), "105".parse().ok());
        assert_eq!(rules(&["tag:web"], &["pool:prod"]).before(tool, None, vmid), Ok(()));
        assert!(rules(&[], &["vmid:105"]).before(tool, None, vmid).is_err());
        assert!(rules(&["node:pve2"], &[]).before(tool, Some("pve1"), vmid).is_err());
    }

    #[test]
    fn switches_close_what_they_say() {
        let names = |policy: &Policy| {
            guests().filter(|tool| policy.tool(tool).is_ok()).map(|tool| tool.name).collect::<Vec<_>>()
        };
        let read_only = Policy { read_only: true, ..Policy::default() };
        assert_eq!(names(&read_only), ["listVMs", "getVM", "listContainers", "getContainer"]);
        let gentle = Policy { no_destructive: true, ..Policy::default() };
        let all = ["listVMs", "getVM", "startVM", "listContainers", "getContainer", "startContainer"];
        assert_eq!(names(&gentle), all);
    }

    #[test]
    fn a_protecting_tag_keeps_a_guest_running_and_in_being() {
        let policy = Policy { protected_tags: vec!["web".to_owned(), "SQL".to_owned()], ..Policy::default() };
        for tool in ["stopVM", "restartVM", "deleteVM"] {
            assert_eq!(denied(&policy, tool), Some("protected tag SQL".to_owned()));
        }
        assert_eq!(denied(&policy, "startVM"), None);
        assert_eq!(denied(&policy, "getVM"), None);
    }
}
