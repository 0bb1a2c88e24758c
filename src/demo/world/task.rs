//! Tasks: what a worker process does, and what is left of it (pve-common: `RESTEnvironment.pm`, `UPID.pm`).

use super::{Flow, Stage, World, stage};
use crate::demo::{access::Who, scenario::PastTask};

/// Finished tasks that are kept.
const KEPT: usize = 2000;
/// Milliseconds for which a task waits for a guest's lock.
const LOCK_WAIT_MS: u64 = 10_000;
/// Milliseconds between two looks at it.
const LOCK_LOOK_MS: u64 = 500;

/// How a task ended.
#[derive(Debug, Clone)]
pub(in super::super) struct End {
    /// Seconds since 1970.
    pub(in super::super) time: u64,
    /// `OK`, `WARNINGS: n` or what went wrong.
    pub(in super::super) status: String,
}

/// A task.
#[derive(Debug, Clone)]
pub(in super::super) struct Task {
    pub(in super::super) upid: String,
    pub(in super::super) node: String,
    pub(in super::super) pid: u32,
    pub(in super::super) pstart: u64,
    pub(in super::super) start: u64,
    pub(in super::super) kind: String,
    pub(in super::super) id: String,
    pub(in super::super) who: Who,
    pub(in super::super) log: Vec<String>,
    pub(in super::super) end: Option<End>,
}

impl World {
    /// Starts a task and gives its UPID. Its first stage happens when the worker has been forked.
    pub(in super::super) fn spawn(&mut self, kind: &str, node: &str, id: &str, who: &Who, first: Stage) -> String {
        let pid = self.pid();
        let start = self.seconds();
        let uptime = self.host(node).map_or(0, |h| h.node.uptime);
        // Clock ticks since the node was started; beyond 497 days PVE writes nine digits.
        let seconds = uptime.saturating_add((self.now - self.began) / 1000);
        let pstart = seconds.saturating_mul(100).saturating_add(self.now % 1000 / 10);
        let upid = format!("UPID:{node}:{pid:08X}:{pstart:08X}:{start:08X}:{kind}:{id}:{}:", who.id());
        let task = Task {
            upid: upid.clone(),
            node: node.to_owned(),
            pid,
            pstart,
            start,
            kind: kind.to_owned(),
            id: id.to_owned(),
            who: who.clone(),
            log: Vec::new(),
            end: None,
        };
        self.tasks.insert(upid.clone(), task);
        self.task_order.push(upid.clone());
        if self.task_order.len() > KEPT {
            let old = self.task_order.remove(0);
            self.tasks.remove(&old);
        }
        self.next_stage(&upid, 30, first);
        upid
    }

    /// A task that ended before the demo began.
    pub(super) fn past(&mut self, task: &PastTask) {
        let node = if task.node.is_empty() { self.local().to_owned() } else { task.node.clone() };
        let (user, token) = match task.user.split_once('!') {
            Some((user, token)) => (user.to_owned(), Some(token.to_owned())),
            None => (task.user.clone(), None),
        };
        let who = Who { user, token };
        let pid = self.pid();
        let start = self.seconds().saturating_sub(task.age);
        let uptime = self.host(&node).map_or(0, |h| h.node.uptime);
        let pstart = uptime.saturating_sub(task.age).saturating_mul(100);
        let upid = format!("UPID:{node}:{pid:08X}:{pstart:08X}:{start:08X}:{}:{}:{}:", task.kind, task.id, who.id());
        let mut log = task.log.clone();
        log.push(match task.status.as_str() {
            "OK" => "TASK OK".to_owned(),
            text if text.starts_with("WARNINGS") => format!("TASK {text}"),
            text => format!("TASK ERROR: {text}"),
        });
        let end = Some(End { time: start + task.took, status: task.status.clone() });
        let (kind, id) = (task.kind.clone(), task.id.clone());
        self.tasks.insert(upid.clone(), Task { upid: upid.clone(), node, pid, pstart, start, kind, id, who, log, end });
        self.task_order.push(upid);
    }

