//! Whether a log is whole: every line against its hash, its number and the line before it, over all files of a chain.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
    thread,
    time::Instant,
};

use super::{
    AuditError,
    chain::{self, Chain, LINE_MAX, Parsed, Place, Seal},
    log::{LOCK_EVERY, LOCK_MAX},
};

/// What a check has found out of a log that is whole.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// The number of the last line, counted from the beginning of the chain.
    pub lines: u64,
    /// The hash of the last line.
    pub hash: String,
    /// Where the first file begins later than the chain: number and hash of the line that it continues.
    pub continues: Option<(u64, String)>,
    /// The first line that takes the key to forge; none of a log without a key.
    pub keyed_from: Option<u64>,
    /// The calls that were about to be sent and of which nothing more is recorded.
    pub open: Vec<Intent>,
}

/// A call of which the log has the intent and no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The line of the intent.
    pub line: u64,
    /// When the call came.
    pub time: String,
    /// The tool.
    pub tool: String,
    /// The guest.
    pub guest: Option<String>,
}

/// A line that was noted elsewhere, as `COUNT:HASH`: what the log had to be found to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// Its number.
    pub line: u64,
    /// Its hash.
    pub hash: String,
}

/// A text that is no noted line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not COUNT:HASH, the number of a line and its hash of 64 hexadecimal digits, as `audit verify` prints them"
)]
pub struct NotedError(String);

impl std::str::FromStr for Noted {
    type Err = NotedError;

    fn from_str(s: &str) -> Result<Self, NotedError> {
        let bad = || NotedError(s.chars().take(100).collect());
        let (line, hash) = s.trim().split_once(':').ok_or_else(bad)?;
        let line = line.parse().ok().filter(|line| *line > 0).ok_or_else(bad)?;
        let hash = hash.to_ascii_lowercase();
        let is_hash = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        if is_hash { Ok(Self { line, hash }) } else { Err(bad()) }
    }
}

/// Checks every line of a log: of one file, or of several of one chain, the oldest first.
///
/// # Errors
/// [`AuditError::Broken`] names the first line that was changed, or before which one is missing; the others say what
/// keeps the log from being checked, or what was noted and is not there.
pub fn verify(files: &[PathBuf], seal: &Seal, noted: Option<&Noted>) -> Result<Verified, AuditError> {
    let mut walk =
        Walk { seal, noted, end: Place::genesis(), chain: None, found: Verified::default(), open: BTreeMap::new() };
    for (number, path) in files.iter().enumerate() {
        walk.file(path, number == 0)?;
    }
    let Walk { end, mut found, open, .. } = walk;
    if let Some(noted) = noted {
        let last = files.last().cloned().unwrap_or_default();
        if noted.line > end.seq {
            return Err(AuditError::Short { path: last, line: noted.line, lines: end.seq });
        }
        let first = found.continues.as_ref().map_or(0, |(line, _)| *line);
        if noted.line < first {
            return Err(AuditError::Earlier {
                path: files.first().cloned().unwrap_or_default(),
                line: noted.line,
                first,
            });
        }
    }
    found.open = open.into_values().collect();
    found.open.sort_by_key(|intent| intent.line);
    (found.lines, found.hash) = (end.seq, end.hash);
    Ok(found)
}

/// The length of a file at a moment at which no line is being written to it.
fn whole(file: &File) -> io::Result<u64> {
    let until = Instant::now() + LOCK_MAX;
    // A file system without locks, or one that is held for long, is read as it is.
    while file.try_lock_shared().is_err() && Instant::now() < until {
        thread::sleep(LOCK_EVERY);
    }
    let length = file.metadata().map(|there| there.len());
    // It may not have been got.
    let _ = file.unlock();
    length
}

/// One walk along a chain.
struct Walk<'a> {
    seal: &'a Seal,
    noted: Option<&'a Noted>,
    end: Place,
    /// How the lines are hashed from here on; nothing before the first line.
    chain: Option<Chain>,
    found: Verified,
    open: BTreeMap<String, Intent>,
}

