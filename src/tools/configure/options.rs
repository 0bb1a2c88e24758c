//! A guest's configuration, option by option: what is in force, and what is to come with the next start.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::{
    foreign,
    pve::integer,
    spec::Endpoint,
    tools::{
        allowed::denied,
        call::ToolResult,
        guest::{Guest, parted},
        ops, outcome,
        property::MASK,
        say::Catalogue,
        tool::Call,
        whole::{given::plain, secret},
    },
};

/// Most characters of a value that is told.
const SHOWN: usize = 300;

/// How one option stands.
#[derive(Clone, Debug, Default, PartialEq)]
struct Standing {
    /// In force.
    now: Option<Value>,
    /// From the next start on, if that is another one.
    next: Option<Value>,
    /// Whether it goes with the next start.
    goes: bool,
}

/// The options of a guest.
#[derive(Clone, Debug, Default)]
pub(in crate::tools) struct Configured {
    options: BTreeMap<String, Standing>,
    /// By which PVE tells whether somebody has changed them since.
    pub digest: String,
}

impl Configured {
    /// Reads the options of a guest.
    ///
    /// # Errors
    /// The answer for a guest that cannot be asked.
    pub(in crate::tools) async fn read(call: &Call<'_>, guest: &Guest) -> Result<Self, ToolResult> {
        let rows = ops::pending(call.tools.client(), guest).await;
        rows.map(Self::of).map_err(|e| outcome::error(&e, call.texts))
    }

    /// Reads the options of a guest, which is held against the rules as it is by now: the list that it was found in may be ten
    /// seconds old.
    ///
    /// # Errors
    /// The answer for a guest that cannot be asked, or the rule that denies it.
    pub(in crate::tools) async fn held(call: &Call<'_>, guest: &Guest) -> Result<(Self, Guest), ToolResult> {
        let now = Self::read(call, guest).await?;
        let guest = now.renewed(guest);
        call.tools.policy().guest(call.tool, &guest).map_err(|rule| denied(call.tool, &rule, call.texts))?;
        Ok((now, guest))
    }

    fn of(rows: Vec<Map<String, Value>>) -> Self {
        let mut all = Self::default();
        for mut row in rows {
            let Some(key) = row.get("key").and_then(Value::as_str).map(str::to_owned) else { continue };
            let mut take = |name: &str| row.remove(name).filter(|value| !value.is_null());
            let (now, next, goes) = (take("value"), take("pending"), take("delete"));
            if key == "digest" {
                all.digest = now.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
                continue;
            }
            let goes = goes.and_then(|flag| integer(&flag).ok().flatten()).is_some_and(|flag| flag > 0);
            all.options.insert(key, Standing { now, next, goes });
        }
        all
    }

    /// The value in force, as text.
    pub(in crate::tools) fn now(&self, option: &str) -> Option<String> {
        self.options.get(option)?.now.as_ref().map(plain)
    }

    /// The value from the next start on, which mostly is that in force.
    pub(in crate::tools) fn coming(&self, option: &str) -> Option<String> {
        let standing = self.options.get(option)?;
        let value = if standing.goes { None } else { standing.next.as_ref().or(standing.now.as_ref()) };
        value.map(plain)
    }

    /// Whether something about an option waits for the next start.
    pub(in crate::tools) fn waits(&self, option: &str) -> bool {
        self.options.get(option).is_some_and(|standing| standing.next.is_some() || standing.goes)
    }

    /// The options whose name says so.
    pub(in crate::tools) fn names(&self, fits: impl Fn(&str) -> bool) -> Vec<&str> {
        self.options.keys().map(String::as_str).filter(|name| fits(name)).collect()
    }

    /// What rules ask of the guest, as it says it itself.
    fn renewed(&self, guest: &Guest) -> Guest {
        let said = ["name", "hostname", "tags"].iter();
        let said = said.filter_map(|key| Some(((*key).to_owned(), Value::from(self.now(key)?)))).collect();
        guest.renewed(&said)
    }

    /// The options that stand otherwise than before.
    pub(in crate::tools) fn differing(&self, before: &Self) -> BTreeSet<String> {
        let all = self.options.keys().chain(before.options.keys());
        all.filter(|key| self.options.get(*key) != before.options.get(*key)).cloned().collect()
    }
}

