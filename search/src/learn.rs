//! Which words tell one method from another, learned of examples when the index is made.
//!
//! Each phrase, summary and example request is taken as what it says: the words it has, their meanings, and any two of those
//! together. A weight for each of these and each method is then sought by which the method that is meant comes first (a
//! multinomial logistic regression by gradient descent); what weighs little is left out. No chance is in it: the same words
//! give the same index.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// How often all examples are gone through, and how far one of them moves the weights: at first, and at the end a part of it.
const ROUNDS: u16 = 14;
const RATE: f32 = 0.4;
const LAST: f32 = 0.2;

/// Of the weight of a word: what two meanings together get.
const PAIR: f32 = 0.6;

/// The least that a weight must move a score to be kept.
const LEAST: f32 = 1.5;

/// How sure one must be of a method, of all, for an example to speak against it.
const SURE: f32 = 1e-3;

/// An example of which it was so sure rests for so many rounds.
const KNOWN: f32 = 0.9;
const REST: u8 = 2;

/// Between the meanings of a pair.
pub(crate) const AND: char = '+';

/// What was learned.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Learned {
    /// Sorted by name.
    pub features: Vec<Feature>,
    /// What one step of a weight is worth.
    pub step: f32,
}

/// One thing that a request can say, and for and against which methods it speaks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Feature {
    pub name: String,
    pub rarity: f32,
    /// Each as the distance from the one before.
    pub docs: Vec<u16>,
    pub weights: Vec<i8>,
}

/// What somebody may say, and what is meant by it.
pub(crate) struct Sample {
    pub features: Vec<String>,
    /// The methods that are right.
    pub docs: Vec<u16>,
    pub weight: f32,
}

/// A sample in numbers.
struct Row<'s> {
    features: Vec<(usize, f32)>,
    docs: &'s [u16],
    weight: f32,
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand samples")]
pub(crate) fn learn(samples: &[Sample], docs: usize) -> Learned {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for feature in samples.iter().flat_map(|sample| &sample.features) {
        *counts.entry(feature).or_default() += 1;
    }
    let mut names: Vec<(&str, usize)> = counts.into_iter().collect();
    names.sort_unstable();
    let at: HashMap<&str, usize> = names.iter().zip(0..).map(|((name, _), n)| (*name, n)).collect();
    let rarity = |(name, count): &(&str, usize)| {
        let pair = if name.contains(AND) { PAIR } else { 1.0 };
        (1.0 + samples.len() as f32 / *count as f32).ln() * pair
    };
    let rarities: Vec<f32> = names.iter().map(rarity).collect();
    let row = |sample: &'_ Sample| {
        let features = sample.features.iter().filter_map(|name| at.get(name.as_str()));
        features.map(|&n| (n, rarities[n])).collect::<Vec<_>>()
    };
    let rows =
        samples.iter().map(|sample| Row { features: evened(row(sample)), docs: &sample.docs, weight: sample.weight });
    let weights = sought(&rows.filter(|row| !row.docs.is_empty()).collect::<Vec<_>>(), names.len(), docs);
    kept(&names, &rarities, &weights, docs)
}

