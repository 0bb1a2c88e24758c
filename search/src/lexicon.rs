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
    /// Words of one meaning.
    pub class: Vec<Class>,
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

/// Words of one meaning. An entry may be several words; `_` stands for up to three words between (`turn _ off`), and `^`
/// before an entry means that it begins the request (`^para`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// What part of a sentence it is.
    pub sort: Sort,
    /// What it says of the method that is meant, beyond the words.
    #[serde(default)]
    pub means: Option<Means>,
    /// The verbs of HTTP that methods have which do this.
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
pub enum Sort {
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
    /// All there are.
    All,
}

/// The lexicon as the index holds it: everything cut to stems.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Table {
    pub fillers: [Vec<String>; 2],
    pub faint: [Vec<String>; 2],
    pub classes: Vec<Entry>,
    /// Per language, by their first stem.
    pub patterns: [Vec<Pattern>; 2],
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub sort: Sort,
    pub means: Option<Means>,
    /// Bits in the order of `Method::ALL`.
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
        table.classes = self.class.iter().map(Class::entry).collect();
        table
    }
}

impl Class {
    fn entry(&self) -> Entry {
        let bit = |(n, method): (usize, &spec::Method)| {
            if self.method.iter().any(|m| m == method.as_str()) { 1 << n } else { 0 }
        };
        Entry { sort: self.sort, means: self.means, methods: spec::Method::ALL.iter().enumerate().map(bit).sum() }
    }
}

fn pattern(said: &str, class: u16, tongue: Tongue) -> Option<Pattern> {
    let begins = said.starts_with('^');
    let parts = said.trim_start_matches('^').split_whitespace().flat_map(|part| {
        let words = text::words(part);
        if part == "_" { vec![None] } else { words.iter().map(|word| Some(text::stem(word, tongue))).collect() }
    });
    let mut parts = parts.collect::<Vec<_>>().into_iter();
    let first = parts.next().flatten()?;
    Some(Pattern { first, rest: parts.collect(), begins, class })
}

impl Table {
    pub(crate) fn is_filler(&self, word: &str, tongue: Tongue) -> bool {
        self.fillers[tongue as usize].binary_search_by(|filler| filler.as_str().cmp(word)).is_ok()
    }

    pub(crate) fn is_faint(&self, word: &str, tongue: Tongue) -> bool {
        self.faint[tongue as usize].binary_search_by(|faint| faint.as_str().cmp(word)).is_ok()
    }

    /// The classes that a text says in one language, given the stems of its words.
    pub(crate) fn find(&self, stems: &[String], tongue: Tongue) -> Vec<Found> {
        let patterns = &self.patterns[tongue as usize];
        let mut found = Vec::new();
        for at in 0..stems.len() {
            let start = patterns.partition_point(|pattern| pattern.first < stems[at]);
            let here = patterns[start..].iter().take_while(|pattern| pattern.first == stems[at]);
            for pattern in here.filter(|pattern| at == 0 || !pattern.begins) {
                if let Some(words) = fit(&pattern.rest, stems, at) {
                    found.push(Found { class: pattern.class, words });
                }
            }
        }
        // What is said in several words is not also said by one of them alone.
        let all = found.clone();
        found.retain(|one| {
            one.words.len() > 1 || !all.iter().any(|other| other.words.len() > 1 && other.words.contains(&one.words[0]))
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
    let found = table.find(&stems, tongue);
    for found in found.iter().filter(|found| found.words.len() > 1) {
        found.words.iter().for_each(|&word| out[word].0 = None);
    }
    for found in found {
        let first = found.words[0];
        if found.words.len() > 1 {
            let joined: Vec<&str> = found.words.iter().map(|&word| stems[word].as_str()).collect();
            out[first].0 = Some(format!("{}{}", tongue.mark(), joined.join("_")));
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
        let class = |name: &str, en: &[&str], es: &[&str]| Class {
            name: name.to_owned(),
            sort: Sort::Verb,
            means: None,
            method: vec!["POST".to_owned()],
            en: en.iter().map(|&word| word.to_owned()).collect(),
            es: es.iter().map(|&word| word.to_owned()).collect(),
        };
        let class =
            vec![class("off", &["turn _ off", "shut down"], &["apagar", "^para"]), class("turn", &["turn"], &[])];
        Lexicon { class, ..Lexicon::default() }.table()
    }

    fn said(text: &str, tongue: Tongue) -> Vec<u16> {
        let stems: Vec<String> = text::words(text).iter().map(|word| text::stem(word, tongue)).collect();
        table().find(&stems, tongue).into_iter().map(|found| found.class).collect()
    }

    #[test]
    fn several_words_with_a_gap_are_one_meaning_and_hide_those_of_their_parts() {
        assert_eq!(said("turn the web server off", Tongue::En), [0]);
        assert_eq!(said("turn off the vm", Tongue::En), [0]);
        assert_eq!(said("turn the old and dusty server off", Tongue::En), [1], "the gap is too wide");
        assert_eq!(said("shutting down", Tongue::En), [0]);
    }

    #[test]
    fn a_word_may_count_at_the_beginning_alone() {
        assert_eq!(said("para la vm", Tongue::Es), [0]);
        assert_eq!(said("una copia para la vm", Tongue::Es), [0; 0]);
        assert_eq!(said("apágala", Tongue::Es), [0]);
    }
}
