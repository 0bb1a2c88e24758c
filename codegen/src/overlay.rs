//! What we know beyond the published schema: `apidata/overlay.toml`.
//!
//! The file holds a summary, a risk class and the tools that use it for each endpoint, and corrections of the schema
//! where replies are known to differ from it. Corrections are applied to the published JSON before anything else reads
//! it, so that bindings, tool schemas, surface and diff all see the same corrected schema.
//!
//! An entry that no longer fits is never skipped in silence: parsing and applying give the line of each entry that
//! does not fit, all at once.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

mod correct;

pub use correct::Correction;

/// The verbs of the PVE API.
const VERBS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];

/// Where an endpoint is: path first, so that a sorted list reads like the API tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndpointAt {
    /// Path template, for example `/nodes/{node}/qemu`.
    pub path: String,
    /// HTTP verb.
    pub method: String,
}

impl EndpointAt {
    /// Reads `METHOD /path`; `None` when the text is not of that form.
    pub fn parse(text: &str) -> Option<Self> {
        let (method, path) = text.split_once(' ')?;
        let fits = VERBS.contains(&method) && path.starts_with('/') && !path.contains(char::is_whitespace);
        fits.then(|| Self { path: path.to_owned(), method: method.to_owned() })
    }
}

impl fmt::Display for EndpointAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// The worst that one call of an endpoint can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Changes nothing.
    Read,
    /// Changes whether or how a guest runs.
    Power,
    /// Changes something that another call of the API can set right.
    Change,
    /// Does something that no other call can undo.
    Destroy,
}

impl Risk {
    /// The word used in the overlay and in all output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Power => "power",
            Self::Change => "change",
            Self::Destroy => "destroy",
        }
    }

    /// What must be assumed of an endpoint that the overlay does not describe: a `GET` reads, anything else may
    /// destroy.
    pub fn assumed(method: &str) -> Self {
        if method == "GET" { Self::Read } else { Self::Destroy }
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the overlay says of one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Line of the entry in the file, from 1.
    pub line: usize,
    /// One line in our words.
    pub summary: String,
    /// Risk class.
    pub risk: Risk,
    /// Names of the MCP tools that call the endpoint.
    pub tools: Vec<String>,
    /// Whether the reply may hold text that the guest or a stranger controls.
    pub guest_text: bool,
}

/// An entry that does not fit, or a file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Misfit {
    /// File, as it was named to [`Overlay::parse`].
    pub file: String,
    /// Line of the entry, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
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
    summary: String,
    risk: Risk,
    #[serde(default)]
    tools: Vec<String>,
    #[serde(default)]
    guest_text: bool,
}

impl Overlay {
    /// Reads the overlay from `text`; `file` is how problems name it.
    ///
    /// # Errors
    /// Every entry that is wrong in itself: an `at` of another form, a second entry for one endpoint, a summary that
    /// is empty or longer than one line; or the one place where the text is not TOML of the expected shape.
    pub fn parse(text: &str, file: &str) -> Result<Self, Vec<Misfit>> {
        let misfit = |line, message| Misfit { file: file.to_owned(), line, message };
        let raw: RawFile = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(1, |span| line_of(text, span.start));
            vec![misfit(line, e.message().to_owned())]
        })?;
        let mut overlay = Self { file: file.to_owned(), ..Self::default() };
        let mut misfits = Vec::new();
        for note in raw.endpoint {
            let line = line_of(text, note.at.span().start);
            if let Err(message) = overlay.add_note(line, note) {
                misfits.push(misfit(line, message));
            }
        }
        for correction in raw.correction {
            let line = line_of(text, correction.at.span().start);
            match Correction::from_raw(line, correction) {
                Ok(correction) => overlay.corrections.push(correction),
                Err(message) => misfits.push(misfit(line, message)),
            }
        }
        if misfits.is_empty() { Ok(overlay) } else { Err(misfits) }
    }

    fn add_note(&mut self, line: usize, raw: RawNote) -> Result<(), String> {
        let text = raw.at.into_inner();
        let at = EndpointAt::parse(&text)
            .ok_or_else(|| format!("`at = \"{text}\"` must be a verb and a path, such as \"GET /version\""))?;
        if raw.summary.trim().is_empty() || raw.summary.contains('\n') {
            return Err(format!("{at}: the summary must be one line of text"));
        }
        if let Some(first) = self.notes.get(&at) {
            return Err(format!("{at}: described a second time; the first is in line {}", first.line));
        }
        let note = Note { line, summary: raw.summary, risk: raw.risk, tools: raw.tools, guest_text: raw.guest_text };
        self.notes.insert(at, note);
        Ok(())
    }

    /// What the overlay says of this endpoint.
    pub fn note(&self, method: &str, path: &str) -> Option<&Note> {
        self.notes.get(&EndpointAt { path: path.to_owned(), method: method.to_owned() })
    }

    /// All endpoints that the overlay describes, by path and then verb.
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
    pub fn stale_notes(&self, has: impl Fn(&EndpointAt) -> bool) -> Vec<Misfit> {
        let stale = self.notes.iter().filter(|(at, _)| !has(at));
        stale
            .map(|(at, note)| {
                self.misfit(note.line, format!("{at}: the schema has no such endpoint any more; remove this entry"))
            })
            .collect()
    }

    /// Applies the corrections to a published schema: the array of top nodes, each with `path`, `info`, `children`.
    ///
    /// `release` is what the schema was published for, such as `9.2` or `9.2.3`, where that is known. A correction
    /// that is for certain releases is applied to those; where the release is not known, it is applied if it fits.
    ///
    /// Gives the corrections that do not fit: their place is gone, or what stands there is not what they expect. The
    /// schema is corrected by all others.
    pub fn apply(&self, tree: &mut Value, release: Option<&str>) -> Vec<Misfit> {
        let mut by_path: BTreeMap<&str, Vec<&Correction>> = BTreeMap::new();
        for correction in self.corrections.iter().filter(|c| c.is_for(release)) {
            by_path.entry(&correction.at.path).or_default().push(correction);
        }
        let mut misfits = Vec::new();
        let mut report = |correction: &Correction, message: String| {
            if release.is_some() || !correction.is_limited() {
                let message = format!("{} {}: {message}", correction.at, correction.place());
                misfits.push(self.misfit(correction.line, message));
            }
        };
        correct::visit(tree, &mut by_path, &mut report);
        for correction in by_path.into_values().flatten() {
            report(correction, "the schema has no such path any more; remove this correction".to_owned());
        }
        misfits.sort();
        misfits
    }

    fn misfit(&self, line: usize, message: String) -> Misfit {
        Misfit { file: self.file.clone(), line, message }
    }
}

/// Line number, from 1, of a byte offset.
fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&b| b == b'\n').count() + 1
}
