//! Arguments of the tools for guests, from what a model writes to the types that the tools take.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::{
    pve::Vmid,
    tools::{
        aim,
        args::{self, ListArgs, Waiting},
        check,
        deeds::Extent,
        guest::Target,
        registry::by_name,
        say::Lang,
        verify,
    },
};

fn given(tool: &str, arguments: &Value) -> Result<Map<String, Value>, String> {
    Ok(verify::verify(by_name(tool).unwrap(), arguments.as_object().unwrap(), Lang::En.texts())?.given)
}

fn list(arguments: &Value) -> Result<ListArgs, String> {
    ListArgs::read(&given("listVMs", arguments)?, Lang::En.texts())
}

fn read<A: DeserializeOwned>(tool: &str, arguments: &Value) -> Result<(Target, A), String> {
    let given = given(tool, arguments)?;
    Ok((aim::meant(&given, Lang::En.texts())?, args::read(&given)?))
}

/// What is said of arguments that are wrong.
fn refusal(tool: &str, arguments: &Value) -> Option<String> {
    let said = match tool {
        "listVMs" => list(arguments).err(),
        _ => read::<Map<String, Value>>(tool, arguments).err(),
    }?;
    let whole = said.starts_with(tool);
    Some(if whole { said } else { check::refused(tool, &[said], Lang::En.texts()) })
}

fn passed_over(tool: &str, arguments: Value) -> Vec<String> {
    verify::verify(by_name(tool).unwrap(), arguments.as_object().unwrap(), Lang::En.texts()).unwrap().passed_over
}

#[test]
fn a_vmid_may_be_text_and_null_is_not_given() {
    let (target, waiting) = read::<Waiting>("startVM", &json!({"vmid": 105.0, "timeout": 3.0})).unwrap();
    assert_eq!((target.vmid.unwrap().get(), waiting.timeout()), (105, Duration::from_secs(3)));
    let (target, waiting) = read::<Waiting>("startVM", &json!({"vmid": "105", "node": null})).unwrap();
    assert_eq!(target.vmid.unwrap().get(), 105);
    assert!(target.node.is_none() && waiting.wait);
    assert_eq!(waiting.timeout(), Duration::from_secs(75));
}

#[test]
fn what_can_mean_one_thing_only_is_taken_for_it() {
    let (target, waiting) =
        read::<Waiting>("startVM", &json!({"vmid": "110", "timeout": "60", "wait": "False"})).unwrap();
    assert_eq!((target.vmid.unwrap().get(), waiting.timeout(), waiting.wait), (110, Duration::from_secs(60), false));
    let args = list(&json!({"limit": "10", "cursor": 101, "name": 2024, "tag": 7.0})).unwrap();
    assert_eq!((args.limit, args.after.map(Vmid::get)), (10, Some(101)));
    assert_eq!((args.target.name.as_deref(), args.tag.as_deref()), (Some("2024"), Some("7")));
    let empty = json!({"node": "", "status": "", "tag": "", "pool": "", "name": "", "cursor": "", "limit": null});
    let args = list(&empty).unwrap();
    assert!(args.target.node.is_none() && args.target.name.is_none() && args.status.is_none() && args.tag.is_none());
    let given = given("deleteVM", &json!({"vmid": 100, "confirm": "", "purge": "true"})).unwrap();
    assert!(!given.contains_key("confirm"));
    assert_eq!(args::read::<Extent>(&given).unwrap().purge, Some(true));
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
    let extent = |arguments: Value| read::<Extent>("deleteContainer", &arguments).unwrap().1;
    let none = extent(json!({"vmid": 200}));
    assert_eq!((none.purge, none.unreferenced, none.force), (None, None, None));
    let all = extent(json!({"vmid": 200, "purge": true, "destroyUnreferencedDisks": true, "force": false}));
    assert_eq!((all.purge, all.unreferenced, all.force), (Some(true), Some(true), Some(false)));
    assert!(refusal("deleteVM", &json!({"vmid": 100, "force": true})).is_some(), "PVE has it for containers alone");
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
        let problem = refusal(tool, &arguments).unwrap_or_else(|| panic!("{tool} took {arguments}"));
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
        assert_eq!(refusal("startVM", &arguments).unwrap(), said);
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let problem = refusal("startVM", &json!({"vmid": "x", "wait": 1, "colour": "red"})).unwrap();
    for name in ["vmid", "wait", "colour"] {
        assert!(problem.contains(name), "{problem}");
    }
}
