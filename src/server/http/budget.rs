//! Bytes that wait for a client to read them: so many for each caller, and so many for all.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use prometheus_client::metrics::gauge::Gauge;

/// What each of many callers, and all together, may have waiting.
#[derive(Debug)]
pub struct Budget {
    bounds: Bounds,
    callers: Mutex<HashMap<Box<str>, Weak<Purse>>>,
}

#[derive(Clone, Debug)]
struct Bounds {
    each: usize,
    most: usize,
    all: Gauge,
}

/// What one caller has waiting.
#[derive(Debug)]
pub struct Purse {
    used: AtomicUsize,
    bounds: Bounds,
}

/// Bytes that count until this is dropped.
#[derive(Debug)]
pub struct Charge {
    bytes: usize,
    purse: Arc<Purse>,
}

impl Budget {
    /// So many bytes for each and for all; `all` shows what is used of them.
    pub fn new(each: usize, most: usize, all: Gauge) -> Self {
        Self { bounds: Bounds { each, most, all }, callers: Mutex::default() }
    }

    /// The purse of this caller.
    pub fn of(&self, caller: &str) -> Arc<Purse> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(purse) = callers.get(caller).and_then(Weak::upgrade) {
            return purse;
        }
        // Whoever has nothing waiting any more is not remembered.
        callers.retain(|_, purse| purse.strong_count() > 0);
        let purse = Arc::new(Purse { used: AtomicUsize::new(0), bounds: self.bounds.clone() });
        callers.insert(caller.into(), Arc::downgrade(&purse));
        purse
    }
}

impl Purse {
    /// Counts so many bytes more; nothing when that is more than this caller, or all together, may have.
    pub fn take(self: &Arc<Self>, bytes: usize) -> Option<Charge> {
        let Bounds { each, most, all } = &self.bounds;
        if total(all).saturating_add(bytes) > *most {
            return None;
        }
        let within = |now: usize| now.checked_add(bytes).filter(|sum| sum <= each);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within).ok()?;
        all.inc_by(signed(bytes));
        Some(Charge { bytes, purse: Arc::clone(self) })
    }

    /// As [`Purse::take`], but who has nothing waiting is given one thing, however much that is and whatever others have.
    pub fn take_or_first(self: &Arc<Self>, bytes: usize) -> Option<Charge> {
        self.take(bytes).or_else(|| (self.used() == 0).then(|| self.owe(bytes)))
    }

    /// Counts so many bytes, however many there are.
    pub fn owe(self: &Arc<Self>, bytes: usize) -> Charge {
        self.used.fetch_add(bytes, Ordering::Relaxed);
        self.bounds.all.inc_by(signed(bytes));
        Charge { bytes, purse: Arc::clone(self) }
    }

    /// How many bytes wait for this caller.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Whether nothing more is to be begun for this caller. Who has nothing waiting is never held up by what others have.
    pub fn is_full(&self) -> bool {
        let used = self.used();
        used >= self.bounds.each || (used > 0 && total(&self.bounds.all) >= self.bounds.most)
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.purse.used.fetch_sub(self.bytes, Ordering::Relaxed);
        self.purse.bounds.all.dec_by(signed(self.bytes));
    }
}

fn total(all: &Gauge) -> usize {
    usize::try_from(all.get()).unwrap_or(0)
}

fn signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_so_many_bytes_and_all_together_so_many() {
        let all = Gauge::default();
        let budget = Budget::new(100, 150, all.clone());
        let (one, other, third) = (budget.of("one"), budget.of("other"), budget.of("third"));
        let held = one.take(100).expect("all of its own");
        assert!(one.take(1).is_none() && one.is_full());
        assert!(budget.of("one").is_full(), "it is one purse");
        let rest = other.take(50).expect("what all may have");
        assert!(other.take(1).is_none() && other.is_full(), "there is no more for anybody");
        assert!(!third.is_full(), "who has nothing waiting is served");
        let owed = third.take_or_first(70).expect("the first");
        assert!(third.take_or_first(1).is_none());
        assert!(third.is_full() && all.get() == 220);
        drop((held, owed));
        assert!(!one.is_full() && other.take(1).is_some() && all.get() == 50);
        drop((one, other, third, rest));
        assert_eq!(all.get(), 0);
        let _ = budget.of("fourth");
        assert_eq!(budget.callers.lock().expect("lock").len(), 1, "who has nothing waiting is forgotten");
    }
}
