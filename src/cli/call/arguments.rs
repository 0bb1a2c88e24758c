//! Arguments of a tool as they are typed: `key=value`, and `-` for a JSON object on standard input.

use std::io::{self, Read};

use proxmox_mcp::tools::Listed;
use serde_json::{Map, Value};

use crate::cli::Failure;

/// Greatest JSON document that is read from standard input.
const STDIN_MAX: u64 = 1 << 20;

/// The arguments as JSON: each value as the type that the tool's schema says, so that quotes are never needed.
///
/// # Errors
/// What cannot be read, or is given twice.
pub(super) fn read(words: &[String], tool: Option<&Listed>) -> Result<Map<String, Value>, Failure> {
    let mut out = Map::new();
    for word in words {
        let pairs = if word == "-" { document(io::stdin().lock())? } else { vec![pair(word, tool)?] };
        for (key, value) in pairs {
            if out.contains_key(&key) {
                return Err(Failure::usage(format!("{key} is given twice")));
            }
            out.insert(key, value);
        }
    }
    Ok(out)
}

fn pair(word: &str, tool: Option<&Listed>) -> Result<(String, Value), Failure> {
    let Some((key, value)) = word.split_once('=') else {
        return Err(Failure::usage(format!("{word:?} is not KEY=VALUE, such as vmid=100")));
    };
    let wanted = tool.and_then(|tool| tool.input.get("properties")?.get(key)?.get("type")?.as_str());
    let typed = match (wanted, value) {
        (Some("integer"), _) => value.parse::<i64>().ok().map(Value::from),
        (Some("boolean"), "true" | "1" | "yes") => Some(Value::Bool(true)),
        (Some("boolean"), "false" | "0" | "no") => Some(Value::Bool(false)),
        _ => None,
    };
    // What does not fit goes on as text: the tool's own message says what it takes.
    Ok((key.to_owned(), typed.unwrap_or_else(|| Value::from(value))))
}

/// A JSON object from a reader.
///
/// # Errors
/// When it is none, or too long.
pub(crate) fn document(input: impl Read) -> Result<Vec<(String, Value)>, Failure> {
    let mut text = String::new();
    let read = input.take(STDIN_MAX + 1).read_to_string(&mut text);
    read.map_err(|e| Failure::usage(format!("standard input: {e}")))?;
    if text.len() as u64 > STDIN_MAX {
        return Err(Failure::usage("standard input: more than a megabyte is no tool's arguments"));
    }
    match serde_json::from_str::<Map<String, Value>>(&text) {
        Ok(object) => Ok(object.into_iter().collect()),
        Err(e) => Err(Failure::usage(format!("standard input is not a JSON object such as {{\"vmid\": 100}}: {e}"))),
    }
}

#[cfg(test)]
mod tests {
    use proxmox_mcp::tools::{Lang, Tools};
    use serde_json::json;

    use super::*;

    fn typed(tool: &str, words: &[&str]) -> Result<Value, String> {
        let all = Tools::all(Lang::En);
        let words: Vec<_> = words.iter().map(|w| (*w).to_owned()).collect();
        let tool = all.iter().find(|t| t.tool.name == tool);
        read(&words, tool).map(Value::Object).map_err(|e| e.to_string())
    }

    #[test]
    fn values_have_the_type_that_the_tool_takes() {
        let given = typed("stopVM", &["vmid=100", "wait=no", "name=7", "mode=shutdown"]);
        assert_eq!(given, Ok(json!({"vmid": 100, "wait": false, "name": "7", "mode": "shutdown"})));
        assert_eq!(typed("stopVM", &["vmid=abc"]), Ok(json!({"vmid": "abc"})));
        assert_eq!(typed("getVM", &["name=a=b"]), Ok(json!({"name": "a=b"})));
    }

    #[test]
    fn what_is_no_pair_and_what_comes_twice_is_refused() {
        assert!(typed("stopVM", &["100"]).unwrap_err().contains("is not KEY=VALUE"));
        assert!(typed("stopVM", &["vmid=1", "vmid=2"]).unwrap_err().contains("given twice"));
    }

    #[test]
    fn a_document_is_an_object() {
        let read = |text: &str| document(text.as_bytes()).map_err(|e| e.to_string());
        assert_eq!(read(r#"{"vmid": 100}"#), Ok(vec![("vmid".to_owned(), json!(100))]));
        for wrong in ["", "[]", "7", "{"] {
            assert!(read(wrong).unwrap_err().contains("is not a JSON object"), "{wrong}");
        }
        assert!(read(&" ".repeat((1 << 20) + 1)).unwrap_err().contains("megabyte"));
    }
}
