// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 612617b2b038a5d9aa40259e8e355784ad87a6e72a37effed3f56edc978a2bbb).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "612617b2b038a5d9aa40259e8e355784ad87a6e72a37effed3f56edc978a2bbb";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 612617b2b038a5d9aa40259e8e355784ad87a6e72a37effed3f56edc978a2bbb)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &GET_T_CODE,
];

params! {
    /// Parameters of `GET /t/code`.
    GetTCode for GET_T_CODE
    path {}
    optional {
        /// `x`: any.
        x: Option<Value> = "x",
        /// `y`: string.
        y: Option<String> = "y",
        /// `z`: any.
        z: Option<Value> = "z",
    }
}
/// Sends `GET /t/code`; see [`GetTCode`]. Fails as [`Client::send`].
pub async fn get_t_code(client: &Client, p: &GetTCode) -> Result<Value, Error> {
    client.send(p.call()?).await?.decode()
}

const ALL: &[&str] = &["9.2"];
const P_X: &Param = &Param { name: "x", shape: &Shape::PLAIN, releases: ALL, ..Param::PLAIN };
const S_Y: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const P_Y: &Param = &Param { name: "y", shape: S_Y, releases: ALL, ..Param::PLAIN };
const P_Z: &Param = &Param { name: "z", shape: &Shape::PLAIN, releases: ALL, ..Param::PLAIN };
/// The table of `GET /t/code`.
pub static GET_T_CODE: Endpoint = Endpoint {
    method: Method::Get, path: "/t/code", function: "get_t_code", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: &Shape::PLAIN, nullable: false,
    params: &[
        P_X, P_Y, P_Z,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"x\":{\"type\":\"string\"},\"y\":{\"type\":\"string\"},\"z\":{\"type\":\"string\"}},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
