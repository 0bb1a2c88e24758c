//! Bearer tokens: a file that holds only their hashes.
//!
//! A token is 256 bits from the system's random source, so one SHA-256 of it is enough: there is nothing to guess
//! that a slow hash would protect. The file can be read by whoever can read the service's configuration without
//! giving anybody access.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use ring::rand::{SecureRandom, SystemRandom};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use crate::{
    clock,
    server::principal::{Principal, Scope},
};

/// Marks a token of ours, so that secret scanners and people recognise one.
const PREFIX: &str = "pmcp_";

/// Greatest token file that is read, in bytes; enough for some 10,000 tokens.
const FILE_MAX: u64 = 4 << 20;

/// What the identity of a token's bearer begins with.
pub(super) const TOKEN: &str = "token:";

/// Longest name of a token, in characters.
const NAME_MAX: usize = 64;

/// One token as the file keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenEntry {
    /// Unique name, chosen by the operator.
    pub name: String,
    /// What the bearer may do.
    pub scope: Scope,
    /// SHA-256 of the token, in lower-case hexadecimal.
    pub sha256: String,
    /// When it was made (RFC 3339, UTC).
    pub created: String,
    /// From when on it is refused (RFC 3339); never when missing.
    #[serde(default)]
    pub expires: Option<String>,
    /// The only tools that it may use; every tool within the scope when missing.
    #[serde(default)]
    pub tools: Option<BTreeSet<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    token: Vec<toml::Table>,
}

/// An entry that cannot be used. It lets nobody in, and stays in the file as it is until it is revoked.
#[derive(Clone, Debug)]
struct Faulty {
    name: Option<String>,
    what: String,
}

/// Why a token file cannot be used or changed. No message holds a token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be read.
    #[error("cannot read the token file {}: {error}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write the token file {}: {error}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The file's content is not what this program writes.
    #[error("the token file {} cannot be used: {what}", .path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the name of the entry.
        what: String,
    },
    /// The name is no name for a token.
    #[error("{0:?} cannot name a token: use 1 to 64 letters, digits, dots, hyphens and underscores")]
    Name(String),
    /// The name is taken.
    #[error("there is a token {0:?} already; revoke it first or choose another name")]
    Taken(String),
    /// There is no token of this name.
    #[error("there is no token {0:?}; `proxmox-mcp token list` shows those that there are")]
    Missing(String),
    /// The system's random source failed.
    #[error("the system gave no random numbers, so no token was made")]
    Random,
}

/// The tokens of one file.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    entries: Vec<Stored>,
    faulty: Vec<Faulty>,
    /// The file as it was written, by us or by hand: comments and order stay.
    written: DocumentMut,
}

#[derive(Clone, Debug)]
struct Stored {
    entry: TokenEntry,
    digest: [u8; 32],
    expires: Option<DateTime<Utc>>,
}

/// What the operator asks of a new token.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Its name.
    pub name: String,
    /// Its scope.
    pub scope: Scope,
    /// The only tools that it may use, if it is narrower than its scope.
    pub tools: Option<BTreeSet<String>>,
    /// From when on it is refused.
    pub expires: Option<DateTime<Utc>>,
}

impl Tokens {
    /// Reads a token file.
    ///
    /// # Errors
    /// When it cannot be read, or an entry is not one that this program writes.
    pub fn read(path: &Path) -> Result<Self, TokenError> {
        let tokens = Self::read_each(path)?;
        match tokens.faulty.first() {
            Some(Faulty { what, .. }) => Err(TokenError::Content { path: path.to_owned(), what: what.clone() }),
            None => Ok(tokens),
        }
    }

    /// Reads a token file. Entries that cannot be used let nobody in, and keep the others from nothing; [`Tokens::faults`]
    /// tells of them.
    ///
    /// # Errors
    /// When the file cannot be read, or is no token file at all.
    pub fn read_each(path: &Path) -> Result<Self, TokenError> {
        let text = crate::files::read_text(path, FILE_MAX)
            .map_err(|error| TokenError::Read { path: path.to_owned(), error })?;
        Self::parse(&text).map_err(|what| TokenError::Content { path: path.to_owned(), what })
    }

