// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 2cd7d2967c3d6791755b8720263082aec82d7e13ef7194c6ea27949bafac633d).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "2cd7d2967c3d6791755b8720263082aec82d7e13ef7194c6ea27949bafac633d";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 2cd7d2967c3d6791755b8720263082aec82d7e13ef7194c6ea27949bafac633d)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_FLAG,
];

params! {
    /// Parameters of `POST /t/flag`.
    PostTFlag for POST_T_FLAG
    path {}
    required {
        /// `force`: boolean.
        force: bool = "force",
    }
    optional {
        /// `purge`: boolean, default 0.
        purge: Option<bool> = "purge",
    }
}
/// Sends `POST /t/flag`; see [`PostTFlag`]. Fails as [`Client::send`].
pub async fn post_t_flag(client: &Client, p: &PostTFlag) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_FORCE: &Shape = &Shape { kind: Kind::Boolean, ..Shape::PLAIN };
const P_FORCE: &Param = &Param { name: "force", optional: false, shape: S_FORCE, releases: ALL, ..Param::PLAIN };
const S_PURGE: &Shape = &Shape { kind: Kind::Boolean, default: Some("0"), ..Shape::PLAIN };
const P_PURGE: &Param = &Param { name: "purge", shape: S_PURGE, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `POST /t/flag`.
pub static POST_T_FLAG: Endpoint = Endpoint {
    method: Method::Post, path: "/t/flag", function: "post_t_flag", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_FORCE, P_PURGE,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"force\":{\"type\":\"boolean\"},\"purge\":{\"default\":false,\"type\":\"boolean\"}},\"required\":[\"force\"],\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
