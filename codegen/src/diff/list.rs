//! Pairing by name.

use std::collections::BTreeMap;

/// Pairs what has the same name on both sides, sorted by name.
pub(super) fn named<'a, T>(
    old: &'a [T],
    new: &'a [T],
    name: impl Fn(&T) -> String,
) -> BTreeMap<String, (Option<&'a T>, Option<&'a T>)> {
    let mut pairs: BTreeMap<String, (Option<&T>, Option<&T>)> = BTreeMap::new();
    for item in old {
        pairs.entry(name(item)).or_default().0 = Some(item);
    }
    for item in new {
        pairs.entry(name(item)).or_default().1 = Some(item);
    }
    pairs
}

/// The words of `from` that are not in `of`, as a list; nothing if there is none.
pub(super) fn missing(from: &[String], of: &[String]) -> Option<String> {
    let words: Vec<&str> = from.iter().filter(|word| !of.contains(word)).map(String::as_str).collect();
    (!words.is_empty()).then(|| words.join(", "))
}
