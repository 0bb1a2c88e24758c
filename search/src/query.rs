//! Asking the index.
//!
//! Each word of the request gives its weight to the sentences that have it: all of it where the word itself stands there,
//! most of it where another word of the same meaning does. A method is as good as its best sentence, and a part of it
//! is how much of the request it covers in all that is said of it. What the words say beyond their meaning (which kind
//! of guest, one or all, to look or to act) then speaks for or against it, and so does what was learned of examples.

use std::{cmp::Ordering, collections::BTreeSet};

use crate::{
    hit::Hit,
    index::{Ready, SearchLimits},
    learn,
    lexicon::{self, WordSort},
    make::{FAINT, emphasis, rarity},
    packed::{Doc, Field},
    sense::Sense,
    text::{self, Tongue},
    typo,
};

/// Of the weight of a word: what a word of the same meaning gets, and a word that is it but for a slip of the pen.
const SAME_MEANING: f32 = 0.82;
const SLIP: f32 = 0.8;

/// Of a score: how much is the best sentence, the rest being what all of them cover.
const BEST: f32 = 0.5;

/// How much counts what was learned of examples, beside what the words themselves give.
const LEARNED: f32 = 0.45;

/// What speaks against a method of which nothing says what is to be done, though the request does.
const OTHER_DEED: f32 = 0.85;

/// How much speaks against a method of which nothing says any of the things that the request names.
const OTHER_THING: f32 = 0.2;

/// Most words of one request that are held against all known ones for slips of the pen.
const SLIPS: usize = 6;

/// Of the weight of a word: what one gets that is but a part of a name.
const NAMED: f32 = 0.5;

/// Letters of a word that is another one more likely than a slip in its first letter.
const SHORT: usize = 6;

/// One word of the request, and the terms that stand for it with the part of its weight that each gets.
struct Asked {
    weight: f32,
    /// Whether it says what is to be done.
    deed: bool,
    /// Whether it says to what.
    thing: bool,
    terms: Vec<(String, f32)>,
}

pub(crate) fn search<'i>(ready: &'i Ready, text: &str, limits: SearchLimits<'_>) -> Vec<Hit<'i>> {
    let (asked, sense) = understood(ready, text);
    let learned = ready.packed.learned.speak(&ready.features, &said(&asked, &sense), ready.packed.docs.len());
    let mut hits: Vec<Hit<'i>> = ready
        .packed
        .docs
        .iter()
        .zip(weigh(ready, &asked))
        .zip(learned)
        .filter(|((doc, score), _)| *score > 0.0 && wanted(doc, limits))
        .map(|((doc, score), learned)| Hit {
            method: doc.method,
            path: &doc.path,
            risk: doc.risk,
            score: score * sense.speaks_for(doc) * (LEARNED * learned).exp(),
        })
        .collect();
    let order = |a: &Hit<'_>, b: &Hit<'_>| {
        b.score
            .partial_cmp(&a.score)
            .unwrap_or(Ordering::Equal)
            .then_with(|| (a.path, a.method).cmp(&(b.path, b.method)))
    };
    hits.sort_by(order);
    hits.truncate(limits.count);
    hits
}

/// What a text says, for [`crate::learn`].
pub(crate) fn features(ready: &Ready, text: &str) -> Vec<String> {
    let (asked, sense) = understood(ready, text);
    said(&asked, &sense)
}

fn understood(ready: &Ready, text: &str) -> (Vec<Asked>, Sense) {
    let words = text::marked(&text::unquoted(text));
    read(ready, ready.packed.lexicon.unhedged(&words))
}

/// The terms of a request, what it says beyond them, and any two of these that are no mere words.
fn said(asked: &[Asked], sense: &Sense) -> Vec<String> {
    let terms = asked.iter().flat_map(|asked| asked.terms.iter().map(|(name, _)| name.clone()));
    let means = sense.means.iter().map(|means| format!("m{}", *means as u8));
    let verb = [format!("v{}", sense.method)];
    let mut said: BTreeSet<String> = terms.chain(means).chain(verb).collect();
    let of = said.iter().filter(|name| name.starts_with(['c', 'm', 'v'])).collect::<Vec<_>>();
    let pairs =
        of.iter().enumerate().flat_map(|(n, a)| of[n + 1..].iter().map(move |b| format!("{a}{}{b}", learn::AND)));
    let pairs = pairs.collect::<Vec<_>>();
    said.extend(pairs);
    said.extend([format!("w{}", sense.methods), format!("p{}", u8::from(sense.plural))]);
    said.into_iter().collect()
}

