//! Which of the known words a mistyped one was probably meant for.

use strsim::damerau_levenshtein;

/// A word as it is compared: small letters and digits alone, so that `vm_id` and `VMID` are one word.
pub fn plain(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).take(64).flat_map(char::to_lowercase).collect()
}

/// The known word that is closest, if one is close: the same but for its letters' case and signs, or one or two slips
/// away, or a part of it (`nodeName` of `node`). Of several the closest, then the first.
pub fn closest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = plain(given);
    if given.is_empty() {
        return None;
    }
    let far = |word: &str| {
        let word = plain(word);
        let slips = damerau_levenshtein(&given, &word);
        // In a short word two slips are half of it.
        let allowed = if given.chars().count().min(word.chars().count()) < 6 { 1 } else { 2 };
        // Of two that are parts of it, the one that it begins with: `nodeName` is a node.
        let part = given.find(&word).filter(|_| word.len() >= 4).map(|at| allowed + 1 + at);
        // One that was broken off: `stat` of `status`.
        let begun = (given.len() >= 3 && word.starts_with(&given)).then_some(allowed + 1);
        (slips <= allowed).then_some(slips).or(part).or(begun)
    };
    known.into_iter().filter_map(|word| Some((far(word)?, word))).min_by_key(|(far, _)| *far).map(|(_, word)| word)
}

/// `; did you mean …?`, where a known word is close; else nothing.
pub fn meant<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    closest(given, known).map_or_else(String::new, |word| format!("; did you mean {word}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_probably_meant_is_found_and_nothing_else() {
        let known = ["vmid", "name", "node", "timeout", "destroyUnreferencedDisks"];
        for (given, meant) in [
            ("vm_id", "vmid"),
            ("VMID", "vmid"),
            ("vmids", "vmid"),
            ("nodeName", "node"),
            ("nam", "name"),
            ("tiemout", "timeout"),
            ("time", "timeout"),
            ("timeoutSeconds", "timeout"),
            ("destroy-unreferenced-disks", "destroyUnreferencedDisks"),
        ] {
            assert_eq!(closest(given, known), Some(meant), "{given}");
        }
        for given in ["", "_", "colour", "force", "reason", "x"] {
            assert_eq!(closest(given, known), None, "{given}");
        }
    }
}
