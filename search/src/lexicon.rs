//! Which words mean the same, which say what is to be done, and which only fill.

use serde::{Deserialize, Serialize};

use crate::text::{self, Tongue};

/// What `apidata/search.toml` holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lexicon {
    /// Words that say nothing.
    pub fillers: Both,
    /// Words that say little: whatever everything has.
    pub faint: Both,
    /// What a request may begin with before it says anything, as several words.
    pub hedges: Both,
    /// Words of one meaning.
    pub class: Vec<WordClass>,
}

/// Words in both languages.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Both {
    /// English.
    pub en: Vec<String>,
    /// Spanish.
    pub es: Vec<String>,
}

/// Words of one meaning. An entry may be several words; `_` stands for up to three words between (`turn _ off`), `^`
/// before an entry means that it begins the request (`^para`), and `=` that only this form of the word is meant (`=updates`, which
/// has the stem of a verb).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordClass {
    /// Its name.
    pub name: String,
    /// What part of a sentence it is.
    pub sort: WordSort,
    /// What it says of the method that is meant, beyond the words.
    #[serde(default)]
    pub means: Option<Means>,
    /// The verbs of HTTP that methods have which do this, the commonest first.
    #[serde(default)]
    pub method: Vec<String>,
    /// The words in English.
    #[serde(default)]
    pub en: Vec<String>,
    /// The words in Spanish.
    #[serde(default)]
    pub es: Vec<String>,
}

/// Part of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WordSort {
    /// What is to be done.
    Verb,
    /// To what.
    Object,
    /// Something that narrows it down.
    Trait,
}

/// What a class says of the method that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Means {
    /// A virtual machine.
    Vm,
    /// A container.
    Container,
    /// A guest of either kind.
    Guest,
    /// A node.
    Node,
    /// The cluster or the data centre.
    Cluster,
    /// High availability and what follows up to replication: areas that are meant only where they are named.
    Ha,
    /// See above.
    Ceph,
    /// See above.
    Sdn,
    /// See above.
    Snapshot,
    /// See above.
    Replication,
    /// One of several.
    One,
    /// All there are.
    All,
}

/// The lexicon as the index holds it: everything cut to stems.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Table {
    pub fillers: [Vec<String>; 2],
    pub faint: [Vec<String>; 2],
    /// Each as its words, the longest first.
    pub hedges: Vec<Vec<String>>,
    pub classes: Vec<Entry>,
    /// Per language, by their first stem.
    pub patterns: [Vec<Pattern>; 2],
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub sort: WordSort,
    pub means: Option<Means>,
    /// The verb of HTTP that does this first of all, and all that do it, as bits in the order of `Method::ALL`.
    pub method: u8,
    pub methods: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Pattern {
    pub first: String,
    /// `None` is a gap.
    pub rest: Vec<Option<String>>,
    pub begins: bool,
    pub class: u16,
}

/// A class found in a text, and the words that say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub class: u16,
    pub words: Vec<usize>,
    /// Whether this form of the word is meant.
    pub exact: bool,
}

impl Found {
    /// How much it says for itself: several words more than a form of one, and that more than a stem.
    fn weight(&self) -> u8 {
        if self.words.len() > 1 { 2 } else { u8::from(self.exact) }
    }
}

/// Words that may stand in a gap.
const GAP: usize = 3;

impl Lexicon {
    pub(crate) fn table(&self) -> Table {
        let mut table = Table::default();
        for tongue in Tongue::BOTH {
            let pick = |both: &Both| {
                let words = if tongue == Tongue::En { &both.en } else { &both.es };
                let mut words: Vec<String> = words.iter().flat_map(|word| text::words(word)).collect();
                words.sort();
                words.dedup();
                words
            };
            table.fillers[tongue as usize] = pick(&self.fillers);
            table.faint[tongue as usize] = pick(&self.faint);
            for (class, entry) in self.class.iter().enumerate() {
                let class = u16::try_from(class).unwrap_or(u16::MAX);
                let said = if tongue == Tongue::En { &entry.en } else { &entry.es };
                let patterns = said.iter().filter_map(|said| pattern(said, class, tongue));
                table.patterns[tongue as usize].extend(patterns);
            }
            table.patterns[tongue as usize].sort();
            table.patterns[tongue as usize].dedup();
        }
        table.classes = self.class.iter().map(WordClass::entry).collect();
        table.hedges = self.hedges.en.iter().chain(&self.hedges.es).map(|hedge| text::words(hedge)).collect();
        table.hedges.sort_by_key(|hedge| std::cmp::Reverse(hedge.len()));
        table
    }
}

