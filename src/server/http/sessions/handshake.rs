//! The first exchange of a session: the SDK's service for it reads one message, answers it and is told that there is
//! no more.

use std::{
    convert::Infallible,
    future::{Future, ready},
    sync::Arc,
};

use rmcp::{
    RoleServer,
    model::{
        ClientCapabilities, ClientJsonRpcMessage, ClientRequest, Implementation, InitializeRequestParams,
        ServerJsonRpcMessage, ServerResult,
    },
    transport::Transport,
};
use tokio::sync::oneshot;

use super::session::Session;

/// Greatest size of what a session keeps of its client's words, as JSON, in bytes.
const CLIENT_MAX: usize = 16 * 1024;

/// The service's end.
pub struct Handshake {
    session: Arc<Session>,
    first: Option<oneshot::Receiver<ClientJsonRpcMessage>>,
    answer: Option<oneshot::Sender<ServerJsonRpcMessage>>,
    client: Option<InitializeRequestParams>,
}

/// The end of the request that opens the session.
#[derive(Debug)]
pub struct Opening {
    first: oneshot::Sender<ClientJsonRpcMessage>,
    answer: oneshot::Receiver<ServerJsonRpcMessage>,
    over: oneshot::Receiver<()>,
}

impl Handshake {
    /// Sets both ends up; the other one waits in the session.
    pub fn new(session: Arc<Session>) -> Self {
        let (first_in, first) = oneshot::channel();
        let (answer, answer_out) = oneshot::channel();
        let (over_in, over) = oneshot::channel();
        session.expect(Opening { first: first_in, answer: answer_out, over }, over_in);
        Self { session, first: Some(first), answer: Some(answer), client: None }
    }

    fn note(&mut self, message: &ClientJsonRpcMessage) {
        let ClientJsonRpcMessage::Request(request) = message else { return };
        if let ClientRequest::InitializeRequest(initialize) = &request.request {
            let mut client = initialize.params.clone();
            // Nothing here asks for these, and they can be of any size.
            client.meta = None;
            client.capabilities.experimental = None;
            client.client_info.icons = None;
            if serde_json::to_vec(&client).is_ok_and(|text| text.len() > CLIENT_MAX) {
                tracing::warn!("a client says too much of itself; none of it is kept");
                client.capabilities = ClientCapabilities::default();
                client.client_info = Implementation::new("unknown", "0");
            }
            self.client = Some(client);
        }
    }
}

impl Opening {
    /// Passes the first message on and waits for its answer, and for the service to be gone: from then on a session that
    /// is closed is closed by its client.
    pub async fn run(self, message: ClientJsonRpcMessage) -> Option<ServerJsonRpcMessage> {
        self.first.send(message).ok()?;
        let answer = self.answer.await.ok()?;
        self.over.await.ok()?;
        Some(answer)
    }
}

impl Transport<RoleServer> for Handshake {
    type Error = Infallible;

    fn send(&mut self, item: ServerJsonRpcMessage) -> impl Future<Output = Result<(), Infallible>> + Send + 'static {
        if let ServerJsonRpcMessage::Response(response) = &item
            && let ServerResult::InitializeResult(result) = &response.result
            && let Some(mut client) = self.client.take()
        {
            client.protocol_version = result.protocol_version.clone();
            self.session.agreed(client);
        }
        if let Some(answer) = self.answer.take() {
            // Whoever opened the session may have hung up.
            let _ = answer.send(item);
        }
        ready(Ok(()))
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        let message = self.first.as_mut()?.await.ok();
        self.first = None;
        if let Some(message) = &message {
            self.note(message);
        }
        message
    }

    async fn close(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
