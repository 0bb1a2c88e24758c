//! Answers on their way out: what they hold is held until their last byte is with the system, not only until it is handed
//! to the connection, which may wait for its client for long.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    response::Response,
};
use http::StatusCode;
use hyper::body::{Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    budget::{Charge, Purse},
    connections::Busy,
    place::Place,
    problem::Problem,
    share::Share,
};

/// What is handed over however much waits: errors, and what came of a change. The places that one caller may have bound
/// how many of these there are beyond its budget.
const ALWAYS: usize = 16 * 1024;

/// What an answer holds until it is written.
pub struct Holds {
    /// Its place among the requests under way, until its last byte is handed over: a stream of progress is work under way.
    pub place: Option<Place>,
    /// Its place among the streams, likewise.
    pub stream: Option<Arc<(OwnedSemaphorePermit, Share<String>)>>,
    /// Its connection, until all is written.
    pub busy: Option<Busy>,
    /// What its caller has waiting.
    pub purse: Arc<Purse>,
}

/// Whether anything may be begun for this caller.
///
/// # Errors
/// When too many bytes of its answers are still unread.
pub fn admit(purse: &Purse) -> Result<(), Problem> {
    if !purse.is_full() {
        return Ok(());
    }
    let detail = format!("{} bytes of answers to this caller wait to be read; nothing was begun", purse.used());
    let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "unread", "Too much is unread", detail);
    problem.retry_after = Some(1);
    Err(problem)
}

/// The answer, counted as what its caller has yet to read.
///
/// # Errors
/// When there is no room for it.
pub fn counted(response: Response, holds: Holds) -> Result<Response, Problem> {
    let length = HttpBody::size_hint(response.body()).exact().and_then(|length| usize::try_from(length).ok());
    // A body of one piece is counted before its head is sent, so that there can be another answer in its place.
    let charge = match length.filter(|length| *length > ALWAYS) {
        Some(length) => Some(holds.purse.take_or_first(length).ok_or_else(dropped)?),
        None => None,
    };
    Ok(response.map(|inner| Body::new(Counted { inner, charge, holds })))
}

/// In place of an answer that is too much.
fn dropped() -> Problem {
    let detail =
        "the call has ended and its answer was dropped: too many bytes of answers to this caller wait to be read";
    let mut problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unread", "Too much is unread", detail);
    problem.retry_after = Some(1);
    problem
}

/// A body whose pieces count until they are written.
struct Counted {
    inner: Body,
    /// For the first piece, if it was counted before.
    charge: Option<Charge>,
    holds: Holds,
}

/// Bytes, and what they hold.
struct Held {
    bytes: Bytes,
    _charge: Charge,
    _busy: Option<Busy>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Counted {
    fn held(&mut self, bytes: Bytes) -> Result<Bytes, axum::Error> {
        if bytes.is_empty() {
            return Ok(bytes);
        }
        let length = bytes.len();
        let Holds { purse, busy, .. } = &self.holds;
        let charge = match self.charge.take() {
            Some(charge) => charge,
            None if length <= ALWAYS => purse.owe(length),
            // What was said of it stands in the stream already: the connection is broken off, and what its session keeps
            // can be come back for.
            None => {
                purse.take_or_first(length).ok_or_else(|| axum::Error::new(io::Error::other("too much is unread")))?
            }
        };
        Ok(Bytes::from_owner(Held { bytes, _charge: charge, _busy: busy.clone() }))
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Some(frame) = std::task::ready!(Pin::new(&mut self.inner).poll_frame(cx)) else { return Poll::Ready(None) };
        Poll::Ready(Some(frame.and_then(|frame| match frame.into_data() {
            Ok(bytes) => self.held(bytes).map(Frame::data),
            Err(other) => Ok(other),
        })))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
