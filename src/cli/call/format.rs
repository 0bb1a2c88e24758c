//! Structured results as a table for people or as CSV for programs.

use std::collections::BTreeSet;

use proxmox_mcp::foreign;
use serde_json::{Map, Value};

/// Widest column of a table with a row a guest; the rest of a longer value is cut off. A single result shows all.
const WIDTH_MAX: usize = 60;
/// Columns that come first, when they are there.
const FIRST: [&str; 5] = ["vmid", "name", "status", "node", "type"];

/// The rows of a result: those of its list, or the result itself as the only one. What has parts is spread over columns
/// such as `config.net0.bridge`.
fn rows(facts: &Map<String, Value>) -> Vec<Map<String, Value>> {
    match facts.get("guests").and_then(Value::as_array) {
        Some(rows) => rows.iter().filter_map(Value::as_object).map(flat).collect(),
        None => vec![flat(facts)],
    }
}

fn flat(facts: &Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    for (key, value) in facts {
        match value {
            Value::Object(parts) if !parts.is_empty() => {
                out.extend(flat(parts).into_iter().map(|(part, value)| (format!("{key}.{part}"), value)));
            }
            other => drop(out.insert(key.clone(), other.clone())),
        }
    }
    out
}

fn columns(rows: &[Map<String, Value>]) -> Vec<String> {
    let all: BTreeSet<&str> = rows.iter().flat_map(|row| row.keys().map(String::as_str)).collect();
    let first = FIRST.iter().filter(|name| all.contains(**name)).copied();
    let rest = all.iter().filter(|name| !FIRST.contains(name)).copied();
    first.chain(rest).map(str::to_owned).collect()
}

/// A value in one cell; a list of more than texts stays JSON.
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(list)) if list.iter().all(Value::is_string) => {
            list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        Some(other) => other.to_string(),
    }
}

/// Comma-separated values with a head, as RFC 4180 has them but with plain line ends.
pub(super) fn csv(facts: &Map<String, Value>) -> String {
    let rows = rows(facts);
    let columns = columns(&rows);
    // A number is ours; whatever else begins like a formula is somebody's text.
    let quoted = |value: Option<&Value>| match value {
        Some(Value::Number(number)) => number.to_string(),
        other => foreign::csv(&cell(other)),
    };
    let line = |cells: Vec<String>| cells.join(",") + "\n";
    let mut out = line(columns.iter().map(|name| foreign::csv(name)).collect());
    for row in rows {
        out.push_str(&line(columns.iter().map(|name| quoted(row.get(name))).collect()));
    }
    out
}

/// Aligned columns with a head; of a single result, one fact a line.
pub(super) fn table(facts: &Map<String, Value>) -> String {
    let listed = facts.contains_key("guests");
    let rows = rows(facts);
    let names = columns(&rows);
    let lines: Vec<Vec<String>> = if listed {
        let head = names.iter().map(|name| name.to_uppercase()).collect();
        let in_cell = |text: &str| foreign::line(text.trim_end(), WIDTH_MAX).into_owned();
        let body = rows.iter().map(|row| names.iter().map(|name| in_cell(&cell(row.get(name)))).collect());
        std::iter::once(head).chain(body).collect()
    } else {
        let value = |name: &str| cell(rows.first().and_then(|row| row.get(name)));
        names.iter().flat_map(|name| fact(name, &value(name))).collect()
    };
    align(&lines)
}

/// A name and its value; the further lines of a text stand below its first.
fn fact(name: &str, value: &str) -> Vec<Vec<String>> {
    let mut lines: Vec<_> = value.lines().map(|line| vec![String::new(), spaced(line)]).collect();
    match lines.first_mut() {
        Some(first) => name.clone_into(&mut first[0]),
        None => lines.push(vec![name.to_owned()]),
    }
    lines
}

/// One line of a text; its tabs, which stand at other places in every terminal, are blanks.
fn spaced(line: &str) -> String {
    foreign::line(&line.replace('\t', " "), foreign::VALUE).into_owned()
}

fn align(lines: &[Vec<String>]) -> String {
    let width = |column: usize| lines.iter().filter_map(|l| l.get(column)).map(|c| c.chars().count()).max();
    let mut out = String::new();
    for line in lines {
        let cells = line.iter().enumerate().map(|(i, c)| format!("{c:w$}", w = width(i).unwrap_or(0)));
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn lists_are_rows_and_the_known_columns_come_first() {
        let list = facts(json!({"total": 2, "guests": [
            {"cpu": 0.5, "vmid": 100, "name": "a,b"},
            {"vmid": 101, "name": "say \"x\"\n", "tags": ["p", "q"], "note": "=1+1"},
        ]}));
        assert_eq!(csv(&list), "vmid,name,cpu,note,tags\n100,\"a,b\",0.5,,\n101,\"say \"\"x\"\"\n\",,'=1+1,p q\n");
        assert_eq!(
            table(&list),
            "VMID  NAME     CPU  NOTE  TAGS\n100   a,b      0.5\n101   say \"x\"       =1+1  p q\n"
        );
    }

    #[test]
    fn a_single_result_is_one_fact_a_line() {
        let one = facts(json!({"outcome": "done", "vmid": 100, "config": {"cores": 2, "net0": {"tag": 3}}, "x": {}}));
        let table_of_it = "vmid             100\nconfig.cores     2\nconfig.net0.tag  3\noutcome          done\nx                {}\n";
        assert_eq!(table(&one), table_of_it);
        assert_eq!(csv(&one), "vmid,config.cores,config.net0.tag,outcome,x\n100,2,3,done,{}\n");
    }

    #[test]
    fn a_terminal_gets_control_characters_as_escapes() {
        let one = facts(json!({"name": "\u{1b}[31mred\u{7}", "x": "y".repeat(99)}));
        assert_eq!(table(&one), format!("name  \\u{{1b}}[31mred\\u{{7}}\nx     {}\n", "y".repeat(99)));
    }

    #[test]
    fn lines_stay_apart_and_only_columns_are_cut() {
        let one = facts(json!({"description": "two words\nand\tmore\n", "e": ""}));
        assert_eq!(table(&one), "description  two words\n             and more\ne\n");
        let list = facts(json!({"guests": [{"note": format!("a\nb{}", "y".repeat(99))}]}));
        assert_eq!(table(&list), format!("NOTE\na\\nb{}…\n", "y".repeat(55)));
    }
}
