// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 c1c591cfb34e36d89c2d2cf188a3e9ddb9caec84fbdd40afdd176194db461568).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "c1c591cfb34e36d89c2d2cf188a3e9ddb9caec84fbdd40afdd176194db461568";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 c1c591cfb34e36d89c2d2cf188a3e9ddb9caec84fbdd40afdd176194db461568)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_ALL,
];

params! {
    /// Parameters of `POST /t/all`.
    PostTAll for POST_T_ALL
    path {}
    required {
        /// `id`: string.
        id: String = "id",
    }
    optional {
        /// `comment`: string.
        comment: Option<String> = "comment",
    }
}
/// Sends `POST /t/all`; see [`PostTAll`]. Fails as [`Client::send`].
pub async fn post_t_all(client: &Client, p: &PostTAll) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_COMMENT: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const P_COMMENT: &Param = &Param { name: "comment", shape: S_COMMENT, releases: ALL, ..Param::PLAIN };
const P_ID: &Param = &Param { name: "id", optional: false, shape: S_COMMENT, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `POST /t/all`.
pub static POST_T_ALL: Endpoint = Endpoint {
    method: Method::Post, path: "/t/all", function: "post_t_all", name: "m", summary: "", risk: Risk::Destroy,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_COMMENT, P_ID,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"comment\":{\"type\":\"string\"},\"id\":{\"type\":\"string\"}},\"required\":[\"id\"],\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
