// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 d3fb87641b0fd52c81bc0c51fe36bd4307b0964828fba9be2e354d4249abed14).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "d3fb87641b0fd52c81bc0c51fe36bd4307b0964828fba9be2e354d4249abed14";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 d3fb87641b0fd52c81bc0c51fe36bd4307b0964828fba9be2e354d4249abed14)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_RESTORE,
];

params! {
    /// Parameters of `POST /t/restore`.
    PostTRestore for POST_T_RESTORE
    path {}
    optional {
        /// `archive`: string.
        archive: Option<String> = "archive",
        /// `force`: boolean, needs `archive`.
        force: Option<bool> = "force",
    }
}
/// Sends `POST /t/restore`; see [`PostTRestore`]. Fails as [`Client::send`].
pub async fn post_t_restore(client: &Client, p: &PostTRestore) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_ARCHIVE: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const P_ARCHIVE: &Param = &Param { name: "archive", shape: S_ARCHIVE, releases: ALL, ..Param::PLAIN };
const S_FORCE: &Shape = &Shape { kind: Kind::Boolean, ..Shape::PLAIN };
const P_FORCE: &Param = &Param { name: "force", requires: Some("archive"), shape: S_FORCE, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `POST /t/restore`.
pub static POST_T_RESTORE: Endpoint = Endpoint {
    method: Method::Post, path: "/t/restore", function: "post_t_restore", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_ARCHIVE, P_FORCE,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"archive\":{\"type\":\"string\"},\"force\":{\"description\":\"Needs archive.\",\"type\":\"boolean\"}},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
