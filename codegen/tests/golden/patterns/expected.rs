// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 e0427115992584cdc512a8c2bcc872a062c12d906e6465a6cc6960f09498f976).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "e0427115992584cdc512a8c2bcc872a062c12d906e6465a6cc6960f09498f976";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 e0427115992584cdc512a8c2bcc872a062c12d906e6465a6cc6960f09498f976)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_PATTERNS,
];

params! {
    /// Parameters of `POST /t/patterns`.
    PostTPatterns for POST_T_PATTERNS
    path {}
    optional {
        /// `atomic`: string.
        atomic: Option<String> = "atomic",
        /// `either`: string.
        either: Option<String> = "either",
        /// `nocase`: string.
        nocase: Option<String> = "nocase",
        /// `portable`: string.
        portable: Option<String> = "portable",
        /// `qr`: string.
        qr: Option<String> = "qr",
        /// `short`: string.
        short: Option<String> = "short",
    }
}
/// Sends `POST /t/patterns`; see [`PostTPatterns`]. Fails as [`Client::send`].
pub async fn post_t_patterns(client: &Client, p: &PostTPatterns) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_ATOMIC: &Shape = &Shape { kind: Kind::String, pattern: Some("(?>a+)b"), ..Shape::PLAIN };
const P_ATOMIC: &Param = &Param { name: "atomic", shape: S_ATOMIC, releases: ALL, ..Param::PLAIN };
const S_EITHER: &Shape = &Shape { kind: Kind::String, pattern: Some("/dev/a\\d+|/dev/b\\d+"), ..Shape::PLAIN };
const P_EITHER: &Param = &Param { name: "either", shape: S_EITHER, releases: ALL, ..Param::PLAIN };
const S_NOCASE: &Shape = &Shape { kind: Kind::String, pattern: Some("(?^i:[a-z]+)"), ..Shape::PLAIN };
const P_NOCASE: &Param = &Param { name: "nocase", shape: S_NOCASE, releases: ALL, ..Param::PLAIN };
const S_PORTABLE: &Shape = &Shape { kind: Kind::String, pattern: Some("[A-Za-z]\\d{1,3}"), ..Shape::PLAIN };
const P_PORTABLE: &Param = &Param { name: "portable", shape: S_PORTABLE, releases: ALL, ..Param::PLAIN };
const S_QR: &Shape = &Shape { kind: Kind::String, pattern: Some("(?^:[a-z]+)"), ..Shape::PLAIN };
const P_QR: &Param = &Param { name: "qr", shape: S_QR, releases: ALL, ..Param::PLAIN };
const S_SHORT: &Shape = &Shape { kind: Kind::String, pattern: Some("[ab]{,16}"), ..Shape::PLAIN };
const P_SHORT: &Param = &Param { name: "short", shape: S_SHORT, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `POST /t/patterns`.
pub static POST_T_PATTERNS: Endpoint = Endpoint {
    method: Method::Post, path: "/t/patterns", function: "post_t_patterns", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_ATOMIC, P_EITHER, P_NOCASE, P_PORTABLE, P_QR, P_SHORT,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"atomic\":{\"type\":\"string\"},\"either\":{\"pattern\":\"^/dev/a[0-9]+|/dev/b[0-9]+$\",\"type\":\"string\"},\"nocase\":{\"type\":\"string\"},\"portable\":{\"pattern\":\"^[A-Za-z][0-9]{1,3}$\",\"type\":\"string\"},\"qr\":{\"pattern\":\"^(?:[a-z]+)$\",\"type\":\"string\"},\"short\":{\"pattern\":\"^[ab]{0,16}$\",\"type\":\"string\"}},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
