//! Texts of errors: our own, which every language has, and others', which are quoted as they came.

use std::fmt;

use super::phrases::{ENGLISH, Phrases};
use crate::foreign;

/// A text of an error.
#[derive(Clone)]
pub enum Words {
    /// Somebody else's: PVE's, the system's, a library's.
    Quoted(String),
    /// Ours: a phrase, and what stands in its placeholders.
    Ours(fn(&Phrases) -> &'static str, Vec<(&'static str, Words)>),
}

impl Words {
    /// A phrase of ours with values for its placeholders.
    pub(crate) fn ours<const N: usize>(
        phrase: fn(&Phrases) -> &'static str,
        values: [(&'static str, Self); N],
    ) -> Self {
        Self::Ours(phrase, values.into())
    }

    /// The text in the language of `phrases`.
    pub fn say(&self, phrases: &Phrases) -> String {
        match self {
            Self::Quoted(text) => foreign::line(text, foreign::WORDS).into_owned(),
            Self::Ours(phrase, values) => {
                let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.say(phrases))).collect();
                let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
                fill(phrase(phrases), &values)
            }
        }
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Quoted(text) if text.is_empty())
    }
}

impl Default for Words {
    fn default() -> Self {
        Self::Quoted(String::new())
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self::Quoted(text)
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self::Quoted(text.to_owned())
    }
}

/// In English.
impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(&ENGLISH))
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Words {}

/// Most characters that are filled in for one placeholder, which may stand for a sentence with its advice.
const FILLED_MAX: usize = 4 * foreign::WORDS;

/// Stands behind a fact that ends a sentence by itself, until the sentence is whole. No fact has one: it would be shown as
/// an escape.
const END: char = '\0';

/// A fact as a sentence tells it: in one line, since others may have written it.
pub(crate) fn told(fact: &(impl fmt::Display + ?Sized)) -> String {
    let mut text = foreign::line(&fact.to_string(), FILLED_MAX).into_owned();
    if text.ends_with(['?', '!']) {
        text.push(END);
    }
    text
}

/// The sentence without its own full stop where a fact has ended it with a question.
pub(crate) fn ended(sentence: String) -> String {
    if !sentence.contains(END) {
        return sentence;
    }
    let mut parts = sentence.split(END);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(match part.strip_prefix('.') {
            Some(rest) if rest.is_empty() || rest.starts_with(' ') => rest,
            _ => part,
        });
    }
    out
}

/// Fills the placeholders of a text. What is filled in is not looked through again, so that a guest named `{node}`
/// stays what it is; and since others may have written it, it is shown in one line. What asks or exclaims ends its
/// sentence by itself: the text's own full stop after it is left out.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 40);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            rest = after;
            break;
        };
        let value = values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value);
        out.push_str(&told(value));
        rest = tail;
    }
    out.push_str(rest);
    ended(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filling_does_not_look_into_what_it_filled_in() {
        assert_eq!(fill("{a} on {b}{c}.", &[("a", "{b}"), ("b", "pve1")]), "{b} on pve1.");
    }

    #[test]
    fn a_sentence_ends_once() {
        for (template, value, filled) in [
            ("Failed: {a}.", "is it on?", "Failed: is it on?"),
            ("Failed: {a}. It is off.", "no!", "Failed: no! It is off."),
            ("Failed: {a}.", "no", "Failed: no."),
            ("Failed? {a}.", "", "Failed? ."),
            ("{a}.json", "what?", "what?.json"),
            ("{a}; more.", "what?", "what?; more."),
        ] {
            assert_eq!(fill(template, &[("a", value)]), filled);
        }
    }

    #[test]
    fn words_stand_in_words() {
        let inner = Words::ours(|p| p.advice_locked, [("lock", "{what}".into())]);
        let words = Words::ours(|p| p.unknown, [("what", inner), ("why", Words::default())]);
        assert_eq!(
            words.to_string(),
            "nobody knows whether wait until the lock ({what}) is gone, then try again was carried out: "
        );
    }
}
