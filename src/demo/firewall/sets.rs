//! Aliases and IP sets: named addresses.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Firewall, Outcome, Params, Refusal, text};
use crate::spec::Method;

/// A name for an address or a network.
#[derive(Clone, Debug, Default)]
pub(super) struct Alias {
    cidr: String,
    comment: Option<String>,
}

/// A set of addresses and networks.
#[derive(Clone, Debug, Default)]
pub(super) struct IpSet {
    comment: Option<String>,
    entries: BTreeMap<String, Member>,
}

/// One address or network of a set.
#[derive(Clone, Debug, Default)]
struct Member {
    comment: Option<String>,
    nomatch: bool,
}

impl Firewall {
    pub(super) fn aliases_call(&mut self, method: Method, tail: &str, params: &Params) -> Outcome {
        let name = text(params, "name").unwrap_or_default().to_lowercase();
        let missing = || Refusal::Param("name", "no such alias".to_owned());
        match (method, tail) {
            (Method::Get, "/aliases") => Ok(self.aliases.keys().map(|name| self.alias(name)).collect()),
            (Method::Post, _) if self.aliases.contains_key(&name) => {
                Err(Refusal::Param("name", format!("alias '{name}' already exists")))
            }
            (Method::Post, _) => {
                self.aliases.insert(name, Alias { cidr: owned(params, "cidr"), comment: comment(params) });
                Ok(Value::Null)
            }
            _ if !self.aliases.contains_key(&name) => Err(missing()),
            (Method::Get, _) => Ok(self.alias(&name)),
            (Method::Delete, _) => {
                self.aliases.remove(&name);
                Ok(Value::Null)
            }
            (Method::Put, _) => {
                let mut alias = self.aliases.remove(&name).ok_or_else(missing)?;
                alias.cidr = owned(params, "cidr");
                alias.comment = comment(params).or(alias.comment);
                self.aliases.insert(text(params, "rename").map_or(name, str::to_lowercase), alias);
                Ok(Value::Null)
            }
        }
    }

    fn alias(&self, name: &str) -> Value {
        let Some(alias) = self.aliases.get(name) else { return Value::Null };
        let mut map =
            Map::from_iter([("name".to_owned(), name.into()), ("cidr".to_owned(), alias.cidr.clone().into())]);
        add_comment(&mut map, alias.comment.as_deref());
        self.with_digest(map)
    }

    pub(super) fn ipsets_call(&mut self, method: Method, tail: &str, params: &Params) -> Outcome {
        let name = owned(params, "name");
        match (method, tail) {
            (Method::Get, "/ipset") => Ok(self.ipset_list()),
            (Method::Post, "/ipset") => self.create_or_rename(name, params),
            _ if !self.ipsets.contains_key(&name) => Err(Refusal::Failed(format!("no such IPSet '{name}'"))),
            (Method::Delete, "/ipset/{name}") => {
                let force = text(params, "force") == Some("1");
                if !force && self.ipsets.get(&name).is_some_and(|set| !set.entries.is_empty()) {
                    return Err(Refusal::Failed(format!("IPSet '{name}' is not empty")));
                }
                self.ipsets.remove(&name);
                Ok(Value::Null)
            }
            (Method::Get, "/ipset/{name}") => {
                let entries = self.ipsets.get(&name).map(|set| set.entries.keys().cloned().collect::<Vec<_>>());
                Ok(entries.unwrap_or_default().iter().map(|cidr| self.entry(&name, cidr)).collect())
            }
            (method, _) => self.entry_call(method, &name, params),
        }
    }

    fn ipset_list(&self) -> Value {
        let row = |(name, set): (&String, &IpSet)| {
            let mut map = Map::from_iter([("name".to_owned(), name.clone().into())]);
            add_comment(&mut map, set.comment.as_deref());
            self.with_digest(map)
        };
        self.ipsets.iter().map(row).collect()
    }

    fn create_or_rename(&mut self, name: String, params: &Params) -> Outcome {
        let taken = |name: &str| Err(Refusal::Param("name", format!("IPSet '{name}' already exists")));
        let mut set = IpSet { comment: comment(params), ..IpSet::default() };
        if let Some(old) = text(params, "rename") {
            if old != name && self.ipsets.contains_key(&name) {
                return taken(&name);
            }
            let known = self.ipsets.remove(old);
            let known = known.ok_or_else(|| Refusal::Param("name", format!("IPSet '{old}' does not exist")))?;
            set = IpSet { comment: set.comment.or(known.comment), entries: known.entries };
        } else if self.ipsets.contains_key(&name) {
            return taken(&name);
        }
        self.ipsets.insert(name, set);
        Ok(Value::Null)
    }

