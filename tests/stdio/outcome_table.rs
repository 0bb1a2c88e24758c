//! The table of outcomes in the pages is what the program does.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::demo::Cluster;

/// The outcomes of a page, each with whether it is a failure.
fn table(page: &str) -> BTreeMap<String, bool> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = std::fs::read_to_string(path).expect("the page");
    let rows = text.lines().skip_while(|line| !line.starts_with("| `outcome` |")).skip(2);
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let failure = match cells.last() {
            Some(&("yes" | "sí")) => true,
            Some(&"no") => false,
            other => panic!("{page}: {other:?} in {line}"),
        };
        (cells[0].trim_matches('`').to_owned(), failure)
    };
    rows.take_while(|line| line.starts_with('|')).map(row).collect()
}

fn cluster() -> Cluster {
    Cluster::toml(
        r#"
        [[guests]]
        vmid = 100
        [[guests]]
        vmid = 101
        state = "running"
        [[guests]]
        vmid = 102
        fails_to_start = true
        [[guests]]
        vmid = 103
        start_warnings = ["odd"]
        [[guests]]
        vmid = 104
        "#,
    )
}

#[test]
fn each_outcome_is_a_failure_or_not_as_the_pages_say() {
    let (english, spanish) = (table("docs/tools.md"), table("docs/es/tools.md"));
    assert_eq!(english, spanish, "the pages say the same");
    let cluster = cluster();
    let mut seen = BTreeMap::new();
    let mut see = |result: &Value| {
        let outcome = result["structuredContent"]["outcome"].as_str().expect("an outcome").to_owned();
        seen.insert(outcome, result["isError"] == json!(true));
    };
    let mut session = cluster.session();
    for (tool, arguments) in [
        ("startVM", json!({"vmid": 100})),
        ("startVM", json!({"vmid": 101})),
        ("startVM", json!({"vmid": 102})),
        ("startVM", json!({"vmid": 103})),
        ("restartVM", json!({"vmid": 101, "wait": false})),
        ("deleteVM", json!({"vmid": 104})),
    ] {
        see(&session.call(tool, arguments));
    }
    let mut asked = cluster.start(&[], &[]).legacy("2025-06-18", json!({"elicitation": {}}));
    let id = asked.post("tools/call", json!({"name": "deleteVM", "arguments": {"vmid": 104}}));
    let question = asked.receive().expect("a question");
    asked.send(&json!({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "decline"}}));
    see(&asked.answer(id)["result"]);
    let named: Vec<&str> = seen.keys().map(String::as_str).collect();
    assert_eq!(named, ["confirm", "declined", "done", "failed", "running", "unchanged", "warnings"]);
    for (outcome, failure) in &seen {
        assert_eq!(english.get(outcome), Some(failure), "{outcome} in the table");
    }
}

#[test]
fn the_pages_have_every_outcome_and_no_other() {
    let source = include_str!("../../src/tools/call.rs");
    let source = source.split("impl Outcome {").nth(1).and_then(|rest| rest.split("\n}\n").next()).expect("the words");
    let words = regex::Regex::new(r#"Self::[A-Z]\w+ => "([a-z]+)","#).expect("a pattern");
    let words: Vec<&str> = words.captures_iter(source).map(|found| found.extract::<1>().1[0]).collect();
    let told = table("docs/tools.md");
    assert!(words.len() >= 7, "{words:?}");
    for word in &words {
        assert!(told.contains_key(*word), "docs/tools.md does not tell of {word}");
    }
    for word in told.keys() {
        assert!(words.contains(&word.as_str()), "docs/tools.md tells of {word}, which nothing gives");
    }
}
