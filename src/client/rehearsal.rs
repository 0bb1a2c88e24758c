//! A dry run: reads are sent, since what follows depends on them; what would change something is kept back.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Error, transport::Request};

/// Keeps back what would change something, and a list of all requests but logins. Clones share the list.
#[derive(Clone, Debug, Default)]
pub struct Rehearsal(Arc<Mutex<Vec<Rehearsed>>>);

/// A request of a dry run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsed {
    /// Verb and path below `/api2/json`.
    pub what: String,
    /// Its parameters, encoded as a form.
    pub form: String,
    /// Whether it was sent.
    pub sent: bool,
}

impl Rehearsal {
    /// The requests so far.
    pub fn requests(&self) -> Vec<Rehearsed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes a request; one that could change something is refused.
    pub(super) fn admit(&self, request: &Request) -> Result<(), Error> {
        let rehearsed = Rehearsed { what: request.what(), form: request.form.clone(), sent: request.safe };
        let mut requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A read that is repeated while something is waited for is told once.
        if requests.last() != Some(&rehearsed) {
            requests.push(rehearsed);
        }
        if request.safe { Ok(()) } else { Err(Error::Withheld { what: request.what() }) }
    }
}
