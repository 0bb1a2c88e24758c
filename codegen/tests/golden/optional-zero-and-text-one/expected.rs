// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 24f76b8d7c8d23267daf279bbe2a5baa58c74e6a4e948ee418811f2c07c1e7a1).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "24f76b8d7c8d23267daf279bbe2a5baa58c74e6a4e948ee418811f2c07c1e7a1";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 24f76b8d7c8d23267daf279bbe2a5baa58c74e6a4e948ee418811f2c07c1e7a1)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_MIGRATE,
];

params! {
    /// Parameters of `POST /t/migrate`.
    PostTMigrate for POST_T_MIGRATE
    path {}
    required {
        /// `bwlimit`: integer.
        bwlimit: i64 = "bwlimit",
        /// `target`: string.
        target: String = "target",
    }
    optional {
        /// `online`: boolean.
        online: Option<bool> = "online",
    }
}
/// Sends `POST /t/migrate`; see [`PostTMigrate`]. Fails as [`Client::send`].
pub async fn post_t_migrate(client: &Client, p: &PostTMigrate) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_BWLIMIT: &Shape = &Shape { kind: Kind::Integer, ..Shape::PLAIN };
const P_BWLIMIT: &Param = &Param { name: "bwlimit", optional: false, shape: S_BWLIMIT, releases: ALL, ..Param::PLAIN };
const S_ONLINE: &Shape = &Shape { kind: Kind::Boolean, ..Shape::PLAIN };
const P_ONLINE: &Param = &Param { name: "online", shape: S_ONLINE, releases: ALL, ..Param::PLAIN };
const S_TARGET: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const P_TARGET: &Param = &Param { name: "target", optional: false, shape: S_TARGET, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `POST /t/migrate`.
pub static POST_T_MIGRATE: Endpoint = Endpoint {
    method: Method::Post, path: "/t/migrate", function: "post_t_migrate", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_BWLIMIT, P_ONLINE, P_TARGET,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"bwlimit\":{\"type\":\"integer\"},\"online\":{\"type\":\"boolean\"},\"target\":{\"type\":\"string\"}},\"required\":[\"bwlimit\",\"target\"],\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
