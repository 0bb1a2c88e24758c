// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 f2958f1f4c051f81582b146210101618a1a53e75d6a867758555cf3d6d90b0f1).
// Not to be edited: see docs/updating-pve.md.
// 0 of 3 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "f2958f1f4c051f81582b146210101618a1a53e75d6a867758555cf3d6d90b0f1";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 f2958f1f4c051f81582b146210101618a1a53e75d6a867758555cf3d6d90b0f1)");

/// Methods in the whole schema.
pub const METHODS: usize = 3;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_AGENT, &GET_T_CURRENT, &GET_T_INDEX,
];

params! {
    /// Parameters of `POST /t/agent`.
    PostTAgent for POST_T_AGENT
    path {}
}
/// Sends `POST /t/agent`; see [`PostTAgent`]. Fails as [`Client::send`].
pub async fn post_t_agent(client: &Client, p: &PostTAgent) -> Result<Map<String, Value>, Error> {
    client.send(p.call()?).await?.decode()
}

params! {
    /// Parameters of `GET /t/current`.
    GetTCurrent for GET_T_CURRENT
    path {}
}

record! {
    /// Reply of `GET /t/current`.
    GetTCurrentReply
    fields {
        /// `ha`: object.
        ha: Option<Map<String, Value>> = map("ha"),
    }
    extra ""
}
/// Sends `GET /t/current`; see [`GetTCurrent`]. Fails as [`Client::send`].
pub async fn get_t_current(client: &Client, p: &GetTCurrent) -> Result<GetTCurrentReply, Error> {
    client.send(p.call()?).await?.decode()
}

params! {
    /// Parameters of `GET /t/index`.
    GetTIndex for GET_T_INDEX
    path {}
}
/// Sends `GET /t/index`; see [`GetTIndex`]. Fails as [`Client::send`].
pub async fn get_t_index(client: &Client, p: &GetTIndex) -> Result<Vec<Map<String, Value>>, Error> {
    client.send(p.call()?).await?.decode()
}

const ALL: &[&str] = &["9.2"];
const S_M: &Shape = &Shape { kind: Kind::Object(&[]), ..Shape::PLAIN };
const F_HA: Field = Field { name: "ha", optional: false, shape: S_M, ..Field::PLAIN };
const FIELDS_M: &[Field] = &[
    F_HA,
];
const S_M_2: &Shape = &Shape { kind: Kind::Object(FIELDS_M), ..Shape::PLAIN };
const S_M_3: &Shape = &Shape { kind: Kind::Array(S_M), ..Shape::PLAIN };
/// The table of `POST /t/agent`.
pub static POST_T_AGENT: Endpoint = Endpoint {
    method: Method::Post, path: "/t/agent", function: "post_t_agent", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
/// The table of `GET /t/current`.
pub static GET_T_CURRENT: Endpoint = Endpoint {
    method: Method::Get, path: "/t/current", function: "get_t_current", name: "m", summary: "",
    risk: Risk::Read, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M_2, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"ha\":{\"type\":\"object\"}},\"type\":\"object\"}",
};
/// The table of `GET /t/index`.
pub static GET_T_INDEX: Endpoint = Endpoint {
    method: Method::Get, path: "/t/index", function: "get_t_index", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M_3, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"data\":{\"items\":{\"type\":\"object\"},\"type\":\"array\"}},\"required\":[\"data\"],\"type\":\"object\"}",
};
