//! The file: opened once, compared with what lies at its path before each line, locked for each line, synced after it.

use std::{
    fs::{File, Metadata, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use super::{
    AuditError, Record,
    chain::{self, Chain, LINE_MAX, Place, Seal},
};

/// How long another process may hold the file's lock. A line takes a few milliseconds.
pub(super) const LOCK_MAX: Duration = Duration::from_secs(2);
/// How often a lock that is held elsewhere is tried.
pub(super) const LOCK_EVERY: Duration = Duration::from_millis(10);

/// A log that is open for appending. Several processes may share one file: each append holds the file's lock and
/// continues from the line that is the last one then.
#[derive(Debug)]
pub struct AuditLog {
    path: PathBuf,
    seal: Seal,
    file: File,
    known: Known,
    /// Whether a write has failed and what it left could not be taken back.
    litter: bool,
    /// How long its lock is waited for: once so long, then not at all until it was free again. Many calls may wait.
    patience: Duration,
}

/// How far the chain has got, as this process has seen it last.
#[derive(Clone, Debug)]
struct Known {
    /// Where the line ends in the file.
    end: u64,
    place: Place,
    /// Whether it is in the format of this version and sealed with this server's seal.
    headed: bool,
}

impl AuditLog {
    /// Opens the file append-only, creating it readable by its owner alone. A new one is given its head, so that one that
    /// is empty later was emptied.
    ///
    /// # Errors
    /// When it cannot be opened, is no regular file, is locked, or its last line is not one that can be continued.
    pub fn open(path: &Path, seal: Seal) -> Result<Self, AuditError> {
        let file = opened(path)?;
        let known = Known { end: 0, place: Place::genesis(), headed: false };
        let mut log = Self { path: path.to_owned(), seal, file, known, litter: false, patience: LOCK_MAX };
        log.held(|log| {
            log.known = last(&log.path, &mut &log.file, &log.seal)?;
            // On a full disk reading goes on; changes find out by themselves.
            if log.known.end == 0
                && let Err(error) = log.write(None)
            {
                tracing::warn!(%error, "nothing can be changed until the audit log can be written");
            }
            Ok(())
        })?;
        Ok(log)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a line could be added: the file is the one that was opened, and holds what was written to it.
    ///
    /// # Errors
    /// Why it could not.
    pub fn check(&mut self) -> Result<(), AuditError> {
        self.held(Self::refresh)
    }

    /// Appends one record and has it written to the disk. What a failed write leaves behind is taken back.
    ///
    /// # Errors
    /// When it cannot be written, or the file is no longer what it was.
    pub fn append(&mut self, record: &Record) -> Result<(), AuditError> {
        self.held(|log| log.refresh().and_then(|()| log.write(Some(record))))
    }

    /// Goes on in the file that lies at the path now, with the chain of the one that was written so far: where that was
    /// moved away, removed or cut to nothing, the new one begins with a head that continues it.
    ///
    /// # Errors
    /// When something else lies there, or it cannot be written.
    pub fn reopen(&mut self) -> Result<(), AuditError> {
        let path = self.path.clone();
        let before = self.held(|log| match log.refresh() {
            Ok(()) => Ok(None),
            // Of a file that was moved the handle still tells its end, which another process may have written.
            Err(AuditError::Moved { .. }) => {
                if let Err(error) = log.unmoved() {
                    tracing::warn!(%error, "the file that was moved away is not whole; the chain goes on from what is known");
                }
                Ok(Some(log.known.place.clone()))
            }
            Err(AuditError::Cut { .. }) => Ok(Some(log.known.place.clone())),
            Err(error) => Err(error),
        })?;
        let Some(before) = before else { return Ok(()) };
        let fresh = opened(&path)?;
        locked(&path, &fresh, LOCK_MAX, || {
            let length = fresh.metadata().map_err(|source| io_at(&path, source))?.len();
            let known = match length {
                0 => Known { end: 0, place: before.clone(), headed: false },
                _ => continued(&path, &mut &fresh, &self.seal, &before)?,
            };
            self.file = fresh.try_clone().map_err(|source| io_at(&path, source))?;
            (self.known, self.litter) = (known, false);
            if self.known.headed { Ok(()) } else { self.write(None) }
        })
    }

    /// Does something while it holds the file's lock.
    fn held<T>(&mut self, what: impl FnOnce(&mut Self) -> Result<T, AuditError>) -> Result<T, AuditError> {
        let path = self.path.clone();
        let file = self.file.try_clone().map_err(|source| io_at(&path, source))?;
        let done = locked(&path, &file, self.patience, || what(self));
        let busy = matches!(done, Err(AuditError::Locked { .. }));
        self.patience = if busy { Duration::ZERO } else { LOCK_MAX };
        done
    }

    /// Compares path and handle, and what was written with what is there; then reads what others have added.
    fn refresh(&mut self) -> Result<(), AuditError> {
        let here = self.file.metadata().map_err(|source| io_at(&self.path, source))?;
        match std::fs::metadata(&self.path) {
            Ok(there) if same(&here, &there) => self.unmoved(),
            Ok(_) => Err(AuditError::Moved { path: self.path.clone() }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(AuditError::Moved { path: self.path.clone() }),
            Err(source) => Err(io_at(&self.path, source)),
        }
    }

    /// The second half of [`AuditLog::refresh`].
    fn unmoved(&mut self) -> Result<(), AuditError> {
        let io = |source| io_at(&self.path, source);
        let length = self.file.seek(SeekFrom::End(0)).map_err(io)?;
        let tail = format!(",\"hash\":\"{}\"}}\n", self.known.place.hash);
        let cut = || AuditError::Cut { path: self.path.clone(), line: self.known.place.seq };
        if length < self.known.end {
            return Err(cut());
        }
        if let Some(from) = self.known.end.checked_sub(tail.len() as u64) {
            let mut there = vec![0; tail.len()];
            self.file.seek(SeekFrom::Start(from)).map_err(io)?;
            self.file.read_exact(&mut there).map_err(io)?;
            if there != tail.as_bytes() {
                return Err(cut());
            }
        }
        if length == self.known.end {
            return Ok(());
        }
        if self.litter && self.take_back().is_ok() {
            return Ok(());
        }
        let now = last(&self.path, &mut &self.file, &self.seal)?;
        if now.place.seq <= self.known.place.seq || (self.known.headed && !now.headed) {
            return Err(AuditError::Torn { path: self.path.clone(), why: "it does not continue the lines before it" });
        }
        self.known = now;
        Ok(())
    }

    /// Takes back what a failed write has left, if it is no whole line.
    fn take_back(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.known.end))?;
        let mut left = Vec::new();
        (&self.file).take(LINE_MAX).read_to_end(&mut left)?;
        if left.contains(&b'\n') {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.file.set_len(self.known.end)?;
        self.litter = false;
        Ok(())
    }

    /// Writes a record, if there is one, after the head that may be due.
    fn write(&mut self, record: Option<&Record>) -> Result<(), AuditError> {
        let io = |source| io_at(&self.path, source);
        let (mut text, mut place) = (String::new(), self.known.place.clone());
        if !self.known.headed {
            let (head, at) = chain::head(&self.seal, &place).map_err(|e| io(e.into()))?;
            (text, place) = (head, at);
        }
        if let Some(record) = record {
            let (line, at) = chain::line(&self.seal, &place, record).map_err(|e| io(e.into()))?;
            text += &line;
            place = at;
        }
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            self.litter = self.file.set_len(self.known.end).is_err();
            return Err(io(source));
        }
        self.known = Known { end: self.known.end + text.len() as u64, place, headed: true };
        Ok(())
    }
}

fn io_at(path: &Path, source: io::Error) -> AuditError {
    AuditError::Io { path: path.to_owned(), source }
}

/// Opens a regular file. One that is none is not opened at all: that alone may wait for ever, or do something.
fn opened(path: &Path) -> Result<File, AuditError> {
    let no_file = || AuditError::NoFile { path: path.to_owned() };
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return Err(no_file());
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|source| io_at(path, source))?;
    let is_file = file.metadata().map_err(|source| io_at(path, source))?.is_file();
    if is_file { Ok(file) } else { Err(no_file()) }
}

/// Does something while it holds the file's lock.
fn locked<T>(
    path: &Path,
    file: &File,
    patience: Duration,
    what: impl FnOnce() -> Result<T, AuditError>,
) -> Result<T, AuditError> {
    let until = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(LOCK_EVERY),
            Err(TryLockError::WouldBlock) => {
                return Err(AuditError::Locked { path: path.to_owned(), seconds: LOCK_MAX.as_secs() });
            }
            Err(TryLockError::Error(source)) => return Err(io_at(path, source)),
        }
    }
    let done = what();
    let unlocked = file.unlock().map_err(|source| io_at(path, source));
    done.and_then(|done| unlocked.map(|()| done))
}

