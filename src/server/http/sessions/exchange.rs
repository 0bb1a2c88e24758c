//! One request of a session and all that belongs to it: what its service reads and writes.

use std::{
    convert::Infallible,
    future::{Future, ready},
    sync::Arc,
};

use rmcp::{
    RoleServer,
    model::{
        ClientJsonRpcMessage, ClientRequest, ErrorData, JsonRpcRequest, RequestId, ServerJsonRpcMessage,
        ServerNotification,
    },
    transport::Transport,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{
    session::{Session, StreamNumber},
    stream::{Events, Reader},
};

/// What a client is told in place of an answer that there was no room for.
const DROPPED: &str =
    "the call has ended and its answer was dropped: too many bytes of earlier answers wait to be read";

/// The service's end of one request.
pub(super) struct Exchange {
    session: Arc<Session>,
    number: StreamNumber,
    events: Arc<Events>,
    request: RequestId,
    first: Option<ClientJsonRpcMessage>,
    inbox: UnboundedReceiver<ClientJsonRpcMessage>,
}

impl Exchange {
    /// Begins an exchange; the reader is the client's end.
    pub(super) fn begin(session: Arc<Session>, request: JsonRpcRequest<ClientRequest>) -> (Self, Reader) {
        let (sender, inbox) = unbounded_channel();
        let id = request.id.clone();
        let (number, events) = session.begin(id.clone(), sender);
        let reader = Reader::new(&session, number, Arc::clone(&events));
        let first = Some(ClientJsonRpcMessage::Request(request));
        (Self { session, number, events, request: id, first, inbox }, reader)
    }

    fn is_the_answer(&self, message: &ServerJsonRpcMessage) -> bool {
        match message {
            ServerJsonRpcMessage::Response(response) => response.id == self.request,
            ServerJsonRpcMessage::Error(error) => error.id.as_ref() == Some(&self.request),
            _ => false,
        }
    }

    /// Hands a message on. Where nobody reads, older answers make room for it; where that is not enough, the client is told
    /// in place of the answer that it was dropped. That is small, and counts no more than the request that asked.
    fn hand_on(&self, message: ServerJsonRpcMessage) {
        let Err(mut message) = self.events.push(message) else { return };
        while self.session.forget_left() {
            match self.events.push(*message) {
                Ok(()) => return,
                Err(still) => message = still,
            }
        }
        if self.is_the_answer(&message) {
            let error = ErrorData::internal_error(DROPPED, None);
            // Not even for this there is room: the stream ends without an answer, as after its time.
            let _ = self.events.push(ServerJsonRpcMessage::error(error, Some(self.request.clone())));
        }
    }

    /// What the service numbers for itself gets a number that is the session's own.
    fn renumbered(&self, message: ServerJsonRpcMessage) -> Option<ServerJsonRpcMessage> {
        Some(match message {
            ServerJsonRpcMessage::Request(mut question) => {
                question.id = self.session.asks(self.number, question.id);
                ServerJsonRpcMessage::Request(question)
            }
            ServerJsonRpcMessage::Notification(mut notification) => {
                if let ServerNotification::CancelledNotification(cancelled) = &mut notification.notification
                    && let Some(own) = &cancelled.params.request_id
                {
                    // A question that was answered is not taken back.
                    cancelled.params.request_id = Some(self.session.takes_back(self.number, own)?);
                }
                ServerJsonRpcMessage::Notification(notification)
            }
            other => other,
        })
    }
}

impl Transport<RoleServer> for Exchange {
    type Error = Infallible;

    fn send(&mut self, item: ServerJsonRpcMessage) -> impl Future<Output = Result<(), Infallible>> + Send + 'static {
        let last = self.is_the_answer(&item);
        if let Some(message) = self.renumbered(item) {
            self.hand_on(message);
        }
        if last {
            self.session.answered(self.number);
        }
        ready(Ok(()))
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        match self.first.take() {
            Some(first) => Some(first),
            None => self.inbox.recv().await,
        }
    }

    async fn close(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// However the service ends, nobody waits for it any longer.
impl Drop for Exchange {
    fn drop(&mut self) {
        self.session.answered(self.number);
    }
}
