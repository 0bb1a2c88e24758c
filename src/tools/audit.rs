//! The audit log: one JSON line for every call that changes something, allowed or denied.
//!
//! Each line carries the hash of the line before it and its own, so that a changed, inserted or missing line is found.
//! What a chain cannot tell is that its last lines were cut off: note the count and last hash that [`verify`] gives
//! elsewhere to find that too.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{
    args,
    catalog::ToolSpec,
    check,
    lang::{Catalogue, fill},
};

/// What the first line names as the hash of the line before it.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Longest line that is read back. A longer one would end the log for good; [`AuditLog::append`] writes none.
const LINE_MAX: u64 = 1 << 20;
/// Most characters of a text in a record; no argument that a tool takes is longer.
const TEXT_MAX: usize = 255;
/// Most arguments in a record; no tool has as many.
const ARGUMENTS_MAX: usize = 32;

/// One call as the log keeps it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Record {
    /// When the call came; the time of writing when left out.
    #[serde(skip)]
    pub at: Option<chrono::DateTime<chrono::Utc>>,
    /// The client's name and version, as it gave them.
    pub client: String,
    /// The session, or the process when the door has no sessions.
    pub session: String,
    /// Who called, when the door knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// The tool.
    pub tool: &'static str,
    /// The arguments as given, as far as the tool has them; confirmation codes are left out.
    pub arguments: Map<String, Value>,
    /// The guest, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest: Option<String>,
    /// `allowed` or `denied`.
    pub decision: &'static str,
    /// The rule that denied it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The outcome, or what failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// The PVE task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upid: Option<String>,
}

impl Record {
    /// The arguments of a call as a record keeps them: those that the tool has, each no longer than it can have meaning.
    pub(super) fn arguments(tool: &ToolSpec, given: &Map<String, Value>) -> Map<String, Value> {
        let kept = given.iter().filter(|(name, _)| *name != "confirm" && args::knows(tool, name));
        kept.map(|(name, value)| (name.clone(), shortened(value))).collect()
    }

    /// The record with nothing in it that has no bound.
    pub(super) fn bounded(mut self) -> Self {
        self.client = cut(self.client);
        self.session = cut(self.session);
        for text in [&mut self.principal, &mut self.guest, &mut self.rule, &mut self.outcome, &mut self.upid] {
            *text = text.take().map(cut);
        }
        let arguments = std::mem::take(&mut self.arguments).into_iter().take(ARGUMENTS_MAX);
        self.arguments = arguments.map(|(name, value)| (cut(name), shortened(&value))).collect();
        self
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(TEXT_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// A value that no argument can have is told by its beginning.
fn shortened(value: &Value) -> Value {
    match value {
        Value::Array(_) | Value::Object(_) => check::short(value).into(),
        Value::String(text) => cut(text.clone()).into(),
        other => other.clone(),
    }
}

/// Why the log cannot be written or is not whole.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The file cannot be opened, read or written.
    #[error("audit log {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The last line was not written to its end, or is not one of ours.
    #[error(
        "the last line of the audit log {} cannot be continued ({why}): look at it with `proxmox-mcp audit verify`, \
         then move the file away",
        path.display()
    )]
    Torn {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A line breaks the chain.
    #[error("audit log {}, line {line}: {why}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
}

impl AuditError {
    /// The error in the language of `texts`; what the system said is quoted.
    pub(super) fn say(&self, texts: &Catalogue) -> String {
        let (Self::Io { path, .. } | Self::Torn { path, .. } | Self::Broken { path, .. }) = self;
        let (template, line, why) = match self {
            Self::Io { source, .. } => (texts.audit_io, String::new(), source.to_string()),
            Self::Torn { why, .. } => (texts.audit_torn, String::new(), (*why).to_owned()),
            Self::Broken { line, why, .. } => (texts.audit_broken, line.to_string(), why.clone()),
        };
        fill(template, &[("path", &path.display().to_string()), ("line", &line), ("why", &why)])
    }
}

/// A log that is open for appending. Several processes may share one file: each append holds the file's lock and
/// continues from the line that is the last one then.
#[derive(Debug)]
pub struct AuditLog {
    path: PathBuf,
    file: Mutex<File>,
}

impl AuditLog {
    /// Opens the file append-only, creating it readable by its owner alone.
    ///
    /// # Errors
    /// When it cannot be opened, or its last line is not one that can be continued.
    pub fn open(path: &Path) -> Result<Self, AuditError> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let io = |source| AuditError::Io { path: path.to_owned(), source };
        let mut file = options.open(path).map_err(io)?;
        last(path, &mut file)?;
        Ok(Self { path: path.to_owned(), file: Mutex::new(file) })
    }

