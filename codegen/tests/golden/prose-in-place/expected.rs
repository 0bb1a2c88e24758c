// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 64cce928bf0b0de0d86c663b38ae255dcde1a112571726a6c6f79bf0e118038b).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "64cce928bf0b0de0d86c663b38ae255dcde1a112571726a6c6f79bf0e118038b";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 64cce928bf0b0de0d86c663b38ae255dcde1a112571726a6c6f79bf0e118038b)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_MOVE,
];

params! {
    /// Parameters of `POST /t/move`: Move \<pos> to \[1, 10000] `x` */ \ "quoted" end.
    PostTMove for POST_T_MOVE
    path {}
    optional {
        /// `digest`: string.
        ///
        /// SHA1 " . "digest \`\`\` fn main() {}
        digest: Option<String> = "digest",
    }
}

record! {
    /// Reply of `POST /t/move`.
    PostTMoveReply
    fields {
        /// `name`: string.
        ///
        /// Set by the guest.
        name: Option<String> = text("name"),
    }
    extra ""
}
/// Sends `POST /t/move`; see [`PostTMove`]. Fails as [`Client::send`].
pub async fn post_t_move(client: &Client, p: &PostTMove) -> Result<PostTMoveReply, Error> {
    client.send(p.call()?).await?.decode()
}

const ALL: &[&str] = &["9.2"];
const S_DIGEST: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const P_DIGEST: &Param = &Param { name: "digest", shape: S_DIGEST, releases: ALL, ..Param::PLAIN };
const F_NAME: Field = Field { name: "name", shape: S_DIGEST, ..Field::PLAIN };
const FIELDS_M: &[Field] = &[
    F_NAME,
];
const S_M: &Shape = &Shape { kind: Kind::Object(FIELDS_M), ..Shape::PLAIN };
/// The table of `POST /t/move`.
pub static POST_T_MOVE: Endpoint = Endpoint {
    method: Method::Post, path: "/t/move", function: "post_t_move", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_DIGEST,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"digest\":{\"description\":\"SHA1 \\\" . \\\"digest ``` fn main() {}\",\"type\":\"string\"}},\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"name\":{\"description\":\"Set by the guest.\",\"type\":\"string\"}},\"type\":\"object\"}",
};
