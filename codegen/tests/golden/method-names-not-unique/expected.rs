// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 c6b4e5a37e37538d33c2265e693ef702be1190389218b936dade28174f5500a4).
// Not to be edited: see docs/updating-pve.md.
// 0 of 3 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "c6b4e5a37e37538d33c2265e693ef702be1190389218b936dade28174f5500a4";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 c6b4e5a37e37538d33c2265e693ef702be1190389218b936dade28174f5500a4)");

/// Methods in the whole schema.
pub const METHODS: usize = 3;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &GET_T_QEMU, &GET_T_QEMU_AGENT, &GET_T_QEMU_VMID,
];

params! {
    /// Parameters of `GET /t/qemu`.
    GetTQemu for GET_T_QEMU
    path {}
}
/// Sends `GET /t/qemu`; see [`GetTQemu`]. Fails as [`Client::send`].
pub async fn get_t_qemu(client: &Client, p: &GetTQemu) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

params! {
    /// Parameters of `GET /t/qemu/agent`.
    GetTQemuAgent for GET_T_QEMU_AGENT
    path {}
}
/// Sends `GET /t/qemu/agent`; see [`GetTQemuAgent`]. Fails as [`Client::send`].
pub async fn get_t_qemu_agent(client: &Client, p: &GetTQemuAgent) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

params! {
    /// Parameters of `GET /t/qemu/{vmid}`.
    GetTQemuVmid for GET_T_QEMU_VMID
    path { vmid: Vmid = "vmid" }
}
/// Sends `GET /t/qemu/{vmid}`; see [`GetTQemuVmid`]. Fails as [`Client::send`].
pub async fn get_t_qemu_vmid(client: &Client, p: &GetTQemuVmid) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_INDEX: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
const S_VMID: &Shape = &Shape { kind: Kind::Integer, ..Shape::PLAIN };
const P_VMID: &Param = &Param { name: "vmid", in_path: true, optional: false, shape: S_VMID, releases: ALL, ..Param::PLAIN };
/// The table of `GET /t/qemu`.
pub static GET_T_QEMU: Endpoint = Endpoint {
    method: Method::Get, path: "/t/qemu", function: "get_t_qemu", name: "index", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_INDEX, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
/// The table of `GET /t/qemu/agent`.
pub static GET_T_QEMU_AGENT: Endpoint = Endpoint {
    method: Method::Get, path: "/t/qemu/agent", function: "get_t_qemu_agent", name: "exec-status", summary: "",
    risk: Risk::Read, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_INDEX, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
/// The table of `GET /t/qemu/{vmid}`.
pub static GET_T_QEMU_VMID: Endpoint = Endpoint {
    method: Method::Get, path: "/t/qemu/{vmid}", function: "get_t_qemu_vmid", name: "index", summary: "",
    risk: Risk::Read, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_INDEX, nullable: false,
    params: &[
        P_VMID,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"vmid\":{\"maximum\":999999999,\"minimum\":100,\"type\":\"integer\"}},\"required\":[\"vmid\"],\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