    /// Appends one record. One that is too long for a line is cut to what the log can be continued from.
    ///
    /// # Errors
    /// When it cannot be written, or the file's last line cannot be continued.
    pub fn append(&self, record: &Record) -> Result<(), AuditError> {
        let io = |source| AuditError::Io { path: self.path.clone(), source };
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        file.lock().map_err(io)?;
        let done = last(&self.path, &mut file).and_then(|(seq, prev)| {
            let time = record.at.unwrap_or_else(chrono::Utc::now).to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            let made = |record| line(seq + 1, &time, record, &prev).map_err(|e| io(e.into()));
            let mut line = made(record)?;
            if line.len() as u64 >= LINE_MAX {
                line = made(&record.clone().bounded())?;
            }
            file.write_all(line.as_bytes()).and_then(|()| file.flush()).map_err(io)
        });
        let unlocked = file.unlock().map_err(io);
        done.and(unlocked)
    }
}

/// The line of a record, with its newline.
fn line(seq: u64, time: &str, record: &Record, prev: &str) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Line<'a> {
        seq: u64,
        time: &'a str,
        #[serde(flatten)]
        record: &'a Record,
        prev: &'a str,
    }
    let body = serde_json::to_string(&Line { seq, time, record, prev })?;
    let hash = digest(&body);
    let open = body.strip_suffix('}').unwrap_or(&body);
    Ok(format!("{open},\"hash\":\"{hash}\"}}\n"))
}

fn digest(text: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The end of a chain.
#[derive(Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many lines the file has.
    pub lines: u64,
    /// The hash of the last one.
    pub hash: String,
}

/// Checks every line of a log.
///
/// # Errors
/// [`AuditError::Broken`] names the first line that was changed, or before which one is missing.
pub fn verify(path: &Path) -> Result<Verified, AuditError> {
    let io = |source| AuditError::Io { path: path.to_owned(), source };
    let mut reader = BufReader::new(File::open(path).map_err(io)?);
    let mut end = Verified { lines: 0, hash: GENESIS.to_owned() };
    let mut text = Vec::new();
    loop {
        text.clear();
        if reader.by_ref().take(LINE_MAX).read_until(b'\n', &mut text).map_err(io)? == 0 {
            return Ok(end);
        }
        let broken = |why: String| AuditError::Broken { path: path.to_owned(), line: end.lines + 1, why };
        let checked = check(&text).map_err(|why| broken(why.to_owned()))?;
        if checked.seq != end.lines + 1 {
            return Err(broken(format!("it is numbered {}; a line before it is missing or was added", checked.seq)));
        }
        if checked.prev != end.hash {
            return Err(broken("it does not continue the line before it; that one was replaced".to_owned()));
        }
        end = Verified { lines: checked.seq, hash: checked.hash };
    }
}

/// What links a line to its neighbours.
struct Link {
    seq: u64,
    prev: String,
    hash: String,
}

/// Reads one line and checks it against its own hash.
fn check(line: &[u8]) -> Result<Link, &'static str> {
    #[derive(Deserialize)]
    struct Read {
        seq: u64,
        prev: String,
    }
    let text = std::str::from_utf8(line).map_err(|_| "it is not text")?;
    let text = text.strip_suffix('\n').ok_or("it is incomplete")?;
    let (body, tail) = text.rsplit_once(",\"hash\":\"").ok_or("it carries no hash")?;
    let hash = tail.strip_suffix("\"}").ok_or("it carries no hash")?;
    let body = format!("{body}}}");
    if digest(&body) != hash {
        return Err("it was changed: its hash does not match");
    }
    let read: Read = serde_json::from_str(&body).map_err(|_| "it is not a record")?;
    Ok(Link { seq: read.seq, prev: read.prev, hash: hash.to_owned() })
}

