//! The audit log: JSON lines on every call that changes something, allowed or denied.
//!
//! A call that PVE is asked to carry out has two lines: the intent, which is on the disk before anything is sent, and
//! the result. Where no result follows, the server ended in between: what became of the call is for PVE's task list to
//! say. All other calls have the result alone.
//!
//! Each line carries the hash of the line before it and its own, so that a changed, inserted or missing line is found;
//! with a key the hash cannot be made anew by whoever can write the file. What a chain cannot tell is that its last lines
//! were cut off: note the count and last hash that [`verify`] gives elsewhere, and hand them to it later.

mod chain;
mod journal;
mod log;
pub(super) mod record;
mod verify;

use std::{io, path::PathBuf};

pub use chain::Seal;
pub(super) use journal::Journal;
pub use log::AuditLog;
pub use record::{Phase, Record};
pub use verify::{Intent, Noted, NotedError, Verified, verify};

use super::say::Catalogue;

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
    /// It is a folder, a pipe, a device: nothing that a chain could be read back from.
    #[error("audit log {}: it is not a regular file", path.display())]
    NoFile {
        /// What was named.
        path: PathBuf,
    },
    /// Another process holds its lock.
    #[error("audit log {}: another process has held its lock for {seconds} s", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// It took too long to be written.
    #[error("audit log {}: nothing could be written to it within {seconds} s", path.display())]
    Silent {
        /// The file.
        path: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// What lies at the path is not the file that is written, or nothing does.
    #[error(
        "the audit log {} was moved, removed or replaced while it was written: SIGHUP has `proxmox-mcp serve` go on in a \
         new file that continues it",
        path.display()
    )]
    Moved {
        /// The path.
        path: PathBuf,
    },
    /// What was written to it is no longer there.
    #[error(
        "the audit log {} no longer holds line {line}, which this server has written or read: it was cut or replaced; \
         SIGHUP has `proxmox-mcp serve` go on in an empty file",
        path.display()
    )]
    Cut {
        /// The file.
        path: PathBuf,
        /// The line that is missed.
        line: u64,
    },
    /// What lies at the path now is neither empty nor a continuation.
    #[error("{} does not continue the audit log that was written so far: move it away", path.display())]
    Other {
        /// The file.
        path: PathBuf,
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
    /// There is no line in it.
    #[error("audit log {}: it is empty; one that was begun has a first line, so it was emptied, or could not be written", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// It is of a later version.
    #[error("audit log {}: its format is {format}, which this version does not know", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The version that it names.
        format: u32,
    },
    /// It takes another key to check it.
    #[error(
        "audit log {}: it is sealed with the key {key}; {} to check it",
        path.display(),
        if *given { "PROXMOX_MCP_KEY is another one; set the one that it was written with" } else { "set PROXMOX_MCP_KEY" }
    )]
    Key {
        /// The file.
        path: PathBuf,
        /// What the file tells the key by.
        key: String,
        /// Whether any key is given.
        given: bool,
    },
    /// A line that was noted is not there any more.
    #[error("audit log {}: it ends with line {lines}, and line {line} was noted: its end was cut off", path.display())]
    Short {
        /// The last file.
        path: PathBuf,
        /// The line that was noted.
        line: u64,
        /// The last line.
        lines: u64,
    },
    /// A line that was noted is in a file that was not given.
    #[error(
        "audit log {}: it continues line {first} of an earlier file, and line {line} was noted: give the earlier file, too, \
         before this one",
        path.display()
    )]
    Earlier {
        /// The first file.
        path: PathBuf,
        /// The line that was noted.
        line: u64,
        /// The last line of the earlier file.
        first: u64,
    },
}

impl AuditError {
    /// The error in the language of `texts`; what the system said is quoted.
    pub(super) fn say(&self, texts: &Catalogue) -> String {
        match self {
            Self::Io { path, source } => texts.audit_io(path.display(), source),
            Self::NoFile { path } => texts.audit_no_file(path.display()),
            Self::Locked { path, seconds } => texts.audit_locked(path.display(), seconds),
            Self::Silent { path, seconds } => texts.audit_silent(path.display(), seconds),
            Self::Moved { path } => texts.audit_moved(path.display()),
            Self::Cut { path, line } => texts.audit_cut(path.display(), line),
            Self::Other { path } => texts.audit_other(path.display()),
            Self::Torn { path, why } => texts.audit_torn(path.display(), why),
            Self::Broken { path, line, why } => texts.audit_broken(path.display(), line, why),
            // These come of checking a log alone, which is told on the command line.
            Self::Empty { path }
            | Self::Format { path, .. }
            | Self::Key { path, .. }
            | Self::Short { path, .. }
            | Self::Earlier { path, .. } => texts.audit_io(path.display(), self),
        }
    }
}

#[cfg(test)]
mod tests;
