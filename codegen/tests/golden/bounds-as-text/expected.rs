// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 fd0205b1ea0db13fdf0c86cca9e24415f3194c6ad110adbac2bdded5ff3eb033).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "fd0205b1ea0db13fdf0c86cca9e24415f3194c6ad110adbac2bdded5ff3eb033";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 fd0205b1ea0db13fdf0c86cca9e24415f3194c6ad110adbac2bdded5ff3eb033)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &GET_T_READ,
];

params! {
    /// Parameters of `GET /t/read`.
    GetTRead for GET_T_READ
    path {}
    optional {
        /// `bwlimit`: integer, at least 0.
        bwlimit: Option<i64> = "bwlimit",
        /// `count`: integer, 1 to 16777216.
        count: Option<i64> = "count",
        /// `ratio`: number, at least 0.5.
        ratio: Option<f64> = "ratio",
        /// `step`: integer, one of 1 2.
        step: Option<i64> = "step",
        /// `what`: string, at most 128 characters.
        what: Option<String> = "what",
    }
}
/// Sends `GET /t/read`; see [`GetTRead`]. Fails as [`Client::send`].
pub async fn get_t_read(client: &Client, p: &GetTRead) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_BWLIMIT: &Shape = &Shape { kind: Kind::Integer, minimum: Some(0.0), ..Shape::PLAIN };
const P_BWLIMIT: &Param = &Param { name: "bwlimit", shape: S_BWLIMIT, releases: ALL, ..Param::PLAIN };
const S_COUNT: &Shape = &Shape { kind: Kind::Integer, minimum: Some(1.0), maximum: Some(16777216.0), ..Shape::PLAIN };
const P_COUNT: &Param = &Param { name: "count", shape: S_COUNT, releases: ALL, ..Param::PLAIN };
const S_RATIO: &Shape = &Shape { kind: Kind::Number, minimum: Some(0.5), ..Shape::PLAIN };
const P_RATIO: &Param = &Param { name: "ratio", shape: S_RATIO, releases: ALL, ..Param::PLAIN };
const S_STEP: &Shape = &Shape { kind: Kind::Integer, values: Words::new("1\n2\n"), ..Shape::PLAIN };
const P_STEP: &Param = &Param { name: "step", shape: S_STEP, releases: ALL, ..Param::PLAIN };
const S_WHAT: &Shape = &Shape { kind: Kind::String, max_length: Some(128), ..Shape::PLAIN };
const P_WHAT: &Param = &Param { name: "what", shape: S_WHAT, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `GET /t/read`.
pub static GET_T_READ: Endpoint = Endpoint {
    method: Method::Get, path: "/t/read", function: "get_t_read", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_BWLIMIT, P_COUNT, P_RATIO, P_STEP, P_WHAT,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"bwlimit\":{\"minimum\":0,\"type\":\"integer\"},\"count\":{\"maximum\":16777216,\"minimum\":1,\"type\":\"integer\"},\"ratio\":{\"minimum\":0.5,\"type\":\"number\"},\"step\":{\"type\":\"integer\"},\"what\":{\"maxLength\":128,\"type\":\"string\"}},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
