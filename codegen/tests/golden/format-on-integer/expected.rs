// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 f86fd9f2a4d1d789f86852aff9895805cc46d1f8b2bb01bad7b93f28999037af).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "f86fd9f2a4d1d789f86852aff9895805cc46d1f8b2bb01bad7b93f28999037af";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 f86fd9f2a4d1d789f86852aff9895805cc46d1f8b2bb01bad7b93f28999037af)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_CLONE,
];

params! {
    /// Parameters of `POST /t/clone`.
    PostTClone for POST_T_CLONE
    path {}
    required {
        /// `newid`: integer, at least 100.
        newid: i64 = "newid",
    }
}
/// Sends `POST /t/clone`; see [`PostTClone`]. Fails as [`Client::send`].
pub async fn post_t_clone(client: &Client, p: &PostTClone) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_NEWID: &Shape = &Shape { kind: Kind::Integer, minimum: Some(100.0), ..Shape::PLAIN };
const P_NEWID: &Param = &Param { name: "newid", optional: false, shape: S_NEWID, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `POST /t/clone`.
pub static POST_T_CLONE: Endpoint = Endpoint {
    method: Method::Post, path: "/t/clone", function: "post_t_clone", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_NEWID,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"newid\":{\"minimum\":100,\"type\":\"integer\"}},\"required\":[\"newid\"],\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
