// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 81649de2a32b3c3d114876e44eb0917b59bbd4be60a9bf686fa3b259f4440213).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "81649de2a32b3c3d114876e44eb0917b59bbd4be60a9bf686fa3b259f4440213";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 81649de2a32b3c3d114876e44eb0917b59bbd4be60a9bf686fa3b259f4440213)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_RULE,
];

params! {
    /// Parameters of `POST /t/rule`.
    PostTRule for POST_T_RULE
    path {}
    optional {
        /// `alias`: string.
        alias: Option<String> = "alias",
        /// `default`: string.
        default: Option<String> = "default",
        /// `description`: string.
        description: Option<String> = "description",
        /// `enum`: string.
        r#enum: Option<String> = "enum",
        /// `format`: string.
        format: Option<String> = "format",
        /// `method`: string.
        method: Option<String> = "method",
        /// `name`: string.
        name: Option<String> = "name",
        /// `properties`: string.
        properties: Option<String> = "properties",
        /// `type`: string.
        r#type: Option<String> = "type",
    }
}

record! {
    /// Reply of `POST /t/rule`.
    PostTRuleReply
    fields {
        /// `default`: integer.
        default: Option<i64> = integer("default"),
        /// `description`: string.
        description: Option<String> = text("description"),
        /// `properties`: object.
        properties: Option<PostTRuleReplyProperties> = record("properties"),
        /// `type`: string.
        r#type: Option<String> = text("type"),
    }
    extra ""
}

record! {
    /// `properties` of \[`PostTRuleReply`].
    PostTRuleReplyProperties
    fields {
        /// `title`: string.
        title: Option<String> = text("title"),
    }
    extra ""
}
/// Sends `POST /t/rule`; see [`PostTRule`]. Fails as [`Client::send`].
pub async fn post_t_rule(client: &Client, p: &PostTRule) -> Result<PostTRuleReply, Error> {
    client.send(p.call()?).await?.decode()
}

const ALL: &[&str] = &["9.2"];
const S_ALIAS: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const P_ALIAS: &Param = &Param { name: "alias", shape: S_ALIAS, releases: ALL, ..Param::PLAIN };
const P_DEFAULT: &Param = &Param { name: "default", shape: S_ALIAS, releases: ALL, ..Param::PLAIN };
const P_DESCRIPTION: &Param = &Param { name: "description", shape: S_ALIAS, releases: ALL, ..Param::PLAIN };
const P_ENUM: &Param = &Param { name: "enum", shape: S_ALIAS, releases: ALL, ..Param::PLAIN };
const P_FORMAT: &Param = &Param { name: "format", shape: S_ALIAS, releases: ALL, ..Param::PLAIN };
const P_METHOD: &Param = &Param { name: "method", shape: S_ALIAS, releases: ALL, ..Param::PLAIN };
const P_NAME: &Param = &Param { name: "name", shape: S_ALIAS, releases: ALL, ..Param::PLAIN };
const P_PROPERTIES: &Param = &Param { name: "properties", shape: S_ALIAS, releases: ALL, ..Param::PLAIN };
const P_TYPE: &Param = &Param { name: "type", shape: S_ALIAS, releases: ALL, ..Param::PLAIN };
const S_DEFAULT: &Shape = &Shape { kind: Kind::Integer, ..Shape::PLAIN };
const F_DEFAULT: Field = Field { name: "default", shape: S_DEFAULT, ..Field::PLAIN };
const F_DESCRIPTION: Field = Field { name: "description", shape: S_ALIAS, ..Field::PLAIN };
const F_TITLE: Field = Field { name: "title", shape: S_ALIAS, ..Field::PLAIN };
const FIELDS_PROPERTIES: &[Field] = &[
    F_TITLE,
];
const S_PROPERTIES: &Shape = &Shape { kind: Kind::Object(FIELDS_PROPERTIES), ..Shape::PLAIN };
const F_PROPERTIES: Field = Field { name: "properties", optional: false, shape: S_PROPERTIES, ..Field::PLAIN };
const F_TYPE: Field = Field { name: "type", shape: S_ALIAS, ..Field::PLAIN };
const FIELDS_M: &[Field] = &[
    F_DEFAULT, F_DESCRIPTION, F_PROPERTIES, F_TYPE,
];
const S_M: &Shape = &Shape { kind: Kind::Object(FIELDS_M), ..Shape::PLAIN };
/// The table of `POST /t/rule`.
pub static POST_T_RULE: Endpoint = Endpoint {
    method: Method::Post, path: "/t/rule", function: "post_t_rule", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_ALIAS, P_DEFAULT, P_DESCRIPTION, P_ENUM, P_FORMAT, P_METHOD, P_NAME, P_PROPERTIES, P_TYPE,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"alias\":{\"type\":\"string\"},\"default\":{\"type\":\"string\"},\"description\":{\"type\":\"string\"},\"enum\":{\"type\":\"string\"},\"format\":{\"type\":\"string\"},\"method\":{\"type\":\"string\"},\"name\":{\"type\":\"string\"},\"properties\":{\"type\":\"string\"},\"type\":{\"type\":\"string\"}},\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"default\":{\"type\":\"integer\"},\"description\":{\"type\":\"string\"},\"properties\":{\"properties\":{\"title\":{\"type\":\"string\"}},\"type\":\"object\"},\"type\":{\"type\":\"string\"}},\"type\":\"object\"}",
};
