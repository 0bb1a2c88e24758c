//! The demo's own time of day: that of the system, or one that a scenario sets and a test moves on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// A clock that all parts of one demo share. It never goes back.
#[derive(Clone, Debug)]
pub(super) struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    base: Duration,
    /// When it was started; none for one that stands still.
    started: Option<Instant>,
    ahead_ms: AtomicU64,
}

impl Clock {
    /// A clock that starts at `at` seconds since 1970, or now; a still one moves only when it is moved on.
    pub(super) fn new(at: Option<u64>, still: bool) -> Self {
        let base = match at {
            Some(seconds) => Duration::from_secs(seconds),
            None => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        };
        Self(Arc::new(Inner { base, started: (!still).then(Instant::now), ahead_ms: AtomicU64::new(0) }))
    }

    /// Milliseconds since 1970.
    pub(super) fn now_ms(&self) -> u64 {
        let passed = self.0.base + self.0.started.map_or(Duration::ZERO, |started| started.elapsed());
        millis(passed).saturating_add(self.0.ahead_ms.load(Ordering::Relaxed))
    }

    /// Seconds since 1970.
    pub(super) fn now(&self) -> u64 {
        self.now_ms() / 1000
    }

    /// Moves on.
    pub(super) fn advance(&self, by: Duration) {
        self.0.ahead_ms.fetch_add(millis(by), Ordering::Relaxed);
    }
}

/// A duration in milliseconds; one that does not fit is the longest there is.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
