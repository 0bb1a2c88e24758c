// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 bcd34da7920cd8b215167207be090d67ea4d541c2ad6dd3ca0f1f4f517ddb76b).
// Not to be edited: see docs/updating-pve.md.
// 0 of 6 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "bcd34da7920cd8b215167207be090d67ea4d541c2ad6dd3ca0f1f4f517ddb76b";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 bcd34da7920cd8b215167207be090d67ea4d541c2ad6dd3ca0f1f4f517ddb76b)");

/// Methods in the whole schema.
pub const METHODS: usize = 6;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &GET_T_P1, &GET_T_P2, &GET_T_P3, &GET_T_P4, &GET_T_P5, &GET_T_P6,
];

params! {
    /// Parameters of `GET /t/p1`.
    GetTP1 for GET_T_P1
    path {}
}
/// Sends `GET /t/p1`; see [`GetTP1`]. Fails as [`Client::send`].
pub async fn get_t_p1(client: &Client, p: &GetTP1) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

params! {
    /// Parameters of `GET /t/p2`.
    GetTP2 for GET_T_P2
    path {}
}
/// Sends `GET /t/p2`; see [`GetTP2`]. Fails as [`Client::send`].
pub async fn get_t_p2(client: &Client, p: &GetTP2) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

params! {
    /// Parameters of `GET /t/p3`.
    GetTP3 for GET_T_P3
    path {}
}
/// Sends `GET /t/p3`; see [`GetTP3`]. Fails as [`Client::send`].
pub async fn get_t_p3(client: &Client, p: &GetTP3) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

params! {
    /// Parameters of `GET /t/p4`.
    GetTP4 for GET_T_P4
    path {}
}
/// Sends `GET /t/p4`; see [`GetTP4`]. Fails as [`Client::send`].
pub async fn get_t_p4(client: &Client, p: &GetTP4) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

params! {
    /// Parameters of `GET /t/p5`.
    GetTP5 for GET_T_P5
    path {}
}
/// Sends `GET /t/p5`; see [`GetTP5`]. Fails as [`Client::send`].
pub async fn get_t_p5(client: &Client, p: &GetTP5) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

params! {
    /// Parameters of `GET /t/p6`.
    GetTP6 for GET_T_P6
    path {}
}
/// Sends `GET /t/p6`; see [`GetTP6`]. Fails as [`Client::send`].
pub async fn get_t_p6(client: &Client, p: &GetTP6) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `GET /t/p1`.
pub static GET_T_P1: Endpoint = Endpoint {
    method: Method::Get, path: "/t/p1", function: "get_t_p1", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::Root, returns: S_M, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
/// The table of `GET /t/p2`.
pub static GET_T_P2: Endpoint = Endpoint {
    method: Method::Get, path: "/t/p2", function: "get_t_p2", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::World, returns: S_M, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
/// The table of `GET /t/p3`.
pub static GET_T_P3: Endpoint = Endpoint {
    method: Method::Get, path: "/t/p3", function: "get_t_p3", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL,
    permission: Permission::And(&[Permission::Privileges { path: "/vms/{vmid}", privileges: &["VM.Clone"], any: false, require_param: None }, Permission::Or(&[Permission::Privileges { path: "/vms/{newid}", privileges: &["VM.Allocate"], any: false, require_param: None }, Permission::Privileges { path: "/pool/{pool}", privileges: &["VM.Allocate"], any: false, require_param: Some("pool") }])]),
    returns: S_M, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
/// The table of `GET /t/p4`.
pub static GET_T_P4: Endpoint = Endpoint {
    method: Method::Get, path: "/t/p4", function: "get_t_p4", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL,
    permission: Permission::Privileges { path: "/vms/{vmid}", privileges: &["VM.Audit", "VM.Monitor"], any: true, require_param: None },
    returns: S_M, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
/// The table of `GET /t/p5`.
pub static GET_T_P5: Endpoint = Endpoint {
    method: Method::Get, path: "/t/p5", function: "get_t_p5", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::Other("[\"userid-param\",\"Realm.AllocateUser\"]"), returns: S_M,
    nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
/// The table of `GET /t/p6`.
pub static GET_T_P6: Endpoint = Endpoint {
    method: Method::Get, path: "/t/p6", function: "get_t_p6", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::Other("[\"moon-phase\",\"full\"]"), returns: S_M, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
