//! The least MCP server that the SDK can make: the floor for start-up time and memory in `.ci/budgets`.

use rmcp::{ServerHandler, ServiceExt};

struct Least;

impl ServerHandler for Least {}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if let Ok(service) = Least.serve(rmcp::transport::stdio_pipes()).await {
        let _ended = service.waiting().await;
    }
}
