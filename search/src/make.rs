//! Making the index, when the program is built.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use spec::{Api, Endpoint};

use crate::{
    index::Ready,
    learn::{self, Learned, Sample},
    lexicon::{self, Lexicon, Table, WordSort},
    packed::{self, Doc, Field, Packed, Term, Unit},
    query,
    text::{self, Tongue},
};

/// How much more a word counts that says what is to be done, or to what.
pub(crate) const fn emphasis(sort: Option<WordSort>) -> f32 {
    match sort {
        Some(WordSort::Verb) => 1.25,
        Some(WordSort::Object) => 1.35,
        Some(WordSort::Trait) => 0.9,
        None => 1.0,
    }
}

/// How much a word counts that everything has.
pub(crate) const FAINT: f32 = 0.5;

/// Methods of which a term counts as if it were in so many: a word that one sentence alone has happened to be used there,
/// and says little.
const COMMON: usize = 4;

/// How much a term counts that `docs` of `all` methods have.
#[expect(clippy::cast_precision_loss, reason = "a few hundred methods")]
pub(crate) fn rarity(docs: usize, all: usize) -> f32 {
    (1.0 + all.max(1) as f32 / docs.max(COMMON) as f32).ln()
}

/// Of the weight of a phrase to learn of: what a summary gets.
const SUMMARY: f32 = 0.5;

/// What somebody said who meant one of some methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The request.
    pub text: String,
    /// `METHOD /path` of each that would be right.
    pub methods: Vec<String>,
}

/// The index of the methods that this release has, packed; [`crate::SearchIndex::new`] reads it. What tells them apart is
/// learned of the phrases and of `examples`.
pub fn make(api: &Api, lexicon: &Lexicon, examples: &[Example]) -> Vec<u8> {
    let table = lexicon.table();
    let mut maker = Maker { table: &table, units: Vec::new(), said: Vec::new(), known: BTreeMap::new() };
    let mut docs: Vec<Doc> = Vec::new();
    for endpoint in api.endpoints.iter().filter(|endpoint| endpoint.releases.contains(&api.release)) {
        let doc = u16::try_from(docs.len()).unwrap_or(u16::MAX);
        maker.endpoint(doc, endpoint);
        docs.push(Doc {
            method: endpoint.method,
            path: endpoint.path.clone(),
            risk: endpoint.risk,
            many: endpoint.many,
            seldom: SELDOM.iter().any(|sign| endpoint.summary.contains(sign)),
            talks_of: Vec::new(),
        });
    }
    let known = std::mem::take(&mut maker.known).into_iter().collect();
    for (&(doc, _), said) in maker.units.iter().zip(&maker.said) {
        let classes = said.iter().flat_map(|said| &said.class);
        docs[usize::from(doc)].talks_of.extend(classes.filter_map(|&class| table.classes[usize::from(class)].means));
    }
    for doc in &mut docs {
        doc.talks_of.sort();
        doc.talks_of.dedup();
    }
    let (units, terms) = maker.finish(docs.len());
    let mut packed = Packed { lexicon: table, docs, units, terms, known, learned: Learned::default() };
    let samples = samples(&Ready::new(packed.clone()), api, examples);
    packed.learned = learn::learn(&samples, packed.docs.len());
    packed::pack(&packed)
}

/// All that is said of methods, as the index hears it.
fn samples(ready: &Ready, api: &Api, examples: &[Example]) -> Vec<Sample> {
    let at: HashMap<String, u16> =
        ready.packed.docs.iter().zip(0..).map(|(doc, n)| (format!("{} {}", doc.method, doc.path), n)).collect();
    let sample = |text: &str, docs: Vec<u16>, weight| Sample { features: query::features(ready, text), docs, weight };
    let mut samples = Vec::new();
    for endpoint in &api.endpoints {
        let Some(&doc) = at.get(&format!("{} {}", endpoint.method, endpoint.path)) else { continue };
        let phrases = endpoint.phrases.en.iter().chain(&endpoint.phrases.es);
        samples.extend(phrases.map(|phrase| sample(phrase, vec![doc], 1.0)));
        samples.extend([&endpoint.summary, &endpoint.summary_es].map(|line| sample(line, vec![doc], SUMMARY)));
    }
    let examples = examples.iter().map(|example| {
        let docs = example.methods.iter().filter_map(|method| at.get(method)).copied();
        sample(&example.text, docs.collect(), 1.0)
    });
    samples.extend(examples);
    samples
}

/// What stands in the summary of a method that nobody asks for who does not know of it.
const SELDOM: [&str; 5] =
    ["Index of ", "by the old address", "by the address of older", "PVE calls it by itself", "WebSocket that carries"];

