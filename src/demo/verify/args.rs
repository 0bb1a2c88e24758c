//! Verified parameters.

use super::super::http::Params;
use crate::spec::verify::split_list;

/// The parameters of a call that passed verification.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Args(Params);

impl Args {
    pub(super) fn new(params: Params) -> Self {
        Self(params)
    }

    /// A parameter's text.
    pub(in super::super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Whether a boolean parameter is given and true.
    pub(in super::super) fn flag(&self, name: &str) -> bool {
        self.get(name) == Some("1")
    }

    /// A parameter as a number.
    pub(in super::super) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// The elements of a list in one text: split at commas, semicolons, blanks and NUL.
    pub(in super::super) fn list(&self, name: &str) -> Vec<&str> {
        split_list(self.get(name).unwrap_or_default()).collect()
    }

    /// All of them: scalars as text.
    pub(in super::super) const fn all(&self) -> &Params {
        &self.0
    }

    /// All names and texts.
    pub(in super::super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
    }

    /// The guest that the path names; verification has seen to it that it is a number.
    pub(in super::super) fn vmid(&self) -> u32 {
        self.get("vmid").and_then(|v| v.parse().ok()).unwrap_or(0)
    }
}
