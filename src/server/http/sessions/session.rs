//! One session: what its client said of itself, and what is under way in it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rmcp::model::{ClientJsonRpcMessage, ClientNotification, InitializeRequestParams, RequestId};
use tokio::sync::{mpsc::UnboundedSender, oneshot};
use tokio_util::sync::CancellationToken;

use super::{handshake::Opening, stream::Events, unread::Account};

/// Number of a stream within its session: the answer to one request.
pub(super) type StreamNumber = u64;

/// One session. Small while nothing is under way.
#[derive(Debug)]
pub struct Session {
    state: Mutex<State>,
    ended: CancellationToken,
    /// Identity of the caller who opened it.
    owner: Box<str>,
    /// What is kept for its client to read.
    unread: Arc<Account>,
}

#[derive(Debug)]
struct State {
    /// What the client said of itself, with the revision that was agreed on; nothing until the handshake is over.
    client: Option<Arc<InitializeRequestParams>>,
    handshake: Handshaking,
    used: Instant,
    /// Streams that are open without being the answer to a request.
    watchers: usize,
    last_stream: StreamNumber,
    last_question: i64,
    streams: HashMap<StreamNumber, Answering>,
    /// Questions that the client has yet to answer: by the number that it knows, the stream and the service's own number.
    questions: HashMap<i64, (StreamNumber, RequestId)>,
}

/// The two halves of the handshake, each taken once.
#[derive(Debug, Default)]
struct Handshaking {
    opening: Option<Opening>,
    over: Option<oneshot::Sender<()>>,
}

/// An answer that is being given, or waits to be read.
#[derive(Debug)]
struct Answering {
    request: RequestId,
    events: Arc<Events>,
    /// The way to the service; nothing once it has answered.
    inbox: Option<UnboundedSender<ClientJsonRpcMessage>>,
}

impl Session {
    /// A session before its handshake.
    pub fn new(ended: CancellationToken, owner: Box<str>, unread: Arc<Account>) -> Self {
        let state = State {
            client: None,
            handshake: Handshaking::default(),
            used: Instant::now(),
            watchers: 0,
            last_stream: 0,
            last_question: 0,
            streams: HashMap::new(),
            questions: HashMap::new(),
        };
        Self { state: Mutex::new(state), ended, owner, unread }
    }

