//! UPID: PVE's id of a task, `UPID:{node}:{pid}:{pstart}:{starttime}:{type}:{id}:{user}:`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::NodeName;

/// Id of a task. Parsed and printed without loss; it ends with a colon, without which PVE refuses it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Upid {
    text: String,
    node: NodeName,
    start: u64,
    // Where the fields lie in `text`.
    kind: std::ops::Range<usize>,
    id: std::ops::Range<usize>,
    user: std::ops::Range<usize>,
}

/// A text that is no UPID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a UPID: it looks like UPID:pve1:0000C530:001C9BEC:5F000000:qmstart:100:root@pam:")]
pub struct UpidError(pub String);

impl Upid {
    /// The node that runs the task; the task is asked for under this node and no other.
    pub fn node(&self) -> &NodeName {
        &self.node
    }

    /// Start of the task in seconds since 1970.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Task type, such as `qmstart`.
    pub fn kind(&self) -> &str {
        &self.text[self.kind.clone()]
    }

    /// What the task works on: the VMID for a guest's task; may be empty.
    pub fn id(&self) -> &str {
        &self.text[self.id.clone()]
    }

    /// Who started it: `user@realm` or `user@realm!token`.
    pub fn user(&self) -> &str {
        &self.text[self.user.clone()]
    }

    /// Whether a text is one.
    pub fn is(text: &str) -> bool {
        parse(text).is_some()
    }

    /// The UPID as PVE wrote it.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Upid {
    type Err = UpidError;

    fn from_str(s: &str) -> Result<Self, UpidError> {
        parse(s).ok_or_else(|| UpidError(s.chars().take(120).collect()))
    }
}

/// Reads the nine colon-separated parts (pve-common: `UPID.pm`); the last is empty.
fn parse(s: &str) -> Option<Upid> {
    // Of users PVE asks no more than this: there are letters of any script, and `\ # ? %`.
    if s.len() > 512 || s.contains('/') || s.chars().any(char::is_whitespace) {
        return None;
    }
    let parts: Vec<&str> = s.split(':').collect();
    let [tag, node, pid, pstart, start, kind, id, user, ""] = parts[..] else {
        return None;
    };
    let hex = |t: &str, len: std::ops::RangeInclusive<usize>| {
        len.contains(&t.len()) && t.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let valid = tag == "UPID"
        && hex(pid, 8..=8)
        && hex(pstart, 8..=9)
        && hex(start, 8..=8)
        && !kind.is_empty()
        && !user.is_empty();
    if !valid {
        return None;
    }
    let range = |part: &str| {
        let from = part.as_ptr() as usize - s.as_ptr() as usize;
        from..from + part.len()
    };
    Some(Upid {
        node: node.parse().ok()?,
        start: u64::from_str_radix(start, 16).ok()?,
        kind: range(kind),
        id: range(id),
        user: range(user),
        text: s.to_owned(),
    })
}

impl fmt::Display for Upid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Upid {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Upid {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}
