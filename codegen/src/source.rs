//! Where facts come from: `apidata/apidata.toml`, the committed snapshots, and files as a PVE host serves them.

mod index;
mod json;
mod snapshot;

pub use index::{FILE as INDEX_FILE, Index, SnapshotEntry, Typed, compare, is_release, set_default, upsert};
pub use snapshot::{Stripped, compact_json, strip, text_of_permissions, write};

use std::{fs, io::Read, path::Path};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::report::{Problem, Severity};

/// The largest file that is read, packed or unpacked. The published ones have 3 to 5 MB.
pub const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// The most that may stand in a file: each begins or follows something in the JSON. The published ones have some 60,000.
const MAX_PARTS: usize = 600_000;

/// A schema that was read: the array of top nodes.
#[derive(Clone, Debug)]
pub struct Source {
    /// How problems name the file.
    pub file: String,
    /// The array.
    pub tree: Value,
    /// SHA-256 of the file, unpacked, in hexadecimal: what `sha256sum apidoc.js` prints.
    pub sha256: String,
}

/// Reads a schema from a file: served `apidoc.js`, the bare array, or either gzipped.
///
/// # Errors
/// One problem that says what the file is instead and, where known, in which line.
pub fn read_file(path: &Path) -> Result<Source, Problem> {
    let name = path.display().to_string();
    let open = |e: std::io::Error| problem(&name, None, format!("cannot be read: {e}"));
    let file = fs::File::open(path).map_err(open)?;
    read(file, &name)
}

/// Reads a snapshot. It ends with a line break, without which it was cut short.
///
/// # Errors
/// As [`read_file`].
pub fn read_snapshot(path: &Path) -> Result<Source, Problem> {
    let name = path.display().to_string();
    let open = |e: std::io::Error| problem(&name, None, format!("cannot be read: {e}"));
    let bytes = bounded(fs::File::open(path).map_err(open)?, &name)?;
    let source = parse(&bytes, &name)?;
    match bytes.last() {
        Some(b'\n') => Ok(source),
        _ => {
            let text = String::from_utf8_lossy(&bytes);
            let at = last_path(&text).map_or(String::new(), |path| format!("after {path}"));
            let line = Some(position(&text, text.len()));
            let message = "the line break at the end is missing: the file was cut short, import it again".to_owned();
            Err(Problem { at, ..problem(&name, line, message) })
        }
    }
}

/// Reads a schema from a stream; `name` is how problems call it.
///
/// # Errors
/// As [`read_file`].
pub fn read(stream: impl Read, name: &str) -> Result<Source, Problem> {
    let bytes = bounded(stream, name)?;
    parse(&bytes, name)
}

/// Reads a schema from bytes; `name` is how problems call them.
///
/// # Errors
/// As [`read_file`].
pub fn parse(bytes: &[u8], name: &str) -> Result<Source, Problem> {
    let unpacked;
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        unpacked = unpack(bytes, name)?;
        &unpacked
    } else {
        bytes
    };
    let text = std::str::from_utf8(bytes)
        .map_err(|e| problem(name, None, format!("byte {} is not UTF-8: this is no apidoc.js", e.valid_up_to())))?;
    // Memory and time go by what stands in a file, not by its length.
    let parts = text.bytes().filter(|b| matches!(b, b',' | b'[' | b'{')).count();
    if parts > MAX_PARTS {
        let message = format!("holds {parts} parts, more than {MAX_PARTS}; a published apidoc.js has about 60000");
        return Err(problem(name, None, message));
    }
    let tree = array(text, name)?;
    Ok(Source { file: name.to_owned(), tree, sha256: sha256(bytes) })
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

fn bounded(stream: impl Read, name: &str) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let read = stream.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|e| problem(name, None, format!("cannot be read: {e}")))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_large(name));
    }
    Ok(bytes)
}

