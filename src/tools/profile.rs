//! What is known of a tool without calling it: its name and set, what it can do at worst, and what it needs.

use std::ops::Deref;

use super::guest::GuestKind;
use crate::spec::{Id, Risk};

/// What the rules, the rights and the records of calls know of a tool.
#[derive(Debug)]
pub struct Profile {
    /// Its name, never changed.
    pub name: &'static str,
    /// The set that it is switched on with.
    pub toolset: Toolset,
    /// What a call can do to a guest.
    pub effect: Effect,
    /// All endpoints that it may call for its own purpose; looking up the guest and following a task come on top.
    pub calls: &'static [Id],
    /// The endpoints whose privileges it needs on its guest; none where PVE filters by privilege what it gives.
    pub needs: &'static [Id],
    /// What it does with guests of which kind, if it is for one of the two.
    pub guests: Option<(GuestKind, Action)>,
}

/// What a tool does with guests of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Shows many.
    List,
    /// Shows one.
    Get,
    /// Starts one.
    Start,
    /// Stops one.
    Stop,
    /// Restarts a running one.
    Restart,
    /// Destroys one.
    Delete,
}

/// What a call can do to a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Reads,
    /// It changes something.
    Changes {
        /// Running work or data can be lost.
        destructive: bool,
        /// A second call changes nothing more.
        idempotent: bool,
    },
    /// What the method does that it is asked to call.
    AsCalled,
}

/// Tools that are switched on together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Toolset {
    /// The twelve for virtual machines and containers.
    Guests,
    /// The whole API.
    Api,
    /// Tasks: what was done, how it went, and its end.
    Tasks,
    /// How guests are configured: options, sizes and places of disks.
    Configure,
    /// Snapshots of guests.
    Snapshots,
}

impl Toolset {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Guests, Self::Api, Self::Tasks, Self::Configure, Self::Snapshots];
    /// Those that are on when nobody says.
    pub const DEFAULT: [Self; 2] = [Self::Guests, Self::Api];

    /// Reads the names of sets, separated by commas; `all` stands for all of them.
    ///
    /// # Errors
    /// The first that is none, or that there is none at all.
    pub fn read(text: &str) -> Result<Vec<Self>, String> {
        let mut sets = Vec::new();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match Self::ALL.into_iter().find(|set| set.name() == word) {
                Some(set) => sets.push(set),
                None if word == "all" => sets.extend(Self::ALL),
                None => {
                    let names: Vec<_> = Self::ALL.iter().map(|set| set.name()).chain(["all"]).collect();
                    let meant = crate::near::meant(word, names.iter().copied());
                    return Err(format!("{word:?} is no set of tools; there are {}{meant}", names.join(", ")));
                }
            }
        }
        sets.sort_unstable();
        sets.dedup();
        if sets.is_empty() { Err("it names no set of tools".to_owned()) } else { Ok(sets) }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Guests => "guests",
            Self::Api => "api",
            Self::Tasks => "tasks",
            Self::Configure => "configure",
            Self::Snapshots => "snapshots",
        }
    }
}

impl Effect {
    /// Whether it changes anything, whatever it is called with.
    pub const fn changes(self) -> bool {
        matches!(self, Self::Changes { .. })
    }

    /// Whether it may change something.
    pub const fn may_change(self) -> bool {
        !matches!(self, Self::Reads)
    }

    /// Whether running work or data may be lost.
    pub const fn may_destroy(self) -> bool {
        matches!(self, Self::Changes { destructive: true, .. } | Self::AsCalled)
    }

    /// Whether running work or data can be lost.
    pub const fn destructive(self) -> bool {
        matches!(self, Self::Changes { destructive: true, .. })
    }

    /// Whether a second call changes nothing more.
    pub const fn idempotent(self) -> bool {
        !matches!(self, Self::Changes { idempotent: false, .. } | Self::AsCalled)
    }
}

impl Action {
    /// What it can do to a guest.
    pub(super) const fn effect(self) -> Effect {
        match self {
            Self::List | Self::Get => Effect::Reads,
            Self::Start => Effect::Changes { destructive: false, idempotent: true },
            Self::Stop | Self::Delete => Effect::Changes { destructive: true, idempotent: true },
            Self::Restart => Effect::Changes { destructive: true, idempotent: false },
        }
    }
}

impl Profile {
    /// The worst that one call can do.
    pub fn risk(&self) -> Risk {
        self.calls.iter().map(|endpoint| endpoint.risk).max().unwrap_or(Risk::Read)
    }

    /// Whether others wrote part of what it shows: names, tags and notes are those of whoever owns the guests.
    pub fn shows_foreign(&self) -> bool {
        self.needs.is_empty() || self.calls.iter().any(|endpoint| endpoint.guest_text)
    }

    /// What it does with guests.
    pub fn action(&self) -> Option<Action> {
        self.guests.map(|(_, action)| action)
    }

    /// The same as a tool that does this with guests of this kind.
    pub(super) fn for_guests(&'static self, kind: GuestKind, action: Action) -> GuestTool {
        GuestTool { profile: self, kind, action }
    }
}

/// A tool for guests of one kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct GuestTool {
    profile: &'static Profile,
    /// The kind of guest that it is for.
    pub kind: GuestKind,
    /// What it does.
    pub action: Action,
}

impl Deref for GuestTool {
    type Target = Profile;

    fn deref(&self) -> &Profile {
        self.profile
    }
}
