// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 576b2172645340822a8fac99e06cc6a8a1c60143fef30be7a0dbe9d725821581).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "576b2172645340822a8fac99e06cc6a8a1c60143fef30be7a0dbe9d725821581";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 576b2172645340822a8fac99e06cc6a8a1c60143fef30be7a0dbe9d725821581)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_NODES_NODE_T_VMID_START,
];

params! {
    /// Parameters of `POST /nodes/{node}/t/{vmid}/start`.
    PostNodesNodeTVmidStart for POST_NODES_NODE_T_VMID_START
    path { node: NodeName = "node", vmid: Vmid = "vmid" }
}
/// Sends `POST /nodes/{node}/t/{vmid}/start`; see [`PostNodesNodeTVmidStart`]. Fails as [`Client::send`].
pub async fn post_nodes_node_t_vmid_start(client: &Client, p: &PostNodesNodeTVmidStart) -> Result<String, Error> {
    client.send(p.call()?).await?.decode()
}

const ALL: &[&str] = &["9.2"];
const S_NODE: &Shape = &Shape { kind: Kind::String, format: Format::Named("pve-node"), ..Shape::PLAIN };
const P_NODE: &Param = &Param { name: "node", in_path: true, optional: false, shape: S_NODE, releases: ALL, ..Param::PLAIN };
const S_VMID: &Shape = &Shape { kind: Kind::Integer, minimum: Some(100.0), maximum: Some(999999999.0), ..Shape::PLAIN };
const P_VMID: &Param = &Param { name: "vmid", in_path: true, optional: false, shape: S_VMID, releases: ALL, ..Param::PLAIN };
const S_VM_START: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
/// The table of `POST /nodes/{node}/t/{vmid}/start`.
pub static POST_NODES_NODE_T_VMID_START: Endpoint = Endpoint {
    method: Method::Post, path: "/nodes/{node}/t/{vmid}/start", function: "post_nodes_node_t_vmid_start",
    name: "vm_start", summary: "", risk: Risk::Destroy, tools: &[], guest_text: false, open: false,
    protected: true, proxyto: Some("node"), allow_token: true, releases: ALL,
    permission: Permission::Privileges { path: "/vms/{vmid}", privileges: &["VM.PowerMgmt"], any: false, require_param: None },
    returns: S_VM_START, nullable: false,
    params: &[
        P_NODE, P_VMID,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"node\":{\"description\":\"Format pve-node.\",\"maxLength\":63,\"pattern\":\"^[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?$\",\"type\":\"string\"},\"vmid\":{\"maximum\":999999999,\"minimum\":100,\"type\":\"integer\"}},\"required\":[\"node\",\"vmid\"],\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"data\":{\"type\":\"string\"}},\"type\":\"object\"}",
};
