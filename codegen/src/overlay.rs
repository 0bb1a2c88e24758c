//! What we know beyond the published schema: `apidata/overlay.toml`.
//!
//! The file holds the tools that call an endpoint, and corrections of the schema where replies are known to differ from
//! it. Corrections are applied to the published JSON before anything else reads it, so that bindings, tool schemas,
//! surface and diff all see the same corrected schema. What a method does and risks is said in [`crate::words`].
//!
//! An entry that no longer fits is never skipped in silence: parsing and applying give the line of each entry that
//! does not fit, all at once.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use crate::model::{Endpoint, Method};
use crate::report::{Problem, Severity};

mod correct;

pub use correct::Correction;

/// Line and column of an entry, from 1.
pub type Line = (usize, usize);

/// Where an endpoint is: path first, so that a sorted list reads like the API tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndpointAt {
    /// Path template, for example `/nodes/{node}/qemu`.
    pub path: String,
    /// HTTP verb.
    pub method: Method,
}

impl EndpointAt {
    /// Reads `METHOD /path`; `None` when the text is not of that form.
    pub fn parse(text: &str) -> Option<Self> {
        let (method, path) = text.split_once(' ')?;
        let method = Method::parse(method)?;
        let fits = path.starts_with('/') && !path.contains(char::is_whitespace);
        fits.then(|| Self { path: path.to_owned(), method })
    }
}

impl fmt::Display for EndpointAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// What the overlay says of one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Line and column of the entry in the file.
    pub line: Line,
    /// Names of the MCP tools that call the endpoint.
    pub tools: Vec<String>,
    /// The parameters that those tools send besides those of the path.
    pub sends: Vec<String>,
    /// What of the reply those tools read: `status`, or `[].vmid` of the rows of a list.
    pub reads: Vec<String>,
    /// Whether the reply may hold text that the guest or a stranger controls.
    pub guest_text: bool,
}

/// What PVE demands of a caller and says in prose alone, in our words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Line and column of the entry in the file.
    pub line: Line,
    /// The beginnings of the SHA-256 of the prose that these words are for.
    pub texts: Vec<String>,
    /// In English.
    pub en: String,
    /// In Spanish.
    pub es: String,
}

