//! What a client has done since it was made, for whoever watches it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    TaskOutcome,
    transport::{Answer, Fault},
};
use crate::pve::Upid;

/// Numbers of one client since it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that left, by the status of the answer (`200`) or by what came instead (`connect`, `tls`, `broken`,
    /// `slow`, `great`).
    pub requests: BTreeMap<String, u64>,
    /// Tickets that were got or renewed. A client with an API token needs none.
    pub logins: u64,
    /// Logins that failed.
    pub failed_logins: u64,
    /// Tasks that were followed, by how the following ended: `ok`, `warnings`, `failed`, `running`, `unknown`.
    pub tasks: BTreeMap<&'static str, u64>,
    /// Tasks that are being followed at this moment.
    pub following: Vec<Upid>,
}

/// The numbers of one client, as they are being counted.
#[derive(Default)]
pub(super) struct Counters(Mutex<Counts>);

impl Counters {
    pub(super) fn read(&self) -> Counts {
        self.lock().clone()
    }

    pub(super) fn request(&self, outcome: &Result<Answer, Fault>) {
        let word = match outcome {
            Ok(answer) => answer.status.to_string(),
            Err(Fault::Connect { .. }) => "connect".to_owned(),
            Err(Fault::Tls(_)) => "tls".to_owned(),
            Err(Fault::Broken(_)) => "broken".to_owned(),
            Err(Fault::Slow(_)) => "slow".to_owned(),
            Err(Fault::Great(_)) => "great".to_owned(),
            Err(Fault::CalledOff) => "called-off".to_owned(),
        };
        *self.lock().requests.entry(word).or_default() += 1;
    }

    pub(super) fn login(&self, good: bool) {
        let mut counts = self.lock();
        if good { counts.logins += 1 } else { counts.failed_logins += 1 }
    }

    /// Notes that a task is being followed, until the guard is told how it ended or is dropped.
    pub(super) fn follow(&self, upid: &Upid) -> Following<'_> {
        self.lock().following.push(upid.clone());
        Following { counters: self, upid: upid.clone(), ended: "unknown" }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        // Where a panic unwinds, in debug builds, it cannot leave a number half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task that is being followed.
pub(super) struct Following<'a> {
    counters: &'a Counters,
    upid: Upid,
    ended: &'static str,
}

impl Following<'_> {
    pub(super) fn ended(mut self, outcome: &TaskOutcome) {
        self.ended = match outcome {
            TaskOutcome::Ok => "ok",
            TaskOutcome::Warnings(_) => "warnings",
            TaskOutcome::Failed(_) => "failed",
            TaskOutcome::StillRunning => "running",
        };
    }
}

impl Drop for Following<'_> {
    fn drop(&mut self) {
        let mut counts = self.counters.lock();
        if let Some(at) = counts.following.iter().position(|upid| *upid == self.upid) {
            counts.following.swap_remove(at);
        }
        *counts.tasks.entry(self.ended).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_followed_until_its_end_or_until_it_is_given_up() {
        let counters = Counters::default();
        let upid: Upid = "UPID:pve1:0001A2B3:00C4D5E6:65A1B2C3:qmstart:100:root@pam:".parse().expect("a task id");
        let (first, second) = (counters.follow(&upid), counters.follow(&upid));
        assert_eq!(counters.read().following.len(), 2);
        first.ended(&TaskOutcome::Failed("no".into()));
        drop(second);
        let counts = counters.read();
        assert!(counts.following.is_empty());
        assert_eq!(counts.tasks, [("failed", 1), ("unknown", 1)].into());
    }

    #[test]
    fn requests_are_counted_by_what_came_of_them() {
        let counters = Counters::default();
        counters.request(&Ok(Answer { status: 403, ..Answer::default() }));
        counters.request(&Err(Fault::Slow("x".into())));
        counters.request(&Err(Fault::Slow("y".into())));
        counters.login(true);
        counters.login(false);
        let counts = counters.read();
        assert_eq!(counts.requests, [("403".to_owned(), 1), ("slow".to_owned(), 2)].into());
        assert_eq!((counts.logins, counts.failed_logins), (1, 1));
    }
}