/// The last line of a file.
fn last(path: &Path, file: &mut (impl Read + Seek), seal: &Seal) -> Result<Known, AuditError> {
    let io = |source| io_at(path, source);
    let torn = |why| AuditError::Torn { path: path.to_owned(), why };
    let end = file.seek(SeekFrom::End(0)).map_err(io)?;
    if end == 0 {
        return Ok(Known { end, place: Place::genesis(), headed: false });
    }
    file.seek(SeekFrom::Start(end.saturating_sub(LINE_MAX))).map_err(io)?;
    let mut tail = Vec::new();
    file.take(LINE_MAX).read_to_end(&mut tail).map_err(io)?;
    let inner = tail.strip_suffix(b"\n").unwrap_or(&tail);
    let from = inner.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let line = chain::parse(&tail[from..]).map_err(torn)?;
    let ours = line.holds(seal, seal.chain());
    if !ours && !line.holds(seal, Chain::Plain) {
        return Err(torn("its hash does not match: it was changed, or written with another PROXMOX_MCP_KEY"));
    }
    let headed = ours && (line.read.phase.is_some() || line.read.format.is_some());
    Ok(Known { end, place: line.place(), headed })
}

/// The end of a file that another process has begun by now, if it goes on after `before`.
fn continued(path: &Path, file: &mut (impl Read + Seek), seal: &Seal, before: &Place) -> Result<Known, AuditError> {
    let io = |source| io_at(path, source);
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let mut first = Vec::new();
    io::BufRead::read_until(&mut io::BufReader::new(file.take(LINE_MAX)), b'\n', &mut first).map_err(io)?;
    let goes_on = chain::parse(&first).is_ok_and(|line| {
        line.holds(seal, seal.chain())
            && line.read.format.is_some()
            && (line.read.seq, &line.read.prev) == (before.seq + 1, &before.hash)
    });
    if goes_on { last(path, file, seal) } else { Err(AuditError::Other { path: path.to_owned() }) }
}

#[cfg(unix)]
fn same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn same(_: &Metadata, _: &Metadata) -> bool {
    true
}
