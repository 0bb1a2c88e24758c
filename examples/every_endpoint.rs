//! Lists every endpoint in scope as a tool, with its generated schemas, so that a schema checker can look at all of them.
//! Calls are not served.

use proxmox_mcp::{
    api,
    spec::{Endpoint, schema},
};
use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt,
    model::{ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool},
    service::RequestContext,
};

struct Every(Vec<Tool>);

impl ServerHandler for Every {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.0.clone()))
    }
}

/// Names of tools end at 64 characters for some clients; those of functions may be longer.
fn tools() -> Result<Vec<Tool>, serde_json::Error> {
    let tool = |(n, e): (usize, &Endpoint)| {
        serde_json::from_value(serde_json::json!({
            "name": format!("e{n}_{}", e.function().chars().take(40).collect::<String>()),
            "description": format!("{} {}: {}", e.method, e.path, e.summary),
            "inputSchema": schema::input(e, api::RELEASE),
            "outputSchema": schema::output(e),
        }))
    };
    api::endpoints().enumerate().map(tool).collect()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = Every(tools()?).serve(rmcp::transport::stdio_pipes()).await?;
    service.waiting().await?;
    Ok(())
}