fn wanted(doc: &Doc, limits: SearchLimits<'_>) -> bool {
    (limits.risks.is_empty() || limits.risks.contains(&doc.risk)) && doc.path.starts_with(limits.path)
}

/// What is asked, word by word, and what it says beyond them.
fn read(ready: &Ready, marked: &[(String, bool)]) -> (Vec<Asked>, Sense) {
    let table = &ready.packed.lexicon;
    let words: Vec<String> = marked.iter().map(|(word, _)| text::meant(word).unwrap_or(word).to_owned()).collect();
    let (words, parts): (Vec<String>, Vec<f32>) = mended(ready, &words).into_iter().unzip();
    let mut sense = Sense::default();
    let tongue = tongue(ready, &words);
    let readings = Tongue::BOTH.map(|tongue| lexicon::read(table, &words, tongue));
    let mut asked = Vec::new();
    for (n, (word, part)) in words.iter().zip(parts).enumerate() {
        sense.hear(&marked[n].0);
        // A number says only that a guest is meant, if anything.
        if text::is_number(word) {
            continue;
        }
        // What one language says of a word that it knows is not gone against by what the other would make of it.
        let own = tongue.filter(|&tongue| {
            let (stem, classes) = &readings[tongue as usize][n];
            stem.is_none() || !classes.is_empty()
        });
        let readings = || readings.iter().zip(Tongue::BOTH).filter(|(_, of)| own.is_none_or(|own| own == *of));
        let classes: BTreeSet<u16> = readings().flat_map(|(reading, _)| reading[n].1.iter().copied()).collect();
        for &class in &classes {
            let entry = &table.classes[usize::from(class)];
            sense.means.extend(entry.means);
            sense.method |= entry.method;
            sense.methods |= entry.methods;
        }
        let all = ready.packed.docs.len();
        let deed = |&class: &u16| {
            let entry = &table.classes[usize::from(class)];
            entry.sort == WordSort::Verb && entry.methods != 0
        };
        let thing = |&class: &u16| table.classes[usize::from(class)].sort == WordSort::Object;
        let (deed, thing) = (classes.iter().any(deed), classes.iter().any(thing));
        let mut one = Asked { weight: 0.0, deed, thing, terms: Vec::new() };
        for &class in &classes {
            let name = format!("c{class}");
            if let Some((docs, _)) = ready.terms.get(&name) {
                let emphasis = emphasis(Some(table.classes[usize::from(class)].sort));
                one.weight = one.weight.max(rarity(usize::from(*docs), all) * emphasis);
                one.terms.push((name, SAME_MEANING * part));
            }
        }
        for name in readings().filter_map(|(reading, _)| reading[n].0.clone()) {
            if let Some((docs, _)) = ready.terms.get(&name) {
                if classes.is_empty() {
                    one.weight = one.weight.max(rarity(usize::from(*docs), all));
                }
                one.terms.push((name, part));
            }
        }
        if Tongue::BOTH.iter().any(|&tongue| table.is_faint(word, tongue)) {
            one.weight *= FAINT;
        }
        // A part of a name says little, unless the parts together are a word of ours (`cloud-init`).
        if marked[n].1 && !one.terms.iter().any(|(name, _)| name.contains('_')) {
            one.weight *= NAMED;
        }
        if !one.terms.is_empty() {
            asked.push(one);
        }
    }
    (asked, sense)
}

/// The language of a request: that which has more of its words.
fn tongue(ready: &Ready, words: &[String]) -> Option<Tongue> {
    let table = &ready.packed.lexicon;
    let has = |tongue: Tongue| {
        let known = |word: &String| {
            let stem = format!("{}{}", tongue.mark(), text::stem(word, tongue));
            usize::from(ready.terms.contains_key(&stem)) + 2 * usize::from(table.is_filler(word, tongue))
        };
        words.iter().map(known).sum::<usize>()
    };
    match has(Tongue::En).cmp(&has(Tongue::Es)) {
        Ordering::Greater => Some(Tongue::En),
        Ordering::Less => Some(Tongue::Es),
        Ordering::Equal => None,
    }
}

/// Each word with its part of the weight; one that nobody knows is taken as the known ones nearest to it.
fn mended(ready: &Ready, words: &[String]) -> Vec<(String, f32)> {
    let mut left = SLIPS;
    words
        .iter()
        .map(|word| {
            let plain = word.bytes().all(|b| b.is_ascii_lowercase());
            if !plain || is_known(ready, word) {
                return (word.clone(), 1.0);
            }
            // Without its accent a pronoun on a command is seen only by what is left.
            if let Some(command) = text::without_pronoun(word).filter(|command| is_known(ready, command)) {
                return (command.to_owned(), 1.0);
            }
            if left == 0 {
                return (word.clone(), 1.0);
            }
            left -= 1;
            nearest(ready, word).map_or_else(|| (word.clone(), 1.0), |near| (near.to_owned(), SLIP))
        })
        .collect()
}

