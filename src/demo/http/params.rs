//! Parameters from the query and from bodies, with pveproxy's ways of reading them.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// Parameters as they arrived: strings, arrays of repeated names, and what a JSON body brings.
pub(in super::super) type Params = Map<String, Value>;

/// Reads a query or a form: pairs are split at `&` and `;`, `+` is a blank, what follows a second `=` is lost, a name
/// without `=` is not given at all, and a repeated name becomes a list.
pub(in super::super) fn from_query(text: &str) -> Params {
    let mut params = Params::new();
    for pair in text.split(['&', ';']).filter(|p| !p.is_empty()) {
        let mut parts = pair.split('=');
        let name = decode(parts.next().unwrap_or_default());
        let Some(value) = parts.next() else { continue };
        let value = Value::String(decode(value));
        match params.get_mut(&name) {
            None => drop(params.insert(name, value)),
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    params
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Reads a JSON body.
///
/// # Errors
/// Perl's own words, with which a real host answers 500.
pub(in super::super) fn from_body(body: &[u8]) -> Result<Params, String> {
    const AT: &str = "at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line";
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map.into_iter().filter(|(_, v)| !v.is_null()).collect()),
        Ok(_) => Err(format!("Not a HASH reference {AT} 978.\n")),
        Err(e) => {
            let offset = offset(body, e.line(), e.column());
            let rest = body.get(offset..).filter(|r| !r.is_empty());
            let before = rest.map_or_else(
                || "(end of string)".to_owned(),
                |r| String::from_utf8_lossy(r).chars().take(20).collect::<String>(),
            );
            Err(format!(
                "malformed JSON string, neither tag, array, object, number, string or atom, \
                 at character offset {offset} (before \"{before}\") {AT} 934.\n"
            ))
        }
    }
}

/// Where in the text a line and a column are.
fn offset(body: &[u8], line: usize, column: usize) -> usize {
    let before: usize = body.split(|b| *b == b'\n').take(line.saturating_sub(1)).map(|l| l.len() + 1).sum();
    (before + column).min(body.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_is_read_as_perl_reads_it() {
        let params = Value::Object(from_query("a=1;b=x+y%2B&c&d=&desc=a=b=c&full=1&full=0"));
        assert_eq!(params, json!({"a": "1", "b": "x y+", "d": "", "desc": "a", "full": ["1", "0"]}));
    }

    #[test]
    fn malformed_json_is_reported_in_perls_words() {
        let text = from_body(br#"{"timeout":"#).unwrap_err();
        assert!(text.contains("at character offset 11 (before \"(end of string)\") at /usr"), "{text}");
        assert!(from_body(b"").unwrap_err().contains("offset 0 (before \"(end of string)\")"));
        assert_eq!(
            from_body(b"[]").unwrap_err(),
            "Not a HASH reference at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line 978.\n"
        );
        assert_eq!(Value::Object(from_body(br#"{"a":null,"b":1}"#).unwrap()), json!({"b": 1}));
    }
}
