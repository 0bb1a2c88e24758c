//! What is to happen later, in order.

use std::{cmp::Reverse, collections::BinaryHeap, collections::HashMap, fmt};

use super::World;

/// One stage of a task: does something at its time and says how it goes on.
pub(in super::super) type Stage = Box<dyn FnOnce(&mut World, &str) -> Result<Flow, String> + Send>;

/// How a task goes on after a stage.
pub(in super::super) enum Flow {
    /// It is done.
    Done,
    /// With another stage, after so many milliseconds of a real host.
    After(u64, Stage),
}

/// Makes a stage of a closure.
pub(in super::super) fn stage(run: impl FnOnce(&mut World, &str) -> Result<Flow, String> + Send + 'static) -> Stage {
    Box::new(run)
}

/// Something that happens at its time.
enum Due {
    /// The next stage of a task.
    Stage(String, Stage),
    /// An event of its own: a guest that finishes to shut down, what high availability does.
    Event(Box<dyn FnOnce(&mut World) + Send>),
}

/// Events by their time; those of one time in the order in which they were put in.
#[derive(Default)]
pub(super) struct Queue {
    times: BinaryHeap<Reverse<(u64, u64)>>,
    due: HashMap<u64, Due>,
    next: u64,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("waiting", &self.due.len()).finish_non_exhaustive()
    }
}

impl Queue {
    fn push(&mut self, at: u64, due: Due) {
        self.times.push(Reverse((at, self.next)));
        self.due.insert(self.next, due);
        self.next += 1;
    }

    fn pop(&mut self, until: u64) -> Option<(u64, Due)> {
        let Reverse((at, number)) = *self.times.peek().filter(|Reverse((at, _))| *at <= until)?;
        self.times.pop();
        Some((at, self.due.remove(&number)?))
    }
}

impl World {
    /// Lets something happen after so many milliseconds of a real host.
    pub(in super::super) fn later(&mut self, real_ms: u64, event: impl FnOnce(&mut Self) + Send + 'static) {
        let at = self.now.saturating_add(self.lasting(real_ms));
        self.queue.push(at, Due::Event(Box::new(event)));
    }

    pub(super) fn next_stage(&mut self, upid: &str, real_ms: u64, stage: Stage) {
        let at = self.now.saturating_add(self.lasting(real_ms));
        self.queue.push(at, Due::Stage(upid.to_owned(), stage));
    }

    pub(super) fn run_until(&mut self, until: u64) {
        while let Some((at, due)) = self.queue.pop(until) {
            self.now = self.now.max(at);
            match due {
                Due::Event(event) => event(self),
                Due::Stage(upid, stage) if self.is_running(&upid) => match (stage(self, &upid), self.breaks(&upid)) {
                    (Ok(_), Some(text)) => self.finish(&upid, Err(text)),
                    (went, _) => self.went(&upid, went),
                },
                Due::Stage(..) => {}
            }
        }
        self.now = self.now.max(until);
    }

    fn went(&mut self, upid: &str, went: Result<Flow, String>) {
        match went {
            Ok(Flow::After(ms, next)) => self.next_stage(upid, ms, next),
            Ok(Flow::Done) => self.finish(upid, Ok(())),
            Err(text) => self.finish(upid, Err(text)),
        }
    }
}