impl WordClass {
    fn entry(&self) -> Entry {
        let bit = |name: &String| spec::Method::parse(name).map_or(0, |method| 1u8 << method as u8);
        let methods = self.method.iter().map(bit).fold(0, |all, bit| all | bit);
        Entry { sort: self.sort, means: self.means, method: self.method.first().map_or(0, bit), methods }
    }
}

fn pattern(said: &str, class: u16, tongue: Tongue) -> Option<Pattern> {
    let begins = said.starts_with('^');
    let exact = said.starts_with('=');
    let parts = said.trim_start_matches(['^', '=']).split_whitespace().flat_map(|part| {
        let words = text::words(part);
        if part == "_" { vec![None] } else { words.iter().map(|word| Some(text::stem(word, tongue))).collect() }
    });
    let mut parts = parts.collect::<Vec<_>>().into_iter();
    let first = parts.next().flatten()?;
    let first = if exact { format!("={}", text::words(said).first()?) } else { first };
    Some(Pattern { first, rest: parts.collect(), begins, class })
}

impl Table {
    pub(crate) fn is_filler(&self, word: &str, tongue: Tongue) -> bool {
        self.fillers[tongue as usize].binary_search_by(|filler| filler.as_str().cmp(word)).is_ok()
    }

    pub(crate) fn is_faint(&self, word: &str, tongue: Tongue) -> bool {
        self.faint[tongue as usize].binary_search_by(|faint| faint.as_str().cmp(word)).is_ok()
    }

    /// A request without what it only begins with (`please`, `can you`), so that its first word is the first one that
    /// counts.
    pub(crate) fn unhedged<'w>(&self, words: &'w [(String, bool)]) -> &'w [(String, bool)] {
        let mut rest = words;
        let begins = |rest: &[(String, bool)], hedge: &[String]| {
            let same = hedge.iter().zip(rest).all(|(word, (said, _))| word == said);
            !hedge.is_empty() && hedge.len() <= rest.len() && same
        };
        while let Some(hedge) = self.hedges.iter().find(|hedge| begins(rest, hedge)) {
            rest = &rest[hedge.len()..];
        }
        if rest.is_empty() { words } else { rest }
    }

    /// The classes that a text says in one language, given its words and their stems.
    pub(crate) fn find(&self, words: &[String], stems: &[String], tongue: Tongue) -> Vec<Found> {
        let patterns = &self.patterns[tongue as usize];
        let mut found = Vec::new();
        for at in 0..stems.len() {
            for first in [&stems[at], &format!("={}", words[at])] {
                let start = patterns.partition_point(|pattern| pattern.first < *first);
                let here = patterns[start..].iter().take_while(|pattern| pattern.first == *first);
                for pattern in here.filter(|pattern| at == 0 || !pattern.begins) {
                    if let Some(words) = fit(&pattern.rest, stems, at) {
                        let exact = first.starts_with('=');
                        found.push(Found { class: pattern.class, words, exact });
                    }
                }
            }
        }
        // What is said in several words is not also said by one of them alone, nor by the stem of a word what is said by this
        // form of it; what is done to a thing leaves the thing.
        let all = found.clone();
        let sort = |found: &Found| self.classes[usize::from(found.class)].sort;
        found.retain(|one| {
            let hides = |other: &Found| {
                if sort(one) == WordSort::Object && sort(other) == WordSort::Verb {
                    return false;
                }
                if one.words.len() > 1 {
                    other.words.len() > one.words.len() && one.words.iter().all(|word| other.words.contains(word))
                } else {
                    other.weight() > one.weight() && other.words.contains(&one.words[0])
                }
            };
            !all.iter().any(hides)
        });
        found.dedup();
        found
    }
}

