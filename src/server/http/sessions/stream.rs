//! Streams of events: answers that can be read again from where a reader left off, and streams that only stay open.

use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use futures_core::Stream;
use rmcp::{model::ServerJsonRpcMessage, transport::streamable_http_server::session::ServerSseMessage};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::session::{Session, StreamNumber};

/// When a client that lost its connection should come back.
const RETRY: Duration = Duration::from_secs(3);
/// Most events of one answer that are kept; the answer itself is the last.
const KEPT: usize = 64;

/// The events of one answer.
#[derive(Debug)]
pub struct Events {
    number: StreamNumber,
    log: Mutex<Log>,
}

#[derive(Debug)]
struct Log {
    kept: VecDeque<ServerSseMessage>,
    /// Index of the first that is kept.
    first: usize,
    ended: Option<Instant>,
    /// Readers so far; only the latest one reads.
    reader: usize,
    waker: Option<Waker>,
}

impl Events {
    /// The beginning of an answer: an event without a message, which tells a client from where it can resume.
    pub fn new(number: StreamNumber) -> Self {
        let begin = ServerSseMessage::priming(event_id(0, number), RETRY);
        let log = Log { kept: [begin].into(), first: 0, ended: None, reader: 0, waker: None };
        Self { number, log: Mutex::new(log) }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a message.
    pub fn push(&self, message: ServerJsonRpcMessage) {
        let mut log = self.log();
        if log.ended.is_some() {
            return;
        }
        let index = log.first + log.kept.len();
        log.kept.push_back(ServerSseMessage::new(event_id(index, self.number), message));
        if log.kept.len() > KEPT {
            log.kept.pop_front();
            log.first += 1;
        }
        log.wake();
    }

    /// Nothing comes any more.
    pub fn end(&self) {
        let mut log = self.log();
        log.ended.get_or_insert_with(Instant::now);
        log.wake();
    }

    /// Whether it ended so long ago.
    pub fn ended_for(&self, long: Duration) -> bool {
        self.log().ended.is_some_and(|at| at.elapsed() >= long)
    }
}

impl Log {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

fn event_id(index: usize, number: StreamNumber) -> String {
    format!("{index}/{number}")
}

/// Reads an answer to its end, and then has its session forget it.
pub struct Reader {
    session: Arc<Session>,
    number: StreamNumber,
    events: Arc<Events>,
    next: usize,
    reader: usize,
}

impl Reader {
    /// A reader from the beginning.
    pub fn new(session: &Arc<Session>, number: StreamNumber, events: Arc<Events>) -> Self {
        Self::from(session, number, events, 0)
    }

    /// A reader of what came after an event; nothing when that event's answer is not kept.
    pub fn after(session: &Arc<Session>, event_id: &str) -> Option<Self> {
        let (index, number) = event_id.split_once('/')?;
        let (index, number): (usize, StreamNumber) = (index.parse().ok()?, number.parse().ok()?);
        let events = session.events(number)?;
        Some(Self::from(session, number, events, index.saturating_add(1)))
    }

    fn from(session: &Arc<Session>, number: StreamNumber, events: Arc<Events>, next: usize) -> Self {
        let reader = {
            let mut log = events.log();
            // Whoever read before stops: an event goes to one stream only.
            log.wake();
            log.reader += 1;
            log.reader
        };
        Self { session: Arc::clone(session), number, events, next, reader }
    }

    /// What there is to read now; `None` within means the end.
    fn read(&mut self, waker: &Waker) -> Poll<Option<ServerSseMessage>> {
        let mut log = self.events.log();
        if log.reader != self.reader {
            return Poll::Ready(None);
        }
        self.next = self.next.max(log.first);
        if let Some(event) = log.kept.get(self.next - log.first) {
            self.next += 1;
            return Poll::Ready(Some(event.clone()));
        }
        if log.ended.is_none() {
            log.waker = Some(waker.clone());
            return Poll::Pending;
        }
        drop(log);
        self.session.forget(self.number);
        Poll::Ready(None)
    }
}

impl Stream for Reader {
    type Item = ServerSseMessage;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ServerSseMessage>> {
        self.read(cx.waker())
    }
}

/// A stream on which nothing comes: this server has nothing to say but in answers. It stays open until its session is
/// closed, and keeps it from being idle.
pub struct Standalone {
    session: Arc<Session>,
    ended: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Standalone {
    /// Opens it.
    pub fn new(session: Arc<Session>) -> Self {
        session.watched();
        let ended = Box::pin(session.ended().cancelled_owned());
        Self { session, ended }
    }
}

impl Drop for Standalone {
    fn drop(&mut self) {
        self.session.unwatched();
    }
}

impl Stream for Standalone {
    type Item = ServerSseMessage;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ServerSseMessage>> {
        self.ended.as_mut().poll(cx).map(|()| None)
    }
}
