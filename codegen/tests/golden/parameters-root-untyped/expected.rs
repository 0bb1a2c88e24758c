// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 4d534d1405347001b7609b984cf23027ba9b62d0db535d8da5d1afcef0cbbc7b).
// Not to be edited: see docs/updating-pve.md.
// 0 of 3 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "4d534d1405347001b7609b984cf23027ba9b62d0db535d8da5d1afcef0cbbc7b";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 4d534d1405347001b7609b984cf23027ba9b62d0db535d8da5d1afcef0cbbc7b)");

/// Methods in the whole schema.
pub const METHODS: usize = 3;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &GET_T_A, &GET_T_B, &GET_T_C,
];

params! {
    /// Parameters of `GET /t/a`.
    GetTA for GET_T_A
    path {}
    optional {
        /// `x`: string.
        x: Option<String> = "x",
        /// Parameters that the schema does not name.
        extra: BTreeMap<String, String> = "",
    }
}
/// Sends `GET /t/a`; see [`GetTA`]. Fails as [`Client::send`].
pub async fn get_t_a(client: &Client, p: &GetTA) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

params! {
    /// Parameters of `GET /t/b`.
    GetTB for GET_T_B
    path {}
    optional {
        /// Parameters that the schema does not name.
        extra: BTreeMap<String, String> = "",
    }
}
/// Sends `GET /t/b`; see [`GetTB`]. Fails as [`Client::send`].
pub async fn get_t_b(client: &Client, p: &GetTB) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

params! {
    /// Parameters of `GET /t/c`.
    GetTC for GET_T_C
    path {}
}
/// Sends `GET /t/c`; see [`GetTC`]. Fails as [`Client::send`].
pub async fn get_t_c(client: &Client, p: &GetTC) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_X: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const P_X: &Param = &Param { name: "x", shape: S_X, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `GET /t/a`.
pub static GET_T_A: Endpoint = Endpoint {
    method: Method::Get, path: "/t/a", function: "get_t_a", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: true, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_X,
    ],
    input_schema: "{\"properties\":{\"x\":{\"type\":\"string\"}},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
/// The table of `GET /t/b`.
pub static GET_T_B: Endpoint = Endpoint {
    method: Method::Get, path: "/t/b", function: "get_t_b", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: true, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[],
    input_schema: "{\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
/// The table of `GET /t/c`.
pub static GET_T_C: Endpoint = Endpoint {
    method: Method::Get, path: "/t/c", function: "get_t_c", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
