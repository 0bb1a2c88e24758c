//! MCP over standard input and output: one JSON message a line, and nothing else on standard output.

mod out;
mod under_way;

use std::{pin::Pin, sync::Arc};

use rmcp::{
    RoleServer, ServiceExt,
    model::{ClientRequest, ErrorData, GetMeta, ProtocolVersion, RequestId, ServerJsonRpcMessage},
    service::{RxJsonRpcMessage, ServerInitializeError, TxJsonRpcMessage},
    transport::{IntoTransport, Transport, stdio_pipes},
};
use tokio::io::AsyncWrite;
use tokio_util::sync::CancellationToken;

use self::{
    out::{Out, Own},
    under_way::{Entrance, UnderWay, answers},
};
use super::{Door, ids, written};

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
    let (input, output) = stdio_pipes();
    let out = Out::new(output);
    let transport = Tolerant {
        inner: IntoTransport::<RoleServer, _, _>::into_transport((input, Own::of(&out))),
        out,
        opened: false,
        held: None,
        refusing: None,
        under_way: Arc::default(),
        ended: door.ended(),
    };
    match door.over_pipe().serve(transport).await {
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

fn is_ping(request: &ClientRequest) -> bool {
    matches!(request, ClientRequest::PingRequest(_))
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
/// broken client, that lets only so many requests be under way and so many bytes wait to be read, and that tells the door
/// when the input has ended.
struct Tolerant<T, W> {
    inner: T,
    out: Arc<Out<W>>,
    opened: bool,
    /// A request that waits for a place. Here, because the SDK drops what receives whenever something else happens.
    held: Option<RxJsonRpcMessage<RoleServer>>,
    /// A refusal that is being written; nothing is read before it is.
    refusing: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    under_way: Arc<UnderWay>,
    ended: CancellationToken,
}

impl<T: Transport<RoleServer>, W: AsyncWrite + Send + Unpin + 'static> Tolerant<T, W> {
    fn enter(&self, message: &RxJsonRpcMessage<RoleServer>) -> Entrance {
        match message {
            RxJsonRpcMessage::<RoleServer>::Request(asked) if self.out.is_full() && !is_ping(&asked.request) => {
                Entrance::Full
            }
            RxJsonRpcMessage::<RoleServer>::Request(asked) => self.under_way.enter(&asked.request, &asked.id),
            RxJsonRpcMessage::<RoleServer>::Notification(told) => {
                self.under_way.noted(&told.notification);
                Entrance::In
            }
            _ => Entrance::In,
        }
    }

    fn refuse(&mut self, message: RxJsonRpcMessage<RoleServer>) {
        let RxJsonRpcMessage::<RoleServer>::Request(asked) = message else { return };
        let why = if self.out.is_full() {
            "too many bytes of earlier answers wait to be read; read them before sending more"
        } else {
            "too many requests are under way; wait for answers before sending more"
        };
        self.write(ErrorData::internal_error(why, None), Some(asked.id));
    }

    fn write(&mut self, error: ErrorData, id: Option<RequestId>) {
        let writing = self.out.send(&ServerJsonRpcMessage::error(error, id), None);
        self.refusing = Some(Box::pin(async move {
            // A pipe that cannot be written ends the session elsewhere.
            let _ = writing.await;
        }));
    }
}

impl<T: Transport<RoleServer>, W: AsyncWrite + Send + Unpin + 'static> Transport<RoleServer> for Tolerant<T, W> {
    type Error = std::io::Error;

    fn send(
        &mut self,
        mut item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let (answered, under_way) = (answers(&item), Arc::clone(&self.under_way));
        let aside = written::taken(&mut item);
        let sending = self.out.send(&item, aside.as_deref());
        drop(item);
        async move {
            let sent = sending.await;
            if let Some(id) = answered {
                under_way.over(&id);
            }
            sent
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            if let Some(refusing) = &mut self.refusing {
                refusing.await;
                self.refusing = None;
            }
            let held = self.held.take();
            let Some(message) = (if held.is_some() { held } else { self.inner.receive().await }) else {
                self.ended.cancel();
                return None;
            };
            if let RxJsonRpcMessage::<RoleServer>::Request(asked) = &message
                && !ids::fit(&asked.request, &asked.id)
            {
                self.write(ErrorData::invalid_request(ids::TOO_LONG, None), None);
                continue;
            }
            if self.opened {
                match self.enter(&message) {
                    Entrance::In => return Some(message),
                    Entrance::Later => {
                        self.held = Some(message);
                        self.under_way.freed().await;
                    }
                    Entrance::Full => self.refuse(message),
                }
                continue;
            }
            let RxJsonRpcMessage::<RoleServer>::Request(first) = &message else {
                tracing::debug!("passed over a message before the first request");
                continue;
            };
            match not_opened(&first.request, first.id.clone()) {
                Some(answer) => drop(self.out.send(&answer, None).await),
                None => {
                    self.opened = opens(&first.request);
                    return Some(message);
                }
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        // What waits is written by whoever holds it.
        let _ = self.inner.close().await;
        Ok(())
    }
}
