// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 7b21322518d795c6045874abfe45153002e1dc7dbeaeb4aed69abacfd36518a1).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "7b21322518d795c6045874abfe45153002e1dc7dbeaeb4aed69abacfd36518a1";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 7b21322518d795c6045874abfe45153002e1dc7dbeaeb4aed69abacfd36518a1)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_DISK,
];

params! {
    /// Parameters of `POST /t/disk`.
    PostTDisk for POST_T_DISK
    path {}
    optional {
        /// `cpu`: string, format pve-vm-cpu-conf.
        cpu: Option<String> = "cpu",
        /// `rootfs`: string, a property string.
        rootfs: Option<String> = "rootfs",
    }
}
/// Sends `POST /t/disk`; see [`PostTDisk`]. Fails as [`Client::send`].
pub async fn post_t_disk(client: &Client, p: &PostTDisk) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_CPU: &Shape = &Shape { kind: Kind::String, format: Format::Named("pve-vm-cpu-conf"), ..Shape::PLAIN };
const P_CPU: &Param = &Param { name: "cpu", shape: S_CPU, releases: ALL, ..Param::PLAIN };
const S_BPS: &Shape = &Shape { kind: Kind::Integer, minimum: Some(1.0), ..Shape::PLAIN };
const K_BPS: SubKey = SubKey { name: "bps", shape: S_BPS, ..SubKey::PLAIN };
const S_CACHE: &Shape = &Shape { kind: Kind::String, values: Words::new("none\nwriteback\n"), ..Shape::PLAIN };
const K_CACHE: SubKey = SubKey { name: "cache", shape: S_CACHE, ..SubKey::PLAIN };
const S_RO: &Shape = &Shape { kind: Kind::Boolean, ..Shape::PLAIN };
const K_RO: SubKey = SubKey { name: "ro", shape: S_RO, ..SubKey::PLAIN };
const S_SHARED: &Shape = &Shape { kind: Kind::Boolean, default: Some("0"), ..Shape::PLAIN };
const K_SHARED: SubKey = SubKey { name: "shared", shape: S_SHARED, ..SubKey::PLAIN };
const S_SIZE: &Shape = &Shape { kind: Kind::String, format: Format::Named("disk-size"), ..Shape::PLAIN };
const K_SIZE: SubKey = SubKey { name: "size", shape: S_SIZE, ..SubKey::PLAIN };
const S_VOLUME: &Shape = &Shape { kind: Kind::String, format: Format::Named("pve-lxc-mp-string"), ..Shape::PLAIN };
const K_VOLUME: SubKey = SubKey { name: "volume", default_key: true, optional: false, shape: S_VOLUME, ..SubKey::PLAIN };
const KEYS_ROOTFS: &[SubKey] = &[
    K_BPS, K_CACHE, K_RO, K_SHARED, K_SIZE, K_VOLUME,
];
const S_ROOTFS: &Shape = &Shape { kind: Kind::String, format: Format::Properties(KEYS_ROOTFS), ..Shape::PLAIN };
const P_ROOTFS: &Param = &Param { name: "rootfs", shape: S_ROOTFS, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `POST /t/disk`.
pub static POST_T_DISK: Endpoint = Endpoint {
    method: Method::Post, path: "/t/disk", function: "post_t_disk", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_CPU, P_ROOTFS,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"cpu\":{\"description\":\"Format pve-vm-cpu-conf.\",\"type\":\"string\"},\"rootfs\":{\"description\":\"Property string key=value,key=value with: [volume=] (required string format pve-lxc-mp-string); bps (integer at least 1); cache (none|writeback); ro (0 or 1); shared (0 or 1 default 0); size (string format disk-size).\",\"type\":\"string\"}},\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