/// One word of a unit.
struct Said {
    /// Its stem in each language that the unit may be of.
    stems: Vec<String>,
    class: Vec<u16>,
    faint: bool,
}

struct Maker<'l> {
    table: &'l Table,
    units: Vec<(u16, Field)>,
    said: Vec<Vec<Said>>,
    known: BTreeMap<String, u16>,
}

impl Maker<'_> {
    fn endpoint(&mut self, doc: u16, endpoint: &Endpoint) {
        for phrase in &endpoint.phrases.en {
            self.unit(doc, Field::Phrase, phrase, &[Tongue::En]);
        }
        for phrase in &endpoint.phrases.es {
            self.unit(doc, Field::Phrase, phrase, &[Tongue::Es]);
        }
        self.unit(doc, Field::Summary, &endpoint.summary, &[Tongue::En]);
        self.unit(doc, Field::Summary, &endpoint.summary_es, &[Tongue::Es]);
        let path: Vec<&str> = endpoint.path.split('/').filter(|part| !part.starts_with('{')).collect();
        self.unit(doc, Field::Path, &path.join(" "), &Tongue::BOTH);
        let params = endpoint.params.iter().filter(|param| !param.in_path);
        let params: Vec<&str> = params.map(|param| param.name.as_str()).collect();
        self.unit(doc, Field::Params, &params.join(" "), &Tongue::BOTH);
    }

    fn unit(&mut self, doc: u16, field: Field, text: &str, tongues: &[Tongue]) {
        let words = text::words(text);
        let mut said: Vec<Said> =
            words.iter().map(|_| Said { stems: Vec::new(), class: Vec::new(), faint: false }).collect();
        for &tongue in tongues {
            let read = lexicon::read(self.table, &words, tongue);
            for ((word, (stem, classes)), said) in words.iter().zip(read).zip(&mut said) {
                said.faint |= self.table.is_faint(word, tongue);
                said.stems.extend(stem);
                said.class.extend(classes);
            }
        }
        let letters = |word: &&String| word.len() > 3 && word.bytes().all(|b| b.is_ascii_lowercase());
        for word in words.iter().filter(letters) {
            let often = self.known.entry(word.clone()).or_default();
            *often = often.saturating_add(1);
        }
        said.retain(|said| !said.stems.is_empty() || !said.class.is_empty());
        if !said.is_empty() {
            self.units.push((doc, field));
            self.said.push(said);
        }
    }

    /// Units with their weights, and terms with the units that have them.
    fn finish(&self, all: usize) -> (Vec<Unit>, Vec<Term>) {
        let mut places: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (unit, said) in self.said.iter().enumerate() {
            for said in said {
                for term in said.stems.iter().cloned().chain(said.class.iter().map(|class| format!("c{class}"))) {
                    places.entry(term).or_default().insert(unit);
                }
            }
        }
        let docs =
            |units: &BTreeSet<usize>| units.iter().map(|&unit| self.units[unit].0).collect::<BTreeSet<_>>().len();
        let counts: BTreeMap<&str, usize> = places.iter().map(|(name, units)| (name.as_str(), docs(units))).collect();
        let units = self.units.iter().zip(&self.said).map(|(&(doc, field), said)| {
            let weight = said.iter().map(|said| self.weight(said, &counts, all)).sum();
            Unit { doc, field, weight }
        });
        let units = units.collect();
        let terms = places.iter().map(|(name, units)| {
            let mut before = 0;
            let distances = units.iter().map(|&unit| {
                let distance = u16::try_from(unit - before).unwrap_or(u16::MAX);
                before = unit;
                distance
            });
            let docs = u16::try_from(counts[name.as_str()]).unwrap_or(u16::MAX);
            Term { name: name.clone(), docs, units: distances.collect() }
        });
        (units, terms.collect())
    }

    fn weight(&self, said: &Said, counts: &BTreeMap<&str, usize>, all: usize) -> f32 {
        let of_class = said.class.iter().map(|&class| {
            let docs = counts.get(format!("c{class}").as_str()).copied().unwrap_or(1);
            rarity(docs, all) * emphasis(Some(self.table.classes[usize::from(class)].sort))
        });
        let of_stem = said.stems.iter().map(|stem| rarity(counts.get(stem.as_str()).copied().unwrap_or(1), all));
        let most = of_class.reduce(f32::max).or_else(|| of_stem.reduce(f32::min)).unwrap_or_default();
        if said.faint { most * FAINT } else { most }
    }
}
