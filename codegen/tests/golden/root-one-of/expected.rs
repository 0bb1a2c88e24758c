// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 9c9eba703e029339b38368c34e8ec4c0c4e1a73b2855d3bc25bf95de5dc5db3c).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "9c9eba703e029339b38368c34e8ec4c0c4e1a73b2855d3bc25bf95de5dc5db3c";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 9c9eba703e029339b38368c34e8ec4c0c4e1a73b2855d3bc25bf95de5dc5db3c)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_ONE,
];

params! {
    /// Parameters of `POST /t/one`.
    PostTOne for POST_T_ONE
    path {}
    optional {
        /// `asn`: integer.
        asn: Option<i64> = "asn",
        /// `vni`: integer.
        vni: Option<i64> = "vni",
        /// Parameters that the schema does not name.
        extra: BTreeMap<String, String> = "",
    }
}
/// Sends `POST /t/one`; see [`PostTOne`]. Fails as [`Client::send`].
pub async fn post_t_one(client: &Client, p: &PostTOne) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_ASN: &Shape = &Shape { kind: Kind::Integer, ..Shape::PLAIN };
const P_ASN: &Param = &Param { name: "asn", shape: S_ASN, releases: ALL, ..Param::PLAIN };
const P_VNI: &Param = &Param { name: "vni", shape: S_ASN, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `POST /t/one`.
pub static POST_T_ONE: Endpoint = Endpoint {
    method: Method::Post, path: "/t/one", function: "post_t_one", name: "m", summary: "", risk: Risk::Destroy,
    tools: &[], guest_text: false, open: true, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_ASN, P_VNI,
    ],
    input_schema: "{\"properties\":{\"asn\":{\"type\":\"integer\"},\"vni\":{\"type\":\"integer\"}},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
