//! How much of what nobody has read yet is kept: so many bytes for a session, and so many for all sessions of a caller.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use crate::server::http::budget::{Charge, Purse};

/// The bytes that are kept for one session.
#[derive(Debug)]
pub struct Account {
    session: AtomicUsize,
    most: usize,
    caller: Arc<Purse>,
    told: AtomicBool,
}

/// Bytes that are kept, and count until this is dropped.
#[derive(Debug)]
pub struct Kept {
    bytes: Box<[u8]>,
    account: Arc<Account>,
    _charge: Charge,
}

impl Account {
    /// An account for a session of the caller whose purse this is, with at most so many bytes for the session.
    pub fn new(caller: Arc<Purse>, most: usize) -> Arc<Self> {
        Arc::new(Self { session: AtomicUsize::new(0), most, caller, told: AtomicBool::new(false) })
    }

    /// Keeps these bytes; gives them back when they are more than session or caller may have.
    ///
    /// # Errors
    /// The bytes.
    pub fn keep(self: &Arc<Self>, bytes: Box<[u8]>) -> Result<Kept, Box<[u8]>> {
        let within = |now: usize| now.checked_add(bytes.len()).filter(|sum| *sum <= self.most);
        if self.session.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within).is_err() {
            return Err(bytes);
        }
        match self.caller.take(bytes.len()) {
            Some(charge) => Ok(Kept { bytes, account: Arc::clone(self), _charge: charge }),
            None => {
                self.session.fetch_sub(bytes.len(), Ordering::Relaxed);
                Err(bytes)
            }
        }
    }

    /// Tells the log that something was dropped, once for a session: its client decides how often that happens.
    pub fn tell(&self) {
        if !self.told.swap(true, Ordering::Relaxed) {
            let (session, caller) = (self.session.load(Ordering::Relaxed), self.caller.used());
            tracing::warn!(session, caller, "a client leaves too many bytes of answers unread; some are dropped");
        }
    }
}

impl Kept {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.account.session.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::metrics::gauge::Gauge;

    use super::*;
    use crate::server::http::budget::Budget;

    fn bytes(length: usize) -> Box<[u8]> {
        vec![b' '; length].into()
    }

    #[test]
    fn a_session_has_so_many_bytes_and_its_caller_so_many_in_all() {
        let all = Gauge::default();
        let budget = Budget::new(400, 1000, all.clone());
        let accounts: Vec<_> = (0..6).map(|_| Account::new(budget.of("one"), 100)).collect();
        let kept: Vec<_> = accounts.iter().map(|account| account.keep(bytes(100))).collect();
        assert_eq!(kept.iter().filter(|kept| kept.is_ok()).count(), 4);
        assert_eq!(all.get(), 400);
        let other = Account::new(budget.of("other"), 100);
        let most = other.keep(bytes(100)).expect("another caller has its own");
        assert!(other.keep(bytes(1)).is_err(), "that was all of the session");
        drop(most);
        assert!(other.keep(bytes(1)).is_ok());
        drop((kept, accounts, other));
        assert_eq!(all.get(), 0);
    }
}
