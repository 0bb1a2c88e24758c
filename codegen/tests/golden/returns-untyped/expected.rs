// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 9c026215f3bcd63f16ceab968d48d73d6e017963b3d1d8b21bce3f4616a40f47).
// Not to be edited: see docs/updating-pve.md.
// 0 of 2 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "9c026215f3bcd63f16ceab968d48d73d6e017963b3d1d8b21bce3f4616a40f47";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 9c026215f3bcd63f16ceab968d48d73d6e017963b3d1d8b21bce3f4616a40f47)");

/// Methods in the whole schema.
pub const METHODS: usize = 2;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &GET_T_ANY, &POST_T_PROXY,
];

params! {
    /// Parameters of `GET /t/any`.
    GetTAny for GET_T_ANY
    path {}
}
/// Sends `GET /t/any`; see [`GetTAny`]. Fails as [`Client::send`].
pub async fn get_t_any(client: &Client, p: &GetTAny) -> Result<Value, Error> {
    client.send(p.call()?).await?.decode()
}

params! {
    /// Parameters of `POST /t/proxy`.
    PostTProxy for POST_T_PROXY
    path {}
}

record! {
    /// Reply of `POST /t/proxy`.
    PostTProxyReply
    keys {
        /// `upid`: string.
        upid: String = key_text("upid"),
    }
    fields {
        /// `port`: integer.
        port: Option<i64> = integer("port"),
        /// `ticket`: string.
        ticket: Option<String> = text("ticket"),
    }
    extra ""
}
/// Sends `POST /t/proxy`; see [`PostTProxy`]. Fails as [`Client::send`].
pub async fn post_t_proxy(client: &Client, p: &PostTProxy) -> Result<PostTProxyReply, Error> {
    client.send(p.call()?).await?.decode()
}

const ALL: &[&str] = &["9.2"];
const S_PORT: &Shape = &Shape { kind: Kind::Integer, ..Shape::PLAIN };
const F_PORT: Field = Field { name: "port", optional: false, shape: S_PORT, ..Field::PLAIN };
const S_TICKET: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const F_TICKET: Field = Field { name: "ticket", optional: false, shape: S_TICKET, ..Field::PLAIN };
const F_UPID: Field = Field { name: "upid", optional: false, shape: S_TICKET, ..Field::PLAIN };
const FIELDS_M: &[Field] = &[
    F_PORT, F_TICKET, F_UPID,
];
const S_M: &Shape = &Shape { kind: Kind::Object(FIELDS_M), ..Shape::PLAIN };
/// The table of `GET /t/any`.
pub static GET_T_ANY: Endpoint = Endpoint {
    method: Method::Get, path: "/t/any", function: "get_t_any", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: &Shape::PLAIN, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
/// The table of `POST /t/proxy`.
pub static POST_T_PROXY: Endpoint = Endpoint {
    method: Method::Post, path: "/t/proxy", function: "post_t_proxy", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"port\":{\"type\":\"integer\"},\"ticket\":{\"type\":\"string\"},\"upid\":{\"type\":\"string\"}},\"type\":\"object\"}",
};
