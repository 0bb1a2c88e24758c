// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 00b99c792e606a1d51079d460c5a354e4723041e6787d8c49414d74f9866181c).
// Not to be edited: see docs/updating-pve.md.
// 0 of 2 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "00b99c792e606a1d51079d460c5a354e4723041e6787d8c49414d74f9866181c";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 00b99c792e606a1d51079d460c5a354e4723041e6787d8c49414d74f9866181c)");

/// Methods in the whole schema.
pub const METHODS: usize = 2;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &GET_T_A_NODE, &GET_T_B_NODE,
];

params! {
    /// Parameters of `GET /t/a/{node}`.
    GetTANode for GET_T_A_NODE
    path { node: NodeName = "node" }
}
/// Sends `GET /t/a/{node}`; see [`GetTANode`]. Fails as [`Client::send`].
pub async fn get_t_a_node(client: &Client, p: &GetTANode) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

params! {
    /// Parameters of `GET /t/b/{node}`.
    GetTBNode for GET_T_B_NODE
    path { node: NodeName = "node" }
}
/// Sends `GET /t/b/{node}`; see [`GetTBNode`]. Fails as [`Client::send`].
pub async fn get_t_b_node(client: &Client, p: &GetTBNode) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_NODE: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const P_NODE: &Param = &Param { name: "node", in_path: true, optional: false, shape: S_NODE, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `GET /t/a/{node}`.
pub static GET_T_A_NODE: Endpoint = Endpoint {
    method: Method::Get, path: "/t/a/{node}", function: "get_t_a_node", name: "m", summary: "",
    risk: Risk::Read, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_NODE,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"node\":{\"maxLength\":63,\"pattern\":\"^[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?$\",\"type\":\"string\"}},\"required\":[\"node\"],\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
/// The table of `GET /t/b/{node}`.
pub static GET_T_B_NODE: Endpoint = Endpoint {
    method: Method::Get, path: "/t/b/{node}", function: "get_t_b_node", name: "m", summary: "",
    risk: Risk::Read, tools: &[], guest_text: false, open: false, protected: true, proxyto: Some("node"),
    allow_token: false, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_NODE,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"node\":{\"maxLength\":63,\"pattern\":\"^[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?$\",\"type\":\"string\"}},\"required\":[\"node\"],\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
