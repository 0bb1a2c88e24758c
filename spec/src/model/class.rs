//! The method of an endpoint, and what a call of it can do at worst.

use std::fmt;

use serde::{Deserialize, Serialize};

/// HTTP verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Read; parameters travel in the query.
    Get,
    /// Create or act; parameters travel in the form body.
    Post,
    /// Change; parameters travel in the form body.
    Put,
    /// Destroy; parameters travel in the query, never in a body.
    Delete,
}

impl Method {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Get, Self::Post, Self::Put, Self::Delete];

    /// The verb as HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Whether parameters travel in the body; with `GET` and `DELETE` a real PVE answers 501 to any body.
    pub const fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Put)
    }

    /// The verb that HTTP writes so.
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.as_str() == s)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The worst that one call can do; see `apidata/README.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Changes nothing.
    Read,
    /// Changes whether or how a guest runs.
    Power,
    /// Changes something that another call of the API can set right.
    Change,
    /// Does something that no other call can undo.
    Destroy,
    /// Runs what the caller writes, inside a guest or on a node.
    Execute,
    /// Changes who may do what, or what the nodes and the cluster themselves stand on: access, network, power of a node.
    Admin,
}

impl Risk {
    /// Whether a call of this risk needs the user's consent.
    pub const fn asks(self) -> bool {
        matches!(self, Self::Destroy | Self::Execute | Self::Admin)
    }

    /// All six, from what may be done without a thought to what asks for most of it.
    pub const ALL: [Self; 6] = [Self::Read, Self::Power, Self::Change, Self::Destroy, Self::Execute, Self::Admin];

    /// The word of the data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Power => "power",
            Self::Change => "change",
            Self::Destroy => "destroy",
            Self::Execute => "execute",
            Self::Admin => "admin",
        }
    }

    /// What must be assumed of an endpoint that nobody has described: any call but a `GET` may destroy.
    pub const fn assumed(method: Method) -> Self {
        if matches!(method, Method::Get) { Self::Read } else { Self::Destroy }
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
