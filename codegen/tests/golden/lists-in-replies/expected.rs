// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 fc3059cc1ea6f80c4977d913fef38b9893c0fd3c848c9f4da95943241310dfda).
// Not to be edited: see docs/updating-pve.md.
// 0 of 3 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "fc3059cc1ea6f80c4977d913fef38b9893c0fd3c848c9f4da95943241310dfda";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 fc3059cc1ea6f80c4977d913fef38b9893c0fd3c848c9f4da95943241310dfda)");

/// Methods in the whole schema.
pub const METHODS: usize = 3;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &GET_T_BARE, &GET_T_LIST, &GET_T_TEXTS,
];

params! {
    /// Parameters of `GET /t/bare`.
    GetTBare for GET_T_BARE
    path {}
}
/// Sends `GET /t/bare`; see [`GetTBare`]. Fails as [`Client::send`].
pub async fn get_t_bare(client: &Client, p: &GetTBare) -> Result<Vec<Value>, Error> {
    client.send(p.call()?).await?.decode()
}

params! {
    /// Parameters of `GET /t/list`.
    GetTList for GET_T_LIST
    path {}
}

record! {
    /// One row of the reply of `GET /t/list`.
    GetTListReplyItem
    fields {
        /// `disks`: array\<object>.
        disks: Vec<GetTListReplyItemDisks> = records("disks"),
        /// `pairs`: array\<array\<string>>.
        pairs: Vec<Value> = values("pairs"),
        /// `tags`: array\<string>.
        tags: Vec<String> = texts("tags"),
    }
    extra ""
}

record! {
    /// `disks` of \[`GetTListReplyItem`].
    GetTListReplyItemDisks
    fields {
        /// `size`: integer.
        size: Option<i64> = integer("size"),
    }
    extra ""
}
/// Sends `GET /t/list`; see [`GetTList`]. Fails as [`Client::send`].
pub async fn get_t_list(client: &Client, p: &GetTList) -> Result<Vec<GetTListReplyItem>, Error> {
    client.send(p.call()?).await?.decode()
}

params! {
    /// Parameters of `GET /t/texts`.
    GetTTexts for GET_T_TEXTS
    path {}
}
/// Sends `GET /t/texts`; see [`GetTTexts`]. Fails as [`Client::send`].
pub async fn get_t_texts(client: &Client, p: &GetTTexts) -> Result<Vec<String>, Error> {
    client.send(p.call()?).await?.decode()
}

const ALL: &[&str] = &["9.2"];
const S_M: &Shape = &Shape { kind: Kind::Array(&Shape::PLAIN), ..Shape::PLAIN };
const S_SIZE: &Shape = &Shape { kind: Kind::Integer, ..Shape::PLAIN };
const F_SIZE: Field = Field { name: "size", optional: false, shape: S_SIZE, ..Field::PLAIN };
const FIELDS_DISKS: &[Field] = &[
    F_SIZE,
];
const S_DISKS: &Shape = &Shape { kind: Kind::Object(FIELDS_DISKS), ..Shape::PLAIN };
const S_DISKS_2: &Shape = &Shape { kind: Kind::Array(S_DISKS), ..Shape::PLAIN };
const F_DISKS: Field = Field { name: "disks", optional: false, shape: S_DISKS_2, ..Field::PLAIN };
const S_PAIRS: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const S_PAIRS_2: &Shape = &Shape { kind: Kind::Array(S_PAIRS), ..Shape::PLAIN };
const S_PAIRS_3: &Shape = &Shape { kind: Kind::Array(S_PAIRS_2), ..Shape::PLAIN };
const F_PAIRS: Field = Field { name: "pairs", optional: false, shape: S_PAIRS_3, ..Field::PLAIN };
const F_TAGS: Field = Field { name: "tags", shape: S_PAIRS_2, ..Field::PLAIN };
const FIELDS_M: &[Field] = &[
    F_DISKS, F_PAIRS, F_TAGS,
];
const S_M_2: &Shape = &Shape { kind: Kind::Object(FIELDS_M), ..Shape::PLAIN };
const S_M_3: &Shape = &Shape { kind: Kind::Array(S_M_2), ..Shape::PLAIN };
/// The table of `GET /t/bare`.
pub static GET_T_BARE: Endpoint = Endpoint {
    method: Method::Get, path: "/t/bare", function: "get_t_bare", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"data\":{\"type\":\"array\"}},\"required\":[\"data\"],\"type\":\"object\"}",
};
/// The table of `GET /t/list`.
pub static GET_T_LIST: Endpoint = Endpoint {
    method: Method::Get, path: "/t/list", function: "get_t_list", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M_3, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"data\":{\"items\":{\"properties\":{\"disks\":{\"items\":{\"properties\":{\"size\":{\"type\":\"integer\"}},\"type\":\"object\"},\"type\":\"array\"},\"pairs\":{\"items\":{\"items\":{\"type\":\"string\"},\"type\":\"array\"},\"type\":\"array\"},\"tags\":{\"items\":{\"type\":\"string\"},\"type\":\"array\"}},\"type\":\"object\"},\"type\":\"array\"}},\"required\":[\"data\"],\"type\":\"object\"}",
};
/// The table of `GET /t/texts`.
pub static GET_T_TEXTS: Endpoint = Endpoint {
    method: Method::Get, path: "/t/texts", function: "get_t_texts", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_PAIRS_2, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"data\":{\"items\":{\"type\":\"string\"},\"type\":\"array\"}},\"required\":[\"data\"],\"type\":\"object\"}",
};
