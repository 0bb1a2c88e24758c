//! A tool as a value: what it is called, what it can do at worst, what it takes and gives, and how it is run.

use std::{future::Future, pin::Pin, sync::OnceLock};

use serde_json::Value;

use super::{
    call::{Reply, ToolResult},
    lang::Catalogue,
    pipeline::Call,
    schema::{self, Argument},
};
use crate::spec::{Id, Param, Risk};

/// One tool.
#[derive(Debug)]
pub struct Tool {
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
    pub(super) title: fn(&Catalogue) -> &'static str,
    pub(super) text: fn(&Catalogue) -> &'static str,
    /// Its arguments, each with our description of it.
    pub(super) input: fn(&Catalogue) -> Vec<Argument>,
    /// JSON Schema of its structured results.
    pub(super) output: fn() -> Value,
    /// Carries out a call whose arguments fit and that no rule on the tool denies.
    pub(super) run: for<'a> fn(Call<'a>) -> Running<'a>,
    /// What its arguments are held against, made when it is first needed.
    pub(super) held: OnceLock<Held>,
}

/// A call on its way.
pub(super) type Running<'a> = Pin<Box<dyn Future<Output = Result<Reply, ToolResult>> + Send + 'a>>;

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
}

impl Toolset {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Guests, Self::Api];
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
        }
    }
}

/// What the arguments of a tool are held against, in two forms.
#[derive(Debug)]
pub(super) struct Held {
    /// As parameters of the model.
    pub params: Vec<Param>,
    /// As the properties of a schema.
    pub properties: Value,
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

impl Tool {
    /// The worst that one call can do.
    pub fn risk(&self) -> Risk {
        self.calls.iter().map(|endpoint| endpoint.risk).max().unwrap_or(Risk::Read)
    }

    /// Whether others wrote part of what it shows: names, tags and notes are those of whoever owns the guests.
    pub fn shows_foreign(&self) -> bool {
        self.needs.is_empty() || self.calls.iter().any(|endpoint| endpoint.guest_text)
    }

    /// What its arguments are held against.
    pub(super) fn held(&self) -> &Held {
        self.held.get_or_init(|| Held {
            params: schema::params(self),
            properties: schema::strict(self)["properties"].take(),
        })
    }

    /// Whether it has an argument of this name.
    pub(super) fn takes(&self, name: &str) -> bool {
        self.held().params.iter().any(|param| param.name == name)
    }
}
