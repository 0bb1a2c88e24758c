// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 522f3379668532f1b3efa7a4ed73978bb8c2e06ebe7ac43650e28267139ce3bf).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "522f3379668532f1b3efa7a4ed73978bb8c2e06ebe7ac43650e28267139ce3bf";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 522f3379668532f1b3efa7a4ed73978bb8c2e06ebe7ac43650e28267139ce3bf)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_INNER,
];

params! {
    /// Parameters of `POST /t/inner`.
    PostTInner for POST_T_INNER
    path {}
    optional {
        /// `iface`: any.
        iface: Option<Value> = "iface",
    }
}
/// Sends `POST /t/inner`; see [`PostTInner`]. Fails as [`Client::send`].
pub async fn post_t_inner(client: &Client, p: &PostTInner) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const P_IFACE: &Param = &Param { name: "iface", shape: &Shape::PLAIN, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `POST /t/inner`.
pub static POST_T_INNER: Endpoint = Endpoint {
    method: Method::Post, path: "/t/inner", function: "post_t_inner", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_IFACE,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"iface\":{\"type\":\"string\"}},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