/// Number and hash of the last line of a file.
fn last(path: &Path, file: &mut File) -> Result<(u64, String), AuditError> {
    let io = |source| AuditError::Io { path: path.to_owned(), source };
    let length = file.seek(SeekFrom::End(0)).map_err(io)?;
    if length == 0 {
        return Ok((0, GENESIS.to_owned()));
    }
    file.seek(SeekFrom::Start(length.saturating_sub(LINE_MAX))).map_err(io)?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).map_err(io)?;
    let inner = tail.strip_suffix(b"\n").unwrap_or(&tail);
    let from = inner.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let link = check(&tail[from..]).map_err(|why| AuditError::Torn { path: path.to_owned(), why })?;
    Ok((link.seq, link.hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(tool: &'static str) -> Record {
        Record { client: "test 1".into(), tool, decision: "allowed", outcome: Some("done".into()), ..Record::default() }
    }

    fn three() -> (tempfile::TempDir, PathBuf, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("audit.jsonl");
        for tool in ["startVM", "stopVM", "deleteVM"] {
            // Reopened for each line: the chain goes on over a restart.
            AuditLog::open(&path).unwrap().append(&record(tool)).unwrap();
        }
        let lines = std::fs::read_to_string(&path).unwrap().lines().map(|l| format!("{l}\n")).collect();
        (dir, path, lines)
    }

    fn failing_line(path: &Path, text: &str) -> u64 {
        std::fs::write(path, text).unwrap();
        match verify(path) {
            Err(AuditError::Broken { line, .. }) => line,
            other => panic!("expected a broken line, got {other:?}"),
        }
    }

    #[test]
    fn a_whole_log_verifies() {
        let (_dir, path, lines) = three();
        let end = verify(&path).unwrap();
        assert_eq!(end.lines, 3);
        assert!(lines[2].contains(&end.hash));
        let first: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(first["tool"], "startVM");
        assert_eq!(first["seq"], 1);
    }

    #[test]
    fn changes_are_found_where_they_are() {
        let (_dir, path, l) = three();
        assert_eq!(failing_line(&path, &l.concat().replacen("stopVM", "listVM", 1)), 2);
        assert_eq!(failing_line(&path, &(l[0].clone() + &l[2])), 2, "a missing line");
        assert_eq!(failing_line(&path, &(l[1].clone() + &l[2])), 1, "a missing first line");
        assert_eq!(failing_line(&path, &(l[0].clone() + &l[0] + &l[1])), 2, "a repeated line");
        assert_eq!(failing_line(&path, &(l[0].clone() + &l[1] + &l[2][..40])), 3, "a torn line");
    }

    #[test]
    fn a_recomputed_line_breaks_the_next() {
        let (_dir, path, l) = three();
        let forged = line(
            2,
            "2026-01-01T00:00:00Z",
            &record("listVMs"),
            serde_json::from_str::<Value>(&l[1]).unwrap()["prev"].as_str().unwrap(),
        )
        .unwrap();
        assert_eq!(failing_line(&path, &(l[0].clone() + &forged + &l[2])), 3);
    }

    #[test]
    fn a_torn_file_is_not_continued() {
        let (_dir, path, l) = three();
        std::fs::write(&path, &l[0][..50]).unwrap();
        assert!(AuditLog::open(&path).unwrap_err().to_string().contains("cannot be continued"));
    }

    #[test]
    fn no_record_ends_the_log() {
        let (_dir, path, _) = three();
        let log = AuditLog::open(&path).unwrap();
        let long = "é".repeat(1 << 20);
        let many = (0..2_000).map(|n| (format!("{n}{long:.300}"), Value::from(n)));
        let texts = [("vmid".to_owned(), long.as_str().into()), (long.clone(), vec![1e9; 1 << 17].into())];
        for arguments in [Map::from_iter(texts), many.collect()] {
            let rule = Some(long.clone());
            log.append(&Record { client: long.clone(), arguments, rule, ..record("startVM") }).unwrap();
            AuditLog::open(&path).unwrap().append(&record("stopVM")).unwrap();
        }
        assert_eq!(verify(&path).unwrap().lines, 7);
    }

    #[test]
    fn a_record_keeps_the_arguments_that_the_tool_has() {
        let tool = crate::tools::catalog::by_name("deleteVM").unwrap();
        let given = serde_json::json!({
            "vmid": vec![1e9; 50], "name": "n".repeat(300), "node": "pve1", "purge": true, "confirm": "c", "x": 1,
        });
        let kept = Record::arguments(tool, given.as_object().unwrap());
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["name", "node", "purge", "vmid"]);
        assert_eq!((&kept["node"], &kept["purge"]), (&"pve1".into(), &true.into()));
        assert_eq!(kept["name"].as_str().unwrap().chars().count(), 256);
        assert_eq!(kept["vmid"].as_str().unwrap().chars().count(), 41);
    }

    #[test]
    fn two_writers_share_one_chain() {
        let (_dir, path, _) = three();
        let (a, b) = (AuditLog::open(&path).unwrap(), AuditLog::open(&path).unwrap());
        for log in [&a, &b, &a] {
            log.append(&record("startVM")).unwrap();
        }
        assert_eq!(verify(&path).unwrap().lines, 6);
    }
}
