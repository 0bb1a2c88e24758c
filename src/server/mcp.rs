//! The one MCP handler behind every transport.

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{CustomRequest, CustomResult, Implementation, ServerCapabilities, ServerConfig},
    service::RequestContext,
};
use tokio_util::sync::CancellationToken;

/// Answers MCP requests of both protocol eras. Cheap to clone.
#[derive(Clone, Default)]
pub struct Door {
    ended: CancellationToken,
}

impl Door {
    /// Cancelled when the client's input has ended: nobody reads what comes later.
    pub fn ended(&self) -> CancellationToken {
        self.ended.clone()
    }
}

impl ServerHandler for Door {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().build()).with_server_info(
            Implementation::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")).with_title("Proxmox VE"),
        )
    }

    /// A request reaches this when its method is unknown, and also when the method is known but its parameters could
    /// not be read: the latter is the caller's mistake in the parameters, not in the method.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        Err(ErrorData::new(
            rmcp::model::ErrorCode::METHOD_NOT_FOUND,
            format!("unknown method {}", request.method),
            None,
        ))
    }
}
