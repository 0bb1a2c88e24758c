//! What the pages name exists, and what exists is named.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use proxmox_mcp::{
    config::DEFINITIONS,
    demo::{Scenario, scenario},
    tools::{registry, required},
};
use regex::Regex;

use crate::{
    file,
    page::{Page, all},
    read,
};

fn words(pattern: &str, text: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).expect("a pattern");
    pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// What `--help` prints for every command.
fn helps() -> String {
    let commands: [&[&str]; 20] = [
        &[],
        &["call"],
        &["api"],
        &["api", "search"],
        &["api", "describe"],
        &["api", "call"],
        &["tools"],
        &["doctor"],
        &["serve"],
        &["token"],
        &["token", "new"],
        &["token", "list"],
        &["token", "revoke"],
        &["freeze"],
        &["thaw"],
        &["audit"],
        &["audit", "verify"],
        &["surface"],
        &["completions"],
        &["help"],
    ];
    let help = |command: &[&str]| {
        let program = env!("CARGO_BIN_EXE_proxmox-mcp");
        let output = Command::new(program).args(command).arg("--help").output().expect("the program runs");
        String::from_utf8(output.stdout).expect("text")
    };
    commands.iter().map(|command| help(command)).collect()
}

#[test]
fn every_variable_that_a_page_names_exists() {
    let mut known: BTreeSet<String> = DEFINITIONS.iter().map(|d| d.name.to_owned()).collect();
    known.extend(DEFINITIONS.iter().filter(|d| d.secret).map(|d| format!("{}_FILE", d.name)));
    // The client's own, in its snippet for HTTP: what it puts into the header.
    known.insert("PROXMOX_MCP_BEARER".to_owned());
    for page in all() {
        let unknown: Vec<_> = words(r"\b(PROXMOX_[A-Z_]+[A-Z])\b", &page.text).difference(&known).cloned().collect();
        assert!(unknown.is_empty(), "{} names {unknown:?}, which nothing reads", page.path);
    }
}

#[test]
fn every_variable_of_the_command_line_is_on_the_page_of_variables() {
    let page = read("docs/configuration.md");
    for name in words(r"\b((?:PROXMOX_|HTTP_)[A-Z_]+[A-Z])\b", &helps()) {
        assert!(page.contains(&format!("`{name}`")), "docs/configuration.md does not tell of {name}");
    }
}

#[test]
fn the_page_on_the_command_line_has_all_options_and_no_others() {
    let page = Page::read("docs/command-line.md");
    let option = r"(?:^|[\s`])(--[a-z][a-z-]+)";
    let told: BTreeSet<_> = page.code.iter().flat_map(|code| words(option, code)).collect();
    let listed: BTreeSet<_> = words(r"(?m)^\s+(?:-[a-zA-Z], )?(--[a-z][a-z-]+)", &helps());
    assert_eq!(told, listed, "left: docs/command-line.md, right: --help");
    let commands: BTreeSet<_> = page.code.iter().flat_map(|code| code.split_whitespace()).collect();
    for command in words(r"(?m)^  ([a-z]+)  ", &helps()).iter().filter(|command| *command != "help") {
        assert!(commands.contains(command.as_str()), "docs/command-line.md does not tell of {command}");
    }
}

/// The row of a table in which a tool is named.
fn row<'a>(page: &'a Page, tool: &str) -> &'a [String] {
    let rows = page.tables.iter().flatten();
    let mut found = rows.filter(|row| row[0].contains(&format!("`{tool}`")));
    found.next().unwrap_or_else(|| panic!("{} has no row on {tool}", page.path))
}

#[test]
fn privileges_in_the_pages_are_those_that_pve_demands() {
    for (path, column) in [("README.md", 2), ("README.es.md", 2), ("docs/index.md", 2), ("docs/es/index.md", 2)] {
        let page = Page::read(path);
        for tool in registry::guests().filter(|tool| path.starts_with("README") || tool.effect.changes()) {
            let told = &row(&page, tool.name)[column];
            for privilege in required(tool).into_iter().filter(|p| *p != "VM.Audit" || !tool.effect.changes()) {
                assert!(told.contains(privilege), "{path}: {} needs {privilege}", tool.name);
            }
        }
    }
}

#[test]
fn the_index_has_every_request_that_changes_something() {
    for path in ["docs/index.md", "docs/es/index.md"] {
        let page = Page::read(path);
        for tool in registry::guests().filter(|tool| tool.effect.changes()) {
            let told = &row(&page, tool.name)[1];
            for endpoint in tool.calls.iter().filter(|endpoint| endpoint.method.to_string() != "GET") {
                let end = endpoint.path.rsplit_once("{vmid}").map_or("", |(_, end)| end);
                let shown = if end.is_empty() { endpoint.path.as_str() } else { end };
                assert!(told.contains(shown), "{path}: {} calls {} {}", tool.name, endpoint.method, endpoint.path);
            }
        }
    }
}

/// All sources of the program as one text, with texts that run over several lines put together.
fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).expect("the sources").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            sources(&entry, text);
        } else {
            text.push_str(&fs::read_to_string(&entry).expect("a source"));
        }
    }
}

/// Tables headed `message` quote the program; `…` stands for what differs.
#[test]
fn messages_that_the_pages_explain_are_messages_of_the_program() {
    let mut program = String::new();
    sources(&file("src"), &mut program);
    let program = Regex::new(r"\\\n\s*").expect("a pattern").replace_all(&program, "").into_owned();
    let own = |part: &&str| part.len() > 3 && !part.contains("Connection refused") && !part.starts_with("HTTP 59");
    let mut seen = 0;
    for table in Page::read("docs/troubleshooting.md").tables.iter().filter(|table| table[0][0] == "message") {
        for message in table[1..].iter().flat_map(|row| words("`([^`]+)`", &row[0])) {
            for part in message.split('…').map(|part| part.trim_matches([' ', ':', ','])).filter(own) {
                let names =
                    DEFINITIONS.iter().fold(part.to_owned(), |text, d| text.replace(&format!("{} ", d.name), ""));
                assert!(program.contains(&names), "docs/troubleshooting.md quotes {part:?}, which nothing says");
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "only {seen} messages");
}

/// A scenario is a file that a person writes: both pages name each of its keys.
#[test]
fn every_key_of_a_scenario_is_named() {
    let rows = [
        serde_json::to_value(Scenario::default()),
        serde_json::to_value(scenario::Node::default()),
        serde_json::to_value(scenario::Guest::default()),
        serde_json::to_value(scenario::Storage::default()),
        serde_json::to_value(scenario::Volume::default()),
        serde_json::to_value(scenario::Backup::default()),
        serde_json::to_value(scenario::Download::default()),
        serde_json::to_value(scenario::PastTask::default()),
        serde_json::to_value(scenario::User::default()),
        serde_json::to_value(scenario::Token::default()),
        serde_json::to_value(scenario::Acl::default()),
        serde_json::to_value(scenario::BackupJob::default()),
        serde_json::to_value(scenario::Connections::default()),
    ];
    for page in ["docs/command-line.md", "docs/es/command-line.md"] {
        let text = read(page);
        for row in &rows {
            let row = row.as_ref().ok().and_then(serde_json::Value::as_object).expect("a table");
            assert!(!row.is_empty());
            for key in row.keys() {
                assert!(text.contains(&format!("`{key}`")), "{page} does not name {key}");
            }
        }
    }
}
