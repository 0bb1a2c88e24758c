//! How much of what nobody has read yet is kept: so many bytes for a session, and so many for all sessions of a caller.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use prometheus_client::metrics::gauge::Gauge;

/// Most bytes that are kept for one session.
pub const SESSION_MAX: usize = 4 * 1024 * 1024;
/// Most bytes that are kept for all sessions of one caller.
pub const CALLER_MAX: usize = 16 * 1024 * 1024;

/// The bytes that are kept for each caller with a session.
#[derive(Debug)]
pub struct Unread {
    callers: Mutex<HashMap<Box<str>, Weak<AtomicUsize>>>,
    all: Gauge,
}

/// The bytes that are kept for one session.
#[derive(Debug)]
pub struct Account {
    session: AtomicUsize,
    caller: Arc<AtomicUsize>,
    all: Gauge,
    told: AtomicBool,
}

/// Bytes that are kept, and count until this is dropped.
#[derive(Debug)]
pub struct Kept {
    bytes: Box<[u8]>,
    account: Arc<Account>,
}

impl Unread {
    /// Nothing yet; `all` is what is kept for everybody, in bytes.
    pub fn new(all: Gauge) -> Self {
        Self { callers: Mutex::default(), all }
    }

    /// An account for a session of this caller.
    pub fn account(&self, owner: &str) -> Arc<Account> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let caller = callers.get(owner).and_then(Weak::upgrade).unwrap_or_else(|| {
            // Whoever has no session any more is not remembered.
            callers.retain(|_, caller| caller.strong_count() > 0);
            let caller = Arc::default();
            callers.insert(owner.into(), Arc::downgrade(&caller));
            caller
        });
        let (session, told) = (AtomicUsize::new(0), AtomicBool::new(false));
        Arc::new(Account { session, caller, all: self.all.clone(), told })
    }
}

impl Account {
    /// Keeps these bytes; gives them back when they are more than session or caller may have.
    ///
    /// # Errors
    /// The bytes.
    pub fn keep(self: &Arc<Self>, bytes: Box<[u8]>) -> Result<Kept, Box<[u8]>> {
        if !add(&self.session, bytes.len(), SESSION_MAX) {
            return Err(bytes);
        }
        if !add(&self.caller, bytes.len(), CALLER_MAX) {
            self.session.fetch_sub(bytes.len(), Ordering::Relaxed);
            return Err(bytes);
        }
        self.all.inc_by(signed(bytes.len()));
        Ok(Kept { bytes, account: Arc::clone(self) })
    }

    /// Tells the log that something was dropped, once for a session: its client decides how often that happens.
    pub fn tell(&self) {
        if !self.told.swap(true, Ordering::Relaxed) {
            let (session, caller) = (self.session.load(Ordering::Relaxed), self.caller.load(Ordering::Relaxed));
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
        let length = self.bytes.len();
        self.account.session.fetch_sub(length, Ordering::Relaxed);
        self.account.caller.fetch_sub(length, Ordering::Relaxed);
        self.account.all.dec_by(signed(length));
    }
}

/// Adds what stays within the limit; false, and nothing is added, when it does not.
fn add(count: &AtomicUsize, more: usize, most: usize) -> bool {
    let within = |now: usize| now.checked_add(more).filter(|sum| *sum <= most);
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within).is_ok()
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(length: usize) -> Box<[u8]> {
        vec![b' '; length].into()
    }

    #[test]
    fn a_session_has_so_many_bytes_and_its_caller_so_many_in_all() {
        let all = Gauge::default();
        let unread = Unread::new(all.clone());
        let accounts: Vec<_> = (0..6).map(|_| unread.account("one")).collect();
        let kept: Vec<_> = accounts.iter().map(|account| account.keep(bytes(SESSION_MAX))).collect();
        assert_eq!(kept.iter().filter(|kept| kept.is_ok()).count(), CALLER_MAX / SESSION_MAX);
        assert_eq!(all.get(), signed(CALLER_MAX));
        let other = unread.account("other");
        let most = other.keep(bytes(SESSION_MAX)).expect("another caller has its own");
        assert!(other.keep(bytes(1)).is_err(), "that was all of the session");
        drop(most);
        assert!(other.keep(bytes(1)).is_ok());
        drop((kept, accounts, other));
        assert_eq!(all.get(), 0);
        let _ = unread.account("third");
        assert_eq!(unread.callers.lock().expect("lock").len(), 1, "who has no session is forgotten");
    }
}
