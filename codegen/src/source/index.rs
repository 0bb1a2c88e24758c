//! `apidata/apidata.toml`: the snapshots, which of them is the default, and what has types of its own.

use std::{cmp::Ordering, collections::BTreeSet, fs, path::Path};

use serde::Deserialize;

use super::problem;
use crate::{
    model::Method,
    report::{Problem, Report},
};

/// The file's name within `apidata/`.
pub const FILE: &str = "apidata.toml";

/// What `apidata.toml` says, checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The release that is built when nobody chooses another one, and that hand-written code is written against.
    pub default: String,
    /// The release whose types hand-written code is written for; the default one unless it says another.
    #[serde(default)]
    pub written: Option<String>,
    /// The committed snapshots, oldest first.
    #[serde(default, rename = "snapshot")]
    pub snapshots: Vec<SnapshotEntry>,
    /// What has types of its own.
    #[serde(default)]
    pub typed: Vec<Typed>,
}

/// One committed snapshot.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotEntry {
    /// Release, such as `9.2`.
    pub release: String,
    /// File beside `apidata.toml`.
    pub file: String,
    /// SHA-256 of the published file it was made from, unpacked.
    pub sha256: String,
    /// Day of the import, `YYYY-MM-DD`.
    pub date: String,
    /// Methods in the whole tree: a snapshot that has another number is not the one that was imported.
    #[serde(default)]
    pub methods: Option<usize>,
    /// Those of them below the paths of virtual machines and containers.
    #[serde(default)]
    pub guests: Option<usize>,
}

/// One part of the API that has types of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    /// A path with all below it, `/` for all there is, or `METHOD /path` for one endpoint.
    pub at: String,
    /// Why.
    pub why: String,
}

impl Typed {
    /// Whether this endpoint is meant.
    pub fn holds(&self, method: Method, path: &str) -> bool {
        match self.at.split_once(' ') {
            Some((verb, exact)) => verb == method.as_str() && exact == path,
            None if self.at == "/" => true,
            None => path.strip_prefix(self.at.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        }
    }
}

impl Index {
    /// Reads and checks `apidata.toml` in `dir`.
    ///
    /// # Errors
    /// One problem for a file that cannot be read; a problem for each entry that is wrong.
    pub fn read(dir: &Path, report: &mut Report) -> Option<Self> {
        let path = dir.join(FILE);
        let name = path.display().to_string();
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, &name, report),
            Err(e) => {
                report.add(problem(&name, None, format!("cannot be read: {e}")));
                None
            }
        }
    }

    /// Reads and checks the text of an `apidata.toml`; `name` is how problems call it.
    pub fn parse(text: &str, name: &str, report: &mut Report) -> Option<Self> {
        let mut index: Self = match toml::from_str(text) {
            Ok(index) => index,
            Err(e) => {
                let line = e.span().map(|span| super::position(text, span.start));
                report.add(problem(name, line, e.message()));
                return None;
            }
        };
        index.snapshots.sort_by(|a, b| compare(&a.release, &b.release));
        let mut complaints = Vec::new();
        index.complain(|message| complaints.push(problem(name, None, message)));
        let sound = complaints.is_empty();
        complaints.into_iter().for_each(|c| report.add(c));
        sound.then_some(index)
    }

    fn complain(&self, mut complain: impl FnMut(String)) {
        let mut seen = BTreeSet::new();
        for SnapshotEntry { release, file, .. } in &self.snapshots {
            if !is_release(release) {
                complain(format!("release `{release}` must be two numbers with a point between, such as 9.2"));
            }
            if !seen.insert(release) {
                complain(format!("release {release} has two snapshots"));
            }
            if Path::new(file).file_name().is_none_or(|name| name != file.as_str()) {
                complain(format!("`{file}` must be a plain file name beside {FILE}"));
            }
        }
        if !self.snapshots.is_empty() && self.snapshot(&self.default).is_none() {
            complain(format!("the default release {} has no snapshot", self.default));
        }
        if let Some(written) = self.written.as_deref().filter(|release| self.snapshot(release).is_none()) {
            complain(format!("code is written for release {written}, of which there is no snapshot"));
        }
        for Typed { at, why } in &self.typed {
            let path = at.split_once(' ').map_or(Some(at.as_str()), |(verb, path)| Method::parse(verb).map(|_| path));
            if !path.is_some_and(|path| path.starts_with('/')) {
                complain(format!("typed `{at}` must be a path or a method and a path"));
            }
            if why.trim().is_empty() {
                complain(format!("typed `{at}` must say why"));
            }
        }
    }

    /// The release whose types hand-written code is written for.
    pub fn written(&self) -> &str {
        self.written.as_deref().unwrap_or(&self.default)
    }

    /// The committed snapshot of this release.
    pub fn snapshot(&self, release: &str) -> Option<&SnapshotEntry> {
        self.snapshots.iter().find(|s| s.release == release)
    }

    /// Whether this endpoint has types of its own.
    pub fn is_typed(&self, method: Method, path: &str) -> bool {
        self.typed.iter().any(|part| part.holds(method, path))
    }
}

