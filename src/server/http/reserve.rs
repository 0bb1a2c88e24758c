//! Connections beyond all shares, for probes: whoever holds every place still leaves a way to ask whether the server lives.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use tokio_util::sync::CancellationToken;

/// How many of them there are at a time, beyond the connections that the operator allows.
pub const RESERVED: usize = 16;

/// In the extensions of a request that came in over one of them: it is answered if it is a probe.
#[derive(Clone, Copy, Debug)]
pub struct ProbesOnly;

/// The connections that are open there, the oldest first.
#[derive(Debug, Default)]
pub struct Reserve(Mutex<VecDeque<CancellationToken>>);

impl Reserve {
    /// Takes one more in. The oldest is closed for it when there are too many: a probe sends its head at once and is
    /// answered before as many others come, and whoever is silent holds nothing for long. The token is cancelled when this
    /// one is to be closed, and is to be cancelled when it has ended.
    pub fn enter(&self) -> CancellationToken {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|token| !token.is_cancelled());
        if open.len() >= RESERVED
            && let Some(oldest) = open.pop_front()
        {
            oldest.cancel();
        }
        let token = CancellationToken::new();
        open.push_back(token.clone());
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room_for_the_newest() {
        let reserve = Reserve::default();
        let tokens: Vec<_> = (0..RESERVED).map(|_| reserve.enter()).collect();
        assert!(tokens.iter().all(|token| !token.is_cancelled()));
        // One that has ended leaves its place, so nobody is closed for the next.
        tokens[3].cancel();
        let next = reserve.enter();
        assert!(!tokens[0].is_cancelled());
        let newest = reserve.enter();
        assert!(tokens[0].is_cancelled() && !tokens[1].is_cancelled());
        assert!(!next.is_cancelled() && !newest.is_cancelled());
    }
}
