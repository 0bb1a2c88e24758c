//! The least server for Proxmox VE that the MCP SDK and an HTTP client can make: its one tool gets paths of the API and
//! passes on the bytes that come back. Nothing is decoded, checked, allowed or refused. It is the floor that
//! `benches/floor/measure` holds the product against.

use futures_util::future::try_join_all;
use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, JsonObject, ListToolsResult,
        PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
};

struct Floor {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Floor {
    async fn get(&self, path: &str) -> Result<String, reqwest::Error> {
        let request = self.http.get(format!("{}{path}", self.base)).header("authorization", &self.token);
        request.send().await?.error_for_status()?.text().await
    }
}

impl ServerHandler for Floor {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let input = JsonObject::from_iter([("type".to_owned(), "object".into())]);
        Ok(ListToolsResult::with_all_items(vec![Tool::new("get", "Gets paths of the API", input)]))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let paths = arguments.get("paths").and_then(|paths| paths.as_array()).into_iter().flatten();
        let got = try_join_all(paths.filter_map(|path| path.as_str()).map(|path| self.get(path))).await;
        let got = got.map_err(|e| ErrorData::internal_error(e.to_string(), None))?;
        Ok(CallToolResult::success(got.into_iter().map(ContentBlock::text).collect()).into())
    }
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn floor() -> Outcome<Floor> {
    let var =
        |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set; benches/floor/backend prints it"));
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "two providers")?;
    let der: Vec<u8> = var("FLOOR_CERTIFICATE")?
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(&String::from_utf8_lossy(pair), 16))
        .collect::<Result<_, _>>()?;
    let http = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_der(&der)?])
        .no_proxy()
        .tcp_nodelay(true)
        .build()?;
    let base = format!("https://{}:{}/api2/json", var("PROXMOX_HOST")?, var("PROXMOX_PORT")?);
    Ok(Floor { http, base, token: format!("PVEAPIToken={}", var("PROXMOX_TOKEN")?) })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let service = floor()?.serve(rmcp::transport::stdio_pipes()).await?;
    service.waiting().await?;
    Ok(())
}