fn is_known(ready: &Ready, word: &str) -> bool {
    let table = &ready.packed.lexicon;
    Tongue::BOTH.iter().any(|&tongue| {
        let stem = text::stem(word, tongue);
        let patterns = &table.patterns[tongue as usize];
        table.is_filler(word, tongue)
            || ready.terms.contains_key(&format!("{}{stem}", tongue.mark()))
            || [stem, format!("={word}")].iter().any(|first| {
                patterns.get(patterns.partition_point(|p| p.first < *first)).is_some_and(|p| p.first == *first)
            })
    })
}

/// The known word that is this one but for a slip of the pen.
fn nearest<'r>(ready: &'r Ready, word: &str) -> Option<&'r str> {
    let allowed = typo::allowed(word.len());
    (1..=allowed).find_map(|most| {
        let lengths = word.len().saturating_sub(most)..=word.len() + most;
        let near = lengths.filter_map(|length| ready.by_length.get(length)).flatten();
        let near = near.filter_map(|&n| ready.packed.known.get(n as usize));
        let near = near.filter(|(known, _)| typo::within(word.as_bytes(), known.as_bytes(), most));
        // A slip is seldom in the first letter, and mostly in a word that is said often.
        let first = |known: &str| known.as_bytes().first() == word.as_bytes().first();
        let near = near.filter(|(known, _)| word.len() > SHORT || first(known));
        near.max_by_key(|(known, often)| (first(known), *often)).map(|(known, _)| known.as_str())
    })
}

/// What the words give for each method.
fn weigh(ready: &Ready, asked: &[Asked]) -> Vec<f32> {
    let (units, docs) = (&ready.packed.units, ready.packed.docs.len());
    let all = asked.iter().map(|asked| asked.weight).sum::<f32>().max(0.01);
    let mut sums = vec![0.0f32; units.len()];
    let mut got = vec![0.0f32; units.len()];
    let mut covered = vec![0.0f32; docs];
    let mut covers = vec![0.0f32; docs];
    let mut done = vec![false; docs];
    let mut named = vec![0.0f32; docs];
    let mut touched: Vec<u32> = Vec::new();
    for asked in asked {
        for (name, part) in &asked.terms {
            let said = ready.terms.get(name).map_or(&[][..], |(_, units)| units);
            for &unit in said {
                let got = &mut got[unit as usize];
                if *got == 0.0 {
                    touched.push(unit);
                }
                *got = got.max(asked.weight * part);
            }
        }
        for &unit in &touched {
            let (at, doc) = (unit as usize, usize::from(units[unit as usize].doc));
            sums[at] += got[at];
            covers[doc] = covers[doc].max(got[at] * field(units[at].field));
            done[doc] |= asked.deed;
        }
        for unit in touched.drain(..) {
            let (at, doc) = (unit as usize, usize::from(units[unit as usize].doc));
            let covers = std::mem::take(&mut covers[doc]);
            covered[doc] += covers;
            if asked.thing && covers > 0.0 {
                named[doc] += asked.weight;
            }
            got[at] = 0.0;
        }
    }
    let mut best = vec![0.0f32; docs];
    for (unit, sum) in units.iter().zip(sums).filter(|(_, sum)| *sum > 0.0) {
        let best = &mut best[usize::from(unit.doc)];
        *best = best.max(sum / (all * unit.weight).max(0.01).sqrt() * field(unit.field));
    }
    let deed = asked.iter().any(|asked| asked.deed);
    let things = asked.iter().filter(|asked| asked.thing).map(|asked| asked.weight).sum::<f32>();
    let docs =
        best.into_iter().zip(covered).zip(done.into_iter().zip(named)).map(|((best, covered), (done, named))| {
            let deed = if deed && !done { OTHER_DEED } else { 1.0 };
            let thing = if things > 0.0 { 1.0 - OTHER_THING * (things - named) / things } else { 1.0 };
            (BEST * best + (1.0 - BEST) * covered / all) * deed * thing
        });
    docs.collect()
}

const fn field(field: Field) -> f32 {
    match field {
        Field::Phrase => 1.0,
        Field::Summary => 1.0,
        Field::Path => 0.6,
        Field::Params => 0.55,
    }
}
