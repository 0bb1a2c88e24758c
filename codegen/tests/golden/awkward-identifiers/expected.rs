// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 05b705918503cd7a87db3df8ed6a61cdb1b5cb2314ba479f30afd00ab47d99c7).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "05b705918503cd7a87db3df8ed6a61cdb1b5cb2314ba479f30afd00ab47d99c7";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 05b705918503cd7a87db3df8ed6a61cdb1b5cb2314ba479f30afd00ab47d99c7)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_NAMES,
];

params! {
    /// Parameters of `POST /t/names`.
    PostTNames for POST_T_NAMES
    path {}
    optional {
        /// `2m`: string.
        _2m: Option<String> = "2m",
        /// `abstract`: string.
        r#abstract: Option<String> = "abstract",
        /// `e1000-82540em`: string.
        e1000_82540em: Option<String> = "e1000-82540em",
        /// `extra`: string.
        extra_: Option<String> = "extra",
        /// `forceStop`: string.
        force_stop: Option<String> = "forceStop",
        /// `gen`: string.
        r#gen: Option<String> = "gen",
        /// `in`: string.
        r#in: Option<String> = "in",
        /// `macro`: string.
        r#macro: Option<String> = "macro",
        /// `match`: string.
        r#match: Option<String> = "match",
        /// `move`: string.
        r#move: Option<String> = "move",
        /// `overrule-shutdown`: string.
        overrule_shutdown: Option<String> = "overrule-shutdown",
        /// `ref`: string.
        r#ref: Option<String> = "ref",
        /// `self`: string.
        self_: Option<String> = "self",
    }
}

record! {
    /// Reply of `POST /t/names`.
    PostTNamesReply
    fields {
        /// `1st`: string.
        _1st: Option<String> = text("1st"),
        /// `extra`: string.
        extra_: Option<String> = text("extra"),
        /// `hasFeature`: string.
        has_feature: Option<String> = text("hasFeature"),
        /// `ip-address`: string.
        ip_address: Option<String> = text("ip-address"),
        /// `ref`: string.
        r#ref: Option<String> = text("ref"),
        /// `self`: string.
        self_: Option<String> = text("self"),
    }
    extra ""
}
/// Sends `POST /t/names`; see [`PostTNames`]. Fails as [`Client::send`].
pub async fn post_t_names(client: &Client, p: &PostTNames) -> Result<PostTNamesReply, Error> {
    client.send(p.call()?).await?.decode()
}

const ALL: &[&str] = &["9.2"];
const S_2M: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const P_2M: &Param = &Param { name: "2m", shape: S_2M, releases: ALL, ..Param::PLAIN };
const P_ABSTRACT: &Param = &Param { name: "abstract", shape: S_2M, releases: ALL, ..Param::PLAIN };
const P_E1000_82540EM: &Param = &Param { name: "e1000-82540em", shape: S_2M, releases: ALL, ..Param::PLAIN };
const P_EXTRA: &Param = &Param { name: "extra", shape: S_2M, releases: ALL, ..Param::PLAIN };
const P_FORCE_STOP: &Param = &Param { name: "forceStop", shape: S_2M, releases: ALL, ..Param::PLAIN };
const P_GEN: &Param = &Param { name: "gen", shape: S_2M, releases: ALL, ..Param::PLAIN };
const P_IN: &Param = &Param { name: "in", shape: S_2M, releases: ALL, ..Param::PLAIN };
const P_MACRO: &Param = &Param { name: "macro", shape: S_2M, releases: ALL, ..Param::PLAIN };
const P_MATCH: &Param = &Param { name: "match", shape: S_2M, releases: ALL, ..Param::PLAIN };
const P_MOVE: &Param = &Param { name: "move", shape: S_2M, releases: ALL, ..Param::PLAIN };
const P_OVERRULE_SHUTDOWN: &Param = &Param { name: "overrule-shutdown", shape: S_2M, releases: ALL, ..Param::PLAIN };
const P_REF: &Param = &Param { name: "ref", shape: S_2M, releases: ALL, ..Param::PLAIN };
const P_SELF: &Param = &Param { name: "self", shape: S_2M, releases: ALL, ..Param::PLAIN };
const F_1ST: Field = Field { name: "1st", shape: S_2M, ..Field::PLAIN };
const F_EXTRA: Field = Field { name: "extra", shape: S_2M, ..Field::PLAIN };
const F_HAS_FEATURE: Field = Field { name: "hasFeature", shape: S_2M, ..Field::PLAIN };
const F_IP_ADDRESS: Field = Field { name: "ip-address", shape: S_2M, ..Field::PLAIN };
const F_REF: Field = Field { name: "ref", shape: S_2M, ..Field::PLAIN };
const F_SELF: Field = Field { name: "self", shape: S_2M, ..Field::PLAIN };
const FIELDS_M: &[Field] = &[
    F_1ST, F_EXTRA, F_HAS_FEATURE, F_IP_ADDRESS, F_REF, F_SELF,
];
const S_M: &Shape = &Shape { kind: Kind::Object(FIELDS_M), ..Shape::PLAIN };
/// The table of `POST /t/names`.
pub static POST_T_NAMES: Endpoint = Endpoint {
    method: Method::Post, path: "/t/names", function: "post_t_names", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_2M, P_ABSTRACT, P_E1000_82540EM, P_EXTRA, P_FORCE_STOP, P_GEN, P_IN, P_MACRO, P_MATCH, P_MOVE,
        P_OVERRULE_SHUTDOWN, P_REF, P_SELF,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"2m\":{\"type\":\"string\"},\"abstract\":{\"type\":\"string\"},\"e1000-82540em\":{\"type\":\"string\"},\"extra\":{\"type\":\"string\"},\"forceStop\":{\"type\":\"string\"},\"gen\":{\"type\":\"string\"},\"in\":{\"type\":\"string\"},\"macro\":{\"type\":\"string\"},\"match\":{\"type\":\"string\"},\"move\":{\"type\":\"string\"},\"overrule-shutdown\":{\"type\":\"string\"},\"ref\":{\"type\":\"string\"},\"self\":{\"type\":\"string\"}},\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"1st\":{\"type\":\"string\"},\"extra\":{\"type\":\"string\"},\"hasFeature\":{\"type\":\"string\"},\"ip-address\":{\"type\":\"string\"},\"ref\":{\"type\":\"string\"},\"self\":{\"type\":\"string\"}},\"type\":\"object\"}",
};
