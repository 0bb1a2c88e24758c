// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 8ee6b427d1744f47d7fcec656d8fc2b063617d621e2ed3bd675d5fa863473714).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "8ee6b427d1744f47d7fcec656d8fc2b063617d621e2ed3bd675d5fa863473714";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 8ee6b427d1744f47d7fcec656d8fc2b063617d621e2ed3bd675d5fa863473714)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &GET_T_NEW,
];

params! {
    /// Parameters of `GET /t/new`.
    GetTNew for GET_T_NEW
    path {}
    optional {
        /// `x`: string.
        x: Option<String> = "x",
    }
}
/// Sends `GET /t/new`; see [`GetTNew`]. Fails as [`Client::send`].
pub async fn get_t_new(client: &Client, p: &GetTNew) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_X: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const P_X: &Param = &Param { name: "x", shape: S_X, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `GET /t/new`.
pub static GET_T_NEW: Endpoint = Endpoint {
    method: Method::Get, path: "/t/new", function: "get_t_new", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_X,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"x\":{\"type\":\"string\"}},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
