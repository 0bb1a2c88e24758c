// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 38235d75eaabdeacabe7cb85c0b29a22acd575cfa12b0d2574e48c377ea3aabc).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "38235d75eaabdeacabe7cb85c0b29a22acd575cfa12b0d2574e48c377ea3aabc";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 38235d75eaabdeacabe7cb85c0b29a22acd575cfa12b0d2574e48c377ea3aabc)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_NET,
];

params! {
    /// Parameters of `POST /t/net`.
    PostTNet for POST_T_NET
    path {}
    required {
        /// `net`: string, a property string.
        net: String = "net",
    }
}
/// Sends `POST /t/net`; see [`PostTNet`]. Fails as [`Client::send`].
pub async fn post_t_net(client: &Client, p: &PostTNet) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const K_E1000: SubKey = SubKey { name: "e1000", alias: Some("macaddr"), key_alias: Some("model"), shape: &Shape::PLAIN, ..SubKey::PLAIN };
const S_FILE: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const K_FILE: SubKey = SubKey { name: "file", shape: S_FILE, ..SubKey::PLAIN };
const S_MACADDR: &Shape = &Shape { kind: Kind::String, format: Format::Named("mac-addr"), ..Shape::PLAIN };
const K_MACADDR: SubKey = SubKey { name: "macaddr", shape: S_MACADDR, ..SubKey::PLAIN };
const S_MODEL: &Shape = &Shape { kind: Kind::String, values: Words::new("e1000\nvirtio\n"), ..Shape::PLAIN };
const K_MODEL: SubKey = SubKey { name: "model", default_key: true, optional: false, shape: S_MODEL, ..SubKey::PLAIN };
const K_VIRTIO: SubKey = SubKey { name: "virtio", alias: Some("macaddr"), key_alias: Some("model"), shape: &Shape::PLAIN, ..SubKey::PLAIN };
const K_VOLUME: SubKey = SubKey { name: "volume", alias: Some("file"), shape: &Shape::PLAIN, ..SubKey::PLAIN };
const KEYS_NET: &[SubKey] = &[
    K_E1000, K_FILE, K_MACADDR, K_MODEL, K_VIRTIO, K_VOLUME,
];
const S_NET: &Shape = &Shape { kind: Kind::String, format: Format::Properties(KEYS_NET), ..Shape::PLAIN };
const P_NET: &Param = &Param { name: "net", optional: false, shape: S_NET, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `POST /t/net`.
pub static POST_T_NET: Endpoint = Endpoint {
    method: Method::Post, path: "/t/net", function: "post_t_net", name: "m", summary: "", risk: Risk::Destroy,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_NET,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"net\":{\"description\":\"Property string key=value,key=value with: [model=] (required e1000|virtio); file (string); macaddr (string format mac-addr); volume is another name for file; or NAME=VALUE for model=NAME,macaddr=VALUE with NAME e1000|virtio.\",\"type\":\"string\"}},\"required\":[\"net\"],\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