    fn entry_call(&mut self, method: Method, name: &str, params: &Params) -> Outcome {
        let cidr = owned(params, "cidr");
        let known = self.ipsets.get(name).is_some_and(|set| set.entries.contains_key(&cidr));
        let Some(set) = self.ipsets.get_mut(name) else { return Ok(Value::Null) };
        match (method, known) {
            (Method::Post, true) => return Err(Refusal::Param("cidr", format!("address '{cidr}' already exists"))),
            (Method::Post, false) => {
                let nomatch = text(params, "nomatch") == Some("1");
                set.entries.insert(cidr, Member { comment: comment(params), nomatch });
            }
            (_, false) => return Err(Refusal::Param("cidr", "no such address".to_owned())),
            (Method::Get, true) => return Ok(self.entry(name, &cidr)),
            (Method::Delete, true) => drop(set.entries.remove(&cidr)),
            (Method::Put, true) => {
                let entry = set.entries.entry(cidr).or_default();
                entry.comment = comment(params).or(entry.comment.take());
                entry.nomatch = text(params, "nomatch").map_or(entry.nomatch, |nomatch| nomatch == "1");
            }
        }
        Ok(Value::Null)
    }

    fn entry(&self, name: &str, cidr: &str) -> Value {
        let Some(entry) = self.ipsets.get(name).and_then(|set| set.entries.get(cidr)) else { return Value::Null };
        let mut map = Map::from_iter([("cidr".to_owned(), cidr.into())]);
        add_comment(&mut map, entry.comment.as_deref());
        if entry.nomatch {
            map.insert("nomatch".to_owned(), 1.into());
        }
        self.with_digest(map)
    }

    /// What rules can refer to.
    pub(super) fn refs(&self, kind: Option<&str>) -> Value {
        let row = |kind: &str, name: &str, reference: String, comment: &Option<String>| {
            let mut map = json!({"type": kind, "name": name, "ref": reference, "scope": "guest"});
            if let (Some(map), Some(comment)) = (map.as_object_mut(), comment) {
                map.insert("comment".to_owned(), comment.clone().into());
            }
            map
        };
        let aliases = self.aliases.iter().map(|(name, a)| row("alias", name, format!("guest/{name}"), &a.comment));
        let sets = self.ipsets.iter().map(|(name, s)| row("ipset", name, format!("+guest/{name}"), &s.comment));
        aliases.chain(sets).filter(|row| kind.is_none_or(|kind| row["type"] == kind)).collect()
    }
}

fn owned(params: &Params, name: &str) -> String {
    text(params, name).unwrap_or_default().to_owned()
}

fn comment(params: &Params) -> Option<String> {
    text(params, "comment").map(str::to_owned)
}

fn add_comment(map: &mut Map<String, Value>, comment: Option<&str>) {
    if let Some(comment) = comment {
        map.insert("comment".to_owned(), comment.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(firewall: &mut Firewall, method: Method, tail: &str, params: Value) -> Outcome {
        firewall.call(method, tail, params.as_object().unwrap())
    }

    #[test]
    fn an_alias_is_made_renamed_and_removed() {
        let mut firewall = Firewall::default();
        let made = json!({"name": "Office", "cidr": "10.1.0.0/16", "comment": "first floor"});
        assert_eq!(call(&mut firewall, Method::Post, "/aliases", made.clone()), Ok(Value::Null));
        let again = call(&mut firewall, Method::Post, "/aliases", made).unwrap_err();
        assert_eq!(again, Refusal::Param("name", "alias 'office' already exists".to_owned()));
        let change = json!({"name": "office", "cidr": "10.2.0.0/16", "rename": "desk"});
        call(&mut firewall, Method::Put, "/aliases/{name}", change).unwrap();
        let alias = call(&mut firewall, Method::Get, "/aliases/{name}", json!({"name": "desk"})).unwrap();
        assert_eq!((&alias["cidr"], &alias["comment"]), (&json!("10.2.0.0/16"), &json!("first floor")));
        assert_eq!(call(&mut firewall, Method::Get, "/refs", json!({})).unwrap()[0]["ref"], "guest/desk");
        call(&mut firewall, Method::Delete, "/aliases/{name}", json!({"name": "desk"})).unwrap();
        assert_eq!(call(&mut firewall, Method::Get, "/aliases", json!({})), Ok(json!([])));
    }

    #[test]
    fn an_ip_set_with_entries_is_removed_by_force_only() {
        let mut firewall = Firewall::default();
        call(&mut firewall, Method::Post, "/ipset", json!({"name": "friends"})).unwrap();
        let entry = json!({"name": "friends", "cidr": "192.0.2.0/24", "nomatch": "1"});
        call(&mut firewall, Method::Post, "/ipset/{name}", entry.clone()).unwrap();
        assert!(matches!(
            call(&mut firewall, Method::Post, "/ipset/{name}", entry.clone()),
            Err(Refusal::Param("cidr", _))
        ));
        let read = call(&mut firewall, Method::Get, "/ipset/{name}/{cidr}", entry).unwrap();
        assert_eq!(read["nomatch"], 1);
        let refused = call(&mut firewall, Method::Delete, "/ipset/{name}", json!({"name": "friends"}));
        assert_eq!(refused, Err(Refusal::Failed("IPSet 'friends' is not empty".to_owned())));
        call(&mut firewall, Method::Delete, "/ipset/{name}", json!({"name": "friends", "force": "1"})).unwrap();
        assert_eq!(call(&mut firewall, Method::Get, "/ipset", json!({})), Ok(json!([])));
    }
}
