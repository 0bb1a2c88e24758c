//! A place among the requests under way.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::{limits::Limited, share::Share, state::Shared};

/// One of the places that there are. It is counted, and waited for at the end, until its last clone is dropped: by the
/// answer when its last byte is handed over, and by the call, which may go on when its client has hung up.
#[derive(Clone)]
pub struct Place {
    _held: Arc<Held>,
}

struct Held {
    shared: Arc<Shared>,
    _permit: (OwnedSemaphorePermit, Share<String>),
    _token: TaskTrackerToken,
}

impl Place {
    /// Takes one for this caller.
    ///
    /// # Errors
    /// When all are taken, or all that the caller may have.
    pub fn take(shared: &Arc<Shared>, caller: &str) -> Result<Self, Limited> {
        let (permit, token) = (shared.limits.enter(caller)?, shared.calls.token());
        shared.metrics.in_flight.inc();
        Ok(Self { _held: Arc::new(Held { shared: Arc::clone(shared), _permit: permit, _token: token }) })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shared.metrics.in_flight.dec();
    }
}
