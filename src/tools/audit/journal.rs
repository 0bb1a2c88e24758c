//! The one that writes: a thread of its own, so that a disk that is slow, or a file that another process has locked,
//! holds up nobody but the calls that want to be recorded; and those for so long.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use tokio::sync::oneshot;

use super::{AuditError, AuditLog, Record, record::DENIED};

/// From how many records on, while they wait for the log to be writable again, those of denied calls are left out.
/// Those of calls that were under way by then are kept: they are no more than calls can be under way.
const BACKLOG_MAX: usize = 1000;
/// How long a call waits for its line. The log gives up a lock before that.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where what became of a piece of work is told.
type Done = oneshot::Sender<Result<(), AuditError>>;

/// A piece of work for the thread.
enum Job {
    /// Write what waits, and look whether more could be written.
    Check(Done),
    /// Write what waits, then this, unless nobody waits for it any more.
    Intent(Box<Record>, Done),
    /// Keep this until it is written.
    Result(Box<Record>, Option<Done>),
    /// Go on in the file that lies at the path now.
    Reopen(Done),
}

/// A log that is written by a thread.
pub(in crate::tools) struct Journal {
    path: PathBuf,
    /// Jobs that the thread has not begun yet.
    waiting: Arc<AtomicUsize>,
    state: Mutex<State>,
}

/// The thread is started with the first job: most servers change nothing for a long time.
enum State {
    Idle(Box<AuditLog>),
    Running(mpsc::Sender<Job>),
    /// No thread could be had.
    Over,
}

impl Journal {
    pub(in crate::tools) fn new(log: AuditLog) -> Self {
        let path = log.path().to_owned();
        Self { path, waiting: Arc::default(), state: Mutex::new(State::Idle(Box::new(log))) }
    }

    /// Writes what could not be written before, and looks whether a line could be added.
    ///
    /// # Errors
    /// Why not.
    pub(in crate::tools) async fn check(&self) -> Result<(), AuditError> {
        self.ask(Job::Check).await
    }

    /// Writes the line that stands before a deed. It is on the disk when this returns.
    ///
    /// # Errors
    /// Why it is not; then the deed must not be done.
    pub(in crate::tools) async fn intent(&self, record: Record) -> Result<(), AuditError> {
        self.ask(|done| Job::Intent(Box::new(record), done)).await
    }

    /// Writes the line that stands after a call, or keeps it until it can be written.
    ///
    /// # Errors
    /// Why it is not written yet.
    pub(in crate::tools) async fn result(&self, record: Record) -> Result<(), AuditError> {
        self.ask(|done| Job::Result(Box::new(record), Some(done))).await
    }

    /// Has the line of a call written, by and by.
    pub(in crate::tools) fn note(&self, record: Record) {
        if record.decision == DENIED && self.waiting.load(Ordering::Relaxed) > BACKLOG_MAX {
            return left_out(&record);
        }
        self.send(Job::Result(Box::new(record), None));
    }

    /// Goes on in the file that lies at the path now.
    ///
    /// # Errors
    /// Why that cannot be.
    pub(in crate::tools) async fn reopen(&self) -> Result<(), AuditError> {
        self.ask(Job::Reopen).await
    }

    async fn ask(&self, job: impl FnOnce(Done) -> Job) -> Result<(), AuditError> {
        let silent = || AuditError::Silent { path: self.path.clone(), seconds: PATIENCE.as_secs() };
        let (done, answer) = oneshot::channel();
        if self.waiting.load(Ordering::Relaxed) > 10 * BACKLOG_MAX || !self.send(job(done)) {
            return Err(silent());
        }
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Err(silent()),
        }
    }

    /// Hands a job to the thread.
    fn send(&self, job: Job) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = match std::mem::replace(&mut *state, State::Over) {
            State::Idle(log) => {
                let (sender, jobs) = mpsc::channel();
                let mut writer = Writer { log: *log, backlog: Vec::new() };
                let waiting = Arc::clone(&self.waiting);
                let work = move || {
                    for job in jobs {
                        waiting.fetch_sub(1, Ordering::Relaxed);
                        writer.work(job);
                    }
                };
                match thread::Builder::new().name("audit".to_owned()).spawn(work) {
                    Ok(_) => State::Running(sender),
                    Err(error) => {
                        tracing::error!(%error, "the audit log has no thread to write it");
                        State::Over
                    }
                }
            }
            other => other,
        };
        let State::Running(sender) = &*state else { return false };
        self.waiting.fetch_add(1, Ordering::Relaxed);
        sender.send(job).is_ok()
    }
}

/// What the thread has.
struct Writer {
    log: AuditLog,
    /// Records that could not be written yet.
    backlog: Vec<Record>,
}

impl Writer {
    fn work(&mut self, job: Job) {
        let (answer, done) = match job {
            Job::Check(done) if done.is_closed() => return,
            Job::Check(done) => (self.catch_up().and_then(|()| self.log.check()), Some(done)),
            // Who has given up waiting has told its caller that nothing is sent.
            Job::Intent(_, done) if done.is_closed() => return,
            Job::Intent(record, done) => (self.catch_up().and_then(|()| self.log.append(&record)), Some(done)),
            Job::Result(record, done) => {
                self.keep(*record);
                (self.catch_up(), done)
            }
            Job::Reopen(done) => (self.log.reopen().and_then(|()| self.catch_up()), Some(done)),
        };
        match (done, answer) {
            // Who does not wait any more does not hear of it.
            (Some(done), answer) => drop(done.send(answer)),
            (None, Err(error)) => tracing::error!(%error, "a call could not be recorded"),
            (None, Ok(())) => {}
        }
    }

    /// Keeps a record until it can be written: of calls that were carried out all, of those that were denied so many.
    fn keep(&mut self, record: Record) {
        if self.backlog.len() < BACKLOG_MAX || record.decision != DENIED {
            self.backlog.push(record);
        } else {
            left_out(&record);
        }
    }

    /// Writes what has not been recorded yet.
    fn catch_up(&mut self) -> Result<(), AuditError> {
        while let Some(record) = self.backlog.first() {
            self.log.append(record)?;
            self.backlog.remove(0);
        }
        Ok(())
    }
}

fn left_out(record: &Record) {
    tracing::error!(tool = record.tool, "a refused call is left out of the audit log, too many wait for it");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::audit::Seal;

    #[test]
    fn of_the_records_that_wait_only_denials_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let log = AuditLog::open(&folder.path().join("audit.jsonl"), Seal::plain()).unwrap();
        let mut writer = Writer { log, backlog: Vec::new() };
        let record = |decision| Record { decision, ..Record::default() };
        for _ in 0..=BACKLOG_MAX {
            writer.keep(record(DENIED));
        }
        writer.keep(record("allowed"));
        let allowed = writer.backlog.iter().filter(|record| record.decision == "allowed").count();
        assert_eq!((writer.backlog.len(), allowed), (BACKLOG_MAX + 1, 1));
    }

    #[tokio::test]
    async fn an_intent_that_nobody_waits_for_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let mut writer = Writer { log: AuditLog::open(&path, Seal::plain()).unwrap(), backlog: Vec::new() };
        let (done, answer) = oneshot::channel();
        drop(answer);
        writer.work(Job::Intent(Box::default(), done));
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1, "the head alone");
    }
}
