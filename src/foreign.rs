//! Text that others wrote, made fit to be shown: names, notes, tags, log lines, what PVE and tasks say.
//!
//! Whoever owns a guest writes some of what a person, a model or a spreadsheet reads here. Nothing of it may move a
//! cursor, turn the direction of a line, hide, begin a line that looks like one of ours, be run as a formula or fill a
//! model's memory. So characters that are not seen are shown as escapes (`\n`, `\u{202e}`), and every text has an end.
//! This is the one place that decides what is shown how, and how much of it.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// Most characters of a value within a sentence: a name, PVE's words, the exit status of a task.
pub const WORDS: usize = 2000;
/// Most characters of one line of a task's log; a model needs the words, not a wall.
pub const LOG_LINE: usize = 300;
/// Most characters of a name that somebody calls himself or something by.
pub const NAME: usize = 120;
/// Most characters of one text in a structured result; PVE takes notes of 8 KiB.
pub const VALUE: usize = 8192;

/// What a text that was cut ends with.
const CUT: char = '…';

/// Whether a character is not seen as itself: it controls something, turns the direction of text, or has no width.
/// They are Unicode's controls, what it lists as default-ignorable, and its separators of lines and paragraphs.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A text in one line: hidden characters and ends of lines as escapes, and at most `most` characters of it.
pub fn line(text: &str, most: usize) -> Cow<'_, str> {
    shown(text, most, |_| false)
}

/// A text that may have several lines of its own, such as notes where their place is plain.
pub fn block(text: &str, most: usize) -> Cow<'_, str> {
    shown(text, most, |c| matches!(c, '\n' | '\t'))
}

/// The beginning of a text that is ours, with an ellipsis where it was cut.
pub fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.chars().take(most.saturating_sub(1)).chain([CUT]).collect()),
    }
}

/// Whether a text is short enough and of nothing but what is seen, as most are.
fn is_plain(text: &str, most: usize) -> bool {
    text.len() <= most && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn shown(text: &str, most: usize, kept: impl Fn(char) -> bool) -> Cow<'_, str> {
    if is_plain(text, most) {
        return Cow::Borrowed(text);
    }
    let as_is = |c: char| !hidden(c) || kept(c);
    let Some(text) = text.get(..text.char_indices().nth(most.saturating_add(1)).map_or(text.len(), |(at, _)| at))
    else {
        return Cow::Borrowed("");
    };
    if text.chars().all(as_is) {
        return cut(text, most);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if as_is(c) {
            out.push(c);
        } else {
            out.extend(c.escape_default());
        }
    }
    Cow::Owned(cut(&out, most).into_owned())
}

/// A text in a cell of comma-separated values, quoted where it must be. What a spreadsheet would run as a formula gets an
/// apostrophe before it, which makes it text.
pub fn csv(text: &str) -> String {
    const RUN: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let text = if text.starts_with(RUN) { format!("'{text}") } else { text.to_owned() };
    // Where the decimal sign is a comma, spreadsheets part cells at semicolons.
    let parted = text.contains([',', ';', '"', '\n', '\r', '\t']);
    if parted { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// All texts of a structured result, in place. Lines within a text stay: JSON tells them from its own.
pub fn facts(facts: &mut Map<String, Value>) {
    if facts.keys().any(|key| matches!(line(key, NAME), Cow::Owned(_))) {
        *facts = std::mem::take(facts).into_iter().map(|(key, value)| (line(&key, NAME).into_owned(), value)).collect();
    }
    facts.values_mut().for_each(value);
}

fn value(of: &mut Value) {
    match of {
        Value::String(text) => {
            if let Cow::Owned(shown) = block(text, VALUE) {
                *text = shown;
            }
        }
        Value::Array(list) => list.iter_mut().for_each(value),
        Value::Object(parts) => facts(parts),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A finished text, in place, whose ends of lines are ours. What others wrote in it went through [`line`] before; should
/// some not have, it can do nothing but begin a line.
pub fn text(of: &mut String) {
    if of.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
        return;
    }
    if of.chars().any(|c| hidden(c) && !matches!(c, '\n' | '\t')) {
        *of = shown(of, usize::MAX - 1, |c| matches!(c, '\n' | '\t')).into_owned();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_seen_is_shown() {
        for (text, shown) in [
            ("plain ä 日本", "plain ä 日本"),
            ("a\nState: stopped", r"a\nState: stopped"),
            ("a\u{1b}[2Jb\u{7}", r"a\u{1b}[2Jb\u{7}"),
            ("\u{9b}31m", r"\u{9b}31m"),
            ("exe\u{202e}gpj", r"exe\u{202e}gpj"),
            ("we\u{200b}b", r"we\u{200b}b"),
            ("\u{e0041}\u{e0042}", r"\u{e0041}\u{e0042}"),
            ("x\u{2028}y", r"x\u{2028}y"),
            (r"C:\new", r"C:\new"),
        ] {
            assert_eq!(line(text, 100), shown);
            assert_eq!(line(&line(text, 100), 100), shown, "twice is as once");
        }
        assert_eq!(block("a\n\tb\r\u{85}", 100), "a\n\tb\\r\\u{85}");
    }

    #[test]
    fn every_text_has_an_end() {
        assert_eq!(line("abcdef", 4), "abc…");
        assert_eq!(line("abcd", 4), "abcd");
        assert_eq!(line(&"\u{1b}".repeat(9_000_000), 40).chars().count(), 40);
        assert_eq!(cut("ääää", 3), "ää…");
    }

    #[test]
    fn a_spreadsheet_runs_nothing() {
        for (text, cell) in [
            ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("a;=1", "\"a;=1\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("web-1", "web-1"),
        ] {
            assert_eq!(csv(text), cell);
        }
    }

    #[test]
    fn keys_and_texts_of_a_result_are_shown_alike() {
        let mut result = json!({"na\u{202e}me": ["x\u{1b}", {"y": "z\u{200b}"}], "n": 1}).as_object().unwrap().clone();
        facts(&mut result);
        assert_eq!(Value::from(result), json!({r"na\u{202e}me": [r"x\u{1b}", {"y": r"z\u{200b}"}], "n": 1}));
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in "(?s).{0,80}", most in 1usize..60) {
            let shown = line(&text, most);
            prop_assert!(!shown.chars().any(hidden) && shown.chars().count() <= most);
        }
    }
}