    /// As [`Tokens::read_each`], or none when the file does not exist yet.
    ///
    /// # Errors
    /// As [`Tokens::read_each`].
    pub fn read_or_none(path: &Path) -> Result<Self, TokenError> {
        match Self::read_each(path) {
            Err(TokenError::Read { error, .. }) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            other => other,
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let document: Document = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        let mut names = BTreeSet::new();
        let written = text.parse().map_err(|e: toml_edit::TomlError| e.message().to_owned())?;
        let mut tokens = Self { written, ..Self::default() };
        for entry in document.token {
            let name = entry.get("name").and_then(toml::Value::as_str).map(str::to_owned);
            let read = entry.try_into::<TokenEntry>().map_err(|e| e.message().to_owned());
            let read = read.and_then(|entry| match names.insert(entry.name.clone()) {
                true => Stored::new(entry),
                false => Err(format!("two tokens are named {:?}", entry.name)),
            });
            match read {
                Ok(stored) => tokens.entries.push(stored),
                Err(what) => tokens.faulty.push(Faulty { name, what }),
            }
        }
        Ok(tokens)
    }

    /// What is wrong with each entry that cannot be used.
    pub fn faults(&self) -> impl Iterator<Item = &str> {
        self.faulty.iter().map(|faulty| faulty.what.as_str())
    }

    /// The entries, in the order of the file.
    pub fn entries(&self) -> impl Iterator<Item = &TokenEntry> {
        self.entries.iter().map(|s| &s.entry)
    }

    /// What tells each bearer from all others, as [`Principal::identity`] has it.
    pub fn identities(&self) -> impl Iterator<Item = String> {
        self.entries().map(|entry| format!("{TOKEN}{}", entry.sha256))
    }

    /// Whether there is no token, so that nobody could come in.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Who bears this token at this time; `None` for a token that is unknown, revoked or expired.
    ///
    /// The time that this takes depends on the number of tokens alone: every digest is compared in full, and which
    /// one matched is chosen without a branch.
    pub fn bearer(&self, token: &str, now: DateTime<Utc>) -> Option<Principal> {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let mut found = Choice::from(0);
        let mut index = 0u32;
        for (i, stored) in (0u32..).zip(&self.entries) {
            let same = stored.digest.ct_eq(&digest);
            index.conditional_assign(&i, same);
            found |= same;
        }
        let stored = bool::from(found).then(|| self.entries.get(index as usize)).flatten()?;
        if stored.expires.is_some_and(|end| end <= now) {
            return None;
        }
        let TokenEntry { name, scope, tools, sha256, .. } = &stored.entry;
        // A name can be given again; the hash is that of one token.
        let identity = format!("{TOKEN}{sha256}");
        Some(Principal { name: name.clone(), identity, scope: *scope, tools: tools.clone() })
    }

    /// Makes a token and adds its hash. The text that is returned is shown once and kept nowhere.
    ///
    /// # Errors
    /// When the name is not fit or taken, or the system gives no random numbers.
    pub fn add(&mut self, new: NewToken, now: DateTime<Utc>) -> Result<String, TokenError> {
        if !fit_name(&new.name) {
            return Err(TokenError::Name(new.name.chars().take(NAME_MAX).collect()));
        }
        if self.entries().any(|e| e.name == new.name)
            || self.faulty.iter().any(|f| f.name.as_deref() == Some(&new.name))
        {
            return Err(TokenError::Taken(new.name));
        }
        let mut secret = [0u8; 32];
        SystemRandom::new().fill(&mut secret).map_err(|_| TokenError::Random)?;
        let token = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(secret));
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let entry = TokenEntry {
            name: new.name,
            scope: new.scope,
            sha256: HEXLOWER.encode(&digest),
            created: clock::stamp(now),
            expires: new.expires.map(clock::stamp),
            tools: new.tools,
        };
        self.change(|list| list.push(table(&entry)));
        self.entries.push(Stored { entry, digest, expires: new.expires });
        Ok(token)
    }

    /// Removes a token.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn revoke(&mut self, name: &str) -> Result<(), TokenError> {
        let before = self.entries.len() + self.faulty.len();
        self.entries.retain(|s| s.entry.name != name);
        self.faulty.retain(|faulty| faulty.name.as_deref() != Some(name));
        if self.entries.len() + self.faulty.len() == before {
            Err(TokenError::Missing(name.to_owned()))
        } else {
            self.change(|list| list.retain(|table| table.get("name").and_then(Item::as_str) != Some(name)));
            Ok(())
        }
    }

    /// Writes the file, readable by its owner alone, by renaming a whole new one over it: a server that reloads at
    /// this moment sees the old tokens or the new ones, never half a file.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), TokenError> {
        let failed = |error| TokenError::Write { path: path.to_owned(), error };
        let mut fresh = path.as_os_str().to_owned();
        fresh.push(format!(".{}.new", std::process::id()));
        let fresh = PathBuf::from(fresh);
        let written = write_private(&fresh, &self.written.to_string()).and_then(|()| fs::rename(&fresh, path));
        if written.is_err() {
            // What went wrong is in `written`; a left-over file is the lesser matter.
            let _ = fs::remove_file(&fresh);
        }
        written.map_err(failed)
    }

    /// Changes the tokens within the file; they become tables of their own, should somebody have written them in one line.
    fn change(&mut self, change: impl FnOnce(&mut ArrayOfTables)) {
        let mut list = match std::mem::take(&mut self.written["token"]) {
            Item::ArrayOfTables(list) => list,
            other => other.into_array_of_tables().unwrap_or_default(),
        };
        change(&mut list);
        self.written["token"] = Item::ArrayOfTables(list);
    }
}

/// An entry as the file has it.
fn table(entry: &TokenEntry) -> Table {
    let mut table = Table::new();
    table.insert("name", value(&entry.name));
    table.insert("scope", value(entry.scope.to_string()));
    table.insert("sha256", value(&entry.sha256));
    table.insert("created", value(&entry.created));
    if let Some(expires) = &entry.expires {
        table.insert("expires", value(expires));
    }
    if let Some(tools) = &entry.tools {
        table.insert("tools", value(tools.iter().collect::<toml_edit::Array>()));
    }
    table
}

impl Stored {
    fn new(entry: TokenEntry) -> Result<Self, String> {
        if !fit_name(&entry.name) {
            return Err(format!("{:?} is not the name of a token", entry.name));
        }
        let digest = unhex(&entry.sha256)
            .ok_or_else(|| format!("sha256 of token {:?} is not 64 hexadecimal digits", entry.name))?;
        let expires = entry
            .expires
            .as_deref()
            .map(|text| DateTime::parse_from_rfc3339(text).map(|t| t.to_utc()))
            .transpose()
            .map_err(|_| format!("expires of token {:?} is not a time such as 2027-01-31T00:00:00Z", entry.name))?;
        Ok(Self { entry, digest, expires })
    }
}

fn fit_name(name: &str) -> bool {
    (1..=NAME_MAX).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use io::Write;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
