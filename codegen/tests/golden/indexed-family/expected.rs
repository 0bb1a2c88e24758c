// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 f832c2fa7af8e5694c5905e3e743d9851c98dc29d833b520248dbfc8b25bbba1).
// Not to be edited: see docs/updating-pve.md.
// 0 of 2 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "f832c2fa7af8e5694c5905e3e743d9851c98dc29d833b520248dbfc8b25bbba1";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 f832c2fa7af8e5694c5905e3e743d9851c98dc29d833b520248dbfc8b25bbba1)");

/// Methods in the whole schema.
pub const METHODS: usize = 2;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &GET_T_CONFIG, &PUT_T_CONFIG,
];

params! {
    /// Parameters of `GET /t/config`.
    GetTConfig for GET_T_CONFIG
    path {}
}

record! {
    /// Reply of `GET /t/config`.
    GetTConfigReply
    fields {
        /// `numa`: boolean.
        numa: Option<bool> = boolean("numa"),
    }
    extra ", the members of `net\\[n]`, `numa\\[n]` too"
}
/// Sends `GET /t/config`; see [`GetTConfig`]. Fails as [`Client::send`].
pub async fn get_t_config(client: &Client, p: &GetTConfig) -> Result<GetTConfigReply, Error> {
    client.send(p.call()?).await?.decode()
}

params! {
    /// Parameters of `PUT /t/config`.
    PutTConfig for PUT_T_CONFIG
    path {}
    optional {
        /// `net\[n]`: string.
        net_n: BTreeMap<u32, String> = "net",
        /// `numa`: boolean.
        numa: Option<bool> = "numa",
        /// `numa\[n]`: string, a property string.
        numa_n: BTreeMap<u32, String> = "numa",
    }
}
/// Sends `PUT /t/config`; see [`PutTConfig`]. Fails as [`Client::send`].
pub async fn put_t_config(client: &Client, p: &PutTConfig) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_NET: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const F_NET: Field = Field { name: "net", indexed: true, shape: S_NET, ..Field::PLAIN };
const S_NUMA: &Shape = &Shape { kind: Kind::Boolean, ..Shape::PLAIN };
const F_NUMA: Field = Field { name: "numa", shape: S_NUMA, ..Field::PLAIN };
const F_NUMA_2: Field = Field { name: "numa", indexed: true, shape: S_NET, ..Field::PLAIN };
const FIELDS_M: &[Field] = &[
    F_NET, F_NUMA, F_NUMA_2,
];
const S_M: &Shape = &Shape { kind: Kind::Object(FIELDS_M), ..Shape::PLAIN };
const P_NET: &Param = &Param { name: "net", indexed: true, shape: S_NET, releases: ALL, ..Param::PLAIN };
const P_NUMA: &Param = &Param { name: "numa", shape: S_NUMA, releases: ALL, ..Param::PLAIN };
const K_CPUS: SubKey = SubKey { name: "cpus", optional: false, shape: S_NET, ..SubKey::PLAIN };
const KEYS_NUMA: &[SubKey] = &[
    K_CPUS,
];
const S_NUMA_2: &Shape = &Shape { kind: Kind::String, format: Format::Properties(KEYS_NUMA), ..Shape::PLAIN };
const P_NUMA_2: &Param = &Param { name: "numa", indexed: true, shape: S_NUMA_2, releases: ALL, ..Param::PLAIN };
const S_M_2: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `GET /t/config`.
pub static GET_T_CONFIG: Endpoint = Endpoint {
    method: Method::Get, path: "/t/config", function: "get_t_config", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"description\":\"Also net0, net1, …; numa0, numa1, ….\",\"properties\":{\"numa\":{\"type\":\"boolean\"}},\"type\":\"object\"}",
};
/// The table of `PUT /t/config`.
pub static PUT_T_CONFIG: Endpoint = Endpoint {
    method: Method::Put, path: "/t/config", function: "put_t_config", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M_2, nullable: false,
    params: &[
        P_NET, P_NUMA, P_NUMA_2,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"net_n\":{\"description\":\"Index 0 is net0, and so on.\",\"items\":{\"additionalProperties\":false,\"properties\":{\"index\":{\"maximum\":255,\"minimum\":0,\"type\":\"integer\"},\"value\":{\"type\":\"string\"}},\"required\":[\"index\",\"value\"],\"type\":\"object\"},\"type\":\"array\"},\"numa\":{\"type\":\"boolean\"},\"numa_n\":{\"description\":\"Property string key=value,key=value with: cpus (required string). Index 0 is numa0, and so on.\",\"items\":{\"additionalProperties\":false,\"properties\":{\"index\":{\"maximum\":255,\"minimum\":0,\"type\":\"integer\"},\"value\":{\"type\":\"string\"}},\"required\":[\"index\",\"value\"],\"type\":\"object\"},\"type\":\"array\"}},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
