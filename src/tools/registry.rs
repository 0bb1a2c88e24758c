//! All tools, in the order in which they are listed.

use super::{
    configure,
    guest::GuestKind,
    guests::{delete, get, list, restart, start, stop},
    profile::{Action, Toolset},
    snapshots, tasks,
    tool::Tool,
    whole,
};

static TOOLS: &[&Tool] = &[
    &list::VM,
    &get::VM,
    &start::VM,
    &stop::VM,
    &restart::VM,
    &delete::VM,
    &list::CT,
    &get::CT,
    &start::CT,
    &stop::CT,
    &restart::CT,
    &delete::CT,
    &whole::search::TOOL,
    &whole::describe::TOOL,
    &whole::call::TOOL,
    &tasks::list::TOOL,
    &tasks::get::TOOL,
    &tasks::stop::TOOL,
    &configure::guest::TOOL,
    &configure::resize::TOOL,
    &configure::shift::TOOL,
    &snapshots::list::TOOL,
    &snapshots::create::TOOL,
    &snapshots::rollback::TOOL,
    &snapshots::delete::TOOL,
];

/// All tools.
pub fn all() -> impl Iterator<Item = &'static Tool> + Clone {
    TOOLS.iter().copied()
}

/// The tools of these sets.
pub fn of(sets: &[Toolset]) -> impl Iterator<Item = &'static Tool> + Clone {
    all().filter(move |tool| sets.contains(&tool.toolset))
}

/// The twelve for guests.
pub fn guests() -> impl Iterator<Item = &'static Tool> + Clone {
    of(&[Toolset::Guests])
}

/// The tool of this name.
pub fn by_name(name: &str) -> Option<&'static Tool> {
    all().find(|tool| tool.name == name)
}

/// The tool that does this with guests of this kind.
pub fn for_guests(kind: GuestKind, action: Action) -> &'static Tool {
    // Every pair is there, which a test holds.
    all().find(|tool| tool.guests == Some((kind, action))).unwrap_or(&get::VM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_its_tool_for_either_kind_and_no_name_is_used_twice() {
        for kind in [GuestKind::Vm, GuestKind::Ct] {
            for action in [Action::List, Action::Get, Action::Start, Action::Stop, Action::Restart, Action::Delete] {
                assert_eq!(for_guests(kind, action).guests, Some((kind, action)));
            }
        }
        let mut names: Vec<_> = all().map(|tool| tool.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().count());
    }
}
