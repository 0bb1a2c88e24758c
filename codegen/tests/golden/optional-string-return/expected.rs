// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 6883fed19be6dee04e6ac7050d446e5b97c0918ba50adc64ff1bac2e9cac448f).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "6883fed19be6dee04e6ac7050d446e5b97c0918ba50adc64ff1bac2e9cac448f";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 6883fed19be6dee04e6ac7050d446e5b97c0918ba50adc64ff1bac2e9cac448f)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_CONFIG,
];

params! {
    /// Parameters of `POST /t/config`.
    PostTConfig for POST_T_CONFIG
    path {}
}
/// Sends `POST /t/config`; see [`PostTConfig`]. Fails as [`Client::send`].
pub async fn post_t_config(client: &Client, p: &PostTConfig) -> Result<Option<String>, Error> {
    client.send(p.call()?).await?.decode()
}

const ALL: &[&str] = &["9.2"];
const S_M: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
/// The table of `POST /t/config`.
pub static POST_T_CONFIG: Endpoint = Endpoint {
    method: Method::Post, path: "/t/config", function: "post_t_config", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: true,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"data\":{\"type\":\"string\"}},\"type\":\"object\"}",
};
