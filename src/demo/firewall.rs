//! The firewall of one guest: options, rules, aliases and IP sets, kept and changed as pve-firewall does.
//!
//! Texts and order are read in pve-firewall (`PVE/API2/Firewall/*.pm`), not measured.

mod sets;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{digest::digest, refusal::Refusal};
use crate::spec::Method;

/// Verified parameters: scalars as text.
type Params = Map<String, Value>;

/// What a change or a read gives.
type Outcome = Result<Value, Refusal>;

/// The firewall configuration of one guest.
#[derive(Clone, Debug, Default)]
pub(super) struct Firewall {
    options: Map<String, Value>,
    rules: Vec<Map<String, Value>>,
    aliases: BTreeMap<String, sets::Alias>,
    ipsets: BTreeMap<String, sets::IpSet>,
}

impl Firewall {
    /// Carries out a call below `…/firewall`; `tail` is what follows it in the path template, such as `/rules/{pos}`.
    pub(super) fn call(&mut self, method: Method, tail: &str, params: &Params) -> Outcome {
        self.unchanged(params)?;
        match (method, tail) {
            (Method::Get, "") => Ok(index(&["aliases", "ipset", "log", "options", "refs", "rules"])),
            (Method::Get, "/options") => Ok(self.with_digest(self.options.clone())),
            (Method::Put, "/options") => self.set_options(params),
            (Method::Get, "/log") => Ok(json!([{ "n": 1, "t": "no content" }])),
            (Method::Get, "/refs") => Ok(self.refs(text(params, "type"))),
            (_, tail) if tail.starts_with("/rules") => self.rules_call(method, params),
            (_, tail) if tail.starts_with("/aliases") => self.aliases_call(method, tail, params),
            (_, tail) => self.ipsets_call(method, tail, params),
        }
    }

    /// The digest of the configuration.
    fn digest(&self) -> String {
        let text = format!("{:?}{:?}{:?}{:?}", self.options, self.rules, self.aliases, self.ipsets);
        digest(&text)
    }

    fn with_digest(&self, mut map: Map<String, Value>) -> Value {
        map.insert("digest".to_owned(), self.digest().into());
        Value::Object(map)
    }

    /// Refuses a change that was made for another state.
    fn unchanged(&self, params: &Params) -> Result<(), Refusal> {
        match text(params, "digest") {
            Some(digest) if digest != self.digest() => Err(Refusal::Failed(
                "detected modified configuration - file changed by other user? Try again.".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    fn set_options(&mut self, params: &Params) -> Outcome {
        for name in listed(params, "delete") {
            self.options.remove(name);
        }
        for (name, value) in params.iter().filter(|(name, _)| !NOT_KEPT.contains(&name.as_str())) {
            self.options.insert(name.clone(), number_or_text(value, !name.contains("_")));
        }
        Ok(Value::Null)
    }

    fn rules_call(&mut self, method: Method, params: &Params) -> Outcome {
        let pos = text(params, "pos").and_then(|pos| pos.parse::<usize>().ok());
        let missing = |pos: usize| Refusal::Failed(format!("no rule at position {pos}"));
        match (method, pos) {
            (Method::Get, None) => Ok((0..self.rules.len()).map(|pos| self.rule(pos)).collect()),
            (Method::Post, _) => {
                let mut rule = Map::from_iter([("enable".to_owned(), json!(0))]);
                change_rule(&mut rule, params);
                self.rules.insert(pos.unwrap_or(0).min(self.rules.len()), rule);
                Ok(Value::Null)
            }
            (_, Some(pos)) if pos >= self.rules.len() => Err(missing(pos)),
            (Method::Get, Some(pos)) => Ok(self.rule(pos)),
            (Method::Delete, Some(pos)) => {
                self.rules.remove(pos);
                Ok(Value::Null)
            }
            (Method::Put, Some(pos)) => {
                self.change_or_move(pos, params);
                Ok(Value::Null)
            }
            (_, None) => Err(Refusal::Param("pos", "property is missing and it is not optional".to_owned())),
        }
    }

    /// A rule is moved or changed; whoever asks for both gets it moved.
    fn change_or_move(&mut self, pos: usize, params: &Params) {
        let Some(to) = text(params, "moveto").and_then(|to| to.parse::<usize>().ok()) else {
            let rule = &mut self.rules[pos];
            listed(params, "delete").for_each(|name| drop(rule.remove(name)));
            return change_rule(rule, params);
        };
        let rule = self.rules.remove(pos);
        let to = if to > pos { to - 1 } else { to };
        self.rules.insert(to.min(self.rules.len()), rule);
    }

    fn rule(&self, pos: usize) -> Value {
        let mut rule = self.rules[pos].clone();
        rule.insert("pos".to_owned(), pos.into());
        let ends = ["source", "dest"].map(|end| rule.get(end).and_then(Value::as_str).unwrap_or_default().to_owned());
        if let Some(end) =
            ends.iter().find(|end| end.starts_with(|c: char| c.is_ascii_hexdigit()) && end.contains(['.', ':']))
        {
            rule.insert("ipversion".to_owned(), if end.contains(':') { 6 } else { 4 }.into());
        }
        self.with_digest(rule)
    }
}

/// Parameters that say what to change and are not part of it.
const NOT_KEPT: [&str; 7] = ["node", "vmid", "digest", "delete", "pos", "moveto", "name"];

fn change_rule(rule: &mut Map<String, Value>, params: &Params) {
    for (name, value) in params.iter().filter(|(name, _)| !NOT_KEPT.contains(&name.as_str())) {
        rule.insert(name.clone(), number_or_text(value, name == "enable"));
    }
}

fn number_or_text(value: &Value, number: bool) -> Value {
    match value.as_str().and_then(|text| text.parse::<i64>().ok()).filter(|_| number) {
        Some(n) => n.into(),
        None => value.clone(),
    }
}

fn text<'a>(params: &'a Params, name: &str) -> Option<&'a str> {
    params.get(name).and_then(Value::as_str)
}

fn listed<'a>(params: &'a Params, name: &str) -> impl Iterator<Item = &'a str> {
    text(params, name).unwrap_or_default().split([',', ';', ' ']).filter(|part| !part.is_empty())
}

