//! Our words for each method: `apidata/words/*.toml`.
//!
//! A table a method: what it does in one line, in English and in Spanish, the worst that one call can do, and the
//! everyday phrases by which people ask for it. No other file says any of this. What is wrong in a file is reported with its
//! line, all at once; a method without words is no error, it is shown as one that has none yet.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

use crate::{
    model::{Api, Endpoint, Risk, Sayings},
    overlay::{EndpointAt, Line, line_of},
    report::{Problem, Report, Severity},
};

mod doubt;
mod stub;

pub use stub::with_stub;

/// The folder's name within `apidata/`.
pub const FOLDER: &str = "words";

/// The file of that folder that an import writes the entries to that a person must fill in.
pub const NEW: &str = "new.toml";

/// Most characters of a summary.
const LINE: usize = 120;

/// Fewest and most phrases in each language.
const PHRASES: std::ops::RangeInclusive<usize> = 4..=8;

/// What is said of one method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The file, as problems name it.
    pub file: String,
    /// Line and column of the entry.
    pub line: Line,
    /// What it does, in English; empty where it is still to be written.
    pub en: String,
    /// The same in Spanish.
    pub es: String,
    /// The worst that one call can do.
    pub risk: Risk,
    /// Whether one call can act on several guests.
    pub many: bool,
    /// By which phrases people ask for it.
    pub phrases: Sayings,
    /// Those of them that another method has too.
    pub shared: Vec<String>,
    /// Why they are shared.
    pub why: String,
}

impl Word {
    /// Whether a person has written it.
    pub fn is_written(&self) -> bool {
        !self.en.is_empty() && !self.es.is_empty()
    }
}

/// The words of all files.
#[derive(Clone, Debug, Default)]
pub struct MethodWords {
    by: BTreeMap<EndpointAt, Word>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    en: String,
    es: String,
    risk: Risk,
    #[serde(default)]
    many: bool,
    #[serde(default)]
    ask: Vec<String>,
    #[serde(default)]
    pide: Vec<String>,
    #[serde(default)]
    shared: Vec<String>,
    #[serde(default)]
    why: String,
}

impl MethodWords {
    /// Reads all files of the folder, by name; a folder that is not there has no words.
    pub fn read(folder: &Path, report: &mut Report) -> Option<Self> {
        let shown = folder.display().to_string();
        let files = match fs::read_dir(folder) {
            Ok(files) => files,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Some(Self::default()),
            Err(e) => {
                report.error(&shown, "", format_args!("cannot be read: {e}"));
                return None;
            }
        };
        let mut files: Vec<_> = files.filter_map(|file| file.ok().map(|file| file.path())).collect();
        files.retain(|file| file.extension().is_some_and(|end| end == "toml"));
        files.sort();
        let mut words = Self::default();
        let mut sound = true;
        for file in files {
            let name = file.display().to_string();
            match fs::read_to_string(&file) {
                Ok(text) => {
                    let problems = words.add(&text, &name);
                    sound &= problems.is_empty();
                    problems.into_iter().for_each(|problem| report.add(problem));
                }
                Err(e) => {
                    report.error(&name, "", format_args!("cannot be read: {e}"));
                    sound = false;
                }
            }
        }
        sound.then_some(words)
    }

    /// Adds the entries of one file; gives those that are wrong in themselves.
    pub fn add(&mut self, text: &str, file: &str) -> Vec<Problem> {
        let error = |line, at: &str, message: String| Problem {
            severity: Severity::Error,
            file: file.to_owned(),
            line: Some(line),
            at: at.to_owned(),
            message,
        };
        let raw: BTreeMap<toml::Spanned<String>, Raw> = match toml::from_str(text) {
            Ok(raw) => raw,
            Err(e) => {
                let line = e.span().map_or((1, 1), |span| line_of(text, span.start));
                return vec![error(line, "", e.message().to_owned())];
            }
        };
        let mut problems = Vec::new();
        for (key, raw) in raw {
            let line = line_of(text, key.span().start);
            let at = key.get_ref();
            if let Err(message) = self.insert(at, raw, file, line) {
                problems.push(error(line, at, message));
            }
        }
        problems
    }

    fn insert(&mut self, at: &str, raw: Raw, file: &str, line: Line) -> Result<(), String> {
        let at =
            EndpointAt::parse(at).ok_or("the name of a table must be a verb and a path, such as [\"GET /version\"]")?;
        for (key, text) in [("en", &raw.en), ("es", &raw.es)] {
            let length = text.chars().count();
            if text.contains('\n') || (!text.is_empty() && text.trim().is_empty()) || length > LINE {
                return Err(format!("`{key}` must be one line of at most {LINE} characters; it has {length}"));
            }
        }
        if let Some(first) = self.by.get(&at) {
            return Err(format!("described a second time; the first is in {}:{}", first.file, first.line.0));
        }
        let Raw { en, es, risk, many, ask, pide, shared, why } = raw;
        let phrases = Sayings { en: ask, es: pide };
        self.by.insert(at, Word { file: file.to_owned(), line, en, es, risk, many, phrases, shared, why });
        Ok(())
    }

    /// What is said of this method.
    pub fn of(&self, endpoint: &Endpoint) -> Option<&Word> {
        self.by.get(&EndpointAt { path: endpoint.path.clone(), method: endpoint.method })
    }

    /// All entries, by path and then verb.
    pub fn all(&self) -> impl Iterator<Item = (&EndpointAt, &Word)> {
        self.by.iter()
    }

    /// Puts them into the model.
    pub fn put(&self, api: &mut Api) {
        for endpoint in &mut api.endpoints {
            if let Some(word) = self.of(endpoint) {
                endpoint.summary.clone_from(&word.en);
                endpoint.summary_es.clone_from(&word.es);
                endpoint.risk = word.risk;
                endpoint.many = word.many;
                endpoint.phrases.clone_from(&word.phrases);
            }
        }
    }

    /// The entries for methods that no release has; `has` tells whether one has it.
    pub fn stale(&self, has: impl Fn(&EndpointAt) -> bool) -> Vec<Problem> {
        let stale = self.by.iter().filter(|(at, _)| !has(at));
        stale.map(|(at, word)| word.problem(at, "no release has such a method any more; remove this entry")).collect()
    }

    /// The entries that are still to be written.
    pub fn unwritten(&self) -> Vec<Problem> {
        let message = "the words of this entry are still to be written, and its risk to be looked at";
        let unwritten = self.by.iter().filter(|(_, word)| !word.is_written());
        let warning =
            |(at, word): (&EndpointAt, &Word)| Problem { severity: Severity::Warning, ..word.problem(at, message) };
        unwritten.map(warning).collect()
    }
}

impl Word {
    fn problem(&self, at: &EndpointAt, message: &str) -> Problem {
        Problem {
            severity: Severity::Error,
            file: self.file.clone(),
            line: Some(self.line),
            at: at.to_string(),
            message: message.to_owned(),
        }
    }
}
