//! The tasks that this process has begun.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use super::guest::Guest;
use crate::pve::Upid;

/// How many tasks are remembered: about a megabyte.
const MOST: usize = 4096;

/// The tasks that this process has begun, for whom, and what the guest was then.
#[derive(Debug, Default)]
pub(super) struct Begun(Mutex<VecDeque<BegunTask>>);

#[derive(Debug)]
pub(super) struct BegunTask {
    upid: Upid,
    /// For whom.
    pub identity: Option<String>,
    /// What the guest was then.
    pub guest: Option<Guest>,
}

impl Begun {
    /// Remembers a task, and forgets the oldest one that is too many.
    pub(super) fn note(&self, upid: &Upid, identity: Option<&str>, guest: Option<&Guest>) {
        let guest = guest.map(|guest| Guest { row: serde_json::Map::new(), ..guest.clone() });
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.iter().rev().any(|one| one.upid == *upid) {
            return;
        }
        if known.len() == MOST {
            known.pop_front();
        }
        known.push_back(BegunTask { upid: upid.clone(), identity: identity.map(str::to_owned), guest });
    }

    /// What is read of a task that was begun here.
    pub(super) fn of<T>(&self, upid: &str, read: impl Fn(&BegunTask) -> T) -> Option<T> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().rev().find(|one| one.upid.as_str() == upid).map(read)
    }
}