fn index(names: &[&str]) -> Value {
    names.iter().map(|name| json!({ "name": name })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(value: Value) -> Params {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_new_rule_comes_first_and_can_be_moved_changed_and_removed() {
        let mut firewall = Firewall::default();
        for port in ["22", "443"] {
            let rule = json!({"type": "in", "action": "ACCEPT", "dport": port, "proto": "tcp", "vmid": "100"});
            assert_eq!(firewall.call(Method::Post, "/rules", &params(rule)), Ok(Value::Null));
        }
        let ports = |firewall: &mut Firewall| {
            let rules = firewall.call(Method::Get, "/rules", &Params::new()).unwrap();
            rules.as_array().unwrap().iter().map(|rule| rule["dport"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(ports(&mut firewall), ["443", "22"]);
        firewall.call(Method::Put, "/rules/{pos}", &params(json!({"pos": "0", "moveto": "2"}))).unwrap();
        assert_eq!(ports(&mut firewall), ["22", "443"]);
        let change = params(json!({"pos": "1", "enable": "1", "source": "10.0.0.0/8", "delete": "proto"}));
        firewall.call(Method::Put, "/rules/{pos}", &change).unwrap();
        let rule = firewall.call(Method::Get, "/rules/{pos}", &params(json!({"pos": "1"}))).unwrap();
        assert_eq!((&rule["enable"], &rule["ipversion"], &rule["pos"]), (&json!(1), &json!(4), &json!(1)));
        assert_eq!(rule.get("proto"), None);
        firewall.call(Method::Delete, "/rules/{pos}", &params(json!({"pos": "0"}))).unwrap();
        let gone = firewall.call(Method::Get, "/rules/{pos}", &params(json!({"pos": "1"})));
        assert_eq!(gone, Err(Refusal::Failed("no rule at position 1".to_owned())));
    }

    #[test]
    fn options_are_set_and_deleted_and_a_stale_digest_is_refused() {
        let mut firewall = Firewall::default();
        let digest = firewall.call(Method::Get, "/options", &Params::new()).unwrap()["digest"].clone();
        let set = json!({"enable": "1", "policy_in": "DROP", "digest": digest});
        firewall.call(Method::Put, "/options", &params(set.clone())).unwrap();
        let options = firewall.call(Method::Get, "/options", &Params::new()).unwrap();
        assert_eq!((&options["enable"], &options["policy_in"]), (&json!(1), &json!("DROP")));
        assert!(matches!(firewall.call(Method::Put, "/options", &params(set)), Err(Refusal::Failed(_))));
        firewall.call(Method::Put, "/options", &params(json!({"delete": "enable,policy_in"}))).unwrap();
        let options = firewall.call(Method::Get, "/options", &Params::new()).unwrap();
        assert_eq!(options.as_object().unwrap().len(), 1, "only the digest is left: {options}");
    }
}