/// The overlay, read and checked in itself.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    file: String,
    notes: BTreeMap<EndpointAt, Note>,
    conditions: BTreeMap<EndpointAt, Condition>,
    rest: BTreeMap<String, Line>,
    corrections: Vec<Correction>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    endpoint: Vec<RawNote>,
    #[serde(default)]
    condition: Vec<RawCondition>,
    #[serde(default)]
    rest: Vec<RawRest>,
    #[serde(default)]
    correction: Vec<correct::RawCorrection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCondition {
    at: Vec<toml::Spanned<String>>,
    texts: Vec<String>,
    en: String,
    es: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRest {
    at: toml::Spanned<String>,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNote {
    at: toml::Spanned<String>,
    #[serde(default)]
    tools: Vec<String>,
    #[serde(default)]
    sends: Vec<String>,
    #[serde(default)]
    reads: Vec<String>,
    #[serde(default)]
    guest_text: bool,
}

impl Overlay {
    /// Reads the overlay from `text`; `file` is how problems name it.
    ///
    /// # Errors
    /// Every entry that is wrong in itself: an `at` of another form, a second entry for one endpoint; or the one place where the text is not TOML of the expected shape.
    pub fn parse(text: &str, file: &str) -> Result<Self, Vec<Problem>> {
        let mut overlay = Self { file: file.to_owned(), ..Self::default() };
        let raw: RawFile = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or((1, 1), |span| line_of(text, span.start));
            vec![overlay.problem(line, String::new(), e.message().to_owned())]
        })?;
        let mut problems = Vec::new();
        for note in raw.endpoint {
            let line = line_of(text, note.at.span().start);
            let at = note.at.get_ref().clone();
            if let Err(message) = overlay.add_note(line, note) {
                problems.push(overlay.problem(line, at, message));
            }
        }
        for condition in raw.condition {
            for at in &condition.at {
                let line = line_of(text, at.span().start);
                if let Err(message) = overlay.add_condition(line, at.get_ref(), &condition) {
                    problems.push(overlay.problem(line, at.get_ref().clone(), message));
                }
            }
        }
        for RawRest { at, why } in raw.rest {
            let line = line_of(text, at.span().start);
            let path = at.into_inner();
            if !path.starts_with('/') || !path.ends_with('}') || why.trim().is_empty() {
                let message = "`at` must be a path that ends with a placeholder, and `why` must say how PVE reads it";
                problems.push(overlay.problem(line, path.clone(), message.to_owned()));
            }
            overlay.rest.insert(path, line);
        }
        for correction in raw.correction {
            let line = line_of(text, correction.at.span().start);
            let at = correction.at.get_ref().clone();
            match Correction::from_raw(line, correction) {
                Ok(correction) => overlay.corrections.push(correction),
                Err(message) => problems.push(overlay.problem(line, at, message)),
            }
        }
        if problems.is_empty() { Ok(overlay) } else { Err(problems) }
    }

    fn add_note(&mut self, line: Line, raw: RawNote) -> Result<(), String> {
        let at =
            EndpointAt::parse(raw.at.get_ref()).ok_or("`at` must be a verb and a path, such as \"GET /version\"")?;
        if let Some(first) = self.notes.get(&at) {
            return Err(format!("named a second time; the first is in line {}", first.line.0));
        }
        let RawNote { tools, sends, reads, guest_text, .. } = raw;
        let note = Note { line, tools, sends, reads, guest_text };
        self.notes.insert(at, note);
        Ok(())
    }

    fn add_condition(&mut self, line: Line, at: &str, raw: &RawCondition) -> Result<(), String> {
        let at = EndpointAt::parse(at).ok_or("`at` must be verbs and paths, such as [\"GET /version\"]")?;
        if raw.texts.is_empty() || raw.en.trim().is_empty() || raw.es.trim().is_empty() {
            return Err("a condition needs `texts`, `en` and `es`".to_owned());
        }
        let condition = Condition { line, texts: raw.texts.clone(), en: raw.en.clone(), es: raw.es.clone() };
        match self.conditions.insert(at, condition) {
            None => Ok(()),
            Some(first) => Err(format!("named a second time; the first is in line {}", first.line.0)),
        }
    }

    /// What PVE demands of a caller of this endpoint and says in prose alone.
    pub fn condition(&self, endpoint: &Endpoint) -> Option<&Condition> {
        self.conditions.get(&EndpointAt { path: endpoint.path.clone(), method: endpoint.method })
    }

    /// Whether the last placeholder of this path takes all that is left of it, slashes too.
    pub fn takes_rest(&self, path: &str) -> bool {
        self.rest.contains_key(path)
    }

    /// All corrections.
    pub fn corrections(&self) -> &[Correction] {
        &self.corrections
    }

    /// The places that are corrected in this endpoint of this release.
    pub fn corrected(&self, endpoint: &Endpoint, release: &str) -> Vec<String> {
        let here = |c: &&Correction| c.at.path == endpoint.path && c.at.method == endpoint.method;
        let meant = self.corrections.iter().filter(here).filter(|c| c.is_for(Some(release)));
        meant.map(|c| c.keys.join(".")).collect()
    }

    /// The conditions whose prose is another than the one that our words are for, of endpoints that `find` gives.
    pub fn stale_conditions<'a>(&self, find: impl Fn(&EndpointAt) -> Option<&'a Endpoint>) -> Vec<Problem> {
        let stale = self.conditions.iter().filter_map(|(at, condition)| {
            let message = match find(at)?.condition_text.as_ref() {
                Some(text) if condition.texts.contains(text) => return None,
                Some(text) => format!(
                    "what PVE says in prose of who may call it has changed (now {text}): read it on a host, mend these \
                     words, and add its sum to `texts`"
                ),
                None => "PVE says nothing in prose of who may call it any more: remove this condition".to_owned(),
            };
            Some(self.problem(condition.line, at.to_string(), message))
        });
        stale.collect()
    }

    /// What the overlay says of this endpoint.
    pub fn note(&self, method: Method, path: &str) -> Option<&Note> {
        self.notes.get(&EndpointAt { path: path.to_owned(), method })
    }

    /// All endpoints that the overlay names, by path and then verb.
    pub fn notes(&self) -> impl Iterator<Item = (&EndpointAt, &Note)> {
        self.notes.iter()
    }

    /// For each tool the endpoints that it uses.
    pub fn tools(&self) -> BTreeMap<&str, Vec<&EndpointAt>> {
        let mut tools: BTreeMap<&str, Vec<&EndpointAt>> = BTreeMap::new();
        for (at, note) in &self.notes {
            for tool in &note.tools {
                tools.entry(tool).or_default().push(at);
            }
        }
        tools
    }

    /// The entries for endpoints that a schema does not have; `has` tells whether it has one.
    pub fn stale_notes(&self, has: impl Fn(&EndpointAt) -> bool) -> Vec<Problem> {
        let message = "the schema has no such endpoint any more; remove this entry";
        let stale = self.notes.iter().filter(|(at, _)| !has(at));
        stale.map(|(at, note)| self.problem(note.line, at.to_string(), message.to_owned())).collect()
    }

    /// Applies the corrections to a published schema: the array of top nodes, each with `path`, `info`, `children`.
    ///
    /// `release` is what the schema was published for, such as `9.2` or `9.2.3`, where that is known. A correction
    /// that is for certain releases is applied to those; where the release is not known, it is applied if it fits.
    ///
    /// Gives an error for each correction that does not fit: its place is gone, or what stands there is not what it
    /// expects. The schema is corrected by all others.
    pub fn apply(&self, tree: &mut Value, release: Option<&str>) -> Vec<Problem> {
        let mut by_path: BTreeMap<&str, Vec<&Correction>> = BTreeMap::new();
        for correction in self.corrections.iter().filter(|c| c.is_for(release)) {
            by_path.entry(&correction.at.path).or_default().push(correction);
        }
        let mut problems = Vec::new();
        let mut report = |correction: &Correction, message: String| {
            if correction.must_fit(release) {
                problems.push(self.problem(correction.line, correction.to_string(), message));
            }
        };
        correct::visit(tree, &mut by_path, &mut report);
        for correction in by_path.into_values().flatten() {
            report(correction, "the schema has no such path any more; remove this correction".to_owned());
        }
        problems.sort();
        problems
    }

    fn problem(&self, line: Line, at: String, message: String) -> Problem {
        Problem { severity: Severity::Error, file: self.file.clone(), line: Some(line), at, message }
    }
}

/// Line and column, from 1, of a byte offset.
pub(crate) fn line_of(text: &str, offset: usize) -> Line {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
