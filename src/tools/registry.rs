//! All tools, in the order in which they are listed.

use super::{
    catalog::CATALOG,
    tool::{Tool, Toolset},
    whole,
};

/// All tools.
pub fn all() -> impl Iterator<Item = &'static Tool> + Clone {
    CATALOG.iter().map(|guests| &guests.tool).chain(&whole::TOOLS)
}

/// The tools of these sets.
pub fn of(sets: &[Toolset]) -> impl Iterator<Item = &'static Tool> + Clone {
    all().filter(move |tool| sets.contains(&tool.toolset))
}

/// The tool of this name.
pub fn by_name(name: &str) -> Option<&'static Tool> {
    all().find(|tool| tool.name == name)
}