/// The words of a text in one language: for each its stem, or what stands for several that are said together at the first
/// of them, and nothing where a word only goes with such a first one; and its classes.
pub(crate) fn read(table: &Table, words: &[String], tongue: Tongue) -> Vec<(Option<String>, Vec<u16>)> {
    let stems: Vec<String> = words.iter().map(|word| text::stem(word, tongue)).collect();
    let mut out: Vec<(Option<String>, Vec<u16>)> = stems
        .iter()
        .zip(words)
        .map(|(stem, word)| ((!table.is_filler(word, tongue)).then(|| format!("{}{stem}", tongue.mark())), Vec::new()))
        .collect();
    let found = table.find(words, &stems, tongue);
    for several in found.iter().filter(|found| found.words.len() > 1) {
        let alone = |word: usize| found.iter().any(|found| found.words == [word]);
        several.words.iter().filter(|&&word| !alone(word)).for_each(|&word| out[word].0 = None);
    }
    for found in found {
        let first = found.words[0];
        if found.words.len() > 1 {
            let joined: Vec<&str> = found.words.iter().map(|&word| stems[word].as_str()).collect();
            out[first].0 = Some(format!("{}{}", tongue.mark(), joined.join("_")));
        } else if found.exact {
            out[first].0 = Some(format!("{}={}", tongue.mark(), words[first]));
        }
        out[first].1.push(found.class);
    }
    out
}

/// The words that the rest of a pattern takes after the one at `at`.
fn fit(rest: &[Option<String>], stems: &[String], at: usize) -> Option<Vec<usize>> {
    let mut words = vec![at];
    let mut next = at + 1;
    let mut gap = false;
    for part in rest {
        let Some(part) = part else {
            gap = true;
            continue;
        };
        let reach = if gap { next + GAP } else { next };
        let place = (next..=reach).find(|&place| stems.get(place).is_some_and(|stem| stem == part))?;
        words.push(place);
        next = place + 1;
        gap = false;
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let class = |name: &str, en: &[&str], es: &[&str]| WordClass {
            name: name.to_owned(),
            sort: WordSort::Verb,
            means: None,
            method: vec!["POST".to_owned()],
            en: en.iter().map(|&word| word.to_owned()).collect(),
            es: es.iter().map(|&word| word.to_owned()).collect(),
        };
        let class = vec![
            class("off", &["turn _ off", "shut down"], &["apagar", "^para"]),
            class("turn", &["turn"], &[]),
            class("news", &["=turns"], &[]),
        ];
        Lexicon { class, ..Lexicon::default() }.table()
    }

    fn said(text: &str, tongue: Tongue) -> Vec<u16> {
        let words = text::words(text);
        let stems: Vec<String> = words.iter().map(|word| text::stem(word, tongue)).collect();
        table().find(&words, &stems, tongue).into_iter().map(|found| found.class).collect()
    }

    #[test]
    fn several_words_with_a_gap_are_one_meaning_and_hide_those_of_their_parts() {
        assert_eq!(said("turn the web server off", Tongue::En), [0]);
        assert_eq!(said("turn off the vm", Tongue::En), [0]);
        assert_eq!(said("turn the old and dusty server off", Tongue::En), [1], "the gap is too wide");
        assert_eq!(said("shutting down", Tongue::En), [0]);
        assert_eq!(said("all turns", Tongue::En), [2], "this form alone");
    }

    #[test]
    fn a_word_may_count_at_the_beginning_alone() {
        assert_eq!(said("para la vm", Tongue::Es), [0]);
        assert_eq!(said("una copia para la vm", Tongue::Es), [0; 0]);
        assert_eq!(said("apágala", Tongue::Es), [0]);
    }
}
