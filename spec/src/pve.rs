//! PVE's own small types: guest ids, node names, task ids, and decoders for what replies really carry.

mod fields;
mod scalar;
mod upid;

pub use fields::{FieldError, Fields, FromFields, Real, Truth, Whole, members, record};
pub use scalar::{bool_of, bool_or_int, boolean, float, integer, is_set, list, text, unsigned};
pub use upid::{Upid, UpidError};

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Id of a VM or container: 100 to 999999999, unique in a cluster over both kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Vmid(u32);

/// A text that is no VMID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("vmid {0:?} is not a whole number from 100 to 999999999")]
pub struct VmidError(pub String);

impl Vmid {
    /// Least and greatest id (pve-common: `JSONSchema.pm`, standard option `pve-vmid`).
    pub const RANGE: std::ops::RangeInclusive<u32> = 100..=999_999_999;

    /// The id as a number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u64> for Vmid {
    type Error = VmidError;

    fn try_from(n: u64) -> Result<Self, VmidError> {
        u32::try_from(n).ok().filter(|n| Self::RANGE.contains(n)).map(Self).ok_or_else(|| VmidError(n.to_string()))
    }
}

impl FromStr for Vmid {
    type Err = VmidError;

    /// Takes decimal digits only: PVE refuses a leading zero.
    fn from_str(s: &str) -> Result<Self, VmidError> {
        let digits = s.bytes().all(|b| b.is_ascii_digit()) && !s.starts_with('0');
        let short = || s.chars().take(40).collect();
        if !digits {
            return Err(VmidError(short()));
        }
        s.parse().ok().filter(|n| Self::RANGE.contains(n)).map(Self).ok_or_else(|| VmidError(short()))
    }
}

impl fmt::Display for Vmid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Vmid {
    /// From a number or, as lists of containers sent it until PVE 8.2, a string.
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let n = unsigned(d)?.ok_or_else(|| serde::de::Error::custom("vmid is null"))?;
        Self::try_from(n).map_err(serde::de::Error::custom)
    }
}

/// Name of a cluster node: one host name label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct NodeName(String);

/// A text that is no node name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("node {0:?} is not a node name: letters, digits and hyphens, at most 63, not starting or ending with a hyphen")]
pub struct NodeNameError(pub String);

impl NodeName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NodeName {
    type Err = NodeNameError;

    fn from_str(s: &str) -> Result<Self, NodeNameError> {
        let label = (1..=63).contains(&s.len())
            && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !s.starts_with('-')
            && !s.ends_with('-');
        if label { Ok(Self(s.to_owned())) } else { Err(NodeNameError(s.chars().take(40).collect())) }
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for NodeName {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}
