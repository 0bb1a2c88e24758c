//! All tools, in the order in which they are listed.

use super::{catalog::CATALOG, tool::Tool};

/// All tools.
pub fn all() -> impl Iterator<Item = &'static Tool> + Clone {
    CATALOG.iter().map(|guests| &guests.tool)
}

/// The tool of this name.
pub fn by_name(name: &str) -> Option<&'static Tool> {
    all().find(|tool| tool.name == name)
}
