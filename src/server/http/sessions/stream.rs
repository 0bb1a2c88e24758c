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

use super::{
    message,
    session::{Session, StreamNumber},
    unread::{Account, Kept},
};

/// When a client that lost its connection should come back.
const RETRY: Duration = Duration::from_secs(3);
/// Most events of one answer that are kept; the answer itself is the last.
const KEPT: usize = 64;

/// The events of one answer.
#[derive(Debug)]
pub struct Events {
    account: Arc<Account>,
    log: Mutex<Log>,
}

#[derive(Debug)]
struct Log {
    kept: VecDeque<Event>,
    /// Index of the first that is kept.
    first: usize,
    ended: Option<Instant>,
    /// Readers so far; only the latest one reads.
    reader: usize,
    /// Whether the latest one is still there.
    read: bool,
    /// Whether it has read all there was, and not yet come for what there is since: it will, as soon as it is woken.
    eager: bool,
    waker: Option<Waker>,
}

/// An event after the first.
#[derive(Debug, Default)]
struct Event {
    /// The message, for whoever waited for it, until it is read: it need not be parsed for them.
    fresh: Option<Arc<ServerJsonRpcMessage>>,
    /// The message for whoever comes later; nothing when there was no room for it.
    kept: Option<Kept>,
}

impl Events {
    /// The beginning of an answer: an event without a message, which tells a client from where it can resume.
    pub fn new(account: Arc<Account>) -> Self {
        let kept = [Event::default()].into();
        let log = Log { kept, first: 0, ended: None, reader: 0, read: false, eager: false, waker: None };
        Self { account, log: Mutex::new(log) }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a message. Gives it back when nobody waits for it and there is no room to keep it.
    ///
    /// # Errors
    /// The message.
    pub fn push(&self, message: ServerJsonRpcMessage) -> Result<(), Box<ServerJsonRpcMessage>> {
        let kept = self.account.keep(message::bytes(&message)).ok();
        let mut log = self.log();
        if log.ended.is_some() {
            return Ok(());
        }
        let waited_for = log.eager;
        if kept.is_none() && !waited_for {
            return Err(Box::new(message));
        }
        log.kept.push_back(Event { fresh: waited_for.then(|| Arc::new(message)), kept });
        if log.kept.len() > KEPT {
            log.kept.pop_front();
            log.first += 1;
        }
        log.wake();
        Ok(())
    }

    /// Whether it is complete and nobody is reading it.
    pub fn is_left(&self) -> bool {
        let log = self.log();
        log.ended.is_some() && !log.read
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

impl Event {
    /// What a reader gets. Whoever reads it is the one who waited for it, if anybody did.
    fn take(&mut self, id: String) -> ServerSseMessage {
        let mut event = ServerSseMessage::priming(id, RETRY);
        let parsed = || self.kept.as_ref().and_then(|kept| message::parsed(kept.bytes())).map(Arc::new);
        if let Some(message) = self.fresh.take().or_else(parsed) {
            event.message = Some(message);
            event.retry = None;
        }
        event
    }
}

fn event_id(index: usize, number: StreamNumber) -> String {
    format!("{index}/{number}")
}

/// Reads an answer to its end, and then has its session forget it.
pub(super) struct Reader {
    session: Arc<Session>,
    number: StreamNumber,
    events: Arc<Events>,
    next: usize,
    reader: usize,
}

impl Reader {
    /// A reader from the beginning.
    pub(super) fn new(session: &Arc<Session>, number: StreamNumber, events: Arc<Events>) -> Self {
        Self::from(session, number, events, 0)
    }

    /// A reader of what came after an event; nothing when that event's answer is not kept.
    pub(super) fn after(session: &Arc<Session>, event_id: &str) -> Option<Self> {
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
            (log.read, log.eager) = (true, false);
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
        let index = self.next - log.first;
        if let Some(event) = log.kept.get_mut(index) {
            let event = event.take(event_id(self.next, self.number));
            self.next += 1;
            log.eager = false;
            return Poll::Ready(Some(event));
        }
        if log.ended.is_none() {
            log.waker = Some(waker.clone());
            log.eager = true;
            return Poll::Pending;
        }
        drop(log);
        self.session.forget(self.number);
        Poll::Ready(None)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut log = self.events.log();
        if log.reader == self.reader {
            (log.read, log.eager) = (false, false);
            log.waker = None;
            // What it waited for and did not take is for another one to parse.
            log.kept.iter_mut().for_each(|event| event.fresh = None);
        }
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
pub(super) struct Standalone {
    session: Arc<Session>,
    ended: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Standalone {
    /// Opens it.
    pub(super) fn new(session: Arc<Session>) -> Self {
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
