// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 ff5e24d13549b9ce0a931264f700993cb3e52e34bb4f51b0778546afad381131).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "ff5e24d13549b9ce0a931264f700993cb3e52e34bb4f51b0778546afad381131";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 ff5e24d13549b9ce0a931264f700993cb3e52e34bb4f51b0778546afad381131)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &PUT_T_CONFIG,
];

params! {
    /// Parameters of `PUT /t/config`.
    PutTConfig for PUT_T_CONFIG
    path {}
    optional {
        /// `onboot`: boolean.
        onboot: Option<bool> = "onboot",
    }
}
/// Sends `PUT /t/config`; see [`PutTConfig`]. Fails as [`Client::send`].
pub async fn put_t_config(client: &Client, p: &PutTConfig) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_ONBOOT: &Shape = &Shape { kind: Kind::Boolean, ..Shape::PLAIN };
const P_ONBOOT: &Param = &Param { name: "onboot", shape: S_ONBOOT, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `PUT /t/config`.
pub static PUT_T_CONFIG: Endpoint = Endpoint {
    method: Method::Put, path: "/t/config", function: "put_t_config", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_ONBOOT,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"onboot\":{\"type\":\"boolean\"}},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
