//! When a request may be sent again, decided without IO.

use std::time::Duration;

use super::{
    error::retryable_595,
    transport::{Answer, Fault, Request},
};

/// How often a request is sent at most to one host; every further host adds one.
const ATTEMPTS: u32 = 4;
/// No attempt begins later than this after the first: a host that lets each run into its 30 s limit is asked twice.
const WINDOW: Duration = Duration::from_secs(40);
/// The pause before the second attempt; each further one is three times as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// It stands as it is.
    Keep,
    /// Send it again, to the same host.
    Again,
    /// Send it again, to another host if there is one.
    Elsewhere,
    /// Send it to a host that has not been tried; the one that was would only take as long again.
    OnlyElsewhere,
}

/// Judges an attempt. A write goes out again only when it was surely not carried out.
pub(super) fn next(request: &Request, outcome: &Result<Answer, Fault>) -> Next {
    match outcome {
        // No connection, no request.
        Err(Fault::Connect { timed_out: false, .. }) => Next::Elsewhere,
        Err(Fault::Connect { timed_out: true, .. } | Fault::Tls(_)) => Next::OnlyElsewhere,
        // A pveproxy under load drops about one connection in a hundred without a reply.
        Err(Fault::Broken(_)) if request.safe => Next::Again,
        Err(Fault::Slow(_)) if request.safe => Next::OnlyElsewhere,
        Err(_) => Next::Keep,
        Ok(answer) => of_answer(request, answer),
    }
}

fn of_answer(request: &Request, answer: &Answer) -> Next {
    if !answer.is_of_pve() {
        // Another host may stand behind another proxy, or behind none.
        return if request.safe { Next::OnlyElsewhere } else { Next::Keep };
    }
    let phrase = answer.reason.as_deref().unwrap_or_default();
    match answer.status {
        595 if request.safe || retryable_595(595, phrase) => Next::Elsewhere,
        596..=599 if request.safe => Next::Elsewhere,
        // The worker could not even be forked (pve-common, `RESTEnvironment.pm`).
        500 if phrase.starts_with("got no worker upid") => Next::Again,
        _ => Next::Keep,
    }
}

/// How many attempts there are with this many hosts.
pub(super) fn attempts(hosts: usize) -> u32 {
    ATTEMPTS.saturating_add(u32::try_from(hosts.saturating_sub(1)).unwrap_or(u32::MAX))
}

/// The pause before attempt `attempt` (from 0), or nothing when there is to be none.
pub(super) fn pause(attempt: u32, hosts: usize, elapsed: Duration) -> Option<Duration> {
    if attempt >= attempts(hosts) || elapsed > WINDOW {
        return None;
    }
    let repeats = attempt.saturating_sub(u32::try_from(hosts).unwrap_or(u32::MAX));
    let pause = FIRST_PAUSE * 3u32.saturating_pow(repeats.min(3));
    Some(pause + pause.mul_f64(jitter() / 2.0))
}

/// From 0 to 1, so that clients that were cut off together do not come back together.
fn jitter() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    let random = u32::try_from(RandomState::new().hash_one(0u8) >> 32).unwrap_or(0);
    f64::from(random) / f64::from(u32::MAX)
}