    /// How a task breaks off, if the scenario has it break off half-way.
    pub(super) fn breaks(&self, upid: &str) -> Option<String> {
        let task = self.tasks.get(upid)?;
        let guest = self.guests.get(&task.id.parse().ok()?)?;
        guest.fails.get(&task.kind).cloned()
    }

    /// Adds a line to a task's log.
    pub(in super::super) fn log(&mut self, upid: &str, line: impl Into<String>) {
        if let Some(task) = self.tasks.get_mut(upid) {
            task.log.push(line.into());
        }
    }

    /// Whether a task has not ended.
    pub(in super::super) fn is_running(&self, upid: &str) -> bool {
        self.tasks.get(upid).is_some_and(|t| t.end.is_none())
    }

    /// Ends a task: the last line of its log mirrors how it ended, and the locks it held are free.
    pub(in super::super) fn finish(&mut self, upid: &str, result: Result<(), String>) {
        let time = self.seconds();
        let Some(task) = self.tasks.get_mut(upid).filter(|t| t.end.is_none()) else { return };
        let warnings = task.log.iter().filter(|l| l.starts_with("WARN: ")).count();
        let (status, last) = match result {
            Ok(()) if warnings > 0 => (format!("WARNINGS: {warnings}"), format!("TASK WARNINGS: {warnings}")),
            Ok(()) => ("OK".to_owned(), "TASK OK".to_owned()),
            Err(text) => {
                let text = text.trim_end().replace('\n', " ");
                let last = format!("TASK ERROR: {text}");
                (text, last)
            }
        };
        task.log.push(last);
        task.end = Some(End { time, status });
        self.free_locks(upid);
    }

    /// Kills a task as `kill -9` does: no last line.
    pub(in super::super) fn kill(&mut self, upid: &str) -> bool {
        let time = self.seconds();
        let Some(task) = self.tasks.get_mut(upid).filter(|t| t.end.is_none()) else { return false };
        task.end = Some(End { time, status: "unexpected status".to_owned() });
        self.free_locks(upid);
        true
    }

    fn free_locks(&mut self, upid: &str) {
        let id = self.tasks.get(upid).and_then(|t| t.id.parse().ok()).unwrap_or(0);
        if let Some(guest) = self.guests.get_mut(&id)
            && guest.held_by.as_deref() == Some(upid)
        {
            guest.held_by = None;
        }
    }

    /// Tasks of these kinds on a guest that have not ended.
    pub(in super::super) fn running_tasks(&self, kind: &str, vmid: u32) -> Vec<Task> {
        let id = vmid.to_string();
        let wanted = |t: &&Task| t.end.is_none() && t.kind == kind && t.id == id;
        self.task_order.iter().filter_map(|upid| self.tasks.get(upid)).filter(wanted).cloned().collect()
    }
}

/// Lets a stage run under the guest's lock, which it waits for, and holds until the task ends.
pub(in super::super) fn under_lock(vmid: u32, then: Stage) -> Stage {
    wait_for_lock(vmid, LOCK_WAIT_MS / LOCK_LOOK_MS, then)
}

fn wait_for_lock(vmid: u32, looks: u64, then: Stage) -> Stage {
    stage(move |world, upid| {
        let Some(guest) = world.guests.get_mut(&vmid) else { return then(world, upid) };
        let free = guest.held_by.as_deref().is_none_or(|by| by == upid);
        if free {
            guest.held_by = Some(upid.to_owned());
            return then(world, upid);
        }
        if looks == 0 {
            return Err(format!("can't lock file '{}' - got timeout", guest.lock_file()));
        }
        if looks == LOCK_WAIT_MS / LOCK_LOOK_MS {
            world.log(upid, "trying to acquire lock...");
        }
        Ok(Flow::After(LOCK_LOOK_MS, wait_for_lock(vmid, looks - 1, then)))
    })
}
