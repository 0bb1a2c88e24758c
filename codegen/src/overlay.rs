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

use crate::model::Method;
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
    /// Whether the reply may hold text that the guest or a stranger controls.
    pub guest_text: bool,
}

/// The overlay, read and checked in itself.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    file: String,
    notes: BTreeMap<EndpointAt, Note>,
    corrections: Vec<Correction>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    endpoint: Vec<RawNote>,
    #[serde(default)]
    correction: Vec<correct::RawCorrection>,
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
        let RawNote { tools, sends, guest_text, .. } = raw;
        let note = Note { line, tools, sends, guest_text };
        self.notes.insert(at, note);
        Ok(())
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
            if release.is_some() || !correction.is_limited() {
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