    /// Whether it is this caller's.
    pub fn is_of(&self, owner: &str) -> bool {
        *self.owner == *owner
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the halves of the handshake until they are asked for.
    pub fn expect(&self, opening: Opening, over: oneshot::Sender<()>) {
        self.state().handshake = Handshaking { opening: Some(opening), over: Some(over) };
    }

    /// The half of the handshake that the request which opens the session waits at.
    pub fn opening(&self) -> Option<Opening> {
        self.state().handshake.opening.take()
    }

    /// Who is at the other end.
    pub fn agreed(&self, client: InitializeRequestParams) {
        self.state().client = Some(Arc::new(client));
    }

    /// Notes that the service of the handshake has ended; false when it had before, or when nothing was agreed on, so
    /// that the session is to be closed.
    pub fn handshake_over(&self) -> bool {
        let mut state = self.state();
        let agreed = state.client.is_some();
        // Whoever waited for this may have given up.
        state.handshake.over.take().is_some_and(|over| over.send(()).is_ok() && agreed)
    }

    /// What the client said of itself.
    pub fn client(&self) -> Option<InitializeRequestParams> {
        self.state().client.as_deref().cloned()
    }

    /// Cancelled when the session is closed.
    pub fn ended(&self) -> CancellationToken {
        self.ended.child_token()
    }

    /// Notes that something has happened.
    pub fn used(&self) {
        self.state().used = Instant::now();
    }

    /// Whether nothing has happened for so long and nothing is under way.
    pub fn idle_for(&self, long: Duration) -> bool {
        let state = self.state();
        let busy = state.watchers > 0 || state.streams.values().any(|answering| answering.inbox.is_some());
        !busy && state.used.elapsed() >= long
    }

    /// Ends everything that is under way.
    pub fn close(&self) {
        self.ended.cancel();
        let streams = std::mem::take(&mut self.state().streams);
        streams.values().for_each(|answering| answering.events.end());
    }

    /// Begins the answer to a request.
    pub fn begin(
        &self,
        request: RequestId,
        inbox: UnboundedSender<ClientJsonRpcMessage>,
    ) -> (StreamNumber, Arc<Events>) {
        let mut state = self.state();
        state.last_stream += 1;
        let number = state.last_stream;
        let events = Arc::new(Events::new(Arc::clone(&self.unread)));
        state.streams.insert(number, Answering { request, events: Arc::clone(&events), inbox: Some(inbox) });
        (number, events)
    }

    /// Notes that an answer is complete.
    pub fn answered(&self, number: StreamNumber) {
        let mut state = self.state();
        state.used = Instant::now();
        state.questions.retain(|_, (stream, _)| *stream != number);
        if let Some(answering) = state.streams.get_mut(&number) {
            answering.inbox = None;
            answering.events.end();
        }
    }

    /// Gives a question of a service a number that no other service of this session uses.
    pub fn asks(&self, number: StreamNumber, own: RequestId) -> RequestId {
        let mut state = self.state();
        state.last_question += 1;
        let question = state.last_question;
        state.questions.insert(question, (number, own));
        RequestId::Number(question)
    }

    /// The number under which the client knows a question that its service takes back.
    pub fn takes_back(&self, number: StreamNumber, own: &RequestId) -> Option<RequestId> {
        let mut state = self.state();
        let known = state.questions.iter().find(|(_, (stream, id))| *stream == number && id == own);
        let question = *known?.0;
        state.questions.remove(&question);
        Some(RequestId::Number(question))
    }

    /// Passes on what is no request: answers to questions, and cancellations.
    pub fn accept(&self, message: ClientJsonRpcMessage) {
        let mut state = self.state();
        match message {
            ClientJsonRpcMessage::Response(mut response) => {
                if let Some((inbox, own)) = state.answer_to(&response.id) {
                    response.id = own;
                    // The service may have stopped waiting.
                    let _ = inbox.send(ClientJsonRpcMessage::Response(response));
                }
            }
            ClientJsonRpcMessage::Error(mut error) => {
                if let Some((inbox, own)) = error.id.as_ref().and_then(|id| state.answer_to(id)) {
                    error.id = Some(own);
                    let _ = inbox.send(ClientJsonRpcMessage::Error(error));
                }
            }
            ClientJsonRpcMessage::Notification(notification) => {
                let ClientNotification::CancelledNotification(cancelled) = &notification.notification else { return };
                let Some(request) = cancelled.params.request_id.clone() else { return };
                let answering = state.streams.values_mut().find(|a| a.request == request && a.inbox.is_some());
                if let Some(answering) = answering {
                    // To a cancelled request there is no answer: what the service reads after this is its end.
                    if let Some(inbox) = answering.inbox.take() {
                        let _ = inbox.send(ClientJsonRpcMessage::Notification(notification));
                    }
                    answering.events.end();
                }
            }
            ClientJsonRpcMessage::Request(_) => {}
        }
    }

    /// The events of an answer that is not yet read to its end.
    pub fn events(&self, number: StreamNumber) -> Option<Arc<Events>> {
        self.state().streams.get(&number).map(|answering| Arc::clone(&answering.events))
    }

    /// Drops an answer that was read to its end.
    pub fn forget(&self, number: StreamNumber) {
        self.state().streams.remove(&number);
    }

    /// Drops the oldest answer that is complete and that nobody is reading, because there is no room for another; false
    /// when there is none.
    pub fn forget_left(&self) -> bool {
        self.unread.tell();
        let mut state = self.state();
        let left = state.streams.iter().filter(|(_, answering)| answering.events.is_left());
        let oldest = left.map(|(number, _)| *number).min();
        oldest.and_then(|oldest| state.streams.remove(&oldest)).is_some()
    }

    /// Drops answers that have waited for a reader for so long.
    pub fn forget_older(&self, long: Duration) {
        self.state().streams.retain(|_, answering| !answering.events.ended_for(long));
    }

    /// Counts a stream that is open without being an answer.
    pub fn watched(&self) {
        self.state().watchers += 1;
    }

    /// Such a stream has ended.
    pub fn unwatched(&self) {
        let mut state = self.state();
        state.used = Instant::now();
        state.watchers = state.watchers.saturating_sub(1);
    }
}

impl State {
    /// The way to the service that asked this, and the number under which it did.
    fn answer_to(&mut self, question: &RequestId) -> Option<(&UnboundedSender<ClientJsonRpcMessage>, RequestId)> {
        let RequestId::Number(question) = question else { return None };
        let (stream, own) = self.questions.remove(question)?;
        Some((self.streams.get(&stream)?.inbox.as_ref()?, own))
    }
}
