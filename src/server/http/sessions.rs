//! Sessions of the protocol revisions before 2026-07-28.
//!
//! The SDK's own sessions keep a service loop and its channels for each, some 60 KiB whether or not anybody calls. Here
//! a session at rest is what its client said of itself and a few counters: a service runs while a request is answered,
//! and for no longer. What a client has not read of an answer is kept for a while, so that it can come back for it.

mod exchange;
mod handshake;
mod message;
mod session;
mod stream;
mod unread;

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_core::Stream;
use ring::rand::{SecureRandom, SystemRandom};
use rmcp::{
    ServerHandler,
    model::{ClientJsonRpcMessage, ServerJsonRpcMessage},
    service::serve_directly_with_ct,
    transport::streamable_http_server::session::{ServerSseMessage, SessionId, SessionManager},
};
use tokio_util::sync::CancellationToken;

use self::{
    exchange::Exchange,
    handshake::Handshake,
    session::Session,
    stream::{Reader, Standalone},
    unread::Account,
};
use super::budget::Budget;

/// How long what was not read of an answer is kept for a client that comes back for it.
const RESUMABLE: Duration = Duration::from_secs(60);

tokio::task_local! {
    /// Identity of the caller whose request is being handled: the SDK does not pass it on to where a session is made, and a
    /// session counts from then on, whether or not its caller waits for the answer.
    pub static CALLER: Box<str>;
}

/// The open sessions, and the handler that answers in them.
pub struct Sessions<H> {
    handler: H,
    idle: Duration,
    ended: CancellationToken,
    open: Mutex<HashMap<SessionId, Arc<Session>>>,
    unread: Budget,
    /// Bytes that are kept for one session.
    unread_each: usize,
}

/// Why a session cannot do what was asked of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// It was closed, by its client or for being idle, or never opened.
    #[error("there is no such session")]
    Unknown,
    /// The system has no random numbers, so no id can be given that nobody guesses.
    #[error("the system gives no random numbers")]
    Random,
    /// The first message was not answered.
    #[error("the session was not opened")]
    NotOpened,
    /// Only requests have an answer that can be streamed.
    #[error("this message has no answer")]
    NoRequest,
    /// The event is none that can be resumed after: unknown, or read to its end, or too long ago.
    #[error("there is nothing to resume after this event")]
    Event,
}

impl<H: ServerHandler + Clone + Sync> Sessions<H> {
    /// No sessions yet. `idle` is how long one may be without a request, a running call or an open stream; `ended` ends
    /// them all; `unread` is how much is kept until its client reads it, for each caller and all, and for each session.
    pub fn new(handler: H, idle: Duration, ended: CancellationToken, (unread, unread_each): (Budget, usize)) -> Self {
        Self { handler, idle, ended, open: Mutex::default(), unread, unread_each }
    }

    /// Closes sessions that have been idle for too long and drops answers that nobody came back for.
    pub fn sweep(&self) {
        let mut over = Vec::new();
        self.all().retain(|_, session| {
            let keep = !session.idle_for(self.idle);
            if !keep {
                over.push(Arc::clone(session));
            }
            keep
        });
        over.iter().for_each(|session| session.close());
        let kept: Vec<_> = self.all().values().cloned().collect();
        kept.iter().for_each(|session| session.forget_older(RESUMABLE));
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.all().len()
    }

    /// How many of them this caller has opened.
    pub fn count_of(&self, owner: &str) -> usize {
        self.all().values().filter(|session| session.is_of(owner)).count()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<Session>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A session that is open and has not been idle for too long. To be found is to be used.
    fn find(&self, id: &SessionId) -> Result<Arc<Session>, SessionError> {
        let open = self.all();
        let session = open.get(id).cloned().ok_or(SessionError::Unknown)?;
        if session.idle_for(self.idle) {
            drop(open);
            self.remove(id);
            return Err(SessionError::Unknown);
        }
        session.used();
        Ok(session)
    }

    fn remove(&self, id: &SessionId) {
        let removed = self.all().remove(id);
        if let Some(session) = removed {
            session.close();
        }
    }
}

fn new_id() -> Result<SessionId, SessionError> {
    let mut bytes = [0u8; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| SessionError::Random)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes).into())
}

impl<H: ServerHandler + Clone + Sync> SessionManager for Sessions<H> {
    type Error = SessionError;
    type Transport = Handshake;

    async fn create_session(&self) -> Result<(SessionId, Handshake), SessionError> {
        let id = new_id()?;
        let owner = CALLER.try_with(Box::clone).unwrap_or_default();
        let unread = Account::new(self.unread.of(&owner), self.unread_each);
        let session = Arc::new(Session::new(self.ended.child_token(), owner, unread));
        self.all().insert(id.clone(), Arc::clone(&session));
        Ok((id, Handshake::new(session)))
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, SessionError> {
        let opening = self.find(id)?.opening().ok_or(SessionError::NotOpened)?;
        opening.run(message).await.ok_or(SessionError::NotOpened)
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, SessionError> {
        Ok(self.find(id).is_ok())
    }

    /// The SDK calls this when a client closes its session, and also when the service that it ran for the handshake has
    /// ended, which is no reason to close anything.
    async fn close_session(&self, id: &SessionId) -> Result<(), SessionError> {
        let session = self.all().get(id).cloned();
        if session.is_some_and(|session| !session.handshake_over()) {
            self.remove(id);
        }
        Ok(())
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, SessionError> {
        let session = self.find(id)?;
        let ClientJsonRpcMessage::Request(request) = message else { return Err(SessionError::NoRequest) };
        let client = session.client();
        let ended = session.ended();
        let (exchange, reader) = Exchange::begin(session, request);
        let service = serve_directly_with_ct(self.handler.clone(), exchange, client, ended);
        tokio::spawn(async move {
            if let Err(error) = service.waiting().await {
                tracing::error!(%error, "a request of a session broke off");
            }
        });
        Ok(reader)
    }

    async fn accept_message(&self, id: &SessionId, message: ClientJsonRpcMessage) -> Result<(), SessionError> {
        self.find(id)?.accept(message);
        Ok(())
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, SessionError> {
        Ok(Standalone::new(self.find(id)?))
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, SessionError> {
        let session = self.find(id)?;
        // The SDK gives the beginnings of streams that are no answers a number without a stream.
        let resumed: Pin<Box<dyn Stream<Item = ServerSseMessage> + Send + Sync>> = if last_event_id.contains('/') {
            Box::pin(Reader::after(&session, &last_event_id).ok_or(SessionError::Event)?)
        } else {
            Box::pin(Standalone::new(session))
        };
        Ok(resumed)
    }
}