/// Long and short sentences weigh the same.
fn evened(mut features: Vec<(usize, f32)>) -> Vec<(usize, f32)> {
    let length = features.iter().map(|(_, value)| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    features.iter_mut().for_each(|(_, value)| *value /= length);
    features
}

/// The weights, a row of `docs` for each feature.
fn sought(rows: &[Row<'_>], features: usize, docs: usize) -> Vec<f32> {
    let mut weights = vec![0.0f32; features * docs];
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut scores = vec![0.0f32; docs];
    let mut rests = vec![0; rows.len()];
    let mut seed = 0x2545_f491_4f6c_dd1d;
    for round in 0..ROUNDS {
        shuffle(&mut order, &mut seed);
        let rate = RATE * (1.0 - (1.0 - LAST) * f32::from(round) / f32::from(ROUNDS));
        for &n in &order {
            if rests[n] > 0 {
                rests[n] -= 1;
            } else if correct(&mut weights, &rows[n], &mut scores, rate) > KNOWN {
                rests[n] = REST;
            }
        }
    }
    weights
}

/// Moves the weights by one example; gives how sure it was of what is right.
fn correct(weights: &mut [f32], row: &Row<'_>, scores: &mut [f32], rate: f32) -> f32 {
    let docs = scores.len();
    scores.fill(0.0);
    for &(feature, value) in &row.features {
        let of = &weights[feature * docs..][..docs];
        scores.iter_mut().zip(of).for_each(|(score, weight)| *score += value * weight);
    }
    let top = scores.iter().copied().fold(f32::MIN, f32::max);
    scores.iter_mut().for_each(|score| *score = (*score - top).exp());
    let all = scores.iter().sum::<f32>();
    let right = row.docs.iter().map(|&doc| scores[usize::from(doc)]).sum::<f32>().max(f32::MIN_POSITIVE);
    row.docs.iter().for_each(|&doc| scores[usize::from(doc)] *= 1.0 - all / right);
    let step = rate * row.weight / all;
    for (doc, wrong) in scores.iter().enumerate().filter(|(_, wrong)| wrong.abs() > SURE * all) {
        for &(feature, value) in &row.features {
            weights[feature * docs + doc] -= step * wrong * value;
        }
    }
    right / all
}

/// Puts them into another order, the same each time (xorshift).
fn shuffle(order: &mut [usize], seed: &mut u64) {
    for n in (1..order.len()).rev() {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        let other = usize::try_from(*seed % (n as u64 + 1)).unwrap_or_default();
        order.swap(n, other);
    }
}

/// The weights that count, as small numbers.
#[expect(clippy::cast_possible_truncation, reason = "within 127 steps by the choice of the step")]
fn kept(names: &[(&str, usize)], rarities: &[f32], weights: &[f32], docs: usize) -> Learned {
    let most = weights.iter().fold(f32::MIN_POSITIVE, |most, weight| most.max(weight.abs()));
    let step = most / f32::from(i8::MAX);
    let features = names.iter().zip(rarities).zip(weights.chunks(docs.max(1))).map(|(((name, _), rarity), of)| {
        let mut feature = Feature { name: (*name).to_owned(), rarity: *rarity, docs: Vec::new(), weights: Vec::new() };
        let mut before = 0;
        let steps =
            of.iter().map(|weight| if weight.abs() * rarity < LEAST { 0 } else { (weight / step).round() as i8 });
        for (doc, steps) in (0u16..).zip(steps).filter(|(_, steps)| *steps != 0) {
            feature.docs.push(doc - before);
            feature.weights.push(steps);
            before = doc;
        }
        feature
    });
    Learned { features: features.filter(|feature| !feature.docs.is_empty()).collect(), step }
}

impl Learned {
    /// How far what a request says speaks for each method. `at` tells where a feature stands.
    pub(crate) fn speak(&self, at: &HashMap<String, usize>, said: &[String], docs: usize) -> Vec<f32> {
        let said = said.iter().filter_map(|name| at.get(name)).filter_map(|&n| Some((n, self.features.get(n)?.rarity)));
        let mut scores = vec![0.0f32; docs];
        for (n, value) in evened(said.collect()) {
            let feature = &self.features[n];
            let mut doc = 0;
            for (distance, weight) in feature.docs.iter().zip(&feature.weights) {
                doc += usize::from(*distance);
                if let Some(score) = scores.get_mut(doc) {
                    *score += value * self.step * f32::from(*weight);
                }
            }
        }
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(said: &str, doc: u16) -> Sample {
        Sample { features: said.split(' ').map(str::to_owned).collect(), docs: vec![doc], weight: 1.0 }
    }

    /// Each is said so often that its words count.
    fn learned(samples: impl Fn() -> Vec<Sample>) -> Learned {
        learn(&(0..20).flat_map(|_| samples()).collect::<Vec<_>>(), 3)
    }

    fn first(learned: &Learned, said: &str) -> Option<usize> {
        let at = learned.features.iter().zip(0..).map(|(feature, n)| (feature.name.clone(), n)).collect();
        let said: Vec<String> = said.split(' ').map(str::to_owned).collect();
        let scores = learned.speak(&at, &said, 3);
        (0..3).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).filter(|&doc| scores[doc] > 0.0)
    }

    #[test]
    fn what_tells_methods_apart_is_learned() {
        let learned = learned(|| {
            let said = [("start vm", 0), ("boot vm", 0), ("stop vm", 1), ("halt vm", 1), ("list vm", 2)];
            said.map(|(said, doc)| sample(said, doc)).into()
        });
        for (said, doc) in [("start web", 0), ("vm halt", 1), ("list", 2)] {
            assert_eq!(first(&learned, said), Some(doc), "{said}");
        }
        assert_eq!(first(&learned, "unheard of"), None);
    }

    #[test]
    fn one_of_several_right_methods_is_enough() {
        let both = || Sample { docs: vec![0, 1], ..sample("restart", 0) };
        let learned = learned(|| vec![both(), sample("restart container", 1), sample("delete vm", 2)]);
        assert_eq!(first(&learned, "restart container"), Some(1));
        assert!(first(&learned, "restart vm").is_none_or(|doc| doc < 2));
        assert_eq!(first(&learned, "delete"), Some(2));
    }

    #[test]
    fn the_same_words_give_the_same_index() {
        let samples = || [sample("a b", 0), sample("b c", 1), sample("c d", 2)];
        assert_eq!(format!("{:?}", learn(&samples(), 3)), format!("{:?}", learn(&samples(), 3)));
        assert!(learn(&[], 3).features.is_empty());
    }
}