impl Walk<'_> {
    /// Checks one file.
    fn file(&mut self, path: &Path, first: bool) -> Result<(), AuditError> {
        let io = |source| AuditError::Io { path: path.to_owned(), source };
        if std::fs::metadata(path).map_err(io)?.is_file() {
            let file = File::open(path).map_err(io)?;
            let length = whole(&file).map_err(io)?;
            let mut reader = BufReader::new(file.take(length));
            let (mut text, mut number) = (Vec::new(), 0);
            loop {
                text.clear();
                if reader.by_ref().take(LINE_MAX).read_until(b'\n', &mut text).map_err(io)? == 0 {
                    return if number > 0 { Ok(()) } else { Err(AuditError::Empty { path: path.to_owned() }) };
                }
                number += 1;
                let broken = |why| AuditError::Broken { path: path.to_owned(), line: number, why };
                let line = chain::parse(&text).map_err(|why| broken(why.to_owned()))?;
                if first && number == 1 {
                    self.begin(&line);
                }
                self.line(path, &line)?.map_err(broken)?;
            }
        }
        Err(AuditError::NoFile { path: path.to_owned() })
    }

    /// A chain whose first line is numbered later has begun in an earlier file.
    fn begin(&mut self, line: &Parsed) {
        if line.read.format.is_some() && line.read.seq > 1 {
            self.end = Place { seq: line.read.seq - 1, hash: line.read.prev.clone() };
            self.found.continues = Some((self.end.seq, self.end.hash.clone()));
        }
    }

    /// Checks one line; what is wrong with it is the inner error.
    fn line(&mut self, path: &Path, line: &Parsed) -> Result<Result<(), String>, AuditError> {
        let read = &line.read;
        if let Some(format) = read.format {
            if format != chain::FORMAT {
                return Err(AuditError::Format { path: path.to_owned(), format });
            }
            let chain = read.chain.unwrap_or(Chain::Plain);
            if self.chain == Some(Chain::Keyed) && chain == Chain::Plain {
                return Ok(Err("from here on the lines are not sealed with the key of those before".to_owned()));
            }
            if chain == Chain::Keyed && read.key != self.seal.key_id() {
                let key = read.key.clone().unwrap_or_default();
                return Err(AuditError::Key { path: path.to_owned(), key, given: self.seal.key_id().is_some() });
            }
            self.chain = Some(chain);
        }
        let chain = *self.chain.get_or_insert(Chain::Plain);
        if !line.holds(self.seal, chain) {
            return Ok(Err("it was changed: its hash does not match".to_owned()));
        }
        if read.seq != self.end.seq + 1 {
            return Ok(Err(format!("it is numbered {}; a line before it is missing or was added", read.seq)));
        }
        if read.prev != self.end.hash {
            return Ok(Err("it does not continue the line before it; that one was replaced".to_owned()));
        }
        // A file that begins later continues a line that may be the one that was noted.
        for place in [&self.end, &line.place()] {
            if self.noted.is_some_and(|noted| noted.line == place.seq && noted.hash != place.hash) {
                return Ok(Err(format!("the hash of line {} is not the one that was noted", place.seq)));
            }
        }
        if chain == Chain::Keyed {
            self.found.keyed_from.get_or_insert(read.seq);
        }
        self.call(line);
        self.end = line.place();
        Ok(Ok(()))
    }

    fn call(&mut self, line: &Parsed) {
        let read = &line.read;
        match read.phase.as_deref() {
            Some("intent") => {
                let (time, tool, guest) = (read.time.clone(), read.tool.clone(), read.guest.clone());
                self.open.insert(read.call.clone(), Intent { line: read.seq, time, tool, guest });
            }
            Some(_) => drop(self.open.remove(&read.call)),
            None => {}
        }
    }
}
