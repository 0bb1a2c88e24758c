// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 3e3f689322a8da320917e11b1dfef2cdc6b0839d8b99b8b3a0a3471d457dc962).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "3e3f689322a8da320917e11b1dfef2cdc6b0839d8b99b8b3a0a3471d457dc962";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 3e3f689322a8da320917e11b1dfef2cdc6b0839d8b99b8b3a0a3471d457dc962)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &GET_T_RULES_POS,
];

params! {
    /// Parameters of `GET /t/rules/{pos}`.
    GetTRulesPos for GET_T_RULES_POS
    path { pos: i64 = "pos" }
}
/// Sends `GET /t/rules/{pos}`; see [`GetTRulesPos`]. Fails as [`Client::send`].
pub async fn get_t_rules_pos(client: &Client, p: &GetTRulesPos) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_POS: &Shape = &Shape { kind: Kind::Integer, minimum: Some(0.0), ..Shape::PLAIN };
const P_POS: &Param = &Param { name: "pos", in_path: true, optional: false, shape: S_POS, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `GET /t/rules/{pos}`.
pub static GET_T_RULES_POS: Endpoint = Endpoint {
    method: Method::Get, path: "/t/rules/{pos}", function: "get_t_rules_pos", name: "m", summary: "",
    risk: Risk::Read, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_POS,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"pos\":{\"minimum\":0,\"type\":\"integer\"}},\"required\":[\"pos\"],\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
