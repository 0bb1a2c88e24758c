//! MCP over standard input and output: one JSON message a line, and nothing else on standard output.

use rmcp::{
    RoleServer, ServiceExt,
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
    Open(String),
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
        Err(e) => Err(StdioError::Open(e.to_string())),
    }
}

/// A transport that passes over notifications and responses before the first request, which the SDK would take for a
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
            self.opened |= matches!(message, RxJsonRpcMessage::<RoleServer>::Request(_));
            if self.opened {
                return Some(message);
            }
            tracing::debug!("passed over a message before the first request");
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}
