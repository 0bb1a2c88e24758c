// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 51e4ebb1e2ac2b97b4a24b8657e5cfc5d52c7cf8517a5d0e00c12cb888563f7a).
// Not to be edited: see docs/updating-pve.md.
// 0 of 2 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "51e4ebb1e2ac2b97b4a24b8657e5cfc5d52c7cf8517a5d0e00c12cb888563f7a";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 51e4ebb1e2ac2b97b4a24b8657e5cfc5d52c7cf8517a5d0e00c12cb888563f7a)");

/// Methods in the whole schema.
pub const METHODS: usize = 2;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &GET_T_OPEN, &GET_T_SCHEMA,
];

params! {
    /// Parameters of `GET /t/open`.
    GetTOpen for GET_T_OPEN
    path {}
    required {
        /// `node`: string.
        node: String = "node",
    }
    optional {
        /// Parameters that the schema does not name.
        extra: BTreeMap<String, String> = "",
    }
}

record! {
    /// Reply of `GET /t/open`.
    GetTOpenReply
    fields {
        /// `host`: string.
        host: Option<String> = text("host"),
    }
    extra ""
}
/// Sends `GET /t/open`; see [`GetTOpen`]. Fails as [`Client::send`].
pub async fn get_t_open(client: &Client, p: &GetTOpen) -> Result<GetTOpenReply, Error> {
    client.send(p.call()?).await?.decode()
}

params! {
    /// Parameters of `GET /t/schema`.
    GetTSchema for GET_T_SCHEMA
    path {}
}
/// Sends `GET /t/schema`; see [`GetTSchema`]. Fails as [`Client::send`].
pub async fn get_t_schema(client: &Client, p: &GetTSchema) -> Result<Map<String, Value>, Error> {
    client.send(p.call()?).await?.decode()
}

const ALL: &[&str] = &["9.2"];
const S_NODE: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const P_NODE: &Param = &Param { name: "node", optional: false, shape: S_NODE, releases: ALL, ..Param::PLAIN };
const F_HOST: Field = Field { name: "host", optional: false, shape: S_NODE, ..Field::PLAIN };
const FIELDS_M: &[Field] = &[
    F_HOST,
];
const S_M: &Shape = &Shape { kind: Kind::Object(FIELDS_M), ..Shape::PLAIN };
const S_M_2: &Shape = &Shape { kind: Kind::Object(&[]), ..Shape::PLAIN };
/// The table of `GET /t/open`.
pub static GET_T_OPEN: Endpoint = Endpoint {
    method: Method::Get, path: "/t/open", function: "get_t_open", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: true, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_NODE,
    ],
    input_schema: "{\"properties\":{\"node\":{\"type\":\"string\"}},\"required\":[\"node\"],\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"host\":{\"type\":\"string\"}},\"type\":\"object\"}",
};
/// The table of `GET /t/schema`.
pub static GET_T_SCHEMA: Endpoint = Endpoint {
    method: Method::Get, path: "/t/schema", function: "get_t_schema", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M_2, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