/// Whether a value that is given is the one that stands there.
pub(in crate::tools) fn same(option: &str, given: &Value, stands: &str) -> bool {
    use crate::spec::Value as _;
    let given = given.to_wire();
    match option {
        "tags" => {
            let set = |text: &str| parted(text).map(str::to_ascii_lowercase).collect::<BTreeSet<_>>();
            set(&given) == set(stands)
        }
        _ => given.trim() == stands.trim(),
    }
}

/// A value as it may be shown: secrets are not.
pub(in crate::tools) fn shown(endpoint: &Endpoint, option: &str, value: &str) -> String {
    if secret::is_secret_of(endpoint, option) {
        return MASK.to_owned();
    }
    foreign::line(value, SHOWN).into_owned()
}

/// What has become of options: a sentence on each, and the same for programs.
pub(in crate::tools) struct Told {
    /// A sentence on each.
    pub sentences: Vec<String>,
    /// `{option, before, now, pending}`.
    pub facts: Vec<Value>,
    /// Whether something waits for the next start.
    pub waits: bool,
}

impl Told {
    /// Tells of these options, as they were and as they are.
    pub(in crate::tools) fn of(
        endpoint: &Endpoint,
        options: &BTreeSet<String>,
        before: &Configured,
        after: &Configured,
        texts: &Catalogue,
    ) -> Self {
        let mut told = Self { sentences: Vec::new(), facts: Vec::new(), waits: false };
        for option in options {
            let show = |value: Option<String>| value.map(|value| shown(endpoint, option, &value));
            let (was, now) = (show(before.now(option)), show(after.now(option)));
            let pending = after.waits(option).then(|| show(after.coming(option)));
            let say = |value: &Option<String>| value.clone().unwrap_or_else(|| texts.cfg_unset().to_owned());
            told.sentences.push(match &pending {
                Some(next) => texts.cfg_waits(option, say(&now), say(next)),
                None if was == now && before.waits(option) => texts.cfg_reverted(option, say(&now)),
                None if was == now => texts.cfg_same(option, say(&now)),
                None => texts.cfg_set(option, say(&was), say(&now)),
            });
            let mut fact = json!({"option": option, "before": was, "now": now});
            if let Some(next) = pending {
                (fact["pending"], told.waits) = (next.into(), true);
            }
            told.facts.push(fact);
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::say::Lang;

    fn read(rows: Value) -> Configured {
        let rows = rows.as_array().unwrap().iter().map(|row| row.as_object().unwrap().clone()).collect();
        Configured::of(rows)
    }

    #[test]
    fn what_stands_what_comes_and_what_goes_is_told_apart() {
        let before = read(json!([
            {"key": "digest", "value": "a1"}, {"key": "memory", "value": "32"}, {"key": "cpu", "value": "qemu64"},
            {"key": "cipassword", "value": "hush"}, {"key": "tags", "value": "a;z"},
        ]));
        let after = read(json!([
            {"key": "digest", "value": "b2"}, {"key": "memory", "value": "32", "pending": "48"},
            {"key": "cpu", "value": "qemu64", "delete": 1}, {"key": "cores", "pending": 2},
            {"key": "cipassword", "value": "other"}, {"key": "tags", "value": "a;z"},
        ]));
        assert_eq!((before.digest.as_str(), after.coming("memory")), ("a1", Some("48".to_owned())));
        assert_eq!((after.now("cores"), after.coming("cores")), (None, Some("2".to_owned())));
        assert_eq!((after.coming("cpu"), after.waits("cpu"), after.waits("tags")), (None, true, false));
        let differing = after.differing(&before);
        assert_eq!(differing.iter().map(String::as_str).collect::<Vec<_>>(), ["cipassword", "cores", "cpu", "memory"]);
        let endpoint = &crate::api::PUT_NODES_NODE_QEMU_VMID_CONFIG;
        let told = Told::of(endpoint, &differing, &before, &after, Lang::En.texts());
        assert!(told.waits);
        let all = format!("{:?} {:?}", told.sentences, told.facts);
        assert!(!all.contains("hush") && !all.contains("other"), "{all}");
        assert!(told.sentences.contains(&"memory: 32, from the next start on 48.".to_owned()), "{all}");
    }

    #[test]
    fn a_value_in_another_form_is_the_same() {
        for (option, given, stands) in [
            ("onboot", json!(true), "1"),
            ("memory", json!(2048), "2048"),
            ("tags", json!("Z,a"), "a;z"),
            ("description", json!("notes"), "notes\n"),
        ] {
            assert!(same(option, &given, stands), "{option}");
        }
        assert!(!same("tags", &json!("a"), "a;b") && !same("cores", &json!(2), "4"));
    }
}
