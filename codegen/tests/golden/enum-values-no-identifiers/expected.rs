// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 cac586f2168277023408fc1a5f1a74dbb00fbbb8d9a130a049972d1400c3f062).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "cac586f2168277023408fc1a5f1a74dbb00fbbb8d9a130a049972d1400c3f062";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 cac586f2168277023408fc1a5f1a74dbb00fbbb8d9a130a049972d1400c3f062)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_CPU,
];

params! {
    /// Parameters of `POST /t/cpu`.
    PostTCpu for POST_T_CPU
    path {}
    required {
        /// `size`: string, one of 2m 4m "".
        size: String = "size",
    }
    optional {
        /// `citype`: string, one of configdrive2 nocloud.
        citype: Option<String> = "citype",
        /// `hugepages`: string, one of any 2 1024.
        hugepages: Option<String> = "hugepages",
    }
}

record! {
    /// Reply of `POST /t/cpu`.
    PostTCpuReply
    fields {
        /// `proto`: string, one of 802.1q 802.3ad.
        proto: Option<String> = text("proto"),
    }
    extra ""
}
/// Sends `POST /t/cpu`; see [`PostTCpu`]. Fails as [`Client::send`].
pub async fn post_t_cpu(client: &Client, p: &PostTCpu) -> Result<PostTCpuReply, Error> {
    client.send(p.call()?).await?.decode()
}

const ALL: &[&str] = &["9.2"];
const S_CITYPE: &Shape = &Shape { kind: Kind::String, values: Words::new("configdrive2\nnocloud\n"), ..Shape::PLAIN };
const P_CITYPE: &Param = &Param { name: "citype", shape: S_CITYPE, releases: ALL, ..Param::PLAIN };
const S_HUGEPAGES: &Shape = &Shape { kind: Kind::String, values: Words::new("any\n2\n1024\n"), ..Shape::PLAIN };
const P_HUGEPAGES: &Param = &Param { name: "hugepages", shape: S_HUGEPAGES, releases: ALL, ..Param::PLAIN };
const S_SIZE: &Shape = &Shape { kind: Kind::String, values: Words::new("2m\n4m\n\n"), ..Shape::PLAIN };
const P_SIZE: &Param = &Param { name: "size", optional: false, shape: S_SIZE, releases: ALL, ..Param::PLAIN };
const S_PROTO: &Shape = &Shape { kind: Kind::String, values: Words::new("802.1q\n802.3ad\n"), ..Shape::PLAIN };
const F_PROTO: Field = Field { name: "proto", optional: false, shape: S_PROTO, ..Field::PLAIN };
const FIELDS_M: &[Field] = &[
    F_PROTO,
];
const S_M: &Shape = &Shape { kind: Kind::Object(FIELDS_M), ..Shape::PLAIN };
/// The table of `POST /t/cpu`.
pub static POST_T_CPU: Endpoint = Endpoint {
    method: Method::Post, path: "/t/cpu", function: "post_t_cpu", name: "m", summary: "", risk: Risk::Destroy,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_CITYPE, P_HUGEPAGES, P_SIZE,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"citype\":{\"enum\":[\"configdrive2\",\"nocloud\"],\"type\":\"string\"},\"hugepages\":{\"enum\":[\"any\",\"2\",\"1024\"],\"type\":\"string\"},\"size\":{\"enum\":[\"2m\",\"4m\"],\"type\":\"string\"}},\"required\":[\"size\"],\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"proto\":{\"description\":\"Known values: 802.1q, 802.3ad.\",\"type\":\"string\"}},\"type\":\"object\"}",
};
