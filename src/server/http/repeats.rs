//! Log lines that anybody can cause: so many of a kind in a minute are written, the others counted.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Lines of one kind that are written in a minute.
pub const EACH: u64 = 60;
/// How often it is told what was left out.
pub const MINUTE: Duration = Duration::from_secs(60);

/// Counts the lines of each kind in this minute. The kinds are words of ours, so there are only so many.
#[derive(Debug, Default)]
pub struct Repeats(Mutex<HashMap<String, u64>>);

impl Repeats {
    /// Whether one more line of this kind is to be written; it is counted if not.
    pub fn tells(&self, kind: &str) -> bool {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match kinds.get_mut(kind) {
            Some(count) => {
                *count = count.saturating_add(1);
                *count <= EACH
            }
            None => kinds.insert(kind.to_owned(), 1).is_none(),
        }
    }

    /// Ends the minute: how many lines of which kinds were left out in it.
    pub fn left_out(&self) -> Vec<(String, u64)> {
        let kinds = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        kinds.into_iter().filter(|(_, count)| *count > EACH).map(|(kind, count)| (kind, count - EACH)).collect()
    }

    /// Ends the minute, and writes what was left out in it.
    pub fn tell_left_out(&self) {
        for (kind, more) in self.left_out() {
            tracing::warn!(kind, "{more} more such lines in the last minute");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_lines_of_each_kind_are_written_and_the_others_counted() {
        let repeats = Repeats::default();
        assert_eq!((0..1000).filter(|_| repeats.tells("a")).count() as u64, EACH);
        assert!(repeats.tells("b"), "kinds do not share");
        assert_eq!(repeats.left_out(), [("a".to_owned(), 1000 - EACH)]);
        assert!(repeats.tells("a"), "a new minute");
        assert_eq!(repeats.left_out(), []);
    }
}
