//! The list of tools: one golden file a tool, the rules that every client's schema reader needs, and the budgets.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use crate::session::{NOBODY, Session};

/// Most bytes of the whole reply with the tools for guests alone.
const BYTES: usize = 10_000;
/// Most tokens of that, as o200k counts them; of the three tools for the API; and of the whole reply as it is without a setting.
const TOKENS: (usize, usize, usize) = (2_500, 500, 2_900);
/// Most tokens of the tools of each set that is off unless switched on.
const MORE: [(&str, usize); 3] = [("tasks", 500), ("configure", 520), ("snapshots", 600)];

/// Beginnings of the names of tools that change something and lose nothing.
const KEEPS: [&str; 3] = ["start", "resizeDisk", "createSnapshot"];
/// Beginnings of the names of tools of which a second call changes something more.
const TWICE: [&str; 5] = ["restart", "callApi", "resizeDisk", "moveDisk", "createSnapshot"];

/// Every set of tools.
const ALL: [(&str, &str); 1] = [("PROXMOX_MCP_TOOLSETS", "all")];

fn reply(env: &[(&str, &str)]) -> String {
    let mut all = NOBODY.to_vec();
    all.push(("PROXMOX_MCP_SHOW_ALL", "true"));
    all.extend(env);
    let mut session = Session::start(&[], &all).modern(json!({}));
    session.request("tools/list", json!({})).to_string()
}

fn tokens(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
}

fn tools(env: &[(&str, &str)]) -> Vec<Value> {
    let reply: Value = serde_json::from_str(&reply(env)).unwrap();
    reply["result"]["tools"].as_array().unwrap().clone()
}

#[test]
fn each_tool_is_as_its_snapshot_says() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let bless = std::env::var_os("BLESS").is_some();
    let mut stale = Vec::new();
    let tools = tools(&ALL);
    let files = fs::read_dir(&folder).unwrap().count();
    assert!(bless || files == tools.len(), "{files} snapshots of {} tools in {}", tools.len(), folder.display());
    for tool in tools {
        let path = folder.join(format!("{}.json", tool["name"].as_str().unwrap()));
        let now = serde_json::to_string_pretty(&tool).unwrap() + "\n";
        let then = fs::read_to_string(&path).unwrap_or_default();
        if bless {
            fs::write(&path, now).unwrap();
        } else if then != now {
            let changed = now.lines().filter(|line| !then.contains(line)).map(|line| format!("  + {line}\n"));
            stale.push(format!("{}\n{}", path.display(), changed.collect::<String>()));
        }
    }
    assert!(stale.is_empty(), "{}\nIf this is meant: BLESS=1 cargo test --test stdio listing", stale.join("\n"));
}

#[test]
fn the_list_keeps_its_budget_in_bytes_and_tokens() {
    for lang in ["en", "es"] {
        let of = |sets: &str| reply(&[("PROXMOX_MCP_LANG", lang), ("PROXMOX_MCP_TOOLSETS", sets)]);
        let (guests, whole) = (of("guests"), reply(&[("PROXMOX_MCP_LANG", lang)]));
        let api: Value = serde_json::from_str(&of("api")).unwrap();
        let cost = (tokens(&guests), tokens(&api["result"]["tools"].to_string()), tokens(&whole));
        assert!(guests.len() <= BYTES, "{lang}: {} bytes", guests.len());
        assert!(
            cost.0 <= TOKENS.0 && cost.1 <= TOKENS.1 && cost.2 <= TOKENS.2,
            "{lang}: {cost:?} of {TOKENS:?} tokens"
        );
        for (set, most) in MORE {
            let set_alone: Value = serde_json::from_str(&of(set)).unwrap();
            let cost = tokens(&set_alone["result"]["tools"].to_string());
            assert!(cost <= most, "{lang}: {set} costs {cost} of {most} tokens");
        }
    }
}

#[test]
fn the_list_is_the_same_each_time_and_in_order() {
    assert_eq!(reply(&[]), reply(&[]));
    let names = |env: &[(&str, &str)]| {
        tools(env).iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let api = ["searchApi", "describeApi", "callApi"];
    assert_eq!(names(&[("PROXMOX_MCP_TOOLSETS", "api")]), api);
    let all = names(&ALL);
    assert_eq!(
        (&all[..15], &all[15..]),
        (
            &names(&[])[..],
            &[
                "listTasks",
                "getTask",
                "stopTask",
                "configureGuest",
                "resizeDisk",
                "moveDisk",
                "listSnapshots",
                "createSnapshot",
                "rollbackSnapshot",
                "deleteSnapshot"
            ]
            .map(str::to_owned)[..]
        )
    );
    assert_eq!(names(&[])[12..], api);
    assert_eq!(
        names(&[("PROXMOX_MCP_TOOLSETS", "guests")]),
        [
            "listVMs",
            "getVM",
            "startVM",
            "stopVM",
            "restartVM",
            "deleteVM",
            "listContainers",
            "getContainer",
            "startContainer",
            "stopContainer",
            "restartContainer",
            "deleteContainer",
        ]
    );
}

#[test]
fn every_tool_has_a_title_a_description_and_all_four_hints() {
    for lang in ["en", "es"] {
        for tool in tools(&[("PROXMOX_MCP_LANG", lang), ALL[0]]) {
            let name = tool["name"].as_str().unwrap();
            assert!(!tool["title"].as_str().unwrap().is_empty() && !tool["description"].as_str().unwrap().is_empty());
            let hint = |key: &str| tool["annotations"][key].as_bool().unwrap_or_else(|| panic!("{name} has no {key}"));
            let reads = ["list", "get", "search", "describe"].iter().any(|verb| name.starts_with(verb));
            assert_eq!(hint("readOnlyHint"), reads, "{name}");
            assert_eq!(hint("destructiveHint"), !reads && !KEEPS.iter().any(|keeps| name.starts_with(keeps)), "{name}");
            assert_eq!(hint("idempotentHint"), !TWICE.iter().any(|twice| name.starts_with(twice)), "{name}");
            hint("openWorldHint");
        }
    }
}

/// What some client in use cannot read, and drops a tool, or the whole list, over.
fn check(at: &str, schema: &Value, wrong: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else {
        wrong.push(format!("{at} is no object"));
        return;
    };
    for key in ["$ref", "$defs", "$schema", "oneOf", "anyOf", "allOf", "not", "format", "nullable"] {
        if schema.contains_key(key) {
            wrong.push(format!("{at} has {key}"));
        }
    }
    if !schema.get("type").is_some_and(Value::is_string) {
        wrong.push(format!("{at} has no single type"));
    }
    if schema.get("enum").and_then(Value::as_array).is_some_and(|values| !values.iter().all(Value::is_string)) {
        wrong.push(format!("{at} has an enum of something else than strings"));
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) && name.len() <= 64;
        if !plain {
            wrong.push(format!("{at}.{name} is no portable name"));
        }
        check(&format!("{at}.{name}"), property, wrong);
    }
    if let Some(items) = schema.get("items") {
        check(&format!("{at}[]"), items, wrong);
    }
}

#[test]
fn schemas_keep_to_what_every_client_reads() {
    let mut wrong = Vec::new();
    for tool in tools(&ALL) {
        for key in ["inputSchema", "outputSchema"] {
            assert_eq!(tool[key]["type"], "object");
            check(&format!("{} {key}", tool["name"]), &tool[key], &mut wrong);
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
