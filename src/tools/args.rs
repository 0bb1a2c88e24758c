//! Arguments of the tools for guests, read into types that cannot hold a wrong value.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    catalog::{Action, ToolSpec},
    check::short,
    lang::{Catalogue, fill},
    schema,
};
use crate::pve::{NodeName, Vmid};

/// Longest text argument; PVE's names, tags and pools are far shorter.
const TEXT_MAX: usize = 255;
/// Signs in names of guests. They are DNS names; `VM 100` is what a VM without one is called, and an underscore can
/// have been written into a configuration file by hand.
const NAME: &str = "-._ ";
/// Signs in tags (pve-common, `JSONSchema.pm`: `pve-tag`).
const TAG: &str = "-_+.";
/// Signs in names of pools, which can lie within each other (pve-access-control: `pve-poolid`).
const POOL: &str = "-_./";

/// Which guest.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// By id.
    pub vmid: Option<Vmid>,
    /// By name.
    pub name: Option<String>,
    /// The node that the caller believes it to be on.
    pub node: Option<NodeName>,
}

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// By how much of its processors a guest uses.
    Cpu,
    /// By how much memory it uses.
    Memory,
}

/// Arguments of any tool, as far as the tool has them.
#[derive(Clone, Debug, Default)]
pub struct Args {
    /// Which guest; for a list, the filters on node and name.
    pub target: Target,
    /// Only guests in this state.
    pub status: Option<String>,
    /// Only guests with this tag.
    pub tag: Option<String>,
    /// Only guests in this pool.
    pub pool: Option<String>,
    /// Only templates, or none.
    pub template: Option<bool>,
    /// What the rows are sorted by, the most first; by id where nothing is said.
    pub sort: Option<Sort>,
    /// Most rows.
    pub limit: usize,
    /// Continue after this guest.
    pub after: Option<Vmid>,
    /// Everything that PVE says, instead of the few facts.
    pub full: bool,
    /// How to stop or restart.
    pub mode: Option<String>,
    /// Whether to wait for the end.
    pub wait: bool,
    /// How long to wait.
    pub timeout: Duration,
    /// How long PVE is to give the guest to go down, in seconds; PVE's own time when nothing is said.
    pub given: Option<u64>,
    /// Whether a stop is to end a shutdown that is under way.
    pub overrule: Option<bool>,
    /// Whether to remove the guest from backup jobs, replication and HA.
    pub purge: Option<bool>,
    /// Whether to destroy disks that the configuration does not name.
    pub unreferenced: Option<bool>,
    /// Whether to stop a running container first.
    pub force: Option<bool>,
    /// Code that a plan carried.
    pub confirm: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    vmid: Option<u64>,
    name: Option<String>,
    node: Option<String>,
    status: Option<String>,
    tag: Option<String>,
    pool: Option<String>,
    template: Option<bool>,
    sort: Option<Sort>,
    limit: Option<usize>,
    cursor: Option<String>,
    detail: Option<String>,
    mode: Option<String>,
    wait: Option<bool>,
    timeout: Option<u64>,
    overrule_shutdown: Option<bool>,
    purge: Option<bool>,
    destroy_unreferenced_disks: Option<bool>,
    force: Option<bool>,
    confirm: Option<String>,
}

/// Reads arguments that fit the tool.
///
/// # Errors
/// Which one has a form that no schema can tell, or that there is none that says which guest.
pub fn read(tool: &ToolSpec, given: Map<String, Value>, texts: &Catalogue) -> Result<Args, String> {
    // They have been held against the schema, so this fails only where the two disagree.
    let raw: Raw = serde_json::from_value(Value::Object(given)).map_err(|e| e.to_string())?;
    typed(tool, raw, texts)
}

fn typed(tool: &ToolSpec, raw: Raw, texts: &Catalogue) -> Result<Args, String> {
    let bad = |name: &str, why: &str| fill(texts.bad_argument, &[("name", name), ("why", why)]);
    for (name, text, signs, why) in [
        ("name", &raw.name, NAME, texts.bad_name),
        ("tag", &raw.tag, TAG, texts.bad_tag),
        ("pool", &raw.pool, POOL, texts.bad_pool),
    ] {
        if let Some(text) = text.as_ref().filter(|text| !is_word(text, signs)) {
            return Err(bad(name, &fill(why, &[("value", &short(&Value::from(text.as_str())))])));
        }
    }
    let node = raw.node.map(|node| node.parse::<NodeName>());
    let node = node.transpose().map_err(|e| bad("node", &fill(texts.bad_node, &[("value", &short(&e.0.into()))])))?;
    let vmid = raw.vmid.map(Vmid::try_from).transpose();
    let vmid = vmid.map_err(|e| bad("vmid", &fill(texts.bad_value, &[("value", &e.0)])))?;
    let after = raw.cursor.map(|cursor| cursor.parse::<Vmid>()).transpose();
    let after = after.map_err(|_| bad("cursor", texts.bad_cursor))?;
    if tool.action != Action::List && vmid.is_none() && raw.name.is_none() {
        return Err(texts.need_vmid.to_owned());
    }
    Ok(Args {
        target: Target { vmid, name: raw.name, node },
        status: raw.status,
        tag: raw.tag,
        pool: raw.pool,
        template: raw.template,
        sort: raw.sort,
        limit: raw.limit.unwrap_or(schema::LIMIT_DEFAULT),
        after,
        full: raw.detail.as_deref() == Some("full"),
        mode: raw.mode,
        wait: raw.wait.unwrap_or(true),
        timeout: Duration::from_secs(raw.timeout.unwrap_or(schema::TIMEOUT_DEFAULT)),
        given: raw.timeout,
        overrule: raw.overrule_shutdown,
        purge: raw.purge,
        unreferenced: raw.destroy_unreferenced_disks,
        force: raw.force,
        confirm: raw.confirm,
    })
}

