// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 b9a594c479ad6f73bc04c9a579f2698be2a5578be4bcd2053536e68944b80960).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "b9a594c479ad6f73bc04c9a579f2698be2a5578be4bcd2053536e68944b80960";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 b9a594c479ad6f73bc04c9a579f2698be2a5578be4bcd2053536e68944b80960)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_CREATE,
];

params! {
    /// Parameters of `POST /t/create`.
    PostTCreate for POST_T_CREATE
    path {}
    optional {
        /// `bwlimit`: number.
        bwlimit: Option<f64> = "bwlimit",
        /// `count`: integer, default 16777216.
        count: Option<i64> = "count",
        /// `cpuunits`: integer.
        cpuunits: Option<i64> = "cpuunits",
        /// `keyboard`: string, one of de en-us.
        keyboard: Option<String> = "keyboard",
        /// `shared`: boolean, default 0.
        shared: Option<bool> = "shared",
        /// `sockets`: integer, default 1.
        sockets: Option<i64> = "sockets",
    }
}
/// Sends `POST /t/create`; see [`PostTCreate`]. Fails as [`Client::send`].
pub async fn post_t_create(client: &Client, p: &PostTCreate) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_BWLIMIT: &Shape = &Shape { kind: Kind::Number, ..Shape::PLAIN };
const P_BWLIMIT: &Param = &Param { name: "bwlimit", shape: S_BWLIMIT, releases: ALL, ..Param::PLAIN };
const S_COUNT: &Shape = &Shape { kind: Kind::Integer, default: Some("16777216"), ..Shape::PLAIN };
const P_COUNT: &Param = &Param { name: "count", shape: S_COUNT, releases: ALL, ..Param::PLAIN };
const S_CPUUNITS: &Shape = &Shape { kind: Kind::Integer, ..Shape::PLAIN };
const P_CPUUNITS: &Param = &Param { name: "cpuunits", shape: S_CPUUNITS, releases: ALL, ..Param::PLAIN };
const S_KEYBOARD: &Shape = &Shape { kind: Kind::String, values: Words::new("de\nen-us\n"), ..Shape::PLAIN };
const P_KEYBOARD: &Param = &Param { name: "keyboard", shape: S_KEYBOARD, releases: ALL, ..Param::PLAIN };
const S_SHARED: &Shape = &Shape { kind: Kind::Boolean, default: Some("0"), ..Shape::PLAIN };
const P_SHARED: &Param = &Param { name: "shared", shape: S_SHARED, releases: ALL, ..Param::PLAIN };
const S_SOCKETS: &Shape = &Shape { kind: Kind::Integer, default: Some("1"), ..Shape::PLAIN };
const P_SOCKETS: &Param = &Param { name: "sockets", shape: S_SOCKETS, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `POST /t/create`.
pub static POST_T_CREATE: Endpoint = Endpoint {
    method: Method::Post, path: "/t/create", function: "post_t_create", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_BWLIMIT, P_COUNT, P_CPUUNITS, P_KEYBOARD, P_SHARED, P_SOCKETS,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"bwlimit\":{\"type\":\"number\"},\"count\":{\"default\":16777216,\"type\":\"integer\"},\"cpuunits\":{\"type\":\"integer\"},\"keyboard\":{\"enum\":[\"de\",\"en-us\"],\"type\":\"string\"},\"shared\":{\"default\":false,\"type\":\"boolean\"},\"sockets\":{\"default\":1,\"type\":\"integer\"}},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