fn unpack(bytes: &[u8], name: &str) -> Result<Vec<u8>, Problem> {
    let mut unpacked = Vec::new();
    let read = flate2::read::GzDecoder::new(bytes).take(MAX_BYTES + 1).read_to_end(&mut unpacked);
    read.map_err(|e| {
        let message = format!(
            "the gzip data is cut short or damaged after {} unpacked bytes ({e}): copy the file again",
            unpacked.len()
        );
        problem(name, None, message)
    })?;
    if unpacked.len() as u64 > MAX_BYTES {
        return Err(too_large(name));
    }
    Ok(unpacked)
}

fn too_large(name: &str) -> Problem {
    let message = format!("is larger than {} MiB; a published apidoc.js has about 4", MAX_BYTES / 1024 / 1024);
    problem(name, None, message)
}

/// The first JSON value of the text; viewer code may follow it if a JavaScript wrapper stands in front.
fn array(text: &str, name: &str) -> Result<Value, Problem> {
    let start = start_of_array(text).map_err(|message| problem(name, None, message))?;
    let wrapped = !text[..start].trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').is_empty();
    let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<json::Json>();
    match values.next() {
        Some(Ok(json::Json(tree))) => {
            let rest = start + values.byte_offset();
            if !wrapped && !text[rest..].trim().is_empty() {
                let message = "the array ends here, but more text follows: this is no snapshot".to_owned();
                return Err(problem(name, Some(position(text, rest)), message));
            }
            Ok(tree)
        }
        Some(Err(e)) => Err(syntax(text, start, &e, name)),
        None => Err(problem(name, None, "the file is empty")),
    }
}

/// Where the array begins: at once, or behind `const apiSchema =` (PVE 7 and later) or `var pveapi =` (6.x).
fn start_of_array(text: &str) -> Result<usize, &'static str> {
    let body = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if body.is_empty() {
        return Err("the file is empty");
    }
    if body.starts_with('<') {
        return Err("this is HTML, not apidoc.js: a login or error page was saved instead");
    }
    let wrapped = ["const ", "let ", "var "].iter().any(|word| body.starts_with(word));
    let start = text.find('[').ok_or("there is no array in this file: it is no apidoc.js")?;
    let front = text[..start].trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if front.is_empty() || (wrapped && front.ends_with('=') && front.len() < 64 && !front.contains('{')) {
        return Ok(start);
    }
    Err("this is neither `const apiSchema = [` nor a JSON array: it is no /pve-docs/api-viewer/apidoc.js of a host")
}

/// Says where the JSON is wrong: line and column, and the endpoint before it.
fn syntax(text: &str, start: usize, e: &serde_json::Error, name: &str) -> Problem {
    let (first, column) = position(text, start);
    let line = first + e.line().saturating_sub(1);
    let column = if e.line() <= 1 { column + e.column() } else { e.column() };
    let offset = offset_of(text, line);
    let after = last_path(&text[..offset]).map_or(String::new(), |path| format!("after {path}"));
    let message = if e.is_eof() {
        "the file ends in the middle of the array: it was cut short, copy it again".to_owned()
    } else {
        let text = e.to_string();
        let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
        format!("this is no valid JSON: {what}")
    };
    Problem { severity: Severity::Error, file: name.to_owned(), line: Some((line, column)), at: after, message }
}

/// The last `"path": "…"` in the text.
fn last_path(text: &str) -> Option<&str> {
    text.rmatch_indices("\"path\"").find_map(|(at, key)| {
        let rest = text[at + key.len()..].trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        rest.split_once('"').map(|(path, _)| path).filter(|path| path.starts_with('/'))
    })
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset];
    let line = before.bytes().filter(|&b| b == b'\n').count() + 1;
    (line, before.len() - before.rfind('\n').map_or(0, |i| i + 1) + 1)
}

/// Byte offset of the end of this line, from 1.
fn offset_of(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line).map(str::len).sum()
}

fn problem(file: &str, line: Option<(usize, usize)>, message: impl Into<String>) -> Problem {
    Problem { severity: Severity::Error, file: file.to_owned(), line, at: String::new(), message: message.into() }
}
