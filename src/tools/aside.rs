//! What goes beside the way that results go: the rows of a list as the JSON that they are sent as.
//!
//! A tree of values for a hundred guests is two thousand pieces of memory that are made to be written once and dropped.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// A place for one thing, shared by who leaves it there and who takes it.
pub struct Aside<T>(Arc<Mutex<Option<T>>>);

/// A list of a result's facts that is written already.
#[derive(Debug)]
pub struct Rows {
    /// Its name among the facts.
    pub name: &'static str,
    /// The list, as JSON, of which everything is fit to be shown.
    pub json: String,
}

impl<T> Aside<T> {
    /// Leaves it there.
    pub fn leave(&self, it: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(it);
    }

    /// Takes what is there.
    pub fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> Clone for Aside<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Aside<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> fmt::Debug for Aside<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aside").finish_non_exhaustive()
    }
}
