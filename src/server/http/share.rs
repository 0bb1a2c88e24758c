//! How much of something each may hold at a time, so that nobody holds all of it.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

/// What each of many may hold.
#[derive(Debug)]
pub struct Shares<K: Eq + Hash + Clone> {
    most: usize,
    held: Mutex<HashMap<K, usize>>,
}

/// One that is held, until this is dropped.
#[derive(Debug)]
pub struct Share<K: Eq + Hash + Clone> {
    of: Arc<Shares<K>>,
    key: K,
}

impl<K: Eq + Hash + Clone> Shares<K> {
    /// Each may hold so many, and one at least.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most: most.max(1), held: Mutex::default() })
    }

    /// One more for this holder; nothing when it holds its share.
    pub fn take(self: &Arc<Self>, key: K) -> Option<Share<K>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(key.clone()).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Share { of: Arc::clone(self), key })
    }
}

impl<K: Eq + Hash + Clone> Drop for Share<K> {
    fn drop(&mut self) {
        let mut held = self.of.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.key) {
            *count -= 1;
            // Who holds nothing is not remembered.
            if *count == 0 {
                held.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_share_and_gives_it_back() {
        let shares = Shares::new(2);
        let held = (shares.take("a").expect("one"), shares.take("a").expect("two"));
        assert!(shares.take("a").is_none());
        assert!(shares.take("b").is_some(), "another has its own");
        drop(held);
        assert!(shares.take("a").is_some());
        assert!(shares.held.lock().expect("lock").is_empty());
    }
}