/// Whether a text can be one of PVE's own words: letters, digits and these signs. None of them leaves this server; they
/// are compared with what PVE lists, and what can never be there is refused before PVE is asked.
fn is_word(text: &str, signs: &str) -> bool {
    let sign = |c: char| c.is_ascii_alphanumeric() || signs.contains(c);
    !text.is_empty() && text.len() <= TEXT_MAX && text.chars().all(sign) && !text.contains("..")
}

/// Whether a guest can have this tag.
pub(super) fn is_tag(text: &str) -> bool {
    is_word(text, TAG) && !text.starts_with(['-', '+', '.'])
}

/// Whether a pool can have this name.
pub(super) fn is_pool(text: &str) -> bool {
    is_word(text, POOL) && text.split('/').all(|level| !level.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tools::{catalog::by_name, lang::Lang, verify};

    fn read(tool: &str, arguments: Value) -> Result<Args, String> {
        let (tool, texts) = (by_name(tool).unwrap(), Lang::En.texts());
        let given = verify::verify(tool, arguments.as_object().unwrap(), texts)?.given;
        super::read(tool, given, texts).map_err(|problem| verify::refused(tool, &[problem], texts))
    }

    fn passed_over(tool: &str, arguments: Value) -> Vec<String> {
        verify::verify(by_name(tool).unwrap(), arguments.as_object().unwrap(), Lang::En.texts()).unwrap().passed_over
    }

    #[test]
    fn a_vmid_may_be_text_and_null_is_not_given() {
        let args = read("startVM", json!({"vmid": 105.0, "timeout": 3.0})).unwrap();
        assert_eq!((args.target.vmid.unwrap().get(), args.timeout), (105, Duration::from_secs(3)));
        let args = read("startVM", json!({"vmid": "105", "node": null})).unwrap();
        assert_eq!(args.target.vmid.unwrap().get(), 105);
        assert!(args.target.node.is_none() && args.wait);
        assert_eq!(args.timeout, Duration::from_secs(75));
    }

    #[test]
    fn what_can_mean_one_thing_only_is_taken_for_it() {
        let args = read("startVM", json!({"vmid": "110", "timeout": "60", "wait": "False"})).unwrap();
        assert_eq!((args.target.vmid.unwrap().get(), args.timeout, args.wait), (110, Duration::from_secs(60), false));
        let args = read("listVMs", json!({"limit": "10", "cursor": 101, "name": 2024, "tag": 7.0})).unwrap();
        assert_eq!((args.limit, args.after.map(Vmid::get)), (10, Some(101)));
        assert_eq!((args.target.name.as_deref(), args.tag.as_deref()), (Some("2024"), Some("7")));
        let empty = json!({"node": "", "status": "", "tag": "", "pool": "", "name": "", "cursor": "", "limit": null});
        let args = read("listVMs", empty).unwrap();
        assert!(
            args.target.node.is_none() && args.target.name.is_none() && args.status.is_none() && args.tag.is_none()
        );
        let args = read("deleteVM", json!({"vmid": 100, "confirm": "", "purge": "true"})).unwrap();
        assert_eq!((args.confirm, args.purge), (None, Some(true)));
    }

    #[test]
    fn strangers_are_passed_over_where_that_harms_nobody_and_named() {
        let added = json!({"vmid": 100, "sessionId": "a", "action": "b", "chatInput": "c", "toolCallId": "d"});
        for tool in ["getVM", "stopVM"] {
            assert!(passed_over(tool, added.clone()).is_empty(), "{tool}");
        }
        assert_eq!(passed_over("listVMs", json!({"reason": "x", "colour": null})), ["\"reason\""]);
    }

    #[test]
    fn what_destroys_more_is_off_unless_asked_for() {
        let args = read("deleteContainer", json!({"vmid": 200})).unwrap();
        assert_eq!((args.purge, args.unreferenced, args.force), (None, None, None));
        let all = json!({"vmid": 200, "purge": true, "destroyUnreferencedDisks": true, "force": false});
        let args = read("deleteContainer", all).unwrap();
        assert_eq!((args.purge, args.unreferenced, args.force), (Some(true), Some(true), Some(false)));
        assert!(read("deleteVM", json!({"vmid": 100, "force": true})).is_err(), "PVE has it for containers alone");
    }

    #[test]
    fn each_wrong_argument_is_named_with_what_it_should_be() {
        let long = "a".repeat(10_000);
        for (tool, arguments, said) in [
            ("getVM", json!({}), "vmid or name is needed"),
            ("getContainer", json!({}), "vmid or name is needed"),
            ("getVM", json!({"vmid": "abc"}), "vmid: \"abc\" is not a whole number"),
            ("getVM", json!({"vmid": 1.5}), "vmid: 1.5 is not a whole number"),
            ("getVM", json!({"vmid": 99}), "vmid: 99 is less than 100"),
            ("getVM", json!({"vmid": 1_000_000_000}), "vmid: 1000000000 is more than 999999999"),
            ("getVM", json!({"vmid": "0100"}), "vmid: \"0100\" is not a whole number"),
            ("getVM", json!({"vmid": 100, "node": "pve1/qemu/102/status/stop#"}), "node"),
            ("getVM", json!({"vmid": 100, "node": ".."}), "node"),
            ("getVM", json!({"vmid": 100, "node": "%2e%2e"}), "node"),
            ("getVM", json!({"vmid": 100, "node": "pve1\u{0}"}), "node"),
            ("getVM", json!({"vmid": 100, "node": long}), "node"),
            ("getVM", json!({"name": "a\nb"}), "name: \"a\\nb\" is not a name of a guest"),
            ("getVM", json!({"name": "pve1/qemu/102/status/stop#"}), "is not a name of a guest"),
            ("listVMs", json!({"name": ".."}), "name: \"..\" is not a name of a guest"),
            ("listVMs", json!({"tag": "a;b"}), "tag: \"a;b\" is not a tag"),
            ("listVMs", json!({"pool": "%2e%2e"}), "pool: \"%2e%2e\" is not a name of a pool"),
            ("getVM", json!({"vmid": 100, "nodes": "pve1"}), "there is no argument \"nodes\"; did you mean node?"),
            ("getVM", json!({"vmid": 100, "purge": true}), "there is no argument \"purge\""),
            ("listVMs", json!({"stat": "running"}), "there is no argument \"stat\"; did you mean status?"),
            ("listVMs", json!({"state": "running"}), "there is no argument \"state\"; did you mean status?"),
            ("startVM", json!({"vm_id": 100}), "there is no argument \"vm_id\"; did you mean vmid?"),
            ("startVM", json!({"vmid": 100, "reason": "x"}), "there is no argument \"reason\"."),
            ("startVM", json!({"vmid": ""}), "vmid: \"\" is not a whole number"),
            ("startVM", json!({"vmid": [110]}), "vmid: [110] is not a whole number"),
            ("startVM", json!({"vmid": "0x6e"}), "vmid: \"0x6e\" is not a whole number"),
            ("startVM", json!({"vmid": true}), "vmid: true is not a whole number"),
            ("startVM", json!({"vmid": 100, "timeout": "1e2"}), "timeout: \"1e2\" is not a whole number"),
            ("startVM", json!({"vmid": 100, "wait": 1}), "wait: 1 is not true or false"),
            ("getVM", json!({"name": 1.5}), "name: 1.5 is not a text"),
            ("getVM", json!({"name": true}), "name: true is not a text"),
            ("listVMs", json!({"status": 1}), "status: 1 is not a text"),
            ("stopVM", json!({"vmid": 100, "mode": "kill"}), "mode: \"kill\" is not one of stop, shutdown"),
            ("restartContainer", json!({"vmid": 100, "mode": "reset"}), "there is no argument \"mode\""),
            ("startVM", json!({"vmid": 100, "wait": "yes"}), "wait: \"yes\" is not true or false"),
            ("startVM", json!({"vmid": 100, "timeout": 0}), "timeout: 0 is less than 1"),
            ("listVMs", json!({"limit": 501}), "limit: 501 is more than 500"),
            ("listVMs", json!({"cursor": "x"}), "cursor: it is not one that a list gave"),
        ] {
            let problem = read(tool, arguments.clone()).err().unwrap_or_else(|| panic!("{tool} took {arguments}"));
            assert!(problem.contains(said), "{arguments}: {problem}");
            assert!(problem.contains(tool) && problem.len() < 250, "{problem}");
        }
    }

    #[test]
    fn a_question_ends_its_sentence_and_another_may_follow() {
        for (arguments, said) in [
            (json!({"vmdi": 100}), "startVM was not called: there is no argument \"vmdi\"; did you mean vmid?"),
            (
                json!({"vmdi": 100, "zeal": 1, "timeot": 5, "wait": 1}),
                "startVM was not called: wait: 1 is not true or false; there is no argument \"timeot\"; did you mean timeout? \
                 There is no argument \"vmdi\"; did you mean vmid? There is no argument \"zeal\".",
            ),
        ] {
            assert_eq!(read("startVM", arguments).unwrap_err(), said);
        }
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let problem = read("startVM", json!({"vmid": "x", "wait": 1, "colour": "red"})).unwrap_err();
        for name in ["vmid", "wait", "colour"] {
            assert!(problem.contains(name), "{problem}");
        }
    }
}
