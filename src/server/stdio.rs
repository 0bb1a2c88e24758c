//! MCP over standard input and output: one JSON message a line, and nothing else on standard output.

use rmcp::{
    RoleServer, ServiceExt,
    model::{ClientRequest, ErrorData, GetMeta, ProtocolVersion, RequestId, ServerJsonRpcMessage},
    service::{RxJsonRpcMessage, ServerInitializeError, TxJsonRpcMessage},
    transport::{IntoTransport, Transport, stdio_pipes},
};
use tokio_util::sync::CancellationToken;

use super::Door;

/// Why the door closed other than by the end of input.
#[derive(Debug, thiserror::Error)]
pub enum StdioError {
    /// The first message opened neither era of the protocol.
    #[error("the MCP client did not open the session: {0}")]
    Open(&'static str),
    /// The task that served the messages broke.
    #[error("the MCP session broke: {0}")]
    Broken(String),
}

/// Serves until the input ends.
///
/// # Errors
/// When the session could not be opened or broke. The end of input is a good end at every stage: a client that only
/// probes, or dies early, has done nothing wrong that an exit code should tell.
pub async fn serve(door: Door) -> Result<(), StdioError> {
    let transport = Tolerant {
        inner: IntoTransport::<RoleServer, _, _>::into_transport(stdio_pipes()),
        opened: false,
        ended: door.ended(),
    };
    match door.serve(transport).await {
        Ok(service) => service.waiting().await.map(drop).map_err(|e| StdioError::Broken(e.to_string())),
        Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => Ok(()),
        Err(e) => Err(StdioError::Open(unopened(&e))),
    }
}

/// What was wrong with the opening, without the message: the SDK would show it as it holds it in memory.
fn unopened(error: &ServerInitializeError) -> &'static str {
    match error {
        ServerInitializeError::ExpectedInitializeRequest(_) => "its first message is not the request initialize",
        ServerInitializeError::InitializeFailed(_) | ServerInitializeError::UnexpectedInitializeResponse(_) => {
            "its request initialize could not be answered"
        }
        ServerInitializeError::TransportError { .. } => "the answer to its first request could not be written",
        _ => "what it sent first cannot be read",
    }
}

/// Whether a request opens the session, in either era of the protocol.
fn opens(request: &ClientRequest) -> bool {
    match request {
        ClientRequest::InitializeRequest(_) => true,
        ClientRequest::PingRequest(_) | ClientRequest::DiscoverRequest(_) => false,
        other => inline(other).is_some_and(|version| ProtocolVersion::KNOWN_VERSIONS.contains(&version)),
    }
}

/// The version of the protocol that a request carries with it, if it carries all that it must.
fn inline(request: &ClientRequest) -> Option<ProtocolVersion> {
    let meta = request.get_meta();
    meta.protocol_version().filter(|_| meta.missing_required_keys(&ProtocolVersion::V_2026_07_28).is_empty())
}

/// The answer to a request that opens nothing and that the SDK would answer in its own terms.
fn not_opened(request: &ClientRequest, id: RequestId) -> Option<TxJsonRpcMessage<RoleServer>> {
    let why = match request {
        ClientRequest::InitializeRequest(_) | ClientRequest::PingRequest(_) => return None,
        other if inline(other).is_some() => return None,
        other if other.method() == "initialize" => {
            "initialize needs the parameters protocolVersion, capabilities and clientInfo"
        }
        _ => {
            "send initialize first, or the protocol version and the client's capabilities in _meta with each request \
             (protocol 2026-07-28)"
        }
    };
    Some(ServerJsonRpcMessage::error(ErrorData::invalid_params(why, None), Some(id)))
}

/// A transport that passes over notifications and responses before the session is open, which the SDK would take for a
/// broken client, and that tells the door when the input has ended.
struct Tolerant<T> {
    inner: T,
    opened: bool,
    ended: CancellationToken,
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for Tolerant<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.inner.send(item)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            let Some(message) = self.inner.receive().await else {
                self.ended.cancel();
                return None;
            };
            if self.opened {
                return Some(message);
            }
            let RxJsonRpcMessage::<RoleServer>::Request(first) = &message else {
                tracing::debug!("passed over a message before the first request");
                continue;
            };
            match not_opened(&first.request, first.id.clone()) {
                Some(answer) => drop(self.inner.send(answer).await),
                None => {
                    self.opened = opens(&first.request);
                    return Some(message);
                }
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}
