//! How many requests of the one client of a pipe are under way at a time.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rmcp::model::{ClientNotification, ClientRequest, RequestId, ServerJsonRpcMessage};
use tokio::sync::Notify;

/// Requests that may be under way; as many as the HTTP door has places.
const CALLS: usize = 256;
/// Pings that may be under way. They never wait for anybody, so the next one is read when one is answered.
const PINGS: usize = 64;

/// The requests that have been read and not answered.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    open: Mutex<Open>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct Open {
    pings: Held,
    calls: Held,
}

/// Requests by their id, which a client may give more than once.
#[derive(Debug, Default)]
struct Held {
    ids: HashMap<RequestId, usize>,
    all: usize,
}

/// What is to be done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entrance {
    /// It is counted, and goes on.
    In,
    /// It goes on when another has been answered.
    Later,
    /// It is refused.
    Full,
}

impl UnderWay {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request, if it has a place. What may wait for Proxmox VE or for the client itself is not waited for: the
    /// next message may be what ends it.
    pub(super) fn enter(&self, request: &ClientRequest, id: &RequestId) -> Entrance {
        let mut open = self.open();
        let ping = super::is_ping(request);
        let (held, most) = if ping { (&mut open.pings, PINGS) } else { (&mut open.calls, CALLS) };
        if held.all < most {
            held.add(id);
            return Entrance::In;
        }
        if ping { Entrance::Later } else { Entrance::Full }
    }

    /// A request has been answered, or needs no answer any more.
    pub(super) fn over(&self, id: &RequestId) {
        let mut open = self.open();
        if open.pings.remove(id) || open.calls.remove(id) {
            self.freed.notify_one();
        }
    }

    /// A request that is cancelled is answered by nobody.
    pub(super) fn noted(&self, notification: &ClientNotification) {
        if let ClientNotification::CancelledNotification(cancelled) = notification
            && let Some(id) = &cancelled.params.request_id
        {
            self.over(id);
        }
    }

    /// Waits until one is over.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }
}

impl Held {
    fn add(&mut self, id: &RequestId) {
        *self.ids.entry(id.clone()).or_default() += 1;
        self.all += 1;
    }

    fn remove(&mut self, id: &RequestId) -> bool {
        let Some(count) = self.ids.get_mut(id) else { return false };
        *count -= 1;
        if *count == 0 {
            self.ids.remove(id);
        }
        self.all -= 1;
        true
    }
}

/// The request that a message answers.
pub(super) fn answers(message: &ServerJsonRpcMessage) -> Option<RequestId> {
    match message {
        ServerJsonRpcMessage::Response(response) => Some(response.id.clone()),
        ServerJsonRpcMessage::Error(error) => error.id.clone(),
        _ => None,
    }
}