/// Whether this names a release: two numbers with a point between, as Proxmox writes them, so that one release has one
/// name: no sign and no zero in front.
pub fn is_release(release: &str) -> bool {
    numbers(release).is_some()
}

fn numbers(release: &str) -> Option<(u32, u32)> {
    let number = |text: &str| {
        let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
        text.parse().ok().filter(|_| plain)
    };
    let (major, minor) = release.split_once('.')?;
    Some((number(major)?, number(minor)?))
}

/// Older releases first, by number.
pub fn compare(a: &str, b: &str) -> Ordering {
    numbers(a).cmp(&numbers(b)).then_with(|| a.cmp(b))
}

/// The text of an `apidata.toml` with this snapshot put in, in place of an older one of the same release or at the
/// end. Everything else, comments too, stays as it is.
///
/// # Errors
/// A problem when the result could not be read back, which means that the file was wrong before.
pub fn upsert(text: &str, entry: &SnapshotEntry, name: &str) -> Result<String, Problem> {
    let mut block = format!(
        "[[snapshot]]\nrelease = \"{}\"\nfile = \"{}\"\nsha256 = \"{}\"\ndate = \"{}\"\n",
        entry.release, entry.file, entry.sha256, entry.date
    );
    for (key, count) in [("methods", entry.methods), ("guests", entry.guests)] {
        block.extend(count.map(|count| format!("{key} = {count}\n")));
    }
    let mut out = String::new();
    let mut placed = false;
    for part in blocks(text) {
        if part.starts_with("[[snapshot]]") && release_of(part) == Some(&entry.release) {
            out.push_str(&block);
            out.push_str(&part[part.trim_end().len()..].replacen('\n', "", 1));
            placed = true;
        } else {
            out.push_str(part);
        }
    }
    if !placed {
        out.truncate(out.trim_end().len());
        out.push_str("\n\n");
        out.push_str(&block);
    }
    checked(out, name)
}

/// The text of an `apidata.toml` with another default release. Everything else, comments too, stays as it is; which release
/// the code is written for does too, and is written down where it was the default without saying so.
///
/// # Errors
/// A problem when there is no snapshot of that release, or no line with the default.
pub fn set_default(text: &str, release: &str, name: &str) -> Result<String, Problem> {
    let before = Index::parse(text, name, &mut Report::default());
    let written = match &before {
        Some(index) if index.written.is_none() && index.default != release => {
            format!("written = \"{}\"\n", index.default)
        }
        _ => String::new(),
    };
    let mut found = false;
    let lines = text.split_inclusive('\n').map(|line| {
        let value = line.strip_prefix("default").and_then(|rest| rest.trim_start().strip_prefix('='));
        match value {
            Some(_) if !std::mem::replace(&mut found, true) => format!("default = \"{release}\"\n{written}"),
            _ => line.to_owned(),
        }
    });
    checked(lines.collect(), name)
}

/// A text that can be read back.
fn checked(text: String, name: &str) -> Result<String, Problem> {
    let mut report = Report::default();
    match Index::parse(&text, name, &mut report) {
        Some(_) => Ok(text),
        None => {
            Err(report.problems().next().cloned().unwrap_or_else(|| problem(name, None, "the entry does not fit in")))
        }
    }
}

/// The text cut before each line that begins a table.
fn blocks(text: &str) -> Vec<&str> {
    let mut cuts: Vec<usize> = text.match_indices("\n[").map(|(i, _)| i + 1).collect();
    cuts.push(text.len());
    let mut from = 0;
    cuts.into_iter().map(|to| &text[std::mem::replace(&mut from, to)..to]).collect()
}

fn release_of(block: &str) -> Option<&str> {
    let line = block.lines().find_map(|l| l.trim().strip_prefix("release"))?;
    line.trim_start().strip_prefix('=')?.trim().strip_prefix('"')?.split('"').next()
}
