//! The chain: how a line is sealed, and what it says of its place.
//!
//! Each line ends with a hash over all that stands before it, the hash of the line before it included. With a key the
//! hash is an HMAC, which nobody can make anew who has not got the key; without one whoever can write the file can forge
//! it. A head tells from which line on which of the two is meant: it is the first line of a file, and the first one after
//! lines that an earlier version, or a server without a key, has written.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Record;
use crate::tools::seal::{Key, Purpose};

/// What the first line names as the hash of the line before it.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Longest line that is read back. A longer one would end the log for good; none is written.
pub(super) const LINE_MAX: u64 = 1 << 20;
/// The version that heads name. Files without a head are of the first.
pub(super) const FORMAT: u32 = 2;

/// What lines are sealed with.
#[derive(Clone, Default)]
pub struct Seal(Option<Key>);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Seal(***)" } else { "Seal(none)" })
    }
}

/// How the hash of a line is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Chain {
    /// By anybody.
    #[serde(rename = "sha256")]
    Plain,
    /// By whoever has the key.
    #[serde(rename = "hmac-sha256")]
    Keyed,
}

impl Seal {
    /// A chain without a key.
    pub fn plain() -> Self {
        Self(None)
    }

    /// A chain with the key that a secret gives.
    pub fn keyed(secret: &str) -> Self {
        Self(Some(Key::derived(secret)))
    }

    /// What it makes.
    pub(super) fn chain(&self) -> Chain {
        if self.0.is_some() { Chain::Keyed } else { Chain::Plain }
    }

    /// What tells its key from others without telling the key.
    pub(super) fn key_id(&self) -> Option<String> {
        let named = self.0.as_ref().map(|_| self.hash(Chain::Keyed, "the name of this key"))?;
        named.map(|hash| hash[..16].to_owned())
    }

    /// The hash of a text; none where it takes a key that is not there.
    pub(super) fn hash(&self, chain: Chain, text: &str) -> Option<String> {
        match (chain, &self.0) {
            (Chain::Plain, _) => Some(HEXLOWER.encode(&Sha256::digest(text.as_bytes()))),
            (Chain::Keyed, None) => None,
            (Chain::Keyed, Some(key)) => {
                key.tag(Purpose::Audit, &[text.as_bytes()]).ok().map(|tag| HEXLOWER.encode(&tag))
            }
        }
    }
}

/// What a head says.
#[derive(Serialize)]
struct Head<'a> {
    format: u32,
    chain: Chain,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    version: &'a str,
}

/// The place of a line in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its number, counted from 1 over all files of the chain.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
}

impl Place {
    /// Before the first line.
    pub(super) fn genesis() -> Self {
        Self { seq: 0, hash: GENESIS.to_owned() }
    }
}

/// The line of a head after `before`, with its newline, and its place.
pub(super) fn head(seal: &Seal, before: &Place) -> Result<(String, Place), serde_json::Error> {
    let head = Head { format: FORMAT, chain: seal.chain(), key: seal.key_id(), version: env!("CARGO_PKG_VERSION") };
    sealed(seal, before, &now(), &head)
}

/// The line of a record after `before`, with its newline, and its place. One that is too long is cut to what the log can
/// be continued from.
pub(super) fn line(seal: &Seal, before: &Place, record: &Record) -> Result<(String, Place), serde_json::Error> {
    let time = record.at.map_or_else(now, |at| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
    let made = sealed(seal, before, &time, record)?;
    if (made.0.len() as u64) < LINE_MAX { Ok(made) } else { sealed(seal, before, &time, &record.clone().bounded()) }
}

fn now() -> String {
    crate::clock::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn sealed<T: Serialize>(
    seal: &Seal,
    before: &Place,
    time: &str,
    content: &T,
) -> Result<(String, Place), serde_json::Error> {
    #[derive(Serialize)]
    struct Line<'a, T> {
        seq: u64,
        time: &'a str,
        #[serde(flatten)]
        content: &'a T,
        prev: &'a str,
    }
    let seq = before.seq + 1;
    let body = serde_json::to_string(&Line { seq, time, content, prev: &before.hash })?;
    // A seal makes what it says that it makes.
    let hash = seal.hash(seal.chain(), &body).unwrap_or_default();
    let open = body.strip_suffix('}').unwrap_or(&body);
    Ok((format!("{open},\"hash\":\"{hash}\"}}\n"), Place { seq, hash }))
}

/// What links a line to its neighbours, and what the checks tell of it.
#[derive(Debug, Deserialize)]
pub(super) struct Read {
    pub seq: u64,
    pub prev: String,
    #[serde(default)]
    pub time: String,
    /// Only a head has it.
    #[serde(default)]
    pub format: Option<u32>,
    #[serde(default)]
    pub chain: Option<Chain>,
    #[serde(default)]
    pub key: Option<String>,
    /// Lines of the first version have none.
    #[serde(default)]
    pub phase: Option<String>,
    #[serde(default)]
    pub call: String,
    #[serde(default)]
    pub tool: String,
    #[serde(default)]
    pub guest: Option<String>,
}

/// A line taken apart: what it says, what is hashed, and its hash.
#[derive(Debug)]
pub(super) struct Parsed {
    pub read: Read,
    pub body: String,
    pub hash: String,
}

/// Reads one line; whether its hash is right is for [`Parsed::holds`].
pub(super) fn parse(line: &[u8]) -> Result<Parsed, &'static str> {
    let text = std::str::from_utf8(line).map_err(|_| "it is not text")?;
    let text = text.strip_suffix('\n').ok_or("it is incomplete")?;
    let (body, tail) = text.rsplit_once(",\"hash\":\"").ok_or("it carries no hash")?;
    let hash = tail.strip_suffix("\"}").ok_or("it carries no hash")?;
    let body = format!("{body}}}");
    let read = serde_json::from_str(&body).map_err(|_| "it is not a record")?;
    Ok(Parsed { read, body, hash: hash.to_owned() })
}

impl Parsed {
    /// Whether its hash is the one that this seal makes in this way.
    pub(super) fn holds(&self, seal: &Seal, chain: Chain) -> bool {
        seal.hash(chain, &self.body).is_some_and(|hash| hash == self.hash)
    }

    /// Its place.
    pub(super) fn place(&self) -> Place {
        Place { seq: self.read.seq, hash: self.hash.clone() }
    }
}
