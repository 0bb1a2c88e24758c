//! How much one caller, and all callers together, may ask at a time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::share::{Share, Shares};

/// Callers that are remembered before those that have been quiet are dropped.
const REMEMBERED: usize = 4096;

/// What the operator allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quota {
    /// Requests a second that one caller may make in the long run; 0 for no limit.
    pub per_second: f64,
    /// Requests that one caller may make at once after a pause.
    pub burst: u32,
    /// Requests of all callers that may be under way at one time.
    pub concurrent: usize,
}

impl Default for Quota {
    fn default() -> Self {
        Self { per_second: 50.0, burst: 200, concurrent: 256 }
    }
}

/// Keeps the quota.
#[derive(Debug)]
pub struct Limits {
    quota: Quota,
    slots: Arc<Semaphore>,
    /// Of the places, those that each caller may have.
    callers: Arc<Shares<String>>,
    /// Bodies that are being read for each caller.
    bodies: Arc<Shares<String>>,
    /// Streams that are open besides calls, and those of each caller.
    streams: (Arc<Semaphore>, Arc<Shares<String>>),
    buckets: Mutex<HashMap<String, Bucket>>,
}

/// A token bucket: how many requests are left, as of when.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// Why a request has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Limited {
    /// The caller asked too often.
    #[error("too many requests from this caller; try again in {} s", .0.as_secs())]
    Rate(Duration),
    /// Too much is under way.
    #[error("too many requests are under way; try again in {} s", .0.as_secs())]
    Busy(Duration),
    /// Too much of what is under way is this caller's.
    #[error("too many requests of this caller are under way; try again in {} s", .0.as_secs())]
    Share(Duration),
}

impl Limited {
    /// For `Retry-After`: whole seconds, at least one.
    pub fn retry_after(&self) -> u64 {
        let (Self::Rate(wait) | Self::Busy(wait) | Self::Share(wait)) = self;
        wait.as_secs().max(1)
    }
}

impl Limits {
    /// Limits with nothing used yet, of which each caller may have so many places, and of streams so many each and in all.
    pub fn new(quota: Quota, each: usize, (streams_each, streams): (usize, usize)) -> Self {
        let places = |count: usize| Arc::new(Semaphore::new(count.clamp(1, Semaphore::MAX_PERMITS)));
        let (callers, bodies) = (Shares::new(each), Shares::new(each));
        let streams = (places(streams), Shares::new(streams_each));
        Self { quota, slots: places(quota.concurrent), callers, bodies, streams, buckets: Mutex::default() }
    }

    /// Counts one request of a caller at this moment.
    ///
    /// # Errors
    /// [`Limited::Rate`] with the time until one more is allowed, rounded up to seconds.
    pub fn count(&self, caller: &str, now: Instant) -> Result<(), Limited> {
        if self.quota.per_second <= 0.0 {
            return Ok(());
        }
        let full = f64::from(self.quota.burst.max(1));
        // Where a panic unwinds, in debug builds, it cannot leave a bucket half changed.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= REMEMBERED && !buckets.contains_key(caller) {
            // A bucket that is full again says nothing that a new one would not.
            buckets.retain(|_, b| b.refilled(self.quota.per_second, full, now).left < full);
        }
        let bucket = buckets.entry(caller.to_owned()).or_insert(Bucket { left: full, at: now });
        *bucket = bucket.refilled(self.quota.per_second, full, now);
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        let wait = ((1.0 - bucket.left) / self.quota.per_second).ceil().clamp(1.0, 3600.0);
        Err(Limited::Rate(Duration::from_secs_f64(wait)))
    }

    /// Takes a place among the requests under way, until the permit is dropped.
    ///
    /// # Errors
    /// [`Limited::Busy`] when all places are taken: a queue here would only hide the load from the caller.
    ///
    /// [`Limited::Share`] when all that one caller may have are this one's.
    pub fn enter(&self, caller: &str) -> Result<(OwnedSemaphorePermit, Share<String>), Limited> {
        let second = Duration::from_secs(1);
        let share = self.callers.take(caller.to_owned()).ok_or(Limited::Share(second))?;
        let permit = Arc::clone(&self.slots).try_acquire_owned().map_err(|_| Limited::Busy(second))?;
        Ok((permit, share))
    }

    /// Takes a place among the streams that are open besides calls.
    ///
    /// # Errors
    /// As [`Limits::enter`].
    pub fn stream(&self, caller: &str) -> Result<(OwnedSemaphorePermit, Share<String>), Limited> {
        let second = Duration::from_secs(1);
        let share = self.streams.1.take(caller.to_owned()).ok_or(Limited::Share(second))?;
        let permit = Arc::clone(&self.streams.0).try_acquire_owned().map_err(|_| Limited::Busy(second))?;
        Ok((permit, share))
    }

    /// Lets a body of this caller be read, which takes no place yet: one that never arrives would hold it.
    ///
    /// # Errors
    /// [`Limited::Share`] when too many of its bodies are on their way.
    pub fn body(&self, caller: &str) -> Result<Share<String>, Limited> {
        self.bodies.take(caller.to_owned()).ok_or(Limited::Share(Duration::from_secs(1)))
    }
}

impl Bucket {
    fn refilled(self, per_second: f64, full: f64, now: Instant) -> Self {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        Self { left: (self.left + since * per_second).min(full), at: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(per_second: f64, burst: u32, concurrent: usize) -> Limits {
        Limits::new(Quota { per_second, burst, concurrent }, concurrent, (1, 1))
    }

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let limits = limits(0.5, 3, 1);
        let start = Instant::now();
        for _ in 0..3 {
            assert_eq!(limits.count("a", start), Ok(()));
        }
        assert_eq!(limits.count("a", start), Err(Limited::Rate(Duration::from_secs(2))));
        assert_eq!(limits.count("b", start), Ok(()), "callers do not share");
        assert_eq!(limits.count("a", start + Duration::from_secs(2)), Ok(()));
        assert!(limits.count("a", start + Duration::from_secs(2)).is_err());
    }

    #[test]
    fn nought_means_no_limit() {
        let limits = limits(0.0, 1, 1);
        let start = Instant::now();
        assert!((0..10_000).all(|_| limits.count("a", start).is_ok()));
    }

    #[test]
    fn callers_that_have_been_quiet_are_forgotten() {
        let limits = limits(1.0, 1, 1);
        let start = Instant::now();
        for i in 0..REMEMBERED {
            limits.count(&i.to_string(), start).expect("first of each");
        }
        limits.count("late", start + Duration::from_secs(10)).expect("first");
        assert_eq!(limits.buckets.lock().expect("lock").len(), 1);
    }

    #[test]
    fn places_are_given_back() {
        let limits = limits(1.0, 1, 2);
        let held = (limits.enter("a").expect("one"), limits.enter("b").expect("two"));
        assert_eq!(limits.enter("a").map(drop), Err(Limited::Busy(Duration::from_secs(1))));
        drop(held);
        assert!(limits.enter("a").is_ok());
    }
}
