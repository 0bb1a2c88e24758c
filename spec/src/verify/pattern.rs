//! Perl patterns of the schema.

use std::{
    collections::HashMap,
    sync::{Mutex, OnceLock, PoisonError},
};

use regex_lite::Regex;

/// Whether the whole of a text matches a published pattern. One that we cannot read refuses nothing.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    static READ: OnceLock<Mutex<HashMap<String, Option<Regex>>>> = OnceLock::new();
    let mut read = READ.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if !read.contains_key(pattern) {
        read.insert(pattern.to_owned(), compile(pattern));
    }
    read.get(pattern).and_then(Option::as_ref).is_none_or(|regex| regex.is_match(text))
}

/// Perl's `(?^:` resets flags, of which there are none; its `{,n}` starts at none.
pub(super) fn compile(pattern: &str) -> Option<Regex> {
    let pattern = pattern.replace("(?^:", "(?:").replace("{,", "{0,");
    Regex::new(&format!("^(?:{pattern})$")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perl_patterns_are_read() {
        assert!(matches(r"(?^:^(0x)[0-9a-fA-F]{16})", "0x0123456789abcdef"));
        assert!(matches(r"[A-Za-z0-9\-_\s]{,8}", ""));
        assert!(!matches(r"[A-Za-z0-9\-_\s]{,8}", "123456789"));
        assert!(!matches(r"[a-z]+", "a1"));
    }
}
