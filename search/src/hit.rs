//! What a search finds.

use spec::{Method, Risk};

/// A method that a request may mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit<'i> {
    /// Verb of HTTP.
    pub method: Method,
    /// Path template.
    pub path: &'i str,
    /// The worst that one call can do.
    pub risk: Risk,
    /// How well it fits: only to be compared within one search.
    pub score: f32,
}

impl Hit<'_> {
    /// `METHOD /path`, which names it everywhere.
    pub fn at(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}
