//! What a reader would stumble over in words that are well formed: too few phrases, one that two methods share without
//! a reason, one that only repeats the path.

use std::collections::BTreeMap;

use super::{MethodWords, PHRASES, Word};
use crate::{overlay::EndpointAt, report::Problem};

impl MethodWords {
    /// Everything doubtful in the entries that are written; a test holds that there is nothing.
    pub fn doubts(&self) -> Vec<Problem> {
        let mut out = Vec::new();
        let mut places: BTreeMap<String, Vec<(&EndpointAt, &Word)>> = BTreeMap::new();
        for (at, word) in self.by.iter().filter(|(_, word)| word.is_written()) {
            out.extend(doubts(at, word).into_iter().map(|message| word.problem(at, &message)));
            for phrase in word.phrases.en.iter().chain(&word.phrases.es) {
                places.entry(plain(phrase)).or_default().push((at, word));
            }
        }
        for (phrase, places) in places.iter().filter(|(_, places)| places.len() > 1) {
            let reasoned = |word: &Word| !word.why.is_empty() && word.shared.iter().any(|s| plain(s) == *phrase);
            if let Some((at, word)) = places.iter().find(|(_, word)| !reasoned(word)) {
                let all: Vec<String> = places.iter().map(|(at, _)| at.to_string()).collect();
                let message = format!(
                    "\"{phrase}\" stands at {}; say it otherwise, or name it in `shared` of all of them with a `why`",
                    all.join(" and ")
                );
                out.push(word.problem(at, &message));
            }
        }
        out.sort();
        out
    }
}

/// What is doubtful in one entry by itself.
fn doubts(at: &EndpointAt, word: &Word) -> Vec<String> {
    let mut out = Vec::new();
    for (key, text) in [("en", &word.en), ("es", &word.es)] {
        if !text.ends_with('.') {
            out.push(format!("`{key}` must end with a full stop"));
        }
    }
    for (key, phrases) in [("ask", &word.phrases.en), ("pide", &word.phrases.es)] {
        if !PHRASES.contains(&phrases.len()) {
            let (least, most) = (PHRASES.start(), PHRASES.end());
            out.push(format!("`{key}` must have {least} to {most} phrases; it has {}", phrases.len()));
        }
        let repeats = phrases.iter().filter(|phrase| repeats(phrase, &at.path));
        out.extend(repeats.map(|phrase| format!("\"{phrase}\" repeats the path; say it as a person would")));
        let blank = phrases.iter().filter(|phrase| phrase.trim().is_empty());
        out.extend(blank.map(|_| format!("a phrase of `{key}` is blank")));
    }
    out
}

/// Whether a phrase is the path, or the words of the path and nothing else.
fn repeats(phrase: &str, path: &str) -> bool {
    if phrase.contains(['{', '}']) || phrase.contains(path.trim_end_matches('/')) && path.len() > 1 {
        return true;
    }
    let named: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && !part.starts_with('{')).collect();
    let said = plain(phrase);
    let said: Vec<&str> = said.split(' ').collect();
    named.len() > 1 && said == named
}

/// A phrase without case, signs and accents of quotation: what makes two of them the same.
fn plain(phrase: &str) -> String {
    let words = phrase.split(|c: char| !(c.is_alphanumeric() || c == '-')).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> MethodWords {
        let mut words = MethodWords::default();
        assert_eq!(words.add(text, "w.toml"), []);
        words
    }

    fn entry(n: u8, first: &str, more: &str) -> String {
        format!(
            "[\"GET /{n}/{n}\"]\nen = \"Say.\"\nes = \"Di.\"\nrisk = \"read\"\nask = [\"{first}\", \"b{n}\", \"c{n}\", \"d{n}\"]\n\
             pide = [\"w{n}\", \"x{n}\", \"y{n}\", \"z{n}\"]\n{more}\n"
        )
    }

    fn told(text: &str) -> Vec<String> {
        words(text).doubts().iter().map(|problem| problem.message.clone()).collect()
    }

    #[test]
    fn a_phrase_at_two_methods_needs_a_reason_at_both() {
        let (a, b) = (1, 2);
        let reason = "shared = [\"Show it\"]\nwhy = \"both show it\"";
        let doubt =
            ["\"show it\" stands at GET /1/1 and GET /2/2; say it otherwise, or name it in `shared` of all of \
                      them with a `why`"];
        assert_eq!(told(&(entry(a, "Show it", "") + &entry(b, "show it!", ""))), doubt);
        assert_eq!(told(&(entry(a, "Show it", reason) + &entry(b, "show it!", ""))), doubt);
        assert_eq!(told(&(entry(a, "Show it", reason) + &entry(b, "show it!", reason))), [""; 0]);
    }

    #[test]
    fn a_phrase_that_is_the_path_or_its_words_repeats_it() {
        for phrase in
            ["/cluster/resources", "see /cluster/resources", "cluster resources", "Cluster, resources!", "{id}"]
        {
            assert!(repeats(phrase, "/cluster/resources"), "{phrase}");
        }
        for phrase in ["all resources of the cluster", "cluster overview", "resources"] {
            assert!(!repeats(phrase, "/cluster/resources"), "{phrase}");
        }
        assert!(!repeats("version", "/version"), "one word may be the only one there is");
    }

    #[test]
    fn too_few_phrases_and_a_sentence_without_an_end_are_told() {
        let text = "[\"GET /a\"]\nen = \"Say\"\nes = \"Di.\"\nrisk = \"read\"\nask = [\"x\"]\npide = [\"w\", \"x y\", \"y\", \"\"]\n";
        assert_eq!(
            told(text),
            [
                "`ask` must have 4 to 8 phrases; it has 1",
                "`en` must end with a full stop",
                "a phrase of `pide` is blank"
            ]
        );
    }
}
